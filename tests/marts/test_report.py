"""The report over the messy company, as a browser shows it: every chart has something in it, and nothing is fetched."""

import re
import shutil
import subprocess
from contextlib import closing
from pathlib import Path

import psycopg2.extensions
import pytest

from dashboards.definitions import models
from dashboards.report import contents
from dashboards.report.page import NOTHING, render
from tests.dbt.helpers import BUILT_SCHEMAS

CHARTS = [chart for section in contents.SECTIONS for chart in section.charts]


@pytest.fixture(scope="module")
def report(world, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Written by the role that analysts have."""
    connection = world.warehouse.connect("reader")
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(render(connection), encoding="utf-8")
    connection.close()
    return path


def test_every_chart_has_rows(report: Path):
    cards = re.findall(r"<article.*?</article>", report.read_text(), re.DOTALL)
    assert len(cards) == len(CHARTS)
    assert [chart.title for chart, card in zip(CHARTS, cards, strict=True) if NOTHING in card] == []


def test_every_chart_names_its_definition():
    assert {each.view for each in (*CHARTS, *contents.TILES)} <= {
        model.name for model in models() if model.layer == "reporting"
    }


def test_nothing_is_fetched(report: Path):
    page = re.sub(r"<script>.*?</script>", "", report.read_text(), count=1, flags=re.DOTALL)  # the charts' library
    assert re.findall(r"(?:src|href)=\"(?!#|data:)[^\"]*\"|@import|url\(", page) == []


@pytest.mark.skipif(not shutil.which("chromium"), reason="chromium is not installed")
@pytest.mark.parametrize("width", [390, 820, 1400])
def test_a_browser_draws_all_of_it(report: Path, tmp_path: Path, width: int):
    """Chromium without a network, at three widths: no error on its console, no chart missing, nothing cut off."""
    probe = """<script>addEventListener("load", () => setTimeout(() => {
        const wide = [...document.querySelectorAll("main, .card, .tile, .main-svg")].filter(
            (one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1);
        document.title = `drawn ${document.querySelectorAll(".js-plotly-plot").length} cut ${wide.length}`;
    }, 500));</script></body>"""
    page = tmp_path / "probed.html"
    page.write_text(report.read_text().replace("</body>", probe), encoding="utf-8")
    done = subprocess.run(
        [
            "chromium",
            *("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"),
            *("--host-resolver-rules=MAP * ~NOTFOUND", "--enable-logging=stderr", f"--window-size={width},1200"),
            *("--virtual-time-budget=20000", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", f"file://{page}"),
        ],
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert re.findall(r"<title>(drawn .*?)</title>", done.stdout) == [f"drawn {len(CHARTS)} cut 0"]
    assert [line for line in done.stderr.splitlines() if "CONSOLE" in line] == []


class Uncommitted:
    """A connection whose transaction goes on, whatever asks by it."""

    def __init__(self, connection: psycopg2.extensions.connection) -> None:
        self.cursor = connection.cursor

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass


def test_an_empty_warehouse_says_so(world):
    with closing(world.warehouse.connect("transformer")) as connection, connection.cursor() as cursor:
        built = "select format('%%I.%%I', schemaname, tablename) from pg_tables where schemaname in %s"
        cursor.execute(built, [BUILT_SCHEMAS])
        cursor.execute(f"truncate {', '.join(table for (table,) in cursor.fetchall())}")
        page = render(Uncommitted(connection))
        connection.rollback()
    assert "No day is in the marts yet" in page
    assert page.count(NOTHING) == len(CHARTS)
    assert world.query("select count(*) from reporting.engagement_daily") > [(0,)]
