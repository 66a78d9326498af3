"""Which days are in the marts: one build at a time, each day as it was published, a retry as good as the first try."""

import datetime
import threading
from dataclasses import replace

import pytest

from ingestion import overview
from ingestion.errors import BuildError
from ingestion.service import (
    build_of,
    build_state,
    claim,
    finish,
    first_unbuilt_day,
    record_run_end,
    record_run_start,
    release,
)
from ingestion.warehouse import Warehouse
from tests.ingestion.helpers import DAY, Landing, event

NEXT = DAY + datetime.timedelta(days=1)
THIRD = DAY + datetime.timedelta(days=2)


@pytest.fixture
def published(landing: Landing) -> Landing:
    """Two published days."""
    for day in (DAY, NEXT):
        landing.events(event(1), day=day)
        landing.load_and_publish(day)
    return landing


def publish_again(landing: Landing, day: datetime.date, *events: dict) -> None:
    landing.events(*events, day=day)
    landing.load_and_publish(day)


def built(landing: Landing) -> list[tuple]:
    return landing.query(
        "select load_date, version, built_version, claimed_by, claimed_version from ops.load_day order by load_date"
    )


def test_a_single_day(landing: Landing):
    landing.events(event(1))
    landing.load_and_publish()
    got = claim(landing.connection, "run 1", [DAY])
    assert (got.load_dates, got.holder) == ((DAY,), "run 1")
    assert built(landing) == [(DAY, 1, None, got.build_id, 1)]
    finish(landing.connection, got)
    assert built(landing) == [(DAY, 1, 1, None, None)]
    assert claim(landing.connection, "run 1", [DAY]) is None


def test_a_build_takes_every_day_that_is_published_and_not_built(published: Landing):
    got = claim(published.connection, "run 1", [NEXT])
    assert (got.load_dates, got.holder) == ((DAY, NEXT), "run 1")
    finish(published.connection, got)
    assert claim(published.connection, "run 2", [DAY, NEXT]) is None
    assert published.query("select status, load_dates from ops.build") == [("succeeded", [DAY, NEXT])]


def test_while_another_build_runs_one_is_told_whose(published: Landing):
    first = claim(published.connection, "run 1", [DAY])
    assert claim(published.connection, "run 2", [NEXT]) == first
    assert first.holder == "run 1"


def test_a_built_day_does_not_wait_for_another_build(published: Landing):
    finish(published.connection, claim(published.connection, "run 1", [DAY]))
    publish_again(published, NEXT, event(2))
    claim(published.connection, "run 2", [NEXT])
    assert claim(published.connection, "run 1", [DAY]) is None


def test_a_holder_that_asks_again_gets_its_build_again(published: Landing):
    first = claim(published.connection, "run 1", [DAY])
    published.events(event(3), day=THIRD)
    published.load_and_publish(THIRD)
    assert claim(published.connection, "run 1", [DAY]) == first
    assert len(published.query("select build_id from ops.build")) == 1


def test_a_day_published_again_during_its_build_stays_unbuilt(published: Landing):
    got = claim(published.connection, "run 1", [DAY])
    publish_again(published, DAY, event(2))
    finish(published.connection, got)
    assert built(published) == [(DAY, 2, 1, None, None), (NEXT, 1, 1, None, None)]
    assert claim(published.connection, "run 2", [DAY]).load_dates == (DAY,)


def test_a_released_build_can_be_claimed_again(published: Landing):
    got = claim(published.connection, "run 1", [DAY])
    assert release(published.connection, got) is True
    assert release(published.connection, got) is False
    assert built(published) == [(DAY, 1, None, None, None), (NEXT, 1, None, None, None)]
    again = claim(published.connection, "run 2", [DAY])
    assert (again.load_dates, again.build_id) == ((DAY, NEXT), got.build_id + 1)
    assert release(published.connection, got) is False
    assert build_state(published.connection).running == again


def test_a_released_build_cannot_be_finished(published: Landing):
    got = claim(published.connection, "run 1", [DAY])
    release(published.connection, got)
    other = claim(published.connection, "run 2", [DAY])
    with pytest.raises(BuildError, match="was released(.|\n)*Remedy"):
        finish(published.connection, got)
    assert [row[3] for row in built(published)] == [other.build_id] * 2


def test_a_holder_finds_its_newest_build(published: Landing):
    assert build_of(published.connection, "run 1") is None
    got = claim(published.connection, "run 1", [DAY])
    release(published.connection, got)
    again = claim(published.connection, "run 1", [DAY])
    assert build_of(published.connection, "run 1") == again
    finish(published.connection, again)
    assert build_of(published.connection, "run 1") == again
    assert build_of(published.connection, "run 2") is None


def test_a_day_has_one_status(published: Landing):
    def status() -> list[str]:
        days = overview.status(published.connection)
        state = build_state(published.connection)
        assert state.unbuilt == {day.load_date for day in days if day.status != "built"}
        return [day.status for day in days]

    assert status() == ["waiting", "waiting"]
    got = claim(published.connection, "run 1", [DAY])
    assert status() == ["building", "building"]
    publish_again(published, NEXT, event(2))
    finish(published.connection, got)
    assert status() == ["built", "waiting"]
    rebuild = claim(published.connection, "run 2", [], rebuild=True)
    assert status() == ["built", "building"], "the marts hold the first day as it is published, also while it is built"
    release(published.connection, rebuild)
    assert status() == ["built", "waiting"]


def test_a_build_is_finished_once(published: Landing):
    got = claim(published.connection, "run 1", [DAY])
    finish(published.connection, got)
    finish(published.connection, got)
    with pytest.raises(BuildError, match="does not exist"):
        finish(published.connection, replace(got, build_id=got.build_id + 1))


def test_a_day_that_is_not_published_cannot_be_built(published: Landing):
    with pytest.raises(BuildError, match=f"not published: {THIRD}"):
        claim(published.connection, "run 1", [DAY, THIRD])
    assert published.query("select count(*) from ops.build") == [(0,)]


def test_of_many_that_claim_at_once_one_builds(published: Landing, warehouse: Warehouse):
    builds = []

    def ask(number: int):
        connection = warehouse.connect("loader")
        builds.append(claim(connection, f"run {number}", [DAY]))
        connection.close()

    threads = [threading.Thread(target=ask, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(builds) == 8
    assert set(builds) == {build_state(published.connection).running}


def test_the_size_of_every_table_is_kept(published: Landing):
    finish(published.connection, claim(published.connection, "run 1", [DAY]))
    sizes = published.query("select schema_name || '.' || table_name, estimated_rows, bytes from ops.table_size")
    names = {name for name, _, _ in sizes}
    assert {"raw.user_events", "raw.user_changes", "ops.load"} <= names
    assert not any("20260302" in name for name in names)
    assert all(size >= 0 and rows >= 0 for _, rows, size in sizes)
    assert {name: size for name, _, size in sizes}["raw.user_events"] > 0


def test_runs_are_recorded(landing: Landing):
    at = datetime.datetime(2026, 3, 3, 1, tzinfo=datetime.UTC)
    run = {"dag_id": "engagement_daily", "run_type": "scheduled", "first_load_date": DAY, "last_load_date": DAY}
    record_run_start(landing.connection, "run 1", **run, started_at=at)
    assert landing.query("select status, finished_at from ops.run") == [("running", None)]
    record_run_end(landing.connection, "run 1", succeeded=False, finished_at=at)
    assert landing.query("select status from ops.run") == [("failed",)]
    record_run_start(landing.connection, "run 1", **run, started_at=at)
    record_run_end(landing.connection, "run 1", succeeded=True, finished_at=at)
    assert landing.query("select status, finished_at from ops.run") == [("succeeded", at)]


def test_the_next_day_is_the_first_that_is_not_in_the_marts_as_published(published: Landing):
    connection = published.connection

    def following() -> datetime.date | None:
        return first_unbuilt_day(connection, DAY, THIRD)

    assert following() == DAY
    finish(connection, claim(connection, "run 1", [DAY]))
    assert following() == THIRD, "not published at all"
    publish_again(published, NEXT, event(1), event(2))
    assert following() == NEXT, "published again since"
    publish_again(published, THIRD, event(3))
    finish(connection, claim(connection, "run 2", [THIRD]))
    assert following() is None


def test_a_rebuild_takes_every_published_day(published: Landing):
    finish(published.connection, claim(published.connection, "run 1", [DAY, NEXT]))
    got = claim(published.connection, "run 2", [], rebuild=True)
    assert (got.load_dates, got.holder) == ((DAY, NEXT), "run 2")
    assert published.query("select is_full from ops.build order by build_id") == [(False,), (True,)]
    assert claim(published.connection, "run 3", [], rebuild=True) == got
    assert claim(published.connection, "run 2", [], rebuild=True) == got
    finish(published.connection, got)
    assert built(published) == [(DAY, 1, 1, None, None), (NEXT, 1, 1, None, None)]


def test_of_nothing_there_is_no_rebuild(landing: Landing):
    assert claim(landing.connection, "run 1", [], rebuild=True) is None
