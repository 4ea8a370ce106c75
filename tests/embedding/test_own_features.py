"""Embeddings that a user has already, from files to what the proxies read."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from made import (
    numbered,
    refused,
    save_npz,
    save_parquet,
)
from needle.base.errors import NeedleError
from needle.base.tensors import read_card
from needle.embedding.embedding_file import read_embeddings
from needle.embedding.feature_files import feature_models
from needle.embedding.own_features import check_features, draw, import_features
from needle.tasks.own.problems import Problem
from needle.tasks.own.splits.split import stratify

SCRIPTS = Path(__file__).parents[2] / "workflow/scripts"

LIMITS = {"max": 1000, "val_share": 0.2, "test_share": 0.2, "max_test": 2000, "max_unreadable": 0}


LABELS = ["ant", "bee", "ant", "bee", "bee", "ant", "bee", "ant", "bee", "ant", "ant"]


# Splits

COUNTS = st.lists(st.integers(5, 40), min_size=2, max_size=8)


def drawn(counts, seed=1, split=None, **limits):
    numbers = np.random.default_rng(0).permutation(np.repeat(range(len(counts)), counts))
    names = [chr(97 + number) for number in range(len(counts))]
    return numbers, draw(numbers, split, seed, LIMITS | limits, names)


@given(COUNTS, st.integers(16, 400), st.floats(0, 0.9))
def test_shares_are_stratified(counts, most, val_share):
    numbers, rows = drawn(counts, max=most, val_share=val_share)
    both = min(most, sum(counts))
    val = min(max(round(val_share * both), len(counts)), both - len(counts))
    shares = stratify(counts, (both - val, val), to_all=False)[:2]
    assert min(map(len, rows.values())) >= len(counts)
    for name, share in zip(("train", "val"), shares, strict=True):
        assert np.bincount(numbers[rows[name]], minlength=len(counts)).tolist() == share.tolist()
        assert (np.diff(rows[name]) > 0).all()
    assert not set(rows["train"]) & set(rows["val"])


def test_all_is_used_and_nothing_kept_for_test():
    _, rows = drawn([50, 30, 20])
    assert {name: len(part) for name, part in rows.items()} == {"train": 80, "val": 20}
    assert sorted([*rows["train"], *rows["val"]]) == list(range(100))


def test_the_seed_draws():
    (_, first), (_, again), (_, other) = (drawn([50, 50], seed) for seed in (1, 1, 2))
    assert first["val"].tolist() == again["val"].tolist()
    assert first["val"].tolist() != other["val"].tolist()


def test_more_for_training_moves_no_val_example():
    _, few = drawn([50, 50], max=50, val_share=0.4)
    _, many = drawn([50, 50], max=100, val_share=0.2)
    assert few["val"].tolist() == many["val"].tolist()
    assert set(few["train"]) < set(many["train"])


def test_splits_that_are_given_stay():
    split = ["train"] * 60 + ["val"] * 30 + ["test"] * 10
    _, rows = drawn([50, 50], split=split)
    assert rows["train"].tolist() == list(range(60))
    assert rows["val"].tolist() == list(range(60, 90))
    _, rows = drawn([50, 50], split=split, max=20)
    assert (len(rows["train"]), len(rows["val"])) == (16, 4)
    assert rows["train"].max() < 60 <= rows["val"].min()
    assert rows["val"].max() < 90


def test_val_is_cut_from_train():
    _, rows = drawn([50, 50], split=["test"] * 20 + ["train"] * 80)
    assert (len(rows["train"]), len(rows["val"])) == (64, 16)
    assert sorted([*rows["train"], *rows["val"]]) == list(range(20, 100))


# Importing


def save_models(folder):
    """Three models of the same eleven examples, in three forms."""
    save_npz(folder, "a", numbered(11), LABELS)
    save_parquet(folder, "b", {"label": LABELS, "embedding": list(numbered(11, 5, start=100))})
    columns = {f"d{i}": column for i, column in enumerate(numbered(11, 2, start=200).T)}
    save_parquet(folder, "c", columns | {"label": LABELS})
    return feature_models(folder)


def test_all_models_have_the_same_examples(tmp_path):
    files = save_models(tmp_path)
    found = {model: import_features(files, model, 1, LIMITS) for model in files}
    for embeddings, classes in found.values():
        assert (classes, embeddings.classes) == (["ant", "bee"], 2)
        assert embeddings.train_features.dtype == np.float32
        assert embeddings.train_labels.dtype == np.int64
    shapes = {model: e.train_features.shape[1] for model, (e, _) in found.items()}
    assert shapes == {"a": 3, "b": 5, "c": 2}
    for split, size in (("train", 9), ("val", 2)):
        rows = getattr(found["a"][0], f"{split}_features")[:, 0] - 0.5
        assert len(rows) == size
        for start, (embeddings, classes) in zip((0, 100, 200), found.values(), strict=True):
            features = getattr(embeddings, f"{split}_features")[:, 0]
            assert (features - 0.5 - start).tolist() == rows.tolist()
            labels = getattr(embeddings, f"{split}_labels")
            assert [classes[label] for label in labels] == [LABELS[int(row)] for row in rows]
    used = [int(x - 0.5) for split in ("train", "val")
            for x in getattr(found["a"][0], f"{split}_features")[:, 0]]  # fmt: skip
    assert sorted(used) == list(range(11))


def test_source_probabilities_are_those_of_the_training_examples(tmp_path):
    chances = np.linspace([0, 1], [1, 0], 11)
    save_npz(tmp_path, "a", numbered(11), LABELS, source_probabilities=chances)
    embeddings, _ = import_features(feature_models(tmp_path), "a", 1, LIMITS)
    rows = (embeddings.train_features[:, 0] - 0.5).astype(int)
    assert embeddings.train_source_probabilities == pytest.approx(chances[rows])


def test_labels_as_numbers_or_as_texts_are_the_same(tmp_path):
    save_npz(tmp_path, "a", numbered(10), [0, 1] * 5)
    save_npz(tmp_path, "b", numbered(10), ["0", "1"] * 5)
    assert import_features(feature_models(tmp_path), "b", 1, LIMITS)[1] == ["0", "1"]


def test_only_the_features_of_its_own_model_are_read(tmp_path):
    files = save_models(tmp_path)
    save_npz(tmp_path, "a", np.full((11, 3), np.nan), LABELS)
    import_features(files, "b", 1, LIMITS)
    with pytest.raises(NeedleError, match=r"a\.npz: 11 of 11 rows have features that are missing"):
        import_features(files, "a", 1, LIMITS)


def refusal(folder, **limits):
    files = feature_models(folder)
    return refused(folder, lambda: import_features(files, min(files), 1, LIMITS | limits))


def test_every_file_that_differs_is_named_with_its_row(tmp_path):
    save_models(tmp_path)
    save_npz(tmp_path, "d", numbered(11), [*LABELS[:-1], "cat"])
    save_npz(tmp_path, "e", numbered(10), LABELS[:-1])
    save_npz(tmp_path, "f", numbered(11), LABELS, split=["train"] * 11)
    same = ", unlike a.npz; all files must be of the same examples in the same order"
    assert refusal(tmp_path) == [
        f"d.npz has label cat, not ant, in row 10 (from 0){same}",
        f"e.npz has 10 rows, not 11{same}",
        f"f.npz has a split{same}",
    ]


def test_splits_that_differ(tmp_path):
    split = ["train", "val"] * 10
    save_npz(tmp_path, "a", numbered(20), ["x"] * 10 + ["y"] * 10, split=split)
    save_npz(tmp_path, "b", numbered(20), ["x"] * 10 + ["y"] * 10, split=split[:2] + split[:-3:-1]
             + split[4:])  # fmt: skip
    assert refusal(tmp_path) == [
        "b.npz has split val, not train, in row 2 (from 0), unlike a.npz; all files must be of the "
        "same examples in the same order"
    ]


@pytest.mark.parametrize(
    ("labels", "split", "limits", "expected"),
    [
        (["x"] * 9, None, {}, ["it has only one class, x; there is nothing to tell apart"]),
        (["x"] * 5 + ["y"] * 4 + ["z"], None, {}, [
            f"class {label} has {count}, fewer than 5; add some, or take the class out"
            for label, count in (("y", "4 examples"), ("z", "1 example"))]),
        (["x"] * 5 + ["y"] * 6, ["train"] * 9 + ["test"] * 2, {}, [
            "class y has 4 examples, fewer than 5; add some, or take the class out"]),
        (["x"] * 5 + ["y"] * 5, ["train"] * 5 + ["val"] * 5, {}, [
            "class y has no examples in train, only in val; put some into train, or take the class "
            "out"]),
        (["x", "y"] * 5, ["val"] * 10, {}, ["it has no examples in train; add some"]),
        (["x", "y"] * 5, ["test"] * 10, {}, ["it has no examples"]),
        (["x", "y"] * 5, None, {"max": 3}, [
            "examples.max is 3, set it to 4 or more: room for an example of each class, 2 in train "
            "and 2 in val"]),
    ],
)  # fmt: skip
def test_data_that_cannot_be_used(tmp_path, labels, split, limits, expected):
    more = {} if split is None else {"split": split}
    save_npz(tmp_path, "m", numbered(len(labels)), labels, **more)
    assert refusal(tmp_path, **limits) == expected


def test_a_class_that_val_lacks_is_noted(tmp_path):
    labels = list("ab" * 5 + "c" * 5)
    split = ["train"] * 6 + ["val"] * 4 + ["train"] * 5
    save_npz(tmp_path, "m", numbered(15), labels, split=split)
    save_parquet(tmp_path, "n", {"label": labels, "split": split, "embedding": [[0.0]] * 15})
    files = feature_models(tmp_path)
    assert check_features(files, 1, LIMITS).problems == [
        Problem(
            "", "class c has no examples in val, so the choice of a model knows nothing of it",
            "noted",
        )
    ]  # fmt: skip
    for model in files:
        embeddings, classes = import_features(files, model, 1, LIMITS)
        assert (embeddings.classes, classes) == (3, ["a", "b", "c"])
        assert np.bincount(embeddings.train_labels).tolist() == [3, 3, 5]
        assert np.bincount(embeddings.val_labels).tolist() == [2, 2]
    assert refusal(tmp_path, max=4) == [
        "examples.max is 4, set it to 5 or more: room for an example of each class, 3 in train and "
        "2 in val"
    ]


def test_a_class_of_all_splits_is_not_noted(tmp_path):
    save_models(tmp_path)
    assert check_features(feature_models(tmp_path), 1, LIMITS).problems == []


def test_files_without_rows(tmp_path):
    save_npz(tmp_path, "m", np.empty((0, 3)), np.array([], int))
    assert refusal(tmp_path) == ["it has no examples"]


def test_the_program(tmp_path):
    save_models(tmp_path)

    def run(model):
        command = [sys.executable, SCRIPTS / "import_features.py", "--folder", tmp_path]
        command += ["--model", model, "--seed", "1", "--examples", json.dumps(LIMITS)]
        command += ["--copies", tmp_path / "out/copies.csv"]
        command += ["--output", tmp_path / "out/b.safetensors"]
        return subprocess.run(command, capture_output=True, text=True)

    command = [sys.executable, SCRIPTS / "check_features.py", "--folder", tmp_path, "--seed", "1"]
    command += ["--examples", json.dumps(LIMITS)]
    for name in ("problems", "classes", "copies", "folds"):
        command += [f"--{name}", tmp_path / f"out/{name}.csv"]
    subprocess.run(command, check=True)
    assert (tmp_path / "out/problems.csv").read_text() == "path,problem,action\n"
    assert (tmp_path / "out/classes.csv").read_text() == (
        "class,found,train,val,test,removed,skipped\nant,6,5,1,,0,0\nbee,5,4,1,,0,0\n"
    )
    result = run("b")
    assert result.returncode == 0, result.stderr
    embeddings = read_embeddings(tmp_path / "out/b.safetensors")
    expected, _ = import_features(feature_models(tmp_path), "b", 1, LIMITS)
    assert (embeddings.train_features == expected.train_features).all()
    folds = pd.read_csv(tmp_path / "out/folds.csv")
    assert len(folds) == len(expected.train_labels) + len(expected.val_labels)
    assert read_card(tmp_path / "out/b.safetensors") == {
        "model": "b",
        "task": "data",
        "seconds": 0.0,
        "precision": "float32",
        "class_names": ["ant", "bee"],
        "classes": 2,
    }
    result = run("d")
    assert result.returncode == 1
    assert result.stderr == f"error: {tmp_path}: has no file of d, only of a, b, c\n"
