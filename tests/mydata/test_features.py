"""Embeddings that a user has already, from files to what the proxies read."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needle.embeddings import read_embeddings
from needle.errors import NeedleError
from needle.files import read_card
from needle.mydata.feature_files import feature_models
from needle.mydata.feature_tables import read_features
from needle.mydata.features import draw, import_features
from needle.mydata.split import stratify

SCRIPTS = Path(__file__).parents[2] / "workflow/scripts"
LIMITS = {"max": 1000, "val_share": 0.2, "test_share": 0.2, "max_test": 2000, "max_unreadable": 0}
LABELS = ["ant", "bee", "ant", "bee", "bee", "ant", "bee", "ant", "bee", "ant", "ant"]


def numbered(rows, dimensions=3, start=0):
    """Features that tell which row they are of: 0.5, 1.5, ..."""
    first = np.arange(start, start + rows)[:, None]
    return (first + np.linspace(0.5, 0.75, dimensions)).astype(np.float32)


def save_npz(folder, model, features, labels, **more):
    np.savez(folder / f"{model}.npz", features=features, labels=labels, **more)
    return folder / f"{model}.npz"


def save_parquet(folder, model, columns):
    pd.DataFrame(columns).to_parquet(folder / f"{model}.parquet")
    return folder / f"{model}.parquet"


def message(path):
    with pytest.raises(NeedleError) as caught:
        read_features(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: ")
    assert "\n" not in text
    return text.removeprefix(f"{path}: ")


# Which models there are


def test_models_are_the_files(tmp_path):
    for name in ("b.npz", "a-2.0_x+y.PARQUET", "C.npz", "notes.txt", ".hidden.npz"):
        (tmp_path / name).touch()
    assert feature_models(tmp_path) == {
        "C": f"{tmp_path}/C.npz",
        "a-2.0_x+y": f"{tmp_path}/a-2.0_x+y.PARQUET",
        "b": f"{tmp_path}/b.npz",
    }


def test_all_that_is_wrong_with_the_files_is_said(tmp_path):
    for name in ("a.npz", "a.parquet", "B.npz", "b.npz", "my model.npz", "{x}.npz", "ok.npz"):
        (tmp_path / name).touch()
    (tmp_path / "many.parquet").mkdir()
    with pytest.raises(NeedleError) as caught:
        feature_models(tmp_path)
    first, *lines = str(caught.value).split("\n  - ")
    assert first == f"{tmp_path}: this data cannot be used:"
    assert [line.split(";")[0][:40] for line in lines] == [
        "many.parquet is no file",
        "'my model.npz' cannot be the name of a m",
        "'{x}.npz' cannot be the name of a model:",
        "B.npz and b.npz are of one model",
        "a.npz and a.parquet are of one model",
    ]


def test_a_folder_without_models(tmp_path):
    with pytest.raises(NeedleError, match=r"has no \.npz and no \.parquet file"):
        feature_models(tmp_path)
    with pytest.raises(NeedleError, match="no such folder"):
        feature_models(tmp_path / "none")


def test_asking_for_the_models_is_light():
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import needle.mydata.feature_files; "
        "sys.exit(bool({'numpy', 'pandas', 'pyarrow', 'PIL'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code, str(SCRIPTS)]).returncode == 0


# Reading a file


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int64, np.uint8])
def test_an_npz_file(tmp_path, dtype):
    features = np.array([[1, 2], [3, 4], [5, 6]], dtype)
    table = read_features(save_npz(tmp_path, "m", features, [0, 10, 2]))
    assert table.features.dtype == np.float32
    assert table.features.tolist() == [[1, 2], [3, 4], [5, 6]]
    assert table.labels == ["0", "10", "2"]
    assert table.split is None


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["a", " b ", "cafe\u0301"], ["a", "b", "caf\u00e9"]),
        (np.array([b"a", b"b", "中".encode()]), ["a", "b", "中"]),
        (np.array([3, 1, 2], np.uint8), ["3", "1", "2"]),
        ([True, False, True], ["True", "False", "True"]),
    ],
)
def test_labels_of_an_npz_file(tmp_path, labels, expected):
    path = save_npz(tmp_path, "m", numbered(3), labels, split=["train", "VAL", "test"])
    table = read_features(path)
    assert table.labels == expected
    assert table.split == ["train", "val", "test"]


def test_a_parquet_file_of_columns(tmp_path):
    columns = {"b": [1, 2], "label": ["x", "y"], "a": [0.5, 1.5], "split": ["train", "val"]}
    table = read_features(save_parquet(tmp_path, "m", columns))
    assert table.features.dtype == np.float32
    assert table.features.tolist() == [[1, 0.5], [2, 1.5]]  # in the order of the file
    assert (table.labels, table.split) == (["x", "y"], ["train", "val"])


@pytest.mark.parametrize(
    "kind", [pa.list_(pa.float64()), pa.large_list(pa.float16()), pa.list_(pa.float32(), 3)]
)
def test_a_parquet_file_of_lists(tmp_path, kind):
    """In several row groups, with a column that is none of ours."""
    rows = numbered(5).astype(np.float16)
    table = pa.table(
        {"path": list("abcde"), "embedding": pa.array(list(rows), kind), "label": [1, 2, 1, 2, 1]}
    )
    pq.write_table(table, tmp_path / "m.parquet", row_group_size=2)
    found = read_features(tmp_path / "m.parquet")
    assert (found.features == rows).all()
    assert found.features.dtype == np.float32
    assert found.labels == ["1", "2", "1", "2", "1"]


def test_the_index_and_categories_of_pandas(tmp_path):
    frame = pd.DataFrame({"d0": [1.0, 2.0], "label": pd.Categorical(["x", "y"])}, index=[7, 3])
    frame.to_parquet(tmp_path / "m.parquet")
    table = read_features(tmp_path / "m.parquet")
    assert table.features.tolist() == [[1.0], [2.0]]
    assert table.labels == ["x", "y"]


@pytest.mark.parametrize(
    ("arrays", "expected"),
    [
        ({"features": numbered(3)}, "has no labels, only features; add it"),
        ({"labels": [1, 2, 3]}, "has no features, only labels; add it"),
        ({"features": numbered(2), "labels": [1, 2, 3]}, "has 2 rows of features, 3 labels"),
        ({"features": numbered(3)[..., None], "labels": [1, 2, 3]},
         "its features are float32 of shape (3, 3, 1); they must be numbers of shape"),
        ({"features": np.empty((3, 0)), "labels": [1, 2, 3]}, "its features are float64 of shape"),
        ({"features": [["a"], ["b"], ["c"]], "labels": [1, 2, 3]}, "its features are <U1 of shape"),
        ({"features": numbered(3), "labels": [[1], [2], [3]]},
         "labels has shape (3, 1); it must be (examples,)"),
        ({"features": numbered(3), "labels": [1.0, 2.0, 3.0]},
         "row 0 (from 0) has the label 1.0; labels are texts or whole numbers"),
        ({"features": numbered(3), "labels": ["a", "b", " "]}, "row 2 (from 0) has the label ' '"),
        ({"features": numbered(3), "labels": np.array(["a", None, "b"], object)},
         "not a readable .npz file (Object arrays cannot be loaded when allow_pickle=False)"),
        ({"features": numbered(3), "labels": [1, 2, 3], "split": ["train", "dev", "val"]},
         "row 1 (from 0) has the split 'dev'; it must be train, val or test"),
        ({"features": numbered(3), "labels": [1, 2, 3], "split": ["train", "val"]},
         "has 3 labels, but 2 splits"),
    ],
)  # fmt: skip
def test_wrong_npz_files(tmp_path, arrays, expected):
    np.savez(tmp_path / "m.npz", **arrays)
    assert message(tmp_path / "m.npz").startswith(expected)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"d0": [1.0]}, "has no label, only d0; add it"),
        ({"label": ["a"]}, "nothing beside label and split: give one column embedding"),
        ({"label": ["a"], "d0": [1.0], "path": ["p"], "on": [True]},
         "path, on beside label and split: give one column embedding of lists of numbers, or"),
        ({"label": ["a", None], "d0": [1.0, 2.0]}, "row 1 (from 0) has the label None"),
        ({"label": ["a", "b"], "embedding": [[1.0, 2.0], [1.0]]},
         "row 1 (from 0) has an embedding of length 1, row 0 of 2; all must have one length"),
        ({"label": ["a", "b"], "embedding": [[1.0, 2.0], None]},
         "row 1 (from 0) has an embedding of length 0, row 0 of 2"),
        ({"label": ["a"], "embedding": [["x"]]}, "embedding has lists of"),
        ({"label": ["a", "b", "c"], "embedding": [[1.0], [2.0], [None]]},
         "1 of 3 rows have features that are missing, NaN or infinite"),
        ({"label": ["a", "b"], "d0": pd.array([1, None], "Int64")},
         "1 of 2 rows have features that are missing, NaN or infinite as 32-bit numbers, first "
         "row 1 (from 0)"),
    ],
)  # fmt: skip
def test_wrong_parquet_files(tmp_path, columns, expected):
    assert message(save_parquet(tmp_path, "m", columns)).startswith(expected)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e39])
def test_features_that_are_not_finite_are_named_by_row(tmp_path, value):
    features = numbered(9).astype(np.float64)
    features[[4, 7], 2] = value
    expected = (
        "2 of 9 rows have features that are missing, NaN or infinite as 32-bit numbers, first row "
        "4 (from 0)"
    )
    assert message(save_npz(tmp_path, "m", features, range(9))).startswith(expected)
    columns = {f"d{i}": features[:, i] for i in range(3)} | {"label": range(9)}
    assert message(save_parquet(tmp_path, "m", columns)).startswith(expected)


def test_files_of_another_kind(tmp_path):
    with open(tmp_path / "one.npz", "wb") as file:
        np.save(file, numbered(3))
    assert message(tmp_path / "one.npz").startswith("holds a single array")
    for name in ("m.npz", "m.parquet"):
        for content in (b"", b"PK\x03\x04", b"PAR1PAR1", b"\x80\x04K\x01."):
            (tmp_path / name).write_bytes(content)
            assert message(tmp_path / name).startswith("not a readable")
        assert message(tmp_path / f"none.{name}").startswith("not a readable")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    np.savez_compressed(folder / "m.npz", features=numbered(20), labels=[1, 2] * 10)
    save_parquet(folder, "m", {"label": ["a", "b"] * 10, "embedding": list(numbered(20))})
    return folder, {kind: (folder / f"m{kind}").read_bytes() for kind in (".npz", ".parquet")}


@pytest.mark.parametrize("kind", [".npz", ".parquet"])
@settings(max_examples=60)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused(whole, kind, data):
    folder, contents = whole
    content = bytearray(contents[kind])
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=5)):
        content[place] = data.draw(st.integers(0, 255))
    end = data.draw(st.just(len(content)) | st.integers(0, len(content)))
    (folder / f"damaged{kind}").write_bytes(content[:end])
    try:
        table = read_features(folder / f"damaged{kind}")
    except NeedleError:
        return
    assert len(table.features) == len(table.labels)
    assert np.isfinite(table.features).all()


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
    with pytest.raises(NeedleError) as caught:
        import_features(files, min(files), 1, LIMITS | limits)
    first, *lines = str(caught.value).split("\n")
    assert first == f"{folder}: this data cannot be used:"
    return [line.removeprefix("  - ") for line in lines]


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
            "class y has no examples in train; every split needs all classes",
            "class x has no examples in val; every split needs all classes"]),
        (["x", "y"] * 5, ["val"] * 10, {}, [
            f"class {label} has no examples in train; every split needs all classes"
            for label in "xy"]),
        (["x", "y"] * 5, ["test"] * 10, {}, ["it has no examples"]),
        (["x", "y"] * 5, None, {"max": 3}, [
            "2 classes need an example each in train and in val: examples.max is 3, set it to 4 or "
            "more"]),
    ],
)  # fmt: skip
def test_data_that_cannot_be_used(tmp_path, labels, split, limits, expected):
    more = {} if split is None else {"split": split}
    save_npz(tmp_path, "m", numbered(len(labels)), labels, **more)
    assert refusal(tmp_path, **limits) == expected


def test_files_without_rows(tmp_path):
    save_npz(tmp_path, "m", np.empty((0, 3)), np.array([], int))
    assert refusal(tmp_path) == ["it has no examples"]


def test_the_program(tmp_path):
    save_models(tmp_path)

    def run(model):
        command = [sys.executable, SCRIPTS / "import_features.py", "--folder", tmp_path]
        command += ["--model", model, "--seed", "1", "--examples", json.dumps(LIMITS)]
        command += ["--output", tmp_path / "out/b.safetensors"]
        return subprocess.run(command, capture_output=True, text=True)

    result = run("b")
    assert result.returncode == 0, result.stderr
    embeddings = read_embeddings(tmp_path / "out/b.safetensors")
    expected, _ = import_features(feature_models(tmp_path), "b", 1, LIMITS)
    assert (embeddings.train_features == expected.train_features).all()
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
