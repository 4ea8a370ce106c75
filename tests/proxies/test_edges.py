"""Embeddings at the limits: a score or a reason, never NaN and never a warning."""

import dataclasses
import math
import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from drawn_embeddings import draw, mapped
from needle.proxies.registry import names
from needle.proxies.rows import proxy_row, quick_proxies

QUICK = quick_proxies(names())


def with_labels(embeddings, train, val):
    return dataclasses.replace(
        embeddings, train_labels=np.asarray(train), val_labels=np.asarray(val)
    )


def relu(embeddings):
    """Float32 features as networks give them: many zeros, some of them for all examples."""
    return mapped(embeddings, lambda x: np.maximum(x - 1.5, 0).astype(np.float32))


CASES = {
    "two classes": draw(30, 5, classes=2),
    "397 classes": draw(800, 30, classes=397, val=200),
    "more features than examples": draw(24, 200),
    "as many features as examples": draw(24, 24),
    "one example per class": draw(8, 5, classes=8, val=8),
    "one example per class, more features": draw(8, 50, classes=8, val=8),
    "one class of one example": with_labels(draw(12, 5), [0, *[1, 2] * 5, 1], [0, 1] * 10),
    "a class that is only in val": with_labels(draw(12, 5), [0, 1] * 6, [0, 5] * 10),
    "classes that val lacks": with_labels(
        draw(40, 6, val=20), draw(40, 6).train_labels, [1, 2] * 10
    ),
    "constant features": mapped(draw(), lambda x: np.full_like(x, 0.1, dtype=np.float32)),
    "features that are 0": mapped(draw(), np.zeros_like),
    "one feature": draw(30, 1),
    "two features": draw(30, 2),
    "each example twice": mapped(
        with_labels(draw(20, 5), [0, 0, 1, 1] * 5, [0, 1] * 10), lambda x: np.repeat(x[::2], 2, 0)
    ),
    "rectified": relu(draw(60, 40)),
    "classes that are one point each": mapped(
        with_labels(draw(20, 3, val=20), [0, 1, 2, 3] * 5, [0, 1, 2, 3] * 5),
        lambda x: np.tile(np.eye(4, 3, dtype=np.float32), (5, 1)),
    ),
    "small": mapped(draw(), lambda x: (1e-20 * x).astype(np.float32)),
    "large": mapped(draw(), lambda x: (1e15 * x).astype(np.float32)),
    "one class": with_labels(draw(12, 5), np.zeros(12, int), np.zeros(20, int)),
    "no source head": dataclasses.replace(draw(), train_source_probabilities=None),
    "source classes that never come": dataclasses.replace(
        draw(), train_source_probabilities=np.eye(5, 9)[np.arange(40) % 5]
    ),
}
# Where there is no score, part of the reason.
REASONS = {
    ("397 classes", "nleep"): "1985 Gaussians, 5 for each of 397 classes, are more than the 800",
    ("one example per class", "gbc"): "each class has one training example",
    ("one example per class", "parc"): "no two training examples are of one class",
    ("one example per class", "lda"): "no variance",
    ("one example per class", "sfda"): "no variance",
    ("one example per class", "ncti_seli"): "no variance",
    ("one example per class", "nleep"): "40 Gaussians",
    ("one class", None): "all training examples are of one class",
    ("no source head", "leep"): "the model has no source head",
    ("no source head", "nce"): "the model has no source head",
    ("constant features", "parc"): "the features are constant",
    ("constant features", "disco_ncc"): "the features are constant",
    ("constant features", "nleep"): "the features are constant",
}
NO_VARIANCE = ("constant features", "features that are 0", "classes that are one point each")
REASONS |= {
    (case, name): "no variance"
    for case in NO_VARIANCE
    for name in ("lda", "sfda", "ncti_seli", "ncti_ncc", "ncti_vc")
}
REASONS |= {
    ("one example per class, more features", name): REASONS["one example per class", name]
    for name in ("gbc", "parc", "lda", "nleep", "sfda", "ncti_seli")
}
FIXED = {
    ("constant features", "h_score"): 0.0,
    ("constant features", "h_score_shrunk"): 0.0,
    ("constant features", "silhouette"): 0.0,
    ("constant features", "transrate"): 0.0,
    ("constant features", "gbc"): -12.0,  # all of the 4 x 3 ordered pairs overlap
    ("constant features", "ridge"): 0.25,
    ("more features than examples", "h_score"): 3.0,
    ("one example per class", "silhouette"): 0.0,
    ("one example per class, more features", "h_score"): 7.0,
}


@pytest.mark.parametrize("name", QUICK)
@pytest.mark.parametrize("case", CASES)
def test_a_finite_score_or_a_reason(case, name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # Of examples that coincide, for which the mixture has fewer clusters than Gaussians.
        warnings.simplefilter("ignore", ConvergenceWarning)
        row = proxy_row(name, CASES[case], {}, seed=1)
    assert math.isfinite(row["value"]) != bool(row["reason"])
    expected = REASONS.get((case, name), REASONS.get((case, None)))
    if expected and not (case == "one class" and name in ("knn", "etran_energy")):
        assert expected in row["reason"]
    if (case, name) in FIXED:
        assert row["value"] == pytest.approx(FIXED[case, name], abs=1e-9)


@pytest.mark.filterwarnings("ignore:Number of distinct clusters")
@pytest.mark.parametrize("name", ["leep", "nce", "nleep"])
def test_logarithms_of_probabilities_are_at_most_0(name):
    for case, embeddings in CASES.items():
        row = proxy_row(name, embeddings, {}, seed=1)
        assert row["reason"] or row["value"] <= 1e-12, case


@pytest.mark.parametrize("name", ["sfda", "etran_lda", "disco_ncc", "ncti_ncc"])
def test_probabilities_are_between_0_and_1(name):
    for case, embeddings in CASES.items():
        row = proxy_row(name, embeddings, {}, seed=1)
        assert row["reason"] or 0 <= row["value"] <= 1 + 1e-12, case


@pytest.mark.parametrize("case", [case for case in CASES if case != "one class"])
def test_logme_has_a_value_everywhere(case):
    assert proxy_row("logme", CASES[case], {}, seed=1)["reason"] == ""
