"""Landing files to raw tables, without Airflow: `python -m ingestion <verb>`.

The warehouse is that of WAREHOUSE_HOST, WAREHOUSE_PORT, WAREHOUSE_DB and WAREHOUSE_<ROLE>_PASSWORD.
"""

import argparse
import datetime
import os
import sys
from contextlib import closing

import psycopg2
from upath import UPath

from ingestion import overview, service
from ingestion.reference import reference
from ingestion.warehouse import ConfigurationError, Warehouse, create


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except (ConfigurationError, service.ContractError, service.LoadError) as error:
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
        connect_timeout=10,
    )
    with closing(superuser):
        create(superuser, warehouse)
    print(f"the warehouse {warehouse.database} stands on {warehouse.host}:{warehouse.port}")
    return 0


def _status(options: argparse.Namespace) -> int:
    with closing(Warehouse.from_environment(os.environ).connect("loader")) as connection:
        days = overview.status(connection, options.first, options.last)
    print(f"{'day':10} {'version':>7} {'status':8} {'read':>11} {'loaded':>11} {'duplicates':>10} {'quarantined':>11}")
    for day in days:
        print(
            f"{day.load_date} {day.version:>7} {day.status:8} {day.lines_read:>11,} {day.loaded:>11,}"
            f" {day.duplicates:>10,} {day.quarantined:>11,}"
        )
    return 0


def _quarantine(options: argparse.Namespace) -> int:
    with closing(Warehouse.from_environment(os.environ).connect("loader")) as connection:
        codes, lines = overview.quarantine(connection, options.date, code=options.code, limit=options.limit)
    print(f"{options.date}: {sum(codes.values()):,} lines are held back")
    for code, number in codes.items():
        print(f"  {number:>9,} {code}")
    for line in lines:
        print(f"\n{line.path}, line {line.line_no}: {line.error_code} ({line.stage})\n  {line.error_detail}")
        print(f"  {line.beginning}")
    return 0


def _explain(options: argparse.Namespace) -> int:
    contracts = {contract.source: contract for contract in service.load_contracts()}
    if options.source not in contracts:
        raise service.LoadError(f"no contract for {options.source!r}.\nRemedy: use one of {', '.join(contracts)}.")
    told = overview.explain(UPath(options.file), options.date, contracts[options.source])
    print(f"{told.contract} -> raw.{told.target}: {told.lines_read:,} lines read = {told.loaded:,} to load"
          f" + {sum(told.refused.values()):,} to quarantine")  # fmt: skip
    for row in told.rows:
        print("\n" + "\n".join(f"  {column:17} {cell}" for column, cell in row.items()))
    for code, number in told.refused.most_common():
        print(f"\n  {number:>9,} {code}", end="")
    print("".join(f"\n  {refusal}" for refusal in told.refusals))
    return 0


def _vocabulary(options: argparse.Namespace) -> int:
    print(reference(), end="")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ingestion", description=__doc__.split("\n")[0])
    verbs = parser.add_subparsers(required=True, metavar="verb")
    day = datetime.date.fromisoformat

    ddl = verbs.add_parser("ddl", help="make the warehouse's roles, schemas and tables; safe to repeat")
    ddl.set_defaults(run=_ddl)

    status = verbs.add_parser("status", help="the published days, and whether they are in the marts")
    status.add_argument("--from", dest="first", type=day, metavar="YYYY-MM-DD")
    status.add_argument("--to", dest="last", type=day, metavar="YYYY-MM-DD")
    status.set_defaults(run=_status)

    quarantine = verbs.add_parser("quarantine", help="the lines of a day that are held back, and why")
    quarantine.add_argument("--date", type=day, required=True, metavar="YYYY-MM-DD")
    quarantine.add_argument("--code", help="only this error code")
    quarantine.add_argument("--limit", type=int, default=20, help="lines shown (default: 20)")
    quarantine.set_defaults(run=_quarantine)

    explain = verbs.add_parser("explain", help="how a file would be read by a contract; touches no warehouse")
    explain.add_argument("source", help="a contract's name, such as app")
    explain.add_argument("file", help="a file that could land")
    explain.add_argument("--date", type=day, required=True, help="the day of its arrival", metavar="YYYY-MM-DD")
    explain.set_defaults(run=_explain)

    vocabulary = verbs.add_parser("vocabulary", help="the vocabulary as a reference in Markdown: docs/vocabulary.md")
    vocabulary.set_defaults(run=_vocabulary)
    return parser


if __name__ == "__main__":
    sys.exit(main())
