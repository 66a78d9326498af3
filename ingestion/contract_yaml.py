"""Reads source contracts: one YAML file per source.

The keys are described in docs/sources.md. A contract is checked whole before anything is read by it.
"""

import datetime
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from ingestion.contracts import HELD_BACK_AT_MOST, Contract, Dialect, FileContract, Rule
from ingestion.errors import ContractError
from ingestion.formats import FORMATS
from ingestion.targets import (
    EVENT_NAME,
    ID,
    INTEGER,
    LOADERS,
    NUMBER,
    OPERATION,
    PROPERTIES,
    TARGETS,
    TIMESTAMP,
    Target,
)
from ingestion.text_encoding import known_encoding
from ingestion.vocabulary import CUSTOM, EVENT_TYPES

SOURCES = Path(__file__).resolve().parent / "sources"

CONTRACT_KEYS = {
    "description",
    "namespace",
    "cadence",
    "begins",
    "ends",
    "earliest",
    "held_back_at_most",
    "sessions",
    "files",
}
FILE_KEYS = {
    "patterns",
    "format",
    "target",
    "columns",
    "constants",
    "defaults",
    "event_types",
    "custom_events",
    "no_activity",
    "timestamps",
    "lower",
    "upper",
    "replace",
    "required",
    "rules",
    "optional",
    "ignore",
    "delimiter",
    "quote",
    "escape",
    "encoding",
    "header",
    "fields",
    "decimal_comma",
    "thousands",
    "records",
    "extract",
}
RULE_KEYS = {"column", "required", "positive", "one_of", "when"}
DELIMITED = ("csv", "tsv")
NO_QUOTE = "none"
CADENCES = ("daily", "irregular")
SESSIONS = ("ours", "producer")
EXTRACTS = ("full",)
TIMESTAMPS = ("iso", "unix_seconds", "unix_milliseconds")


def load_contracts(folder: Path = SOURCES) -> list[Contract]:
    """All contracts of a folder, by source.

    Raises `ContractError` for the first contract that cannot be used.
    """
    paths = sorted(Path(folder).glob("*.yml"))
    if not paths:
        raise ContractError(f"no source contract (*.yml) in {folder}.\nRemedy: add one; docs/sources.md shows how.")
    return [load_contract(path) for path in paths]


def load_contract(path: Path) -> Contract:
    """Read and check one contract."""
    content = path.read_bytes()
    try:
        document = yaml.load(content, Loader=_StrictLoader)
    except yaml.YAMLError as error:
        raise ContractError(f"{path}: not readable as YAML: {error}\nRemedy: mend the YAML.") from error
    section = _Section(path, "", document, CONTRACT_KEYS)
    source = path.stem
    if not source.isidentifier():
        section.fail(f"the source's name {source!r} is the file's name", "use letters, digits and underscores")
    namespace = section.text("namespace", None)
    if namespace is not None and (not namespace.isidentifier()):
        section.fail(f"namespace {namespace!r}", "use letters, digits and underscores")
    earliest = section.date("earliest")
    cadence = section.choice("cadence", CADENCES)
    begins, ends = section.date("begins", None), section.date("ends", None)
    if cadence != "daily" and (begins or ends):
        section.fail(f"begins or ends given for cadence {cadence}", "remove it: only a daily source owes days")
    if begins and ends and ends < begins:
        section.fail(f"ends {ends} is before begins {begins}", "write the first and the last day that it owes")
    files = section.value("files")
    if not isinstance(files, dict) or not files:
        section.fail("files is empty", "describe at least one kind of file")
    kinds = tuple(
        _file_contract(_Section(path, f"files.{name}", body, FILE_KEYS), str(name), source, namespace, earliest)
        for name, body in files.items()
    )
    if section.choice("sessions", SESSIONS, "ours") == "producer":
        if not any("session_id" in kind.columns for kind in kinds):
            section.fail("sessions is 'producer', but no file has session_id", "map it under columns, or leave it out")
        kinds = tuple(replace(kind, producer_sessions="session_id" in kind.columns) for kind in kinds)
    return Contract(
        source=source,
        description=section.text("description"),
        namespace=namespace,
        cadence=cadence,
        earliest=earliest,
        files=kinds,
        path=path,
        begins=begins,
        ends=ends,
        held_back_at_most=section.share("held_back_at_most", HELD_BACK_AT_MOST),
    )


def _file_contract(
    section: "_Section", name: str, source: str, namespace: str | None, earliest: datetime.date
) -> FileContract:
    target = TARGETS[section.choice("target", tuple(TARGETS))]
    is_events = target.name == "user_events"
    columns = section.mapping("columns")
    constants = section.mapping("constants", {})
    defaults = section.mapping("defaults", {})
    is_extract = "extract" in section.body and section.choice("extract", EXTRACTS) == "full"
    if is_extract and is_events:
        section.fail("extract given", f"remove it: {target.name} tells what happened, and not what there is")
    if is_extract and "op" not in {*columns, *constants}:
        constants = {**constants, "op": "upsert"}  # what is in the extract is there
    for key, named in (("columns", columns), ("constants", constants), ("defaults", defaults)):
        section.known_columns(key, named, target)
    if twice := sorted(set(columns) & set(constants)):
        section.fail(f"{', '.join(twice)} stands in columns and in constants", "keep one of the two")
    section.only_kinds("constants", constants, target, exclude=(ID, TIMESTAMP, NUMBER, INTEGER, PROPERTIES))
    section.only_kinds("defaults", defaults, target, exclude=(ID, TIMESTAMP, NUMBER, INTEGER, PROPERTIES))
    for column, value in {**constants, **defaults}.items():
        if target.columns[column] == OPERATION and value not in ("upsert", "delete"):
            section.fail(f"{column} is {value!r}", "write upsert or delete")
    if "event_id" in constants or "event_id" in defaults:
        section.fail("event_id is the same for all rows", "map a field, or leave it out: it is made of the content")
    given = set(columns) | set(constants) | set(defaults) | ({target.moment} if is_extract else set())
    if missing := [column for column in target.required if column not in given]:
        section.fail(f"nothing fills {', '.join(missing)} of {target.name}", "map a field under columns")
    if is_events and not {"user_id", "anonymous_id"} & set(columns):
        section.fail("neither user_id nor anonymous_id is mapped", "an event needs an actor: map one of them")

    lower, upper = section.names("lower"), section.names("upper")
    replace = {
        column: section.submapping("replace", column, values)
        for column, values in section.raw_mapping("replace", {}).items()
    }
    required = tuple(section.names("required"))
    for key, named in (("lower", lower), ("upper", upper), ("replace", replace), ("required", required)):
        section.known_columns(key, named, target)
    if both := sorted(set(lower) & set(upper)):
        section.fail(f"{', '.join(both)} stands in lower and in upper", "keep one of the two")

    event_types = _event_types(section) if is_events else {}
    for key in ("event_types", "custom_events", "no_activity"):
        if not is_events and section.value(key, None) is not None:
            section.fail(f"{key} given", f"remove it: {target.name} has no events")
    form = section.choice("format", tuple(FORMATS))
    ignore = section.names("ignore")
    if mapped := sorted(set(ignore) & set(columns.values())):
        section.fail(f"{', '.join(mapped)} is mapped and ignored", "keep one of the two")
    optional = section.names("optional")
    if unmapped := sorted(set(optional) - set(columns.values())):
        section.fail(f"optional names {', '.join(unmapped)}", "optional lists producer's fields that columns maps")
    return FileContract(
        name=name,
        source=source,
        namespace=namespace,
        earliest=earliest,
        patterns=tuple(section.names("patterns", needed=True)),
        format=form,
        target=target,
        columns=columns,
        constants=constants,
        defaults=defaults,
        event_types=event_types,
        passive_types=frozenset(name for name in event_types.values() if not EVENT_TYPES[name].activity),
        custom_events=tuple(section.names("custom_events") if "custom_events" in section.body else ["*"]),
        no_activity=tuple(section.names("no_activity")),
        timestamps=section.choice("timestamps", TIMESTAMPS, "iso"),
        lower=frozenset(lower),
        upper=frozenset(upper),
        replace=replace,
        required=required,
        rules=tuple(_rule(section, number, body, target) for number, body in enumerate(section.items("rules"), 1)),
        optional=frozenset(optional),
        ignore=frozenset(ignore),
        dialect=_dialect(section, form, set(columns.values()) - set(optional)),
        is_extract=is_extract,
    )


def _dialect(section: "_Section", form: str, mapped: set[str]) -> Dialect:
    for key in ("quote", "escape", "encoding", "header", "fields", "decimal_comma", "thousands"):
        if key in section.body and form not in DELIMITED:
            section.fail(f"{key} given for the format {form}", f"remove it: only {' and '.join(DELIMITED)} have it")
    if "records" in section.body and form != "json_document":
        section.fail(f"records given for the format {form}", "remove it: only json_document has it")
    records = tuple(section.text("records").split(".")) if "records" in section.body else ()
    if not all(records):
        section.fail(f"records is {section.body['records']!r}", "write keys with a dot between them, such as data.rows")
    delimiter = section.character("delimiter", "\t" if form == "tsv" else ",")
    # A tab rarely stands in a text, so a TSV rarely quotes, and a quote in it is a quote.
    quote = section.character("quote", NO_QUOTE if form == "tsv" else '"')
    quote = None if quote == NO_QUOTE else quote
    escape = section.character("escape", None)
    if len({delimiter, quote, escape} - {None}) < sum(mark is not None for mark in (delimiter, quote, escape)):
        section.fail("delimiter, quote and escape are not all different", "leave escape out where quotes are doubled")
    try:
        encoding = known_encoding(section.text("encoding", "utf-8"))
    except ValueError as error:
        section.fail(str(error), "write its name, such as latin-1, cp1252 or utf-16, or convert the files to UTF-8")
    fields = tuple(section.names("fields"))
    if section.flag("header", True) == bool(fields):
        section.fail("header and fields do not fit", "name the columns under fields, with header: false, or neither")
    if twice := sorted({name for name in fields if fields.count(name) > 1}):
        section.fail(f"fields names {', '.join(twice)} twice", "give each column a name of its own")
    if fields and (unknown := sorted(mapped - set(fields))):
        section.fail(f"columns names {', '.join(unknown)}", f"map one of the fields: {', '.join(fields)}")
    decimal_comma, thousands = section.flag("decimal_comma"), section.character("thousands", None)
    if thousands == ("," if decimal_comma else ".") or (thousands or "").isdigit():
        section.fail(f"thousands is {thousands!r}", "write what stands between the thousands, not the decimal mark")
    return Dialect(
        delimiter=delimiter,
        quote=quote,
        escape=escape,
        encoding=encoding,
        fields=fields,
        decimal_comma=decimal_comma,
        thousands=thousands,
        records=records,
    )


def _event_types(section: "_Section") -> dict[str, str]:
    """The producer's names to canonical types; `canonical` says that the producer uses the canonical names."""
    if section.value("event_types") == "canonical":
        return {name: name for name in sorted(EVENT_TYPES) if name != CUSTOM}
    types = section.mapping("event_types")
    if unknown := sorted(set(types.values()) - set(EVENT_TYPES)):
        section.fail(
            f"event_types leads to {', '.join(unknown)}", f"use the canonical types: {', '.join(sorted(EVENT_TYPES))}"
        )
    return types


def _rule(section: "_Section", number: int, body: Any, target: Target) -> Rule:
    rule = _Section(section.path, f"{section.place}.rules[{number}]", body, RULE_KEYS)
    column = rule.text("column")
    rule.known_columns("column", [column], target)
    positive, one_of, when = rule.flag("positive"), rule.names("one_of"), rule.names("when")
    if positive and target.columns[column] not in (NUMBER, INTEGER):
        rule.fail(f"positive for {column}", "only a number can be positive")
    if unknown := sorted(set(when) - set(EVENT_TYPES)):
        rule.fail(f"when names {', '.join(unknown)}", f"use the canonical types: {', '.join(sorted(EVENT_TYPES))}")
    if when and target.name != "user_events":
        rule.fail("when given", f"remove it: {target.name} has no events")
    if not (rule.flag("required") or positive or one_of):
        rule.fail("the rule asks for nothing", "add required, positive or one_of")
    return Rule(
        column=column,
        required=rule.flag("required"),
        positive=positive,
        one_of=frozenset(one_of) or None,
        when=frozenset(when) or None,
    )


class _Section:
    """One mapping of a contract, read key by key; every complaint names the file, the place and the remedy."""

    def __init__(self, path: Path, place: str, body: Any, known: set[str]) -> None:
        self.path = path
        self.place = place
        if not isinstance(body, dict):
            self.fail("not a mapping", f"write its keys: {', '.join(sorted(known))}")
        self.body = body
        if unknown := sorted(str(key) for key in set(body) - known):
            self.fail(f"unknown key {', '.join(unknown)}", f"known are {', '.join(sorted(known))}")

    def fail(self, wrong: str, remedy: str) -> None:
        place = f" {self.place}:" if self.place else ""
        raise ContractError(f"{self.path}:{place} {wrong}.\nRemedy: {remedy}.")

    def value(self, key: str, *default: Any) -> Any:
        if key not in self.body and not default:
            self.fail(f"{key} is missing", "add it; docs/sources.md says what it means")
        return self.body.get(key, *default)

    def text(self, key: str, *default: str | None) -> str | None:
        value = self.value(key, *default)
        if not (isinstance(value, str) and value) and not (default and value is None):
            self.fail(f"{key} is {value!r}", "write a text")
        return value

    def date(self, key: str, *default: None) -> datetime.date | None:
        value = self.value(key, *default)
        if type(value) is not datetime.date and not (default and value is None):
            self.fail(f"{key} is {value!r}", "write a date, such as 2010-01-01")
        return value

    def share(self, key: str, default: float) -> float:
        value = self.value(key, default)
        if type(value) not in (int, float) or not 0 <= value <= 1:
            self.fail(f"{key} is {value!r}", "write a number from 0 to 1, such as 0.5")
        return value

    def character(self, key: str, default: str | None) -> str | None:
        value = self.text(key, default)
        if (
            value not in (None, default)
            and (len(value) != 1 or value in "\r\n\0")
            and (key, value) != ("quote", "none")
        ):
            self.fail(f"{key} is {value!r}", "write one character")
        return value

    def flag(self, key: str, default: bool = False) -> bool:
        value = self.value(key, default)
        if not isinstance(value, bool):
            self.fail(f"{key} is {value!r}", "write true or false")
        return value

    def choice(self, key: str, allowed: tuple[str, ...], *default: str) -> str:
        value = self.value(key, *default)
        if value not in allowed:
            self.fail(f"{key} is {value!r}", f"use one of {', '.join(allowed)}")
        return value

    def items(self, key: str) -> list[Any]:
        value = self.value(key, [])
        if not isinstance(value, list):
            self.fail(f"{key} is {value!r}", "write a list")
        return value

    def names(self, key: str, *, needed: bool = False) -> list[str]:
        values = self.items(key)
        if needed and not values:
            self.fail(f"{key} is missing or empty", "write a list of texts")
        if wrong := [value for value in values if not isinstance(value, str) or not value]:
            self.fail(f"{key} holds {wrong[0]!r}", "write a list of texts")
        return values

    def raw_mapping(self, key: str, *default: dict) -> dict[str, Any]:
        value = self.value(key, *default)
        if not isinstance(value, dict):
            self.fail(f"{key} is {value!r}", "write a mapping")
        return value

    def mapping(self, key: str, *default: dict) -> dict[str, str]:
        return self._texts(key, self.raw_mapping(key, *default))

    def submapping(self, key: str, column: str, values: Any) -> dict[str, str]:
        if not isinstance(values, dict):
            self.fail(f"{key}.{column} is {values!r}", "write a mapping from the producer's value to ours")
        return self._texts(f"{key}.{column}", values)

    def _texts(self, place: str, values: dict) -> dict[str, str]:
        for name, value in values.items():
            for part in (name, value):
                # YAML reads an unquoted NO, off or 1 as something else than a text.
                if not isinstance(part, str) or not part:
                    self.fail(f"{place} holds {part!r}", "both sides are texts; put them in quotes")
        return values

    def known_columns(self, key: str, columns: Any, target: Target) -> None:
        fillable = [column for column, kind in target.columns.items() if kind not in LOADERS]
        if key in ("lower", "upper", "replace"):
            fillable += [column for column, kind in target.columns.items() if kind == EVENT_NAME]
        if unknown := sorted(set(columns) - set(fillable)):
            self.fail(
                f"{key} names {', '.join(unknown)}, no column of {target.name}", f"use one of {', '.join(fillable)}"
            )

    def only_kinds(self, key: str, columns: Any, target: Target, *, exclude: tuple[str, ...]) -> None:
        if wrong := sorted(column for column in columns if target.columns[column] in exclude):
            self.fail(f"{key} sets {', '.join(wrong)}", "only texts can be set for all rows")


class _StrictLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """YAML that refuses a key given twice instead of keeping the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        mapping = super().construct_mapping(node, deep)
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is given twice", key_node.start_mark
                )
            seen.add(key)
        return mapping
