"""A Mac's GPU, without a Mac: which device a job has, and what is never asked of mps.

torch can say here what it would be asked, but not compute it.
"""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from needle.base.errors import NeedleError
from needle.embedding import batch_size
from needle.embedding.embed import embed
from needle.finetuning.finetune import finetune
from needle.machine import gpu_pool, job_memory
from needle.machine.device import (
    autocast,
    choose_device,
    float64,
    is_out_of_memory,
    move,
    move_images,
)
from needle.machine.gpus import Assignment, assign_gpu, usable_devices
from needle.models.backbones import build
from needle.models.views import OwnView
from needle.tasks.task_file import SPLITS, Task, write_task

MPS = torch.device("mps")
CARD = {
    "name": "resnet10t.test",
    "architecture": "resnet10t",
    "architecture_args": {"channels": [8, 8, 8, 16], "stem_width": 8},
    "mean": [0.5, 0.4, 0.3],
    "std": [0.25, 0.2, 0.1],
}
PROTOCOL = {
    "learning_rates": [0.05],
    "repeats": 1,
    "steps": 2,
    "batch_size": 4,
    "momentum": 0.9,
    "weight_decay": 0.001,
    "schedule": {"kind": "cosine", "warmup": 0.1},
    "gradient_clip": 5.0,
}


class Dtypes(TorchDispatchMode):
    """Notes the types of all tensors that torch computes."""

    def __init__(self):
        super().__init__()
        self.computed = {}

    def __torch_dispatch__(self, operator, types, args=(), kwargs=None):
        result = operator(*args, **(kwargs or {}))
        for tensor in tree_leaves(result):
            if isinstance(tensor, torch.Tensor):
                self.computed.setdefault(str(operator), set()).add(tensor.dtype)
        return result


@pytest.fixture
def mac(tmp_path, monkeypatch):
    """A Mac with Apple's processor, whose GPU computes; locks of this test alone."""
    for name in ("CUDA_VISIBLE_DEVICES", "SLURM_JOB_ID", "NEEDLE_DEVICE"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(gpu_pool, "_held", {})
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda: MPS)
    monkeypatch.setattr(torch.backends.mps, "get_name", lambda: "Apple M9")
    monkeypatch.setattr(torch, "ones", lambda size, device: torch.zeros(size))


@pytest.fixture
def task(tmp_path):
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (8, 3, 32, 32), dtype=np.uint8)
    splits = dict.fromkeys(SPLITS, (images, np.arange(8) % 2))
    write_task(tmp_path / "t.safetensors", splits, {"name": "t", "classes": ["x", "y"]}, 48)
    return Task(tmp_path / "t.safetensors")


def test_a_mac_has_one_gpu_and_it_is_claimed(mac, capsys):
    assert choose_device(1, 1) == MPS
    assert capsys.readouterr().err == "device: mps, Apple M9 (claimed, one of 1)\n"
    assert assign_gpu(1).gpu == "mps"  # it is this process's already
    gpu_pool._held.clear()
    assert assign_gpu(0) == Assignment(None, "no GPU asked for")


def test_only_one_process_has_it(mac, monkeypatch):
    assert assign_gpu(1) == Assignment("mps", "claimed, one of 1")
    assert gpu_pool.try_claim(["mps"], gpu_pool.lock_folder()) is None
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")  # names of no meaning there
    assert usable_devices(["0", "1"]) == ["mps"]


def test_no_visible_device_is_the_processor_there_too(mac, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert choose_device(1, 1) == torch.device("cpu")


def test_needle_device_is_the_processor_there_too(mac, monkeypatch, capsys):
    monkeypatch.setenv("NEEDLE_DEVICE", "cpu")
    assert choose_device(1, 1) == torch.device("cpu")
    said = "device: processor (NEEDLE_DEVICE=cpu, in place of mps, claimed, one of 1)\n"
    assert capsys.readouterr().err == said


@pytest.mark.parametrize(("system", "machine"), [("Darwin", "x86_64"), ("Linux", "arm64")])
def test_other_machines_have_none(mac, monkeypatch, system, machine):
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert usable_devices(None) == []


def test_a_mac_that_is_too_old_is_an_error(mac, monkeypatch):
    def ones(size, device):
        raise RuntimeError("The MPS backend is supported on macOS 15.0+. Update.\nmore about it")

    monkeypatch.setattr(torch, "ones", ones)
    with pytest.raises(NeedleError, match=r"^GPU mps .* \(The MPS backend .* NEEDLE_DEVICE=cpu"):
        choose_device(1, 1)


def test_torch_is_not_imported_to_find_it(tmp_path):
    """Snakemake's own process asks, and torch takes seconds to import."""
    code = (
        "import json, platform, sys; "
        "platform.system, platform.machine = (lambda: 'Darwin'), (lambda: 'arm64'); "
        "from needle.machine.gpus import usable_devices, visible_names; "
        "print(json.dumps([usable_devices(visible_names()), 'torch' in sys.modules]))"
    )
    environment = os.environ | {
        "PATH": str(tmp_path),
        "PYTHONPATH": str(Path(__file__).parents[2] / "workflow/scripts"),
    }
    environment.pop("CUDA_VISIBLE_DEVICES", None)
    said = subprocess.check_output([sys.executable, "-c", code], env=environment)
    assert json.loads(said) == [["mps"], False]


@pytest.mark.parametrize(("kind", "options"), [("mps", {}), ("cuda", {"non_blocking": True})])
def test_only_cuda_goes_on_while_it_copies(monkeypatch, kind, options):
    calls = []
    monkeypatch.setattr(torch.Tensor, "pin_memory", lambda self: calls.append("pin") or self)
    monkeypatch.setattr(
        torch.Tensor, "to", lambda self, *place, **options: calls.append((*place, options))
    )
    move(np.zeros(3), kind)
    assert calls == ["pin"] * (kind == "cuda") + [(kind, options)]


def test_bfloat16_is_what_torch_has_for_it():
    assert torch.amp.is_autocast_available("mps")
    with autocast("mps", "bfloat16"):
        assert torch.is_autocast_enabled("mps")
        assert torch.get_autocast_dtype("mps") == torch.bfloat16
    with autocast(MPS, "float32"):
        assert not torch.is_autocast_enabled("mps")


def test_embedding_and_training_need_no_float64(task):
    """mps has none: torch refuses it."""
    backbone = build(CARD)
    with Dtypes() as dtypes:
        embed(backbone, CARD, task, 4, "cpu")
        (row,) = finetune(backbone, CARD, task, PROTOCOL, [0])
    assert row["steps"] == 2
    assert any("convolution_backward" in operator for operator in dtypes.computed)
    assert [name for name, found in dtypes.computed.items() if torch.float64 in found] == []


def test_float64_is_computed_on_the_processor():
    here = torch.tensor([1.5])
    there = SimpleNamespace(device=MPS, cpu=lambda: here)
    for tensor in (here, there):
        assert torch.equal(float64(tensor), torch.tensor([1.5], dtype=torch.float64))


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
def test_pictures_are_resized_in_float32(interpolation):
    """On a processor torch resizes integers; for mps, as for CUDA, it can only floats.

    `meta` stands for any device that is no processor.
    """
    picture = np.zeros((50, 60, 3), np.uint8)
    with Dtypes() as dtypes:
        square = OwnView(32, interpolation, 0.875, "center")([picture], "meta")
        larger = move_images(np.zeros((2, 3, 32, 32), np.uint8), "meta", 48)
    assert square.dtype == larger.dtype == torch.uint8
    assert square.shape == (1, 3, 32, 32)
    assert larger.shape == (2, 3, 48, 48)
    resizing = {name: found for name, found in dtypes.computed.items() if "upsample" in name}
    assert list(resizing) == [f"aten._upsample_{interpolation}2d_aa.default"]
    assert resizing.popitem()[1] == dtypes.computed["aten.mul_.Tensor"] == {torch.float32}


@pytest.mark.parametrize(("system", "unit"), [("darwin", 1), ("linux", 1024)])
def test_peak_memory_has_the_unit_of_the_system(monkeypatch, system, unit):
    monkeypatch.setattr(sys, "platform", system)
    assert job_memory.peak(SimpleNamespace(ru_maxrss=3 * 2**20 // unit)) == 3


def test_the_end_of_memory_is_known_by_its_words():
    words = "MPS backend out of memory (MPS allocated: 8.89 GiB, other allocations: 172.98 MiB)"
    assert is_out_of_memory(RuntimeError(words))
    assert is_out_of_memory(RuntimeError("Invalid buffer size: 24.00 GiB"))
    assert is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory."))
    assert not is_out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))


def test_where_memory_ends_batches_are_halved(task, capsys):
    def check(module, inputs):
        if module.training and len(inputs[0]) > 2:
            raise RuntimeError("MPS backend out of memory (MPS allocated: 9.1 GiB)")

    backbone = build(CARD)
    backbone.register_forward_pre_hook(check)
    (row,) = finetune(backbone, CARD, task, PROTOCOL, [0])
    assert row["micro_batch"] == 2
    assert "4 images at a time do not fit the device's memory: again with 2" in (
        capsys.readouterr().out
    )


def test_another_error_is_no_end_of_memory(task):
    def fail(module, inputs):
        raise RuntimeError("not implemented for 'MPS'")

    backbone = build(CARD)
    backbone.register_forward_pre_hook(fail)
    with pytest.raises(RuntimeError, match="not implemented"):
        list(finetune(backbone, CARD, task, PROTOCOL, [0]))


def test_what_fits_is_what_the_gpu_has_free(monkeypatch):
    need = batch_size.LIVE * 1000
    monkeypatch.setattr(batch_size, "layer_bytes", lambda model, images: 1000)
    asked = []

    def memory(device):
        asked.append(device)
        return 9 * need, 100 * need

    monkeypatch.setattr(torch.accelerator, "get_memory_info", memory)
    assert batch_size.fitting(None, SimpleNamespace(device=MPS), memory=0) == 8
    assert asked == [MPS]
