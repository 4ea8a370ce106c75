"""The same embedding twice."""

import numpy as np
import pytest

from made import refused, save_npz, save_parquet
from needle.embedding.feature_copies import same_embeddings
from needle.embedding.feature_files import feature_models
from needle.embedding.own_features import check_features, import_features
from needle.tasks.own.prepare import DEFAULTS

FEATURES = np.random.default_rng(0).normal(size=(100, 4)).astype(np.float32)
LABELS = [f"c{row % 2}" for row in range(100)]


def save(folder, features, labels=LABELS, **more):
    """Two models: the second sees less, but no two examples as one that the first tells apart."""
    save_npz(folder, "a", features, labels, **more)
    save_parquet(folder, "b", {"label": labels, "embedding": list(features * 2)} | more)
    return feature_models(folder)


def changed(*pairs):
    features = FEATURES.copy()
    for row, of in pairs:
        features[row] = features[of]
    return features


def test_rows_by_hand(tmp_path):
    features = np.array([[0, 1], [0.0, 2], [-0.0, 1], [0, 2], [0, 1], [5, 5]], np.float32)
    first = save_npz(tmp_path, "a", features, range(6))
    assert same_embeddings([first]) == [[0, 2, 4], [1, 3]]
    other = save_npz(tmp_path, "b", np.array([[1], [2], [1], [3], [9], [1]]), range(6))
    assert same_embeddings([first, other]) == [[0, 2]]
    assert same_embeddings([save_npz(tmp_path, "c", FEATURES, LABELS)]) == []


def test_a_copy_is_used_once(tmp_path):
    files = save(tmp_path, changed((2, 0), (51, 3), (8, 0)))
    checked = check_features(files, 1, DEFAULTS)
    assert checked.copies == [2, 8, 51]
    assert [(p.path, p.problem, p.action) for p in checked.problems] == [
        (f"row {row} (from 0)", f"same embedding as row {of} (from 0)", "removed")
        for row, of in ((2, 0), (8, 0), (51, 3))
    ]
    assert checked.counts == [
        {"class": "c0", "found": 50, "train": 39, "val": 9, "test": None, "removed": 2,
         "skipped": 0},
        {"class": "c1", "found": 50, "train": 39, "val": 10, "test": None, "removed": 1,
         "skipped": 0},
    ]  # fmt: skip
    for model in files:
        found, _ = import_features(files, model, 1, DEFAULTS, checked.copies)
        rows = np.concatenate([found.train_features, found.val_features])
        assert len(rows) == len(np.unique(rows, axis=0)) == 97


def test_of_copies_with_two_labels_none_stays(tmp_path):
    checked = check_features(save(tmp_path, changed((1, 0))), 1, DEFAULTS)
    assert checked.copies == [0, 1]
    assert checked.problems[0].problem == (
        "contradicting labels: same embedding as row 1 (from 0), which is of class c1"
    )


def test_of_given_splits_the_first_keeps_it(tmp_path):
    split = ["train"] * 60 + ["val"] * 30 + ["test"] * 10
    files = save(tmp_path, changed((60, 0), (4, 2), (98, 70)), split=split)
    assert check_features(files, 1, DEFAULTS).copies == [60, 98]


def test_what_one_model_tells_apart_is_no_copy(tmp_path):
    files = save(tmp_path, FEATURES)
    save_npz(tmp_path, "c", np.ones((100, 1)), LABELS)
    assert check_features(files | feature_models(tmp_path), 1, DEFAULTS).copies == []


def test_many_copies_are_refused(tmp_path):
    files = save(tmp_path, changed(*((row + 50, row) for row in range(6))))
    lines = refused(tmp_path, lambda: check_features(files, 1, DEFAULTS))
    assert lines[0] == (
        "6 of 100 examples are not used (copies: 6), more than the 5% that examples.max_unreadable "
        "lets pass:"
    )
    assert lines[1] == "row 50 (from 0): same embedding as row 0 (from 0)"
    assert len(check_features(files, 1, DEFAULTS | {"max_unreadable": 0.06}).copies) == 6


@pytest.mark.parametrize("rows", [5, 4])
def test_copies_that_leave_too_few(tmp_path, rows):
    labels = ["a"] * 20 + ["b"] * (rows + 1)
    features = FEATURES[: len(labels)].copy()
    features[-1] = features[-2]
    files = save(tmp_path, features, labels)
    if rows == 5:
        assert check_features(files, 1, DEFAULTS).copies == [25]
    else:
        assert refused(tmp_path, lambda: check_features(files, 1, DEFAULTS)) == [
            "class b has 4 examples other than copies, fewer than 5; add some, or take the class "
            "out",
            "removed: row 24 (from 0): same embedding as row 23 (from 0)",
        ]
