"""Every panel for the company's people, as Grafana asks it, for several ranges and everything that can be chosen."""

import json
import time
from datetime import timedelta

import pytest

from dashboards.grafana.__main__ import HERE
from tests.dashboards import grafana
from tests.marts.outside.engagement import user_at

RANGES = {
    "a week": grafana.Range.of("2026-04-24 13:00", "2026-05-01 13:00"),
    "the quarter": grafana.Range.of("2026-01-25", "2026-05-03"),
    "a year": grafana.Range.of("2025-06-01", "2026-06-01"),
}
BEFORE = grafana.Range.of("2020-06-01", "2020-09-01")
DOCUMENTS = {path.stem: json.loads(path.read_text()) for path in sorted((HERE / "dashboards").glob("*.json"))}
PANELS = {
    f"{name}: {panel['title']}": (name, panel)
    for name, document in DOCUMENTS.items()
    for panel in grafana.panels(document)
    if name != "operations"
}
# Over all dates, as these panels say.
WITHOUT_RANGE = {
    "content: Creators, over all dates", "content: Pieces, over all dates", "sales: Bought together",
    "content: Interests by $interest", "content: What people care for most",
    "funnels: How long people take until they use $feature",
} | {title for title in PANELS if title.startswith("experiments: ")}  # fmt: skip
FASTEST = 0.1  # seconds, at the size of this company
ODD = ["o'brien", 'the "best"', "'; select 1; --"]


@pytest.fixture(scope="module")
def ask(world):
    """Runs SQL as the reader: (columns, rows, seconds)."""
    connection = world.warehouse.connect("reader")
    connection.autocommit = True

    def asked(sql: str) -> tuple[list[str], list[tuple], float]:
        with connection.cursor() as cursor:
            begun = time.perf_counter()
            cursor.execute(sql)
            found = cursor.fetchall()
            return [column.name for column in cursor.description], found, time.perf_counter() - begun

    yield asked
    connection.close()


@pytest.fixture(scope="module")
def choices(ask) -> dict[str, dict[str, list]]:
    """What can be chosen on each dashboard, by variable: one by one, two at a time, and all; the default first."""
    found: dict[str, dict[str, list]] = {}
    for name, document in DOCUMENTS.items():
        for variable in document["templating"]["list"]:
            if variable["type"] == "textbox":
                values = [variable["query"]]
            elif variable["type"] == "custom":
                values = variable["query"].split(",")
            else:
                values = sorted(row[0] for row in ask(variable["query"])[1])
                assert values, f"{name}: nothing to choose for {variable['name']}"
            if variable["includeAll"]:
                values = [grafana.ALL, *values]
            if variable["multi"]:
                values = [[one] for one in values] + [values[1:3]]
            found.setdefault(name, {})[variable["name"]] = values
    return found


def expanded(name: str, panel: dict, during: grafana.Range, chosen: dict, choices) -> str:
    defaults = {variable: values[0] for variable, values in choices.get(name, {}).items()}
    variables = DOCUMENTS[name]["templating"]["list"]
    return grafana.expanded(panel["targets"][0]["rawSql"], during, variables, {**defaults, **chosen})


@pytest.mark.parametrize("during", RANGES)
@pytest.mark.parametrize("title", PANELS)
def test_a_panel_fits_and_is_quick(title, during, ask, choices):
    name, panel = PANELS[title]
    sql = expanded(name, panel, RANGES[during], {}, choices)
    columns, found, seconds = ask(sql)
    assert list(grafana.shape_problems(panel, columns, found)) == []
    assert found or during == "a week", "nothing to see"
    for _ in range(20):  # the machine has other work, too
        if seconds < FASTEST:
            break
        time.sleep(0.2)
        seconds = min(seconds, ask(sql)[2])
    assert seconds < FASTEST


@pytest.mark.parametrize("title", PANELS)
def test_a_panel_takes_whatever_can_be_chosen(title, ask, choices):
    """One variable after the other; each value gives rows somewhere, and what nobody sent gives none, but no error."""
    name, panel = PANELS[title]
    variables = {variable["name"]: variable for variable in DOCUMENTS[name]["templating"]["list"]}
    for variable, values in choices.get(name, {}).items():
        if f"${variable}" not in panel["targets"][0]["rawSql"]:
            continue
        seen = 0
        for value in values:
            columns, found, _ = ask(expanded(name, panel, RANGES["a year"], {variable: value}, choices))
            assert list(grafana.shape_problems(panel, columns, found)) == [], value
            seen += bool(found)
        assert seen >= len(values) / 2, variable
        for odd in ODD if variables[variable]["type"] == "query" else ():
            sent = [odd] if variables[variable]["multi"] else odd
            assert ask(expanded(name, panel, RANGES["a year"], {variable: sent}, choices))[1] == []


@pytest.mark.parametrize("title", sorted(set(PANELS) - WITHOUT_RANGE))
def test_a_panel_without_data_has_no_row(title, ask, choices):
    """Grafana then says `no data`; a row of nulls would look like a number that is missing."""
    name, panel = PANELS[title]
    assert ask(expanded(name, panel, BEFORE, {}, choices))[1] == []


def people(world, chosen) -> dict:
    found = world.landed.activity
    found = found[[chosen(event) for event in found.itertuples()]]
    return found.groupby("date").person.nunique().to_dict()


def active(ask, choices, chosen: dict) -> dict:
    _, panel = PANELS["overview: Newest day"]
    _, found, _ = ask(expanded("overview", panel, RANGES["a year"], chosen, choices))
    return {row[0].date(): row[1] for row in found if row[1]}


def test_active_people_of_all(ask, choices, world):
    assert active(ask, choices, {}) == people(world, lambda event: True)


def test_active_people_of_a_platform(ask, choices, world):
    assert active(ask, choices, {"platform": "ios"}) == people(world, lambda event: event.platform == "ios")


@pytest.mark.parametrize("platform", [grafana.ALL, "web"])
def test_active_people_of_a_country(ask, choices, world, platform):
    def country(event) -> str | None:
        return (user_at(world.landed, event).get("country") or event.country or "").upper()

    expected = people(world, lambda event: country(event) == "DE" and platform in (grafana.ALL, event.platform))
    assert expected and active(ask, choices, {"country": "DE", "platform": platform}) == expected


def test_three_slices_at_a_time_are_none(ask, choices):
    assert active(ask, choices, {"country": "DE", "platform": "ios", "plan": "free"}) == {}


def test_net_sales_are_the_sum_of_their_days(ask, choices):
    _, panel = PANELS["overview: Net sales by week, $currency"]
    _, weeks, _ = ask(expanded("overview", panel, RANGES["a year"], {}, choices))
    ((days,),) = ask(
        "select sum(net_amount) from reporting.sales where period = 'day' and slice = 'reporting'"
    )[1]  # fmt: skip
    assert sum(row[1] for row in weeks) == days != 0


def test_back_on_day_seven(ask, choices, world):
    """Of those who signed up, by channel, counted again one by one."""
    _, panel = PANELS["lifecycle: Back on day 1, 7 and 30, by $breakdown"]
    columns, found, _ = ask(expanded("lifecycle", panel, RANGES["a year"], {"breakdown": "all"}, choices))
    (row,) = found
    landed = world.landed
    last, dates = max(landed.dates), landed.activity.groupby("person").date.agg(set)
    signed_up = landed.people[landed.people.event_type == "sign_up"].groupby("person").date.min()
    expected = []
    for number in (1, 7, 30):
        known = {person: date for person, date in signed_up.items() if (last - date).days >= number}
        back = sum((date + timedelta(days=number)) in dates.get(person, ()) for person, date in known.items())
        expected.append(back / len(known))
    assert row[columns.index("sign-ups")] == len(signed_up)
    assert [float(row[columns.index(f"day {number}")]) for number in (1, 7, 30)] == pytest.approx(expected)


def first_dates(world) -> dict:
    return world.landed.activity.groupby("person").date.min().to_dict()


def test_back_in_brackets_of_days(ask, choices, world):
    """Of those who came, counted again one by one."""
    _, panel = PANELS["lifecycle: In brackets of days"]
    columns, found, _ = ask(expanded("lifecycle", panel, RANGES["a year"], {"breakdown": "all"}, choices))
    (row,) = found
    landed = world.landed
    last, dates = max(landed.dates), landed.activity.groupby("person").date.agg(set)
    came = first_dates(world)
    assert row[columns.index("people")] == len(came)
    brackets = {"day 1": (1, 1), "days 2 to 7": (2, 7), "days 8 to 14": (8, 14), "days 15 to 30": (15, 30)}
    for name, (begin, end) in brackets.items():
        known = {person: date for person, date in came.items() if (last - date).days >= end}
        back = sum(
            any(date + timedelta(days=number) in dates[person] for number in range(begin, end + 1))
            for person, date in known.items()
        )
        assert float(row[columns.index(name)]) == pytest.approx(back / len(known)), name


def test_people_by_dimension_are_all_people(ask, choices, world):
    _, panel = PANELS["lifecycle: In the $period after, the one after that, or ever"]
    for breakdown in choices["lifecycle"]["breakdown"]:
        chosen = {"breakdown": breakdown, "period": "day"}
        columns, found, _ = ask(expanded("lifecycle", panel, RANGES["a year"], chosen, choices))
        assert sum(row[columns.index("people")] for row in found) == len(first_dates(world)), breakdown


def test_segments_add_up_to_the_active_people(ask, choices, world):
    _, panel = PANELS["lifecycle: Active on the day, by segment of the week before"]
    _, found, _ = ask(expanded("lifecycle", panel, RANGES["a year"], {}, choices))
    sums: dict = {}
    for moment, _, people_of_segment in found:
        sums[moment.date()] = sums.get(moment.date(), 0) + people_of_segment
    assert {date: count for date, count in sums.items() if count} == people(world, lambda event: True)
