"""What the documents say is there: links, verbs, folders, settings, models."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def tracked(*patterns: str) -> list[Path]:
    """The project's own files (tracked, or new and not ignored) that match any of the patterns."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def settings_read() -> set[str]:
    """Names of the settings that the code, dbt's profile and compose read; not Airflow's own, nor the system's."""
    sources = tracked(
        "*.py", "dbt/profiles.yml", "dbt/macros/*.sql", "docker-compose.yml", "Makefile", "dashboards/grafana/*.y*ml"
    )
    patterns = [
        r"environ(?:\.get\(|\[)\s*\"([A-Z][A-Z0-9_]+)\"",
        r"env_var\(\s*['\"]([A-Z][A-Z0-9_]+)['\"]",
        r"\$\{([A-Z][A-Z0-9_]+)[:?}-]",
    ]
    found: set[str] = set()
    for source in sources:
        if "tests" in source.relative_to(ROOT).parts:
            continue
        for pattern in patterns:
            found.update(re.findall(pattern, source.read_text()))
    return {name for name in found if not name.startswith(("AIRFLOW_", "XDG_")) and name not in {"PATH", "HOME", "CI"}}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_links_lead_somewhere(document):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text()):
        assert (document.parent / target).exists(), f"{document.name} links to {target}, which is not there"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_make_verbs_exist(document):
    verbs = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for verb in re.findall(r"(?:^|`)make (?:-s )?([a-z][a-z-]*)", document.read_text(), re.MULTILINE):
        assert verb in verbs, f"{document.name} says `make {verb}`, which the Makefile does not know"


def test_readme_names_every_folder():
    folders = {path.relative_to(ROOT).parts[0] for path in tracked() if len(path.relative_to(ROOT).parts) > 1}
    named = set(re.findall(r"^\| `([a-z_]+)/", (ROOT / "README.md").read_text(), re.MULTILINE))
    assert {folder for folder in folders if not folder.startswith(".")} - named - {"docs", "tests"} == set()


def test_env_example_is_what_is_read():
    offered = set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert {name for name in offered if not name.startswith("AIRFLOW__")} >= settings_read()


def test_env_example_offers_nothing_that_is_not_read():
    offered = set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    code = "\n".join(
        path.read_text()
        for path in tracked("*.py", "*.yml", "*.yaml", "Makefile", "*.json")
        if "tests" not in path.relative_to(ROOT).parts
    )
    passwords = {f"WAREHOUSE_{role}_PASSWORD" for role in ("OWNER", "LOADER", "TRANSFORMER", "READER")}
    for name in offered:
        assert name in code or name in passwords, f".env.example offers {name}, which nothing reads"


@pytest.mark.parametrize("layer", ["marts", "reporting"])
def test_metrics_document_names_every_model(layer):
    metrics = (ROOT / "docs" / "metrics.md").read_text()
    models = [path.stem for path in tracked(f"dbt/models/{layer}/*.sql", f"dbt/models/{layer}/**/*.sql")]
    assert models
    assert [model for model in models if f"`{model}`" not in metrics] == []


def test_operations_document_names_every_dag():
    operations = (ROOT / "docs" / "operations.md").read_text()
    dags = [path.stem for path in tracked("dags/*.py") if "dag(" in path.read_text().lower()]
    assert dags
    assert [dag for dag in dags if f"`{dag}`" not in operations] == []
