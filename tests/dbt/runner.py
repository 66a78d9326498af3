"""dbt in process, with the project parsed once for all warehouses of the same name."""

import gc
import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dbt.adapters.base.impl import DEFAULT_BASE_BEHAVIOR_FLAGS
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from ingestion.reporting_day import DEFAULTS
from ingestion.warehouse import Warehouse

PROJECT = Path(__file__).resolve().parents[2] / "dbt"
_manifests: dict[tuple, Manifest] = {}
_OWN_FLAGS = len(DEFAULT_BASE_BEHAVIOR_FLAGS)


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

    def compiled(self, *selected: str) -> list:
        """The nodes that dbt selects, compiled."""
        options = ("--threads", "1", "--indirect-selection", "empty")
        done = self._invoke("compile", *options, "--select", *selected, manifest=self.manifest)
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
            done = self._invoke("parse")
            if not done.success:
                raise DbtError(f"dbt parse\n{done.exception}")
            _manifests[parsed] = done.result
            gc.collect()
            gc.freeze()  # it stays, and is large
        return _manifests[parsed]

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
        with _environment(self._environment):
            done = dbtRunner(manifest=manifest).invoke([*arguments, *options])
        # Each call leaves a flag more here, and looks at all: after some hundreds, a call would take a second longer.
        del DEFAULT_BASE_BEHAVIOR_FLAGS[_OWN_FLAGS:]
        return done


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
