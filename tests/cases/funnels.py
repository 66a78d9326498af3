"""The funnel of a case: its question as models of the macros, and the numbers that come of them."""

import re
from typing import Any

from tests.cases.runner import Case
from tests.dbt.helpers import Company

RANGE = {"first_date": "date_from", "last_date": "date_to"}


def models(case: Case) -> dict[str, str]:
    """The runs and the counts of the funnels that a case asks for, as models by name."""
    dates = {name: case.params[param][:10] for name, param in RANGE.items() if param in case.params}
    called = "".join(f", {name}='{date}'" for name, date in dates.items())
    return {
        f"{case.name}_runs": f"{{{{ funnels({list(definitions(case).values())!r}) }}}}",
        f"{case.name}_steps": f"{{{{ funnel_steps(ref('{case.name}_runs'), periods=['all']{called}) }}}}",
    }


def definitions(case: Case) -> dict[str, dict[str, Any]]:
    """The funnels of a case, by what the case calls each: one, or one for each place of its excluded event."""
    params = case.params
    definition = {name: params[name] for name in ("steps", "order", "exclusions", "breakdown") if name in params}
    definition["window"] = re.match(r"\d+ \w+", params["window"])[0]
    if "exclusion" not in params:
        return {"": {"name": "asked", **definition}}
    found = {}
    for label in case.expected:
        event, since, until = re.fullmatch(r"(\w+) between (\d+) and (\d+)", label).groups()
        exclusion = {"event": event, "from": int(since) - 1, "to": int(until) - 1}
        found[label] = {"name": f"asked_{len(found)}", **definition, "exclusions": [exclusion]}
    return found


def numbers(company: Company, case: Case) -> dict[str, Any]:
    """What the case expects, by the same names, of the funnels that were built."""
    found = {label: _numbers(company, case, each["name"]) for label, each in definitions(case).items()}
    if "" in found:
        return {name: found[""][name] for name in case.expected}
    last = len(case.params["steps"])
    return {
        label: {
            f"count at step 1 and at step {last}": one["counts"][0] if one["counts"][0] == one["counts"][-1] else None,
            "actors": one[f"actors at step {last}"],
        }
        for label, one in found.items()
    }


def _numbers(company: Company, case: Case, funnel: str) -> dict[str, Any]:
    rows = company.query(
        "select people, mean_seconds_from_previous, median_seconds_from_previous"
        f" from reporting.{case.name}_steps where funnel = '{funnel}' and breakdown = 'all' order by step"
    ) or [(0, None, None)] * len(case.params["steps"])
    counts, averages, medians = (list(column) for column in zip(*rows, strict=True))
    first, last = (case.params.get(name, "")[:10] for name in RANGE.values())
    people = company.query(
        "select split_part(person_id, ':', 2), max(furthest_step)"
        f" from reporting.{case.name}_runs where funnel = '{funnel}' and not is_excluded"
        f" and entry_date between '{first or '-infinity'}' and '{last or 'infinity'}' group by 1 order by 1"
    )
    actors = {
        f"actors at step {step}": [person for person, furthest in people if furthest >= step]
        for step in range(1, len(counts) + 1)
    }
    return {"counts": counts, "average_s": averages, "median_s": medians, **actors}
