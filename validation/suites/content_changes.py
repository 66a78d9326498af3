"""Change records of content: books as text and audio, podcast episodes, posts."""

from great_expectations.expectations.expectation import Expectation

from validation.days import Days
from validation.expectations import WARNING, between, in_set, matches, no_rows
from validation.suites.changes import keys

CONTENT_TYPES = ["book_text", "book_audio", "podcast_episode", "post"]


def expectations(days: Days) -> list[Expectation]:
    return [
        *keys(days, "content_id"),
        in_set("content_type", CONTENT_TYPES, WARNING),
        matches("language", "^[a-z]{2}$", "language is an ISO 639-1 code"),
        between(
            "duration_seconds",
            "A piece lasts longer than nothing and under a week",
            WARNING,
            at_least=1,
            at_most=604800,
        ),
        between("word_count", "A text has words", WARNING, at_least=1),
        no_rows(
            "Content refers to a known creator_id",
            "unknown_references",
            WARNING,
            share=0.01,
            **days.known("creator_changes", "creator_id"),
        ),
    ]
