"""Where messages go: `ALERT_URL`, by Apprise, for which mail, Slack, a webhook and a hundred others are a URL each."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ingestion.warehouse import ConfigurationError


class NotSent(RuntimeError):
    """A service did not take a message; the message holds what it said."""


@dataclass(frozen=True)
class Channel:
    """The services that a message goes to, by their URLs; none is a channel, too, that is silent."""

    urls: tuple[str, ...]

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Channel":
        """Read `ALERT_URL`, one URL or several with blanks between them.

        Raises `ConfigurationError` when Apprise knows no service for one. A URL holds passwords, so that the message
        shows the place and the kind of it, and nothing after `://`.
        """
        urls = tuple((environ.get("ALERT_URL") or "").split())
        if urls:
            import apprise  # half a second

            for number, url in enumerate(urls, start=1):
                with _said_by_apprise() as said:
                    known = apprise.Apprise.instantiate(url) is not None
                if not known:
                    kind = f"{url.partition('://')[0]}://…" if "://" in url else "no URL"
                    reason = f" ({said[-1]})" if said and url not in said[-1] else ""
                    raise ConfigurationError(
                        f"ALERT_URL: address {number} of {len(urls)}, {kind}, is none that a message can be sent to"
                        f"{reason}.\nRemedy: write it as Apprise's list of services says, such as "
                        "mailtos://user:password@example.com?to=team@example.com, "
                        "slack://tokenA/tokenB/tokenC/#channel or jsons://example.com/path. "
                        "Several are separated by blanks; empty is silence."
                    )
        return cls(urls)

    def send(self, title: str, body: str) -> None:
        """Send a message to all services. Raises `NotSent` when one did not take it."""
        if not self.urls:
            return
        import apprise

        services = apprise.Apprise(asset=apprise.AppriseAsset(async_mode=False))
        for url in self.urls:
            services.add(url)
        with _said_by_apprise() as said:
            taken = services.notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT)
        if not taken:
            raise NotSent("; ".join(said) or "Apprise says only that it was not sent")


class _said_by_apprise(logging.Handler):
    """What Apprise logs meanwhile as warnings and errors; it gives no other reason."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(record.getMessage())

    def __enter__(self) -> list[str]:
        self._logger = logging.getLogger("apprise")
        self._propagates, self._logger.propagate = self._logger.propagate, False
        self._logger.addHandler(self)
        return self._lines

    def __exit__(self, *_: Any) -> None:
        self._logger.removeHandler(self)
        self._logger.propagate = self._propagates
