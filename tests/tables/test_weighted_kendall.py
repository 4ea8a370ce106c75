"""Weighted Kendall's tau against printed ones, and those of the published LogME scores.

The LogME authors' Transfer-Learning-Library (thuml, examples/model_selection/README.md) prints
accuracies and scores of ten models together with their weighted tau. Their values come out only by
the mean of ranking by accuracy and of ranking by score, which is ours. Left out are tables whose
printed Pearson coefficient does not follow from the printed scores either (Aircraft, Pets), and
scores whose third digit ties.
"""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_correlation import weighted_by_definition

from needle.base.schema import read_yaml
from needle.scores.finished import read_score_file
from needle.scores.score_table import point_values
from needle.tables.correlation import correlate

ROOT = Path(__file__).parents[2]
# GoogleNet, Inception V3, ResNet 50, 101, 152, DenseNet 121, 169, 201, MobileNet V2, MNasNet.
ACCURACIES = {
    "cifar10": [96.2, 97.5, 96.8, 97.7, 97.9, 97.2, 97.4, 97.4, 95.7, 96.8],
    "sun397": [62.0, 65.7, 64.7, 64.8, 66.0, 62.3, 63.0, 64.7, 60.5, 60.7],
}
PRINTED = [
    ("cifar10", "h_score", 0.800, 0.839,
     [5.911, 6.363, 6.567, 6.901, 6.945, 6.210, 6.547, 6.706, 5.928, 6.018]),
    ("cifar10", "leep", 0.638, 0.604,
     [-1.385, -1.259, -1.010, -0.829, -0.838, -1.035, -0.934, -0.888, -1.100, -1.066]),
    ("cifar10", "logme", 0.785, 0.733,
     [0.293, 0.349, 0.388, 0.463, 0.469, 0.302, 0.343, 0.369, 0.291, 0.304]),
    ("cifar10", "nce", 0.714, 0.786,
     [-1.139, -1.060, -1.007, -0.838, -0.851, -1.006, -0.946, -0.866, -1.089, -1.086]),
    ("sun397", "h_score", 0.918, 0.913,
     [71.35, 114.21, 110.39, 113.63, 116.51, 72.16, 95.80, 103.09, 75.90, 80.91]),
    ("sun397", "leep", 0.581, 0.428,
     [-3.744, -3.372, -3.198, -3.103, -3.056, -3.311, -3.165, -3.205, -3.338, -3.234]),
    ("sun397", "logme", 0.748, 0.824,
     [1.621, 1.648, 1.638, 1.642, 1.646, 1.614, 1.623, 1.624, 1.617, 1.625]),
    ("sun397", "nce", 0.873, 0.782,
     [-3.055, -2.844, -2.894, -2.837, -2.822, -2.945, -2.903, -2.896, -2.968, -2.933]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("task", "score", "tau", "pearson", "values"), PRINTED, ids=[f"{r[0]}-{r[1]}" for r in PRINTED]
)
def test_printed_coefficients_follow_from_printed_scores(task, score, tau, pearson, values):
    found = correlate(np.array(ACCURACIES[task]), np.array(values))
    assert found[2] == pytest.approx(tau, abs=5.1e-4)
    assert found[0] == pytest.approx(pearson, abs=3e-3)  # more sensitive to the scores' rounding


# Of logme2022, to two digits.
TAUS = {
    "aircraft": {"logme": 0.59, "leep": 0.13, "nce": 0.39},
    "birdsnap": {"logme": 0.66, "leep": 0.19, "nce": 0.51},
    "caltech101": {"logme": 0.66, "leep": 0.30, "nce": 0.69},
    "cars": {"logme": 0.69, "leep": 0.26, "nce": 0.36},
    "cifar10": {"logme": 0.82, "leep": 0.72, "nce": 0.51},
    "cifar100": {"logme": 0.77, "leep": 0.66, "nce": 0.53},
    "dtd": {"logme": 0.50, "leep": -0.06, "nce": -0.35},
    "oxford_iiit_pet": {"logme": 0.61, "leep": 0.66, "nce": 0.83},
    "sun397": {"logme": 0.71, "leep": 0.54, "nce": 0.68},
}


@cache
def logme2022():
    config = read_yaml(ROOT / "config/published/logme2022.yaml")
    return point_values(pd.DataFrame(read_score_file(ROOT / config["scores_file"], config["unit"])))


@pytest.mark.parametrize("task", TAUS)
def test_published_logme_scores(task):
    scores = logme2022().loc[task]
    for proxy, expected in TAUS[task].items():
        x, y = scores["finetune"].to_numpy(), scores[proxy].to_numpy()
        found = correlate(x, y)[2]
        assert found == pytest.approx(expected, abs=5.1e-3)
        if len(set(x)) == len(x) and len(set(y)) == len(y):  # the definition is without ties
            assert found == pytest.approx(weighted_by_definition(x, y), abs=1e-9)
