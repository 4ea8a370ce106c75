"""Which models may be recommended, before and after they are measured."""

import math
import subprocess
import sys
from pathlib import Path

import pytest

from needle.recommend.admission import left_out

CARD = {
    "name": "vit.mae",
    "license": "CC-BY-NC-4.0",
    "tags": ["self-supervised"],
    "params": 86_000_000,
    "reference_accuracy": None,
    "contaminated_tasks": ["caltech101", "dtd"],
}


@pytest.mark.parametrize(
    ("where", "seen", "expected"),
    [
        ({}, [], ""),
        ({}, ["pets"], ""),
        ({}, ["pets", "dtd"], "has seen the data of dtd"),
        ({}, ["dtd", "caltech101"], "has seen the data of caltech101, dtd"),
        ({"license": {"any": ["CC-BY-NC-4.0"]}, "params": {"max": 86_000_000}}, [], ""),
        (
            {"license": {"any": ["MIT"]}, "params": {"max": 10}},
            ["dtd"],
            "licence CC-BY-NC-4.0 is not MIT; 86,000,000 parameters, more than 10; "
            "has seen the data of dtd",
        ),
        ({"reference_accuracy": {"known": True}}, [], "no known reference accuracy"),
        ({"milliseconds": {"max": 30}}, [], ""),  # measured later
    ],
)
def test_the_reasons_of_a_card(where, seen, expected):
    assert left_out(CARD, where, seen) == expected


def test_what_a_card_lacks_is_measured_later():
    where = {"params": {"max": 5}, "embedding_dim": {"known": True}}
    assert left_out({"tags": []}, where, []) == ""
    measured = {"tags": [], "params": 6, "embedding_dim": math.nan}
    assert (
        left_out(measured, where, []) == "6 parameters, more than 5; no known embedding dimension"
    )


def test_the_reasons_of_a_model_that_is_slow_or_large():
    where = {
        "milliseconds": {"max": 30}, "pictures_per_second": {"min": 100}, "inference_mb": {"max": 9}
    }  # fmt: skip
    slow = {"milliseconds": 30.125, "pictures_per_second": 99.5, "inference_mb": 9.75}
    assert left_out(slow, where, []) == (
        "30.125 milliseconds a picture, more than 30; 99.5 pictures a second, fewer than 100; "
        "9.75 MB, more than 9"
    )
    fast = {"milliseconds": 30.0, "pictures_per_second": 100.0, "inference_mb": 9.0}
    assert left_out(fast, where, []) == ""


@pytest.mark.parametrize("missing", [None, math.nan, []])
def test_a_model_of_which_no_data_is_known_has_seen_none(missing):
    assert left_out({"contaminated_tasks": missing}, {}, ["dtd"]) == ""


def test_the_snakefile_can_ask_without_heavy_modules():
    code = (
        "import sys, needle.recommend.admission;"
        "print({'numpy', 'pandas', 'torch', 'PIL'} & set(sys.modules))"
    )
    scripts = Path(__file__).parents[2] / "workflow/scripts"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=scripts
    )
    assert answer.stdout == "set()\n"
