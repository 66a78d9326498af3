"""`make proof EXAMPLES=500`: the law over many examples, in batches that are remembered. Stop and go on as you like.

Every second batch has the calendar of New York, with weeks from Sunday.
"""

import argparse
import hashlib
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from hypothesis import HealthCheck, given, seed, settings
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from ingestion.warehouse import ROLES, Warehouse, create
from local.postgres import Server, free_port
from tests.proof.scripts import scripts
from tests.proof.world import NEW_YORK, LawBroken, Script, World, project_with_all_scopes

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".local" / "proof"
FOLDERS = ("dbt", "ingestion", "data_generator", "sql", "tests/proof")
SUFFIXES = (".py", ".sql", ".yml")
BATCH = 10


def code() -> str:
    """A digest of all that the law is about: examples of other code prove nothing for this one."""
    paths = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*")) if path.suffix in SUFFIXES]
    contents = (path.read_bytes() for path in paths if "target" not in path.parts)
    return hashlib.sha256(b"".join(hashlib.sha256(content).digest() for content in contents)).hexdigest()


def prove(world: World, number: int, examples: int, each: Callable[[], None]) -> int:
    """Run so many examples, the same for the same `number`, and give how many of them differ.

    Raises `LawBroken` with the smallest script found.
    """

    @seed(number)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(scripts())
    def law(script: Script) -> None:
        if str(script) not in seen:  # hypothesis comes back to an example now and then
            world.check(script)
            seen.add(str(script))
        each()

    seen: set[str] = set()
    law()
    return len(seen)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make proof", description=__doc__)
    parser.add_argument("--examples", type=int, default=100, help="how many, those of earlier calls included")
    parser.add_argument("--first", type=int, default=0, help="the number of the first batch")
    parser.add_argument("--anew", action="store_true", help="forget earlier calls")
    arguments = parser.parse_args()
    console = Console()
    STATE.mkdir(parents=True, exist_ok=True)
    file = STATE / "done.json"
    done = json.loads(file.read_text()) if file.exists() and not arguments.anew else {}
    if done.get("code") != code():
        if done:
            console.print("The code has changed since; starting anew.")
        done = {"code": code(), "batches": {}}
    batches = range(arguments.first, arguments.first + -(-arguments.examples // BATCH))
    missing = [number for number in batches if str(number) not in done["batches"]]
    with ExitStack() as stack:
        progress = stack.enter_context(
            Progress(
                TextColumn("examples"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TimeRemainingColumn(),
                console=console,
            )
        )
        bar = progress.add_task("", total=len(batches) * BATCH, completed=(len(batches) - len(missing)) * BATCH)
        home = Path(tempfile.mkdtemp(prefix="engagement-proof-"))
        home.chmod(0o755)
        server = Server(home=home / "postgres", port=free_port())
        stack.callback(home.rmdir)
        stack.callback(server.remove)

        def stop(*_: object) -> None:
            """At once: dbt and hypothesis would take an exception for a failure of the script, and go on."""
            try:
                stack.close()
            finally:
                os._exit(130)

        signal.signal(signal.SIGINT, stop)
        signal.signal(signal.SIGTERM, stop)
        server.start(settings={"fsync": "off", "shared_buffers": "256MB"})
        passwords = {role: f"{role}-secret" for role in ROLES}
        warehouse = Warehouse(host="127.0.0.1", port=server.port, database="proof", passwords=passwords)
        create(server.connect(), warehouse)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        project = project_with_all_scopes(folder / "dbt")
        worlds = [World(server, warehouse, folder, project, calendar) for calendar in ({}, NEW_YORK)]
        for number in missing:
            began = time.monotonic()
            try:
                examples = prove(worlds[number % 2], number, BATCH, lambda: progress.advance(bar))
            except LawBroken as broken:
                failure = STATE / f"broken-{number}.txt"
                failure.write_text(f"{broken}\n")
                console.print(str(broken), markup=False, highlight=False)
                console.print(f"The law is broken, see {os.path.relpath(failure)}. Batch {number} makes it again.")
                return 1
            if done["code"] != code():
                console.print("The code was changed while this ran.\nRemedy: start again, or prove a copy of it.")
                return 2
            seconds = round(time.monotonic() - began, 1)
            done["batches"][str(number)] = {"examples": examples, "seconds": seconds}
            console.print(f"batch {number}: {examples} examples hold, {seconds} s")
            file.write_text(json.dumps(done, indent=1) + "\n")
            progress.update(bar, completed=(len(batches) - len(missing) + missing.index(number) + 1) * BATCH)
    proved = [done["batches"][str(number)] for number in batches]
    total, seconds = (sum(batch[name] for batch in proved) for name in ("examples", "seconds"))
    console.print(f"{total} different examples hold, {seconds / total:.1f} s each (code {done['code'][:12]}).")
    return 0


if __name__ == "__main__":
    sys.exit(main())
