"""Bins of confidence, by hand and beside the calibration error."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax

from needle.base.measures import measure
from needle.recommend.answer.reliability import reliability


def test_by_hand():
    before = np.array([[0.95, 0.05], [0.94, 0.06], [0.4, 0.6], [0.45, 0.55]])
    after = np.full((4, 2), 0.5)
    table = reliability(np.array([0, 1, 1, 1]), before, after)
    assert table.columns.tolist() == [
        "calibrated", "low", "high", "images", "confidence", "accuracy"]  # fmt: skip
    assert table.to_numpy().tolist() == [
        # Of 15 bins the ninth goes from 8/15 to 9/15, the last from 14/15 on.
        [False, pytest.approx(8 / 15), 0.6, 2, pytest.approx(0.575), 1.0],
        [False, pytest.approx(14 / 15), 1.0, 2, pytest.approx(0.945), 0.5],
        [True, pytest.approx(7 / 15), pytest.approx(8 / 15), 4, 0.5, 0.25],
    ]


@given(st.integers(0, 500))
def test_the_mean_distance_of_the_bins_is_the_calibration_error(seed):
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 3, 30)
    said = [softmax(scale * generator.normal(size=(30, 3)), axis=1) for scale in (1, 4)]
    table = reliability(labels, *said)
    for calibrated, each in zip((False, True), said, strict=True):
        part = table[table["calibrated"] == calibrated]
        assert part["images"].sum() == 30
        distance = (part["images"] * (part["accuracy"] - part["confidence"]).abs()).sum() / 30
        assert distance == pytest.approx(measure("calibration_error", labels, each))
