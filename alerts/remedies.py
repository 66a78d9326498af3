"""What a failed task means, and what to do: the second is what the documentation of its DAG says."""

import re

NOT_PUBLISHED = "not in the marts as it landed last. What was published of it before stays; other days go on."
NOT_BUILT = (
    "published, and not in the marts as it was published last. Tables that this run built before the failure are "
    "newer than the others."
)
MEANS = {
    "generate": NOT_PUBLISHED,
    "load": NOT_PUBLISHED,
    "validate": NOT_PUBLISHED,
    "publish": NOT_PUBLISHED,
    "claim": "published, and not in the marts as it was published last. The marts are those of the last build.",
    "built_by_another_run": "in the marts, built by another run.",
    "models": NOT_BUILT,
    "build_backlog": NOT_BUILT,
    "audit_marts": "built, and the marts are wrong: analysts read wrong numbers until they are mended.",
    "finish": "built, and is not marked as built: the next run builds it again. The numbers are right.",
    "release": "still claimed by this run. The next claim finds that the run is over, and releases it.",
}


def remedy(doc_md: str | None, task_id: str) -> str:
    """What the documentation of a DAG says to do when the task fails."""
    name = task_id.split(".")[0]
    found = re.search(rf"- \*\*`{name}`\*\*.*?\*Failed\*: (.*?)(?=\n- |\n\n|\Z)", doc_md or "", re.DOTALL)
    return " ".join(found[1].split()) if found else f"Clear {task_id} in Airflow when the cause is mended."
