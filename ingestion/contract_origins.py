"""Reads from a contract where a column comes from."""

import re
from typing import Any

from ingestion.conditions import Condition, as_text
from ingestion.contract_keys import ORIGIN_KEYS, SOURCE_KEYS, TEST_KEYS
from ingestion.contract_section import Section
from ingestion.origins import (
    PLACE,
    AnyOrigin,
    Constant,
    Entry,
    Field,
    FileName,
    First,
    Join,
    LoadDate,
    Origin,
    Path,
    Source,
    Spot,
    When,
    parse_path,
)
from ingestion.targets import PROPERTIES, TIMESTAMP, Target
from ingestion.times import ISO, check_form
from ingestion.transforms import PLAIN, USER_AGENT, WITH_ARGUMENT, Transform

TESTS = tuple(TEST_KEYS)
SOURCES = tuple(SOURCE_KEYS)
BESIDE = {"key": ("in", "key_name", "value_name", "at"), "join": ("with",)}  # keys that belong to one of the sources
NESTED = ("ndjson", "json_array", "json_document", "parquet")


def column_origins(section: Section, target: Target, form: str) -> tuple[dict[str, AnyOrigin], dict[str, str]]:
    """The origin of each column, and the columns with a constant, of the key `columns`."""
    columns: dict[str, AnyOrigin] = {}
    constants: dict[str, str] = {}
    body = section.raw_mapping("columns")
    section.known_columns("columns", body, target)
    for column, value in body.items():
        place = f"columns.{column}"
        if column == "op" and _is_deletion(value):
            continue
        if isinstance(value, dict) and set(value) == {"constant"}:
            constants[column] = _constant(_part(section, place, value))
            continue
        origin = _origin(section, place, value, form)
        kind = target.columns[column]
        if isinstance(origin, Origin):
            _check_times(section, place, origin, kind)
            if kind == PROPERTIES and not (isinstance(origin.source, Field | Path) and not origin.transforms):
                section.fail(f"{place} is made of {origin}", "name a field or a path: properties is an object as it is")
        columns[column] = origin
    return columns, constants


def deletion(section: Section, target: Target, form: str) -> Condition | None:
    """The condition of `op: {deleted_when: …}`, if the contract has it."""
    value = section.raw_mapping("columns").get("op")
    if not _is_deletion(value) or "op" not in target.columns:
        return None
    part = Section(section.path, f"{section.place}.columns.op", value, {"deleted_when"})
    return _condition(part, "deleted_when", part.value("deleted_when"), form)


def _is_deletion(value: Any) -> bool:
    return isinstance(value, dict) and "deleted_when" in value


def skip_conditions(section: Section, form: str) -> tuple[Condition, ...]:
    """The conditions of the key `skip`."""
    return tuple(
        _condition(section, f"skip[{number}]", value, form) for number, value in enumerate(section.items("skip"), 1)
    )


def _condition(section: Section, place: str, value: Any, form: str) -> Condition:
    """An origin with a test. Where an origin and a test have the same key, `in`, `key` says which is meant."""
    if not isinstance(value, dict):
        section.fail(f"{place} is {value!r}", f"write an origin, such as field, and one of {', '.join(TESTS)}")
    is_not = "not" in value
    if "when" in value:
        section.fail(f"{place} has a when", "remove it: a condition is asked of every line")
    tested = dict(value)
    test = tested.pop("not") if is_not else {key: tested.pop(key) for key in TESTS if key in tested and key != "in"}
    if not is_not and not test and "key" not in tested and "in" in tested:
        test = {"in": tested.pop("in")}
    if is_not and not isinstance(test, dict):
        test = {"is": test}
    part = Section(section.path, f"{section.place}.{place}", test, {"is", "in", "matches", "empty"})
    if len(part.body) != 1:
        part.fail(f"{len(part.body)} tests given", f"write exactly one of {', '.join(TESTS)}")
    origin = _origin(section, place, tested, form)
    if isinstance(origin, Origin) and (origin.timestamps or origin.time_zone):
        part.fail("timestamps or time_zone given", "remove it: values are compared as texts")
    if "matches" in part.body:
        pattern = part.text("matches")
        try:
            re.compile(pattern)
        except re.error as error:
            part.fail(f"matches is {pattern!r}, no regular expression: {error}", "mend it; Python's rules hold")
        return Condition(origin, matches=pattern, is_not=is_not)
    if "empty" in part.body:
        return Condition(origin, empty=part.flag("empty"), is_not=is_not)
    values = [part.value("is")] if "is" in part.body else part.items("in")
    texts = [as_text(each) for each in values]
    if not texts or None in texts:
        part.fail(f"{place} compares with {values!r}", "write texts, numbers, true or false")
    return Condition(origin, one_of=frozenset(texts), is_not=is_not)


def _origin(section: Section, place: str, value: Any, form: str) -> AnyOrigin:
    if isinstance(value, str) and value:
        return _of_text(section, place, value, form)
    if not isinstance(value, dict):
        # YAML reads an unquoted NO, off or 1 as something else than a text.
        section.fail(f"{place} is {value!r}", "write a field's name, in quotes, or a mapping with one of its origins")
    part = _part(section, place, value)
    given = [key for key in SOURCES if key in part.body]
    if len(given) != 1:
        part.fail(f"{' and '.join(given) or 'no origin'} given", f"write exactly one of {', '.join(SOURCES)}")
    for source, keys in BESIDE.items():
        if source not in given and (alone := [key for key in keys if key in part.body]):
            part.fail(f"{', '.join(alone)} given without {source}", f"remove it: it belongs to {source}")
    transforms = tuple(_transform(part, number, each) for number, each in enumerate(part.items("as"), 1))
    source, times = _source(part, given[0], form), (part.text("timestamps", None), part.text("time_zone", None))
    if "when" not in part.body:
        return Origin(source, transforms, *times)
    # The times are those of the column, which looks for them here.
    return Origin(When(Origin(source, transforms), _condition(part, "when", part.value("when"), form)), (), *times)


def _part(section: Section, place: str, value: dict) -> Section:
    return Section(section.path, f"{section.place}.{place}", value, ORIGIN_KEYS)


def _of_text(section: Section, place: str, text: str, form: str) -> AnyOrigin:
    """A text is a field's name; where records are nested, it can be a path, too."""
    if form not in NESTED or not re.search(rf"\.|{PLACE}", text):
        return text
    return Origin(Path(_steps(section, place, text), text))


def _steps(section: Section, place: str, value: Any) -> Spot:
    if isinstance(value, list):
        good = [isinstance(step, str) and step or type(step) is int and step >= 0 for step in value]
        if value and all(good) and isinstance(value[0], str):
            return tuple(value)
    if isinstance(value, str):
        try:
            return parse_path(value)
        except ValueError:
            pass
    section.fail(
        f"{place} is {value!r}, no path",
        "write names with dots between, and places in an array in brackets, such as items[0].sku, or a list of both",
    )
    raise AssertionError


def _source(part: Section, source: str, form: str) -> Source:
    match source:
        case "field":
            return Field(part.text("field"))
        case "path":
            return Path(_steps(part, "path", part.value("path")))
        case "key":
            inside = _steps(part, "at", part.value("at")) if "at" in part.body else ()
            names = part.text("key_name", "key"), part.text("value_name", "value")
            entry = Entry(part.text("key"), *names, is_passed=bool(inside))
            return Path((*_steps(part, "in", part.value("in")), entry, *inside))
        case "constant":
            return Constant(_constant(part))
        case "first":
            return First(_several(part, "first", form))
        case "join":
            separator = part.value("with")
            if not isinstance(separator, str):
                part.fail(f"with is {separator!r}", 'write what stands between the parts, such as ":"')
            return Join(_several(part, "join", form), separator)
        case "file_name":
            return FileName(pattern_with_group(part, "file_name", part.text("file_name")))
    if not part.flag("load_date"):
        part.fail("load_date is false", "write true, or leave the column out")
    return LoadDate()


def _constant(part: Section) -> str:
    return part.text("constant")


def _several(part: Section, key: str, form: str) -> tuple[AnyOrigin, ...]:
    values = part.items(key)
    if len(values) < 2:
        part.fail(f"{key} has {len(values)} origins", "list two or more")
    origins = tuple(_origin(part, f"{key}[{number}]", each, form) for number, each in enumerate(values, 1))
    if any(isinstance(each, Origin) and (each.timestamps or each.time_zone) for each in origins):
        part.fail(f"{key} holds timestamps or time_zone", f"write it beside {key}: it holds for all of them")
    return origins


def _transform(part: Section, number: int, value: Any) -> Transform:
    place = f"as[{number}]"
    if isinstance(value, str) and value in PLAIN:
        return Transform(value)
    named = [name for name in WITH_ARGUMENT if isinstance(value, dict) and name in value]
    if len(named) != 1:
        known = f"{', '.join(PLAIN)}, or a mapping with one of {', '.join(WITH_ARGUMENT)}"
        part.fail(f"{place} is {value!r}, no transform", f"use one of {known}")
    name = named[0]
    keys = {name, "else"} if name == "map" else {name}
    step = Section(part.path, f"{part.place}.{place}", value, keys)
    if name == "map":
        return Transform(name, values=step.mapping("map"), otherwise=step.text("else", None))
    if name == "user_agent":
        return Transform(name, step.choice("user_agent", USER_AGENT))
    if name == "regex":
        return Transform(name, pattern_with_group(step, "regex", step.text("regex")))
    return Transform(name, step.text(name))


def pattern_with_group(section: Section, key: str, pattern: str) -> str:
    """A regular expression with exactly one group."""
    try:
        groups = re.compile(pattern).groups
    except re.error as error:
        section.fail(f"{key} is {pattern!r}, no regular expression: {error}", "mend it; Python's rules hold")
    if groups != 1:
        section.fail(f"{key} is {pattern!r}, with {groups} groups", "put what is wanted, and only that, in parentheses")
    return pattern


def _check_times(section: Section, place: str, origin: Origin, kind: str) -> None:
    if origin.timestamps is None and origin.time_zone is None:
        return
    if kind != TIMESTAMP:
        section.fail(f"{place} has timestamps or time_zone", "remove it: the column is no timestamp")
    check_times(section, place, origin.timestamps or ISO, origin.time_zone)


def check_times(section: Section, place: str, form: str, time_zone: str | None) -> None:
    """Whether there is such a form of timestamps, and such a time zone."""
    try:
        check_form(form, time_zone)
    except ValueError as error:
        section.fail(
            f"{place}{': ' * bool(place)}{error}",
            "timestamps is iso, unix_seconds, unix_milliseconds, unix_microseconds or a pattern such as "
            "'%d.%m.%Y %H:%M:%S'; time_zone a name such as Europe/Berlin, where times have none",
        )
