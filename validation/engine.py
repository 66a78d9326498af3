"""Runs expectations on tables of the warehouse, and puts each outcome into a sentence."""

import itertools
import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import great_expectations as gx
from great_expectations.datasource.fluent import SQLDatasource
from great_expectations.datasource.fluent.sql_datasource import QueryAsset
from great_expectations.expectations.expectation import Expectation
from sqlalchemy import event
from sqlalchemy.engine import Engine

from ingestion.warehouse import Warehouse
from validation.days import Days
from validation.expectations import EXAMPLES, ExpectQueryToReturnNoRows

RESULT_FORMAT = {"result_format": "SUMMARY", "partial_unexpected_count": EXAMPLES}


@dataclass(frozen=True)
class Finding:
    """The outcome of one expectation: one row of `ops.validation_result`."""

    suite: str
    expectation: str
    column_name: str | None
    severity: str  # critical or warning
    success: bool
    element_count: int | None
    unexpected_count: int | None
    observed: str | None
    message: str


@dataclass(frozen=True)
class SuiteResult:
    suite: str
    findings: list[Finding]
    document: str  # JSON, as Great Expectations gives it


class Judge:
    """Great Expectations on the warehouse, as role loader."""

    def __init__(self, datasource: SQLDatasource) -> None:
        self._datasource = datasource
        self._calls = itertools.count()

    def __call__(self, suite: str, query: str, expectations: Sequence[Expectation]) -> dict:
        """The document of one suite on the rows of a query."""
        asset = self._asset
        asset.name, asset.query = f"{suite} {next(self._calls)}", query
        batch = asset.get_batch(asset.build_batch_request())
        bound = [
            expectation.on(f"({query})") if isinstance(expectation, ExpectQueryToReturnNoRows) else expectation
            for expectation in expectations
        ]
        with _not_run_for_its_columns(self._datasource.get_execution_engine().engine, query):
            result = batch.validate(gx.ExpectationSuite(name=suite, expectations=bound), result_format=RESULT_FORMAT)
        return result.to_json_dict()

    @cached_property
    def _asset(self) -> QueryAsset:
        """One for all suites: for each that is added or deleted, GX writes its whole configuration anew."""
        return self._datasource.add_query_asset("rows", query="select 1")


@contextmanager
def _not_run_for_its_columns(engine: Engine, query: str) -> Iterator[None]:
    """Keep GX from fetching all rows of a batch's query when it only wants the names of its columns."""

    def without_rows(connection, cursor, statement: str, parameters, *_: object) -> tuple:
        return f"select * from ({query}) as batch limit 0" if statement == query else statement, parameters

    event.listen(engine, "before_cursor_execute", without_rows, retval=True)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", without_rows)


@contextmanager
def judge(warehouse: Warehouse) -> Iterator[Judge]:
    """Great Expectations, connected; no session is left behind."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    # An expectation that cannot be computed becomes a finding, so the traceback that GX logs is not needed.
    noisy = logging.getLogger("great_expectations")
    level = noisy.level
    noisy.setLevel(logging.CRITICAL)
    datasource = context.data_sources.add_or_update_postgres("warehouse", connection_string=warehouse.url("loader"))
    try:
        yield Judge(datasource)
    finally:
        noisy.setLevel(level)
        # A session left open in a transaction would keep the publish from swapping the table.
        datasource.get_execution_engine().close()
        datasource.get_engine().dispose()


def suite_result(suite: str, document: Mapping) -> SuiteResult:
    findings = [finding_of(suite, outcome) for outcome in document["results"]]
    return SuiteResult(suite, findings, json.dumps(document))


def by_day(
    judge: Judge, suite: str, days: Days, rows: Mapping[date, int], rules: Callable[[Days], Sequence[Expectation]]
) -> tuple[SuiteResult, dict[date, list[Finding]]]:
    """Judge the staged rows of a suite's table for all days at once, and say for each day what was found.

    An expectation that holds for all days together holds for each of them. An expectation that fails is judged again:
    once for each day that has exceptions, and once for all other days together. Where the days of the exceptions are
    not known, the earlier half and the later half of the days are judged, and so on, down to single days.

    Args:
        rows: how many are staged for each day.

    Gives the result for all days together, and each day's findings.
    """
    together: dict = {}

    def outcomes(days: Days, only: frozenset[str] | None) -> Iterator[tuple[date, Mapping]]:
        chosen = [each for each in rules(days) if only is None or each.description in only]
        document = judge(suite, days.rows(suite), chosen)
        together.setdefault("document", document)
        broken: dict[frozenset[date], set[str]] = {}
        for outcome in document["results"]:
            if outcome["success"] or len(days.loads) == 1:
                yield from ((load_date, outcome) for load_date in days.dates)
            else:
                broken.setdefault(_suspects(outcome, days), set()).add(outcome["expectation_config"]["description"])
        for suspects, descriptions in broken.items():
            for part in days.parts(suspects):
                yield from outcomes(part, frozenset(descriptions))

    findings: dict[date, list[Finding]] = {load_date: [] for load_date in days.dates}
    for load_date, outcome in outcomes(days, None):
        findings[load_date].append(finding_of(suite, _of_one_day(outcome, rows.get(load_date, 0))))
    return suite_result(suite, together["document"]), findings


def _suspects(outcome: Mapping, days: Days) -> frozenset[date]:
    """The days of the exceptions, as far as they are known."""
    named = (outcome["result"].get("details") or {}).get("days") or []
    return frozenset(day for day in days.dates if day.isoformat() in named)


def _of_one_day(outcome: Mapping, rows: int) -> Mapping:
    """An outcome that holds for several days, with the number of rows of one of them."""
    if not outcome["success"] or "element_count" not in outcome["result"]:
        return outcome
    return {**outcome, "result": {**outcome["result"], "element_count": rows}}


def finding_of(suite: str, outcome: Mapping) -> Finding:
    """Put the outcome of one expectation, as it stands in a suite's document, into words."""
    config, result = outcome["expectation_config"], outcome["result"]
    meta = config.get("meta") or {}
    remedy = f" Remedy: {meta['remedy']}" if meta.get("remedy") else ""
    examples = (result.get("details") or {}).get("unexpected_rows")
    unexpected = 0 if result.get("element_count") == 0 else result.get("unexpected_count")  # GX says None for no rows
    return Finding(
        suite=suite,
        expectation=meta.get("name", config["type"]),
        column_name=meta.get("column", config["kwargs"].get("column")),
        severity=config["severity"],
        success=outcome["success"],
        element_count=result.get("element_count"),
        unexpected_count=result["observed_value"] if examples is not None else unexpected,
        observed=json.dumps(examples) if examples else _observed(result),
        message=f"{config['description']}: {_verdict(outcome)}.{'' if outcome['success'] else remedy}",
    )


def _observed(result: Mapping) -> str | None:
    """What speaks for the verdict, as JSON: a count, or examples of what is wrong."""
    for name in ("partial_unexpected_list", "partial_missing_list", "observed_value"):
        if result.get(name) not in (None, []):
            return json.dumps(result[name])
    return None


def _verdict(outcome: Mapping) -> str:
    """What was found, as the second half of a sentence whose first half is the rule."""
    result = outcome["result"]
    trouble = _exception_message(outcome.get("exception_info") or {})
    if trouble:
        return f"could not be checked, {trouble}"
    examples = (result.get("details") or {}).get("unexpected_rows")
    if examples is not None:
        return (
            "holds" if outcome["success"] else f"{_count(result['observed_value'], 'exception')}, {_such_as(examples)}"
        )
    if "partial_missing_list" in result:
        return "holds" if outcome["success"] else f"not so, {_plain(result['partial_missing_list'])} missing"
    if "observed_value" in result:
        return f"{'' if outcome['success'] else 'not so, '}found {_plain(result['observed_value'])}"
    rows, unexpected = result["element_count"], result["unexpected_count"]
    if outcome["success"]:
        return f"holds for {_count(rows, 'row')}"
    share = f"{unexpected / rows:.1%}" if rows else "all"
    broken = f"not so for {unexpected:,} of {_count(rows, 'row')} ({share})"
    values = [value for value in result.get("partial_unexpected_list") or [] if value is not None]
    return f"{broken}, {_such_as(values)}" if values else broken


def _such_as(examples: Sequence) -> str:
    return f"such as {'; '.join(_plain(example) for example in examples[:3])}"


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(item)}" for name, item in value.items())
    if isinstance(value, list):
        return ", ".join(map(_plain, value)) or "nothing"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _exception_message(info: Mapping) -> str | None:
    """The first line of the exception; GX nests the details one level deeper when a metric failed."""
    details = [info] if "raised_exception" in info else list(info.values())
    for each in details:
        if each.get("raised_exception"):
            return str(each.get("exception_message") or "for an unknown reason").strip().splitlines()[0]
    return None
