"""The file of finished runs: no row is lost, none is there twice, and it locks out a second job."""

import errno
import fcntl
import math
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from needle.base.errors import NeedleError
from needle.finetuning.resume import FinishedRuns

SCRIPTS = Path(__file__).parents[2] / "workflow/scripts"
ROWS = [{"repeat": repeat, "val_accuracy": repeat / 7} for repeat in range(4)]
WAITS = "another job is at work on this output; waiting for it to end"

# A job of its own: it adds some runs, says so, and works on until it is killed.
JOB = """
import sys, time
from needle.finetuning.resume import FinishedRuns
runs = FinishedRuns(sys.argv[1], {"seed": 1})
for row in eval(sys.argv[2]):
    runs.add(row)
print("at work", flush=True)
time.sleep(600)
"""


def open_runs(folder, about=None):
    return FinishedRuns(folder / "a.csv", about or {"seed": 1})


def kept(folder):
    """The runs that the next job takes over."""
    with open_runs(folder) as runs:
        return runs.rows


def keep(folder, rows):
    """Leave the runs of a killed job behind, and return their file."""
    with open_runs(folder) as runs:
        for row in rows:
            runs.add(row)
    return runs.path


class Job(threading.Thread):
    """A job that opens the file, adds the runs that are missing, and finishes."""

    def __init__(self, folder, about=None):
        super().__init__()
        self.folder, self.about = folder, about
        self.taken_over = None

    def run(self):
        with open_runs(self.folder, self.about) as runs:
            self.taken_over = list(runs.rows)
            for row in ROWS[len(runs.rows) :]:
                runs.add(row)
            runs.remove()


@pytest.fixture
def start_waiting(tmp_path, capsys):
    """Start jobs that wait for the one at work; it returns them."""

    def start_waiting(count=1, about=None):
        jobs = [Job(tmp_path, about) for _ in range(count)]
        for job in jobs:
            job.start()
        said, end = "", time.monotonic() + 60
        while said.count(WAITS) < count:
            assert time.monotonic() < end, said
            said += capsys.readouterr().err
            time.sleep(0.01)
        assert all(job.taken_over is None for job in jobs)
        return jobs

    return start_waiting


def test_runs_come_back_as_they_were(tmp_path):
    row = {"repeat": 0, "val_accuracy": 0.1 + 0.2, "test_accuracy": math.nan, "diverged": True}
    keep(tmp_path, [row, *ROWS])
    assert repr(kept(tmp_path)) == repr([row, *ROWS])
    assert kept(tmp_path / "a new folder") == []


def test_a_killed_job_leaves_its_runs_and_its_lock(tmp_path, start_waiting):
    command = [sys.executable, "-c", JOB, tmp_path / "a.csv", repr(ROWS[:3])]
    environment = os.environ | {"PYTHONPATH": str(SCRIPTS)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        try:
            assert process.stdout.readline() == b"at work\n"
            (job,) = start_waiting()
        finally:
            process.send_signal(signal.SIGKILL)
    job.join(60)
    assert job.taken_over == ROWS[:3]
    assert not list(tmp_path.iterdir())


def test_jobs_that_waited_find_all_runs_of_one_that_finished(tmp_path, start_waiting):
    with open_runs(tmp_path) as runs:
        for row in ROWS[:2]:
            runs.add(row)
        jobs = start_waiting(2)
        for row in ROWS[2:]:
            runs.add(row)
        runs.remove()
        time.sleep(0.1)
        assert [job.taken_over for job in jobs] == [None, None]  # it is at work until it ends
    for job in jobs:
        job.join(60)
        assert job.taken_over == ROWS
    assert not list(tmp_path.iterdir())


def test_a_job_of_other_inputs_waits_too_and_starts_anew(tmp_path, start_waiting):
    """Else the first would write its stale output after the second."""
    with open_runs(tmp_path) as runs:
        (job,) = start_waiting(about={"seed": 2})
        runs.add(ROWS[0])
        runs.remove()
    job.join(60)
    assert job.taken_over == []


def test_a_file_removed_before_it_is_locked_is_no_lock(tmp_path, monkeypatch, start_waiting):
    """The job locks the file that a later job finds, and no run is lost."""
    path = keep(tmp_path, ROWS[:3])
    others = [ROWS[:1], []]  # jobs that come and go meanwhile, and their runs
    flock = fcntl.flock

    def late(file, flags):
        if others:
            path.unlink()
            with monkeypatch.context() as patch:
                patch.setattr(fcntl, "flock", flock)
                keep(tmp_path, others.pop(0))
        flock(file, flags)

    monkeypatch.setattr(fcntl, "flock", late)
    with open_runs(tmp_path) as runs:
        assert runs.rows == ROWS[:3]
        (job,) = start_waiting()
    job.join(60)
    assert job.taken_over == ROWS[:3]


def test_a_file_removed_by_another_machine_is_made_anew(tmp_path, monkeypatch):
    path = keep(tmp_path, ROWS)

    def stale(file, flags):
        monkeypatch.undo()
        path.unlink()
        raise OSError(errno.ESTALE, "Stale file handle")

    monkeypatch.setattr(fcntl, "flock", stale)
    with open_runs(tmp_path) as runs:
        assert runs.rows == []
        runs.add(ROWS[0])
    assert kept(tmp_path) == ROWS[:1]


def test_no_row_is_torn_wherever_the_file_ends(tmp_path):
    path = keep(tmp_path, ROWS[:2])
    whole = path.read_bytes()
    ends = [at + 1 for at, byte in enumerate(whole) if byte == ord("\n")]
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        complete = max(0, sum(end <= size for end in ends) - 1)
        assert kept(tmp_path) == ROWS[:complete], size
        keep(tmp_path, ROWS[complete:2])
        assert path.read_bytes() == whole, size


@pytest.mark.parametrize(
    "line", [b"\0" * 30, b"5", b"[]", b'{"run": 1}', b'{"run": 9, "row": {}}', b"\xff"]
)
def test_nothing_is_taken_over_from_a_broken_line_on(tmp_path, line):
    path = keep(tmp_path, ROWS)
    lines = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join([*lines[:2], line, *lines[3:], b""]))
    assert kept(tmp_path) == ROWS[:1]
    assert path.read_bytes().splitlines() == lines[:2]


@pytest.mark.parametrize("text", ["[]\n", '{"key": 1, "rows": []}', "\0", '{"rows": []}\n{}\n'])
def test_a_file_of_something_else_is_discarded(tmp_path, text, capsys):
    path = tmp_path / "a.csv.partial"
    path.write_text(text)
    assert kept(tmp_path) == []
    assert "a.csv.partial is of other inputs or code: discarded" in capsys.readouterr().err
    assert path.read_bytes().count(b"\n") == 1


def test_cleared_runs_are_gone_for_good(tmp_path):
    keep(tmp_path, ROWS)
    with open_runs(tmp_path) as runs:
        runs.clear()
        runs.add(ROWS[0])
    assert kept(tmp_path) == ROWS[:1]


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_said_and_no_run_counts_twice(
    tmp_path, monkeypatch, capsys, code
):
    def without(file, flags):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", without)
    with open_runs(tmp_path) as first, open_runs(tmp_path) as second:
        for row in ROWS[:3]:
            first.add(row)
            second.add(row)
        first.add(ROWS[3])
    assert f"no locks on this file system ({os.strerror(code)})" in capsys.readouterr().err
    assert kept(tmp_path) == ROWS


def test_other_errors_of_the_file_system_are_not_hidden(tmp_path, monkeypatch):
    def broken(file, flags):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(fcntl, "flock", broken)
    with pytest.raises(OSError, match="Input/output error"):
        open_runs(tmp_path)


def test_a_full_disk_is_said_and_loses_no_run(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    with open_runs(tmp_path) as runs:
        runs.add(ROWS[0])
        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(NeedleError, match=r"a\.csv\.partial: No space left .* make room"):
            runs.add(ROWS[1])
    monkeypatch.undo()
    assert kept(tmp_path)[:1] == ROWS[:1]


def test_of_many_jobs_one_is_at_work_at_a_time(tmp_path):
    """Whether they open the file before or after another has removed it."""
    at_work = []

    def job(number):
        with open_runs(tmp_path) as runs:
            at_work.append(number)
            for row in ROWS[len(runs.rows) :]:
                runs.add(row)
            assert runs.rows == ROWS
            assert at_work == [number]
            runs.remove()
            at_work.remove(number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(job, range(40)))
    assert not list(tmp_path.iterdir())
