"""GPUs: fake ones, claimed by real processes."""

import os
import select
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from needle.base.errors import NeedleError
from needle.machine import gpu_pool, gpus
from needle.machine.device import choose_device
from needle.machine.gpu_pool import lock_folder, try_claim
from needle.machine.gpus import Assignment, assign_gpu, devices_named, parse_listing

SCRIPTS = Path(__file__).parents[2] / "workflow/scripts"
FOUR = [f"GPU-{letter * 8}" for letter in "abcd"]
LISTING = "".join(f"GPU {i}: NVIDIA Fake (UUID: {uuid})\n" for i, uuid in enumerate(FOUR))
SPLIT = """GPU 0: NVIDIA A100 (UUID: GPU-aaaaaaaa)
  MIG 3g.20gb     Device  0: (UUID: MIG-11111111)
  MIG 3g.20gb     Device  1: (UUID: MIG-GPU-aaaaaaaa/2/0)
GPU 1: NVIDIA A100 (UUID: GPU-bbbbbbbb)
"""
# Claims a GPU and keeps it until its input ends.
JOB = """
import os, subprocess, sys
from needle.machine.gpus import assign_gpu
said = [assign_gpu(1).gpu, os.environ["CUDA_VISIBLE_DEVICES"]]
if "--child" in sys.argv:
    null = dict.fromkeys(["stdin", "stdout", "stderr"], subprocess.DEVNULL)
    said.append(subprocess.Popen(["sleep", "60"], close_fds=False, **null).pid)
print(*said, flush=True)
sys.stdin.read()
"""
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


@pytest.fixture(autouse=True)
def machine(tmp_path, monkeypatch):
    """Four fake GPUs, locks of this test alone, no SLURM."""
    for name in ("CUDA_VISIBLE_DEVICES", "SLURM_JOB_ID", "NEEDLE_DEVICE"):
        monkeypatch.setenv(name, "")  # so that it is restored at the end, whatever the test sets
        monkeypatch.delenv(name)
    monkeypatch.setattr(gpu_pool, "_held", {})
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    monkeypatch.setenv("PYTHONPATH", str(SCRIPTS))
    nvidia_smi(tmp_path, f"cat <<'end'\n{LISTING}end")
    return tmp_path


def nvidia_smi(folder, script):
    program = folder / "bin/nvidia-smi"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


class Job:
    """A process that claims a GPU and keeps it."""

    def __init__(self, *args):
        pipe = subprocess.PIPE
        command = [sys.executable, "-c", JOB, *args]
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)

    def says(self, stream="stdout"):
        """Its next line; waits for it."""
        stream = getattr(self.process, stream)
        assert select.select([stream], [], [], 60)[0], "nothing said in a minute"
        return stream.readline()

    def gpu(self):
        """The GPU that it claims; waits until it has one."""
        gpu, variable, *_ = self.says().split()
        assert variable == gpu
        return gpu

    def kill(self):
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def start():
    """Start a job; at the end all are killed."""
    started = []

    def start(*args):
        started.append(Job(*args))
        return started[-1]

    yield start
    for job in started:
        job.kill()


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


def test_only_visible_gpus_are_claimed_by_whatever_name(start, monkeypatch):
    for names in ("2, 3", f"{FOUR[3]},{FOUR[2]}"):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", names)
        pair = [start(), start()]
        assert sorted(job.gpu() for job in pair) == FOUR[2:]
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-c")
        third = start()
        assert FOUR[2] in third.says("stderr")  # the number and the UUID are one GPU
        for job in [*pair, third]:
            job.kill()


def test_without_asking_a_job_has_no_gpu(monkeypatch, tmp_path):
    assert assign_gpu(0) == Assignment(None, "no GPU asked for")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2")
    assert assign_gpu(0).gpu is None
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "2"
    with pytest.raises(NeedleError, match="--gpus 2: a job computes on one GPU"):
        assign_gpu(2)
    assert [path.name for path in tmp_path.iterdir()] == ["bin"]  # no locks


def test_a_process_keeps_its_claim_and_does_not_wait_for_itself(monkeypatch):
    monkeypatch.setattr(gpu_pool, "time", SimpleNamespace(sleep=pytest.fail))
    first = assign_gpu(1)
    assert first == Assignment(FOUR[0], "claimed, one of 4")
    assert os.environ["CUDA_VISIBLE_DEVICES"] == FOUR[0]
    assert assign_gpu(1).gpu == FOUR[0]
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    assert assign_gpu(1).gpu == FOUR[0]


@pytest.mark.parametrize("name", ["3", "GPU-anything", "MIG-GPU-5c89/1/0"])
@pytest.mark.parametrize("asked", [0, 1])
def test_slurms_gpu_is_left_alone(monkeypatch, tmp_path, name, asked):
    monkeypatch.setenv("SLURM_JOB_ID", "17")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", name)
    assert assign_gpu(asked) == Assignment(name, "assigned by SLURM to job 17")
    assert os.environ["CUDA_VISIBLE_DEVICES"] == name
    assert [path.name for path in tmp_path.iterdir()] == ["bin"]  # no locks


def test_slurms_several_are_a_pool(monkeypatch):
    monkeypatch.setenv("SLURM_JOB_ID", "17")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1,2")
    assert assign_gpu(0) == Assignment(None, "no GPU asked for")
    assert assign_gpu(1) == Assignment(FOUR[1], "claimed, one of 2")


@pytest.mark.parametrize("names", ["", "-1", "NoDevFiles"])
def test_no_visible_gpu_is_the_processor(monkeypatch, names):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", names)
    reason = "a GPU asked for, but CUDA_VISIBLE_DEVICES names none"
    assert assign_gpu(1) == Assignment(None, reason)


def test_no_gpu_at_all_is_the_processor(tmp_path):
    nvidia_smi(tmp_path, "echo 'No devices were found'; exit 6")
    assert assign_gpu(1) == Assignment(None, "a GPU asked for, but this machine has none")


def test_without_nvidia_smi_torch_counts(tmp_path, monkeypatch):
    (tmp_path / "bin/nvidia-smi").unlink()
    monkeypatch.setattr(gpus, "DEVICE_FILES", [str(tmp_path / "*")])
    (tmp_path / "torch.py").write_text("class cuda:\n    device_count = lambda: 2")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert assign_gpu(1) == Assignment("0", "claimed, one of 2")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "5,6,-1,7")
    assert assign_gpu(1) == Assignment("5", "claimed, one of 2")


def test_torch_is_not_asked_where_there_is_no_device_file(tmp_path, monkeypatch):
    (tmp_path / "bin/nvidia-smi").unlink()
    (tmp_path / "torch.py").write_text("raise SystemExit('asked')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(gpus, "DEVICE_FILES", [str(tmp_path / "none*")])
    assert assign_gpu(1) == Assignment(None, "a GPU asked for, but this machine has none")


@pytest.mark.parametrize("name", ["4", "GPU-", "GPU-e", "all"])
def test_an_unknown_gpu_is_named(monkeypatch, name):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", f"0,{name}")
    with pytest.raises(NeedleError, match=f"'{name}' is not one GPU .* 3 .GPU-dddddddd.; correct"):
        assign_gpu(1)


def test_a_broken_driver_is_no_machine_without_gpus(tmp_path):
    nvidia_smi(tmp_path, "echo 'Failed to initialize NVML:\nversion mismatch' >&2; exit 18")
    with pytest.raises(NeedleError, match=r"NVML: version mismatch.* mend its driver, or set CUDA"):
        assign_gpu(1)


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


def test_parts_of_a_split_gpu_are_devices_of_their_own(start, tmp_path):
    nvidia_smi(tmp_path, f"cat <<'end'\n{SPLIT}end")
    devices = ["GPU-bbbbbbbb", "MIG-11111111", "MIG-GPU-aaaaaaaa/2/0"]
    assert sorted(start().gpu() for _ in devices) == devices
    assert devices_named(["0"], parse_listing(SPLIT)) == devices[1:]
    assert devices_named(["MIG-GPU-aaaaaaaa/2/0"], parse_listing(SPLIT)) == devices[2:]


MACHINES = st.lists(st.uuids(version=4), min_size=1, max_size=8, unique=True)


@given(MACHINES, st.data())
def test_a_gpu_has_one_name_for_the_pool(uuids, data):
    uuids = [f"GPU-{uuid}" for uuid in uuids]
    listed = parse_listing(
        "".join(f"GPU {i}: NVIDIA (R) X (UUID: {uuid})\n" for i, uuid in enumerate(uuids))
    )
    chosen = data.draw(st.lists(st.sampled_from(range(len(uuids))), unique=True))
    names = [data.draw(st.sampled_from([str(i), uuids[i], uuids[i][:-1]])) for i in chosen]
    assert devices_named(names, listed) == [uuids[i] for i in chosen]


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


@pytest.mark.parametrize(
    ("asked", "value", "said"),
    [
        (0, None, "device: processor (no GPU asked for)\n"),
        (0, "cpu", "device: processor (no GPU asked for)\n"),
        (1, "cpu", f"device: processor (NEEDLE_DEVICE=cpu, in place of {FOUR[0]}, claimed, "
                   "one of 4)\n"),
    ],
)  # fmt: skip
def test_the_processor_and_why(monkeypatch, capsys, asked, value, said):
    if value:
        monkeypatch.setenv("NEEDLE_DEVICE", value)
    assert choose_device(1, asked) == torch.device("cpu")
    assert capsys.readouterr().err == said
    assert torch.get_num_threads() == 1


def test_needle_device_is_cpu_or_nothing(monkeypatch):
    monkeypatch.setenv("NEEDLE_DEVICE", "cuda")
    with pytest.raises(NeedleError, match="NEEDLE_DEVICE=cuda: can only be cpu; unset it"):
        choose_device(1)


def test_a_gpu_that_computes_is_named(monkeypatch, capsys):
    """CUDA starts with the first tensor, so the variable must be set by then."""
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", False)
    seen = []

    def ones(*size, device):
        seen.append((device, os.environ["CUDA_VISIBLE_DEVICES"]))
        return torch.zeros(*size)

    monkeypatch.setattr(torch, "ones", ones)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "NVIDIA Fake")
    assert choose_device(1, 1) == torch.device("cuda")
    assert seen == [(torch.device("cuda"), FOUR[0])]
    said = f"device: {FOUR[0]}, NVIDIA Fake (claimed, one of 4)\n"
    assert capsys.readouterr().err == said
    assert not torch.backends.cudnn.benchmark  # it takes longer than to embed a task


def test_a_gpu_that_torch_cannot_use_is_an_error():
    with pytest.raises(NeedleError) as caught:
        choose_device(1, 1)
    start = f"GPU {FOUR[0]} (claimed, one of 4): torch {torch.__version__} cannot use it ("
    assert str(caught.value).startswith(start)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", [RuntimeError, AssertionError])
def test_neither_is_one_of_slurms(monkeypatch, kind):
    monkeypatch.setenv("SLURM_JOB_ID", "17")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")

    def ones(*size, device):
        raise kind("driver too old\nmore about it")

    monkeypatch.setattr(torch, "ones", ones)
    with pytest.raises(NeedleError) as caught:
        choose_device(1)
    assert str(caught.value) == (
        f"GPU 0 (assigned by SLURM to job 17): torch {torch.__version__} cannot use it (driver "
        "too old); update its driver, install the torch that fits it, or set NEEDLE_DEVICE=cpu "
        "to compute on the processor"
    )
