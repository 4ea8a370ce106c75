"""The noise of fine-tuning, from repeats worked by hand."""

import numpy as np
import pandas as pd
import pytest

from needle.tables.noise import noise_table


def test_noise_floor_by_hand():
    rows = [
        (model, "t", "finetune", repeat, value)
        for model, values in {"a": [0.5, 0.7], "b": [0.6, 0.6]}.items()
        for repeat, value in enumerate(values)
    ]
    noise = noise_table(
        pd.DataFrame(rows, columns=["model", "task", "score", "repeat", "value"])
    ).iloc[0]
    # Chosen by repeat 0: b, judged by repeat 1: 0.6 against 0.7. By repeat 1: a, 0.5 against 0.6.
    assert noise["noise_floor"] == pytest.approx((0.1 / 0.4 + 0.1 / 0.5) / 2)
    assert noise["seed_std"] == pytest.approx((np.sqrt(0.02) + 0) / 2)
    assert noise["model_std"] == pytest.approx(0)


def test_one_repeat_has_no_noise_to_measure(scores):
    noise = noise_table(scores[scores["repeat"] == 0])
    assert noise["noise_floor"].isna().all()
