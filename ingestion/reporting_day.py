"""The settings of the reporting day, looked at before dbt reads them (dbt/macros/periods.sql)."""

import zoneinfo
from collections.abc import Mapping

from ingestion.warehouse import ConfigurationError

DEFAULTS = {"REPORTING_TIMEZONE": "UTC", "WEEK_STARTS_ON": "monday"}


def settings(environ: Mapping[str, str]) -> dict[str, str]:
    """Give `REPORTING_TIMEZONE` and `WEEK_STARTS_ON`, by default UTC and monday.

    Raises `ConfigurationError`, with the remedy, for a value that is no time zone of the IANA database, or neither
    monday nor sunday.
    """
    found = {name: environ.get(name, default) for name, default in DEFAULTS.items()}
    zone, weekday = found.values()
    if zone not in zoneinfo.available_timezones():
        raise ConfigurationError(
            f"REPORTING_TIMEZONE={zone} is no time zone.\n"
            f"Remedy: set it in .env to a name of the IANA database, such as America/New_York; without it days are "
            f"those of UTC."
        )
    if weekday not in ("monday", "sunday"):
        raise ConfigurationError(
            f"WEEK_STARTS_ON={weekday} is not a first day of the week.\nRemedy: set it in .env to monday or sunday."
        )
    return found
