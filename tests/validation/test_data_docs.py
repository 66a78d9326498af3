"""Data Docs show what the audits found, and need nothing from the internet."""

import html
import re
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from ingestion.vocabulary import EVENT_TYPES
from validation.service import audit_day, build_data_docs


@pytest.fixture
def audited(warehouse, stage, good_rows):
    """Two suites of one load day on record: one with a failure and a hostile value, one sound."""
    first, *others = good_rows["user_events"]
    hostile = {**first, "event_type": "<script>alert(1)</script>"}
    no_changes = {suite: [] for suite in good_rows if suite not in ("user_events", "user_changes")}
    days = stage(user_events=[hostile, *others], **no_changes)
    audit_day(warehouse, days.dates[0])


def cells(page: Path, table: int = 0) -> list[list[str]]:
    """The text of the cells of a page's table, row by row, without its head."""
    found = re.findall(r"<table>.*?</table>", page.read_text(), re.DOTALL)[table]
    rows = re.findall(r"<tr>.*?</tr>", found, re.DOTALL)
    plain = [
        [
            html.unescape(" ".join(re.sub(r"<[^>]+>", "", cell).split()))
            for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)
        ]
        for row in rows
    ]
    return [row for row in plain if row]


def test_the_site_lists_every_audit_and_its_status(warehouse, audited, tmp_path):
    index = build_data_docs(warehouse, tmp_path / "docs")
    assert index == tmp_path / "docs" / "index.html"
    audits = index.parent / "audits.html"
    assert [row[:3] for row in cells(audits)] == [
        ["load day 2026-10-24", "user_changes", "passed"],
        ["load day 2026-10-24", "user_events", "failed"],
    ]
    for page in index.parent.iterdir():
        for target in re.findall(r'href="([^"]+)"', page.read_text()):
            assert (index.parent / target).is_file(), f"{page.name} leads to {target}"


def test_what_failed_comes_first_then_the_days_newest_first(warehouse, audited, published, tmp_path):
    published(date(2026, 10, 23), 10)
    published(date(2026, 10, 25), 40)
    index = build_data_docs(warehouse, tmp_path / "docs")
    text = index.read_text()
    failures = text[text.index("What failed and is not overcome") : text.index("<h2>Days")]
    assert "load day 2026-10-24" in failures and "not so for 1 of 20 rows" in failures
    rows = cells(index)
    assert [row[:4] for row in rows] == [
        ["2026-10-25", "waiting", "not audited", ""],
        ["2026-10-24", "staged", "failed", "1"],
        ["2026-10-23", "waiting", "not audited", ""],
    ]


def test_a_day_that_came_leaves_the_list_of_failures(warehouse, audited, loader, tmp_path):
    with loader.cursor() as cursor:
        cursor.execute("insert into ops.load_day select load_date, load_id, 1, now() from ops.load")
    assert "not overcome" not in build_data_docs(warehouse, tmp_path / "docs").read_text()


def test_a_page_tells_the_whole_story_of_a_day(warehouse, audited, loader, published, tmp_path):
    published(date(2026, 10, 23), 10)
    published(date(2026, 10, 17), 40)
    with loader.cursor() as cursor:
        cursor.execute(
            "update ops.load set lines_read = 25, loaded = 20, duplicates = 2, quarantined = 3, skipped = 0"
            " where load_date = '2026-10-24'"
        )
        cursor.execute(
            "update ops.load set lines_read = kept.rows, loaded = kept.rows, duplicates = 0, quarantined = 0"
            " from (values (date '2026-10-23', 10), (date '2026-10-17', 40)) as kept (day, rows) where load_date = day"
        )
        cursor.execute(
            "insert into ops.quarantine select load_id, load_date, 'app', 'app/x', number, 'parse', 'not_json', 'd', ''"
            " from ops.load, generate_series(7, 9) as number where load_date = '2026-10-24'"
        )
        cursor.execute(
            "insert into ops.build (holder, status, load_dates) values ('run 7', 'failed', '{2026-10-24}')"
            " returning build_id"
        )
        build_id = cursor.fetchone()[0]
    page = build_data_docs(warehouse, tmp_path / "docs").parent / "day-2026-10-24.html"
    text = " ".join(re.sub(r"<[^>]+>", "", page.read_text()).split())
    assert "25 read = 20 loaded + 2 duplicates + 3 held back + 0 skipped: adds up" in text
    assert "beside the day before: +100%; beside a week before: -50%" in text
    assert ["app/2026-10-24/user_changes", "user_changes", "1", "2", "2", "0", "0", "0"] in cells(page, 0)
    assert cells(page, 1) == [["app/x", "parse", "not_json", "3", "7"]]
    assert f"build {build_id} (failed): 1 load day," in text and "by run 7" in text
    first, *others = cells(page, 3)
    assert first[1] == "failed" and "canonical" in first[4]
    told = [row[1] for row in others]
    assert "passed" in told and "failed" not in told and told == sorted(told, reverse=True), "warnings, then the rest"


def test_a_sum_that_does_not_hold_is_said(warehouse, audited, loader, postgres_server, tmp_path):
    """The database does not let that happen; the page does not rely on it."""
    with closing(postgres_server.connect(warehouse.database)) as superuser, superuser.cursor() as cursor:
        superuser.autocommit = True
        cursor.execute("alter table ops.load drop constraint lines_add_up")
        cursor.execute("update ops.load set lines_read = 26, loaded = 20, duplicates = 2, quarantined = 3")
        page = build_data_docs(warehouse, tmp_path / "docs").parent / "day-2026-10-24.html"
        cursor.execute("delete from ops.validation_result; delete from ops.file_load; delete from ops.load")
        cursor.execute(
            "alter table ops.load add constraint lines_add_up"
            " check (lines_read = loaded + duplicates + quarantined + skipped)"
        )
    assert "does not add up" in page.read_text()


def test_each_rule_shows_its_outcomes_over_time(warehouse, audited, stage, good_rows, tmp_path):
    days = stage(day=date(2026, 10, 25), **{name: [] for name in good_rows if name != "user_events"})
    audit_day(warehouse, days.dates[0])
    rules = build_data_docs(warehouse, tmp_path / "docs").parent / "rules.html"
    found = {row[1]: (number, row) for number, row in enumerate(cells(rules), start=1)}
    number, row = next(value for rule, value in found.items() if "canonical" in rule)
    assert row[0] == "user_events" and row[3] == "1 of 2" and row[5].startswith("2026-10-24: event_type is one of")
    assert re.findall(
        r'class="(\w+)"><title>([^<]+)', re.findall(r"<tr>.*?</tr>", rules.read_text(), re.DOTALL)[number]
    ) == [
        ("bad", "2026-10-24: 1 exceptions"),
        ("good", "2026-10-25: 0 exceptions"),
    ]
    failed = [int(row[3].split(" of ")[0]) for row in cells(rules)]
    assert failed == sorted(failed, reverse=True) and 0 in failed


def test_a_page_says_what_failed_in_a_sentence(warehouse, audited, tmp_path):
    index = build_data_docs(warehouse, tmp_path / "docs")
    (page,) = index.parent.glob("*user-events*.html")
    assert (
        f"event_type is one of the {len(EVENT_TYPES)} canonical ones: not so for 1 of 20 rows (5.0%)"
        in page.read_text()
    )


def test_pages_fetch_nothing_and_run_nothing(warehouse, audited, tmp_path):
    for page in build_data_docs(warehouse, tmp_path / "docs").parent.iterdir():
        text = page.read_text()
        assert not re.findall(r"""(?:src|href)=["']?(?:https?:)?//""", text)
        assert "default-src 'none'" in text


def test_a_second_build_takes_the_place_of_the_first(warehouse, audited, tmp_path):
    folder = tmp_path / "docs"
    build_data_docs(warehouse, folder)
    (folder / "stale.html").touch()
    build_data_docs(warehouse, folder)
    assert (folder / "index.html").exists()
    assert not (folder / "stale.html").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["docs"]


def test_without_audits_there_is_an_empty_site(warehouse, loader, tmp_path):
    assert "No day has been loaded yet." in build_data_docs(warehouse, tmp_path / "docs").read_text()


def test_the_newest_audits_are_shown(warehouse, audited, tmp_path):
    index = build_data_docs(warehouse, tmp_path / "docs", newest=1)
    assert len(cells(index.parent / "audits.html")) == 1


def test_the_head_of_a_column_of_numbers_stands_over_them(warehouse, audited, published, tmp_path):
    published(date(2026, 10, 23), 10)
    folder = build_data_docs(warehouse, tmp_path / "docs").parent
    for page in ("index.html", "audits.html", "rules.html", "day-2026-10-24.html"):
        assert misplaced((folder / page).read_text()) == [], page
    assert misplaced('<table><tr><th>Lines</th></tr><tr><td class="number">1</td></tr></table>') == ["Lines"]


def misplaced(text: str) -> list[str]:
    """Heads of a page's tables that stand at another side than the cells below. Raises where there is no table."""
    wrong = []
    tables = re.findall(r"<table>.*?</table>", text, re.DOTALL)
    assert tables
    for table in tables:
        heads = re.findall(r"<th( class=\"number\")?>(.*?)</th>", table)
        for row in re.findall(r"<tr>.*?</tr>", table, re.DOTALL):
            below = re.findall(r"<td( class=\"number\")?", row)
            if len(below) == len(heads):
                wrong += [name for (head, name), cell in zip(heads, below, strict=True) if head != cell]
    return wrong
