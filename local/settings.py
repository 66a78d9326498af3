"""The settings of the local stack: the process environment, else `.env`, else what was made once into `.local/env`."""

import base64
import os
import secrets
import string
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

from alerts.channel import Channel
from alerts.guard import free_gigabytes
from alerts.service import due_at
from ingestion import reporting_day
from ingestion.retention import Retention
from ingestion.warehouse import ROLES, ConfigurationError, Warehouse
from local.errors import LocalError
from local.postgres import Server, home_for

DEFAULTS = {
    "WAREHOUSE_PORT": "15432",
    "WAREHOUSE_DB": "engagement",
    "AIRFLOW_PORT": "8080",
    "GENERATE": "true",
    "GENERATOR_SEED": "1",
    "GENERATOR_SCALE": "1",
    "TIMELAPSE_FACTOR": "0",
    "DBT_THREADS": "4",
    "AUDIT_TRAIL": "false",
    "ALERT_URL": "",
    "DAY_DUE_AT": "06:00",
    "DISK_FREE_GB": "5",
    "OPENLINEAGE_URL": "",
    "KEEP_HISTORY_DAYS": "400",
    "KEEP_LOGS_DAYS": "90",
    "KEEP_QUARANTINE_DAYS": "never",
    **reporting_day.DEFAULTS,
}
MOST_DAYS_A_DAY = 86_400  # a day a second: more than any machine does
READ = (
    *DEFAULTS,
    "LANDING_URI",
    "SOURCES_DIR",
    "DATA_DOCS_DIR",
    "GENERATOR_START",
    "AIRFLOW_ADMIN_PASSWORD",
    "AIRFLOW_DB_PASSWORD",
    "AIRFLOW_SECRET_KEY",
    "AIRFLOW_FERNET_KEY",
    *(f"WAREHOUSE_{role.upper()}_PASSWORD" for role in ROLES),
)


def _password() -> str:
    alphabet = string.ascii_letters + string.digits
    return "".join(secrets.choice(alphabet) for _ in range(24))


def _fernet_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


GENERATED = {
    **{f"WAREHOUSE_{role.upper()}_PASSWORD": _password for role in ROLES},
    "AIRFLOW_ADMIN_PASSWORD": _password,
    "AIRFLOW_DB_PASSWORD": _password,
    "AIRFLOW_SECRET_KEY": _password,
    "AIRFLOW_FERNET_KEY": _fernet_key,
}


@dataclass(frozen=True)
class Settings:
    """Where the stack of one checkout lives, and with which values.

    `given` is what the process environment and `.env` say; `generated` is what `.local/env` says.
    """

    project: Path
    given: Mapping[str, str]
    generated: Mapping[str, str]

    @classmethod
    def load(cls, project: Path, environ: Mapping[str, str]) -> "Settings":
        """Read all three places; nothing is written."""
        given = {
            **read_env_file(project / ".env"),
            **{name: environ[name] for name in READ if environ.get(name)},
        }
        return cls(project, given, read_env_file(project / ".local" / "env"))

    def with_secrets(self) -> "Settings":
        """The same, with every missing password made and kept in `.local/env`."""
        missing = {name: make() for name, make in GENERATED.items() if not self.get(name)}
        return self.keep(missing) if missing else self

    def with_company(self, *, today: date, days: int, seed: str | None = None, scale: str | None = None) -> "Settings":
        """The same, with the synthetic company's first day, seed and size, which are kept from the first call on.

        The company starts `days` days before `today`. Raises `LocalError` when another seed or scale than the kept
        one is asked for.
        """
        if days < 1 or not _is_number(scale or "1", above=0) or not (seed or "1").isdigit():
            raise LocalError(
                f"there is no company with DAYS={days}, SCALE={scale or 1}, SEED={seed or 1}.",
                "DAYS is at least 1, SCALE a number above 0, SEED a whole number.",
            )
        fixed = {**self.generated, **self.given}
        wanted = {"GENERATOR_SEED": seed, "GENERATOR_SCALE": scale}
        for name, value in wanted.items():
            kept = fixed.get(name)
            if value and kept and float(value) != float(kept):
                raise LocalError(
                    f"this warehouse has a company with {name}={kept}, not {value}.",
                    "`make clean` forgets it with all its data; then `make demo` makes another.",
                )
        start = {"GENERATOR_START": (today - timedelta(days=days)).isoformat()}
        made = {**start, **{name: value or self[name] for name, value in wanted.items()}}
        missing = {
            name: value for name, value in made.items() if not (self.given.get(name) or self.generated.get(name))
        }
        return self.keep(missing) if missing else self

    def keep(self, values: Mapping[str, str]) -> "Settings":
        """The same, with these values added to `.local/env`, which only its owner may read."""
        merged = {**self.generated, **values}
        self.local.mkdir(parents=True, exist_ok=True)
        target, partial = self.local / "env", self.local / "env.partial"
        partial.unlink(missing_ok=True)
        partial.touch(mode=0o600)
        lines = [f"{name}={value}\n" for name, value in sorted(merged.items())]
        partial.write_text("# Made by `make up`; `.env` and the environment win over it.\n" + "".join(lines))
        partial.replace(target)
        return Settings(self.project, self.given, merged)

    def get(self, name: str) -> str | None:
        return self.given.get(name) or self.generated.get(name) or DEFAULTS.get(name)

    def __getitem__(self, name: str) -> str:
        value = self.get(name)
        if not value and DEFAULTS.get(name) is None:  # a default may be empty
            raise LocalError(f"{name} is not set.", "`make up` generates it; or set it in .env.")
        return value or ""

    def port(self, name: str) -> int:
        try:
            port = int(self[name])
        except ValueError:
            port = 0
        if not 0 < port < 65536:
            raise LocalError(f"{name}={self[name]} is not a port.", f"Set {name} in .env to a number from 1 to 65535.")
        return port

    @property
    def timelapse_factor(self) -> float:
        """How many days of the company go by in a day; 0: time-lapse is off."""
        return timelapse_factor(self["TIMELAPSE_FACTOR"])

    @property
    def reporting_day(self) -> dict[str, str]:
        """The settings of the reporting day. Raises `LocalError` when one is wrong."""
        with _said_as_local():
            return reporting_day.settings({name: self[name] for name in reporting_day.DEFAULTS})

    @property
    def alerts(self) -> dict[str, str]:
        """The settings of alerts. Raises `LocalError` when one is wrong."""
        values = {name: self[name] for name in ("ALERT_URL", "DAY_DUE_AT", "DISK_FREE_GB")}
        with _said_as_local():
            Channel.from_environment(values)
            due_at(values)
            free_gigabytes(values)
        return values

    @property
    def retention(self) -> dict[str, str]:
        """After how many days what is deleted. Raises `LocalError` when a setting is wrong."""
        values = {name: self[name] for name in DEFAULTS if name.startswith("KEEP_")}
        with _said_as_local():
            Retention.from_environment(values)
        return values

    @property
    def local(self) -> Path:
        return self.project / ".local"

    @property
    def logs(self) -> Path:
        return self.local / "logs"

    @property
    def landing(self) -> str:
        return self.get("LANDING_URI") or str(self.local / "landing")

    @property
    def sources(self) -> dict[str, str]:
        """SOURCES_DIR, the folder of contracts of one's own, if there is one; a relative one is in the project."""
        folder = self.get("SOURCES_DIR")
        return {"SOURCES_DIR": str(self.project / folder)} if folder else {}

    @property
    def data_docs(self) -> Path:
        return Path(self.get("DATA_DOCS_DIR") or self.local / "data_docs")

    @cached_property
    def server(self) -> Server:
        return Server(home=home_for(self.project), port=self.port("WAREHOUSE_PORT"))

    @property
    def warehouse(self) -> Warehouse:
        passwords = {role: self[f"WAREHOUSE_{role.upper()}_PASSWORD"] for role in ROLES}
        return Warehouse("127.0.0.1", self.server.port, self["WAREHOUSE_DB"], passwords)

    @property
    def airflow_url(self) -> str:
        return f"http://127.0.0.1:{self.port('AIRFLOW_PORT')}"

    def warehouse_environment(self) -> dict[str, str]:
        """What a command line of ours reads. The warehouse's address is left out where no `make up` has made one."""
        made = (
            self.warehouse.environment()
            if all(self.get(f"WAREHOUSE_{role.upper()}_PASSWORD") for role in ROLES)
            else {}
        )
        return {**made, **self.sources, "LANDING_URI": self.landing}

    def environment(self) -> dict[str, str]:
        """The whole environment of Airflow and its tasks: ours, and Airflow's own settings."""
        port = self.port("AIRFLOW_PORT")
        database = f"127.0.0.1:{self.server.port}/airflow"
        login = f"airflow:{self['AIRFLOW_DB_PASSWORD']}"
        switches = ("GENERATE", "GENERATOR_SEED", "GENERATOR_SCALE", "TIMELAPSE_FACTOR", "AUDIT_TRAIL")
        named = (*switches, "DBT_THREADS", "OPENLINEAGE_URL")
        ours = {**{name: self[name] for name in named}, **self.alerts, **self.retention}
        if self.get("GENERATOR_START"):
            ours["GENERATOR_START"] = self["GENERATOR_START"]
        return {
            **read_env_file(self.project / "config" / "airflow.env"),
            **{name: value for name, value in self.given.items() if name.startswith("AIRFLOW__")},
            **self.warehouse.environment(),
            **ours,
            **self.reporting_day,
            **self.sources,
            "LANDING_URI": self.landing,
            "DATA_DOCS_DIR": str(self.data_docs),
            "PYTHONPATH": f"{self.project}{os.pathsep}{self.project / 'config'}",
            "PYTHONUNBUFFERED": "1",
            "TMPDIR": str(self.local / "tmp"),  # a killed task leaves files there; the next `make up` removes them
            "TZ": "UTC",
            "AIRFLOW_HOME": str(self.local / "airflow"),
            "AIRFLOW__COSMOS__CACHE_DIR": str(self.local / "cosmos"),
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.project / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(self.project / "plugins"),
            "AIRFLOW__CORE__FERNET_KEY": self["AIRFLOW_FERNET_KEY"],
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(self.local / "airflow" / "passwords.json"),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://{login}@{database}",
            "AIRFLOW_METADATA_CONN": f"postgresql+psycopg2://{login}@{database}",  # for `airflow db clean`
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": f"postgresql+asyncpg://{login}@{database}",
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(port),
            "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
            "AIRFLOW__API__SECRET_KEY": self["AIRFLOW_SECRET_KEY"],
            "AIRFLOW__API_AUTH__JWT_SECRET": self["AIRFLOW_SECRET_KEY"],
        }

    def guard_environment(self) -> dict[str, str]:
        """What `python -m alerts guard` reads."""
        names = ("AIRFLOW_HOME", "AIRFLOW__CORE__EXECUTION_API_SERVER_URL", "PYTHONPATH", "PYTHONUNBUFFERED", "TZ")
        airflow = self.environment()
        return {
            **self.warehouse.environment(),
            **self.alerts,
            **{name: airflow[name] for name in names},
        }


@contextmanager
def _said_as_local() -> Iterator[None]:
    """A setting that is wrong becomes a `LocalError`, with the same remedy."""
    try:
        yield
    except ConfigurationError as error:
        raise LocalError(*str(error).split("\nRemedy: ")) from None


def timelapse_factor(text: str) -> float:
    """The factor that a text stands for. Raises `LocalError` when it is none."""
    try:
        factor = float(text)
    except ValueError:
        factor = -1
    if factor == 0 or 1 <= factor <= MOST_DAYS_A_DAY:
        return factor
    raise LocalError(
        f"there is no time-lapse at the factor {text}.",
        f"It is a number from 1 to {MOST_DAYS_A_DAY}: so many days of the company go by in a day. 0 is off.",
    )


def _is_number(text: str, *, above: float) -> bool:
    try:
        return above < float(text) < float("inf")
    except ValueError:
        return False


def read_env_file(path: Path) -> dict[str, str]:
    """`NAME=value` lines of a file, which may be absent; blank lines and comments are skipped.

    Raises `LocalError` with file and line for anything else.
    """
    if not path.exists():
        return {}
    values: dict[str, str] = {}
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.partition("=")
        if not equals or not name.strip().isidentifier():
            raise LocalError(f"{path}:{number}: not NAME=value: {text}", "Mend the line, or put # before it.")
        values[name.strip()] = value.strip().strip("'\"")
    return {name: value for name, value in values.items() if value}
