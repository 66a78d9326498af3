"""`python -m local <verb>`: what the Makefile calls."""

import argparse
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg2
from rich.console import Console

from ingestion.service import ContractError, LoadError
from ingestion.warehouse import ROLES
from local.backfill import backfill, range_of
from local.backup import backup, restore
from local.demo import demo
from local.errors import LocalError
from local.inspect import psql, show_status
from local.postgres import PostgresError
from local.rebuild import rebuild
from local.settings import Settings
from local.stack import Stack
from local.timelapse import factor_of, timelapse

DAYS = 28  # of a demo
YEAR = 365  # of a time-lapse
PROJECT = Path(__file__).resolve().parent.parent
PASSED_ON = ("airflow", "alerts", "ingestion", "pipeline")  # what follows these verbs is not ours


def main() -> int:
    """Run one verb; gives the exit code."""
    arguments, rest = _parser().parse_known_args()
    if rest and arguments.verb not in PASSED_ON:
        _parser().error(f"unknown: {' '.join(rest)}")
    try:
        return _run(arguments, rest)
    except (LocalError, PostgresError, LoadError, ContractError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except psycopg2.OperationalError as error:
        print(f"\nThe warehouse does not answer: {error}\nRemedy: `make up` starts what is missing.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "\nInterrupted; what was started goes on. `make status` shows it, the same command "
            "follows it, `make stop` stops it.",
            file=sys.stderr,
        )
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("up", help="start PostgreSQL and Airflow, whatever of them is missing")
    verbs.add_parser("stop", help="stop them; the data stays")
    verbs.add_parser("status", help="what runs, where, and which days are in the marts")
    verbs.add_parser("clean", help="stop them and remove all their data")
    verbs.add_parser("airflow", help="Airflow's own command line", add_help=False)
    for package in ("alerts", "ingestion", "pipeline"):
        verbs.add_parser(package, help=f"`python -m {package}` with the stack's settings", add_help=False)
    verbs.add_parser("report", help="the KPIs in one HTML file")
    shell = verbs.add_parser("psql", help="a SQL prompt, or SQL from standard input")
    shell.add_argument("--role", choices=ROLES, default="owner")
    show = verbs.add_parser("demo", help="a company's days, from files to KPIs")
    show.add_argument("--landing", type=Path, metavar="DIR", help="an extra <source>/<YYYY-MM-DD>/<file> folder")
    range_run = verbs.add_parser("backfill", help="one run for a range of days")
    range_run.add_argument("--start", metavar="YYYY-MM-DD")
    range_run.add_argument("--end", metavar="YYYY-MM-DD")
    kept = verbs.add_parser("backup", help="both databases in files, with a checksum of each table")
    kept.add_argument("--to", type=Path, metavar="DIR")
    back = verbs.add_parser("restore", help="both databases as they were, in place of what is there")
    back.add_argument("--from", dest="folder", type=Path, required=True, metavar="DIR")
    verbs.add_parser("rebuild", help="compute everything that dbt builds anew")
    lapse = verbs.add_parser("timelapse", help="the company's days one by one, faster than they passed")
    lapse.add_argument("--factor", help="so many days in a day; 0 is off")
    for verb in (show, lapse):
        verb.add_argument("--days", type=int, help="up to yesterday; counts for a company's first start only")
        verb.add_argument("--scale", help="1: some 900 events a day")
        verb.add_argument("--seed", help="another company")
    return parser


def _run(arguments: argparse.Namespace, rest: list[str]) -> int:
    settings = Settings.load(PROJECT, os.environ)
    os.environ.update(settings.sources)  # contracts are read in this process, too
    today = datetime.now(UTC).date()
    console = Console(width=None if sys.stdout.isatty() else 120)
    match arguments.verb:
        case "up":
            Stack(settings.with_secrets()).up()
        case "stop":
            Stack(settings).stop()
        case "clean":
            Stack(settings).clean()
        case "status":
            return 0 if show_status(Stack(settings), console) else 1
        case "psql":
            psql(settings, arguments.role)
        case "report":
            console.print(str(Stack(settings.with_secrets()).build_report()), soft_wrap=True)
        case "airflow":
            stack = Stack(settings)
            return subprocess.call(stack.airflow_command(*rest), env=stack.command_environment())
        case "alerts" | "ingestion" | "pipeline" as package:
            command = [sys.executable, "-m", package, *rest]
            environment = {**os.environ, **settings.warehouse_environment(), **settings.alerts}
            return subprocess.call(command, env=environment)
        case "demo":
            settings = _with_company(settings, arguments, today, DAYS, console)
            return demo(Stack(settings), console, today=today, extra=arguments.landing)
        case "backfill":
            days = range_of(arguments.start, arguments.end, today=today)
            settings = settings.with_secrets()
            if settings["GENERATE"].lower() == "true":
                settings = settings.with_company(today=today, days=(today - days[0]).days)
            return backfill(settings, console, days)
        case "backup":
            console.print(str(backup(settings.with_secrets(), arguments.to)), soft_wrap=True)
        case "restore":
            tables = restore(settings, arguments.folder)
            console.print(f"{tables} tables are as they were when the backup was made.")
        case "rebuild":
            return rebuild(settings.with_secrets(), console)
        case "timelapse":
            factor = factor_of(settings, arguments.factor)
            if factor:
                settings = _with_company(settings, arguments, today, YEAR, console)
            timelapse(settings, console, today=today, factor=factor)
    return 0


def _with_company(
    settings: Settings, arguments: argparse.Namespace, today: date, days: int, console: Console
) -> Settings:
    """The settings with a company, which has `days` days if nothing says otherwise."""
    days = days if arguments.days is None else arguments.days
    settings = settings.with_secrets().with_company(today=today, days=days, seed=arguments.seed, scale=arguments.scale)
    if arguments.days and settings["GENERATOR_START"] != str(today - timedelta(days=days)):
        console.print(f"The company began on {settings['GENERATOR_START']}; only `make clean` makes it anew.")
    return settings


if __name__ == "__main__":
    sys.exit(main())
