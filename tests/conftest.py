"""Small tables that several tests work by hand."""

import pandas as pd
import pytest
from hypothesis import settings

from needle.scores import MODEL_COLUMNS

# A slow machine is no failure, and CI draws the same examples every time.
settings.register_profile("needle", deadline=None, derandomize=True)
settings.load_profile("needle")

# Three models, two tasks. By linear score: b > a > c on t1, c > a = b on t2.
POINTS = {
    ("t1", "a"): {"finetune": 0.80, "linear": 0.60, "knn": 0.50},
    ("t1", "b"): {"finetune": 0.70, "linear": 0.70, "knn": 0.40},
    ("t1", "c"): {"finetune": 0.90, "linear": 0.50, "knn": 0.30},
    ("t2", "a"): {"finetune": 0.60, "linear": 0.50, "knn": 0.20},
    ("t2", "b"): {"finetune": 0.50, "linear": 0.50, "knn": 0.30},
    ("t2", "c"): {"finetune": 0.40, "linear": 0.90, "knn": 0.30},
}


@pytest.fixture
def points():
    table = pd.DataFrame.from_dict(POINTS, orient="index")
    table.index = pd.MultiIndex.from_tuples(table.index, names=["task", "model"])
    return table


@pytest.fixture
def models():
    """a and b have a reference accuracy, b the higher; c is the expert."""
    rows = [
        dict.fromkeys(MODEL_COLUMNS) | {"tags": [], "contaminated_tasks": []} | row
        for row in (
            {"model": "a", "reference_accuracy": 0.5, "upstream_examples": 10, "params": 3},
            {"model": "b", "reference_accuracy": 0.7, "upstream_examples": 10, "params": 5},
            {"model": "c", "upstream_examples": 20, "params": 4, "tags": ["expert"]},
        )
    ]
    table = pd.DataFrame(rows).set_index("model", drop=False)
    table["reference_accuracy"] = table["reference_accuracy"].astype(float)
    return table
