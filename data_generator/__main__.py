"""Lands days of the synthetic company: `python -m data_generator --landing DIR --from D --to D`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from datetime import date

from upath import UPath

from data_generator.service import generate


def main(arguments: list[str] | None = None, environment: Mapping[str, str] = os.environ) -> int:
    parser = argparse.ArgumentParser(prog="python -m data_generator", description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--landing", default=environment.get("LANDING_URI"), help="a folder, s3://… or gs://… (LANDING_URI)")
    add("--from", dest="first", type=date.fromisoformat, help="first day (default: the start)")
    add("--to", dest="last", type=date.fromisoformat, help="last day (default: the first)")
    add("--seed", type=int, default=environment.get("GENERATOR_SEED", "1"), help="which company (GENERATOR_SEED)")
    add(
        "--scale",
        type=float,
        default=environment.get("GENERATOR_SCALE", "1"),
        help="1 is 900 events a day (GENERATOR_SCALE)",
    )
    add("--start", type=date.fromisoformat, default=environment.get("GENERATOR_START"), help="first day of the company")
    add("--workers", type=int, help="processes (default: one per CPU)")
    add("--force", action="store_true", help="write days again that are there already")
    given = parser.parse_args(arguments)
    for name, variable in (("landing", "LANDING_URI"), ("start", "GENERATOR_START")):
        if not getattr(given, name):
            parser.error(f"--{name} is missing: give it, or set {variable}")
    first = given.first or given.start
    last = given.last or first
    try:
        written = generate(
            UPath(given.landing),
            first,
            last,
            seed=given.seed,
            scale=given.scale,
            start=given.start,
            workers=given.workers,
            force=given.force,
        )
    except ValueError as error:
        parser.error(str(error))
    print(f"{len(written)} of {(last - first).days + 1} days written to {given.landing}, the others were there")
    return 0


if __name__ == "__main__":
    sys.exit(main())
