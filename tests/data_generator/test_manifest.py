"""The manifest says exactly what a reader finds."""

from collections import Counter

from data_generator.mess import QUARANTINED


def test_lines_are_loaded_duplicate_or_quarantined(landed):
    for manifest in landed.manifests.values():
        for file in [*manifest["files"], manifest["totals"]]:
            held_back = sum(file["quarantined"].values())
            assert file["lines"] == file["expected_loaded"] + file["expected_duplicates_same_day"] + held_back


def test_counts_are_those_of_a_naive_reader(landed):
    for day, manifest in landed.manifests.items():
        assert {file["path"] for file in manifest["files"]} == set(landed.read[day])
        for file in manifest["files"]:
            read = landed.read[day][file["path"]]
            found = (read.lines, len(read.loaded), read.duplicates, dict(read.quarantined))
            expected = (
                file["lines"],
                file["expected_loaded"],
                file["expected_duplicates_same_day"],
                file["quarantined"],
            )
            assert found == expected, (day, file["path"])


def test_mess_that_is_not_quarantined_is_counted(landed):
    known: set[str] = set()
    for day, manifest in landed.manifests.items():
        found: Counter = Counter()
        for name, file in landed.read[day].items():
            for row in file.loaded:
                if not name.startswith("events-"):
                    found["wrong_case"] += row.get("country", "") != row.get("country", "").upper()
                    continue
                repeated = row["event_id"] in known
                found["duplicate_other_day"] += repeated
                found["late"] += row["at"].date() < day and not repeated
                found["wrong_case"] += row["event"] != row["type"]
                found["bot"] += row.get("user_agent") in ("Googlebot/2.1", "bingbot/2.0", "AhrefsBot/7.0") or (
                    row.get("user_agent", "").startswith("python-requests")
                )
        assert +found == Counter(manifest["totals"]["mess"]), day
        known |= {row["event_id"] for name, file in landed.read[day].items() if "events" in name for row in file.loaded}


def test_every_kind_of_mess_occurs(landed):
    quarantined: Counter = Counter()
    mess: Counter = Counter()
    duplicates = 0
    for manifest in landed.manifests.values():
        quarantined.update(manifest["totals"]["quarantined"])
        mess.update(manifest["totals"]["mess"])
        duplicates += manifest["totals"]["expected_duplicates_same_day"]
    assert set(quarantined) == {*QUARANTINED, "column_count"}
    assert set(mess) == {"late", "wrong_case", "bot", "duplicate_other_day"}
    assert duplicates


def test_mess_happens_at_its_rates(landed):
    totals = [manifest["totals"] for manifest in landed.manifests.values()]
    rates = next(iter(landed.manifests.values()))["rates"]
    lines = sum(total["lines"] for total in totals)
    for name in QUARANTINED:
        share = sum(total["quarantined"].get(name, 0) for total in totals) / lines
        assert 0.6 * rates[name] < share < 1.4 * rates[name] + 0.0002, name
    late = sum(total["mess"].get("late", 0) for total in totals) / lines
    # Lateness comes by whole user-days, and the first month has no month before it: a wide band.
    assert 0.4 * rates["late"]["share"] < late < 1.4 * rates["late"]["share"]
    repeated = sum(total["expected_duplicates_same_day"] for total in totals) / lines
    assert 0.7 * rates["duplicate_same_day"] < repeated < 1.3 * rates["duplicate_same_day"]
