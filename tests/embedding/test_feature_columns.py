"""Numbers in a table of embeddings that are none of an embedding."""

import numpy as np
import pandas as pd
import pytest

from made import save_npz, save_parquet
from needle.base.errors import NeedleError
from needle.embedding.feature_columns import check_names, is_numbered
from needle.embedding.feature_files import feature_models
from needle.embedding.feature_tables import read_features
from needle.embedding.own_features import check_features
from needle.tasks.own.prepare import DEFAULTS

N, D = 60, 6
NOISE = np.random.default_rng(0).normal(size=(N, D))
CLASS = np.arange(N) // 20
LABELS = np.array(["a", "b", "c"])[CLASS]


def message(path):
    with pytest.raises(NeedleError) as caught:
        read_features(path)
    text = str(caught.value)
    assert "\n" not in text
    return text.removeprefix(f"{path}: ")


def columns(names=None):
    names = names or [f"f{i}" for i in range(D)]
    return dict(zip(names, NOISE.T, strict=True))


@pytest.mark.parametrize("odd", ["id", "index", "label_id", "Unnamed: 0", "fold", "f", "width"])
def test_a_column_that_is_not_numbered_as_the_others(tmp_path, odd):
    values = np.random.default_rng(1).normal(size=N)
    path = save_parquet(tmp_path, "m", {"label": LABELS, odd: values} | columns())
    assert message(path) == (
        f"has columns that are not numbered as the others are (f0 to f5): {odd}; take them out, or "
        "give one column embedding of lists of numbers"
    )


def test_an_index_that_was_reset(tmp_path):
    pd.DataFrame({"label": LABELS} | columns()).reset_index().to_parquet(tmp_path / "m.parquet")
    assert message(tmp_path / "m.parquet").startswith("has columns that are not numbered")


@pytest.mark.parametrize(
    "names",
    [[f"{i}" for i in range(6)], [f"dim_{i:03}" for i in range(6)], ["x0_y0", "x0_y1", "x1_y0",
     "x1_y1", "x2_y0", "x2_y1"], ["pc1", "pc2", "pc3", "umap 1", "umap 2", "umap 3"],
     ["area", "width", "height", "mean", "std", "skew"], [f"f{i}.mean" for i in range(6)]],
)  # fmt: skip
def test_names_of_dimensions(tmp_path, names):
    check_names("x", names)
    table = read_features(save_parquet(tmp_path, "m", {"label": LABELS} | columns(names)))
    assert table.features == pytest.approx(NOISE.astype(np.float32))


IN_DISGUISE = {
    "its number": CLASS,
    "its number as a fraction": CLASS / 10 + 0.5,
    "one class or not": CLASS == 1,
    "in other words": np.array([7.5, -1.0, 3.25])[CLASS],
}


@pytest.mark.parametrize("disguise", IN_DISGUISE)
@pytest.mark.parametrize("kind", ["columns", "unnumbered", "lists", "npz"])
def test_the_label_in_disguise(tmp_path, kind, disguise):
    values = IN_DISGUISE[disguise].astype(np.float32)
    features = np.column_stack([NOISE, values]).astype(np.float32)
    if kind == "npz":
        path = save_npz(tmp_path, "m", features, LABELS)
    elif kind == "lists":
        path = save_parquet(tmp_path, "m", {"label": LABELS, "embedding": list(features)})
    else:
        names = [f"f{i}" for i in range(7)] if kind == "columns" else list("pqrstuv")
        path = save_parquet(
            tmp_path, "m", {"label": LABELS} | dict(zip(names, features.T, strict=True))
        )
    which = {"columns": "column f6", "unnumbered": "column v"}.get(kind, "dimension 6")
    assert message(path) == (
        f"{which} is a function of the label: one value for each class, not a dimension of an "
        "embedding; take it out"
    )


@pytest.mark.parametrize("rows", [np.arange(N), np.arange(N)[::-1], np.arange(N) + 1000,
                                  np.random.default_rng(0).permutation(N)])  # fmt: skip
def test_a_count_of_the_rows(tmp_path, rows):
    features = np.column_stack([rows, NOISE])
    path = save_npz(tmp_path, "m", features, LABELS)
    assert message(path).startswith("dimension 0 is a count of the rows, such as an index or an id")


def test_numbers_that_are_dimensions(tmp_path):
    dead = np.zeros(N)
    whole = np.random.default_rng(0).integers(0, 2, N)
    features = np.column_stack([NOISE, dead, whole, NOISE[:, 0].round(1)])
    assert read_features(save_npz(tmp_path, "m", features, LABELS)).features.shape == (N, 9)
    few = np.column_stack([np.arange(10) // 5, np.arange(10)])  # so few may do that by chance
    assert len(read_features(save_npz(tmp_path, "few", few, np.arange(10) // 5)).features) == 10


def test_columns_whose_names_say_little_are_named(tmp_path):
    names = ["area", "width", "height", "mean", "std", "skew"]
    save_parquet(tmp_path, "m", {"label": LABELS} | columns(names))
    save_parquet(tmp_path, "n", {"label": LABELS} | columns())
    checked = check_features(feature_models(tmp_path), 1, DEFAULTS)
    assert [(p.path, p.problem, p.action) for p in checked.problems] == [
        ("", "6 columns of m.parquet are taken for dimensions: area, height, mean, skew, std, "
         "width", "noted")
    ]  # fmt: skip


def test_numbered_names():
    assert is_numbered(["f0", "f1"])
    assert not is_numbered(["f0", "g0"])
    assert not is_numbered(["f", "g"])
