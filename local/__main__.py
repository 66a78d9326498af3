"""`python -m local <verb>`: what the Makefile calls."""

import argparse
import os
import sys
from pathlib import Path

from local.errors import LocalError
from local.postgres import PostgresError
from local.settings import Settings
from local.stack import Stack

PROJECT = Path(__file__).resolve().parent.parent


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("up", help="start PostgreSQL and Airflow, whatever of them is missing")
    verbs.add_parser("stop", help="stop them; the data stays")
    verbs.add_parser("clean", help="stop them and remove all their data")
    arguments = parser.parse_args()
    settings = Settings.load(PROJECT, os.environ)
    try:
        if arguments.verb == "up":
            Stack(settings.with_secrets()).up()
        elif arguments.verb == "stop":
            Stack(settings).stop()
        elif arguments.verb == "clean":
            Stack(settings).clean()
    except (LocalError, PostgresError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. `make up` continues where it stopped, `make stop` stops everything.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
