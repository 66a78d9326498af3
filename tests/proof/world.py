"""Runs a script of loads and builds, and holds what it leaves against what the definitions say of the same files.

That is what one full refresh makes: see `tests.dbt.reference`.
"""

import itertools
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

import rich.repr
from psycopg2 import sql
from rich.pretty import pretty_repr
from upath import UPath

from ingestion import service
from ingestion.warehouse import Warehouse, create
from local.postgres import Server
from tests.dbt.helpers import BUILT_SCHEMAS, CONTRACTS
from tests.dbt.reference import Definition, definitions, evaluate, with_what_they_need
from tests.dbt.runner import PROJECT, Dbt, DbtError
from tests.proof.company import Company, Day, Shown, day, land

MARTS = Path(__file__).parent / "models"
# Settings of the reporting day, other than the defaults.
NEW_YORK = {"REPORTING_TIMEZONE": "America/New_York", "WEEK_STARTS_ON": "sunday"}
COMPARED_SCHEMAS = ("raw", *BUILT_SCHEMAS)
Tables = dict[str, Counter[str]]


@dataclass(frozen=True, repr=False)
class Land(Shown):
    """A day's files are replaced."""

    number: int
    content: Day


@rich.repr.auto
class Days:
    """A step for each of some days, in their order."""

    def __init__(self, *numbers: int) -> None:
        self.numbers = numbers

    def __rich_repr__(self) -> rich.repr.Result:
        yield from self.numbers


class Load(Days):
    """Load and publish, day by day."""


class LoadRange(Days):
    """Load and publish as a run for a range does: several days at a time, published together."""


class Stage(Days):
    """Load without publishing."""


class Publish(Days):
    """Publish what is staged, if anything is."""


class Reject(Days):
    """Let go of what is staged, if anything is."""


@dataclass(frozen=True, repr=False)
class Build(Shown):
    """Load `load` as a range, claim what is not built, and run dbt.

    Attributes:
        first: run these models and all that they need, then `meanwhile`, and the other models after that.
        is_released: the build ends after `first` and `meanwhile`: it has failed.
        is_full: dbt is called with --full-refresh.
        is_claimed: false for a dbt that somebody runs by hand.
    """

    load: tuple[int, ...] = ()
    first: tuple[str, ...] = ()
    meanwhile: tuple[object, ...] = ()
    is_released: bool = False
    is_full: bool = False
    is_claimed: bool = True


@dataclass(frozen=True, repr=False)
class Script(Shown):
    """What lands, and what is done with it. At its end all days are loaded as they lie there, and built.

    Attributes:
        models: these are built, with all that they need; by default everything.
    """

    company: Company
    steps: tuple[object, ...] = ()
    models: tuple[str, ...] = ()

    def __str__(self) -> str:
        return pretty_repr(self, max_width=160)


class LawBroken(AssertionError):
    """The order did matter, or something failed on the way; the message holds the script."""


def project_with_all_scopes(folder: Path) -> Path:
    """A copy of the dbt project, with a mart for each kind of scope beside its own."""
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("target", "logs"))
    for path in MARTS.iterdir():
        shutil.copy(path, folder / "models" / "marts")
    return folder


class World:
    """A warehouse that is made anew for each script, and a dbt project to build it with, in some reporting day."""

    def __init__(
        self,
        server: Server,
        warehouse: Warehouse,
        folder: Path,
        project: Path | None = None,
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.server = server
        self.warehouse = warehouse
        # One thread: the order of models is always the same, and so is what a script leads to.
        project = project or project_with_all_scopes(folder / "dbt")
        self.dbt = Dbt(warehouse, folder, threads=1, project=project, settings=settings)

    def check(self, script: Script, models: Sequence[str] = ()) -> None:
        """Raises `LawBroken` where the script leaves anything else than a full refresh does, or fails."""
        try:
            differences = self.differences(script, models=models)
        except Exception as error:
            raise LawBroken(f"{error}\n\nby this script:\n{script}") from error
        if differences:
            shown = "\n".join(f"{table}\n  " + "\n  ".join(rows) for table, rows in differences.items())
            raise LawBroken(f"this script leaves (+) what a full refresh does not (-):\n{script}\n{shown}")

    def differences(self, script: Script, rows: int = 6, models: Sequence[str] = ()) -> dict[str, list[str]]:
        """Up to so many rows for each table that differ, with + for what the script left, - for what it did not.

        `models`: what dbt selects, such as `+fact_sessions`; by default what the script says.
        """
        models = models or [f"+{name}" for name in script.models]
        defined = with_what_they_need(self.definitions, models)
        with TemporaryDirectory() as folder:
            landing = Path(folder)
            for number, content in zip(script.company.numbers, script.company.days, strict=True):
                land(landing, number, content, script.company.seed)
            self._make_anew()
            with closing(_Run(self.warehouse, self.dbt, landing, script.company, models)) as run:
                run.steps(script.steps)
                run.steps([Build(load=tuple(script.company.numbers))])
            left = self._tables()
            self._make_anew()
            with closing(_Run(self.warehouse, self.dbt, landing, script.company)) as run:
                run.steps([Load(*script.company.numbers)])
            with closing(self.warehouse.connect("transformer")) as connection, connection.cursor() as cursor:
                evaluate(defined, cursor)
                connection.commit()
            wanted = self._tables()
        if left.keys() != wanted.keys():
            return {"tables": [f"{'+' if name in left else '-'} {name}" for name in left.keys() ^ wanted.keys()]}
        found = {}
        for name in sorted(left):
            too_many, missing = left[name] - wanted[name], wanted[name] - left[name]
            if too_many or missing:
                signed = [f"+ {row}" for row in too_many.elements()], [f"- {row}" for row in missing.elements()]
                found[name] = [*itertools.islice(signed[0], rows), *itertools.islice(signed[1], rows)]
        return found

    @cached_property
    def definitions(self) -> list[Definition]:
        """Of all models. Whoever plants a bug asks for them before."""
        self._make_anew()
        self.dbt.run("--select", "staging")  # of some of these the others ask the columns
        return definitions(self.dbt)

    def _make_anew(self) -> None:
        with closing(self.server.connect()) as superuser:
            superuser.autocommit = True
            drop = sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(self.warehouse.database))
            superuser.cursor().execute(drop)
            create(superuser, self.warehouse)

    def _tables(self) -> Tables:
        """How often each row is in each table and view, as text."""
        with closing(self.server.connect(self.warehouse.database)) as superuser, superuser.cursor() as cursor:
            cursor.execute(
                "select table_schema, table_name from information_schema.tables where table_schema in %s",
                [COMPARED_SCHEMAS],
            )
            found = {}
            for schema, name in cursor.fetchall():
                cursor.execute(sql.SQL("select kept::text from {} as kept").format(sql.Identifier(schema, name)))
                found[f"{schema}.{name}"] = Counter(row for (row,) in cursor)
        assert any(not name.startswith("raw.") for name in found)
        return found


class _Run:
    """One warehouse, while a script works on it."""

    def __init__(
        self, warehouse: Warehouse, dbt: Dbt, landing: Path, company: Company, models: Sequence[str] = ()
    ) -> None:
        self.warehouse = warehouse
        self.dbt = dbt
        self.selected = ["--select", *models] if models else []
        self.has_views = False
        self.landing = landing
        self.company = company
        self.connection = warehouse.connect("loader")

    def close(self) -> None:
        self.connection.close()

    def steps(self, steps: Iterable[object]) -> None:
        for step in steps:
            match step:
                case Land():
                    land(self.landing, step.number, step.content, self.company.seed)
                case Build():
                    self.build(step)
                case LoadRange():
                    self.load_range(step)
                case Days():
                    for number in step.numbers:
                        self.day(step, number)
                case _:
                    raise TypeError(f"{step!r} is no step")

    def load_range(self, step: LoadRange) -> None:
        days = [day(number) for number in dict.fromkeys(step.numbers)]
        for loaded in service.load_days(self.warehouse, UPath(self.landing), days, contracts=CONTRACTS, workers=2):
            self.check_conserved(loaded)
        list(service.publish_days(self.connection, days))

    def day(self, step: Days, number: int) -> None:
        if isinstance(step, Load | Stage):
            self.check_conserved(
                service.load_day(self.connection, UPath(self.landing), day(number), contracts=CONTRACTS)
            )
        if isinstance(step, Load | Publish):
            service.publish_day(self.connection, day(number))
        if isinstance(step, Reject):
            service.reject_day(self.connection, day(number))

    @staticmethod
    def check_conserved(loaded: service.DayLoad) -> None:
        for file in loaded.files:
            assert file.lines_read == file.loaded + file.duplicates + file.quarantined + file.skipped, file
            for each in file.derived:
                made = each.loaded + each.duplicates + each.unchanged
                assert each.lines_read == made + each.quarantined + each.skipped, each

    def build(self, step: Build) -> None:
        self.steps([LoadRange(*step.load)])
        claim = None
        if step.is_claimed:
            claim = service.claim(self.connection, "proof", sorted(service.build_state(self.connection).unbuilt))
            assert claim is None or claim.holder == "proof", claim
            if claim is None and not step.is_full:
                return
        try:
            self.run_dbt(step)
        except DbtError:
            if claim is None or not self.is_disturbed(claim):
                raise
            service.release(self.connection, claim)
            return
        if claim is None:
            return
        if step.is_released:
            service.release(self.connection, claim)
        else:
            service.finish(self.connection, claim)

    def run_dbt(self, step: Build) -> None:
        """As a daily run does, without the views where they are there."""
        refresh = ["--full-refresh"] if step.is_full else []
        if step.first:
            some = [f"+{name}" for name in step.first]
            self.has_views = False  # some are made anew, and those upon them are dropped
            self.dbt.run("--select", *some, *refresh)
            self.steps(step.meanwhile)
            if not step.is_released:
                self.dbt.run(*self.selected, "--exclude", *some, *refresh)
        elif not step.is_released:
            without = ["--exclude", "config.materialized:view"] if self.has_views and not step.is_full else []
            self.dbt.run(*self.selected, *refresh, *without)
            self.has_views = True

    def is_disturbed(self, claim: service.Build) -> bool:
        """Whether a day of the build was published again while it ran.

        Its models may have seen two contents of that day. It may fail, or leave what is wrong: the day is not built,
        and the next build has to mend it.
        """
        with self.connection, self.connection.cursor() as cursor:
            cursor.execute(
                "select exists (select from ops.load_day where claimed_by = %s and claimed_version <> version)",
                [claim.build_id],
            )
            return cursor.fetchone()[0]
