"""Who of those that wait for a build is told to claim, and when."""

import asyncio
from datetime import date

import psycopg2
import pytest

from ingestion.service import Build, BuildState
from orchestration import build_watch
from orchestration.build_watch import BuildWatch

DAY, NEXT, LAST = date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 3)


def build_of(holder: str) -> Build:
    return Build(1, holder, (DAY,))


class Scene:
    """A warehouse and an Airflow that say what the test wants."""

    def __init__(self, monkeypatch, *, holder: str | None, unbuilt: set[date], running: int) -> None:
        self.state, self.runs, self.over = BuildState(holder and build_of(holder), frozenset(unbuilt)), running, set()
        for name, seconds in {"LOOK_EVERY": 0.01, "ASK_EVERY": 0.02, "TURN": 0.15, "LULL": 0.3}.items():
            monkeypatch.setattr(build_watch, name, seconds)
        self.watch = BuildWatch(None, lambda holder: holder in self.over, lambda: self.runs)
        self.watch._read = self.read
        self.answers = True

    def read(self) -> BuildState:
        if not self.answers:
            raise psycopg2.OperationalError("the database system is starting up")
        return self.state

    def wait(self, *days: date, holder: str = "waiting", **options) -> asyncio.Task:
        return asyncio.create_task(self.watch.until_worth_claiming(frozenset(days), holder=holder, **options))


@pytest.fixture
def scene(monkeypatch):
    return lambda **arguments: Scene(monkeypatch, **arguments)


async def settle(seconds: float = 0.08) -> None:
    await asyncio.sleep(seconds)


def run(coroutine) -> None:
    asyncio.run(asyncio.wait_for(coroutine, 5))


def test_waits_while_another_builds_and_returns_when_its_day_is_built(scene):
    async def story():
        stage = scene(holder="another", unbuilt={DAY}, running=2)
        waiting = stage.wait(DAY)
        await settle()
        assert not waiting.done()
        stage.state = BuildState(build_of("a third"), frozenset())
        assert await waiting is False

    run(story())


def test_only_the_first_in_line_claims(scene):
    async def story():
        stage = scene(holder=None, unbuilt={DAY, NEXT}, running=2)
        second, first = stage.wait(NEXT), stage.wait(DAY)
        await first
        assert not second.done()

    run(story())


def test_the_others_claim_when_the_first_does_not(scene):
    async def story():
        stage = scene(holder=None, unbuilt={DAY, NEXT}, running=2)
        second, first = stage.wait(NEXT), stage.wait(DAY)
        await first
        await second  # nobody claimed: its turn comes

    run(story())


def test_waits_for_runs_that_are_still_loading(scene):
    async def story():
        stage = scene(holder=None, unbuilt={DAY}, running=2)
        waiting = stage.wait(DAY)
        await settle()
        assert not waiting.done()
        stage.state = BuildState(None, frozenset({DAY, NEXT}))
        other = stage.wait(NEXT)
        await waiting
        other.cancel()

    run(story())


def test_many_that_wait_do_not_wait_for_those_that_load(scene, monkeypatch):
    async def story():
        monkeypatch.setattr(build_watch, "ENOUGH", 2)
        stage = scene(holder=None, unbuilt={DAY, NEXT}, running=30)
        waiting = stage.wait(DAY)
        await settle()
        assert not waiting.done()
        other = stage.wait(NEXT)
        await settle()
        assert waiting.done() and waiting.result()
        other.cancel()

    run(story())


def test_those_whose_days_have_just_been_built_do_not_count(scene, monkeypatch):
    async def story():
        monkeypatch.setattr(build_watch, "ENOUGH", 2)
        stage = scene(holder="another", unbuilt={DAY, NEXT, LAST}, running=3)
        built, others, waiting = stage.wait(DAY), stage.wait(NEXT), stage.wait(LAST)
        await settle()
        stage.state = BuildState(None, frozenset({LAST}))
        await settle()
        assert (await built, await others) == (False, False)
        assert not waiting.done()  # two runs end; those that come in their place are to be waited for
        stage.runs = 1
        assert await waiting

    run(story())


@pytest.mark.parametrize("days", [(), (DAY,)], ids=["of no day", "of a day that is built"])
def test_a_rebuild_begins_when_another_build_has_ended(scene, days):
    async def story():
        stage = scene(holder="another", unbuilt=set(), running=1)
        waiting = stage.wait(*days, rebuild=True)
        await settle()
        assert not waiting.done()
        stage.state = BuildState(None, frozenset())
        await settle()  # less than a lull
        assert waiting.done() and waiting.result()

    run(story())


def test_days_that_come_while_another_builds_are_waited_for_after_it(scene):
    async def story():
        stage = scene(holder="another", unbuilt={DAY}, running=2)
        waiting = stage.wait(DAY)
        await settle(0.4)  # longer than a lull
        stage.state = BuildState(None, frozenset({DAY}))
        await settle(0.15)
        assert not waiting.done()
        await waiting

    run(story())


def test_does_not_wait_for_ever_for_a_run_that_publishes_nothing(scene):
    async def story():
        stage = scene(holder=None, unbuilt={DAY}, running=2)
        waiting = stage.wait(DAY)
        await settle(0.2)
        assert not waiting.done()
        await waiting

    run(story())


def test_a_holder_that_is_over_does_not_count(scene):
    async def story():
        stage = scene(holder="dead", unbuilt={DAY}, running=1)
        waiting = stage.wait(DAY)
        await settle()
        assert not waiting.done()
        stage.over.add("dead")
        await waiting

    run(story())


def test_nobody_waits_for_a_build_of_their_own(scene):
    async def story():
        stage = scene(holder="killed after its claim", unbuilt={DAY, NEXT}, running=2)
        other, waiting = stage.wait(NEXT), stage.wait(DAY, holder="killed after its claim")
        assert await waiting
        await settle()
        assert not other.done()
        other.cancel()

    run(story())


def test_a_warehouse_that_does_not_answer_is_asked_again(scene):
    async def story():
        stage, said = scene(holder="another", unbuilt={DAY}, running=1), []
        waiting = stage.wait(DAY, say=said.append)
        await settle()
        stage.answers = False
        stage.state = BuildState(None, frozenset({DAY, NEXT}))
        newer = stage.wait(NEXT)  # whose day is not built, though the last answer is from before it was published
        await settle()
        assert not waiting.done() and not newer.done()
        stage.answers = True
        assert await waiting
        newer.cancel()
        assert said[:2] == ["another builds: waiting for it", "The warehouse does not answer: asking again"]

    run(story())


def test_a_warehouse_that_stays_silent_is_an_error(scene, monkeypatch):
    async def story():
        stage = scene(holder=None, unbuilt={DAY}, running=2)
        monkeypatch.setattr(build_watch, "PATIENCE", 0.1)
        stage.answers = False
        waiting = stage.wait(DAY)
        await settle()
        assert not waiting.done()
        with pytest.raises(psycopg2.OperationalError):
            await waiting

    run(story())


def test_who_is_gone_is_not_waited_for(scene):
    async def story():
        stage = scene(holder="another", unbuilt={DAY, NEXT}, running=2)
        second, first = stage.wait(NEXT), stage.wait(DAY)
        await settle()
        first.cancel()
        await settle()
        stage.state, stage.runs = BuildState(None, frozenset({DAY, NEXT})), 1
        await second

    run(story())


def test_nobody_trusts_a_look_from_before_its_day_was_published(scene, monkeypatch):
    async def story():
        stage = scene(holder="another", unbuilt={DAY}, running=2)
        monkeypatch.setattr(build_watch, "LOOK_EVERY", 60)
        first = stage.wait(DAY)
        await settle()
        stage.state = BuildState(None, frozenset({DAY, NEXT}))
        second = stage.wait(NEXT)
        await settle()
        assert not second.done()
        for waiting in (first, second):
            waiting.cancel()

    run(story())


def test_says_what_it_waits_for(scene):
    async def story():
        stage, said = scene(holder="another", unbuilt={DAY, NEXT}, running=2), []
        waiting = stage.wait(DAY, say=said.append)
        await settle()
        stage.state = BuildState(None, frozenset({DAY, NEXT}))
        await settle()
        assert said == [
            "another builds: waiting for it",
            "Other runs are on their way: waiting for them, to build all their days at once",
        ]
        waiting.cancel()

    run(story())


def test_a_rebuild_waits_for_the_build_that_runs_and_for_no_days(scene):
    async def story():
        stage = scene(holder="another", unbuilt=set(), running=1)
        waiting = stage.wait(rebuild=True)
        await settle()
        assert not waiting.done()
        stage.state = BuildState(None, frozenset())
        assert await waiting is True

    run(story())
