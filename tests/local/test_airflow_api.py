"""The few calls of Airflow's API, against a server that fails."""

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from local.airflow_api import AirflowApi, AirflowFailed
from local.errors import LocalError
from tests.alerts.servers import served


class Busy(ThreadingHTTPServer):
    """Lets everybody in, and answers requests with these codes, the last one again and again."""

    def __init__(self, codes: list[int]) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.codes, self.asked = codes, 0

    def api(self, patience: float, check: Callable[[], None] = lambda: None) -> AirflowApi:
        api = AirflowApi(f"http://127.0.0.1:{self.server_port}", "admin", "secret", check)
        api.patience = patience
        return api


class Answer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self._answer(201, b'{"access_token": "token"}')

    def do_GET(self) -> None:
        code = self.server.codes[min(self.server.asked, len(self.server.codes) - 1)]
        self.server.asked += 1
        self._answer(code, b'{"total_entries": 0}')

    def _answer(self, code: int, body: bytes) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def busy() -> Iterator[Busy]:
    with served(Busy([500, 503, 200])) as server:
        yield server


def test_a_server_that_fails_for_a_moment_is_asked_again(busy: Busy):
    assert busy.api(patience=30).get("/dags") == {"total_entries": 0}
    assert busy.asked == 3


def test_one_that_fails_because_another_program_died_is_not_waited_for(busy: Busy):
    def died() -> None:
        raise LocalError("PostgreSQL ended.", "`make up` starts what is missing.")

    with pytest.raises(LocalError, match="PostgreSQL ended"):
        busy.api(patience=30, check=died).get("/dags")
    assert busy.asked == 1


def test_one_that_goes_on_failing_is_told(busy: Busy):
    with pytest.raises(AirflowFailed, match="Airflow failed at GET /dags.*\nRemedy: `make up`"):
        busy.api(patience=0).get("/dags")


def test_what_is_refused_is_not_asked_again(busy: Busy):
    busy.codes = [404]
    with pytest.raises(LocalError, match="Airflow refused GET /dags"):
        busy.api(patience=30).get("/dags")
    assert busy.asked == 1
