"""JSON as the landed files hold it and as jsonb takes it."""

from typing import Any

import msgspec

from ingestion.errors import Rejected

DEEPEST = 500  # levels of nesting in one line

_decode = msgspec.json.Decoder().decode
encode = msgspec.json.Encoder(order="deterministic").encode  # the same bytes whatever the order of an object's keys


def parse_json(text: bytes) -> Any:
    """The value of a JSON text. Raises `Rejected`, also beyond a fixed depth: Python's own limit varies."""
    if len(text) > 2 * DEEPEST and _depth(text) > DEEPEST:
        raise Rejected("parse", "malformed_json", f"nested more than {DEEPEST} levels deep")
    try:
        return _decode(text)
    except msgspec.ValidationError as error:
        raise Rejected("parse", "invalid_value", f"a number out of range: {error}") from error
    except msgspec.DecodeError as error:
        raise Rejected("parse", "malformed_json", str(error)) from error


def jsonb_text(value: dict[str, Any]) -> str:
    """The value as JSON for jsonb, which cannot hold U+0000. Raises `Rejected`."""
    text = encode(value).decode()
    if "\\u0000" in text and _holds_nul(value):
        raise Rejected("map", "nul_byte", "properties holds the character U+0000")
    return text


def _holds_nul(value: Any) -> bool:
    waiting = [value]  # no recursion: a value may be nested deeper than Python's limit allows
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            if "\0" in each:
                return True
        elif isinstance(each, dict):
            waiting += (*each, *each.values())
        elif isinstance(each, list):
            waiting += each
    return False


def json_type(value: Any) -> str:
    names = {dict: "an object", list: "an array", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _depth(line: bytes) -> int:
    """The deepest nesting of objects and arrays; 0 where there are too few brackets to matter."""
    if line.count(b"[") + line.count(b"{") <= DEEPEST:
        return 0
    depth = deepest = 0
    in_text = escaped = False
    for byte in line:
        if in_text:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                in_text = False
        elif byte == 0x22:
            in_text = True
        elif byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest
