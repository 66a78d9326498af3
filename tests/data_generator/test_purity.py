"""A day is a function of (seed, scale, start, day): the order, the process and the company around it do not matter."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from upath import UPath

from data_generator import generate, generate_day
from tests.data_generator.conftest import START

ROOT = Path(__file__).resolve().parents[2]
COMPANY = {"seed": 3, "scale": 0.7, "start": START}
DAYS = [START + timedelta(days=number) for number in range(70, 76)]


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def expected(tmp_path_factory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("forwards")
    for day in DAYS:
        generate_day(UPath(folder), day, **COMPANY)
    return content(folder)


def test_any_order(expected, tmp_path):
    for number in (3, 0, 5, 1, 4, 2, 3):
        generate_day(UPath(tmp_path), DAYS[number], **COMPANY)
    assert content(tmp_path) == expected


def test_parallel(expected, tmp_path):
    assert generate(UPath(tmp_path), DAYS[0], DAYS[-1], **COMPANY, workers=3) == DAYS
    assert content(tmp_path) == expected


def test_after_a_much_later_day(expected, tmp_path):
    """The users that a process has computed for another time do not show."""
    generate_day(UPath(tmp_path / "later"), START + timedelta(days=900), **COMPANY)
    generate_day(UPath(tmp_path / "here"), DAYS[2], **COMPANY)
    assert content(tmp_path / "here").items() <= expected.items()


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_another_process_alone(expected, tmp_path, hash_seed):
    """Also where Python orders its sets differently: some of Faker's providers draw from a set."""
    arguments = ["--landing", tmp_path, "--from", DAYS[4], "--seed", "3", "--scale", "0.7", "--start", START]
    subprocess.run(
        [sys.executable, "-m", "data_generator", *map(str, arguments)],
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
    )
    written = content(tmp_path)
    assert written.items() <= expected.items()
    assert len(written) == 9


def test_the_first_day_in_another_process(tmp_path):
    """The full state of users: every name and address."""
    first = {}
    for hash_seed in ("1", "2"):
        folder = tmp_path / hash_seed
        subprocess.run(
            [sys.executable, "-m", "data_generator", "--landing", str(folder), "--start", str(START)],
            check=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
        )
        first[hash_seed] = content(folder)
    assert first["1"] == first["2"]


@pytest.mark.parametrize("change", [{"seed": 4}, {"scale": 0.8}, {"start": START - timedelta(days=1)}])
def test_another_company_has_other_events(expected, tmp_path, change):
    generate_day(UPath(tmp_path), DAYS[0], **{**COMPANY, **change})
    here = content(tmp_path)
    for name in ("events-web", "events-ios", "events-android"):
        path = f"app/{DAYS[0]}/{name}.ndjson.gz"
        assert here[path] != expected[path]
