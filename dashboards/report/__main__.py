"""`python -m dashboards.report`: one HTML file with the KPIs, from `reporting` as its reader sees it.

The warehouse is that of WAREHOUSE_HOST, WAREHOUSE_PORT, WAREHOUSE_DB and WAREHOUSE_READER_PASSWORD.
"""

import argparse
import os
import sys
from contextlib import closing
from pathlib import Path

from dashboards.report.page import render
from ingestion.warehouse import ConfigurationError, Warehouse


def main(arguments: list[str] | None = None) -> int:
    """Write the report; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m dashboards.report", description=__doc__)
    parser.add_argument("--to", type=Path, required=True, help="the file to write")
    target = parser.parse_args(arguments).to
    try:
        with closing(Warehouse.from_environment(os.environ).connect("reader")) as connection:
            html = render(connection)
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 1
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(html, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
