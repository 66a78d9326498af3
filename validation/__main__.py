"""`python -m validation`: audit what is staged or built, and write Data Docs, without Airflow."""

import argparse
import os
import sys
from datetime import date
from pathlib import Path

from ingestion.warehouse import ConfigurationError, Warehouse
from validation.service import AuditReport, audit_day, audit_marts, build_data_docs


def main() -> int:
    """Run one verb; gives 1 when a critical expectation failed, 2 when a setting is missing."""
    parser = argparse.ArgumentParser(prog="python -m validation", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    day = verbs.add_parser("day", help="audit what is staged for a load day")
    day.add_argument("load_date", type=date.fromisoformat, metavar="YYYY-MM-DD")
    marts = verbs.add_parser("marts", help="audit what analysts read, after a build")
    marts.add_argument("build_id", type=int)
    docs = verbs.add_parser("docs", help="write Data Docs of the newest audits")
    docs.add_argument("--folder", type=Path, default=os.environ.get("DATA_DOCS_DIR"), help="default: DATA_DOCS_DIR")
    arguments = parser.parse_args()
    try:
        warehouse = Warehouse.from_environment(os.environ)
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 2
    if arguments.verb == "docs":
        if arguments.folder is None:
            docs.error("no folder to write to: give --folder, or set DATA_DOCS_DIR")
        print(build_data_docs(warehouse, Path(arguments.folder)))
        return 0
    if arguments.verb == "day":
        return _print(audit_day(warehouse, arguments.load_date))
    return _print(audit_marts(warehouse, arguments.build_id))


def _print(report: AuditReport) -> int:
    print(report)
    return 0 if report.success else 1


if __name__ == "__main__":
    sys.exit(main())
