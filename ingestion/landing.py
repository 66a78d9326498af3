"""What lies in the landing area for a day: `<landing>/<source>/<YYYY-MM-DD>/<file>`."""

import datetime
import itertools
import re
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase

from upath import UPath

from ingestion.contracts import Contract, FileContract
from ingestion.errors import LoadError
from ingestion.reading import answering
from ingestion.rules import rules_sha256

# What speaks to object storage that requirements.txt does not bring along.
DRIVERS = {"gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs", "abfss": "adlfs"}
EMPTY = "_EMPTY"  # the producer's word that it has nothing that day
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True)
class DayFile:
    """One file to load. `name` is its path below the landing area, `file_no` the rank of that among the day's files."""

    path: UPath
    name: str
    file_no: int
    contract: FileContract


@dataclass(frozen=True)
class LandedDay:
    """All that landed on one day.

    Attributes:
        empty_sources: those that said by `_EMPTY` that they have nothing.
        due_sources: those that owe this day events, and did not say that they have nothing.
        contracts_sha256: of all that decides what becomes of their lines; see `rules.py`.
    """

    load_date: datetime.date
    files: tuple[DayFile, ...]
    empty_sources: tuple[str, ...]
    due_sources: tuple[str, ...]
    contracts_sha256: str


def owes(contract: Contract, load_date: datetime.date, first_landed: datetime.date | None) -> bool:
    """Whether a source must land this day: one that lands daily, from its first day to its last.

    Args:
        first_landed: the first day of which it landed anything; its first day, unless the contract says when it begins.
    """
    begins = contract.begins or first_landed
    has_begun = begins is not None and begins <= load_date
    return contract.cadence == "daily" and has_begun and (contract.ends is None or load_date <= contract.ends)


def find_day(landing: UPath, load_date: datetime.date, contracts: list[Contract]) -> LandedDay:
    """The files of one day, each with its contract; a day that a source owes must be there.

    Raises `LoadError`, also for what `find_files` refuses.
    """
    landing = UPath(landing)
    landed = find_files(landing, load_date, contracts)
    with answering(landing):
        for contract in contracts:
            if contract.source not in landed:
                _require_not_owed(landing / contract.source, load_date, contract)
        has_begun = bool(landed) or _has_begun(landing, load_date)
    if not has_begun:
        raise LoadError(
            f"nothing landed for {load_date} in {landing}, nor for any day before.\n"
            f"Remedy: land the day, or set LANDING_URI to the folder that holds <source>/<YYYY-MM-DD>/<files>."
        )
    known = {contract.source: contract for contract in contracts}
    return LandedDay(
        load_date=load_date,
        files=tuple(file for source in sorted(landed) for file in landed[source]),
        empty_sources=tuple(sorted(source for source, files in landed.items() if not files)),
        due_sources=tuple(
            source
            for source, files in sorted(landed.items())
            if files and owes(known[source], load_date, load_date) and _has_events(known[source])
        ),
        contracts_sha256=rules_sha256({file.name: file.contract for files in landed.values() for file in files}),
    )


def area(landing: UPath) -> UPath:
    """The landing area. Raises `LoadError` where what speaks to its object storage is not installed."""
    landing = UPath(landing)
    try:
        _ = landing.fs
    except ImportError as error:
        package = DRIVERS.get(landing.protocol, "its package for fsspec")
        raise LoadError(
            f"the landing area {landing} cannot be reached: {error}.\n"
            f"Remedy: install {package} beside what requirements.txt names."
        ) from error
    return landing


def find_files(landing: UPath, load_date: datetime.date, contracts: list[Contract]) -> dict[str, list[DayFile]]:
    """The files of one day for each source that landed it, each with its contract; none where it says `_EMPTY`.

    Names that begin with `_` or `.` are never data. Anything else that no contract knows is an error, not a silence.
    Raises `LoadError`.
    """
    landing = area(landing)
    with answering(landing):
        is_there = landing.is_dir()
    if not is_there:
        raise LoadError(
            f"the landing area {landing} is not there.\n"
            f"Remedy: set LANDING_URI to the folder that holds <source>/<YYYY-MM-DD>/<files>."
        )
    known = {contract.source: contract for contract in contracts}
    landed: dict[str, list[str]] = {}
    with answering(landing):
        for folder in landing.iterdir():
            if _is_data(folder.name) and (folder / str(load_date)).is_dir():
                if folder.name not in known:
                    raise LoadError(
                        f"{folder / str(load_date)} landed, but no contract describes the source {folder.name!r}.\n"
                        f"Remedy: write the contract {folder.name}.yml (docs/sources.md), or remove the folder."
                    )
                landed[folder.name] = _files(folder / str(load_date), load_date, known[folder.name])
    file_no = itertools.count(1)
    found = {
        source: [
            DayFile(
                path=landing / source / str(load_date) / name,
                name=f"{source}/{load_date}/{name}",
                file_no=next(file_no),
                contract=contract_of(name, known[source], landing / source / str(load_date)),
            )
            for name in sorted(names)
        ]
        for source, names in sorted(landed.items())
    }
    for file in itertools.chain(*found.values()):
        day = day_in_name(file.path.name, file.contract)
        if day not in (None, load_date):
            raise LoadError(
                f"{file.path} is of {day} by its name, and lies in the folder of {load_date}.\n"
                f"Remedy: move it to the folder {day}, or take `day` out of files.{file.contract.name} of its contract."
            )
    return found


def day_in_name(name: str, kind: FileContract) -> datetime.date | None:
    """The load day that a file's name says, as its contract reads it; None where the contract does not say.

    Raises `LoadError` for a name without a day.
    """
    if kind.day is None:
        return None
    found = re.search(kind.day, name)
    digits = re.sub(r"[-_]", "", (found and found[1]) or "")
    try:
        return datetime.datetime.strptime(digits, "%Y%m%d").date()  # noqa: DTZ007
    except ValueError:
        raise LoadError(
            f"{name}: its name is to say its day, and {kind.day} finds {found[1] if found else 'nothing'!r} there.\n"
            f"Remedy: rename the file, or correct `day` in files.{kind.name} of the contract of {kind.source}."
        ) from None


def landed_days(landing: UPath, contracts: list[Contract]) -> list[datetime.date]:
    """Every day for which a source has a folder, in order."""
    landing = area(landing)
    with answering(landing):
        return sorted({day for contract in contracts for day in _days(landing / contract.source)})


def _files(folder: UPath, load_date: datetime.date, contract: Contract) -> list[str]:
    """The names of the data files of one source's day; none where it says `_EMPTY`."""
    names, says_empty = [], False
    for entry in folder.iterdir():
        if entry.name == EMPTY:
            says_empty = True
        elif _is_data(entry.name):
            if entry.is_dir():
                raise LoadError(
                    f"{entry} is a folder.\nRemedy: files lie directly in the folder of their day; move them there."
                )
            if not entry.name.isprintable():
                raise LoadError(f"{folder} holds a file named {entry.name!r}.\nRemedy: rename it to plain text.")
            names.append(entry.name)
    if names and says_empty:
        raise LoadError(
            f"{folder} holds {EMPTY} and files ({', '.join(sorted(names)[:3])}).\nRemedy: remove one or the other."
        )
    if not names and not says_empty and owes(contract, load_date, load_date):
        raise LoadError(
            f"{folder} holds no data.\nRemedy: land the files; a producer that has nothing lands an empty file {EMPTY}."
        )
    return names


def contract_of(name: str, contract: Contract, folder: UPath) -> FileContract:
    found = [(file, pattern) for file in contract.files for pattern in file.patterns if fnmatchcase(name, pattern)]
    if not found:
        patterns = ", ".join(pattern for file in contract.files for pattern in file.patterns)
        raise LoadError(
            f"{folder / name} matches no pattern of {contract.path} ({patterns}).\n"
            f"Remedy: rename the file, add its pattern to the contract, or let its name begin with an underscore."
        )
    kinds = {file.name for file, _ in found}
    if len(kinds) > 1:
        raise LoadError(
            f"{folder / name} matches several kinds of files of {contract.path}: {', '.join(sorted(kinds))}.\n"
            f"Remedy: make the patterns exclusive."
        )
    return found[0][0]


def _require_not_owed(folder: UPath, load_date: datetime.date, contract: Contract) -> None:
    """A source that landed nothing of a day may owe nothing of it."""
    if contract.cadence != "daily":
        return
    days = _days(folder)
    first = min(days, default=None)
    if not owes(contract, load_date, first):
        return
    later = [day for day in days if day > load_date]
    if later and not contract.begins:
        otherwise = f" If {contract.source} began later, write `begins: {min(later)}` into {contract.path}."
    elif days and not later:
        otherwise = f" If {contract.source} has ended, write `ends: {max(days)}` into {contract.path}."
    else:
        otherwise = ""
    raise LoadError(
        f"{folder / str(load_date)} is not there, and {contract.source} lands daily since {contract.begins or first}.\n"
        f"Remedy: land the day; a producer that has nothing lands an empty file {EMPTY} in its folder.{otherwise}"
    )


def _has_begun(landing: UPath, load_date: datetime.date) -> bool:
    """Whether anything landed for this day or one before; else it is rather the wrong folder than silence."""
    return any(day <= load_date for folder in landing.iterdir() if _is_data(folder.name) for day in _days(folder))


def _has_events(contract: Contract) -> bool:
    return any(kind.target.name == "user_events" for kind in contract.files)


def _days(folder: UPath) -> list[datetime.date]:
    """The days for which a source's folder, which may be absent, has one."""
    days = []
    for name in (entry.name for entry in folder.iterdir()) if folder.is_dir() else ():
        with suppress(ValueError):  # 2026-02-30 is no day
            days += [datetime.date.fromisoformat(name)] if _DAY.fullmatch(name) else []
    return days


def _is_data(name: str) -> bool:
    return not name.startswith(("_", "."))
