"""Data Docs show what the audits found, and need nothing from the internet."""

import re

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


def test_the_site_lists_every_audit_and_its_status(warehouse, audited, tmp_path):
    index = build_data_docs(warehouse, tmp_path / "docs")
    assert index == tmp_path / "docs" / "index.html"
    _, *rows = re.findall(r"<tr>.*?</tr>", index.read_text(), re.DOTALL)
    cells = [
        [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)] for row in rows
    ]
    assert [row[:3] for row in cells] == [
        ["load day 2026-10-24", "user_changes", "passed"],
        ["load day 2026-10-24", "user_events", "failed"],
    ]
    pages = re.findall(r'href="([^"]+)"', index.read_text())
    assert len(pages) == 2
    assert all((index.parent / page).is_file() for page in pages)


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
    assert len(list(folder.iterdir())) == 3
    assert not (folder / "stale.html").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["docs"]


def test_without_audits_there_is_an_empty_site(warehouse, loader, tmp_path):
    assert "No audit has run yet." in build_data_docs(warehouse, tmp_path / "docs").read_text()


def test_the_newest_audits_are_shown(warehouse, audited, tmp_path):
    index = build_data_docs(warehouse, tmp_path / "docs", newest=1)
    assert index.read_text().count("href=") == 1
