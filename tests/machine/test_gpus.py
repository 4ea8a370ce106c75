"""Which GPU a job gets: it was assigned one, or it claims a fake one."""

import os

import pytest
from fake_gpus import FOUR, nvidia_smi
from hypothesis import given
from hypothesis import strategies as st

from needle.base.errors import NeedleError
from needle.machine import gpus
from needle.machine.gpus import Assignment, assign_gpu, devices_named, parse_listing

pytestmark = pytest.mark.usefixtures("machine")

SPLIT = """GPU 0: NVIDIA A100 (UUID: GPU-aaaaaaaa)
  MIG 3g.20gb     Device  0: (UUID: MIG-11111111)
  MIG 3g.20gb     Device  1: (UUID: MIG-GPU-aaaaaaaa/2/0)
GPU 1: NVIDIA A100 (UUID: GPU-bbbbbbbb)
"""


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
