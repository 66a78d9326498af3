"""What is made of what: the generated pictures, and the events that a lineage server receives."""

import datetime
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ingestion.service import claim, finish
from pipeline.deploy import parse
from pipeline.lineage import emit_build, parents, pictures
from tests.checkout import ROOT
from tests.ingestion.helpers import DAY, Landing, event


@pytest.fixture(scope="module")
def manifest() -> dict:
    return parse()


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    """A lineage server that writes down what it gets."""

    class Post(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            if self.server.status == 200:
                self.server.got.append((self.path, json.loads(content)))
            self.send_response(self.server.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    made = ThreadingHTTPServer(("127.0.0.1", 0), Post)
    made.got, made.status = [], 200
    threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


def test_the_pictures_in_the_documentation_are_those_of_now(manifest):
    assert (ROOT / "docs" / "lineage.md").read_text() == pictures(manifest), "run `make docs`"


def test_what_a_model_reads_is_what_its_sql_names(manifest):
    """A second look: the names in the files, for models whose SQL names all they read."""
    above = parents(manifest)
    for name in ("reporting.engagement_daily", "summaries.fact_user_daily", "staging.stg_user_events"):
        model = name.partition(".")[2]
        [file] = (ROOT / "dbt" / "models").rglob(f"{model}.sql")
        named = set(re.findall(r"ref\(['\"](\w+)['\"]\)", file.read_text()))
        named |= set(re.findall(r"source\(['\"]raw['\"], ?['\"](\w+)['\"]\)", file.read_text()))
        assert named and named - {"work_build"} <= {read.partition(".")[2] for read in above[name]}, name


def test_every_view_is_in_a_picture_and_comes_from_raw(manifest):
    above, text = parents(manifest), pictures(manifest)
    for view in (name for name in above if name.startswith("reporting.")):
        assert view.replace(".", "__") in text
        reached, front = set(), [view]
        while front:
            front += [read for read in above[front.pop()] if read not in reached and not reached.add(read)]
        assert any(name.startswith("raw.") for name in reached), view
    assert "work" not in {name.partition(".")[0] for name in above}


def test_a_server_receives_what_was_read_and_written(manifest, landing: Landing, warehouse, server, tmp_path):
    file = tmp_path / "manifest.json"
    file.write_text(json.dumps(manifest))
    landing.events(event(1))
    landing.load_and_publish()
    build = claim(landing.connection, "run 1", [DAY])
    landing.query(
        "insert into ops.model_run (build_id, invocation_id, node_id, resource_type, name, status, seconds,"
        " rows_affected) values (%s, 'i', 'n', 'model', 'fact_user_daily', 'success', 2, 17),"
        " (%s, 'i', 'n', 'model', 'mart_engagement', 'error', 1, null),"
        " (%s, 'i', 'n', 'model', 'work_build', 'success', 1, 1),"
        " (%s, 'i', 'n', 'test', 'unique', 'pass', 1, 0) returning 1",
        *[build.build_id] * 4,
    )
    finish(landing.connection, build)
    url = f"http://127.0.0.1:{server.server_port}"
    assert emit_build(warehouse, "run 1", url, file) == 2
    assert {path for path, _ in server.got} == {"/api/v1/lineage"}
    found = {sent["job"]["name"]: sent for _, sent in server.got}
    built, failed = found["summaries.fact_user_daily"], found["marts.mart_engagement"]
    assert (built["eventType"], failed["eventType"]) == ("COMPLETE", "FAIL")
    assert [dataset["name"] for dataset in built["outputs"]] == ["warehouse.summaries.fact_user_daily"]
    assert built["outputs"][0]["outputFacets"]["outputStatistics"]["rowCount"] == 17
    assert "warehouse.core.fact_user_events" in [dataset["name"] for dataset in built["inputs"]]
    assert built["inputs"][0]["namespace"] == f"postgres://127.0.0.1:{warehouse.port}"
    assert datetime.datetime.fromisoformat(built["eventTime"]).tzinfo
    assert emit_build(warehouse, "nobody", url, file) == 0


def test_a_server_that_refuses_is_an_error(manifest, landing: Landing, warehouse, server, tmp_path):
    file = tmp_path / "manifest.json"
    file.write_text(json.dumps(manifest))
    landing.events(event(1))
    landing.load_and_publish()
    build = claim(landing.connection, "run 1", [DAY])
    landing.query(
        "insert into ops.model_run (build_id, invocation_id, node_id, resource_type, name, status, seconds)"
        " values (%s, 'i', 'n', 'model', 'fact_user_daily', 'success', 2) returning 1",
        build.build_id,
    )
    server.status = 403
    with pytest.raises(Exception, match="403"):
        emit_build(warehouse, "run 1", f"http://127.0.0.1:{server.server_port}", file)
