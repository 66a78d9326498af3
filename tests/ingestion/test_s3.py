"""A landing area on a server that speaks S3 (moto's), over HTTP: also one that throttles, and one that fails."""

import gzip
import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from fsspec import AbstractFileSystem
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from upath import UPath
from werkzeug.serving import make_server

from ingestion.errors import LoadError, StoreError
from ingestion.landing import landed_days
from ingestion.loading import load_day
from ingestion.placing import place
from ingestion.publishing import publish_day
from tests.ingestion.helpers import APP, DAY, Landing, event, ndjson

NUMBERS = itertools.count()
SLOW_DOWN = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
DENIED = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
BROKEN = b"<Error><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error>"


class Store:
    """moto's S3 behind a door. `refuse` is asked for each request and says with what it is refused, if so."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str]] = []
        self.refuse: Callable[[str, str], tuple[str, bytes] | None] = lambda method, address: None
        self._behind = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._door, threaded=True)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.port}"

    def close(self) -> None:
        self._server.shutdown()

    def _door(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        address = f"{environ['PATH_INFO']}?{environ.get('QUERY_STRING', '')}"
        self.requests.append((environ["REQUEST_METHOD"], address))
        refused = self.refuse(environ["REQUEST_METHOD"], address)
        if refused is None:
            return self._behind(environ, start_response)
        status, body = refused
        start_response(status, [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
        return [body]


async def at_once(delay: float) -> None:
    """Waits for nothing."""


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    made = Store()
    for name, value in {
        "AWS_ENDPOINT_URL": made.url,
        "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    AbstractFileSystem.clear_instance_cache()
    import s3fs

    s3fs.S3FileSystem.clear_instance_cache()
    yield made
    s3fs.S3FileSystem.clear_instance_cache()
    made.close()


@pytest.fixture
def bucket(store: Store) -> UPath:
    """A bucket of this test; moto keeps those of the others."""
    name = f"landing-{next(NUMBERS)}"
    path = UPath(f"s3://{name}/folder")
    path.fs.mkdir(name)
    return path


def test_a_day_is_landed_loaded_and_published(landing: Landing, store: Store, bucket: UPath, tmp_path: Path):
    file = tmp_path / "events-ios.ndjson.gz"
    file.write_bytes(gzip.compress(ndjson(event(1), event(2), b"{")))
    assert [str(path) for path in place(file, bucket, APP, DAY).paths] == [f"{bucket}/app/{DAY}/events-ios.ndjson.gz"]
    assert place(file, bucket, APP, DAY).paths == []
    (loaded,) = load_day(landing.connection, bucket, DAY).files
    assert (loaded.name, loaded.lines_read, loaded.loaded, loaded.quarantined) == (f"app/{DAY}/{file.name}", 3, 2, 1)
    publish_day(landing.connection, DAY)
    assert load_day(landing.connection, bucket, DAY).unchanged
    assert landing.event_ids() == ["e1", "e2"]
    assert landed_days(bucket, [APP]) == [DAY]


def put(bucket: UPath, *records, name: str = "events-ios.ndjson", source: str = "app", day: object = DAY) -> UPath:
    path = bucket / source / str(day) / name
    path.write_bytes(ndjson(*records))
    return path


def forget(bucket: UPath) -> None:
    """Leave nothing in the memory of s3fs, as in a process of its own."""
    bucket.fs.invalidate_cache()


def test_a_day_costs_the_same_in_a_large_bucket(landing: Landing, store: Store, bucket: UPath):
    """What is asked of the store, and what it lists, depends on the day, and not on what else lies there."""

    def asked() -> list[tuple[str, str]]:
        forget(bucket)
        store.requests.clear()
        load_day(landing.connection, bucket, DAY, force=True)
        return sorted((method, address.split("continuation")[0]) for method, address in store.requests)

    put(bucket, event(1))
    alone = asked()
    for number in range(40):
        put(
            bucket,
            event(2),
            day=DAY.replace(year=2025, month=number % 12 + 1, day=number % 28 + 1),
            name="events-web.ndjson",
        )
    assert asked() == alone


def test_a_store_that_throttles_is_asked_again(landing: Landing, store: Store, bucket: UPath):
    put(bucket, *map(event, range(50)))
    refused: Counter[str] = Counter()

    def refuse(method: str, address: str) -> tuple[str, bytes] | None:
        refused[address] += 1
        return ("503 Slow Down", SLOW_DOWN) if refused[address] <= 2 else None

    forget(bucket)
    store.refuse = refuse
    (loaded,) = load_day(landing.connection, bucket, DAY).files
    assert loaded.loaded == 50 and len(refused) > 1 and min(refused.values()) > 2


@pytest.mark.parametrize(
    ("status", "body"), [("500 Internal Server Error", BROKEN), ("503 Slow Down", SLOW_DOWN), ("403 Forbidden", DENIED)]
)
def test_a_store_that_fails_stops_the_load(
    landing: Landing, store: Store, bucket: UPath, status: str, body: bytes, monkeypatch: pytest.MonkeyPatch
):
    """The day is not loaded by halves, and it is loaded once the store is well again."""
    path = put(bucket, *map(event, range(50)))
    forget(bucket)
    monkeypatch.setattr("asyncio.sleep", at_once)  # s3fs waits between its tries
    store.refuse = lambda method, address: (status, body) if method == "GET" and path.name in address else None
    with pytest.raises(StoreError) as caught:
        load_day(landing.connection, bucket, DAY)
    assert str(path) in str(caught.value) and "\nRemedy: " in str(caught.value)
    assert landing.query("select status from ops.load") == [("failed",)]
    store.refuse = lambda method, address: None
    assert load_day(landing.connection, bucket, DAY).loaded == 50


def test_a_file_that_changes_while_it_is_read_is_noticed(landing: Landing, store: Store, bucket: UPath):
    path = put(bucket, *map(event, range(50)))
    forget(bucket)

    def change(method: str, address: str) -> None:
        if method == "GET" and path.name in address:
            store.refuse = lambda method, address: None
            threading.Thread(target=put, args=(bucket, event(1))).start()
            time.sleep(1.5)  # the object's time has seconds

    store.refuse = change
    with pytest.raises(LoadError, match="changed while it was read"):
        load_day(landing.connection, bucket, DAY)
