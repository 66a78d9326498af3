"""The vocabulary as a reference for people: `docs/vocabulary.md`."""

from ingestion.vocabulary import EVENT_TYPES, VOCABULARY


def reference() -> str:
    """The whole file, in Markdown."""
    types = [
        [
            f"`{name}`",
            each.meaning,
            "yes" if each.activity else "no",
            "yes" if each.learning else "",
            "yes" if each.community else "",
            ", ".join(f"`{column}`" for column in each.needs),
        ]
        for name, each in EVENT_TYPES.items()
    ]
    parts = [
        "# Vocabulary\n",
        "Generated from `ingestion/vocabulary.yml`. Do not edit it here. After a change of that file write it anew:\n"
        "`python -m ingestion vocabulary > docs/vocabulary.md`.\n",
        "## Event types\n",
        "An event is *activity* when the person did it. It is no activity when a server sends it for a person.\n"
        "A contract can say more about the names that its producer uses ([sources](sources.md)).\n",
        _table(["type", "meaning", "activity", "learning", "community", "needs"], types),
    ]
    for title, words in (("Platforms", VOCABULARY.platforms), ("Device types", VOCABULARY.device_types)):
        parts += [f"\n## {title}\n", _table(["word", "meaning"], [[f"`{word}`", text] for word, text in words.items()])]
    for name, table in VOCABULARY.targets.items():
        rows = [[f"`{column}`", each.kind, each.meaning] for column, each in table.columns.items()]
        required = ", ".join(f"`{column}`" for column in table.required)
        parts += [
            f"\n## `{name}`\n",
            f"{table.meaning} Required: {required}.\n",
            _table(["column", "kind", "meaning"], rows),
        ]
    return "\n".join(parts) + "\n"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
