"""Lands days of the synthetic company: `generate_day` for one, `generate` for a range."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from datetime import date, timedelta
from functools import lru_cache, partial

from upath import UPath

from data_generator.catalogue import Catalogue
from data_generator.company import Company
from data_generator.events import Day
from data_generator.exchange import write_rates
from data_generator.landing import FIRST_USER, EventWriter, Extract, File, write_extract
from data_generator.lives import Users
from data_generator.mess import deliver
from data_generator.rates import Rates

VERSION = 2
"""Raise it when the same (seed, scale, start, day) gives other bytes: landed days are then written again."""
SOURCE = "app"
MANIFEST = "_MANIFEST.json"
RATES = Rates()


def generate_day(landing: UPath, day: date, *, seed: int, scale: float, start: date, rates: Rates = RATES) -> dict:
    """Lands one day in `<landing>/app/<day>/`, replacing what an earlier run wrote there, and returns its manifest.

    The same arguments give the same bytes. A reader never sees a day half-written; the manifest is written last.
    Raises ValueError for a day before `start` or a scale that is not positive.
    """
    files, truth = _contents(day, seed, scale, start, rates)
    manifest = _identity(seed, scale, start, rates) | {"day": day.isoformat()} | _account(files) | {"truth": truth}
    bodies = {file.path: file.body for file in files}
    if not any(file.lines for file in files):
        bodies["_EMPTY"] = b""  # a day on which nothing happened needs `_EMPTY`
    bodies[MANIFEST] = (json.dumps(manifest, indent=1) + "\n").encode()
    _write(UPath(landing) / SOURCE / day.isoformat(), bodies)
    return manifest


def generate(
    landing: UPath,
    first: date,
    last: date,
    *,
    seed: int,
    scale: float,
    start: date,
    rates: Rates = RATES,
    workers: int | None = None,
    force: bool = False,
    progress: Callable[[date], None] = lambda day: None,
) -> list[date]:
    """Lands all days from `first` to `last` and returns those that were written, in order.

    Days that the same company has landed already are left alone, unless `force`. `workers` processes (all CPUs by
    default; 1 is this process) share the days; `progress` is called for each day when it is there.
    """
    if first > last:
        raise ValueError(f"the range is empty: from {first} to {last}; exchange --from and --to")
    if first < start:
        raise ValueError(_too_early(first, start))
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    company = {"seed": seed, "scale": scale, "start": start, "rates": rates}
    missing = [day for day in days if force or not is_landed(landing, day, **company)]
    job = partial(_generate, landing, **company)
    workers = min(workers or os.cpu_count() or 1, len(missing))
    if workers <= 1:
        for day in missing:
            progress(job(day))
        return missing
    with ProcessPoolExecutor(workers) as pool:
        for day in pool.map(job, missing, chunksize=max(1, min(8, len(missing) // workers))):
            progress(day)
    return missing


def is_landed(landing: UPath, day: date, *, seed: int, scale: float, start: date, rates: Rates = RATES) -> bool:
    """Whether the company with these very settings has landed this day, and all files are still there."""
    folder = UPath(landing) / SOURCE / day.isoformat()
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return False
    is_ours = _identity(seed, scale, start, rates).items() <= manifest.items()
    return is_ours and {file["path"] for file in manifest["files"]} <= {path.name for path in folder.iterdir()}


def _generate(landing: UPath, day: date, **company: object) -> date:
    generate_day(landing, day, **company)
    return day


def _identity(seed: int, scale: float, start: date, rates: Rates) -> dict:
    return {
        "source": SOURCE,
        "generator": VERSION,
        "seed": seed,
        "scale": float(scale),
        "start": start.isoformat(),
        "rates": asdict(rates),
    }


def _too_early(day: date, start: date) -> str:
    return (
        f"{day} is before {start}, the company's first day on the platform: ask for a later day or set GENERATOR_START"
    )


@lru_cache(maxsize=2)
def _company(seed: int, scale: float, start: date) -> Company:
    return Company(seed, scale, start)


@lru_cache(maxsize=1)
def _users(company: Company, block: int) -> Users:
    """Users are computed for blocks of days: those who will have joined by the end of the block."""
    return Users(company, (block + 1) * _BLOCK)


_BLOCK = 64


def _contents(day: date, seed: int, scale: float, start: date, rates: Rates) -> tuple[list[File], dict]:
    if day < start:
        raise ValueError(_too_early(day, start))
    company = _company(seed, scale, start)
    number = (day - start).days
    users = _users(company, number // _BLOCK)
    today = Day(company, users, number, rates)
    delivery, truth = deliver(today.events(), number, company.streams, rates)
    catalogue = today.catalogue
    writer = EventWriter(company, number, users.count, len(catalogue.content.created), len(catalogue.products.created))
    files = list(writer.files(delivery))
    files += [write_extract(extract, number, company, rates) for extract in _extracts(users, catalogue)]
    told = write_rates(number, company)
    return [*files, *([told] if told else [])], truth


def _extracts(users: Users, catalogue: Catalogue) -> list[Extract]:
    return [
        Extract(
            path="users.csv",
            key="user_id",
            columns=(
                "email",
                "full_name",
                "street",
                "postal_code",
                "city",
                "country",
                "language",
                "device",
                "plan",
                "acquisition_channel",
                "signup_at",
            ),  # fmt: skip
            prefix="u_",
            first=FIRST_USER,
            timeline=users.timeline,
            attributes=users.rows,
        ),
        Extract(
            path="products.csv",
            key="product_id",
            columns=("name", "category", "price", "currency", "creator_id"),
            prefix="p_",
            first=0,
            timeline=catalogue.products,
            attributes=catalogue.product_rows,
        ),
        Extract(
            path="content.csv",
            key="content_id",
            columns=(
                "content_type",
                "title",
                "series_id",
                "creator_id",
                "language",
                "topic",
                "duration_seconds",
                "word_count",
                "released_at",
            ),  # fmt: skip
            prefix="c_",
            first=0,
            timeline=catalogue.content,
            attributes=catalogue.content_rows,
        ),
        Extract(
            path="creators.csv",
            key="creator_id",
            columns=("name", "country", "creator_type"),
            prefix="cr_",
            first=0,
            timeline=catalogue.creators,
            attributes=catalogue.creator_rows,
        ),
    ]


def _account(files: list[File]) -> dict:
    accounts = [file.account() for file in files]
    totals: dict = {
        name: sum(account[name] for account in accounts)
        for name in ("lines", "expected_loaded", "expected_duplicates_same_day")
    }
    for name in ("quarantined", "mess"):
        totals[name] = dict(sorted(sum((Counter(account[name]) for account in accounts), Counter()).items()))
    return {"files": accounts, "totals": totals}


def _write(folder: UPath, bodies: dict[str, bytes]) -> None:
    """A new local folder appears whole, by renaming. Elsewhere the old manifest goes first, the new comes last."""
    is_local = folder.protocol in ("", "file", "local")
    if is_local and not folder.exists() and _write_whole(folder, bodies):
        return
    folder.mkdir(parents=True, exist_ok=True)
    for stale in (MANIFEST, "_EMPTY"):
        (folder / stale).unlink(missing_ok=True)
    for name, body in bodies.items():
        target = folder / f".{name}.{os.getpid()}" if is_local else folder / name
        target.write_bytes(body)
        if is_local:
            target.replace(folder / name)


def _write_whole(folder: UPath, bodies: dict[str, bytes]) -> bool:
    """False when another process has been faster."""
    draft = folder.parent / f".{folder.name}.{os.getpid()}"
    try:
        draft.mkdir(parents=True, exist_ok=True)
        for name, body in bodies.items():
            (draft / name).write_bytes(body)
        draft.rename(folder)
    except OSError:
        if not folder.exists():
            raise
        return False
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return True
