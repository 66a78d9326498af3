"""One cause is one message, whoever sees it and how often; what is overcome is said; what is late is found."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta

import pytest

from alerts.channel import Channel
from alerts.messages import Alert, failure
from alerts.service import MOST_AN_HOUR, report, say_recoveries, say_recovery_of, watch

FIRST = date(2025, 1, 1)
NOON = datetime(2026, 1, 10, 12, tzinfo=UTC)
SIX = time(6)


def failed(day: date, reason: str = "app owes this day, and did not land it") -> Alert:
    return failure(
        dag_id="engagement_daily",
        task_id="load",
        run_id=f"backfill__{day}",
        load_dates=[day],
        error=f"{day}: {reason}",
        since=datetime.now(UTC),
        address="http://airflow",
    )


@pytest.fixture
def published(loader):
    """`published(day, built=True)`: a day that is published, and in the marts."""

    def publish(day: date, *, built: bool) -> None:
        with loader.cursor() as cursor:
            cursor.execute(
                "insert into ops.load (load_date, status, landing, contracts_sha256)"
                " values (%s, 'published', 'test', 'test') returning load_id",
                [day],
            )
            cursor.execute(
                "insert into ops.load_day (load_date, load_id, version, published_at, built_version, built_at)"
                " values (%s, %s, 1, now(), %s, clock_timestamp())"
                " on conflict (load_date) do update set built_version = excluded.built_version, built_at = now()",
                [day, cursor.fetchone()[0], 1 if built else None],
            )

    return publish


@pytest.fixture
def succeeded(loader):
    """`succeeded(first, last)`: a run for these days that ends well now."""

    def record(first: date, last: date) -> None:
        with loader.cursor() as cursor:
            cursor.execute(
                "insert into ops.run values (%s, 'engagement_daily', 'manual', %s, %s, now(), clock_timestamp(),"
                " 'succeeded')",
                [f"manual__{first}", first, last],
            )

    return record


def rows(loader, query: str) -> list[tuple]:
    with loader.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def test_a_year_that_fails_for_one_reason_is_one_message(warehouse, loader, webhook):
    days = [FIRST + timedelta(days=number) for number in range(365)]
    with ThreadPoolExecutor(8) as pool:  # as many tasks as fail at once
        sent = list(pool.map(lambda day: report(warehouse, webhook.channel, failed(day)), days))
    assert sum(sent) == len(webhook.got) == 1
    assert rows(loader, "select times, load_days from ops.open_alert") == [(365, 365)]


def test_another_reason_is_another_message(warehouse, loader, webhook):
    report(warehouse, webhook.channel, failed(FIRST))
    report(warehouse, webhook.channel, failed(FIRST, "the disk is full"))
    assert len(webhook.got) == 2


def test_it_is_over_when_all_its_days_came(warehouse, loader, webhook, succeeded, published):
    second = FIRST + timedelta(days=1)
    report(warehouse, webhook.channel, failed(FIRST))
    report(warehouse, webhook.channel, failed(second))
    assert say_recoveries(warehouse, webhook.channel) == []
    succeeded(FIRST, FIRST)
    assert say_recoveries(warehouse, webhook.channel) == []
    published(second, built=True)  # by whatever run
    assert say_recoveries(warehouse, webhook.channel) == ["Over: load failed: load day 2025-01-01"]
    assert say_recoveries(warehouse, webhook.channel) == []
    assert webhook.titles == ["load failed: load day 2025-01-01", "Over: load failed: load day 2025-01-01"]
    assert "seen 2 times; days: 2" in webhook.got[1]["message"]


def test_a_day_that_was_built_before_it_failed_is_not_over(warehouse, loader, webhook, published):
    published(FIRST, built=True)
    report(warehouse, webhook.channel, failed(FIRST))  # it was loaded again, and rejected
    assert say_recoveries(warehouse, webhook.channel) == []


def test_what_comes_again_after_it_was_over_is_said_again(warehouse, loader, webhook, succeeded):
    report(warehouse, webhook.channel, failed(FIRST))
    succeeded(FIRST, FIRST)
    say_recoveries(warehouse, webhook.channel)
    assert report(warehouse, webhook.channel, failed(FIRST))
    assert len(webhook.got) == 3


def test_a_rebuild_without_days_is_over_with_the_next_build(warehouse, loader, webhook):
    report(warehouse, webhook.channel, Alert("engagement_daily.models: x", "models failed", "text"))
    assert say_recoveries(warehouse, webhook.channel) == []
    rows(
        loader,
        "insert into ops.build (holder, status, load_dates, finished_at)"
        " values ('me', 'succeeded', '{}', clock_timestamp()) returning build_id",
    )
    assert say_recoveries(warehouse, webhook.channel) == ["Over: models failed"]


def test_another_dag_is_over_when_its_task_works(warehouse, loader, webhook):
    report(warehouse, webhook.channel, Alert("watch.watch: no answer", "watch failed", "text"))
    assert say_recovery_of(warehouse, webhook.channel, "maintenance.clean:") == []
    assert say_recovery_of(warehouse, webhook.channel, "watch.watch:") == ["Over: watch failed"]


def test_many_causes_at_once_are_said_some_at_a_time(warehouse, loader, webhook):
    for number in range(MOST_AN_HOUR + 5):
        report(warehouse, webhook.channel, failed(FIRST, "because of " + chr(97 + number)))
    assert len(webhook.got) == MOST_AN_HOUR
    rows(loader, "update ops.alert set said_at = said_at - interval '2 hours', tried_at = null returning 1")
    assert len(watch(warehouse, webhook.channel, due_at=None)) == 5


def test_a_message_that_could_not_be_sent_is_sent_by_the_watch(warehouse, loader, webhook, caplog):
    webhook.status = 503
    assert not report(warehouse, webhook.channel, failed(FIRST))
    assert "could not be sent" in caplog.text and "503" in caplog.text
    webhook.status = 200
    assert watch(warehouse, webhook.channel, due_at=None) == [], "not within a minute: somebody may be sending it"
    rows(loader, "update ops.alert set tried_at = tried_at - interval '2 minutes' returning 1")
    assert watch(warehouse, webhook.channel, due_at=None) == ["load failed: load day 2025-01-01"]


def test_what_nobody_was_told_is_not_said_to_be_over(warehouse, loader, webhook, succeeded):
    report(warehouse, Channel(()), failed(FIRST))
    succeeded(FIRST, FIRST)
    assert say_recoveries(warehouse, webhook.channel) == []
    assert rows(loader, "select count(*) from ops.open_alert") == [(0,)]


def test_days_that_are_late_are_one_message_until_they_came(warehouse, loader, webhook, published):
    yesterday = NOON.date() - timedelta(days=1)
    published(yesterday - timedelta(days=2), built=True)
    assert watch(warehouse, webhook.channel, due_at=SIX, now=NOON) == [
        "Not in the marts by its hour: load days 2026-01-08 to 2026-01-09 (2)"
    ]
    assert watch(warehouse, webhook.channel, due_at=SIX, now=NOON + timedelta(days=1)) == []
    for day in (8, 9, 10):
        published(date(2026, 1, day), built=day != 8)
    assert watch(warehouse, webhook.channel, due_at=SIX, now=NOON + timedelta(days=1)) == []
    published(date(2026, 1, 8), built=True)
    assert watch(warehouse, webhook.channel, due_at=SIX, now=NOON + timedelta(days=1)) == [
        "Over: Not in the marts by its hour: load days 2026-01-08 to 2026-01-09 (2)"
    ]


def test_a_day_is_late_from_its_hour_on(warehouse, loader, webhook, published):
    published(date(2026, 1, 8), built=True)
    before, after = NOON.replace(hour=5, minute=59), NOON.replace(hour=6)
    assert watch(warehouse, webhook.channel, due_at=SIX, now=before) == []
    assert watch(warehouse, webhook.channel, due_at=None, now=after) == []
    assert len(watch(warehouse, webhook.channel, due_at=SIX, now=after)) == 1


def test_a_day_that_a_run_is_at_is_late_when_that_takes_hours(warehouse, loader, webhook, published):
    published(date(2026, 1, 9), built=False)
    began = NOON - timedelta(hours=2, minutes=50)
    with loader.cursor() as cursor:
        cursor.execute(
            "insert into ops.run values ('run', 'engagement_daily', 'manual', '2026-01-09', '2026-01-09', %s, null,"
            " 'running')",
            [began],
        )
    assert watch(warehouse, webhook.channel, due_at=SIX, now=NOON) == []
    assert len(watch(warehouse, webhook.channel, due_at=SIX, now=NOON + timedelta(minutes=11))) == 1


def test_an_empty_warehouse_is_never_late(warehouse, loader, webhook):
    assert watch(warehouse, webhook.channel, due_at=SIX, now=NOON) == []


def test_a_late_day_whose_failure_was_said_is_not_said_twice(warehouse, loader, webhook, published):
    published(date(2026, 1, 8), built=True)
    report(warehouse, webhook.channel, failed(date(2026, 1, 9)))
    assert watch(warehouse, webhook.channel, due_at=SIX, now=NOON) == []
