"""dbt in process, with the project parsed once for all warehouses of the same name."""

import fcntl
import gc
import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from dbt.adapters.base.impl import DEFAULT_BASE_BEHAVIOR_FLAGS
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from ingestion.reporting_day import DEFAULTS
from ingestion.warehouse import Warehouse
from tests.dbt.lean import few_connections, slim_down

PROJECT = Path(__file__).resolve().parents[2] / "dbt"
_manifests: dict[tuple, Manifest] = {}
_parsed_before: dict[str, Path] = {}  # by the name of the warehouse: what dbt keeps of a parse
_OWN_FLAGS = len(DEFAULT_BASE_BEHAVIOR_FLAGS)
slim_down()


class DbtError(AssertionError):
    """dbt failed; the message names the nodes and why."""


class Dbt:
    """Runs dbt on one warehouse; its artifacts and logs go to `folder`. `settings` are those of the reporting day."""

    def __init__(
        self,
        warehouse: Warehouse,
        folder: Path,
        threads: int = 4,
        project: Path = PROJECT,
        settings: Mapping[str, str] = DEFAULTS,
    ) -> None:
        self.warehouse = warehouse
        self.folder = folder
        self.threads = threads
        self.project = project
        self.settings = {**DEFAULTS, **settings}

    def build(self, *arguments: str, unit_tests: bool = False) -> dict[str, str]:
        """`dbt build` with further arguments; unit tests only when asked for.

        Returns the status of each node by its unique id. Raises `DbtError` when one failed.
        """
        without = [] if unit_tests else ["--exclude-resource-type", "unit_test"]
        return self._results("build", "--threads", str(self.threads), *without, *arguments)

    def run(self, *arguments: str) -> dict[str, str]:
        """`dbt run`, which is `build` without the tests."""
        return self._results("run", "--threads", str(self.threads), *arguments)

    def test(self, *arguments: str) -> dict[str, str]:
        """`dbt test`: the data tests, on what stands there."""
        return self._results("test", "--threads", str(self.threads), "--exclude-resource-type", "unit_test", *arguments)

    def compiled(self, *selected: str, full: bool = False) -> list:
        """The nodes that dbt selects, compiled; `full`: as `--full-refresh` does."""
        arguments = [*(("--select", *selected) if selected else ()), *(("--full-refresh",) if full else ())]
        options = ("--threads", "1", "--indirect-selection", "empty")
        done = self._invoke("compile", *options, *arguments, manifest=self.manifest)
        if not done.success:
            raise DbtError(f"dbt compile\n{done.exception}")
        return [result.node for result in done.result]

    def record_definitions(self) -> None:
        """What is done at deploy: `ops` is told the definitions of now."""
        done = self._invoke("run-operation", "record_definitions", manifest=self.manifest)
        assert done.success, done.exception

    @property
    def manifest(self) -> Manifest:
        # Warehouses of one session that have the same name share it. Settings are read when it runs.
        files = [
            path for path in self.project.rglob("*") if path.suffix in (".sql", ".yml") and "target" not in path.parts
        ]
        texts = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(files))).hexdigest()
        parsed = (self.project, texts, self.warehouse.database)
        if parsed not in _manifests:
            with self._what_was_parsed_before():
                # Of a server it needs nothing; dbt would parse everything anew for another port.
                nowhere = replace(self.warehouse, port=1)
                done = Dbt(nowhere, self.folder, project=self.project, settings=self.settings)._invoke("parse")
            if not done.success:
                raise DbtError(f"dbt parse\n{done.exception}")
            _manifests[parsed] = done.result
            gc.collect()
            gc.freeze()  # it stays, and is large
        return _manifests[parsed]

    @contextmanager
    def _what_was_parsed_before(self) -> Iterator[None]:
        """Let dbt begin with its last parse of any copy of the project, of this process or of another worker of
        pytest's: it reads anew only the files that differ.
        """
        kept = self.folder / "target" / "partial_parse.msgpack"
        kept.parent.mkdir(parents=True, exist_ok=True)
        shared = next((up for up in self.folder.parents if up.name.startswith("pytest-")), self.folder)
        of_all = shared / f"parsed-{self.warehouse.database}.msgpack"
        with (shared / "parsed.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            before = _parsed_before.setdefault(self.warehouse.database, of_all)
            if before.exists() and not kept.exists():
                shutil.copy(before, kept)
            if of_all.exists():
                fcntl.flock(lock, fcntl.LOCK_UN)
            yield
            if kept.exists() and not of_all.exists():
                shutil.copy(kept, of_all)

    @contextmanager
    def planted(self, file: str, good: str, bad: str) -> Iterator[None]:
        """For a while, `bad` stands in a file of the project instead of `good`, and nothing is parsed anew for it."""
        holders = [(macro, "macro_sql") for macro in self.manifest.macros.values()]
        holders += [(node, "raw_code") for node in self.manifest.nodes.values()]
        found = [
            (one, name)
            for one, name in holders
            if one.package_name == "engagement" and one.original_file_path == file and good in getattr(one, name)
        ]
        assert len(found) == 1, f"{file} does not say `{good}` once any more: plant the bug where it is now"
        ((one, name),) = found
        text = getattr(one, name)
        assert text.count(good) == 1, f"{file} says `{good}` more than once"
        setattr(one, name, text.replace(good, bad))
        try:
            yield
        finally:
            setattr(one, name, text)

    @property
    def _environment(self) -> dict[str, str]:
        return {**self.warehouse.environment(), **self.settings}

    def _results(self, *arguments: str) -> dict[str, str]:
        done = self._invoke(*arguments, manifest=self.manifest)
        results = list(done.result) if done.result is not None else []
        bad = [result for result in results if result.status in ("error", "fail", "runtime error")]
        if bad or not done.success:
            reasons = "\n".join(f"{result.node.unique_id}: {result.message}" for result in bad)
            raise DbtError(f"dbt {' '.join(arguments)}\n{reasons or done.exception}")
        return {result.node.unique_id: str(result.status) for result in results}

    def _invoke(self, *arguments: str, manifest: Manifest | None = None):
        options = [
            *("--project-dir", str(self.project), "--profiles-dir", str(self.project)),
            *("--target-path", str(self.folder / "target"), "--log-path", str(self.folder / "logs")),
            *("--log-level", "none", "--log-level-file", "none", "--no-use-colors", "--no-write-json"),
        ]
        with _environment(self._environment), _without_gc(), few_connections():
            done = dbtRunner(manifest=manifest).invoke([*arguments, *options])
        # Each call leaves a flag more here, and looks at all: after some hundreds, a call would take a second longer.
        del DEFAULT_BASE_BEHAVIOR_FLAGS[_OWN_FLAGS:]
        return done


@contextmanager
def _without_gc() -> Iterator[None]:
    """What a call of dbt makes is there until its end: to look for garbage meanwhile is in vain."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def _environment(settings: dict[str, str]) -> Iterator[None]:
    """Sets environment variables for a while: dbt's profile reads them."""
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
