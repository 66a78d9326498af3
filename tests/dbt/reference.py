"""What the definitions say of all that is published: each model's SQL, evaluated from nothing by PostgreSQL alone.

It is what one full refresh makes, without dbt: dbt compiles the models once for all warehouses, and a test asks only
PostgreSQL. That `--full-refresh` makes the same is a test of `test_order`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

import psycopg2.extensions

from tests.dbt.runner import Dbt

# The load days of a build stand in the SQL as a literal.
LOAD_DAYS = re.compile(r"'\{ ?[\d,-]*\}'::date\[\]")
PUBLISHED = "array(select load_day.load_date from ops.load_day)"
_compiled: dict[tuple, list["Definition"]] = {}


@dataclass(frozen=True)
class Definition:
    """A model: where it stands, and the SQL of all its rows. `columns`: of its contract, by name; empty without one."""

    schema: str
    name: str
    is_view: bool
    columns: dict[str, str]
    sql: str
    parents: frozenset[str]

    @property
    def relation(self) -> str:
        return f"{self.schema}.{self.name}"


def definitions(dbt: Dbt, selected: Sequence[str] = ()) -> list[Definition]:
    """The models that dbt selects, such as `+mart_sales`; all by default; those that a model needs before it."""
    key = (id(dbt.manifest), *dbt.settings.items(), *selected)
    if key not in _compiled:
        nodes = {node.unique_id: node for node in dbt.compiled(*(selected or ["resource_type:model"]), full=True)}
        order = TopologicalSorter({name: set(node.depends_on.nodes) & nodes.keys() for name, node in nodes.items()})
        _compiled[key] = [_definition(nodes[name]) for name in order.static_order()]
    return _compiled[key]


def with_what_they_need(models: Sequence[Definition], selected: Sequence[str]) -> list[Definition]:
    """Of some models those that are selected by name, such as `+mart_sales`, and all that stands before them."""
    wanted = {name.removeprefix("+") for name in selected} or {model.name for model in models}
    for model in reversed(models):
        if model.name in wanted:
            wanted |= model.parents
    return [model for model in models if model.name in wanted]


def _definition(node) -> Definition:
    columns = {column.name: column.data_type for column in node.columns.values()} if node.contract.enforced else {}
    parents = frozenset(name.rpartition(".")[2] for name in node.depends_on.nodes if name.startswith("model."))
    is_view = node.config.materialized == "view"
    return Definition(node.schema, node.alias, is_view, columns, LOAD_DAYS.sub(PUBLISHED, node.compiled_code), parents)


def evaluate(models: Sequence[Definition], cursor: psycopg2.extensions.cursor) -> None:
    """Make the models' tables and views, of which none is there."""
    for model in models:
        if model.is_view:
            cursor.execute(f"create view {model.relation} as {model.sql}")
        elif model.columns:
            named = ", ".join(model.columns)
            typed = ", ".join(f"{name} {type_}" for name, type_ in model.columns.items())
            cursor.execute(f"create table {model.relation} ({typed})")
            cursor.execute(f"insert into {model.relation} ({named}) select {named} from ({model.sql}) as made")
        else:
            cursor.execute(f"create table {model.relation} as {model.sql}")
