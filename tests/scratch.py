"""Copies of the dbt project with models of a test's own."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from tests.dbt.runner import PROJECT


def project_with(
    folder: Path, models: Mapping[str, str], views: Mapping[str, str] | None = None, alone: bool = False
) -> Path:
    """A copy of the dbt project in `folder`, with tables of the layer `marts` and views by their SQL.

    `alone`: without any other model.
    """
    left_out = ("target", "logs", *(["*.sql", "*.yml"] if alone else []))
    shutil.copytree(PROJECT / "models", folder / "models", ignore=shutil.ignore_patterns(*left_out))
    shutil.copytree(
        PROJECT, folder, ignore=shutil.ignore_patterns("target", "logs", "models", "tests"), dirs_exist_ok=True
    )
    if not alone:
        shutil.copytree(PROJECT / "tests", folder / "tests")
    for name, sql in models.items():
        (folder / "models" / "marts" / f"{name}.sql").write_text(sql)
    for name, sql in (views or {}).items():
        plain = "{{ config(materialized='view', contract={'enforced': false}, pre_hook=[], post_hook=[]) }}\n"
        (folder / "models" / "marts" / f"{name}.sql").write_text(plain + sql)
    return folder
