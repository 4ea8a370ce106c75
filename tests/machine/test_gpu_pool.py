"""Jobs share the GPUs of a machine: fake ones, claimed by real processes."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from fake_gpus import FOUR
from hypothesis import given
from hypothesis import strategies as st

from needle.base.errors import NeedleError
from needle.machine import gpu_pool
from needle.machine.gpu_pool import lock_folder, try_claim
from needle.machine.gpus import Assignment, assign_gpu

pytestmark = pytest.mark.usefixtures("machine")

# Claims a GPU and gives it back when four jobs have had one; writes down both.
WORK = """
import sys, time
from needle.machine.gpus import assign_gpu
gpu = assign_gpu(1).gpu
with open(sys.argv[1], "a+") as log:
    print("claimed", gpu, file=log, flush=True)
    for _ in range(600):
        log.seek(0)
        if log.read().count("claimed") >= 4:
            break
        time.sleep(0.05)
    print("free", gpu, file=log, flush=True)
"""


def test_eight_jobs_share_four_gpus_and_never_one(tmp_path):
    log = tmp_path / "log"
    command = [sys.executable, "-c", WORK, str(log)]
    started = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for _ in range(8)]
    assert [job.wait() for job in started] == [0] * 8
    taken, served = set(), []
    for line in log.read_text().splitlines():
        event, gpu = line.split()
        if event == "claimed":
            assert gpu not in taken
            taken.add(gpu)
            served.append(gpu)
        else:
            taken.remove(gpu)
    assert len(served) == 8
    assert sorted(served[:4]) == FOUR


def test_a_killed_job_frees_its_gpu_for_one_that_waits(start):
    at_work = [start() for _ in FOUR]
    claimed = {job.gpu(): job for job in at_work}
    assert sorted(claimed) == FOUR
    waiting = start()
    said = waiting.says("stderr")
    for gpu, job in claimed.items():
        assert f"{gpu} is process {job.process.pid}'s" in said
    claimed[FOUR[2]].kill()
    assert waiting.gpu() == FOUR[2]


def test_a_job_says_once_that_it_waits(monkeypatch, capsys):
    claims = [try_claim(FOUR, lock_folder()) for _ in FOUR]
    looks = []

    def sleep(seconds):
        looks.append(seconds)
        if len(looks) == 3:
            claims[1][1].close()

    monkeypatch.setattr(gpu_pool, "time", SimpleNamespace(sleep=sleep))
    assert assign_gpu(1).gpu == FOUR[1]
    said = [f"{gpu} is process {os.getpid()}'s" for gpu in FOUR]
    assert capsys.readouterr().err == f"waits for a GPU: {', '.join(said)}\n"


def test_a_child_of_a_killed_job_does_not_keep_its_gpu(start, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    first = start("--child")
    gpu, _, child = first.says().split()
    try:
        first.kill()
        assert start().gpu() == gpu == FOUR[0]
        os.kill(int(child), 0)  # it was alive all the time
    finally:
        os.kill(int(child), 9)


def test_a_process_keeps_its_claim_and_does_not_wait_for_itself(monkeypatch):
    monkeypatch.setattr(gpu_pool, "time", SimpleNamespace(sleep=pytest.fail))
    first = assign_gpu(1)
    assert first == Assignment(FOUR[0], "claimed, one of 4")
    assert os.environ["CUDA_VISIBLE_DEVICES"] == FOUR[0]
    assert assign_gpu(1).gpu == FOUR[0]
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    assert assign_gpu(1).gpu == FOUR[0]


def test_a_folder_without_locks_is_named(tmp_path, monkeypatch):
    folder = tmp_path / f"needle-gpus-{os.getuid()}"
    folder.write_text("")
    with pytest.raises(NeedleError, match=r"no lock of a GPU can be had there .* set TMPDIR"):
        assign_gpu(1)
    folder.unlink()
    folder.mkdir()
    monkeypatch.setattr(os, "getuid", lambda: int(folder.name.split("-")[-1]) + 1)
    folder.rename(tmp_path / f"needle-gpus-{os.getuid()}")
    with pytest.raises(NeedleError, match="belongs to another user; set TMPDIR"):
        assign_gpu(1)


@given(st.lists(st.integers(0, 5), max_size=30))
def test_the_first_free_device_is_claimed(tmp_path_factory, moves):
    """A move frees one of the claims, or claims another where there are not so many."""
    folder, claims = tmp_path_factory.mktemp("locks"), {}
    for move in moves:
        if move < len(claims):
            claims.pop(sorted(claims)[move]).close()
            continue
        free = [gpu for gpu in FOUR if gpu not in claims]
        claimed = try_claim(FOUR, folder)
        assert (claimed and claimed[0]) == (free[0] if free else None)
        if claimed:
            claims[claimed[0]] = claimed[1]
    for lock in claims.values():
        lock.close()
