"""Cases of experiments give the sums of two arms: `stats.compare` is asked what it makes of them."""

import json
from typing import Any

import pytest

from tests.cases.runner import Case
from tests.dbt.helpers import Company

NUMBERS = {
    "lift": "estimate",
    "se": "standard_error",
    "sd": "posterior_deviation",
    "p_value": "p_value",
    "mean_A": "control_value",
    "mean_B": "treatment_value",
    "chance_to_win": "chance_to_win",
    "ci": ("lower_bound", "upper_bound"),
    "risk": ("risk_of_control", "risk_of_treatment"),
}
SEQUENTIAL = {"p_value": "sequential_p_value", "ci": ("sequential_lower_bound", "sequential_upper_bound")}
BAYESIAN = {"lift": "posterior_mean", "ci": ("credible_lower_bound", "credible_upper_bound")}


def near(expected: Any) -> Any:
    """What a case expects, each number to as many decimals as it has."""
    if isinstance(expected, dict):
        return {name: near(each) for name, each in expected.items() if name != "data"}
    if isinstance(expected, list):
        return [near(each) for each in expected]
    number = float(expected)
    decimals = min(len(repr(expected).partition(".")[2]), 9) if "e" not in repr(expected) else 9
    return pytest.approx(number, abs=10.0 ** -max(decimals, 4))


def sums(arm: dict[str, Any]) -> dict[str, float]:
    """The sums of an arm by the keys of `stats.compare`."""
    numerator, denominator = arm.get("m", arm), arm.get("d", {})
    found = {
        "people": arm["n"],
        "numerator_sum": numerator["sum"],
        "numerator_squares": numerator.get("sum_squares"),
        "denominator_sum": denominator.get("sum"),
        "denominator_squares": denominator.get("sum_squares"),
        "numerator_denominator": arm.get("m_d_sum_of_products"),
    }
    return {name: value for name, value in found.items() if value is not None}


def compared(company: Company, case: Case) -> dict[str, Any]:
    """The numbers that the case expects, of each of its questions."""
    single = not any(isinstance(each, dict) for each in case.expected.values())
    questions = {case.params.get("metric", ""): case.expected} if single else case.expected
    data = case.params.get("sufficient_statistics")
    found = {}
    for question, expected in questions.items():
        words = f"{case.params.get('difference', '')}, {case.params.get('metric', '')}, {question}"
        arms = expected.get("data", data)
        if arms is None and "49/100 v 51/100" in question:
            arms = {"A": {"n": 100, "sum": 49}, "B": {"n": 100, "sum": 51}}
        data = arms
        options = {
            "kind": "ratio" if "m" in arms["A"] else "mean" if "sum_squares" in arms["A"] else "conversion",
            "difference": "absolute" if "absolute" in words else "relative",
            "alternative": "greater" if "greater" in words else "less" if "lesser" in words else "two_sided",
            "alpha": case.params.get("alpha", 0.05),
            "expected_people": 1000 if "tuning 1000" in words else 5000,
            "prior_mean": 0.1 if "prior N(0.1" in words else 0,
            "prior_variance": 0.1 if "variance 0.1" in words else None,
        }
        chosen = ", ".join(f"{name} => {'null' if value is None else repr(value)}" for name, value in options.items())
        control, treatment = (json.dumps(sums(arms[name])) for name in "AB")
        rows = company.query(
            f"select to_jsonb(found) from stats.compare(control => '{control}', treatment => '{treatment}', {chosen})"
            " as found"
        )
        columns = NUMBERS | (SEQUENTIAL if "sequential" in case.name else BAYESIAN if "bayes" in case.name else {})
        row = {name: float(value) for name, value in rows[0][0].items() if name != "problem" and value is not None}
        found[question] = {
            name: [row[each] for each in columns[name]] if name in ("ci", "risk") else row[columns[name]]
            for name in expected
            if name != "data"
        }
    return found[case.params.get("metric", "")] if single else found
