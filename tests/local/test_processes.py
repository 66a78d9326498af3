"""Programs in the background are found again, and stopped with all that they have started."""

import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from local.processes import Program

# A leader, and a child in a process group of its own, as Airflow's task supervisors are.
FAMILY = (
    "import os, signal, sys, time\n"
    "if os.fork() == 0:\n"
    "    os.setpgid(0, 0); signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "open(sys.argv[1], 'a').write(str(os.getpid()) + '\\n')\n"
    "time.sleep(60)\n"
)


@pytest.fixture
def program(tmp_path):
    made = Program("family", tmp_path, (sys.executable, "-c", FAMILY, str(tmp_path / "pids")), {"A": "1"}, "code 1")
    yield made
    made.stop(grace=0)


def start(program: Program) -> list[int]:
    """The pids of the leader and its child."""
    pids = program.home / "pids"
    pids.unlink(missing_ok=True)
    program.start(folder=program.home, log=program.home / "log")
    while not pids.exists() or len(pids.read_text().split()) < 2:
        time.sleep(0.02)
    return sorted(map(int, pids.read_text().split()), key=lambda pid: pid != program.pid)


def lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_stop_ends_the_whole_session(program):
    pids = start(program)
    assert program.is_running() and all(map(lives, pids))
    program.stop(grace=2)
    assert not program.is_running() and not any(map(lives, pids))
    assert not program.record.exists()


def test_what_a_killed_leader_left_is_found_and_ended_at_the_next_start(program):
    leader, child = start(program)
    os.kill(leader, signal.SIGKILL)
    while lives(leader):
        time.sleep(0.02)
    assert not program.is_running()
    assert [process.pid for process in program.members()] == [child]
    start(program)
    assert not lives(child) and program.is_running()


def test_a_stale_record_harms_nobody(program):
    start(program)
    record = json.loads(program.record.read_text())
    program.stop(grace=0)
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    try:
        # The pid has gone round: its owner was started later than ours.
        program.record.write_text(json.dumps({**record, "pid": stranger.pid, "started": record["started"] - 100}))
        assert not program.is_running()
        assert program.members() == []
        program.stop()
        assert lives(stranger.pid)
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize(
    "other",
    [{"environment": {"A": "2"}}, {"code": "code 2"}, {"command": ("another",)}],
    ids=lambda other: next(iter(other)),
)
def test_a_program_that_would_be_another_is_not_current(program, other):
    start(program)
    assert program.is_current()
    assert not Program(**{**vars(program), **other}).is_current()


def test_a_half_written_record_is_no_record(program):
    program.record.write_text('{"pid": ')
    assert not program.is_running() and program.members() == []
