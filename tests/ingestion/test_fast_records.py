"""Events of any contract: the function that is made for a kind of file gives what the exact mapper gives."""

import copy
import csv
import io
import json
import random
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from upath import UPath

from ingestion import rows
from ingestion.conditions import Condition
from ingestion.contract_yaml import SOURCES, load_contract
from ingestion.contracts import FileContract
from ingestion.errors import LoadError
from ingestion.fast_records import FastRecords, Together
from ingestion.landing import DayFile
from ingestion.origins import AnyOrigin, Field, First, Join, Origin, When
from ingestion.rows import FileRows
from tests.ingestion.helpers import DAY

FIXTURES = Path(__file__).parent / "fixtures"


def nested(levels: int) -> list:
    """An array in an array, and so on."""
    value: list = []
    for _ in range(levels - 1):
        value = [value]
    return value


# What producers write that nobody expects. The texts with a brace hold JSON, or seem to.
ODD = (
    *(
        None,
        "",
        " ",
        "\t",
        "x",
        "0",
        "12.0",
        "ünï",
        'a"b',
        "a\\b",
        "a\tb\n",
        "a:b",
        " a",
        "a\u2028",
        "\x7f",
        "\0",
        "n" * 500,
    ),
    *(0, 1, -1, 1.0, 1.5, 10**12, 2**70, True, False, [], {}, [None], [{}], {"a": 1}, {"name": None}, [{"key": "x"}]),
    [{"key": "source", "value": None}, {"key": "source", "value": {"string_value": "s"}}],
    *('{"a": "b"}', "{", "[1]", "2026-03-02T07:12:33Z", "2026-03-02T24:00:00Z", "2026-03-02 07:12:61Z"),
    *("1772438400000001", "1772438400", 1772438400123, "Austria", "EUR", "(not set)", "https://["),
    *("https://a.example/b?utm_source=c", "Mozilla/5.0 (iPad)"),
    *map(nested, (490, 499, 500, 600)),
)
KINDS = (
    "segment/calls-0001.json",
    "ga4/events_20260302.json",
    "mixpanel/export.ndjson",
    "amplitude/187520_2026-03-02_8#1.json",
    "amplitude/event.csv",
    "ga4_flat/event_data.csv",
    "mixpanel/event.csv",
    "community/first/events-01.csv",
    "shopify/first/shopify_orders.csv",
    "shopify/first/shopify_order_lines.csv",
    "blinkist_mobile/mobile_events.csv",
    "blinkist_web/web_events.csv",
)


def kind_of(name: str) -> FileContract:
    """The kind of a fixture, by the patterns of its source."""
    path = UPath(name)
    (kind,) = [
        each
        for each in load_contract(SOURCES / f"{path.parts[0]}.yml").files
        if any(UPath(path.name).match(pattern) for pattern in each.patterns)
    ]
    return kind


def with_conditions(kind: FileContract, draw: random.Random) -> FileContract:
    """The kind with conditions upon where some columns come from."""
    columns = dict(kind.columns)
    origins = [as_origin(origin) for column, origin in columns.items() if column != "properties"]

    def when(origin: AnyOrigin) -> Origin:
        asks = ({"empty": draw.random() < 0.5}, {"matches": "[a-m]"}, {"one_of": frozenset(["track", "1", "a", "EUR"])})
        return Origin(
            When(as_origin(origin), Condition(draw.choice(origins), **draw.choice(asks), is_not=draw.random() < 0.5))
        )

    for column in draw.sample(sorted(columns.keys() - {"properties", "event_ts"}), 5):
        one, other = as_origin(columns[column]), draw.choice(origins)
        columns[column] = draw.choice(
            (
                when(one),
                Origin(First((when(one), when(other)))),
                Origin(First((one, when(other)))),
                Origin(First((when(one), other))),
                when(Origin(First((one, when(other))))),
                Origin(Join((one, when(other)), "-")),
                when(when(one)),
                replace(when(one), transforms=one.transforms),
            )
        )
    return replace(kind, columns=columns)


def as_origin(origin: AnyOrigin) -> Origin:
    return Origin(Field(origin)) if isinstance(origin, str) else origin


def everything(path: Path, kind: FileContract, *, learned_from: int | None, monkeypatch) -> tuple:
    """All that becomes of a file; with a function that is made after some of its records, or without one."""
    if learned_from is None:
        monkeypatch.setattr(FastRecords, "covers", staticmethod(lambda contract: False))
    else:
        monkeypatch.setattr(rows, "LEARNED_FROM", learned_from)
    held_back = io.BytesIO()
    made = FileRows(DayFile(UPath(path), path.name, 3, kind), DAY, 1, held_back)
    lines = b"".join(made.chunks()).decode().split("\n")[:-1]
    derived = [(each.lines_read, each.made, each.skipped, each.quarantined, *each.chunks()) for each in made.derived]
    counts = made.lines_read, made.quarantined, made.skipped
    monkeypatch.undo()
    place = kind.target.copy_columns.index("properties")
    return [parsed(line, place) for line in lines], derived, counts, held_back.getvalue(), list(made.fields.of_day())


def parsed(row: str, place: int) -> list[Any]:
    """A row of COPY with its properties as jsonb has them, where the order of keys means nothing."""
    cells = row.split("\t")
    if cells[place] != r"\N":
        text = cells[place].replace("\\\\", "\\")
        cells[place] = json.loads(text, object_pairs_hook=lambda pairs: ("object", sorted(dict(pairs).items())))
    return cells


def mutated(value: Any, draw: random.Random) -> Any:
    """A copy of a value that has something odd in one place or in several."""
    if isinstance(value, dict) and value and draw.random() < 0.9:
        changed = dict(value)
        for name in draw.sample(sorted(changed), min(len(changed), draw.choice((1, 1, 2)))):
            if draw.random() < 0.15:
                del changed[name]
            else:
                changed[name] = mutated(changed[name], draw)
        if draw.random() < 0.1:
            changed[draw.choice(("new", "name", "type (2)", "context.os.name", "ü\\"))] = draw.choice(ODD)
        return changed
    if isinstance(value, list) and value and draw.random() < 0.8:
        changed = list(value)
        place = draw.randrange(len(changed))
        changed[place] = mutated(changed[place], draw)
        if draw.random() < 0.3:
            changed.append(copy.deepcopy(draw.choice(value)))
        return changed
    return draw.choice(ODD)


def with_mutations(name: str, kind: FileContract, path: Path, seed: int, times: int) -> int:
    """Write a fixture's records to a file, and behind them odd ones; the number of the first ones is returned."""
    draw = random.Random(f"{name} {seed}")
    source = FIXTURES / name
    if kind.format in ("csv", "tsv"):
        header, *table = csv.reader(io.StringIO(source.read_text()), delimiter=kind.dialect.delimiter)
        odd = []
        for fields in table * times:
            changed = list(fields)
            for place in draw.sample(range(len(fields)), min(len(fields), 2)):
                one = draw.choice(ODD)
                changed[place] = "" if one is None else one if isinstance(one, str) else json.dumps(one)
            odd.append(changed)
        with path.open("w", newline="") as stream:
            writer = csv.writer(stream, delimiter=kind.dialect.delimiter, lineterminator=draw.choice(("\n", "\r\n")))
            writer.writerows([header, *table, *odd])
        return len(table)
    lines = source.read_bytes().splitlines()
    records = []
    for line in lines:
        with suppress(ValueError):
            records.append(json.loads(line))
    odd = [json.dumps(mutated(record, draw), ensure_ascii=draw.random() < 0.3).encode() for record in records * times]
    torn = [line[: draw.randrange(len(line))] for line in odd[:10]]
    path.write_bytes(b"\n".join([*lines, *odd, *torn, b"", b"[]", b'{"a":"\xff"}', odd[0].replace(b"}", b"}}"), b"\r"]))
    return len(lines)


@pytest.mark.parametrize("has_ids", [True, False])
@pytest.mark.parametrize("name", KINDS)
def test_a_file_becomes_the_same_with_a_function_and_without(name: str, has_ids: bool, tmp_path: Path, monkeypatch):
    kind = kind_of(name)
    if not has_ids:  # then they are made of the content
        kind = replace(kind, columns={column: field for column, field in kind.columns.items() if column != "event_id"})
    path = tmp_path / Path(name).name
    for seed in range(3):
        good = with_mutations(name, kind, path, seed, times=15)
        exact = everything(path, kind, learned_from=None, monkeypatch=monkeypatch)
        for learned_from in (1, good, 4 * good):
            made = everything(path, kind, learned_from=learned_from, monkeypatch=monkeypatch)
            for ours, theirs in zip(made, exact, strict=True):
                assert ours == theirs


@pytest.mark.parametrize("name", [*KINDS[:5], KINDS[6]])
def test_conditions_mean_the_same_with_a_function_and_without(name: str, tmp_path: Path, monkeypatch):
    path = tmp_path / Path(name).name
    function, made = FastRecords.function, []

    def noted(self: FastRecords, *about: Any) -> Any:
        made.append(False)
        row = function(self, *about)
        made[-1] = True
        return row

    for seed in range(6):
        kind = with_conditions(kind_of(name), random.Random(f"{name} {seed}"))
        good = with_mutations(name, kind, path, seed, times=4)
        exact = outcome(path, kind, learned_from=None, monkeypatch=monkeypatch)
        for learned_from in (1, good):
            monkeypatch.setattr(FastRecords, "function", noted)
            assert outcome(path, kind, learned_from=learned_from, monkeypatch=monkeypatch) == exact
    assert made.count(True) > len(made) / 4  # a `first` in a `first` has none


def outcome(*about: Any, monkeypatch: pytest.MonkeyPatch, **how: Any) -> Any:
    """All that becomes of a file, or why it cannot be read with such a contract."""
    try:
        return everything(*about, monkeypatch=monkeypatch, **how)
    except LoadError as error:
        return str(error)
    finally:
        monkeypatch.undo()


@pytest.mark.parametrize("name", KINDS)
def test_most_good_lines_of_the_shipped_sources_have_a_function(name: str, tmp_path: Path, monkeypatch):
    kind = kind_of(name)
    assert FastRecords.covers(kind)
    content = (FIXTURES / name).read_bytes().splitlines(keepends=True)
    path = tmp_path / Path(name).name
    path.write_bytes(b"".join([content[0], *content[1:] * 3]))
    monkeypatch.setattr(rows, "LEARNED_FROM", len(content))
    made = FileRows(DayFile(UPath(path), path.name, 3, kind), DAY, 1, io.BytesIO())
    exact, slow = made._row, []

    def counted(number: int, piece: Any, **how: bool) -> str:
        slow.append(number)
        return exact(number, piece, **how)

    monkeypatch.setattr(made, "_row", counted)
    for _ in made.chunks():
        pass
    # The first ones are mapped without it, and those that are held back.
    assert len(slow) <= len(content) + 1 + made.quarantined


@pytest.mark.parametrize("name", [*KINDS[:2], KINDS[3]])
def test_what_comes_together_again_is_found_once(name: str, tmp_path: Path, monkeypatch):
    kind = kind_of(name)
    path = tmp_path / Path(name).name
    good = [line for line in (FIXTURES / name).read_bytes().splitlines() if line.startswith(b"{")]
    with_mutations(name, kind, path, seed=0, times=5)
    lines = [*good * 20, *path.read_bytes().splitlines(), *good * 20]
    path.write_bytes(b"\n".join(lines))
    exact = everything(path, kind, learned_from=None, monkeypatch=monkeypatch)
    new = noted_together(monkeypatch)
    made = everything(path, kind, learned_from=5 * len(good), monkeypatch=monkeypatch)
    for ours, theirs in zip(made, exact, strict=True):
        assert ours == theirs
    assert 0 < len(new) < len(lines) - 25 * len(good)


def test_what_does_not_come_together_again_is_not_remembered_for_long(tmp_path: Path, monkeypatch):
    kind = kind_of("segment/calls-0001.json")
    path = tmp_path / "calls.json"

    def call(number: int, context: dict[str, Any]) -> bytes:
        about = {"messageId": f"m-{number}", "userId": "u", "event": "x", "timestamp": f"{DAY}T12:00:00Z"}
        return json.dumps({**about, "type": "track", "context": context}).encode()

    alike = [call(number, {"app": {"version": "1"}, "locale": "de"}) for number in range(100)]
    different = [call(number, {"app": {"version": str(number)}, "locale": "de"}) for number in range(100, 12_000)]
    path.write_bytes(b"\n".join([*alike, *different]))
    exact = everything(path, kind, learned_from=None, monkeypatch=monkeypatch)
    new = noted_together(monkeypatch)
    assert everything(path, kind, learned_from=100, monkeypatch=monkeypatch) == exact
    assert 1000 < len(new) < 6000  # it is seen after a batch


def noted_together(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The values that came together and had not before, as a list that grows."""
    make, new = Together.make, []

    def noted(self: Together, key: bytes, *pieces: Any) -> tuple:
        new.append(key)
        return make(self, key, *pieces)

    monkeypatch.setattr(Together, "make", noted)
    return new
