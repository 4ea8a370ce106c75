"""Proxies as means over folds: each example is val once a repeat, and the error is honest."""

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from needle.base.errors import NeedleError
from needle.base.seeds import derive_seed
from needle.embedding.embedding_file import Embeddings, write_embeddings
from needle.proxies.folds import folded, is_folded, mean_and_error, read_folds
from needle.proxies.formulas.classifiers.knn import score
from needle.proxies.registry import TRAINED, formula

PROGRAM = Path(__file__).parents[2] / "workflow/scripts/linear.py"


def embeddings(train=12, val=4, seed=0):
    generator = np.random.default_rng(seed)
    labels = np.arange(train + val) % 2
    features = generator.normal(size=(train + val, 3)).astype(np.float32)
    features[:, 0] += 2 * labels
    return Embeddings(features[:train], labels[:train], features[train:], labels[train:], 2,
                      np.ones((train, 2), np.float32))  # fmt: skip


def save(folder, **columns):
    table = pd.DataFrame({"example": range(16)} | columns)
    table.to_csv(folder / "folds.csv", index=False)
    return folder / "folds.csv"


def test_each_example_is_val_once_in_each_repeat(tmp_path):
    folds = read_folds(save(tmp_path, repeat_1=np.arange(16) % 4, repeat_2=np.arange(16) // 4))
    assert len(folds) == 8
    assert (sum(folds[:4]) == 1).all()
    assert (sum(folds[4:]) == 1).all()
    parts = list(folded(embeddings(), folds))
    assert [(len(p.train_labels), len(p.val_labels)) for p in parts] == [(12, 4)] * 8
    whole = np.concatenate([embeddings().train_features, embeddings().val_features])
    assert np.array_equal(parts[0].val_features, whole[::4])
    assert np.array_equal(parts[4].val_features, whole[:4])
    assert all(part.train_source_probabilities is None for part in parts)


def test_what_is_always_train_is_never_val(tmp_path):
    folds = read_folds(save(tmp_path, repeat_1=[-1, *(n % 3 for n in range(15))]))
    assert len(folds) == 3
    assert not any(val[0] for val in folds)


def test_no_columns_and_no_file_are_no_folds(tmp_path):
    assert read_folds(save(tmp_path)) == read_folds(None) == []
    assert not is_folded("knn", {}, [])
    assert is_folded("knn", {}, [np.ones(2, bool)])
    assert not is_folded("knn", {"leave_one_out": True}, [np.ones(2, bool)])
    assert not is_folded("leep", {}, [np.ones(2, bool)])


def test_the_folds_of_the_split_itself_give_its_value(tmp_path):
    given = embeddings()
    (part,) = folded(given, [np.arange(16) >= 12])
    assert score(part) == score(given)


@pytest.mark.parametrize("proxy", TRAINED)
def test_linear_proxies_are_trained_once_in_each_fold(tmp_path, proxy):
    write_embeddings(tmp_path / "e.safetensors", embeddings(), {"seconds": 1.0})
    table = save(tmp_path, repeat_1=np.arange(16) % 4)
    protocol = {
        "learning_rates": [0.1, 0.01], "repeats": 3, "steps": 5, "batch_size": 8, "momentum": 0.9,
        "weight_decay": 0.0, "schedule": {"kind": "step", "milestones": [], "factor": 0.1},
    }  # fmt: skip
    command = [
        "--embeddings", tmp_path / "e.safetensors", "--model", "m", "--task", "t", "--seed", "1",
        "--proxy", proxy, "--protocol", json.dumps(protocol), "--folds", table,
        "--output", tmp_path / "out.csv",
    ]  # fmt: skip
    subprocess.run([sys.executable, PROGRAM, *command], check=True)
    rows = pd.read_csv(tmp_path / "out.csv")
    assert rows["repeat"].tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    part = list(folded(embeddings(), read_folds(table)))[2]
    seed = derive_seed(1, "linear", "m", "t", 2)
    expected = formula(proxy).runs(part, protocol | {"repeats": 1}, [seed])
    assert rows["value"][4:6].tolist() == [row["value"] for row in expected]


def test_folds_of_other_examples_are_refused():
    with pytest.raises(NeedleError, match="has 3 rows, but 16 examples are embedded"):
        list(folded(embeddings(), [np.ones(3, bool)]))


def test_the_error_by_hand():
    # Four folds of a quarter: s² = 4 * 0.1² / 3, and 3 times as many in train as in val.
    folds = [np.arange(8) // 2 == fold for fold in range(4)]
    mean, error = mean_and_error([0.6, 0.6, 0.8, 0.8], folds)
    assert mean == pytest.approx(0.7)
    assert error == pytest.approx(math.sqrt(0.04 / 3 * (1 / 4 + 1 / 3)))
    assert mean_and_error([0.5] * 4, folds) == (0.5, 0.0)
    assert mean_and_error([math.nan, 0.6, 0.8, math.nan], folds)[0] == pytest.approx(0.7)
    mean, error = mean_and_error([math.nan, 0.6, math.nan, math.nan], folds)
    assert mean == 0.6
    assert math.isnan(error)
    assert all(map(math.isnan, mean_and_error([math.nan] * 4, folds)))


def test_the_error_covers_what_new_data_would_give():
    """Means over folds of new data spread about as much as the error says."""
    folds = [np.arange(40) % 5 == fold for fold in range(5)]
    means, errors = [], []
    for seed in range(60):
        values = [score(part) for part in folded(embeddings(30, 10, seed), folds)]
        mean, error = mean_and_error(values, folds)
        means.append(mean)
        errors.append(error)
    assert np.std(means) < 1.3 * np.sqrt(np.mean(np.square(errors)))
