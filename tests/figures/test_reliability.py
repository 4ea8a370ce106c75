"""The reliability plot shows the bins of the table, the larger the more images they hold."""

import numpy as np
import pandas as pd

from needle.figures.reliability import LARGEST, draw_reliability

TABLE = pd.DataFrame(
    {
        "calibrated": [False, False, True],
        "images": [30, 10, 40],
        "confidence": [0.9, 0.5, 0.7],
        "accuracy": [0.7, 0.4, 0.65],
    }
)


def test_marks_are_the_bins():
    (ax,) = draw_reliability(TABLE).axes
    before, after = ax.collections
    assert np.asarray(before.get_offsets()).tolist() == [[0.9, 0.7], [0.5, 0.4]]
    assert np.asarray(after.get_offsets()).tolist() == [[0.7, 0.65]]
    assert (before.get_sizes() - 10).tolist() == [LARGEST * 30 / 40, LARGEST * 10 / 40]
    assert after.get_sizes().tolist() == [LARGEST + 10]
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["Before calibration", "After calibration"]
