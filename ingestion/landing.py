"""What lies in the landing area for a day: `<landing>/<source>/<YYYY-MM-DD>/<file>`."""

import datetime
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

from upath import UPath

from ingestion.contracts import Contract, FileContract
from ingestion.errors import LoadError
from ingestion.rules import rules_sha256

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
        contracts_sha256: of all that decides what becomes of their lines; see `rules.py`.
    """

    load_date: datetime.date
    files: tuple[DayFile, ...]
    empty_sources: tuple[str, ...]
    contracts_sha256: str


def find_day(landing: UPath, load_date: datetime.date, contracts: list[Contract]) -> LandedDay:
    """The files of one day, each with its contract.

    Names that begin with `_` or `.` are never data. Anything else that no contract knows is an error, not a silence.
    Raises `LoadError`.
    """
    landing = UPath(landing)
    if not landing.is_dir():
        raise LoadError(
            f"the landing area {landing} is not there.\n"
            f"Remedy: set LANDING_URI to the folder that holds <source>/<YYYY-MM-DD>/<files>."
        )
    known = {contract.source: contract for contract in contracts}
    landed: dict[str, list[str]] = {}
    for folder in landing.iterdir():
        if _is_data(folder.name) and (folder / str(load_date)).is_dir():
            if folder.name not in known:
                raise LoadError(
                    f"{folder / str(load_date)} landed, but no contract describes the source {folder.name!r}.\n"
                    f"Remedy: write ingestion/sources/{folder.name}.yml (docs/sources.md), or remove the folder."
                )
            landed[folder.name] = _files(folder / str(load_date), known[folder.name])
    for contract in contracts:
        if contract.source not in landed and contract.cadence == "daily":
            _require_not_begun(landing / contract.source, load_date)
    if not landed and any(contract.cadence == "daily" for contract in contracts):
        raise LoadError(
            f"nothing landed for {load_date} in {landing}.\n"
            f"Remedy: land the day; a producer that has nothing lands an empty file {EMPTY} in its folder."
        )
    files = []
    for source, names in sorted(landed.items()):
        for name in sorted(names):
            files.append(
                DayFile(
                    path=landing / source / str(load_date) / name,
                    name=f"{source}/{load_date}/{name}",
                    file_no=len(files) + 1,
                    contract=contract_of(name, known[source], landing / source / str(load_date)),
                )
            )
    return LandedDay(
        load_date=load_date,
        files=tuple(files),
        empty_sources=tuple(sorted(source for source, names in landed.items() if not names)),
        contracts_sha256=rules_sha256({file.name: file.contract for file in files}),
    )


def landed_days(landing: UPath, contracts: list[Contract]) -> list[datetime.date]:
    """Every day for which a source has a folder, in order."""
    landing = UPath(landing)
    days = set()
    for contract in contracts:
        folder = landing / contract.source
        if folder.is_dir():
            days |= {datetime.date.fromisoformat(day.name) for day in folder.iterdir() if _DAY.fullmatch(day.name)}
    return sorted(days)


def _files(folder: UPath, contract: Contract) -> list[str]:
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
    if not names and not says_empty and contract.cadence == "daily":
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


def _require_not_begun(folder: UPath, load_date: datetime.date) -> None:
    """A daily source may be absent before its first day, and never after it."""
    if not folder.is_dir():
        return
    days = [day.name for day in folder.iterdir() if _DAY.fullmatch(day.name)]
    if days and min(days) < str(load_date):
        raise LoadError(
            f"{folder / str(load_date)} is not there, and {folder.name} lands daily since {min(days)}.\n"
            f"Remedy: land the day; a producer that has nothing lands an empty file {EMPTY} in its folder."
        )


def _is_data(name: str) -> bool:
    return not name.startswith(("_", "."))
