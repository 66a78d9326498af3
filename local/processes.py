"""Long-running programs in the background: each a session of its own, recorded, found again and stopped as a whole.

A program and everything it forks share one session, whose id is the pid of its leader. The kernel does not give that
pid to another process while a member of the session lives. So the members can be found even after the leader was
killed.
"""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from local.errors import LocalError


@dataclass(frozen=True)
class Program:
    """A program that runs under `name`; `home` holds its record, `<name>.json`.

    `code` is the hash of the files that it has loaded and keeps. When it differs, the program has to be started anew.
    """

    name: str
    home: Path
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    code: str = ""

    @property
    def record(self) -> Path:
        return self.home / f"{self.name}.json"

    def start(self, *, folder: Path, log: Path) -> None:
        """Start it in `folder` with its output appended to `log`. What is left of a former start is stopped first."""
        self.stop(grace=0)
        self.home.mkdir(parents=True, exist_ok=True)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            process = subprocess.Popen(
                self.command,
                env={**inherited(), **self.environment},
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        started = psutil.Process(process.pid).create_time()
        partial = self.record.with_suffix(".partial")
        partial.write_text(json.dumps({"pid": process.pid, "started": started, "made_of": self._made_of()}))
        partial.replace(self.record)

    def is_running(self) -> bool:
        """Whether the leader lives. Other processes of its session do not count."""
        return self._leader() is not None

    def is_current(self) -> bool:
        """Whether it runs, and was started with this command, environment and code."""
        return self.is_running() and self._recorded().get("made_of") == self._made_of()

    @property
    def pid(self) -> int | None:
        leader = self._leader()
        return leader.pid if leader else None

    @property
    def started(self) -> float:
        """When the leader was started, in seconds since 1970."""
        return self._recorded().get("started", 0.0)

    def members(self) -> list[psutil.Process]:
        """The processes of its session that live, the leader among them; also when the leader is dead."""
        recorded = self._recorded()
        if not recorded:
            return []
        found = []
        for process in psutil.process_iter():
            try:
                in_session = os.getsid(process.pid) == recorded["pid"]
                if in_session and process.status() != psutil.STATUS_ZOMBIE:
                    # A process has the leader's pid but another start time: the pid has been given to another program.
                    if process.pid == recorded["pid"] and abs(process.create_time() - recorded["started"]) > 1:
                        return []
                    if process.create_time() < recorded["started"] - 1:
                        return []  # older than our record: a session from before a reboot
                    found.append(process)
            except (psutil.Error, OSError):
                continue
        return found

    def stop(self, grace: float = 20) -> None:
        """End the leader with SIGTERM, after `grace` seconds everything of its session with SIGKILL; verified.

        Raises `LocalError` when something cannot be killed.
        """
        leader = self._leader()
        if leader and grace:
            _send(leader, signal.SIGTERM)
            _wait(lambda: not self.is_running(), grace)
        for _ in range(3):  # a process may fork while its session is being killed
            for process in self.members():
                _send(process, signal.SIGKILL)
            if _wait(lambda: not self.members(), 5):
                self.record.unlink(missing_ok=True)
                return
        pids = ", ".join(str(process.pid) for process in self.members())
        raise LocalError(f"{self.name} does not end: processes {pids}.", f"kill -9 {pids.replace(',', '')}")

    def _made_of(self) -> str:
        parts = [self.command, dict(self.environment), self.code]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def _recorded(self) -> dict:
        try:
            return json.loads(self.record.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return {}

    def _leader(self) -> psutil.Process | None:
        recorded = self._recorded()
        try:
            process = psutil.Process(recorded["pid"])
            if abs(process.create_time() - recorded["started"]) > 1 or process.status() == psutil.STATUS_ZOMBIE:
                return None
        except (KeyError, psutil.Error):
            return None
        return process


def inherited() -> dict[str, str]:
    """The variables that a program takes from the shell that starts it. A change of these does not start it again."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}


def python(*arguments: str) -> list[str]:
    """A command line for this environment's Python, which needs no activated environment."""
    return [sys.executable, *arguments]


def tail(log: Path, lines: int = 12) -> str:
    """The last lines of a log that may be absent."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def _send(process: psutil.Process, number: int) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        pass
    except psutil.AccessDenied as error:
        raise LocalError(
            f"process {process.pid} belongs to somebody else.", "Run the command as the user who started the stack."
        ) from error


def _wait(condition, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
