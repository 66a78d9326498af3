"""What is completed most, and how much of it is listened to: a real export, computed a second time by pandas."""

import datetime
import json
import random
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from upath import UPath

from ingestion import service
from tests.conftest import ROOT
from tests.dbt.helpers import Company, at, day, event, user

MODELS = (
    "+top_content",
    "+listen_through",
    "+content_totals",
    "+creator_totals",
    "+viewers_daily",
    "+content_ranking",
    "+content_progress",
    "+engagement_daily",
    "+interests",
)

QUESTIONS = ROOT / "docs" / "questions.md"
WINDOW_END = pd.Timestamp("2024-01-07")
# The export lands on five days: the users and the episodes last, long after the events.
LOAD_DAYS = [datetime.date(2024, 5, number) for number in range(1, 6)]


def land_podcast(sample: Path, landing: Path) -> None:
    """The lines of the event log go to the first four days at random; some of them to two days."""
    dice = random.Random(3)
    parts = {date: [] for date in LOAD_DAYS[:4]}
    for line in (sample / "event_logs.json").read_text().splitlines():
        for date in dice.sample(LOAD_DAYS[:4], 2 if dice.random() < 0.02 else 1):
            parts[date].append(line)
    for date, lines in parts.items():
        folder = landing / "podcast" / str(date)
        folder.mkdir(parents=True)
        (folder / "event_logs.json").write_text("".join(f"{line}\n" for line in lines))
    last = landing / "podcast" / str(LOAD_DAYS[-1])
    last.mkdir(parents=True)
    for name in ("users.csv", "episodes.csv"):
        shutil.copy(sample / name, last / name)


def build(company: Company, dates: list[datetime.date]) -> None:
    """Load days of the export, many lines of which are held back, and build them."""
    for date in dates:
        service.load_day(company.connection, UPath(company.landing), date, contracts=company.contracts)
        service.publish_day(company.connection, date)
    claim = company.claim()
    company.dbt.run(*company.selected)
    service.finish(company.connection, claim)


def told(sample: Path) -> pd.DataFrame:
    """The usable lines of the event log, each once, with the country of the user and the length of the episode.

    Usable: user and episode are given, the time can be read, the type is one of four, and who plays or completes says
    for how many seconds.
    """
    lines = [json.loads(line) for line in (sample / "event_logs.json").read_text().splitlines()]
    events = pd.DataFrame(lines).drop_duplicates()
    for column in ("user_id", "episode_id"):
        events = events[events[column].fillna("").str.strip() != ""]
    events["time"] = pd.to_datetime(events.timestamp, format="ISO8601", errors="coerce")
    events["duration"] = pd.to_numeric(events.duration, errors="coerce")
    timed = events.event_type.isin(["play", "complete"])
    events = events[
        events.time.notna()
        & events.event_type.isin(["play", "complete", "pause", "seek"])
        & (~timed | (events.duration > 0))
    ]
    users = pd.read_csv(sample / "users.csv", keep_default_na=False)[["user_id", "country"]]
    users["country"] = users.country.str.upper().replace({"UK": "GB", "": None})
    episodes = pd.read_csv(sample / "episodes.csv")[["episode_id", "duration_seconds"]]
    events = events.merge(users, how="left", on="user_id").merge(episodes, how="left", on="episode_id")
    return events.assign(
        date=events.time.dt.normalize(),
        country=events.country.fillna("unknown"),
        user_id="user:podcast:" + events.user_id,
        episode_id="podcast:" + events.episode_id,
    )


def test_the_questions_about_the_podcasts(company: Company, podcast_sample: Path):
    """In three builds: the third and fourth day first, then the last with the first, then the second."""
    land_podcast(podcast_sample, company.landing)
    for dates in (LOAD_DAYS[2:4], [LOAD_DAYS[4], LOAD_DAYS[0]], [LOAD_DAYS[1]]):
        build(company, dates)
    events = told(podcast_sample)
    in_the_week_before(company, events)
    in_every_window(company, events)
    who_listened(company, events)
    documented = re.findall(r"```sql\n(.+?)```", QUESTIONS.read_text(), re.DOTALL)
    assert documented
    for question in documented:
        assert company.query(question)
    assert company.differences() == {}


def in_the_week_before(company: Company, events: pd.DataFrame) -> None:
    window = events[(events.date > WINDOW_END - pd.Timedelta(days=7)) & (events.date <= WINDOW_END)]
    completed = window[window.event_type == "complete"]

    top = completed.groupby("episode_id").size()
    ranks = top.rank(method="min", ascending=False).astype(int)
    query = (
        "select content_id, completions, completion_rank from reporting.top_content where activity_date = '2024-01-07'"
    )
    assert set(company.query(query)) == {(episode, top[episode], ranks[episode]) for episode in top.index}
    assert len(top) > 10

    share = (completed.duration / completed.duration_seconds).groupby(completed.country).mean()
    query = "select country, listen_through::float from reporting.listen_through where activity_date = '2024-01-07'"
    assert dict(company.query(query)) == pytest.approx(share.to_dict(), abs=0.0001)
    assert len(share) > 3


def in_every_window(company: Company, events: pd.DataFrame) -> None:
    """Each date of four months, by sums over seven days of pandas."""
    completed = events[events.event_type == "complete"]
    dates = pd.date_range(events.date.min(), events.date.max())

    def trailing(table: pd.DataFrame) -> pd.DataFrame:
        return table.reindex(dates, fill_value=0).rolling(7, min_periods=1).sum().stack()

    top = trailing(completed.groupby(["date", "episode_id"]).size().unstack(fill_value=0))
    query = "select activity_date::text, content_id, completions from marts.mart_top_content"
    assert set(company.query(query)) == {
        (f"{date:%Y-%m-%d}", episode, int(number)) for (date, episode), number in top.items() if number
    }
    sums = {
        name: trailing(column.groupby([completed.date, completed.country]).sum().unstack(fill_value=0))
        for name, column in {
            "completions": pd.Series(1, completed.index),
            "heard": completed.duration,
            "length": completed.duration_seconds,
        }.items()
    }
    query = (
        "select activity_date::text, country, measured_completions, completed_seconds::float, content_seconds::float"
        " from marts.mart_listen_through"
    )
    assert set(company.query(query)) == {
        (f"{date:%Y-%m-%d}", country, int(number), sums["heard"][date, country], sums["length"][date, country])
        for (date, country), number in sums["completions"].items()
        if number
    }


def who_listened(company: Company, events: pd.DataFrame) -> None:
    """Who played three or more episodes on a day; the listeners of each day and the sessions that they began."""
    plays = events[events.event_type == "play"]
    played = plays.groupby(["date", "user_id"]).episode_id.nunique()
    query = (
        "select event_date::text, person_id, contents_started from summaries.fact_user_daily"
        " where contents_started >= 3"
    )
    heavy = {(f"{date:%Y-%m-%d}", who, number) for (date, who), number in played.items() if number >= 3}
    assert heavy and set(company.query(query)) == heavy
    # `told` has dropped equal lines; a session begins after more than 30 minutes.
    timeline = events.sort_values(["user_id", "time"])
    pause = timeline.groupby("user_id").time.diff()
    begun = timeline[~(pause <= pd.Timedelta(minutes=30))].groupby(["date", "user_id"]).size()
    sessions = begun.reindex(played.index, fill_value=0).groupby("date").sum()
    expected = {
        f"{date:%Y-%m-%d}": (len(people), sum(people >= 3), int(sessions[date]))
        for date, people in played.groupby("date")
    }
    query = (
        "select activity_date::text, viewers, heavy_viewers, sessions from reporting.viewers_daily where viewers > 0"
    )
    assert {date: tuple(row) for date, *row in company.query(query)} == expected


def test_completions_by_hand(company: Company):
    """Bots, content of unknown length and completions that say no seconds; the length and the country of that time.

    c_1 is 100 seconds long, and 200 from the 3rd day on. Ann lives in Austria, and in France from the 2nd day on.
    """

    def complete(
        event_id: str, number: int, content: str, seconds: int | None = None, who: str | None = "ann", **fields
    ):
        told = {"duration_seconds": seconds} if seconds else {}
        return event(event_id, at(number), who, "content_complete", content_id=content, **told, **fields)

    lengths = [
        {
            "content_id": "c_1",
            "changed_at": at(number, "00:00"),
            "op": "upsert",
            "title": title,
            "duration_seconds": seconds,
        }
        for number, title, seconds in ((1, "One", 100), (3, "One, longer", 200))
    ]
    company.land(
        1,
        [
            complete("e1", 1, "c_1", 50),  # Austria: 0.5
            complete("e2", 1, "c_2", 50),  # nobody knows its length
            complete("bot", 1, "c_1", 90, None, anonymous_id="v", user_agent="Googlebot/2.1"),
        ],
        users=[user("ann", at(1, "00:00"), "AT"), user("ann", at(2, "00:00"), "FR")],
    )
    company.land(
        2, [complete("e3", 2, "c_1", 100), complete("e4", 2, "c_1")]
    )  # France: 1, and one that says no seconds
    company.land(
        8, [complete("e5", 8, "c_1", 100), complete("e6", 8, "c_1", 40, None, anonymous_id="w")], content=lengths
    )
    for number in (8, 2, 1):
        company.build(number, tests=number == 1)
    top = company.query(
        "select activity_date - date '2026-03-01', content_id, completions, completion_rank from marts.mart_top_content"
    )
    assert sorted(top) == [
        (1, "c_1", 1, 1),
        (1, "c_2", 1, 1),
        *(row for number in range(2, 8) for row in [(number, "c_1", 3, 1), (number, "c_2", 1, 2)]),
        (8, "c_1", 4, 1),  # the 1st day is out of its window: e3, e4, e5, e6
    ]
    assert company.query("select title, completions from reporting.top_content where activity_date = '2026-03-09'") == [
        ("One, longer", 4)
    ]
    through = company.query(
        "select activity_date - date '2026-03-01', country, measured_completions, completed_seconds::integer,"
        " content_seconds::integer, listen_through::float from reporting.listen_through order by 1, 2"
    )
    assert through == [
        (1, "AT", 1, 50, 100, 0.5),
        *(row for number in range(2, 8) for row in [(number, "AT", 1, 50, 100, 0.5), (number, "FR", 1, 100, 100, 1.0)]),
        (8, "FR", 2, 200, 300, 0.75),  # 100 of 100, and 100 of 200
        (8, "unknown", 1, 40, 200, 0.2),
    ]
    assert company.differences() == {}
    # Without the record of the longer version, the last day is measured by the shorter one.
    company.land(8, [complete("e5", 8, "c_1", 100)], content=lengths[:1])
    company.build(8)
    assert company.query(
        f"select country, listen_through::float from reporting.listen_through where activity_date = '{day(8)}'"
    ) == [("FR", 1.0)]
    assert company.differences() == {}


def test_posts_and_their_creators(company: Company):
    """Views, likes and likes taken back, of a post that changes hands and one that nobody told of; by pandas, too.

    A post is a piece of content; here the books of the app stand for them.
    """
    dice = random.Random(11)
    posts = [f"p_{number}" for number in range(6)]
    days: dict[int, list[dict]] = {}
    for number in (1, 2, 3):
        days[number] = [
            event(
                f"e{number}_{one}",
                at(dice.randint(1, number), f"{dice.randint(0, 23):02}:00"),
                dice.choice(("ann", "bob")),
                dice.choice(("content_view", "content_view", "content_view", "like", "unlike")),
                content_id=dice.choice(posts),
                **({"user_agent": "Googlebot/2.1"} if dice.random() < 0.1 else {}),
            )
            for one in range(60)
        ]
    content = [
        {
            "content_id": post,
            "changed_at": at(1, "00:00"),
            "op": "upsert",
            "content_type": "book_text",
            "title": post.upper(),
            "creator_id": "cid" if number < 3 else "dan",
            "released_at": "2025-01-01T00:00:00Z" if number < 3 else at(1, "00:00"),
        }
        for number, post in enumerate(posts[:5])  # of the sixth nobody told
    ]
    moved = {**content[0], "changed_at": at(3, "00:00"), "creator_id": "dan"}  # the views before are dan's, too
    creators = [
        {"creator_id": who, "changed_at": at(1, "00:00"), "op": "upsert", "name": who} for who in ("cid", "eve")
    ]
    company.land(1, days[1], content=content, creators=creators)
    company.land(2, days[2])
    company.land(3, days[3], content=[moved])
    for number in (3, 1, 2):
        company.build(number, tests=number == 2)

    lines = pd.DataFrame([one for lines in days.values() for one in lines])
    counts = lines[lines.user_agent.isna()].groupby(["content_id", "event"]).size().unstack(fill_value=0)
    counts["net"] = counts["like"] - counts["unlike"]
    query = (
        "select content_id, creator_id, views, likes, unlikes, net_likes, like_ratio::float"
        " from reporting.content_totals order by 1"
    )
    owners = {post: "cid" if number in (1, 2) else "dan" for number, post in enumerate(posts[:5])}
    assert company.query(query) == [
        (
            post,
            owners.get(post),
            *map(int, row[["content_view", "like", "unlike", "net"]]),
            round(row.net / row.content_view, 4),
        )
        for post, row in counts.iterrows()
    ]
    totals = counts.groupby(owners).sum()
    query = (
        "select creator_id, creator_name, pieces, views, net_likes, like_ratio::float, is_active"
        " from reporting.creator_totals order by 1"
    )
    ratio = (totals.net / totals.content_view).round(4)
    views, net = totals.content_view.astype(int), totals.net.astype(int)
    assert company.query(query) == [
        ("cid", "cid", 2, views["cid"], net["cid"], ratio["cid"], False),
        ("dan", None, 3, views["dan"], net["dan"], ratio["dan"], True),  # nobody told of dan; posts of the 1st day
        ("eve", "eve", 0, 0, 0, None, False),
    ]
    assert company.differences() == {}
