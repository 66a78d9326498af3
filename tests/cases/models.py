"""The models that a case asks for: what an analyst would write for its question, with the macros of the project."""

import datetime
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.cases.runner import Case
from tests.dbt.runner import PROJECT

VIEW = "-- One row per cell.\n{{ config(contract={'enforced': false}) }}\n"


def project_with(models: dict[str, str], folder: Path) -> Path:
    """A copy of the dbt project with these models, as views of `reporting`, too."""
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("target", "logs"))
    for name, text in models.items():
        (folder / "models" / "reporting" / f"{name}.sql").write_text(VIEW + text)
    return folder


def call(macro: str, **arguments: Any) -> str:
    told = ", ".join(f"{name}={value!r}" for name, value in arguments.items() if value is not None)
    return f"{{{{ {macro}({told}) }}}}\n".replace("=True", "=true")


def retention_of(case: Case) -> dict[str, str]:
    """A model, or one for each kind of actor, named after the case."""
    params = case.params
    kinds = [kind for kind in ("first_ever", "first_time", "recurring") if kind in params["type"]]
    told = {
        "start": params["target"],
        "back": params["returning"],
        "kind": kinds[0],
        "periods": [params.get("period", "day")],
        "brackets": params.get("brackets"),
    }
    if "24_hour_windows" in params["type"]:
        return {case.name: call("retention", **told), f"{case.name}_rolling": call("retention", **told, rolling=True)}
    if actors := params.get("actor"):
        names = [actor.replace("props.", "properties.") for actor in actors.split(" or ")]
        return {f"{case.name}_{name.split('.')[1]}": call("retention", **told, entity=name) for name in names}
    return {case.name: call("retention", **told)}


def stickiness_of(**filters: dict[str, Any]):
    """A model for each of these, a name and what differs from the question of the case."""

    def models(case: Case) -> dict[str, str]:
        number, _, unit = case.params["interval"].rpartition(" ")
        told = {
            "event": case.params["event"],
            "every": unit.removesuffix("s"),
            "length": int(number or 1),
            "first": case.params.get("date_from"),
            "last": case.params.get("date_to"),
        }
        return {f"{case.name}_{name}": call("stickiness", **told | more) for name, more in filters.items()}

    return models


def starts(first: str, last: str, period: str) -> list[datetime.datetime]:
    """The first moment of each hour, day or week from one to another."""
    step = datetime.timedelta(**{f"{period}s": 1})
    at, end = datetime.datetime.fromisoformat(first), datetime.datetime.fromisoformat(last)
    return [at + number * step for number in range((end - at) // step + 1)]


def table_of(rows: Iterable[tuple], cohorts: list, width: int | None = None) -> list[list[int]]:
    """A row per cohort, 0 where there is no cell: a triangle that ends with the last cohort, or as wide as is said."""
    cells = {(cohort, number): people for cohort, number, people in rows}
    return [
        [cells.get((cohort, number), 0) for number in range(width or len(cohorts) - row)]
        for row, cohort in enumerate(cohorts)
    ]
