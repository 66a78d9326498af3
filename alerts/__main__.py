"""`python -m alerts check`: whether the settings of alerts can be; `test` sends a message to where they go;
`guard` looks after PostgreSQL, Airflow and the disks until it is stopped."""

import argparse
import os
import sys
from pathlib import Path

from alerts.channel import Channel, NotSent
from alerts.guard import free_gigabytes, guard
from alerts.service import due_at
from ingestion.warehouse import ConfigurationError


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m alerts", description=__doc__)
    parser.add_argument("verb", choices=("check", "test", "guard"))
    parser.add_argument("folders", nargs="*", type=Path, help="on disks that the guard looks after")
    options = parser.parse_args(arguments)
    try:
        due_at(os.environ)
        free_gigabytes(os.environ)
        channel = Channel.from_environment(os.environ)
        if options.verb == "guard":
            guard(os.environ, channel, options.folders)
        if options.verb == "test":
            if not channel.urls:
                raise ConfigurationError("ALERT_URL is empty: nobody is told.\nRemedy: set it in .env.")
            channel.send("A test", "What: alerts of the engagement platform arrive here.\nWhat to do: nothing.")
            print(f"sent to {len(channel.urls)} address{'es' * (len(channel.urls) > 1)}")
    except (ConfigurationError, NotSent) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
