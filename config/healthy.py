"""Health check of a container, such as `python config/healthy.py scheduler`: exits with 1 when that part is not well.

The API server knows when each of the others last reported in; `airflow jobs check` asks the same at 5 seconds of CPU.
"""

import json
import os
import sys
import time
from pathlib import Path
from urllib.request import urlopen

LOOKED = Path(os.environ.get("AIRFLOW_HOME", "."), "guard.json")  # the guard writes it at each look
API = os.environ.get("AIRFLOW__CORE__EXECUTION_API_SERVER_URL", "http://127.0.0.1:8080/execution/")


def main(part: str) -> int:
    if part == "guard":
        return 0 if time.time() - LOOKED.stat().st_mtime < 120 else 1
    with urlopen(API.replace("/execution/", "/api/v2/monitor/health"), timeout=8) as answer:
        return 0 if json.load(answer)[part]["status"] == "healthy" else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
