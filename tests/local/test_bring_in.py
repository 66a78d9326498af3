"""An extra landing folder is copied once, checked before, and never over what has landed."""

from datetime import date

import pytest
from upath import UPath

from ingestion.service import LoadError
from local.bring_in import bring_in
from local.errors import LocalError

DAY = date(2026, 1, 5)


@pytest.fixture
def extra(tmp_path):
    folder = tmp_path / "extra" / "podcast" / "2026-01-05"
    folder.mkdir(parents=True)
    (folder / "event_logs.json").write_text("{}\n")
    (folder / "_notes").write_text("not data")
    return tmp_path / "extra"


@pytest.fixture
def landing(tmp_path):
    folder = UPath(tmp_path / "landing")
    folder.mkdir()
    return folder


def test_files_are_copied_once(extra, landing):
    for _ in range(2):
        assert bring_in(extra, landing, company_from=None) == [DAY]
        assert [file.name for file in (landing / "podcast" / "2026-01-05").iterdir()] == ["event_logs.json"]


def test_a_file_that_has_landed_with_another_content_is_a_conflict(extra, landing):
    bring_in(extra, landing, company_from=None)
    (extra / "podcast" / "2026-01-05" / "event_logs.json").write_text("[]\n")
    with pytest.raises(LocalError, match="event_logs.json differs from"):
        bring_in(extra, landing, company_from=None)
    assert (landing / "podcast" / "2026-01-05" / "event_logs.json").read_text() == "{}\n"


@pytest.mark.parametrize("place", ["event_logs.json", "podcast/event_logs.json", "podcast/5 Jan/event_logs.json"])
def test_a_file_elsewhere_is_named(extra, landing, place):
    (extra / place).parent.mkdir(parents=True, exist_ok=True)
    (extra / place).write_text("{}\n")
    with pytest.raises(LocalError, match="does not lie in a <source>/<YYYY-MM-DD>/ folder"):
        bring_in(extra, landing, company_from=None)


@pytest.mark.parametrize("place", ["podcast/2026-01-05/LICENSE", "tiktok/2026-01-05/events.json"])
def test_what_no_contract_knows_is_refused_before_anything_is_copied(extra, landing, place):
    (extra / place).parent.mkdir(parents=True, exist_ok=True)
    (extra / place).write_text("{}\n")
    with pytest.raises(LoadError, match="Remedy"):
        bring_in(extra, landing, company_from=None)
    assert list(landing.iterdir()) == []


def test_the_companys_days_are_its_own(extra, landing):
    folder = extra / "app" / "2026-01-05"
    folder.mkdir(parents=True)
    (folder / "events-web.ndjson.gz").write_bytes(b"")
    with pytest.raises(LocalError, match="the synthetic company lands the source 'app'"):
        bring_in(extra, landing, company_from=DAY)
    assert bring_in(extra, landing, company_from=date(2026, 1, 6)) == [DAY]


def test_a_sample_owes_no_other_days(extra, landing):
    """Files of the company's source and of another, of different days: the landing area may have the rest."""
    (extra / "app" / "2026-01-04").mkdir(parents=True)
    (extra / "app" / "2026-01-04" / "events-web.ndjson").write_text("{}\n")
    assert bring_in(extra, landing, company_from=None) == [date(2026, 1, 4), DAY]


def test_a_folder_that_is_not_there_is_named(tmp_path, landing):
    with pytest.raises(LocalError, match="LANDING=.*nowhere is not a folder"):
        bring_in(tmp_path / "nowhere", landing, company_from=None)
