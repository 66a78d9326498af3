"""Load, audit and publish days, without Airflow, and deploy the dbt project: `python -m pipeline <verb>`.

The warehouse is that of WAREHOUSE_HOST, WAREHOUSE_PORT, WAREHOUSE_DB and WAREHOUSE_<ROLE>_PASSWORD.
"""

import argparse
import datetime
import os
import sys
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from upath import UPath

from ingestion import reporting_day, service
from ingestion.days import a_day, add_days, days_asked_for, days_of
from ingestion.overview import held_back_days
from ingestion.scanning import GONE, scan
from ingestion.warehouse import ConfigurationError, Warehouse


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; gives the exit code."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except (ConfigurationError, service.ContractError, service.LoadError, service.StoreError) as error:
        print(error, file=sys.stderr)
        return 1


def _deploy(options: argparse.Namespace) -> int:
    from pipeline.deploy import DeployError, deploy  # importing dbt costs seconds

    try:
        reporting_day.settings(os.environ)
        pending = deploy(Warehouse.from_environment(os.environ))
    except DeployError as error:
        print(error, file=sys.stderr)
        return 1
    for model, reason in pending.items():
        print(f"the next build computes {model} anew: {reason}")
    return 0


def _docs(options: argparse.Namespace) -> int:
    from pipeline.deploy import DeployError, write_docs  # importing dbt costs seconds

    try:
        write_docs(options.to)
    except DeployError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _lineage(options: argparse.Namespace) -> int:
    from pipeline.deploy import parse  # importing dbt costs seconds
    from pipeline.lineage import pictures

    options.to.write_text(pictures(parse()))
    return 0


def _load(options: argparse.Namespace) -> int:
    problems: list[str] = []
    _published(options, days_of(options.first, options.last), problems, tell=partial(print, flush=True))
    return _told(problems)


def _replay(options: argparse.Namespace) -> int:
    """Load again the days of which lines of a source are held back."""
    source, contracts = options.source, service.load_contracts()
    if source not in {contract.source for contract in contracts}:
        raise service.LoadError(
            f"no contract for {source!r}.\nRemedy: use one of {', '.join(each.source for each in contracts)}."
        )
    warehouse, landing = Warehouse.from_environment(os.environ), _landing(options)
    with closing(warehouse.connect()) as connection:
        held_back = {day.load_date: day for day in held_back_days(connection, source, *days_asked_for(options))}
        if not held_back:
            print(f"no line of {source} is held back")
            return 0
        differences = list(scan(connection, landing, contracts, min(held_back), max(held_back)))
    gone = {each.load_date: each.path for each in differences if each.verdict == GONE and each.load_date in held_back}
    problems = [
        f"{day}: {path} was loaded, and is not in the landing area any more: the day stays as it is.\n"
        "Remedy: land the file again; to have its lines removed, run the day (make backfill)."
        for day, path in gone.items()
    ]
    replayed = []
    for load, is_published in _published(options, sorted(held_back.keys() - gone), problems):
        day, before = load.load_date, held_back[load.load_date]
        if load.unchanged:
            print(
                f"{day}: {before.held_back:,} lines are held back, as before: nothing that decides on them has changed"
            )
            continue
        files = [file for file in load.files if file.source == source]
        now = sum(each.quarantined for file in files for each in (file, *file.derived))
        print(
            f"{day}: {before.held_back:,} lines were held back, {now:,} are now; "
            f"{sum(file.loaded for file in files):,} are loaded, {before.loaded:,} were"
            + ("" if is_published else "; rejected")
        )
        replayed += [day] if is_published else []
    if replayed:
        print(
            "The next run puts these days into the marts, whatever its own day is. "
            f"Now: make backfill START={replayed[-1]} END={replayed[-1]}"
        )
    return _told(problems)


def _published(
    options: argparse.Namespace,
    days: list[datetime.date],
    problems: list[str],
    tell: Callable[[service.DayLoad], object] = lambda load: None,
) -> list[tuple[service.DayLoad, bool]]:
    """Load, audit and publish days; what became of each, and whether it stands as it was loaded. Adds to `problems`.

    Args:
        tell: is told of each day as soon as it is loaded.
    """
    warehouse, landing = Warehouse.from_environment(os.environ), _landing(options)
    loaded = []
    try:
        for load in service.load_days(warehouse, landing, days, force=options.force):
            tell(load)
            loaded.append(load)
    except service.LoadError as error:
        problems.append(str(error))
    rejected = [] if options.no_audit else _rejected(warehouse, [load.load_date for load in loaded])
    with closing(warehouse.connect()) as connection:
        list(service.publish_days(connection, [load.load_date for load in loaded if load.load_date not in rejected]))
    if rejected:
        problems.append(f"rejected: {', '.join(map(str, rejected))}; what was published of them stays")
    return [(load, load.load_date not in rejected) for load in loaded]


def _told(problems: list[str]) -> int:
    """The exit code, and the problems on the standard error."""
    print(*problems, sep="\n", end="\n" if problems else "", file=sys.stderr)
    return 1 if problems else 0


def _landing(options: argparse.Namespace) -> UPath:
    landing = options.landing or os.environ.get("LANDING_URI")
    if not landing:
        raise ConfigurationError("not set: LANDING_URI.\nRemedy: set it, or give --landing.")
    return UPath(landing)


def _rejected(warehouse: Warehouse, days: list[datetime.date]) -> list[datetime.date]:
    """The days that fail the audit."""
    from pipeline.service import audit_staged  # importing Great Expectations costs seconds

    rejected = []
    for report in audit_staged(warehouse, days):
        if report.failures or report.warnings:
            print(report, file=sys.stderr)
        if not report.success:
            rejected.append(report.load_date)
    return rejected


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m pipeline", description=__doc__.split("\n")[0])
    verbs = parser.add_subparsers(required=True, metavar="verb")
    day = a_day
    load = verbs.add_parser("load", help="load, audit and publish days")
    load.add_argument("--from", dest="first", type=day, required=True, metavar="YYYY-MM-DD")
    load.add_argument("--to", dest="last", type=day, required=True, metavar="YYYY-MM-DD")
    load.add_argument("--force", action="store_true", help="load days again that are unchanged")
    load.set_defaults(run=_load)
    replay = verbs.add_parser("replay", help="load the days again of which lines of a source are held back")
    replay.add_argument("source", help="a contract's name, such as app")
    add_days(replay)
    replay.set_defaults(run=_replay, force=False)
    for verb in (load, replay):
        verb.add_argument("--landing", help="landing area: a folder, s3://… or gs://… (LANDING_URI)")
        verb.add_argument("--no-audit", action="store_true", help="publish without the audit")
    deploy = verbs.add_parser("deploy", help="parse the dbt project, record its definitions, make its views")
    deploy.set_defaults(run=_deploy)
    docs = verbs.add_parser("docs", help="write dbt's documentation, with its lineage, as one HTML file")
    docs.add_argument("--to", type=Path, required=True, help="the file to write")
    docs.set_defaults(run=_docs)
    lineage = verbs.add_parser("lineage", help="write the pictures of docs/lineage.md; needs no warehouse")
    lineage.add_argument("--to", type=Path, required=True, help="the file to write")
    lineage.set_defaults(run=_lineage)
    return parser


if __name__ == "__main__":
    sys.exit(main())
