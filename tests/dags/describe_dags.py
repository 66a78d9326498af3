"""Print what a DAG folder holds as one line of JSON. A program, run by the tests in an environment of its own."""

import json
import sys

from airflow.dag_processing.dagbag import DagBag
from airflow.serialization.encoders import coerce_to_core_timetable

bag = DagBag(sys.argv[1])
described = {
    dag_id: {
        "owners": sorted({task.owner for task in dag.tasks}),
        "doc": dag.doc_md or "",
        "tags": sorted(dag.tags),
        "catchup": dag.catchup,
        "file": dag.fileloc,
        "tasks": {task.task_id: sorted(task.downstream_task_ids) for task in dag.tasks},
        "rules": {task.task_id: task.trigger_rule.value for task in dag.tasks},
        "tells": {
            task.task_id: [each.__name__ for each in task.on_failure_callback or []] == ["task_failed"]
            for task in dag.tasks
        },
        "schedule": coerce_to_core_timetable(dag.timetable).summary,
    }
    for dag_id, dag in bag.dags.items()
}
print(json.dumps({"errors": bag.import_errors, "dags": described}))
