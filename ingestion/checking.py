"""Tries a contract on a file, without a warehouse: what would become of its lines, and what looks wrong."""

import datetime
import json
import re
from collections import Counter
from dataclasses import dataclass, field

from upath import UPath

from ingestion.contracts import Contract, FileContract
from ingestion.errors import LoadError
from ingestion.landing import DayFile, contract_of, day_in_name
from ingestion.rows import FileRows
from ingestion.targets import ID, TIMESTAMP
from ingestion.vocabulary import CUSTOM

EXAMPLES = 3  # rows, details, and values that are shown of each thing
NAMES = 30  # event names that are shown
LINES = 5  # line numbers that are shown of each error code
MOST_NAMES = 10_000  # details, fields and values of a column that are told apart
ENOUGH_ROWS = 20  # fewer say nothing about a share
WITHOUT_USER = 0.4  # share of the events that have no user id
ONE_ID = 0.3  # share of the rows that have the same id
REPEATED = 0.1  # share of the rows that are duplicates
OF_MANY_EVENTS = ("user_id", "anonymous_id", "session_id")  # ids that several events have in common
_FLOAT = re.compile(r"-?\d+\.0+", re.ASCII)
_NOBODY = frozenset({"null", "none", "nil", "nan", "undefined", "unknown", "n/a", "(not set)", "-", "-1", "0"})
_UNESCAPED = {r"\\": "\\", r"\t": "\t", r"\n": "\n", r"\r": "\r"}


@dataclass
class HeldBack:
    """The lines of one error code: how many, the first numbers, and how often each detail."""

    stage: str
    lines: int = 0
    first: list[int] = field(default_factory=list)
    details: Counter[str] = field(default_factory=Counter)


@dataclass
class ColumnFacts:
    """What the rows hold in one column. `values` stops at `MOST_NAMES`; `distinct` are hashes; times are UTC."""

    filled: int = 0
    values: Counter[str] = field(default_factory=Counter)
    distinct: set[int] = field(default_factory=set)
    days: Counter[str] = field(default_factory=Counter)
    first: str | None = None
    last: str | None = None


@dataclass
class CheckedKind:
    """What a kind that is derived from the lines would make of them, before equal states are left out."""

    kind: FileContract
    lines_read: int
    made: int
    quarantined: int
    skipped: int
    rows: list[dict[str, str]]


@dataclass
class Checked:
    """What would become of a file; its lines add up: read = loaded + duplicates + quarantined + skipped.

    `load_date`: the day on which it would arrive.
    """

    kind: FileContract
    load_date: datetime.date
    lines_read: int = 0
    duplicates: int = 0
    quarantined: int = 0
    skipped: int = 0
    rows: list[dict[str, str]] = field(default_factory=list)
    held_back: dict[str, HeldBack] = field(default_factory=dict)
    repeated: list[tuple[int, str]] = field(default_factory=list)
    properties: dict[str, ColumnFacts] = field(default_factory=dict)
    columns: dict[str, ColumnFacts] = field(default_factory=dict)
    names: Counter[tuple[str, str]] = field(default_factory=Counter)
    derived: list[CheckedKind] = field(default_factory=list)

    @property
    def loaded(self) -> int:
        return self.lines_read - self.duplicates - self.quarantined - self.skipped

    @property
    def mapped(self) -> int:
        """The lines that became rows, duplicates among them."""
        return self.loaded + self.duplicates


def check(path: UPath, load_date: datetime.date | None, contract: Contract, *, kind: str | None = None) -> Checked:
    """Read a file as if it had landed.

    Args:
        load_date: the day of arrival; None: the one that the file's name says, or today.
        kind: the kind of file that it is, where its name does not say so.

    Memory grows with the number of rows only by a hash for each key. Raises `LoadError` like the load itself.
    """
    if not path.is_file():
        raise LoadError(f"{path} is not there.\nRemedy: name a file.")
    of_kind = _kind_of(path, contract, kind)
    checked = Checked(of_kind, _arrival(path, of_kind, load_date, is_named=kind is None))
    reader = FileRows(DayFile(path, path.name, 1, of_kind), checked.load_date, 0, _Refusals(checked))
    seen: set[int] = set()
    for chunk in reader.chunks():
        for line in chunk.decode().split("\n")[:-1]:
            _take(checked, _cells(line, checked.kind), seen)
    checked.lines_read, checked.quarantined, checked.skipped = reader.lines_read, reader.quarantined, reader.skipped
    for each in reader.derived:
        lines = next(each.chunks(), b"").decode().split("\n")[:-1]
        rows = [_cells(line, each.contract) for line in lines[:EXAMPLES]]
        counts = (each.lines_read, each.made, each.quarantined, each.skipped)
        checked.derived.append(CheckedKind(each.contract, *counts, rows))
    return checked


def _arrival(path: UPath, kind: FileContract, load_date: datetime.date | None, *, is_named: bool) -> datetime.date:
    """The day on which a file would arrive. `is_named`: its name is the one that it would land by."""
    named = day_in_name(path.name, kind) if is_named else None
    if named and load_date not in (None, named):
        raise LoadError(
            f"{path} is of {named} by its name, and the load would refuse it in another day's folder.\n"
            "Remedy: leave out DAY, or rename the file."
        )
    return load_date or named or datetime.datetime.now(datetime.UTC).date()


def suspicions(checked: Checked) -> list[str]:
    """What a person should look at before the file lands; none where there are too few rows to tell."""
    rows, target = checked.mapped, checked.kind.target
    found: list[str] = []
    if rows < ENOUGH_ROWS:
        return found
    if checked.duplicates > REPEATED * rows:
        found.append(
            f"{_share(checked.duplicates, rows)} of the rows are duplicates: is {', '.join(target.key)} right?"
        )
    moments = checked.columns.get(target.moment, ColumnFacts())
    if len(moments.days) == 1:
        found.append(f"all of {target.moment} lies on one day, {moments.first[:10]}")
    if target.name == "user_events" and moments.values and all(" 00:00:00" in value for value in moments.values):
        found.append(f"{target.moment} is midnight in every row: is it a date without a time?")
    if moments.last and moments.last < "1990":
        found.append(f"{target.moment} ends in {moments.last[:4]}: are the Unix times in another unit?")
    for column, kind in target.columns.items():
        if kind == ID and column in checked.kind.columns:
            found += _id_suspicions(column, checked.columns.get(column, ColumnFacts()), checked)
        elif column in checked.kind.columns and column not in checked.columns:
            found.append(_never(column, checked))
    if target.name == "user_events":
        without = rows - checked.columns.get("user_id", ColumnFacts()).filled
        if "user_id" in checked.kind.columns and without >= WITHOUT_USER * rows:
            found.append(f"{_share(without, rows)} of the events are without a user_id")
        if checked.names and all(event_type == CUSTOM for _, event_type in checked.names):
            found.append("every event is a custom one: map the names under event_types")
    return found


def failure(checked: Checked, contract: Contract) -> str | None:
    """Why the file would bring nothing, and what to do; None when a line of it becomes a row, or it has no line."""
    if not checked.lines_read or checked.mapped or any(each.made for each in checked.derived):
        return None
    kind = f"{contract.path}, {checked.kind.name}"
    if not checked.held_back:
        return f"not one line became a row: all are skipped.\nRemedy: mend `skip` in {kind}, or do not land this file."
    code, held = max(checked.held_back.items(), key=lambda item: item[1].lines)
    detail = held.details.most_common(1)[0][0]
    return (
        f"not one line became a row; most are held back as {code}: {detail}.\n"
        f"Remedy: mend {kind}, which does not describe this file, or get another file; then check again."
    )


def report(checked: Checked, source: str) -> str:
    """All of it, for a person."""
    kind, moment = checked.kind, checked.kind.target.moment
    parts = [
        f"{source}.{kind.name} -> raw.{kind.target.name}, arriving on {checked.load_date}\n"
        f"{checked.lines_read:,} lines read = {checked.loaded:,} loaded + {checked.duplicates:,} duplicates"
        f" + {checked.quarantined:,} quarantined + {checked.skipped:,} skipped"
    ]
    for number, row in enumerate(checked.rows, 1):
        parts.append("\n".join([f"Row {number}", *(f"  {column:17} {cell}" for column, cell in row.items())]))
    for each in checked.derived:
        parts.append(
            f"{source}.{each.kind.name} -> raw.{each.kind.target.name}, from the same lines\n"
            f"{each.lines_read:,} lines = {each.made:,} rows + {each.quarantined:,} quarantined"
            f" + {each.skipped:,} skipped"
        )
        for number, row in enumerate(each.rows, 1):
            shown = [f"  {column:17} {cell}" for column, cell in row.items() if column in each.kind.target.columns]
            parts.append("\n".join([f"Row {number} of {each.kind.name}", *shown]))
    for code, held in sorted(checked.held_back.items(), key=lambda item: -item[1].lines):
        lines = (
            f"line{'s' * (held.lines > 1)} {', '.join(map(str, held.first))}{', …' * (held.lines > len(held.first))}"
        )
        if code == "missing_column" and kind.format in ("csv", "tsv") and not kind.dialect.fields:
            lines += f"; line {held.first[0]} is the header"
        details = [f"  {times:>9,}  {detail}" for detail, times in held.details.most_common(10)]
        parts.append("\n".join([f"Held back: {held.lines:,} {code} ({held.stage}), {lines}", *details]))
    if checked.repeated:
        some = [f"  line {line_no}: {key}" for line_no, key in checked.repeated]
        parts.append("\n".join([f"Duplicates: {checked.duplicates:,}, the first of each is loaded", *some]))
    if checked.properties:
        some = [
            f"  {name:25} {facts.filled:>9,} rows, such as {', '.join(list(facts.values)[:EXAMPLES])}"
            for name, facts in sorted(checked.properties.items())
        ]
        parts.append("\n".join(["Mapped nowhere, kept in properties", *some]))
    custom = [(name, times) for (name, event_type), times in checked.names.most_common() if event_type == CUSTOM]
    if custom:
        parts.append(
            "\n".join(["Event names without a type", *(f"  {times:>9,}  {name}" for name, times in custom[:30])])
        )
    if moments := checked.columns.get(moment):
        days = "1 day" if len(moments.days) == 1 else f"{len(moments.days):,} days"
        parts.append(f"Times: {moment} from {moments.first} to {moments.last}, on {days} (UTC)")
    if found := suspicions(checked):
        parts.append("\n".join(["Suspicious", *(f"  {each}" for each in found)]))
    return "\n\n".join(parts) + "\n"


def _cells(line: str, kind: FileContract) -> dict[str, str]:
    """The cells of a row that are not null, by column."""
    row = dict(zip(kind.target.copy_columns, line.split("\t"), strict=True))
    return {name: _unescaped(cell) for name, cell in row.items() if cell != r"\N"}


def _kind_of(path: UPath, contract: Contract, kind: str | None) -> FileContract:
    if kind is None:
        return contract_of(path.name, contract, path.parent)
    for each in contract.files:
        if each.name == kind:
            return each
    names = ", ".join(each.name for each in contract.files)
    raise LoadError(f"{contract.path} has no kind of file {kind!r}.\nRemedy: use one of {names}.")


def _take(checked: Checked, row: dict[str, str], seen: set[int]) -> None:
    """Count one row."""
    target, kinds = checked.kind.target, checked.kind.target.columns
    key = tuple(row.get(column) for column in target.key)
    if hash(key) in seen:
        checked.duplicates += 1
        if len(checked.repeated) < LINES:
            checked.repeated.append((int(row["line_no"]), ", ".join(f"{cell}" for cell in key)))
    seen.add(hash(key))
    if len(checked.rows) < EXAMPLES:
        checked.rows.append({column: cell for column, cell in row.items() if column in kinds})
    for column, cell in row.items():
        if column == "properties":
            for name, value in json.loads(cell).items():
                _count(checked.properties, name, json.dumps(value, ensure_ascii=False)[:60])
        elif kinds.get(column) == TIMESTAMP:
            moment = datetime.datetime.fromisoformat(cell).astimezone(datetime.UTC).replace(tzinfo=None)
            _count(checked.columns, column, str(moment), is_time=True)
        elif column in kinds:
            _count(checked.columns, column, cell)
    if "event_name" in row:
        _bounded(checked.names, (row["event_name"], row["event_type"]))


def _count(columns: dict[str, ColumnFacts], column: str, cell: str, *, is_time: bool = False) -> None:
    if column not in columns and len(columns) >= MOST_NAMES:
        return
    facts = columns.setdefault(column, ColumnFacts())
    facts.filled += 1
    _bounded(facts.values, cell)
    if len(facts.distinct) < 1_000_000:
        facts.distinct.add(hash(cell))
    if is_time:
        facts.days[cell[:10]] += 1
        facts.first = min(facts.first or cell, cell)
        facts.last = max(facts.last or cell, cell)


def _bounded(counter: Counter, value: object) -> None:
    if value in counter or len(counter) < MOST_NAMES:
        counter[value] += 1


def _id_suspicions(column: str, facts: ColumnFacts, checked: Checked) -> list[str]:
    prefix = f"{checked.kind.namespace}:" if checked.kind.namespace else ":"
    bare = {value: value.removeprefix(prefix) for value in facts.values}
    found = []
    if not facts.filled:
        found.append(_never(column, checked))
    elif column in OF_MANY_EVENTS and _is_unique(facts) and checked.kind.target.name == "user_events":
        found.append(f"every {column} is unique: is it rather the id of the event?")
    if floats := [value for value in bare.values() if _FLOAT.fullmatch(value)]:
        found.append(f"{column} looks like a float, such as {floats[0]}: as integer_text 873.0 and 873 are one id")
    for value, times in facts.values.most_common(EXAMPLES):
        if bare[value].lower() in _NOBODY:
            found.append(f"{column} is {bare[value]!r} in {times:,} rows: does that stand for nobody?")
        elif column in ("user_id", "anonymous_id") and times > max(ONE_ID * checked.mapped, 1):
            found.append(f"{column} is {bare[value]!r} in {_share(times, checked.mapped)} of the rows")
    return found


def _never(column: str, checked: Checked) -> str:
    return f"{column} is mapped and never has a value: is it in {checked.kind.columns[column]}?"


def _is_unique(facts: ColumnFacts) -> bool:
    return len(facts.distinct) == facts.filled >= ENOUGH_ROWS


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}"


def _unescaped(cell: str) -> str:
    return re.sub(r"\\.", lambda mark: _UNESCAPED[mark[0]], cell) if "\\" in cell else cell


class _Refusals:
    """Takes what the quarantine would get, and counts it, line by line."""

    def __init__(self, checked: Checked) -> None:
        self._checked = checked
        self._begun = b""

    def write(self, content: bytes) -> int:
        self._begun += content
        if self._begun.endswith(b"\n"):
            line_no, stage, code, detail, kind = self._begun.decode(errors="replace").split("\t")[4:9]
            code = f"{kind}: {code}" if kind else code
            held = self._checked.held_back.setdefault(code, HeldBack(stage))
            held.lines += 1
            if len(held.first) < LINES:
                held.first.append(int(line_no))
            _bounded(held.details, _unescaped(detail))
            self._begun = b""
        return len(content)
