"""Claims a build for a run, and takes over from a run that died while it was building. Runs without Airflow."""

from collections.abc import Callable, Sequence
from datetime import date

from psycopg2.extensions import connection as Connection

from ingestion.service import Build, claim, release


def claim_or_take_over(
    connection: Connection,
    holder: str,
    load_dates: Sequence[date],
    *,
    rebuild: bool = False,
    is_over: Callable[[str], bool],
    say: Callable[[str], None] = lambda text: None,
) -> Build | None:
    """Claim as `ingestion.service.claim` does; a build whose holder `is_over` is released first.

    `say` is told of that.
    """
    build = claim(connection, holder, load_dates, rebuild=rebuild)
    if build is None or build.holder == holder or not is_over(build.holder):
        return build
    say(f"The run {build.holder} is over without having finished its build: releasing its days")
    release(connection, build)
    return claim(connection, holder, load_dates, rebuild=rebuild)
