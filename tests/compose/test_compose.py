"""The stack in containers: one `.env`, no default passwords, pinned images, health checks, no port to the world."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from local.postgres import SUPERUSER, binaries
from local.settings import GENERATED

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
LONG_RUNNING = [name for name in SERVICES if name != "init"]
SECRET = re.compile(r"PASSWORD|SECRET|FERNET|KEY")


def variables(text: str) -> dict[str, set[str]]:
    """Every `${NAME…}` of the file to the ways in which it is written: `:?…`, `:-…` or nothing."""
    found: dict[str, set[str]] = {}
    for name, rest in re.findall(r"(?<!\$)\$\{([A-Z_]+)([^}]*)\}", text):
        found.setdefault(name, set()).add(rest)
    return found


def problems(text: str) -> list[str]:
    """What no compose file of ours may hold."""
    wrong = []
    for name, ways in variables(text).items():
        if SECRET.search(name) and any(not way.startswith(":?") for way in ways):
            wrong.append(f"{name} may be empty or has a default")
    for name, service in yaml.safe_load(text)["services"].items():
        wrong += [
            f"{name}: {port} is open to the world" for port in service.get("ports", []) if port[:10] != "127.0.0.1:"
        ]
        if "build" not in service and not re.search(r":\d+\.\d+(\.\d+)?(-[a-z]+)?$", service["image"]):
            wrong.append(f"{name}: {service['image']} is not pinned")
        if service.get("restart") != "no" and "healthcheck" not in service:
            wrong.append(f"{name} has no health check")
        for key, value in (service.get("environment") or {}).items():
            if SECRET.search(key) and not str(value).startswith("${") and "FILE" not in key:
                wrong.append(f"{name}: {key} is written down")
    return wrong


def test_the_file_holds_nothing_it_must_not():
    assert problems(TEXT) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("${GRAFANA_ADMIN_PASSWORD:?set it in .env}", "${GRAFANA_ADMIN_PASSWORD:-admin}", "has a default"),
        ("${GRAFANA_ADMIN_PASSWORD:?set it in .env}", "admin", "is written down"),
        ("127.0.0.1:${GRAFANA_PORT", "${GRAFANA_PORT", "is open to the world"),
        ("grafana/grafana:12.3.0", "grafana/grafana:latest", "is not pinned"),
        ("grafana/grafana:12.3.0", "grafana/grafana", "is not pinned"),
        ("healthcheck:", "x-healthcheck:", "has no health check"),
    ],
)
def test_a_slip_is_seen(old, new, said):
    assert any(said in problem for problem in problems(TEXT.replace(old, new)))


def test_all_parts_are_there():
    assert set(SERVICES) == {
        "postgres", "init", "api-server", "scheduler", "dag-processor", "triggerer", "guard", "grafana"
    }  # fmt: skip


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_a_part_comes_back_after_a_crash_and_keeps_its_data_in_a_volume(name):
    service = SERVICES[name]
    assert service["restart"] == "unless-stopped"
    named = [
        volume.split(":")[0] for volume in service["volumes"] if not volume.startswith(("./", "${SOURCES_DIR:-./"))
    ]
    assert named
    assert set(named) <= set(COMPOSE["volumes"])


@pytest.mark.parametrize("name", [name for name in LONG_RUNNING if name != "postgres"])
def test_a_part_starts_after_the_warehouse_is_made(name):
    assert SERVICES[name]["depends_on"]["init"]["condition"] == "service_completed_successfully"
    assert SERVICES["init"]["depends_on"]["postgres"]["condition"] == "service_healthy"


def test_every_variable_is_explained_in_the_example():
    example = (ROOT / ".env.example").read_text()
    explained = set(re.findall(r"^#?\s?([A-Z][A-Z0-9_]+)=", example, re.MULTILINE))
    assert set(variables(TEXT)) - explained == set()


def test_secrets_are_those_of_the_local_stack_and_the_servers_own():
    secrets = {name for name in variables(TEXT) if SECRET.search(name)}
    assert secrets - set(GENERATED) == {
        "WAREHOUSE_SUPERUSER_PASSWORD", "GRAFANA_ADMIN_PASSWORD", "AIRFLOW_READER_PASSWORD"
    }  # fmt: skip


def test_files_that_are_mounted_or_copied_exist():
    mounted = [
        volume.split(":")[0] for service in SERVICES.values() for volume in service["volumes"] if volume[0] == "."
    ]
    copied = re.findall(r"^COPY (?:--\S+ )?(\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    for path in [*mounted, *copied, "config/airflow.env", "config/healthy.py"]:
        assert (ROOT / path).exists(), path


def test_the_image_is_pinned_and_does_not_run_as_root():
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert re.search(r"^FROM python:3\.1[123]\.\d+-slim-\w+$", dockerfile, re.MULTILINE)
    assert re.findall(r"^USER (\w+)", dockerfile, re.MULTILINE)[-1] == "engagement"
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".git", ".env", ".local", ".venv"} <= set(ignored)


def test_compose_itself_takes_the_file(tmp_path):
    plugin = shutil.which("docker") and subprocess.run(["docker", "compose", "version"], capture_output=True)
    if plugin and plugin.returncode == 0:
        command = ["docker", "compose"]
    elif shutil.which("docker-compose"):
        command = ["docker-compose"]
    else:
        pytest.skip("neither `docker compose` nor `docker-compose` is installed")
    settings = tmp_path / "env"
    settings.write_text("".join(f"{name}=1\n" for name in variables(TEXT)))
    arguments = ["--env-file", str(settings), "--file", str(ROOT / "docker-compose.yml"), "config", "--quiet"]
    done = subprocess.run([*command, *arguments], capture_output=True, text=True, env={"PATH": os.environ["PATH"]})
    assert done.returncode == 0, done.stderr
    settings.write_text("")
    done = subprocess.run([*command, *arguments], capture_output=True, text=True, env={"PATH": os.environ["PATH"]})
    assert done.returncode != 0
    assert "set it in .env" in done.stderr


def test_airflows_database_is_made_by_the_script_of_the_image(postgres_server):
    environment = {
        "PATH": f"{binaries()}:/usr/bin:/bin",
        "PGHOST": "127.0.0.1",
        "PGPORT": str(postgres_server.port),
        "PGPASSWORD": postgres_server.password,
        "POSTGRES_USER": SUPERUSER,
        "AIRFLOW_DB_PASSWORD": "it's $ecret",
    }
    superuser = postgres_server.connect()
    superuser.autocommit = True
    with superuser.cursor() as cursor:
        cursor.execute("drop database if exists airflow")
        cursor.execute("drop role if exists airflow")
        try:
            subprocess.run([ROOT / "sql" / "airflow_database.sh"], env=environment, check=True, capture_output=True)
            cursor.execute("select pg_get_userbyid(datdba) from pg_database where datname = 'airflow'")
            assert cursor.fetchone() == ("airflow",)
        finally:
            cursor.execute("drop database if exists airflow")
            cursor.execute("drop role if exists airflow")
            superuser.close()
