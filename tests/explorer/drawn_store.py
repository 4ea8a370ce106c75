"""A small store whose page is worked by hand.

`lab` has three models on two tasks, fine-tuned three times each, with two proxies; `paper` has one
of the models and one of the tasks under another name, and a model that is only called alike.
"""

import numpy as np
import pandas as pd

from examples import POINTS
from needle.store.cards import ABOUT_MODEL, protocol_card
from needle.store.entry import Entry
from needle.store.layout import ROW_COLUMNS

SHA = {name: 64 * sign for name, sign in zip("abc12", "abcde", strict=True)}
OFFSETS = [0.0, 0.02, -0.02]
SECONDS = {"a": 10.0, "b": 200.0, "c": 30.0}
HOSTILE = "</script><b>c</b>"
PROTOCOL = {"steps": 100, "repeats": 3}


def model_card(**known):
    return {
        "sha256": None,
        "origin": None,
        **dict.fromkeys(ABOUT_MODEL),
        "tags": [],
        "contaminated_tasks": [],
        **known,
    }


def task_card(label, **known):
    return {"sha256": None, "label": label, "group": "", "classes": [], "examples": {}} | known


def run_card(name, kind, source):
    card = {"run": name, "kind": kind, "source": source, "license": None, "accuracies": ["linear"]}
    return card | {"proxies": {}, "machines": []}


def entry(name, kind, models, tasks, protocols, rows, source=None):
    table = pd.DataFrame(rows, columns=ROW_COLUMNS)
    return Entry(name, run_card(name, kind, source), models, tasks, protocols, table)


def lab():
    names = {"a": "a", "b": "b", "c": HOSTILE}
    models = {
        "a": model_card(sha256=SHA["a"], params=3e6, license="MIT", family="convnet"),
        "b": model_card(sha256=SHA["b"], params=8e7, license="CC-BY-NC"),
        HOSTILE: model_card(sha256=SHA["c"], params=5e6),
    }
    tasks = {
        "t1": task_card("First", sha256=SHA["1"], group="natural", classes=["x", "y"],
                        examples={"train": 800, "test": 1000}),
        "t2": task_card("Second", sha256=SHA["2"], group="structured"),
    }  # fmt: skip
    rows = []
    for (task, model), values in POINTS.items():
        where = names[model], task, "own"
        rows += [(*where, score, 0, values[score], np.nan, "") for score in ("linear", "knn")]
        rows += [
            (*where, "finetune", repeat, values["finetune"] + offset, SECONDS[model], "cpu")
            for repeat, offset in enumerate(OFFSETS)
        ]
    return entry("lab", "own", models, tasks, {"own": protocol_card(PROTOCOL)}, rows)


def paper():
    models = {
        "a-renamed": model_card(sha256=SHA["a"], params=3e6),
        "b": model_card(params=9e7),
    }
    tasks = {"first": task_card("FIRST", sha256=SHA["1"])}
    rows = [
        ("a-renamed", "first", "own", "finetune", 0, 0.5, np.nan, ""),
        ("b", "first", "own", "finetune", 0, 0.75, np.nan, ""),
    ]
    protocols = {"own": protocol_card({})}
    return entry("paper", "published", models, tasks, protocols, rows, "arXiv 1234.56789")


def store():
    return [lab(), paper()]
