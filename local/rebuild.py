"""`make rebuild`: one run of the DAG that computes everything that dbt builds anew, followed to its end."""

from contextlib import closing

from rich.console import Console

from local.following import show_failures
from local.runs import Runs
from local.settings import Settings
from local.stack import Stack


def rebuild(settings: Settings, console: Console) -> int:
    """Build everything that is published anew; gives the exit code. A rebuild that is on its way is followed."""
    stack = Stack(settings)
    stack.up()
    with closing(settings.warehouse.connect("reader")) as connection:
        runs = Runs(stack.api(), connection)
        run_id, is_new = runs.trigger({"rebuild": True})
        console.print(f"{run_id}{'' if is_new else ' is on its way: following it'}")
        built = 0
        with console.status("starting") as status:

            def show() -> None:
                nonlocal built
                holder, days = runs.building()
                if holder == run_id:
                    built = days
                    status.update(f"building {days} days anew")
                elif holder:
                    status.update(f"waiting for the build of {holder}")

            succeeded, failed = runs.follow_run(run_id, show)
    if not succeeded:
        show_failures(failed, console)
        console.print(f"`make rebuild` tries again. Airflow: {settings.airflow_url}/dags/engagement_daily")
        return 1
    console.print(f"{built} days are built anew." if built else "Nothing is published: there is nothing to build.")
    return 0
