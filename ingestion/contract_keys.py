"""The keys of a contract: what each means, and what may stand behind it.

The checks of `contract_yaml.py` know no other keys. The tables in docs/sources.md and the JSON Schema for editors,
docs/contract.schema.json, are made of them (`contract_reference.py`).
"""

from dataclasses import dataclass
from typing import Any

from ingestion.formats import FORMATS
from ingestion.targets import TARGETS
from ingestion.times import ISO, UNIX
from ingestion.transforms import PLAIN, USER_AGENT
from ingestion.vocabulary import EVENT_TYPES

NO_QUOTE = "none"
CADENCES = ("daily", "irregular")
SESSIONS = ("ours", "producer")
EXTRACTS = ("full",)

Schema = dict[str, Any]

TEXT: Schema = {"type": "string", "minLength": 1}
IDENTIFIER: Schema = {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"}
CHARACTER: Schema = {"type": "string", "minLength": 1, "maxLength": 1}
DATE: Schema = {"type": "string", "format": "date"}
FLAG: Schema = {"type": "boolean"}
NAMES: Schema = {"type": "array", "items": TEXT}
TIMES: Schema = {"anyOf": [{"enum": [ISO, *UNIX]}, {"type": "string", "pattern": "%"}]}
SCALAR: Schema = {"type": ["string", "number", "boolean"]}
COUNT: Schema = {"type": "integer", "minimum": 0}
ORIGIN: Schema = {"$ref": "#/$defs/origin"}
ORIGINS: Schema = {"type": "array", "items": ORIGIN, "minItems": 2}
PATH: Schema = {"anyOf": [TEXT, {"type": "array", "items": {"type": ["string", "integer"]}, "minItems": 1}]}


def one_of(*words: str) -> Schema:
    return {"enum": list(words)}


def a_mapping(values: Schema) -> Schema:
    return {"type": "object", "minProperties": 1, "additionalProperties": values}


TEXTS: Schema = {"type": "object", "additionalProperties": TEXT}


@dataclass(frozen=True)
class Key:
    """What a key means, in Markdown, and the JSON Schema of what stands behind it."""

    meaning: str
    schema: Schema


CONTRACT_KEYS = {
    "description": Key("one sentence for a person", TEXT),
    "namespace": Key(
        "put before user, anonymous, content, product, creator, session and order ids (`shop:C-7`), so "
        "that the ids of two producers never meet; left out where sources share one identity. A user or "
        "visitor id with a colon that has no namespace gets a colon in front (`:shop:C-7`)",
        IDENTIFIER,
    ),
    "cadence": Key(
        "`daily`: it owes each day from its first to its last. `irregular`: a day may be missing", one_of(*CADENCES)
    ),
    "begins": Key(
        "the first day that a daily source owes, such as `2026-03-01`; without it, the first that landed", DATE
    ),
    "ends": Key("the last day that a daily source owes; without it, it goes on", DATE),
    "earliest": Key("an event or change before this date is `ancient_timestamp`", DATE),
    "held_back_at_most": Key(
        "the share of a file's lines, from 0 to 1, above which a day is rejected; default 0.5, and 1 never rejects",
        {"type": "number", "minimum": 0, "maximum": 1},
    ),
    "sessions": Key(
        "`ours` (default): 30 idle minutes end a session. `producer`: events with the same `session_id` "
        "make one, see [metrics](metrics.md); those without one follow our rule",
        one_of(*SESSIONS),
    ),
    "files": Key("one entry per kind of file, each with the keys below", a_mapping({"$ref": "#/$defs/kind"})),
}

FILE_KEYS = {
    "from": Key(
        "another kind of file, whose lines this one reads, too, see [several tables from one "
        "file](#several-tables-from-one-file)",
        TEXT,
    ),
    "patterns": Key("names of the files, with `*` and `?`; a file must match one kind only", NAMES | {"minItems": 1}),
    "day": Key(
        "where the name of a file says its day: a regular expression, whose one group finds `2026-03-02`, `2026_03_02` "
        "or `20260302`. `make source-check` and `make land` then need no `DAY`, and a file in the folder of another "
        "day stops the load",
        TEXT,
    ),
    "format": Key(
        "`ndjson`, `json_array`, `json_document`, `csv`, `tsv` or `parquet`; see [formats](#formats)", one_of(*FORMATS)
    ),
    "records": Key("of a JSON document: the keys that lead to the array of records, such as `data.rows`", TEXT),
    "delimiter": Key("of a CSV or TSV; default `,` or a tab", CHARACTER),
    "quote": Key(
        "what surrounds a text that holds a delimiter or a line's end; default `\"` in a CSV and `none` in a TSV",
        {"anyOf": [CHARACTER, one_of(NO_QUOTE)]},
    ),
    "escape": Key("what stands before a quote within a text; without it a quote is doubled", CHARACTER),
    "encoding": Key("of a CSV or TSV, such as `cp1252` or `utf-16`; default `utf-8`", TEXT),
    "header": Key("`false` where the first line is a record; then `fields` names the columns", FLAG),
    "fields": Key("the names of the columns, in their order", NAMES),
    "decimal_comma": Key("`true` where numbers are written as `1,5`", FLAG),
    "thousands": Key("what stands between the thousands, such as `.` in `1.234,5`; without it, nothing may", CHARACTER),
    "target": Key(
        "the raw table: `user_events`, `user_changes`, `product_changes`, `content_changes`, `creator_changes`, "
        "`rate_changes`",
        one_of(*TARGETS),
    ),
    "columns": Key(
        "canonical column: the producer's field, or another origin, see [where a column comes "
        "from](#where-a-column-comes-from). One field may fill several columns",
        {"type": "object"},
    ),
    "constants": Key("canonical column: a text for all rows", TEXTS),
    "defaults": Key("canonical column: a text where the field is null or blank", TEXTS),
    "event_types": Key(
        "the producer's name: the canonical type ([vocabulary](vocabulary.md)); or `canonical` where they are the same",
        {"anyOf": [one_of("canonical"), {"type": "object", "additionalProperties": one_of(*EVENT_TYPES)}]},
    ),
    "custom_events": Key(
        "names, with `*` and `?`, that become custom events when `event_types` does not map them; all "
        'other names are quarantined. Default `["*"]`: nothing is quarantined for its name. `[]` '
        "quarantines every name that is not mapped",
        NAMES,
    ),
    "no_activity": Key(
        "names, with `*` and `?`, of events that nobody did, such as what a server sends. Mapped or "
        "custom, they make nobody active",
        NAMES,
    ),
    "skip": Key(
        "which lines are left out on purpose, see [lines that are left out](#lines-that-are-left-out)",
        {"type": "array", "items": {"$ref": "#/$defs/condition"}},
    ),
    "extract": Key(
        "`full`: the files of a day are a whole table, see [full extracts](#full-extracts); for the "
        "tables of changes only",
        one_of(*EXTRACTS),
    ),
    "timestamps": Key(
        "how moments are written: `iso` (default), `unix_seconds`, `unix_milliseconds`, "
        '`unix_microseconds`, or a pattern such as `"%d.%m.%Y %H:%M:%S"`, see [times](#times)',
        TIMES,
    ),
    "time_zone": Key("the zone of times that name none, such as `Europe/Berlin`; default UTC", TEXT),
    "lower": Key("columns whose text is written in small letters", NAMES),
    "upper": Key("columns whose text is written in capital letters", NAMES),
    "replace": Key("column: {the producer's value, after `lower` and `upper`: ours}", a_mapping(TEXTS)),
    "required": Key(
        "columns that must have a value, beyond those that the table needs; a deletion needs only its key",
        NAMES,
    ),
    "lines": Key(
        "how many lines the files of the kind have in a day, together: `{at_least: 1000, at_most: "
        "500000}`, or one of the two. A day with fewer or more is rejected: what was published before "
        "stays. It is judged on each day on which the source lands a file; a kind without a file then "
        "has 0 lines",
        {"$ref": "#/$defs/lines"},
    ),
    "rules": Key(
        "each with `column` and any of `required`, `positive`, `one_of`; `when` limits it to canonical event types",
        {"type": "array", "items": {"$ref": "#/$defs/rule"}},
    ),
    "optional": Key("producer's columns that the header of a CSV, or a Parquet file, may lack", NAMES),
    "ignore": Key("producer's fields, or paths in nested records, that are dropped on purpose", NAMES),
}

LINES_KEYS = {
    "at_least": Key("the fewest lines", COUNT),
    "at_most": Key("the most lines", COUNT),
}

RULE_KEYS = {
    "column": Key("the canonical column that the rule is about", TEXT),
    "required": Key("`true`: it must have a value", FLAG),
    "positive": Key("`true`: where it has a value, that is above zero", FLAG),
    "one_of": Key("where it has a value, that is one of these", NAMES),
    "when": Key("the canonical event types for which the rule holds; without it, for all", NAMES),
}

SOURCE_KEYS = {
    "field": Key("the field of that name, whatever characters are in it", TEXT),
    "path": Key(
        'a path, or a list of its steps where a name has a dot in it: `[context, "app.name", 0]`. A text '
        "that is JSON is looked into, also in a CSV",
        PATH,
    ),
    "key": Key(
        "the value of a key in an array of `{key, value}` objects, or in an object, which stands at the "
        "path `in`. `key_name` and `value_name` are the names of the two, by default `key` and `value`; "
        "a `*` in the key of an array stands for any text. Where the value is an object, such as "
        "`{string_value, int_value}`, its first value that is not null counts; or what stands at the "
        "path `at` in it",
        TEXT,
    ),
    "constant": Key("that text, for all rows", TEXT),
    "first": Key("a list of origins: the first value that is not empty", ORIGINS),
    "join": Key(
        "a list of origins, joined to one text with the text `with` between them; null when one of them is empty",
        ORIGINS,
    ),
    "file_name": Key(
        "what the one group of a regular expression finds in the name of the landed file. A name in "
        "which it finds nothing stops the load",
        TEXT,
    ),
    "load_date": Key("`true`: the load day", {"const": True}),
}

# Keys that belong to one of the sources, and keys that go with any.
BESIDE_KEYS = {
    "in": Key("of `key`: the path to the array or object", PATH),
    "key_name": Key("of `key`: what the key of an entry is called; default `key`", TEXT),
    "value_name": Key("of `key`: what the value of an entry is called; default `value`", TEXT),
    "at": Key("of `key`: a path into the value", PATH),
    "with": Key("of `join`: what stands between the parts", {"type": "string"}),
    "when": Key(
        "for which lines the origin holds: a condition, see [lines that are left out](#lines-that-are-left-out). For "
        "the others the value is null",
        {"$ref": "#/$defs/condition"},
    ),
    "as": Key("what is done with the value, in that order", {"type": "array", "items": {"$ref": "#/$defs/transform"}}),
    "timestamps": Key("how the moments of this column are written", TIMES),
    "time_zone": Key("the zone of those that name none", TEXT),
}

ORIGIN_KEYS = {**SOURCE_KEYS, **BESIDE_KEYS}

TEST_KEYS = {
    "is": Key(
        'the value is this. Values are compared as texts: `1`, `1.0` and `"1"` are the same, and so are `true` and '
        '`"true"`',
        SCALAR,
    ),
    "in": Key("the value is one of these", {"type": "array", "items": SCALAR, "minItems": 1}),
    "matches": Key("the regular expression finds something in it", TEXT),
    "empty": Key("`true`: it is null, blank, or an object or array of nothing; `false`: it is not", FLAG),
    "not": Key(
        "the contrary of what stands here, a value or one of the keys above",
        {"anyOf": [SCALAR, {"$ref": "#/$defs/test"}]},
    ),
}

# Transforms with an argument; the others are words.
TRANSFORM_KEYS = {
    "url_parameter": Key("the parameter of a URL whose first value is meant", TEXT),
    "regex": Key("a regular expression with one group, which finds what is meant", TEXT),
    "map": Key("from and to", {"type": "object", "additionalProperties": TEXT}),
    "else": Key("of `map`: what any other value becomes", TEXT),
    "user_agent": Key("what a user agent says", one_of(*USER_AGENT)),
}
PLAIN_TRANSFORMS = one_of(*PLAIN)
