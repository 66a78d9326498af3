"""The few calls of Airflow's REST API that the local stack makes."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

import httpx

from local.errors import LocalError

PROGRAMS = {"scheduler": "scheduler", "triggerer": "triggerer", "dag_processor": "dag-processor"}


class AirflowFailed(LocalError):
    """The API server answered that it failed."""


class AirflowApi:
    """One login to one API server.

    Args:
        check: raises when a part of the stack has died; asked when the server fails, and by those who wait for runs.
    """

    patience = 60.0  # seconds

    def __init__(self, url: str, user: str, password: str, check: Callable[[], None] = lambda: None) -> None:
        self._url, self._user, self._password, self.check = url, user, password, check

    def heartbeats(self) -> dict[str, float]:
        """When each program last said that it is well, in seconds since 1970; empty when the API does not answer."""
        try:
            answer = httpx.get(f"{self._url}/api/v2/monitor/health", timeout=5)
            answer.raise_for_status()
        except httpx.HTTPError:
            return {}
        beats = {name: (answer.json().get(key) or {}).get(f"latest_{key}_heartbeat") for key, name in PROGRAMS.items()}
        return {name: datetime.fromisoformat(beat).timestamp() for name, beat in beats.items() if beat}

    def get(self, path: str, **parameters: Any) -> dict[str, Any]:
        """Asks again for a minute while the server fails: on a busy machine it has no connection left at times."""
        deadline = time.monotonic() + self.patience
        while True:
            try:
                return self._send("GET", path, params=parameters)
            except AirflowFailed:
                if time.monotonic() > deadline:
                    raise
            time.sleep(1)  # a program that has died is noticed a moment later
            self.check()

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._send("POST", path, json=body)

    def patch(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._send("PATCH", path, json=body)

    def put(self, path: str) -> dict[str, Any]:
        return self._send("PUT", path)

    @cached_property
    def _client(self) -> httpx.Client:
        login = {"username": self._user, "password": self._password}
        try:
            answer = httpx.post(f"{self._url}/auth/token", json=login, timeout=30)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise LocalError(
                f"no login to Airflow at {self._url}: {error}", "`make up` starts what is missing."
            ) from error
        token = answer.json()["access_token"]
        return httpx.Client(base_url=f"{self._url}/api/v2", headers={"Authorization": f"Bearer {token}"}, timeout=60)

    def _send(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        try:
            answer = self._client.request(method, path, **arguments)
        except httpx.TransportError as error:
            raise LocalError(
                f"Airflow does not answer at {self._url}: {error}", "`make up`, then try again."
            ) from error
        if answer.is_server_error:  # such as one that has lost its database
            raise AirflowFailed(
                f"Airflow failed at {method} {path}: {answer.text[:500]}",
                "`make up` starts what is missing; its log is .local/logs/api-server.log.",
            )
        if answer.is_error:
            raise LocalError(f"Airflow refused {method} {path}: {answer.text[:500]}", "See its message.")
        return answer.json() if answer.content else {}


def midnight(day: date) -> str:
    """The day's first moment, as Airflow writes it."""
    return datetime.combine(day, datetime.min.time(), UTC).isoformat()
