"""Landing files to raw tables, without Airflow: `python -m ingestion <verb>`.

The warehouse is that of WAREHOUSE_HOST, WAREHOUSE_PORT, WAREHOUSE_DB and WAREHOUSE_<ROLE>_PASSWORD.
"""

import argparse
import datetime
import os
import re
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import psycopg2
from upath import UPath

from ingestion import checking, contract_reference, drafting, overview, placing, scanning, service
from ingestion.contract_yaml import SOURCES, load_contract, own_folder
from ingestion.days import a_day, add_days, days_asked_for
from ingestion.reference import reference
from ingestion.warehouse import ConfigurationError, Warehouse, create


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except (ConfigurationError, service.ContractError, service.LoadError, service.StoreError) as error:
        print(error, file=sys.stderr)
        return 1


def _ddl(options: argparse.Namespace) -> int:
    warehouse = Warehouse.from_environment(os.environ)
    password = os.environ.get("WAREHOUSE_SUPERUSER_PASSWORD")
    if not password:
        raise ConfigurationError(
            "not set: WAREHOUSE_SUPERUSER_PASSWORD.\n"
            "Remedy: set it to the password of the server's superuser, see .env.example."
        )
    superuser = psycopg2.connect(
        host=warehouse.host,
        port=warehouse.port,
        dbname="postgres",
        user=os.environ.get("WAREHOUSE_SUPERUSER") or "postgres",
        password=password,
        connect_timeout=30,
    )
    with closing(superuser):
        create(superuser, warehouse)
    print(f"the warehouse {warehouse.database} stands on {warehouse.host}:{warehouse.port}")
    return 0


def _status(options: argparse.Namespace) -> int:
    with closing(Warehouse.from_environment(os.environ).connect("loader")) as connection:
        days = overview.status(connection, options.first, options.last)
    print(
        f"{'day':10} {'version':>7} {'status':8} {'read':>11} {'loaded':>11} {'duplicates':>10}"
        f" {'quarantined':>11} {'skipped':>9}"
    )
    for day in days:
        print(
            f"{day.load_date} {day.version:>7} {day.status:8} {day.lines_read:>11,} {day.loaded:>11,}"
            f" {day.duplicates:>10,} {day.quarantined:>11,} {day.skipped:>9,}"
        )
    return 0


def _quarantine(options: argparse.Namespace) -> int:
    first, last = days_asked_for(options)
    with closing(Warehouse.from_environment(os.environ).connect("loader")) as connection:
        reasons = overview.quarantine(
            connection, first, last, source=options.source, code=options.code, examples=options.examples
        )
    lines = sum(reason.lines for reason in reasons)
    print("1 line is held back" if lines == 1 else f"{lines:,} lines are held back")
    for reason in reasons:
        days = f"{reason.first_day}" + (f" to {reason.last_day}" if reason.last_day > reason.first_day else "")
        files = "1 file" if reason.files == 1 else f"{reason.files:,} files"
        print(f"\n{reason.source}: {reason.lines:,} {reason.error_code} in {files}, {days}")
        for line in reason.examples:
            print(f"  {line.path}, line {line.line_no} ({line.stage}): {line.error_detail}\n    {line.beginning}")
    return 0


def _check(options: argparse.Namespace) -> int:
    contract = _contract_named(options.source)
    checked = checking.check(UPath(options.file), options.date, contract, kind=options.kind)
    print(checking.report(checked, contract.source), end="", flush=True)
    if failed := checking.failure(checked, contract):
        raise service.LoadError(failed)
    return 0


def _new(options: argparse.Namespace) -> int:
    path = UPath(options.file)
    source = options.source or re.sub(r"\W+", "_", re.sub(r"[\d_-]*\d[\d_-]*", "", path.name.split(".")[0])).strip("_")
    contract = (own_folder() or SOURCES) / f"{source}.yml"
    if not source.isidentifier():
        raise service.LoadError(f"{source!r} is no name of a source.\nRemedy: name it with letters: SOURCE=shop.")
    if contract.exists():
        raise service.LoadError(f"{contract} is there.\nRemedy: give another name (SOURCE=…), or remove it.")
    text = drafting.draft(path, source)
    contract.write_text(text)
    try:
        kind = load_contract(contract).files[0].name
    except BaseException:
        contract.unlink()
        raise
    print(f"{text}\n{contract} is a draft, with {text.count('# guess:')} guesses to look at.")
    print(f"Next: make source-check SOURCE={source} KIND={kind} FILE={options.file}")
    return 0


def _land(options: argparse.Namespace) -> int:
    contract = _contract_named(options.source)
    landing = _landing(options)
    placed = placing.place(Path(options.file), landing, contract, options.date, by=options.by)
    for day, records in placed.days.items():
        print(f"{landing / contract.source / str(day)}" + (f": {records:,} records" if records is not None else ""))
    if placed.undated:
        print(
            f"{placed.undated:,} records have no time in {options.by} that is not after {options.date or _today()}. "
            f"They are in the newest day, {max(placed.days)}, and the load will hold back what is wrong with them."
        )
    written, there = len(placed.paths), len(placed.days) - len(placed.paths)
    files = "1 file was" if written == 1 else f"{written} files were"
    print(f"{files} written, {there} {'was' if there == 1 else 'were'} there already")
    first, last = min(placed.days), max(placed.days)
    if last < _today():
        print(f"Next: make backfill START={first} END={last}")
    else:
        print(f"The daily run loads {last} when the day is over.")
    return 0


def _scan(options: argparse.Namespace) -> int:
    first, last = days_asked_for(options)
    counts: Counter[str] = Counter()
    with closing(Warehouse.from_environment(os.environ).connect("loader")) as connection:
        contracts = service.load_contracts()
        for found in scanning.scan(
            connection, _landing(options), contracts, first, last, by_content=options.by_content
        ):
            counts[found.verdict] += 1
            print(f"{found.load_date} {found.verdict:12} {found.path}: {found.detail}")
    print(", ".join(f"{number:,} {verdict}" for verdict, number in counts.items()) or "what landed is what is loaded")
    return 1 if counts else 0


def _landing(options: argparse.Namespace) -> UPath:
    landing = options.landing or os.environ.get("LANDING_URI")
    if not landing:
        raise ConfigurationError("not set: LANDING_URI.\nRemedy: set it, or give --landing.")
    return UPath(landing)


def _contract_named(source: str) -> service.Contract:
    """The contract of a source, or the one in a file of a name that ends with `.yml`."""
    if source.endswith(".yml"):
        return load_contract(Path(source))
    contracts = {contract.source: contract for contract in service.load_contracts()}
    if source not in contracts:
        raise service.LoadError(f"no contract for {source!r}.\nRemedy: use one of {', '.join(contracts)}.")
    return contracts[source]


def _vocabulary(options: argparse.Namespace) -> int:
    print(reference(), end="")
    return 0


def _contract_reference(options: argparse.Namespace) -> int:
    document = contract_reference.DOCS / "sources.md"
    document.write_text(contract_reference.with_tables(document.read_text()))
    (contract_reference.DOCS / "contract.schema.json").write_text(contract_reference.schema())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ingestion", description=__doc__.split("\n")[0])
    verbs = parser.add_subparsers(required=True, metavar="verb")
    day = a_day

    ddl = verbs.add_parser("ddl", help="make the warehouse's roles, schemas and tables; safe to repeat")
    ddl.set_defaults(run=_ddl)

    status = verbs.add_parser("status", help="the published days, and whether they are in the marts")
    status.add_argument("--from", dest="first", type=day, metavar="YYYY-MM-DD")
    status.add_argument("--to", dest="last", type=day, metavar="YYYY-MM-DD")
    status.set_defaults(run=_status)

    quarantine = verbs.add_parser("quarantine", help="the lines that are held back, and why")
    add_days(quarantine)
    quarantine.add_argument("--source", help="only of this source")
    quarantine.add_argument("--code", help="only this error code")
    quarantine.add_argument("--examples", type=int, default=2, help="lines shown of each reason (default: 2)")
    quarantine.set_defaults(run=_quarantine)

    check = verbs.add_parser("check", help="what would become of a file by a contract; 1 when no line becomes a row")
    check.add_argument("source", help="a contract's name, such as app, or the path of its file")
    check.add_argument("file", help="a file that could land")
    check.add_argument(
        "--date", type=day, help="the day of its arrival (the one that its name says, or today)", metavar="YYYY-MM-DD"
    )
    check.add_argument("--kind", help="the kind of file, where its name does not say so")
    check.set_defaults(run=_check)

    new = verbs.add_parser("new", help="draft a contract from a sample of a file; touches no warehouse")
    new.add_argument("file", help="a file that could land")
    new.add_argument("--source", help="the name of the source (that of the file)")
    new.set_defaults(run=_new)

    land = verbs.add_parser("land", help="put a file into the landing area; touches no warehouse")
    land.add_argument("source", help="a contract's name, such as app")
    land.add_argument("file", help="the file")
    land.add_argument("--date", type=day, help="the day it arrives: as its name says, or today", metavar="YYYY-MM-DD")
    land.add_argument("--by", help="a field with a time: each record goes to the day of its own", metavar="FIELD")
    land.set_defaults(run=_land)

    scan = verbs.add_parser("scan", help="what landed and is not loaded as it lies there; 1 when there is any")
    add_days(scan)
    scan.add_argument("--by-content", action="store_true", help="compare the bytes, not sizes and times")
    scan.set_defaults(run=_scan)
    for verb in (land, scan):
        verb.add_argument("--landing", help="landing area: a folder, s3://… or gs://… (LANDING_URI)")

    vocabulary = verbs.add_parser("vocabulary", help="the vocabulary as a reference in Markdown: docs/vocabulary.md")
    vocabulary.set_defaults(run=_vocabulary)

    keys = verbs.add_parser(
        "contract-reference", help="write docs/contract.schema.json, and the tables of docs/sources.md"
    )
    keys.set_defaults(run=_contract_reference)
    return parser


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()


if __name__ == "__main__":
    sys.exit(main())
