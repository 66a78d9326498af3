"""Old logs go, and nothing else."""

import os
import time

from orchestration.maintenance import remove_logs


def test_old_logs_and_the_folders_that_they_leave_go(tmp_path):
    now = time.time()
    for name, age in (("old/run/task.log", 100), ("mixed/old.log", 91), ("mixed/new.log", 89), ("new/task.log", 0)):
        path = tmp_path / "logs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("text")
        os.utime(path, (now - age * 86_400,) * 2)
    for folder in ("old/run", "old"):
        os.utime(tmp_path / "logs" / folder, (now - 100 * 86_400,) * 2)
    outside = tmp_path / "outside.log"
    outside.write_text("text")
    os.utime(outside, (0, 0))
    (tmp_path / "logs" / "link.log").symlink_to(outside)
    assert remove_logs(tmp_path / "logs", 90, now=now) == 2
    left = sorted(path.relative_to(tmp_path / "logs").as_posix() for path in (tmp_path / "logs").rglob("*.log"))
    assert left == ["link.log", "mixed/new.log", "new/task.log"]
    assert outside.exists() and not (tmp_path / "logs" / "old").exists()
