"""A small entry by hand, for tests of the store."""

import numpy as np
import pandas as pd

from needle.store.cards import ABOUT_MODEL, protocol_card
from needle.store.entry import Entry
from needle.store.layout import ROW_COLUMNS

SHA = {name: f"{number:064x}" for number, name in enumerate(["a", "org/b", "c", "t1", "t2"])}
ROWS = [
    ("a", "t1", "own", "finetune", 0, 0.1 + 0.2, 1.5, "cpu"),
    ("a", "t1", "own", "finetune", 1, 0.25, np.nan, ""),
    ("a", "t1", "own", "logme", 0, -3.0, 0.5, "cpu"),
    ("a", "t1", "modern", "finetune", 0, 0.5, 2.0, "cpu"),
    ("org/b", "t1", "own", "finetune", 0, 0.75, 1.0, "cpu"),
    ("org/b", "t2", "own", "finetune", 0, 1.0, 1.0, "cpu"),
]


def model_card(name, **about):
    card = dict.fromkeys(["sha256", "origin", *ABOUT_MODEL])
    return card | {"sha256": SHA.get(name), "tags": ["small"], "contaminated_tasks": []} | about


def entry(name="first", rows=ROWS, **changes):
    about = {
        "run": name, "kind": "own", "source": None, "license": "CC0-1.0",
        "accuracies": ["finetune", "knn"], "proxies": {"logme": {}}, "machines": [],
    }  # fmt: skip
    rows = pd.DataFrame(rows, columns=ROW_COLUMNS).astype({"value": float, "seconds": float})
    tasks = {
        task: {"sha256": SHA[task], "label": task.upper(), "group": "", "classes": ["x", "y"],
               "examples": {"train": 8}}
        for task in ("t1", "t2")
    }  # fmt: skip
    protocols = {"own": protocol_card({"steps": 3}), "modern": protocol_card({"steps": 9})}
    models = {name: model_card(name, params=3) for name in ("a", "org/b")}
    made = {"run": about, "models": models, "tasks": tasks, "protocols": protocols, "rows": rows}
    return Entry(name, **made | changes)
