"""Load, audit and publish days, without Airflow, and deploy the dbt project: `python -m pipeline <verb>`.

The warehouse is that of WAREHOUSE_HOST, WAREHOUSE_PORT, WAREHOUSE_DB and WAREHOUSE_<ROLE>_PASSWORD.
"""

import argparse
import datetime
import os
import sys
from contextlib import closing

from upath import UPath

from ingestion import reporting_day, service
from ingestion.days import days_of
from ingestion.warehouse import ConfigurationError, Warehouse


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; gives the exit code."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except (ConfigurationError, service.ContractError, service.LoadError) as error:
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


def _load(options: argparse.Namespace) -> int:
    warehouse = Warehouse.from_environment(os.environ)
    landing = options.landing or os.environ.get("LANDING_URI")
    if not landing:
        raise ConfigurationError("not set: LANDING_URI.\nRemedy: set it, or give --landing.")
    loaded, problems = [], []
    try:
        for day in service.load_days(
            warehouse, UPath(landing), days_of(options.first, options.last), force=options.force
        ):
            print(day, flush=True)
            loaded.append(day.load_date)
    except service.LoadError as error:
        problems.append(str(error))
    rejected = [] if options.no_audit else _rejected(warehouse, loaded)
    with closing(warehouse.connect()) as connection:
        list(service.publish_days(connection, [day for day in loaded if day not in rejected]))
    if rejected:
        problems.append(f"rejected: {', '.join(map(str, rejected))}; what was published of them stays")
    print(*problems, sep="\n", end="\n" if problems else "", file=sys.stderr)
    return 1 if problems else 0


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
    day = datetime.date.fromisoformat
    load = verbs.add_parser("load", help="load, audit and publish days")
    load.add_argument("--from", dest="first", type=day, required=True, metavar="YYYY-MM-DD")
    load.add_argument("--to", dest="last", type=day, required=True, metavar="YYYY-MM-DD")
    load.add_argument("--landing", help="landing area: a folder, s3://… or gs://… (LANDING_URI)")
    load.add_argument("--no-audit", action="store_true", help="publish without the audit")
    load.add_argument("--force", action="store_true", help="load days again that are unchanged")
    load.set_defaults(run=_load)
    deploy = verbs.add_parser("deploy", help="parse the dbt project, record its definitions, make its views")
    deploy.set_defaults(run=_deploy)
    return parser


if __name__ == "__main__":
    sys.exit(main())
