"""Brings the files of an extra landing folder, `<source>/<YYYY-MM-DD>/<file>`, into the landing area."""

from datetime import date
from pathlib import Path

from upath import UPath

from ingestion.contract_yaml import load_contracts
from ingestion.landing import find_files
from ingestion.placing import put, same
from local.errors import LocalError

GENERATED_SOURCE = "app"


def bring_in(extra: Path, landing: UPath, *, company_from: date | None) -> list[date]:
    """Copy what is not there yet, and give the days that the folder holds.

    Args:
        company_from: the first day of the synthetic company, whose days nobody else may land; None when there is none.

    Raises `LocalError` for a folder of another shape, and for a file that is in the landing area with another content.
    Raises `LoadError` for a source or a file that no contract describes. In each case nothing is copied.
    """
    copies, days = [], set()
    for source, day, file in _files(extra):
        if source == GENERATED_SOURCE and company_from and day >= company_from:
            raise LocalError(
                f"{file}: from {company_from} on the synthetic company lands the source {source!r}.",
                "Set GENERATE=false in .env to land it yourself.",
            )
        days.add(day)
        target = landing / source / day.isoformat() / file.name
        if not target.exists():
            copies.append((file, target))
        elif not same(file, target):
            raise LocalError(
                f"{file} differs from {target}, which has landed already.",
                "Give the file another name, or remove the landed one to replace it.",
            )
    if not days:
        raise LocalError(f"{extra} holds no files.", "It must hold <source>/<YYYY-MM-DD>/<file>.")
    contracts = load_contracts()
    for day in days:
        find_files(UPath(extra), day, contracts)  # raises for what no contract knows
    for file, target in copies:
        put(file, target)
    return sorted(days)


def _files(extra: Path) -> list[tuple[str, date, Path]]:
    if not extra.is_dir():
        raise LocalError(f"LANDING={extra} is not a folder.", "It must hold <source>/<YYYY-MM-DD>/<file>.")
    found = []
    for file in sorted(path for path in extra.rglob("*") if not path.is_dir()):
        parts = file.relative_to(extra).parts
        if any(part.startswith(".") for part in parts) or (parts[-1].startswith("_") and parts[-1] != "_EMPTY"):
            continue
        try:
            source, day, _ = parts
            found.append((source, date.fromisoformat(day), file))
        except ValueError as error:
            raise LocalError(
                f"{file} does not lie in a <source>/<YYYY-MM-DD>/ folder of {extra}.",
                f"Move it, for example to {extra}/podcast/2026-01-31/{file.name}.",
            ) from error
    return found
