"""One mapping of a contract, read key by key, with complaints that name the place and the remedy."""

import datetime
import difflib
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import yaml

from ingestion.errors import ContractError
from ingestion.targets import EVENT_NAME, LOADERS, Target


class Located(dict):
    """A mapping that knows its line in the file, and those of its keys, from 1 on."""

    def __init__(self, values: dict, located: "dict | None" = None) -> None:
        super().__init__(values)
        self.line: int | None = getattr(located, "line", None)
        self.lines: dict[Any, int] = dict(getattr(located, "lines", {}))


class LocatingLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """YAML that refuses a key given twice instead of keeping the last, and gives `Located` mappings."""

    def construct_located(self, node: yaml.MappingNode) -> Iterator[Located]:
        mapping = Located({})
        mapping.line = node.start_mark.line + 1
        yield mapping
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in mapping.lines:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is given twice", key_node.start_mark
                )
            mapping.lines[key] = key_node.start_mark.line + 1
        mapping.update(self.construct_mapping(node))


LocatingLoader.add_constructor("tag:yaml.org,2002:map", LocatingLoader.construct_located)


def line_of(body: Any, path: str) -> int | None:
    """The line of a key, of `columns.user_id` or `rules[2]`, as far as it can be told."""
    line = None
    for name in re.findall(r"[^.\[\]]+", path):
        if isinstance(body, list) and name.isdigit() and 0 < int(name) <= len(body):
            body = body[int(name) - 1]
            line = body.line if isinstance(body, Located) else line
        elif isinstance(body, Located) and name in body.lines:
            line, body = body.lines[name], body[name]
        else:
            break
    return line


class Section:
    """One mapping of a contract, read key by key; every complaint names the file, the place and the remedy."""

    def __init__(self, path: Path, place: str, body: Any, known: Collection[str]) -> None:
        self.path = path
        self.place = place
        self._line = body.line if isinstance(body, Located) else None
        if not isinstance(body, dict):
            self.fail("not a mapping", f"write its keys: {', '.join(sorted(known))}")
        self.body = body
        if unknown := sorted(str(key) for key in set(body) - set(known)):
            self._line = line_of(body, unknown[0]) or self._line
            near = difflib.get_close_matches(unknown[0], known, 1)
            meant = f"write {near[0]}, if that is meant; " if near else ""
            self.fail(f"unknown key {', '.join(unknown)}", f"{meant}known are {', '.join(sorted(known))}")

    def fail(self, wrong: str, remedy: str) -> None:
        """Raises `ContractError`. It names the line of what `wrong` begins with, where that is a key, else ours."""
        place = f" {self.place}:" if self.place else ""
        line = line_of(getattr(self, "body", None), wrong.split(" ")[0].rstrip(":,")) or self._line
        raise ContractError(f"{self.path}:{f'{line}:' if line else ''}{place} {wrong}.\nRemedy: {remedy}.")

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

    def count(self, key: str, default: int | None) -> int | None:
        value = self.value(key, default)
        if value is not default and (type(value) is not int or value < 0):
            self.fail(f"{key} is {value!r}", "write a whole number, such as 1000")
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
