"""The benchmark for a GPU runs, small, without one."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks/gpu.py"


def benchmark(*arguments):
    size = ["--model", "resnet10t", "--size", "32", "--batch-size", "8", "--seconds", "0.2"]
    return subprocess.run(
        [sys.executable, str(BENCHMARK), *size, *arguments], capture_output=True, text=True
    )


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_it_prints_a_table(precision):
    result = benchmark("--precision", precision)
    assert result.returncode == 0, result.stderr
    title, _, _, _, *rows = result.stdout.splitlines()
    assert re.fullmatch(
        rf"resnet10t, 32 px, batch 8, {precision}; .+; torch [\d.]+\S*; \d{{4}}-\d\d-\d\d", title
    )
    number = r"(\d+\.\d)"
    for row, what in zip(rows, ("embedding", "fine-tuning"), strict=True):
        cells = re.fullmatch(
            rf"\| {what} \| {number} \| {number} \| (\d+) % \(\d+ to \d+\) \|", row
        )
        assert all(float(cell) > 0 for cell in cells.groups())


def test_a_mistake_is_one_line():
    result = benchmark("--model", "resnet5000")
    assert result.returncode == 1
    device, error = result.stderr.splitlines()
    assert device.startswith("device: ")
    assert error.startswith("error: model resnet5000: timm cannot build 'resnet5000'")
