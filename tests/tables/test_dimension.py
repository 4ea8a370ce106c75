"""The best score of each embedding dimension."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from needle.tables.dimension import best_by_dimension


def layout(scores):
    """Point values from a dict by (task, model)."""
    table = pd.DataFrame({"knn": pd.Series(scores)})
    return table.rename_axis(["task", "model"])


def models(dimensions):
    return pd.DataFrame({"embedding_dim": pd.Series(dimensions)})


def test_the_best_of_each_dimension_by_hand():
    points = layout({("z", "a"): 0.5, ("z", "b"): 0.7, ("z", "c"): 0.6, ("b", "a"): 0.2,
                     ("b", "b"): np.nan, ("b", "c"): 0.1})  # fmt: skip
    best = best_by_dimension(models({"a": 2048, "b": 2048, "c": 64}), points, "knn")
    assert best.to_dict("tight")["data"] == [
        ["z", 64, 1, 0.6],
        ["z", 2048, 2, 0.7],
        ["b", 64, 1, 0.1],
        ["b", 2048, 1, 0.2],
    ]
    assert list(best.columns) == ["task", "embedding_dim", "models", "best"]


def test_models_without_dimension_or_outside_the_table_are_left_out():
    points = layout({("t", "a"): 0.5, ("t", "b"): 0.7, ("t", "c"): 0.6})
    best = best_by_dimension(models({"a": 64, "b": None}), points, "knn")
    assert best.to_dict("tight")["data"] == [["t", 64, 1, 0.5]]
    assert best_by_dimension(models({"a": None}), points, "knn").empty


@given(
    st.lists(st.tuples(st.sampled_from([64, 128, 512]), st.floats(0, 1)), min_size=1, max_size=12)
)
def test_every_model_is_counted_and_none_beats_its_dimension(rows):
    points = layout({("t", f"m{number}"): score for number, (_, score) in enumerate(rows)})
    table = models({f"m{number}": dimension for number, (dimension, _) in enumerate(rows)})
    best = best_by_dimension(table, points, "knn").set_index("embedding_dim")
    assert list(best.index) == sorted({dimension for dimension, _ in rows})
    assert best["models"].sum() == len(rows)
    assert all(score <= best.loc[dimension, "best"] for dimension, score in rows)
    assert set(best["best"]) <= {score for _, score in rows}
