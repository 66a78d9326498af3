"""Funnels of random people, each by the macro and by trying out every run; definitions that make no sense."""

import datetime
import random
from collections import defaultdict

import pytest

from tests.cases.runner import SOURCE, contract_of_cases
from tests.dbt.conftest import empty
from tests.dbt.helpers import Company, at, event
from tests.dbt.runner import Dbt, DbtError
from tests.marts.outside.funnels import Event, Funnel, best, runs
from tests.scratch import project_with

MODELS = ("+funnels", "+paths")

MINUTE = datetime.timedelta(minutes=1)
START = datetime.datetime.fromisoformat(at(3, "22:00"))


def named(*names: str):
    return lambda one: one.name in names


# By name: the parameters of the macro, and the same funnel for the second computation.
FUNNELS = {
    "ordered": ("steps=['a', 'b', 'c']", Funnel([named("a"), named("b"), named("c")], 60 * MINUTE)),
    "repeated": (
        "steps=['a', 'b', 'a', {'event': ['a', 'c'], 'name': 'a or c'}]",
        Funnel([named("a"), named("b"), named("a"), named("a", "c")], 60 * MINUTE),
    ),
    "strict": (
        "steps=['a', 'b', 'c'], order='strict'",
        Funnel([named("a"), named("b"), named("c")], 60 * MINUTE, "strict"),
    ),
    "strict_repeated": (
        "steps=['a', 'a', 'b'], order='strict'",
        Funnel([named("a"), named("a"), named("b")], 60 * MINUTE, "strict"),
    ),
    "unordered": (
        "steps=['a', 'b', 'c', 'a'], order='unordered'",
        Funnel([named("a"), named("b"), named("c"), named("a")], 60 * MINUTE, "unordered"),
    ),
    "unordered_excluded": (
        "steps=['a', 'b', 'c'], order='unordered', exclusions=['x']",
        Funnel([named("a"), named("b"), named("c")], 60 * MINUTE, "unordered", [(named("x"), 0, 2)]),
    ),
    "excluded": (
        "steps=['a', 'b', 'c'], exclusions=['x']",
        Funnel([named("a"), named("b"), named("c")], 60 * MINUTE, "ordered", [(named("x"), 0, 2)]),
    ),
    "excluded_between": (
        "steps=['a', 'b', 'c', 'a'],"
        " exclusions=[{'event': 'x', 'from': 1, 'to': 2}, {'event': 'y', 'from': 0, 'to': 2}]",
        Funnel(
            [named("a"), named("b"), named("c"), named("a")],
            60 * MINUTE,
            "ordered",
            [(named("x"), 1, 2), (named("y"), 0, 2)],
        ),
    ),
}


@pytest.fixture(scope="module")
def built(warehouse, postgres_server, tmp_path_factory) -> tuple[Company, list[Event]]:
    """300 people who do few things at few moments, around two midnights; built in two halves that overlap in time."""
    folder = tmp_path_factory.mktemp("funnels")
    models = {}
    for name, (parameters, _) in FUNNELS.items():
        models[f"{name}_runs"] = f"{{{{ funnel({parameters}, window='60 minutes') }}}}"
    union = " union all ".join(f"select * from {{{{ ref('{name}_runs') }}}}" for name in FUNNELS)
    project = project_with(folder / "project", models, views={"all_runs": union})
    empty(warehouse, postgres_server)
    company = Company(warehouse, folder / "landing", Dbt(warehouse, folder, project=project))
    dice = random.Random(7)
    happened, landed = [], defaultdict(list)
    for number in range(300):
        for _ in range(dice.randrange(2, 11)):
            # Steps of 10 minutes: often at the same moment, or exactly as long apart as the window is.
            moment = START + 10 * dice.randrange(0, 30) * MINUTE + dice.choice([0, 0, 0, 1]) * 24 * 60 * MINUTE
            one = Event(f"user:u_{number}", dice.choice("aaabbbccxyz"), moment, f"e{len(happened):05}")
            happened.append(one)
            landed[dice.randrange(6, 8)].append(
                {"event_id": one.number, "event": one.name, "time": one.at.isoformat(), "user_id": f"u_{number}"}
            )
    company.contracts = [contract_of_cases(folder)]
    for day, lines in landed.items():
        company.land_from(SOURCE, day, lines)
    for day in (7, 6):
        company.build(day, only="all_runs")
    yield company, happened
    company.close()


@pytest.mark.parametrize("name", FUNNELS)
def test_runs_are_those_that_trying_out_finds(built, name: str):
    company, happened = built
    funnel = FUNNELS[name][1]
    expected = {}
    for person, tried in runs(happened, funnel).items():
        for date in {run.made_of[0].at.date() for run in tried}:
            run = best([run for run in tried if run.made_of[0].at.date() == date], funnel.order)
            expected[person, date] = (run.made_of[0].at, run.is_excluded, run.seconds)
    assert len(expected) > 200 and {len(seconds) for _, _, seconds in expected.values()} == set(
        range(1, len(funnel.steps) + 1)
    )
    found = company.query(
        "select person_id, entry_date, entered_at, is_excluded, step_seconds from marts.all_runs"
        f" where funnel = '{name}_runs' and breakdown = 'all'"
    )
    assert {(person, date): tuple(rest) for person, date, *rest in found} == expected


def test_who_counts_where(company: Company):
    """u_1 looks on two days and buys a minute after the window; u_2 turns out to be the visitor v_2."""
    shop = ["product_view", "cart_add", "checkout_start", "purchase"]
    company.land(
        10,
        [
            event("e1", at(1), "u_1", shop[0], country="DE"),
            event("e2", at(2), "u_1", shop[0], country="FR"),
            event("e3", at(2, "12:10"), "u_1", shop[1], country="FR"),
            event("e4", at(9), "u_1", shop[2], country="FR"),
            event("e5", at(9, "12:01"), "u_1", shop[3], country="FR"),  # a minute after the window
            event("v1", at(3), None, shop[0], anonymous_id="v_2"),
            event("bot", at(3), "u_3", shop[0], user_agent="Googlebot/2.1"),
        ],
    )
    company.land(11, [event("v2", at(3, "13:00"), "u_2", shop[1]), event("v3", at(2, "12:00"), "u_1", shop[1])])
    company.land(12, [event("v4", at(4), "u_2", "login", anonymous_id="v_2")])
    company.build(11)
    company.build(10)
    week = (
        "select breakdown_value, array_agg(people order by step) from reporting.funnels"
        " where funnel = 'shop' and period = 'week' and breakdown in ('all', 'country') and period_start = '2026-03-02'"
        " group by breakdown_value order by 1"
    )
    # Days 1 to 7 are the week; whoever did the later steps after it counts in it. v_2 is not yet u_2.
    assert company.query(week) == [
        ("DE", [1, 1, 0, 0]),
        ("FR", [1, 1, 1, 0]),
        ("all", [2, 1, 1, 0]),
        ("unknown", [1, 0, 0, 0]),
    ]
    company.build(12)
    assert company.query(week)[2:] == [("all", [2, 2, 1, 0]), ("unknown", [1, 1, 0, 0])]
    times = (
        "select period, people, median_seconds_from_first, mean_seconds_from_previous, people_lost, is_complete"
        " from reporting.funnels where funnel = 'shop' and breakdown = 'all' and step = 2"
        " and period_start in ('2026-03-02', '2026-03-03') order by period, period_start"
    )
    # The quickest of u_1's runs that got as far is that of day 2: it began with the view at the moment of the cart.
    assert company.query(times) == [
        ("all", 2, 1800, 1800, 0, False),
        ("day", 1, 86400, 86400, 0, True),
        ("day", 1, 0, 0, 0, True),
        ("week", 2, 1800, 1800, 0, False),
    ]
    assert company.differences() == {}


WRONG = {
    "steps=[]": "it has no steps",
    "steps=['a', {'where': ''}]": "step 1: it names no event",
    "steps=['a', {'evnt': 'b'}]": "step 1: it has a key evnt",
    "steps=['a', 'b'], order='any'": "order='any'. Remedy: one of ordered, strict, unordered",
    "steps=['a', 'b'], window='-1 days'": "window='-1 days'",
    "steps=['a', 'b'], window='0 days'": "window='0 days'",
    "steps=['a', 'b'], window='1 month'": "window='1 month'",
    "steps=['a', 'b'], exclusions=[{'event': 'x', 'from': 1, 'to': 1}]": "from step 1 to step 1",
    "steps=['a', 'b'], exclusions=[{'event': 'x', 'to': 2}]": "the last step is 1",
    "steps=['a', 'b', 'c'], order='unordered', exclusions=[{'event': 'x', 'to': 1}]": "the steps have no order",
    "steps=['a', 'b'], breakdown='all'": "a breakdown is called all",
    "steps=['a', 'b'], attribution=2": "attribution=2",
    "steps=['a', 'b'], order='unordered', attribution='last'": "the steps have no order",
    "steps=['a', 'b'], name='my funnel'": "this is no name",
}


@pytest.mark.parametrize("parameters", WRONG)
def test_a_definition_that_makes_no_sense_is_told_by_name(warehouse, tmp_path, parameters: str):
    # Of the project's own models none is needed to find the mistake, and parsing them takes ten times as long.
    project = project_with(tmp_path / "project", {"mine": f"{{{{ funnel({parameters}) }}}}"}, alone=True)
    with pytest.raises(DbtError) as error:
        _ = Dbt(warehouse, tmp_path, project=project).manifest
    assert WRONG[parameters] in str(error.value) and "Funnel m" in str(error.value)
