"""What decides what becomes of a line, as one hash. A day that was loaded by other rules is loaded again.

The rules are the contracts as they were read, with the event types and the columns of their targets, and the code that
reads, parses and maps a line or takes it for a duplicate. Comments, docstrings and layout are no part of them.
"""

import ast
import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from ingestion.contracts import FileContract, Lines
from ingestion.json_text import encode

PACKAGE = Path(__file__).resolve().parent
CODE = (
    "codes.py",
    "conditions.py",
    "duplicates.py",
    "extracts.py",
    "fast_events.py",
    "fast_records.py",
    "formats.py",
    "json_pieces.py",
    "json_text.py",
    "mapping.py",
    "moving.py",
    "origins.py",
    "parquet.py",
    "reading.py",
    "rows.py",
    "targets.py",
    "text_encoding.py",
    "times.py",
    "transforms.py",
    "vocabulary.py",
    "sql/duplicates.sql",
    "sql/unchanged.sql",
)


def rules_sha256(contracts: Mapping[str, FileContract]) -> str:
    """The hash of all that decides what becomes of the lines of some files, name to contract.

    The name of a kind of file, its patterns and its `day` only decide which contract a file gets, and where it may lie;
    they are left out, as are the bounds of its lines, which the audit judges. But the rows of a full extract hold the
    name of their kind.
    """
    kinds = {
        file: replace(contract, name=contract.name if contract.is_extract else "", patterns=(), lines=Lines(), day=None)
        for file, contract in contracts.items()
    }
    return hashlib.sha256(code_sha256(PACKAGE).encode() + encode(kinds)).hexdigest()


@cache
def code_sha256(package: Path) -> str:
    """The hash of what the files in `CODE` do, below `package`."""
    meanings = [
        (python_meaning if name.endswith(".py") else sql_meaning)((package / name).read_text()) for name in CODE
    ]
    return hashlib.sha256("\0".join(meanings).encode()).hexdigest()


def python_meaning(source: str) -> str:
    """Python without comments, docstrings and layout."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(
            node, clean=False
        ):
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(ast.fix_missing_locations(tree))


def sql_meaning(source: str) -> str:
    """SQL without comments and layout. Our statements hold no text with two hyphens or with several blanks."""
    return " ".join(re.sub(r"--.*", "", source).split())
