"""Drafts a contract from a sample of a file. Each guess is marked `# guess:` and gives its reason."""

import csv
import datetime
import io
import itertools
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from upath import UPath

from ingestion.draft_words import COLUMNS, EVENT_WORDS, STRONG_EVENT_NAMES
from ingestion.errors import LoadError, Rejected
from ingestion.json_text import parse_json
from ingestion.parquet import parquet_batches
from ingestion.reading import LandedFile
from ingestion.targets import ID, INTEGER, NUMBER, PROPERTIES, TARGETS, TIMESTAMP
from ingestion.times import ISO, UTC, moment_reader
from ingestion.vocabulary import EVENT_TYPES

MOST_BYTES = 4 * 1024**2  # of a file that are looked at; a JSON document is read whole
MOST_RECORDS = 2000
MOST_NAMES = 100  # events of more names are told by another field
DEEPEST = 4  # steps of a path
NEARLY_ALL = 0.95  # of many values must be readable as a time
EARLIEST = datetime.date(2010, 1, 1)
UNIX_RANGES = {"unix_seconds": 1, "unix_milliseconds": 1e3, "unix_microseconds": 1e6}
PATTERNS = (
    *("%Y/%m/%d %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%Y%m%dT%H%M%S"),
    *("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p"),
    *("%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "%d.%m.%Y %H:%M", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y%m%d"),
    *("%a, %d %b %Y %H:%M:%S %z", "%d/%b/%Y:%H:%M:%S %z"),
)
ACTORS = ("user_id", "anonymous_id")  # columns that say who did it
SHARED = ("order_id",)  # columns whose field may fill another one, too
THINGS = {
    "user_changes": "user_id",
    "product_changes": "product_id",
    "content_changes": "content_id",
    "creator_changes": "creator_id",
}
_YAML_PLAIN = re.compile(r"[A-Za-z_][\w .-]*(?<! )", re.ASCII)
_YAML_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
_ID = re.compile(r"[\w@.:+-]{1,64}(?<![.]\d)")  # no number with decimals, no path and no sentence
_COMMA_NUMBER = re.compile(r"[+-]?\d+,\d+", re.ASCII)


@dataclass
class Sample:
    """Some records of a file; `keys` are what its contract says of its format, with the reason of what is a guess."""

    keys: dict[str, tuple[str, str]]
    records: list[dict[str, Any]]

    @property
    def is_nested(self) -> bool:
        return self.keys["format"][0] not in ("csv", "tsv")


@dataclass
class FieldFacts:
    """The values of one field, blank ones left out; `steps` lead to it."""

    steps: tuple[str, ...]
    values: list[Any] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        return [str(value) for value in self.values]

    @property
    def name(self) -> str:
        return ".".join(self.steps)

    def is_unique(self, records: int) -> bool:
        return len(self.values) == records and len(set(self.texts)) == records


@dataclass
class Guess:
    """What stands in a contract, with the reason why; without one it is no guess."""

    text: str
    why: str = ""


def draft(path: UPath, source: str) -> str:
    """The text of a contract for files such as this one.

    Raises `LoadError` where the file cannot be read, or nothing in it tells what its records are.
    """
    path = UPath(path)
    if not path.is_file():
        raise LoadError(f"{path} is not there.\nRemedy: name a file.")
    sample = read_sample(path)
    facts = facts_of(sample.records)
    if not facts:
        raise LoadError(f"{path} has no records.\nRemedy: take a file with some.")
    times = {name: form for name, each in facts.items() if (form := time_form(each.values))}
    target, why = guess_target(facts, times, len(sample.records))
    if target is None:
        unread = _unread_time(facts, times, len(sample.records))
        raise LoadError(
            f"{path}: nothing tells what a record is; its fields are {', '.join(facts)}.{unread}\n"
            f"Remedy: write the contract by hand (docs/sources.md). An event needs a time and a user or a visitor; "
            f"a table needs an id of its own and a name, a price or an e-mail address."
        )
    kind = re.sub(r"\W+", "_", re.sub(r"[\d_-]*\d[\d_-]*", "_", path.name.split(".")[0])).strip("_").lower() or "files"
    return _Draft(path, source, kind, sample, facts, times, target, why).text()


def read_sample(path: UPath) -> Sample:
    """Some records of a file, and how it is written."""
    landed = LandedFile(path)
    blocks = landed.blocks()
    head = next(blocks, b"")
    if head.startswith(b"PAR1"):
        batches = parquet_batches(LandedFile(path))
        records = [
            dict(zip(names, values, strict=True)) for names, columns in batches for values in zip(*columns, strict=True)
        ][:MOST_RECORDS]
        return Sample({"format": ("parquet", "")}, records)
    is_json = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")
    for block in blocks:
        if len(head) >= MOST_BYTES and not (is_json and not _is_ndjson(head)):
            head = head[: head.rfind(b"\n") + 1]
            break
        head += block
    if is_json:
        return _json_sample(path, head)
    return _delimited_sample(head)


def _is_ndjson(head: bytes) -> bool:
    lines = [line for line in head.splitlines()[:2] if line.strip()]
    try:
        return bool(lines) and isinstance(parse_json(lines[0].removeprefix(b"\xef\xbb\xbf")), dict)
    except Rejected:
        return False


def _json_sample(path: UPath, content: bytes) -> Sample:
    if _is_ndjson(content):
        records = []
        for line in itertools.islice(content.splitlines(), MOST_RECORDS):
            try:
                records.append(parse_json(line.removeprefix(b"\xef\xbb\xbf")))
            except Rejected:
                continue
        return Sample({"format": ("ndjson", "")}, [record for record in records if isinstance(record, dict)])
    try:
        document = msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"))
    except msgspec.DecodeError as error:
        raise LoadError(f"{path} is no JSON: {error}.\nRemedy: mend the file, or take another.") from error
    if isinstance(document, list):
        return Sample(
            {"format": ("json_array", "")}, [each for each in document if isinstance(each, dict)][:MOST_RECORDS]
        )
    steps = _array_in(document)
    if steps is None:
        return Sample({"format": ("json_document", "the document is one record")}, [document])
    found = document
    for step in steps:
        found = found[step]
    keys = {"format": ("json_document", ""), "records": (_scalar(".".join(steps)), "the first array of objects in it")}
    return Sample(keys, [each for each in found if isinstance(each, dict)][:MOST_RECORDS])


def _array_in(document: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The keys that lead to the first array of objects, those nearest to the top first."""
    level: list[tuple[tuple[str, ...], Any]] = [((), document)]
    while level:
        for steps, value in level:
            if steps and isinstance(value, list) and value and isinstance(value[0], dict):
                return steps
        level = [
            ((*steps, name), inner)
            for steps, value in level
            if isinstance(value, dict)
            for name, inner in value.items()
            if "." not in name
        ]
    return None


def _delimited_sample(content: bytes) -> Sample:
    keys: dict[str, tuple[str, str]] = {}
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        encoding, text = "cp1252", content.decode("cp1252", errors="replace")
    if encoding != "utf-8-sig":
        keys["encoding"] = (encoding, "its first bytes" if encoding == "utf-16" else "it is no UTF-8")
    delimiter = max(",;\t|", key=lambda mark: _fit(text, mark))
    keys = {"format": ("tsv" if delimiter == "\t" else "csv", ""), **keys}
    if delimiter not in ",\t":
        keys["delimiter"] = (json.dumps(delimiter), "it divides all lines into as many fields")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)
    if delimiter == "\t" and '"' not in text.split("\n", 1)[0] and re.search(r'\t"[^\t]*"(\t|\r?\n)', text):
        keys["quote"] = ("'\"'", "some fields stand between quotes")
    rows = [row for row in itertools.islice(reader, MOST_RECORDS + 1) if row]
    if not rows:
        return Sample(keys, [])
    names = rows[0]
    if not (len(set(names)) == len(names) or all(names)) or any(_NUMBER.fullmatch(name) for name in names):
        names = [f"field_{number}" for number in range(1, len(names) + 1)]
        keys["header"] = ("false", "the first line holds numbers or gaps")
        keys["fields"] = (f"[{', '.join(names)}]", "name them")
    else:
        rows = rows[1:]
    records = [dict(zip(names, row, strict=True)) for row in rows if len(row) == len(names)]
    commas = sum(bool(_COMMA_NUMBER.fullmatch(value)) for record in records for value in record.values())
    points = sum("." in value and bool(_NUMBER.fullmatch(value)) for record in records for value in record.values())
    if delimiter != "," and commas > points:
        keys["decimal_comma"] = ("true", "there are numbers such as 1,5")
    return Sample(keys, records)


def _fit(text: str, delimiter: str) -> tuple[float, int]:
    """How well a delimiter divides the first lines into as many fields each."""
    reader = csv.reader(io.StringIO(text[:100_000], newline=""), delimiter=delimiter)
    try:
        widths = Counter(len(row) for row in itertools.islice(reader, 50) if row)
    except csv.Error:
        return 0.0, 0
    width, lines = widths.most_common(1)[0] if widths else (0, 0)
    return (lines / widths.total() if width > 1 else 0.0), width


def facts_of(records: Iterable[dict[str, Any]]) -> dict[str, FieldFacts]:
    """The fields of the records, those within objects too, by their names."""
    facts: dict[str, FieldFacts] = {}

    def take(value: Any, steps: tuple[str, ...]) -> None:
        if isinstance(value, dict):
            if len(steps) < DEEPEST:
                for name, inner in value.items():
                    take(inner, (*steps, name))
        elif not isinstance(value, list):
            known = facts.setdefault(".".join(steps), FieldFacts(steps))
            if value is not None and str(value).strip():
                known.values.append(value)

    for record in records:
        take(record, ())
    return facts


def time_form(values: Sequence[Any]) -> str | None:
    """How moments are written in these values, or None where they are none."""
    some = values[:200]
    if not some or any(isinstance(value, bool) for value in some):
        return None
    numbers = [float(value) for value in some if _NUMBER.fullmatch(str(value))]
    for form, times in UNIX_RANGES.items():
        if _nearly_all(sum(5e8 * times < number < 3e9 * times for number in numbers), len(some)):
            return form
    for form in (ISO, *PATTERNS):
        if form == ISO and _nearly_all(len(numbers), len(some)):
            continue
        if _moments(form, some):
            other = _other_order(form, some)
            return min((form, other), key=lambda each: _span(each, some)) if other else form
    return None


def _moments(form: str, values: Sequence[Any]) -> list[datetime.datetime]:
    """The values as moments; no moment at all where too many of them cannot be read in this form."""
    found, read = [], moment_reader(form)
    for value in values:
        try:
            found.append(read("", value if isinstance(value, str) else str(value)))
        except Rejected:
            continue
    found = [moment for moment in found if 1990 <= moment.year <= 2100]
    return found if _nearly_all(len(found), len(values)) else []


def _nearly_all(fitting: int, values: int) -> bool:
    """Whether so few do not fit that they are mistakes; of few values, one may be."""
    return fitting >= NEARLY_ALL * values or fitting == values - 1 >= 3


def _other_order(form: str, values: Sequence[Any]) -> str | None:
    """The form with day and month the other way round, where that reads the values, too."""
    for one, other in (("%d/%m/", "%m/%d/"), ("%m/%d/", "%d/%m/")):
        if one in form and _moments(form.replace(one, other), values):
            return form.replace(one, other)
    return None


def _span(form: str, values: Sequence[Any]) -> datetime.timedelta:
    """From the first moment to the last. A sample is of a short time; the wrong order of day and month spreads it."""
    moments = _moments(form, values)
    return max(moments) - min(moments)


def guess_target(facts: Mapping[str, FieldFacts], times: Mapping[str, str], records: int) -> tuple[str | None, str]:
    """The raw table that the records belong to, and why; None where nothing tells."""
    has_actor = any(find(column, "user_events", facts, records) for column in ACTORS)
    moment = _moment("event_ts", "user_events", facts, times)
    strong = next((name for name in facts if _plain(name) in STRONG_EVENT_NAMES), None)
    if strong and moment and has_actor:
        return "user_events", f"{strong} names what happened, at {moment}"
    for target, thing in THINGS.items():
        own = find(thing, target, facts, records)
        others = [column for column in COLUMNS[target] if column not in (thing, "changed_at")]
        told = [name for column in others if (name := find(column, target, facts, records))]
        if own and facts[own].is_unique(records) and told:
            return target, f"{own} is another in each record, beside {', '.join(told[:3])}"
    if moment and (has_actor or actor_by_values(facts, times, records)):
        return "user_events", f"somebody did something at {moment}"
    return None, ""


def actor_by_values(facts: Mapping[str, FieldFacts], times: Mapping[str, str], records: int) -> str | None:
    """The field that says who did something, where no name tells it: of those whose values come again, and of which
    nothing is known by its name or its values, the one with the most different ones.
    """
    known = {find(column, "user_events", facts, records) for column in COLUMNS["user_events"]}
    known |= {*times, names_by_values(facts, times)}

    def different(name: str) -> int:
        texts = facts[name].texts
        is_id = len(texts) == records and all(_ID.fullmatch(text) for text in texts)
        return len({*texts}) if is_id and 1 < len({*texts}) < records else 0

    found = max((name for name in facts if name not in known), key=different, default=None)
    return found if found and different(found) else None


def names_by_values(facts: Mapping[str, FieldFacts], times: Mapping[str, str]) -> str | None:
    """The first field of which at least half of the values, each counted once, are known as names of events."""
    for name, each in facts.items():
        texts = {*each.texts}
        if name not in times and 2 * sum(event_word(text) is not None for text in texts) >= len(texts) > 0:
            return name
    return None


def event_word(name: str) -> str | None:
    """The canonical type that a producer's name of an event means, if it is known."""
    return _EVENT_NAMES.get(_plain(name))


def _unread_time(facts: Mapping[str, FieldFacts], times: Mapping[str, str], records: int) -> str:
    """Which field seems to be the time by its name, where nothing could be read as one."""
    name = find("event_ts", "user_events", facts, records)
    if times or name is None:
        return ""
    return (
        f" {name} seems to say when it was, but {facts[name].values[0]} is written in no form that a draft knows: "
        f'`timestamps` in a contract takes a pattern, such as "%d.%m.%Y %H:%M".'
    )


def find(
    column: str, target: str, facts: Mapping[str, FieldFacts], records: int, taken: Iterable[str] = ()
) -> str | None:
    """The field that fills a column by its name, if one does whose values fit."""
    for word in COLUMNS[target].get(column, ()):
        for name, each in facts.items():
            if (
                name not in taken
                and word in (_plain(name), _plain(each.steps[-1]))
                and _fits(column, target, each, records)
            ):
                return name
    return None


def _fits(column: str, target: str, each: FieldFacts, records: int) -> bool:
    kind = TARGETS[target].columns[column]
    if not each.values or isinstance(each.values[0], bool):
        return False
    if column == "event_id":
        return each.is_unique(records)
    if column == "event_type":
        return len(set(each.texts)) <= MOST_NAMES
    if kind in (NUMBER, INTEGER):
        return all(_NUMBER.fullmatch(text.replace(",", ".")) for text in each.texts[:200])
    if kind == PROPERTIES:
        return all(_is_object(text) for text in each.texts)
    return kind != ID or not all(text in ("0", "-1") for text in each.texts)


def _is_object(text: str) -> bool:
    try:
        return isinstance(parse_json(text.encode()), dict)
    except Rejected:
        return False


def _moment(column: str, target: str, facts: Mapping[str, FieldFacts], times: Mapping[str, str]) -> str | None:
    for word in COLUMNS[target].get(column, ()):
        for name, each in facts.items():
            if name in times and word in (_plain(name), _plain(each.steps[-1])):
                return name
    if column != "event_ts":
        return None
    return max(times, key=lambda name: len(facts[name].values), default=None)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


_EVENT_NAMES = EVENT_WORDS | {_plain(name): name for name in EVENT_TYPES if name != "custom"}


def _scalar(text: str) -> str:
    """A text as YAML takes it for one."""
    is_plain = _YAML_PLAIN.fullmatch(text) and text.lower() not in _YAML_WORDS
    return text if is_plain else json.dumps(text, ensure_ascii=False)


class _Draft:
    """A contract in the making."""

    def __init__(
        self,
        path: UPath,
        source: str,
        kind: str,
        sample: Sample,
        facts: Mapping[str, FieldFacts],
        times: Mapping[str, str],
        target: str,
        why: str,
    ) -> None:
        self.path, self.source, self.kind = path, source, kind
        self.sample, self.facts, self.times = sample, facts, times
        self.target, self.why = target, why
        self.records = len(sample.records)
        self.columns: dict[str, Guess] = {}
        self.taken: dict[str, str] = {}  # field by column

    def text(self) -> str:
        self._map()
        first = self._first_day()
        lines = [
            "# yaml-language-server: $schema=../../docs/contract.schema.json",
            f"description: Drafted from {self.path.name}. Say here what lands.",
            self._line(
                0, "namespace", self.source, "the ids are the producer's own; leave it out where they are shared"
            ),
            self._line(0, "cadence", "irregular", "write daily where a day may not be missing"),
            self._line(
                0,
                "earliest",
                str(min(first or EARLIEST, EARLIEST)),
                f"the first time in the sample is of {first}" if first else "the sample has no times",
            ),
            "",
            "files:",
            f"  {_scalar(self.kind)}:",
            self._line(4, "patterns", f"[{json.dumps(self._pattern())}]", f"from the name {self.path.name}"),
            *(self._line(4, key, text, why) for key, (text, why) in self.sample.keys.items()),
            self._line(4, "target", self.target, self.why),
            *self._extract(),
            *self._times(),
            "    columns:",
            *(self._line(6, column, guess.text, guess.why) for column, guess in self.columns.items()),
            *self._ignored(),
            *self._names(),
        ]
        return "\n".join(lines) + "\n"

    @staticmethod
    def _line(indent: int, key: str, text: str, why: str) -> str:
        return f"{' ' * indent}{key}: {text}" + (f"  # guess: {why}" if why else "")

    def _map(self) -> None:
        target = TARGETS[self.target]
        moment = _moment(target.moment, self.target, self.facts, self.times)
        self.form = self.times.get(moment) if moment else None
        by_values = self._by_values()
        for column in COLUMNS[self.target]:
            kind = target.columns[column]
            reason = "by its name"
            if column == target.moment:
                name = moment
                if moment and not find(column, self.target, {moment: self.facts[moment]}, self.records):
                    reason = "its values are times"
            elif column in by_values:
                name, reason = by_values[column]
            else:
                taken = () if column in SHARED else self.taken.values()
                name = find(column, self.target, self.facts, self.records, taken)
            if kind == TIMESTAMP and name is not None:
                self.form = self.form or self.times.get(name)
                name = name if self.times.get(name) == self.form and self.form else None
            if name is None:
                continue
            self.taken[column] = name
            self.columns[column] = self._origin(column, kind, name, reason)

    def _by_values(self) -> dict[str, tuple[str, str]]:
        """By column of events: the field that only its values tell, and what they tell."""
        if self.target != "user_events":
            return {}
        found = {}
        named = {column: find(column, self.target, self.facts, self.records) for column in ("event_type", *ACTORS)}
        if not named["event_type"] and (name := names_by_values(self.facts, self.times)):
            found["event_type"] = name, "its values are known as names of events"
        if not any(named[column] for column in ACTORS):
            name = actor_by_values(self.facts, self.times, self.records)
            found["user_id"] = name, "no name tells who did it, and these values come again: say who it is"
        return found

    def _origin(self, column: str, kind: str, name: str, reason: str) -> Guess:
        each = self.facts[name]
        share = f", in {len(each.values)} of {self.records} records" if len(each.values) < self.records else ""
        why = f"{reason}{share}"
        steps: list[str] = []
        if kind == ID and any(re.fullmatch(r"\d+\.0+", text) for text in each.texts):
            steps, why = ["integer_text"], f"{why}; whole numbers are written as {each.texts[0]}"
        if column in ACTORS and self._is_address(name):
            steps, why = ["hash"], f"{why}; hashed, because e-mail addresses are personal"
        if column in ("country", "language") and any(len(text) != 2 for text in each.texts):
            steps, why = [column], f"{why}; not all are codes of two letters, such as {each.texts[0]}"
        elif column == "country" and any(text != text.upper() for text in each.texts):
            steps = ["country"]
        if column == "page_path" and any("://" in text for text in each.texts):
            steps, why = ["url_path"], f"{why}; the values are URLs"
        if column in ("platform", "device_type") and any(text != text.lower() for text in each.texts):
            steps = ["lower"]
        if column == "event_id":
            why = "it is another in each record"
        origin = self._place(each)
        if not steps:
            return Guess(origin if isinstance(origin, str) else f"{{{origin[0]}: {origin[1]}}}", why)
        key, where = ("path" if self.sample.is_nested else "field", origin) if isinstance(origin, str) else origin
        return Guess(f"{{{key}: {where}, as: [{', '.join(steps)}]}}", why)

    def _is_address(self, name: str) -> bool:
        return any("@" in text for text in self.facts[name].texts)

    def _ignored(self) -> list[str]:
        names = [name for column in ACTORS if (name := self.taken.get(column)) and self._is_address(name)]
        shown = ", ".join(map(_scalar, names))
        return [self._line(4, "ignore", f"[{shown}]", "the e-mail address itself is not kept")] if names else []

    def _place(self, each: FieldFacts) -> str | tuple[str, str]:
        """Where a field is: a text, or a key of an origin and its value."""
        if not self.sample.is_nested:
            return _scalar(each.name)
        if len(each.steps) == 1:
            name = each.steps[0]
            return _scalar(name) if re.fullmatch(r"\w+", name) else ("field", _scalar(name))
        if all(re.fullmatch(r"\w+", step) for step in each.steps):
            return _scalar(each.name)
        return "path", f"[{', '.join(map(_scalar, each.steps))}]"

    def _extract(self) -> list[str]:
        if self.target == "user_events":
            return []
        own = self.facts[self.taken[THINGS[self.target]]]
        if own.is_unique(self.records):
            return [self._line(4, "extract", "full", "each id stands once, as in a whole table; see Full extracts")]
        return [self._line(4, "constants", "{op: upsert}", "nothing tells what was deleted")]

    def _times(self) -> list[str]:
        lines = []
        if self.form and self.form != ISO:
            why = f"such as {self._example()}"
            if other := _other_order(self.form, self._time_values()):
                why += f"; but {other} reads them, too: see which it is"
            lines.append(self._line(4, "timestamps", _scalar(self.form), why))
        if self.form and self.form not in UNIX_RANGES and not self._has_zone():
            lines.append(f"    # guess: times such as {self._example()} are UTC; time_zone names another zone")
        return lines

    def _time_values(self) -> list[Any]:
        return self.facts[next(name for name in self.taken.values() if self.times.get(name) == self.form)].values

    def _example(self) -> str:
        return str(self._time_values()[0])

    def _has_zone(self) -> bool:
        return bool(re.search(r"(Z|UTC|[+-]\d\d:?\d\d)$", self._example())) or "%z" in (self.form or "")

    def _names(self) -> list[str]:
        """What events are called, and what they are here."""
        if self.target != "user_events":
            return []
        lines = []
        if "event_id" not in self.columns:
            lines.append(
                "    # guess: no field is another in each record, so the id of an event is made of its content"
            )
        if "event_type" not in self.columns:
            word = "refund" if "refund" in self.kind else "purchase" if "amount" in self.columns else ""
            name = _scalar(self.kind)
            lines.append(self._line(4, "constants", f"{{event_type: {name}}}", "no field names what happened"))
            meaning = f"{{{name}: {word}}}" if word else "{}"
            lines.append(self._line(4, "event_types", meaning, "from the file's name" if word else "say what it is"))
            return lines
        written = Counter(self.facts[self.taken["event_type"]].texts)
        known = {name: word for name in written if (word := event_word(name))}
        others = [name for name in written if name not in known]
        if known:
            lines.append("    event_types:")
            lines += [
                self._line(6, _scalar(name), word, f"by its name; {written[name]} record{'s' * (written[name] > 1)}")
                for name, word in known.items()
            ]
        else:
            lines.append("    event_types: {}")
        if others:
            shown = ", ".join(" ".join(name.split())[:40] for name in others[:20])
            lines.append(f"    # guess: custom events, which count as activity: {shown}")
        return lines

    def _first_day(self) -> datetime.date | None:
        reads = moment_reader(self.form) if self.form else None
        days = []
        for name in self.taken.values():
            if reads and self.times.get(name) == self.form:
                for value in self.facts[name].texts:
                    try:
                        days.append(reads("", value).astimezone(UTC).date())
                    except Rejected:
                        continue
        return min(days, default=None)

    def _pattern(self) -> str:
        stem, dot, suffixes = self.path.name.partition(".")
        pattern = re.sub(r"\d[\d_-]*", "*", stem)
        return (pattern if "*" in pattern else f"{pattern}*") + dot + suffixes
