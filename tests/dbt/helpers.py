"""A small company whose days can be landed, loaded and built in any order.

What stands then is compared with what the definitions of its models say.
"""

import csv
import datetime
import gzip
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from upath import UPath

from ingestion import service
from ingestion.contract_yaml import load_contract, load_contracts
from ingestion.warehouse import Warehouse
from tests.dbt.reference import definitions, evaluate
from tests.dbt.runner import Dbt, DbtError

DAY = datetime.timedelta(days=1)
FIRST = datetime.date(2026, 3, 2)  # a Monday
COLUMNS = {
    "users": "user_id changed_at op email full_name street postal_code city country language device plan"
    " acquisition_channel signup_at",
    "products": "product_id changed_at op name category price currency creator_id",
    "content": "content_id changed_at op content_type title series_id creator_id language topic duration_seconds"
    " word_count released_at",
    "creators": "creator_id changed_at op name country creator_type",
    "rates": "date currency quote_currency rate",
}
# The project's own, a site whose session ids make the sessions, and a forum that lands full extracts.
MORE_CONTRACTS = Path(__file__).resolve().parents[1] / "contracts"
CONTRACTS = [*load_contracts(), *(load_contract(MORE_CONTRACTS / f"{name}.yml") for name in ("site", "forum"))]
BUILT_SCHEMAS = ("core", "restricted", "summaries", "marts", "reporting")


def day(number: int) -> datetime.date:
    """The first day is 1."""
    return FIRST + (number - 1) * DAY


def at(number: int, time: str = "12:00") -> str:
    """A timestamp on a day, in UTC; `time` is hours and minutes."""
    return f"{day(number)}T{time}:00Z"


def event(event_id: str, ts: str, user: str | None = "u_1", event: str = "page_view", **fields) -> dict:
    """One line of an events file."""
    actor = {"user_id": user} if user else {}
    return {"event_id": event_id, "event": event, "ts": ts, "platform": "web", **actor, **fields}


def user(user_id: str, changed_at: str, country: str = "DE", op: str = "upsert", **fields) -> dict:
    """One line of users.csv."""
    return {
        "user_id": user_id,
        "changed_at": changed_at,
        "op": op,
        "country": country if op == "upsert" else "",
        **fields,
    }


class Company:
    """Lands days as the source `app`, or another of `CONTRACTS`, loads them and builds them with dbt.

    `models`: what dbt selects, such as `+mart_engagement`; by default everything.
    """

    def __init__(self, warehouse: Warehouse, landing: Path, dbt: Dbt, models: Sequence[str] = ()) -> None:
        self.contracts = CONTRACTS
        self.select(*models)
        self.views_of: tuple | None = None  # by what the views that stand there were made
        self.warehouse = warehouse
        self.landing = landing
        self.dbt = dbt
        self.connection = warehouse.connect("loader")
        self.transformer = warehouse.connect("transformer")
        self.transformer.autocommit = True

    def select(self, *models: str) -> None:
        """Build these from now on."""
        self.selected = ["--select", *models] if models else []

    def close(self) -> None:
        self.connection.close()
        self.transformer.close()

    def land(self, number: int, events: Iterable[dict] = (), **extracts: Iterable[dict]) -> None:
        """Write a day's files anew; a day of nothing says so with `_EMPTY`."""
        folder = self.landing / "app" / str(day(number))
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        events = list(events)
        if events:
            with gzip.open(folder / "events-web.ndjson.gz", "wt") as lines:
                lines.writelines(json.dumps(line) + "\n" for line in events)
        for name, rows in extracts.items():
            with (folder / f"{name}.csv").open("w", newline="") as lines:
                writer = csv.DictWriter(lines, COLUMNS[name].split(), restval="")
                writer.writeheader()
                writer.writerows(rows)
        if not list(folder.iterdir()):
            (folder / "_EMPTY").touch()

    def land_from(self, source: str, number: int, events: Iterable[dict]) -> None:
        """Write the events of a day anew, of a source that has nothing else."""
        folder = self.landing / source / str(day(number))
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "events.ndjson").write_text("".join(json.dumps(line) + "\n" for line in events))

    def load(self, *numbers: int) -> None:
        """Load and publish days, in this order."""
        for number in numbers:
            load = service.load_day(self.connection, UPath(self.landing), day(number), contracts=self.contracts)
            assert load.quarantined == 0
            service.publish_day(self.connection, day(number))

    def claim(self, holder: str = "test") -> service.Build | None:
        """Claim every published day that is not built."""
        unbuilt = service.build_state(self.connection).unbuilt
        return service.claim(self.connection, holder, sorted(unbuilt))

    def build(self, *numbers: int, until: str | None = None, only: str | None = None, tests: bool = False) -> None:
        """Load days and build all that is not built.

        `until`: the build dies after that model; `only`: it ends well after that model and what it needs.
        """
        self.load(*numbers)
        claim = self.claim()
        if claim is None:
            return
        assert claim.holder == "test"
        try:
            call = self.dbt.build if tests else self.dbt.run
            last = until or only
            made_by = (id(self.dbt.manifest), *self.dbt.settings.items())
            if last:
                self.views_of = None  # views are made anew, and those upon them are dropped
                call("--select", f"+{last}")
            elif self.views_of == made_by:  # as in a daily run, which has no task for views
                call(*self.selected, "--exclude", "config.materialized:view")
            else:
                call(*self.selected)
                self.views_of = made_by
        except DbtError:
            service.release(self.connection, claim)
            raise
        if until:
            service.release(self.connection, claim)
        else:
            service.finish(self.connection, claim)

    def rebuilt(self) -> set[str]:
        """The tables that the newest build computed anew, all of their rows."""
        return {
            name
            for (name,) in self.query(
                "select model from ops.model_definition inner join pg_class on relation::regclass = pg_class.oid"
                " where build_id = (select max(build_id) from ops.build) and relkind = 'r'"
            )
        }

    def query(self, sql: str) -> list[tuple]:
        with self.transformer.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    def tables(self) -> list[str]:
        """Every table and view for readers of some kind."""
        return [
            name
            for (name,) in self.query(
                "select table_schema || '.' || table_name from information_schema.tables"
                f" where table_schema in {BUILT_SCHEMAS} order by 1"
            )
        ]

    def differences(self) -> dict[str, list[tuple]]:
        """Rows per table that what stands here and its definition (`tests.dbt.reference`) do not share, each with its
        side. Leaves the warehouse as it is.
        """
        models = [model for model in definitions(self.dbt, self.selected[1:]) if model.schema != "work"]
        assert any(model.relation == "core.dim_user" for model in models)
        schemas = sorted({model.schema for model in models})
        standing = set(self.tables())
        found = {}
        with self.transformer.cursor() as cursor:
            cursor.execute("begin")
            try:
                for schema in schemas:
                    cursor.execute(f"alter schema {schema} rename to {schema}__left; create schema {schema}")
                evaluate(models, cursor)
                for model in models:
                    if model.schema not in BUILT_SCHEMAS:
                        continue
                    if model.relation not in standing:
                        found[model.relation] = [("left", "is not there")]
                        continue
                    left, wanted = f"{model.schema}__left.{model.name}", model.relation
                    cursor.execute(
                        f"(select 'left', here::text from (table {left} except all table {wanted}) as here limit 10)"
                        f" union all "
                        f"(select 'wanted', here::text from (table {wanted} except all table {left}) as here limit 10)"
                    )
                    if rows := cursor.fetchall():
                        found[model.relation] = sorted(rows)
            finally:
                cursor.execute("rollback")
        return found
