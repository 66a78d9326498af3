"""The containers' health check."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "config" / "healthy.py"
HEALTH = {"metadatabase": {"status": "healthy"}, "scheduler": {"status": "unhealthy"}, "triggerer": {"status": None}}


class Api(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/api/v2/monitor/health" else 404)
        self.end_headers()
        self.wfile.write(json.dumps(HEALTH).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def api() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Api)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/execution/"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("part", "healthy"), [("metadatabase", True), ("scheduler", False), ("triggerer", False), ("no_such_part", False)]
)
def test_a_part_is_as_well_as_the_api_server_says(part, healthy, api):
    environment = {"AIRFLOW__CORE__EXECUTION_API_SERVER_URL": api}
    done = subprocess.run([sys.executable, SCRIPT, part], env=environment, capture_output=True)
    assert (done.returncode == 0) == healthy


def test_no_answer_is_not_healthy():
    environment = {"AIRFLOW__CORE__EXECUTION_API_SERVER_URL": "http://127.0.0.1:9/execution/"}
    assert subprocess.run([sys.executable, SCRIPT, "scheduler"], env=environment, capture_output=True).returncode == 1


def test_the_guard_is_well_as_long_as_it_looks(tmp_path):
    def code() -> int:
        environment = {"AIRFLOW_HOME": str(tmp_path)}
        return subprocess.run([sys.executable, str(SCRIPT), "guard"], env=environment, capture_output=True).returncode

    assert code() == 1
    looked = tmp_path / "guard.json"
    looked.touch()
    assert code() == 0
    os.utime(looked, (0, 0))
    assert code() == 1
