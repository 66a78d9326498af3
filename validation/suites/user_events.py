"""The suite of events. Every load day has it, so it also checks that the day's change records are all staged."""

from great_expectations.expectations.expectation import Expectation

from ingestion.contracts import HELD_BACK_AT_MOST
from ingestion.vocabulary import EVENT_TYPES, VOCABULARY
from validation.days import Days
from validation.expectations import CRITICAL, WARNING, between, in_set, literals, matches, no_rows, possible

ALWAYS = ("source", "event_id", "actor_id", "event_name", "event_type", "is_activity", "event_ts")
JUMP = 3  # times more, or fewer, rows than the days before
UNKNOWN_SHARE = 0.01  # of the rows that refer to something: its change record may have been held back
NOTABLE_SHARE = 0.10  # of a file's lines, when they are held back
FEW_LINES = 10  # a file of fewer lines is no alarm, whatever the share


def expectations(days: Days) -> list[Expectation]:
    """A load is published when all critical ones hold; they look at nothing but the day's own files."""
    owed = [(day.load_date, source) for day in days.loads for source in sorted(day.due_sources)]
    files = {
        "load_ids": literals(day.load_id for day in days.loads),
        "lines": FEW_LINES,
        "remedy": "`ops.quarantine` has the lines. Mend the file, or the contract, and load the day again.",
    }
    return [
        no_rows(
            "Events came from every source that owes them daily",
            "silent_sources",
            CRITICAL,
            due_dates=literals(load_date for load_date, _ in owed),
            due_sources=literals(source for _, source in owed),
            remedy="Land its events; `_EMPTY` says that there are none, `ends` in its contract that none will come.",
        ),
        no_rows(f"Every row has its {', '.join(ALWAYS)}", "missing_values", CRITICAL, columns=", ".join(ALWAYS)),
        no_rows("Every row is of its load day", "other_load_dates", CRITICAL, key="load_date"),
        in_set("event_type", list(days.event_types), CRITICAL),
        possible("event_ts", days),
        no_rows("No event_id of a source occurs twice", "duplicate_events", CRITICAL),
        no_rows("actor_id is the user_id, else the anonymous_id", "wrong_actors", CRITICAL),
        between("duration_seconds", "A duration is not negative and under a day", WARNING, at_least=0, at_most=86400),
        between("amount", "An amount is not negative and under 100,000", WARNING, at_least=0, at_most=100_000),
        between("quantity", "A quantity is positive and at most 10,000", WARNING, at_least=1, at_most=10_000),
        in_set("platform", list(VOCABULARY.platforms), WARNING),
        in_set("device_type", list(VOCABULARY.device_types), WARNING),
        matches("country", "^[A-Z]{2}$", "country is an ISO 3166-1 alpha-2 code"),
        matches("language", "^[a-z]{2}$", "language is an ISO 639-1 code"),
        matches("currency", "^[A-Z]{3}$", "currency is an ISO 4217 code"),
        no_rows("An event has what its type needs", "incomplete_events", WARNING, is_incomplete=_is_incomplete()),
        no_rows("An amount comes with its currency", "amounts_without_currency", WARNING),
        no_rows(
            "As many change records are staged as were loaded",
            "uncounted_changes",
            CRITICAL,
            load_ids=literals(day.load_id for day in days.loads),
            load_dates=literals(days.dates),
        ),
        no_rows(
            "No more of a file's lines are held back than its contract's held_back_at_most",
            "quarantined_files",
            CRITICAL,
            check="files_mostly_held_back",
            sources=literals(days.held_back_at_most),
            shares=literals(days.held_back_at_most.values()),
            share=HELD_BACK_AT_MOST,
            **files,
        ),
        no_rows(
            "Each kind of file has as many lines as its contract says under lines",
            "lines_out_of_bounds",
            CRITICAL,
            load_ids=files["load_ids"],
            sources=literals(source for source, _ in days.lines),
            kinds=literals(kind for _, kind in days.lines),
            at_least=literals(lines.at_least for lines in days.lines.values()),
            at_most=", ".join("null" if lines.at_most is None else str(lines.at_most) for lines in days.lines.values()),
            remedy="Land what is missing, or correct lines in the contract, and load the day again.",
        ),
        no_rows(
            f"At most {NOTABLE_SHARE:.0%} of a file's lines were held back",
            "quarantined_files",
            WARNING,
            sources="",
            shares="",
            share=NOTABLE_SHARE,
            **files,
        ),
        no_rows(
            "The fields of the records are those of the day before",
            "field_drift",
            WARNING,
            load_ids=files["load_ids"],
            remedy="Map what is new, or name it under ignore; ask the producer for what is gone.",
        ),
        no_rows(
            f"A source's row count is within {JUMP} times of its days before",
            "volume_jumps",
            WARNING,
            load_dates=literals(days.dates),
            factor=JUMP,
        ),
        *(
            no_rows(
                f"Events refer to a known {key}",
                "unknown_references",
                WARNING,
                share=UNKNOWN_SHARE,
                **days.known(target, key),
            )
            for target, key in (
                ("user_changes", "user_id"),
                ("content_changes", "content_id"),
                ("product_changes", "product_id"),
            )
        ),
    ]


def _is_incomplete() -> str:
    """The condition, in SQL, that an event lacks a column which the vocabulary says that its type needs."""
    types: dict[str, list[str]] = {}
    for name, event_type in EVENT_TYPES.items():
        for column in event_type.needs:
            types.setdefault(column, []).append(name)
    return " or ".join(f"({column} is null and event_type in ({literals(names)}))" for column, names in types.items())
