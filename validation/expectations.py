"""What the suites are made of: GX expectations, each with a rule in words and a severity, and SQL of our own.

The rule becomes the expectation's `description`: it heads the sentence in `ops.validation_result` and in Data Docs.
A critical expectation of a raw suite must be a pure function of the day's own files; a look at other days is a warning.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

import great_expectations.expectations as gxe
from great_expectations.compatibility import pydantic
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.metadata_types import FailureSeverity

from validation.days import Days

SQL = Path(__file__).parent / "sql"
CRITICAL, WARNING = FailureSeverity.CRITICAL, FailureSeverity.WARNING
BATCH = "{{ batch }}"  # in a query: the audited table
EXAMPLES = 5  # values or rows of a failure that are kept


class ExpectQueryToReturnNoRows(gxe.UnexpectedRowsExpectation):
    """A query that returns counter-examples, and in each of the first few `exceptions`, the number of all of them, and
    `exception_days`, the load days of all of them, where they are of load days.

    The parent runs its query twice, for the rows and for their number, and keeps no row.
    """

    library_metadata: ClassVar[dict] = {"maturity": "production", "tags": [], "contributors": []}
    metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.table",)

    @pydantic.validator("unexpected_rows_query", allow_reuse=True)  # a task may import this anew
    def _validate_query(cls, query: str) -> str:
        """The parent prints a complaint about a query without `{batch}`; ours may look at `ops` instead."""
        return query.strip()

    def on(self, relation: str) -> "ExpectQueryToReturnNoRows":
        """The same, of a table or a query in brackets.

        GX's own substitution would add an alias or not, depending on whether it finds a join in the query.
        """
        return self.copy(update={"unexpected_rows_query": self.unexpected_rows_query.replace(BATCH, relation)})

    def _validate(self, metrics: dict, runtime_configuration: Any = None, execution_engine: Any = None) -> dict:
        examples = [dict(row) for row in metrics["unexpected_rows_query.table"]]
        exceptions = [example.pop("exceptions") for example in examples]
        days = [example.pop("exception_days") for example in examples]
        return {
            "success": not examples,
            "result": {
                "observed_value": max(exceptions, default=0),
                "details": {"unexpected_rows": examples, "days": days[0] if days else []},
            },
        }


def read_sql(script: str, **names: object) -> str:
    """The text of `sql/<script>.sql` with `{{ name }}` replaced by the value of each name, as it is.

    The values are our own: dates, numbers, names of tables and columns. Raises `KeyError` for a name without a value.
    """
    text = (SQL / f"{script}.sql").read_text()
    return re.sub(r"\{\{ (\w+) \}\}", lambda name: str(names[name[1]]), text)


def no_rows(
    rule: str,
    script: str,
    severity: FailureSeverity,
    *,
    check: str | None = None,
    remedy: str | None = None,
    **names: object,
) -> Expectation:
    """The query `sql/<script>.sql` returns no rows.

    Args:
        check: the name under which it is recorded, where it is not that of the script.
        remedy: what to do when it fails; ends the message.
        names: what is put in for the names in the script. `{{ batch }}` is the audited table; `key`, where given,
            is the column in question.
    """
    query = read_sql("examples", query=read_sql(script, batch=BATCH, **names), examples=EXAMPLES)
    meta = {"name": check or script, "column": names.get("key"), "remedy": remedy}
    return ExpectQueryToReturnNoRows(unexpected_rows_query=query, description=rule, severity=severity, meta=meta)


def literals(values: Iterable[object]) -> str:
    """Dates, numbers and names of our own as a list of SQL literals; nothing for none."""
    return ", ".join(f"'{value}'" for value in values)


def not_null(column: str, severity: FailureSeverity = CRITICAL) -> Expectation:
    return gxe.ExpectColumnValuesToNotBeNull(
        column=column, description=f"Every row has its {column}", severity=severity
    )


def in_set(column: str, values: list, severity: FailureSeverity) -> Expectation:
    """Null passes: `not_null` is another rule."""
    shown = ", ".join(map(str, values)) if len(values) <= 6 else f"the {len(values)} canonical ones"
    return gxe.ExpectColumnValuesToBeInSet(
        column=column, value_set=values, description=f"{column} is one of {shown}", severity=severity
    )


def matches(column: str, pattern: str, rule: str, severity: FailureSeverity = WARNING) -> Expectation:
    """Null passes."""
    return gxe.ExpectColumnValuesToMatchRegex(column=column, regex=pattern, description=rule, severity=severity)


def between(
    column: str, rule: str, severity: FailureSeverity, *, at_least: Any = None, below: Any = None, at_most: Any = None
) -> Expectation:
    """Null passes. Give `below` (exclusive) or `at_most` (inclusive), not both."""
    return gxe.ExpectColumnValuesToBeBetween(
        column=column,
        min_value=at_least,
        max_value=at_most if below is None else below,
        strict_max=below is not None,
        description=rule,
        severity=severity,
    )


def possible(moment: str, days: Days) -> Expectation:
    """A time is neither ancient nor further ahead than clocks and time zones can be. Null passes."""
    rule = f"{moment} lies between {days.earliest} and the day after the load"
    return no_rows(rule, "impossible_times", CRITICAL, key=moment, earliest=days.earliest)
