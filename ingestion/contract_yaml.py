"""Reads source contracts: one YAML file per source.

The keys are described in docs/sources.md. A contract is checked whole before anything is read by it.
"""

import datetime
import os
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from ingestion.contract_keys import (
    CADENCES,
    CONTRACT_KEYS,
    EXTRACTS,
    FILE_KEYS,
    LINES_KEYS,
    NO_QUOTE,
    RULE_KEYS,
    SESSIONS,
)
from ingestion.contract_origins import check_times, column_origins, deletion, pattern_with_group, skip_conditions
from ingestion.contract_section import Located, LocatingLoader, Section
from ingestion.contracts import HELD_BACK_AT_MOST, Contract, Dialect, FileContract, Lines, Rule
from ingestion.errors import ContractError
from ingestion.formats import FORMATS
from ingestion.origins import AnyOrigin, fields, fixed_spots, lacking
from ingestion.targets import (
    CHANGES,
    ID,
    INTEGER,
    NUMBER,
    OPERATION,
    PROPERTIES,
    TARGETS,
    TIMESTAMP,
    Target,
)
from ingestion.text_encoding import known_encoding
from ingestion.times import ISO
from ingestion.vocabulary import CUSTOM, EVENT_TYPES

SOURCES = Path(__file__).resolve().parent / "sources"

# What a kind that is derived from the lines of another says itself, and what it has from that.
DIALECT_KEYS = {"delimiter", "quote", "escape", "encoding", "header", "fields", "decimal_comma", "thousands", "records"}
TIME_KEYS = {"timestamps", "time_zone"}
VALUE_KEYS = {"columns", "constants", "defaults", "lower", "upper", "replace", "required", "rules", "skip", "optional"}
DERIVED_KEYS = {"from", "target", *VALUE_KEYS, *TIME_KEYS}
INHERITED_KEYS = {"format", "extract", *DIALECT_KEYS, *TIME_KEYS}
DELIMITED = ("csv", "tsv")


def own_folder() -> Path | None:
    """The folder of contracts of one's own, beside the shipped ones: SOURCES_DIR."""
    folder = os.environ.get("SOURCES_DIR")
    if folder and not Path(folder).is_dir():
        raise ContractError(
            f"SOURCES_DIR={folder} is no folder.\nRemedy: make it, or correct the setting; without it only the shipped "
            f"contracts count."
        )
    return Path(folder) if folder else None


def load_contracts(folder: Path | None = None) -> list[Contract]:
    """All contracts by source: of one folder, or the shipped ones and one's own, which replace those of the same name.

    Raises `ContractError` for the first contract that cannot be used.
    """
    if folder is None:
        own = own_folder()
        paths = {path.name: path for each in (SOURCES, own) if each for path in Path(each).glob("*.yml")}
        return [load_contract(path) for _, path in sorted(paths.items())]
    paths = sorted(Path(folder).glob("*.yml"))
    if not paths:
        raise ContractError(f"no source contract (*.yml) in {folder}.\nRemedy: add one; docs/sources.md shows how.")
    return [load_contract(path) for path in paths]


def load_contract(path: Path) -> Contract:
    """Read and check one contract."""
    return contract_of(path, path.read_bytes())


@lru_cache(maxsize=64)
def contract_of(path: Path, content: bytes) -> Contract:
    """What a file says: to check all contracts takes longer than to read them, and what they say seldom changes."""
    try:
        document = yaml.load(content, Loader=LocatingLoader)
    except yaml.YAMLError as error:
        raise ContractError(f"{path}: not readable as YAML: {error}\nRemedy: mend the YAML.") from error
    section = Section(path, "", document, CONTRACT_KEYS)
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
    sections = {str(name): Section(path, f"files.{name}", body, FILE_KEYS) for name, body in files.items()}
    about = (source, namespace, earliest)
    kinds = tuple(
        replace(_file_contract(kind, name, *about), derived=_derived(sections, name, *about))
        for name, kind in sections.items()
        if "from" not in kind.body
    )
    for kind in sections.values():
        if "from" in kind.body and (kind.text("from") not in {each.name for each in kinds}):
            kind.fail(f"from is {kind.body['from']!r}", "name a kind of file of this contract that has patterns")
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


def _derived(
    sections: Mapping[str, Section], parent: str, source: str, namespace: str | None, earliest: datetime.date
) -> tuple[FileContract, ...]:
    """The kinds that read the lines of another. How these are written, it says."""
    found: list[FileContract] = []
    for name, section in sections.items():
        if section.body.get("from") != parent:
            continue
        if given := sorted(section.body.keys() - DERIVED_KEYS):
            section.fail(f"{', '.join(given)} given with from", f"remove it: it is said in files.{parent}")
        if section.choice("target", tuple(TARGETS)) not in {target.name for target in CHANGES}:
            section.fail("target is user_events", "derive change records; events come from a kind with patterns")
        how = {key: value for key, value in sections[parent].body.items() if key in INHERITED_KEYS}
        whole = Section(section.path, section.place, Located({**how, **section.body}, section.body), FILE_KEYS)
        kind = replace(_file_contract(whole, name, source, namespace, earliest), derived_from=parent)
        others = {sections[parent].body.get("target"), *(each.target.name for each in found)}
        if kind.target.name in others:
            section.fail(f"target {kind.target.name} is filled from files.{parent} already", "keep one of the two")
        found.append(kind)
    return tuple(found)


def _file_contract(
    section: Section, name: str, source: str, namespace: str | None, earliest: datetime.date
) -> FileContract:
    target = TARGETS[section.choice("target", tuple(TARGETS))]
    is_events = target.name == "user_events"
    form = section.choice("format", tuple(FORMATS))
    deleted_when = deletion(section, target, form)
    columns, constants = column_origins(section, target, form)
    if twice := sorted(set(constants) & set(section.mapping("constants", {}))):
        section.fail(f"{', '.join(twice)} has a constant in columns and in constants", "keep one of the two")
    constants = {**constants, **section.mapping("constants", {})}
    defaults = section.mapping("defaults", {})
    is_extract = "extract" in section.body and section.choice("extract", EXTRACTS) == "full"
    if is_extract and is_events:
        section.fail("extract given", f"remove it: {target.name} tells what happened, and not what there is")
    if deleted_when is None and is_extract and "op" not in {*columns, *constants}:
        constants = {**constants, "op": "upsert"}  # what is in the extract is there
    for key, named in (("columns", columns), ("constants", constants), ("defaults", defaults)):
        section.known_columns(key, named, target)
    if deleted_when and "op" in {*constants, *defaults}:
        section.fail("op has deleted_when and a text for all rows", "keep one of the two")
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
    given |= {"op"} if deleted_when else set()
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

    timestamps, time_zone = section.text("timestamps", ISO), section.text("time_zone", None)
    check_times(section, "", timestamps, time_zone)
    event_types = _event_types(section) if is_events else {}
    for key in ("event_types", "custom_events", "no_activity"):
        if not is_events and section.value(key, None) is not None:
            section.fail(f"{key} given", f"remove it: {target.name} has no events")
    ignore = section.names("ignore")
    kept = {spot[0] for origin in columns.values() for spot in fixed_spots(origin) or () if len(spot) == 1}
    if mapped := sorted(set(ignore) & kept):
        section.fail(f"{', '.join(mapped)} is mapped and ignored", "keep one of the two")
    optional = section.names("optional")
    mapped_fields = {name for origin in columns.values() for name in fields(origin)}
    if unmapped := sorted(set(optional) - mapped_fields):
        section.fail(f"optional names {', '.join(unmapped)}", "optional lists producer's fields that columns maps")
    return FileContract(
        name=name,
        source=source,
        namespace=namespace,
        earliest=earliest,
        patterns=() if "from" in section.body else tuple(section.names("patterns", needed=True)),
        format=form,
        target=target,
        columns=columns,
        constants=constants,
        defaults=defaults,
        event_types=event_types,
        passive_types=frozenset(name for name in event_types.values() if not EVENT_TYPES[name].activity),
        custom_events=tuple(section.names("custom_events") if "custom_events" in section.body else ["*"]),
        no_activity=tuple(section.names("no_activity")),
        timestamps=timestamps,
        time_zone=time_zone,
        lower=frozenset(lower),
        upper=frozenset(upper),
        replace=replace,
        required=required,
        rules=tuple(_rule(section, number, body, target) for number, body in enumerate(section.items("rules"), 1)),
        optional=frozenset(optional),
        ignore=frozenset(ignore),
        dialect=_dialect(section, form, columns, frozenset(optional)),
        is_extract=is_extract,
        skip=skip_conditions(section, form),
        deleted_when=deleted_when,
        lines=_lines(section),
        day=pattern_with_group(section, "day", section.text("day")) if "day" in section.body else None,
    )


def _lines(section: Section) -> Lines:
    """How many lines the files of a kind may have in a day, together."""
    if "lines" not in section.body:
        return Lines()
    bounds = Section(section.path, f"{section.place}.lines", section.body["lines"], LINES_KEYS)
    lines = Lines(bounds.count("at_least", 0), bounds.count("at_most", None))
    if lines.at_most is None and not lines.at_least:
        bounds.fail("no bound is given", "write at_least, at_most or both, or leave lines out")
    if lines.at_most is not None and lines.at_most < lines.at_least:
        bounds.fail(f"at_most {lines.at_most} is below at_least {lines.at_least}", "exchange them")
    return lines


def _dialect(section: Section, form: str, columns: Mapping[str, AnyOrigin], optional: frozenset[str]) -> Dialect:
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
    names = tuple(section.names("fields"))
    if section.flag("header", True) == bool(names):
        section.fail("header and fields do not fit", "name the columns under fields, with header: false, or neither")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        section.fail(f"fields names {', '.join(twice)} twice", "give each column a name of its own")
    known = {*names, *optional}
    if names and (unknown := sorted({each for origin in columns.values() for each in lacking(origin, known)})):
        section.fail(f"columns names {', '.join(unknown)}", f"map one of the fields: {', '.join(names)}")
    decimal_comma, thousands = section.flag("decimal_comma"), section.character("thousands", None)
    if thousands == ("," if decimal_comma else ".") or (thousands or "").isdigit():
        section.fail(f"thousands is {thousands!r}", "write what stands between the thousands, not the decimal mark")
    return Dialect(
        delimiter=delimiter,
        quote=quote,
        escape=escape,
        encoding=encoding,
        fields=names,
        decimal_comma=decimal_comma,
        thousands=thousands,
        records=records,
    )


def _event_types(section: Section) -> dict[str, str]:
    """The producer's names to canonical types; `canonical` says that the producer uses the canonical names."""
    if section.value("event_types") == "canonical":
        return {name: name for name in sorted(EVENT_TYPES) if name != CUSTOM}
    types = section.mapping("event_types")
    if unknown := sorted(set(types.values()) - set(EVENT_TYPES)):
        section.fail(
            f"event_types leads to {', '.join(unknown)}", f"use the canonical types: {', '.join(sorted(EVENT_TYPES))}"
        )
    return types


def _rule(section: Section, number: int, body: Any, target: Target) -> Rule:
    rule = Section(section.path, f"{section.place}.rules[{number}]", body, RULE_KEYS)
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
