"""Hypothesis strategies: small messy companies, and any script of loads and builds over their days."""

from hypothesis import strategies as st

from tests.dbt.runner import PROJECT
from tests.proof.company import ATTRIBUTES, SYNTHETIC_USER, Change, Company, Day, Event
from tests.proof.world import Build, Land, Load, Publish, Reject, Script, Stage

# What a build may have got to when it fails, or when a day is published: the layers that keep something.
LAYERS = ("work", "core", "summaries", "marts")
MODELS = sorted(path.stem for layer in LAYERS for path in (PROJECT / "models" / layer).glob("*.sql"))
ACTORS = ["u_1", "u_2", "a_1", "u_1+a_1", SYNTHETIC_USER]
IDS = {
    "users": ["u_1", "u_2", SYNTHETIC_USER],
    "products": ["p_1"],
    "content": ["c_1", "c_2"],
    "creators": ["cr_1"],
}
# Late by up to five weeks, beyond every window; a Monday is day 1, and so the week before ends with day 0.
MOMENTS = st.builds(
    "{} {}".format,
    st.sampled_from([1, 1, 1, 2, 2, 3, 4, 0, -1, -6, -27, -28, -29, -35]),
    # Half an hour apart is one session, more is not; and around midnight.
    st.sampled_from(
        ["12:00", "12:30", "12:31", "13:00", "13:01", "23:20", "23:45", "23:59", "00:00", "00:10", "00:29"]
    ),
)


def events(source: str = "app") -> st.SearchStrategy[Event]:
    return st.builds(
        Event,
        event_id=st.sampled_from(["e1", "e2", "e3", "e4", "e5", "e6"]),
        actor=st.sampled_from(ACTORS),
        at=MOMENTS,
        kind=st.sampled_from(["page_view", "content_start", "content_complete", "purchase", "like"]),
        content=st.sampled_from(["", "c_1", "c_2"]),
        product=st.sampled_from(["", "p_1"]),
        platform=st.sampled_from(["web", "iOS"]),
        bot=st.sampled_from([False, False, False, True]),
        times=st.sampled_from([1, 1, 1, 1, 1, 3, 49, 60]),
        source=st.just(source),
    )


def changes(thing: str) -> st.SearchStrategy[Change]:
    return st.builds(
        Change,
        thing=st.just(thing),
        id=st.sampled_from(IDS[thing]),
        at=MOMENTS,
        value=st.sampled_from([0, 1, 2, 3, None]),
        source=st.sampled_from(["app", "app", "app", "podcast"]) if thing == "users" else st.just("app"),
    )


@st.composite
def scripts(draw: st.DrawFn) -> Script:
    """Every day takes its events and changes out of one small pool: what lands twice, moves or vanishes is frequent."""
    pool = draw(st.lists(st.one_of(events(), events(), events(), events("podcast")), min_size=1, max_size=8))
    records = draw(st.lists(st.sampled_from(["users", "users", *ATTRIBUTES]).flatmap(changes), max_size=6))
    contents = st.builds(
        Day,
        events=st.lists(st.sampled_from(pool), max_size=6).map(tuple),
        changes=(st.lists(st.sampled_from(records), max_size=4) if records else st.just([])).map(tuple),
        synthetic=st.sampled_from(["nothing", "nothing", "whole", "half"]),
    )
    days = draw(st.lists(contents, min_size=2, max_size=6))
    company = Company(tuple(days), seed=draw(st.integers(1, 5)))
    numbers = st.integers(1, len(days))
    some_days = st.lists(numbers, min_size=1, max_size=4)
    small = st.one_of(
        st.builds(Land, numbers, contents),
        some_days.map(lambda chosen: Load(*chosen)),
        some_days.map(lambda chosen: Stage(*chosen)),
        some_days.map(lambda chosen: Publish(*chosen)),
        some_days.map(lambda chosen: Reject(*chosen)),
    )
    steps = []
    for _ in range(draw(st.integers(1, 3))):
        before = draw(st.lists(small, max_size=2))
        landed = tuple(step.number for step in before if isinstance(step, Land))
        steps += [*before, draw(builds(some_days.map(lambda chosen, landed=landed: landed + tuple(chosen)), small))]
    return Script(company, tuple(steps))


def builds(load: st.SearchStrategy[tuple[int, ...]], small: st.SearchStrategy) -> st.SearchStrategy[Build]:
    """Most go through; some fail on their way, and to some something happens on their way."""
    models = st.lists(st.sampled_from(MODELS), min_size=1, max_size=3, unique=True).map(tuple)
    whole = st.builds(Build, load)
    failed = st.builds(Build, load, first=models, is_released=st.just(True))
    disturbed = st.builds(Build, load, first=models, meanwhile=st.lists(small, max_size=3).map(tuple))
    by_hand = st.builds(
        Build, load, first=st.one_of(st.just(()), models), is_full=st.booleans(), is_claimed=st.booleans()
    )
    return st.one_of(whole, whole, failed, failed, disturbed, by_hand)
