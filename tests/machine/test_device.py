"""Where torch computes, and what it is given there."""

import os

import numpy as np
import pytest
import torch
from fake_gpus import FOUR

from needle.base.errors import NeedleError
from needle.machine.device import autocast, choose_device, move_images
from needle.tasks.resize import resize

pytestmark = pytest.mark.usefixtures("machine")
DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


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


def test_bfloat16_on_a_gpu_without_it_is_an_error(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: False)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "Tesla P100")
    with pytest.raises(NeedleError, match=r"Tesla P100 does not have it; set precision: float32"):
        autocast("cuda", "bfloat16")


def test_images_of_the_size_are_left_alone():
    images = np.random.default_rng(0).integers(0, 256, (5, 3, 32, 32), dtype=np.uint8)
    for size in (None, 32):
        assert (move_images(images, "cpu", size).numpy() == images).all()


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize(
    ("height", "width", "size"), [(32, 32, 224), (1, 5, 9), (96, 64, 224), (20, 20, 48)]
)
def test_what_is_enlarged_on_a_device_is_what_would_have_been_stored(height, width, size, device):
    images = np.random.default_rng(0).integers(0, 256, (4, 3, height, width), dtype=np.uint8)
    with torch.inference_mode():
        enlarged = move_images(images, device, size)
    assert enlarged.dtype == torch.uint8
    stored = np.stack([resize(image.transpose(1, 2, 0), size) for image in images])
    assert (enlarged.cpu().numpy() == stored).all()
