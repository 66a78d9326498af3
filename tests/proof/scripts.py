"""Hypothesis strategies: small messy companies, and any script of loads and builds over their days."""

from collections.abc import Sequence

from hypothesis import strategies as st

from tests.dbt.runner import PROJECT
from tests.proof.company import ATTRIBUTES, SYNTHETIC_USER, Change, Company, Day, Event, Member
from tests.proof.world import MARTS, Build, Land, Load, LoadRange, Publish, Reject, Script, Stage

# A script builds the core, and as many tables that stand upon it.
TABLES = 4
# What a build may have got to when it fails, or when a day is published: the layers that keep something.
CORE, UPON = (
    sorted(
        path.stem
        for layer in layers
        for path in (PROJECT / "models" / layer).rglob("*.sql")
        if path.stem not in ("work_build", "dim_date")
    )
    for layers in (("intake", "core"), ("restricted", "summaries", "marts"))
)
UPON += sorted(path.stem for path in MARTS.glob("*.sql"))
ACTORS = ["u_1", "u_1", "u_1+a_1", "u_2", "u_2+a_1", "a_1", "a_1", SYNTHETIC_USER]
IDS = {
    "users": ["u_1", "u_1", "u_2", SYNTHETIC_USER],
    "products": ["p_1"],
    "content": ["c_1", "c_2"],
    "creators": ["cr_1"],
}
# Late by up to five weeks, beyond every window; a Monday is day 1, and so the week before ends with day 0.
# Half an hour apart is one session, more is not; and around midnight, in UTC and in New York.
TIMES = ["12:00", "12:30", "12:31", "13:00", "13:01", "23:20", "23:45", "23:59", "00:00", "00:10", "00:29"]
TIMES += ["04:45", "05:05"]
EVENT_DAYS = [1, 1, 1, 2, 2, 3, 0, -1, -27, -28, -29]
CHANGE_DAYS = [1, 1, 2, 3, 0, -6, -28, -35]


def often(weights: dict[st.SearchStrategy, int]) -> st.SearchStrategy:
    """One of some strategies, each as often as its weight says (`one_of` counts a strategy once)."""
    return st.sampled_from([strategy for strategy, weight in weights.items() for _ in range(weight)]).flatmap(_same)


def _same(strategy: st.SearchStrategy) -> st.SearchStrategy:
    return strategy


def moments(days: list[int]) -> st.SearchStrategy[str]:
    return st.builds("{} {}".format, st.sampled_from(days), st.sampled_from(TIMES))


def events(source: str = "app") -> st.SearchStrategy[Event]:
    return st.builds(
        Event,
        event_id=st.sampled_from(["e1", "e2", "e3", "e4", "e5", "e6"]),
        actor=st.sampled_from(ACTORS),
        at=moments(EVENT_DAYS),
        kind=st.sampled_from(
            ["page_view", "content_start", "content_complete", "purchase", "like", "quiz_answer", "refund"]
        ),
        content=st.sampled_from(["", "c_1", "c_2"]),
        product=st.sampled_from(["", "p_1"]),
        platform=st.sampled_from(["web", "iOS"]),
        bot=st.sampled_from([False, False, False, True]),
        times=st.sampled_from([1, 1, 1, 1, 1, 3, 49, 60]),
        source=st.just(source),
        session=st.sampled_from(["", "s_1", "s_1", "s_2"]) if source == "site" else st.just(""),
    )


def changes(thing: str) -> st.SearchStrategy[Change]:
    return st.builds(
        Change,
        thing=st.just(thing),
        id=st.sampled_from(IDS[thing]),
        at=moments(CHANGE_DAYS),
        value=st.sampled_from([0, 1, 2, 3, None]),
        source=st.sampled_from(["app", "app", "app", "podcast"]) if thing == "users" else st.just("app"),
    )


def members() -> st.SearchStrategy[Member]:
    return st.builds(
        Member,
        id=st.sampled_from(["u_1", "u_2", "u_3"]),
        at=st.one_of(st.just(""), moments(CHANGE_DAYS)),
        value=st.sampled_from([0, 0, 1, 2, 3, None]),
    )


@st.composite
def scripts(draw: st.DrawFn) -> Script:
    """Every day takes its events and changes out of one small pool: what lands twice, moves or vanishes is frequent."""
    pool = draw(st.lists(often({events(): 4, events("podcast"): 1, events("site"): 2}), min_size=6, max_size=14))
    things = st.sampled_from(["users", "users", "users", *ATTRIBUTES])
    records = draw(st.lists(things.flatmap(changes), min_size=8, max_size=16))
    rows = draw(st.lists(members(), min_size=3, max_size=6))
    extract = st.lists(st.sampled_from([*rows, Member("")]), max_size=4, unique=True).map(tuple)
    full = st.builds(
        Day,
        events=st.lists(st.sampled_from(pool), min_size=2, max_size=6, unique=True).map(tuple),
        changes=st.lists(st.sampled_from(records), min_size=1, max_size=4, unique=True).map(tuple),
        synthetic=st.sampled_from(["nothing", "nothing", "nothing", "whole", "half"]),
        members=often({st.none(): 1, extract: 1}),
    )
    contents = often({full: 6, st.just(Day()): 1})
    days = draw(st.lists(contents, min_size=3, max_size=8))
    company = Company(tuple(days), seed=draw(st.integers(1, 5)))
    numbers = st.integers(1, len(days))
    some = st.lists(numbers, max_size=3).map(tuple)
    landing = st.builds(Land, numbers, contents)
    staging = st.sampled_from([Stage, Publish, Reject, Load, LoadRange])
    staging = staging.flatmap(lambda step: some.map(lambda days: step(*days)))
    small = often({landing: 2, staging: 1})
    models = (*CORE, *sorted(draw(st.lists(st.sampled_from(UPON), min_size=TABLES, max_size=TABLES, unique=True))))
    first, later = _split(draw(st.permutations(company.numbers)), draw(st.integers(1, len(days) - 1)))
    steps: list[object] = [draw(often({st.just(Build(first)): 5, builds(st.just(first), small, models): 1}))]
    for days_to_load in _split(later, draw(st.integers(0, len(later)))):
        lands = draw(st.lists(landing, min_size=1, max_size=2, unique_by=lambda step: step.number))
        load = (*(step.number for step in lands), *days_to_load)
        steps += [*lands, *draw(st.lists(staging, max_size=1)), draw(builds(st.just(load), small, models))]
    return Script(company, tuple(steps + draw(st.lists(landing, max_size=1))), models)


def _split(numbers: Sequence[int], at: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return tuple(numbers[:at]), tuple(numbers[at:])


def builds(
    load: st.SearchStrategy[tuple[int, ...]], small: st.SearchStrategy, of: Sequence[str]
) -> st.SearchStrategy[Build]:
    """Most go through; some fail on their way, after some models `of` the script, and something happens meanwhile."""
    models = st.lists(st.sampled_from(of), min_size=1, max_size=3, unique=True).map(tuple)
    whole = st.builds(Build, load)
    failed = st.builds(Build, load, first=models, is_released=st.just(True))
    disturbed = st.builds(Build, load, first=models, meanwhile=st.lists(small, max_size=3).map(tuple))
    by_hand = st.builds(
        Build, load, first=st.one_of(st.just(()), models), is_full=st.booleans(), is_claimed=st.booleans()
    )
    return often({whole: 5, failed: 2, disturbed: 2, by_hand: 1})
