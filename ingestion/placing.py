"""Puts files into the landing area: whole or not at all, and never over other content."""

import datetime
import gzip
import itertools
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from upath import UPath

from ingestion.contracts import Contract, FileContract
from ingestion.errors import LoadError, Rejected
from ingestion.formats import FORMATS, Format
from ingestion.landing import EMPTY, area, contract_of, day_in_name
from ingestion.mapping import reader_of
from ingestion.reading import LandedFile
from ingestion.text_encoding import UTF_8

CHUNK = 1 << 20  # bytes copied at a time
SPLIT = ("ndjson", "csv", "tsv")  # formats made of lines, which can be divided
COMPRESSED = (".gz", ".zst")


@dataclass(frozen=True)
class Placed:
    """What was put into the landing area.

    Attributes:
        days: the load days, each with the number of its records; None where the file was not divided.
        undated: records without a time that can be read; they are in the newest of the days.
        paths: the files that were written; those that were there already, with the same content, are not among them.
    """

    days: dict[datetime.date, int | None]
    undated: int
    paths: list[UPath]


def place(
    file: Path, landing: UPath, contract: Contract, load_date: datetime.date | None, *, by: str | None = None
) -> Placed:
    """Put a file into the folder of its source and day.

    Args:
        load_date: the day of arrival; None: the one that the file's name says, or today. Where the file is divided, no
            record gets a later one.
        by: a field of the records; each record goes to the day (UTC) of the time in it.

    Raises `LoadError`, before anything is written, for a file that no contract knows and for one that would replace
    other content.
    """
    if not file.is_file():
        raise LoadError(f"{file} is not there.\nRemedy: name a file.")
    landing, kind = area(landing), contract_of(file.name, contract, UPath(file.parent))
    named = day_in_name(file.name, kind)
    if named and (by or load_date not in (None, named)):
        raise LoadError(
            f"{file} is of {named} by its name, and the load would refuse it in another day's folder.\n"
            "Remedy: leave out DAY and BY, or rename the file."
        )
    load_date = load_date or named or datetime.datetime.now(datetime.UTC).date()
    if by is None:
        return Placed({load_date: None}, 0, _put_all({load_date: file}, file.name, landing, contract))
    name = file.name
    for suffix in COMPRESSED:
        name = name.removesuffix(suffix)
    with tempfile.TemporaryDirectory(prefix="land-") as folder:
        counts, undated = _split(file, kind, by, load_date, Path(folder))
        parts = {day: Path(folder) / str(day) for day in sorted(counts)}
        try:
            contract_of(name, contract, UPath(file.parent))
        except LoadError:  # its pattern wants the compressed name
            name = file.name.removesuffix(".zst")
            parts = {day: _gzipped(part) for day, part in parts.items()}
        return Placed(dict(sorted(counts.items())), undated, _put_all(parts, name, landing, contract))


def put(file: Path, target: UPath) -> None:
    """Copy a file so that nobody sees a part of it: under a name that is never data until it is whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.parent / f"_{target.name}.partial"
    with file.open("rb") as content, partial.open("wb") as copy:
        shutil.copyfileobj(content, copy, CHUNK)
    partial.rename(target)


def same(one: Path, other: UPath) -> bool:
    """Whether two files hold the same bytes."""
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as left, other.open("rb") as right:
        while chunk := left.read(CHUNK):
            if chunk != right.read(CHUNK):
                return False
    return True


def _put_all(files: dict[datetime.date, Path], name: str, landing: UPath, contract: Contract) -> list[UPath]:
    wanted = []
    for day, file in files.items():
        folder = landing / contract.source / str(day)
        contract_of(name, contract, folder)
        if (folder / EMPTY).exists():
            raise LoadError(f"{folder / EMPTY} says that {day} has no data.\nRemedy: remove it, then land the file.")
        if not (folder / name).exists():
            wanted.append((file, folder / name))
        elif not same(file, folder / name):
            raise LoadError(
                f"{folder / name} has landed already, with other content; nothing was written.\n"
                f"Remedy: give the file another name, or remove the landed one to replace it."
            )
    for file, target in wanted:
        put(file, target)
    return [target for _, target in wanted]


def _split(
    file: Path, kind: FileContract, by: str, last: datetime.date, folder: Path
) -> tuple[Counter[datetime.date], int]:
    """Write the records of each day to `folder/<day>`. Gives how many there are of each, and how many have no time."""
    if kind.format not in SPLIT or kind.dialect.encoding != UTF_8:
        raise LoadError(
            f"{file}: {kind.format} in {kind.dialect.encoding} cannot be divided by {by}.\n"
            f"Remedy: land it whole, without BY, or write it as {' or '.join(SPLIT)} in UTF-8."
        )
    counts: Counter[datetime.date] = Counter()
    undated: list[bytes] = []
    number_undated, refusals = 0, []
    with tempfile.TemporaryFile() as waiting:
        for dated in _dated(file, kind, by, last, refusals):
            pieces: dict[datetime.date | None, list[bytes]] = defaultdict(list)
            for day, piece in dated:
                pieces[day].append(piece)
            undated = pieces.pop(None, [])
            number_undated += len(undated)
            waiting.writelines(piece + b"\n" for piece in undated)
            for day, some in pieces.items():
                _append(folder / str(day), file, kind, some)
                counts[day] += len(some)
        if not counts:
            raise LoadError(
                f"{file}: no record has a time in {by} that is not after {last}{': ' * bool(refusals)}"
                f"{''.join(refusals[:1])}.\n"
                f"Remedy: name the field that holds the time; `make source-check` shows the fields."
            )
        waiting.seek(0)
        with (folder / str(max(counts))).open("ab") as newest:
            shutil.copyfileobj(waiting, newest)
        counts[max(counts)] += number_undated
    return counts, number_undated


def _dated(
    file: Path, kind: FileContract, by: str, last: datetime.date, refusals: list[str]
) -> Iterator[Iterator[tuple[datetime.date | None, bytes]]]:
    """Batches of records, each as its day and its bytes; None where no day up to the last can be told.

    Why the first of these has no day is written to `refusals`.
    """
    reader = FORMATS[kind.format](kind)
    column = next((name for name, origin in kind.columns.items() if str(origin) == by), kind.target.moment)
    read = reader_of(kind, column)
    landed = LandedFile(UPath(file))
    for _, pieces in reader.batches(landed):
        yield ((_day(reader, piece, read, by, last, refusals), reader.raw(piece)) for piece in pieces if piece.strip())
    if landed.tear:
        yield iter([(None, landed.tear.raw)])


def _day(
    reader: Format,
    piece: bytes,
    read: Callable[..., datetime.datetime],
    by: str,
    last: datetime.date,
    refusals: list[str],
) -> datetime.date | None:
    try:
        record = reader.record(piece)
        value: Any = record
        for key in [by] if by in record else by.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        day = read(by, value).astimezone(datetime.UTC).date()
    except Rejected as why:
        refusals += [] if refusals else [why.detail]
        return None
    return day if day <= last else None


def _append(part: Path, file: Path, kind: FileContract, pieces: list[bytes]) -> None:
    is_new = not part.exists()
    with part.open("ab") as stream:
        if is_new and kind.format != "ndjson" and not kind.dialect.fields:
            stream.write(_header(file) + b"\n")
        stream.writelines(piece + b"\n" for piece in pieces)


def _header(file: Path) -> bytes:
    lines = itertools.chain.from_iterable(lines for _, lines in LandedFile(UPath(file)).batches())
    return next(line for line in lines if line.strip()).removesuffix(b"\r")


def _gzipped(part: Path) -> Path:
    compressed = part.with_suffix(".gz")
    with part.open("rb") as content, gzip.GzipFile(compressed, "wb", mtime=0) as stream:
        shutil.copyfileobj(content, stream, CHUNK)
    return compressed
