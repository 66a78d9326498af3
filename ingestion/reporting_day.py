"""What reports are told in: day, week, currency, who is left out, what is hidden.

They are looked at before dbt reads them (dbt/macros).
"""

import re
import zoneinfo
from collections.abc import Mapping

from ingestion.warehouse import ConfigurationError

DEFAULTS = {
    "REPORTING_TIMEZONE": "UTC",
    "WEEK_STARTS_ON": "monday",
    "REPORTING_CURRENCY": "EUR",
    "INTERNAL_USERS": "",
    "HIDE_CELLS_BELOW": "0",
}


def settings(environ: Mapping[str, str]) -> dict[str, str]:
    """Give the settings of `DEFAULTS`, each by default what stands there.

    Raises `ConfigurationError`, with the remedy, for a value that is no time zone of the IANA database, neither
    monday nor sunday, no code of a currency, or no number of people.
    """
    found = {name: environ.get(name, default) for name, default in DEFAULTS.items()}
    zone, weekday, currency, _, people = found.values()
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
    if not re.fullmatch("[A-Z]{3}", currency):
        raise ConfigurationError(
            f"REPORTING_CURRENCY={currency} is not a currency.\n"
            f"Remedy: set it in .env to a code of ISO 4217, such as EUR."
        )
    if not re.fullmatch("[0-9]+", people):
        raise ConfigurationError(
            f"HIDE_CELLS_BELOW={people} is no number of people.\n"
            f"Remedy: set it in .env to a whole number, such as 5; 0 shows all."
        )
    return found
