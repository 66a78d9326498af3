"""Full extracts: what changed, vanished and came back follows from the extracts of neighbouring days, in any order."""

import csv
import random
import shutil
from collections.abc import Sequence

import pytest
from upath import UPath

from ingestion import service
from tests.dbt.helpers import Company, at, day, user

MODELS = ("+dim_user", "+dim_user_personal", "+dim_content", "+dim_creator")

MEMBERS = """
    select user_id, country, valid_from::text, valid_to::text
    from core.dim_user
    where user_id is not null
    order by user_id, valid_from
"""
CHANGES = """
    select thing_id, op, load_date::text, changed_at::text
    from intake.extract_changes
    where thing = 'user'
    order by load_date, thing_id
"""
TIME = "{:%Y-%m-%d %H:%M:%S}+00"
Row = dict[str, str]


def midnight(number: int) -> str:
    return f"{day(number)} 00:00:00+00"


def row(member: str, country: str = "DE", updated_at: str = "", state: str = "active", email: str = "") -> Row:
    return {"id": member, "updated_at": updated_at, "state": state, "country": country, "email": email}


def land(company: Company, number: int, rows: Sequence[Row] | None, kind: str = "members") -> None:
    """Write an extract of a day anew; None: there is none. A row with a blank id is held back."""
    folder = company.landing / "forum" / str(day(number))
    if rows is None:
        shutil.rmtree(folder, ignore_errors=True)
        return
    folder.mkdir(parents=True, exist_ok=True)
    columns = ["id", "title"] if kind == "posts" else list(row(""))
    with (folder / f"{kind}.csv").open("w", newline="") as lines:
        writer = csv.DictWriter(lines, columns)
        writer.writeheader()
        writer.writerows(rows)


def build(company: Company, *numbers: int) -> None:
    """As `Company.build`, where lines may be held back."""
    for number in numbers:
        service.load_day(company.connection, UPath(company.landing), day(number), contracts=company.contracts)
        service.publish_day(company.connection, day(number))
    company.build()


TORN = row("")  # a line that is held back


def told(extracts: dict[int, list[Row] | None]) -> dict[str, list[tuple[str, str, str, str]]]:
    """What the docs' rules make of some extracts, walked through day by day: (moment, op, country, email) by member."""
    found: dict[str, list[tuple[str, str, str, str]]] = {}
    there: dict[str, tuple[str, str, str]] = {}
    for number, rows in sorted(extracts.items()):
        if rows is None:
            continue
        moment = f"{day(number)}T00:00:00Z"
        best: dict[str, tuple[str, tuple[str, str, str]]] = {}
        for line in rows:
            time = line["updated_at"] or moment
            op = {"active": "upsert", "removed": "delete"}[line["state"]]
            if line["id"] and (line["id"] not in best or time > best[line["id"]][0]):
                best[line["id"]] = time, (op, line["country"], line["email"])
        changed = {member: said for member, said in best.items() if there.get(member) != said[1]}
        if all(line["id"] for line in rows):
            changed |= dict.fromkeys(there.keys() - best.keys(), (moment, ("delete", "", "")))
            there = {}
        there |= {member: values for member, (_, values) in best.items()}
        for member, (time, values) in changed.items():
            before = found.setdefault(member, [])
            is_its_own = (not before or time > before[-1][0]) and time < f"{day(number + 1)}T00:00:00Z"
            before.append((time if is_its_own else moment, *values))
    return found


def versions(extracts: dict[int, list[Row] | None]) -> list[tuple[str, str, str, str]]:
    """The versions that `told` makes, as `MEMBERS` gives them."""
    found = []
    for member, changes in told(extracts).items():
        is_first, opened = True, None
        for time, op, country, _ in changes:
            time = time.replace("T", " ").replace("Z", "+00")
            if opened and (op == "delete" or country != opened[1]):
                found.append((*opened, time))
                opened = None
            if op == "upsert" and opened is None:
                opened = (member, country, "-infinity" if is_first else time)
            is_first = False
        if opened:
            found.append((*opened, "infinity"))
    return sorted(found, key=lambda version: (version[0], version[2] != "-infinity", version[2]))


def personal(extracts: dict[int, list[Row] | None]) -> list[tuple[str, str, str]]:
    """Who is there, with the e-mail address and since when it is known."""
    last = {member: changes[-1] for member, changes in told(extracts).items()}
    return sorted(
        (member, email or None, time.replace("T", " ").replace("Z", "+00"))
        for member, (time, op, _, email) in last.items()
        if op == "upsert"
    )


@pytest.fixture
def forum(company: Company) -> Company:
    """Days of which nothing else landed."""
    for number in range(1, 8):
        company.land(number)
    return company


def test_what_is_new_changed_gone_and_back(forum: Company):
    land(forum, 1, [row("m1", "DE"), row("m2", "FR"), row("m3", "AT")])
    land(forum, 2, [row("m1", "CH"), row("m2", "FR"), row("m4", "IT")])
    land(forum, 3, [row("m1", "CH"), row("m2", "FR", state="removed"), row("m3", "AT"), row("m4", "IT")])
    build(forum, 1, 2, 3)
    assert forum.query(MEMBERS) == [
        ("m1", "DE", "-infinity", midnight(2)),
        ("m1", "CH", midnight(2), "infinity"),
        ("m2", "FR", "-infinity", midnight(3)),
        ("m3", "AT", "-infinity", midnight(2)),
        ("m3", "AT", midnight(3), "infinity"),
        ("m4", "IT", "-infinity", "infinity"),
    ]
    # Nothing is kept of what stayed as it was.
    assert [(thing, op, date) for thing, op, date, _ in forum.query(CHANGES)] == [
        ("m1", "upsert", str(day(1))),
        ("m2", "upsert", str(day(1))),
        ("m3", "upsert", str(day(1))),
        ("m1", "upsert", str(day(2))),
        ("m3", "delete", str(day(2))),
        ("m4", "upsert", str(day(2))),
        ("m2", "delete", str(day(3))),
        ("m3", "upsert", str(day(3))),
    ]
    assert forum.differences() == {}


def test_a_kind_that_is_derived_from_an_extract_is_one(forum: Company):
    """Members are creators, too."""
    authors = "select creator_id, creator_name, is_deleted from core.dim_creator order by 1"
    land(forum, 1, [row("m1", email="Ada"), row("m2", email="Bea"), row("m3", email="Cleo")])
    land(forum, 2, [row("m1", email="Ada"), row("m3", email="Cleo")])
    build(forum, 2, 1)
    assert forum.query(authors) == [("m1", "Ada", False), ("m2", "Bea", True), ("m3", "Cleo", False)]
    assert forum.query("select count(*) from intake.extract_changes where thing = 'creator'") == [(4,)]
    land(forum, 3, [row("m1", email="Ada"), TORN])
    build(forum, 3)
    assert forum.query(authors) == [("m1", "Ada", False), ("m2", "Bea", True), ("m3", "Cleo", False)]
    assert forum.differences() == {}


def test_kinds_of_files_are_compared_apart(forum: Company):
    """Posts are no members, and a feed of the same users is no extract."""
    land(forum, 1, [{"id": "p1", "title": "First"}, {"id": "p2", "title": "Second"}], kind="posts")
    land(forum, 1, [row("m1"), row("u_1", "FR")])
    land(forum, 2, [row("m1")])
    land(forum, 3, [{"id": "p2", "title": "Other"}], kind="posts")
    forum.land(2, users=[user("u_1", at(2), "AT"), user("u_2", at(2), "CH")])
    build(forum, 3)
    build(forum, 1, 2)
    assert forum.query(
        "select content_id, content_type, title, valid_from::text, valid_to::text"
        " from core.dim_content where content_id is not null order by content_id, valid_from"
    ) == [
        ("p1", "post", "First", "-infinity", midnight(3)),
        ("p2", "post", "Second", "-infinity", midnight(3)),
        ("p2", "post", "Other", midnight(3), "infinity"),
    ]
    assert forum.query(MEMBERS) == [
        ("m1", "DE", "-infinity", "infinity"),
        ("u_1", "FR", "-infinity", midnight(2)),
        ("u_1", "AT", "2026-03-03 12:00:00+00", "infinity"),
        ("u_2", "CH", "-infinity", "infinity"),
    ]
    assert forum.differences() == {}


# By name: the extracts of the first days, and the changes of which member m1 they tell; a delete has no country.
CASES = {
    "the same values with another time": (
        [[row("m1", updated_at=at(-3))], [row("m1", updated_at=at(1))]],
        [(f"{at(-3)}", "DE")],
    ),
    "a time of its own": (
        [[row("m1")], [row("m1", "FR", updated_at=at(1, "18:00"))]],
        [(f"{day(1)}T00:00:00Z", "DE"), (at(1, "18:00"), "FR")],
    ),
    "other values with the same time": (
        [[row("m1", updated_at=at(-3))], [row("m1", "FR", updated_at=at(-3))]],
        [(at(-3), "DE"), (f"{day(2)}T00:00:00Z", "FR")],
    ),
    "a time that rises, but not above that of the change before": (
        [
            [row("m1", updated_at=at(-3))],
            [row("m1", "FR", updated_at=at(-3))],
            [row("m1", "AT", updated_at=at(1))],
            [row("m1", "CH", updated_at=at(2))],
        ],
        [
            (at(-3), "DE"),
            *((f"{day(number)}T00:00:00Z", country) for number, country in ((2, "FR"), (3, "AT"), (4, "CH"))),
        ],
    ),
    "a time after the load day": (
        [[row("m1", updated_at=at(2, "00:00"))], []],
        [(f"{day(1)}T00:00:00Z", "DE"), (f"{day(2)}T00:00:00Z", None)],
    ),
    "back with the time that it had": (
        [[row("m1", updated_at=at(-3))], [], [row("m1", updated_at=at(-3))]],
        [(at(-3), "DE"), (f"{day(2)}T00:00:00Z", None), (f"{day(3)}T00:00:00Z", "DE")],
    ),
    "removed, and then gone": (
        [[row("m1")], [row("m1", state="removed")], []],
        [(f"{day(1)}T00:00:00Z", "DE"), (f"{day(2)}T00:00:00Z", None), (f"{day(3)}T00:00:00Z", None)],
    ),
    "an extract with a line held back deletes nothing": (
        [[row("m1")], [TORN, row("m2")], [row("m2")]],
        [(f"{day(1)}T00:00:00Z", "DE"), (f"{day(3)}T00:00:00Z", None)],
    ),
    "not in an extract with a line held back, and then the same": (
        [[row("m1")], [TORN], [row("m1"), TORN], [row("m1")]],
        [(f"{day(1)}T00:00:00Z", "DE")],
    ),
    "not in an extract with a line held back, and then other": (
        [[row("m1")], [TORN], [row("m1", "FR"), TORN]],
        [(f"{day(1)}T00:00:00Z", "DE"), (f"{day(3)}T00:00:00Z", "FR")],
    ),
    "known from an extract with a line held back, and then gone": (
        [[TORN, row("m1")], [TORN], []],
        [(f"{day(1)}T00:00:00Z", "DE"), (f"{day(3)}T00:00:00Z", None)],
    ),
    "no extract says nothing": ([[row("m1")], None, [row("m1")]], [(f"{day(1)}T00:00:00Z", "DE")]),
    "twice in an extract": (
        [[row("m1", "DE", at(-3)), row("m1", "FR", at(-2)), row("m1", "AT", at(-2, "12:00"))]],
        [(at(-2), "FR")],
    ),
}


def test_each_case_is_as_the_docs_say():
    """The walk through the days that the next tests compare with, by hand."""
    for name, (extracts, changes) in CASES.items():
        days = dict(enumerate(extracts, 1))
        found = [(time, None if op == "delete" else country) for time, op, country, _ in told(days)["m1"]]
        assert found == changes, name


@pytest.mark.parametrize("order", [1, -1], ids=["forwards", "backwards"])
def test_each_case_in_the_warehouse(forum: Company, order: int):
    """All cases in one forum, each with members of its own. An extract is whole or not, and there or not, for all."""
    days: dict[int, list[Row] | None] = {}
    for number in range(1, 5):
        held_back = [TORN] if number in (2, 3) else []
        days[number] = held_back + [
            {**line, "id": f"{line['id']} {name}"}
            for name, (extracts, _) in CASES.items()
            for line in (extracts[number - 1] if len(extracts) >= number else []) or []
            if line["id"]
        ]
        land(forum, number, days[number])
    for number in sorted(days)[::order]:
        build(forum, number)
    assert forum.query(MEMBERS) == versions(days)
    assert forum.differences() == {}


@pytest.mark.parametrize("seed", range(3))
def test_any_order_of_extracts(forum: Company, seed: int):
    chance = random.Random(seed)  # noqa: S311
    numbers = list(range(1, 7))

    def extract(number: int) -> list[Row] | None:
        if chance.random() < 0.1:
            return None
        rows = [
            row(
                member,
                chance.choice(["DE", "FR"]),
                chance.choice(["", "", at(-3), at(min(number, 2), "18:00"), at(min(number + 1, 4), "06:00")]),
                chance.choice(["active"] * 5 + ["removed"]),
                chance.choice(["a@example.org", "b@example.org"]),
            )
            for member in chance.choices(["m1", "m2", "m3", "m4"], k=chance.choice([0, 2, 4, 4]))
        ]
        return rows + [TORN] * (chance.random() < 0.4)

    extracts = {number: extract(number) for number in numbers}
    chance.shuffle(numbers)
    for number in numbers:
        land(forum, number, extracts[number])
        if chance.random() < 0.3:  # one of the days lands again, otherwise
            again = chance.choice(numbers)
            extracts[again] = extract(again)
            land(forum, again, extracts[again])
            build(forum, again)
        build(forum, number)
        known = {day: rows for day, rows in extracts.items() if is_built(forum, day)}
        assert forum.query(MEMBERS) == versions(known)
        assert forum.query(
            "select user_id, email, known_since::text from restricted.dim_user_personal order by 1"
        ) == personal(known)
    assert forum.differences() == {}


def is_built(company: Company, number: int) -> bool:
    return bool(company.query(f"select from ops.day_status where is_built and load_date = '{day(number)}'"))
