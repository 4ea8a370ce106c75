"""Files of embeddings: which models there are, and what is in them."""

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

from made import numbered, save_npz, save_parquet
from needle.base.errors import NeedleError
from needle.embedding.feature_files import feature_models
from needle.embedding.feature_tables import read_features

SCRIPTS = Path(__file__).parents[2] / "workflow/scripts"


LABELS = ["ant", "bee", "ant", "bee", "bee", "ant", "bee", "ant", "bee", "ant", "ant"]


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
        "import sys; sys.path.insert(0, sys.argv[1]); import needle.embedding.feature_files; "
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


PROBABILITIES = [[0.25, 0.75], [1.0, 0.0], [0.5, 0.5]]


def save_with_sources(folder, kind, probabilities):
    features, labels = numbered(3), ["x", "y", "x"]
    if kind == "npz":
        return save_npz(folder, "m", features, labels, source_probabilities=probabilities)
    columns = {"embedding": list(features)} if kind == "lists" else {"d0": features[:, 0]}
    columns |= {"label": labels, "source_probabilities": list(probabilities)}
    return save_parquet(folder, "m", columns)


@pytest.mark.parametrize("kind", ["npz", "lists", "columns"])
def test_source_probabilities_may_be_there(tmp_path, kind):
    table = read_features(save_with_sources(tmp_path, kind, PROBABILITIES))
    assert table.source_probabilities.tolist() == PROBABILITIES
    assert table.source_probabilities.dtype == np.float32
    assert table.features[:, 0].tolist() == numbered(3)[:, 0].tolist()
    assert read_features(save_npz(tmp_path, "n", numbered(3), [1] * 3)).source_probabilities is None


@pytest.mark.parametrize("kind", ["npz", "lists", "columns"])
@pytest.mark.parametrize(
    ("probabilities", "words"),
    [
        ([[0.25, 0.75], [0.9, 0.0], [0.5, 0.5]], "row 1 (from 0) sum to 0.9, least 0; give the"),
        ([[0.25, 0.75], [1.0, 0.0], [1.5, -0.5]], "row 2 (from 0) sum to 1, least -0.5; give the"),
        ([[0.25, 0.75], [1.0, 0.0], [0.5, np.nan]], "1 of 3 rows have source_probabilities that"),
    ],
)
def test_source_probabilities_that_are_none(tmp_path, kind, probabilities, words):
    assert words in message(save_with_sources(tmp_path, kind, probabilities))


def test_source_probabilities_that_are_no_lists(tmp_path):
    path = save_with_sources(tmp_path, "columns", [0.5, 0.5, 0.5])
    assert "source_probabilities must be lists of numbers, not double" in message(path)


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
