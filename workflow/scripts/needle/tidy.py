"""Reading the run's own tables."""

import pandas as pd

TEXTS = [
    "pool",
    "strategy",
    "first",
    "second",
    "proxy",
    "score",
    "stage",
    "task",
    "model",
    "label",
    "group",
    "kind",
    "reason",
    "split",
    "path",
    "problem",
    "action",
    "predicted",
    "why",
    "left_out",
]


def read_table(path, texts=()):
    """Read a CSV table of a run.

    Names stay texts, also where they look like numbers, and an absent one is an empty text; of the
    other columns only an empty cell is missing. `texts` names more columns of texts.
    """
    texts = [*TEXTS, *texts]
    table = pd.read_csv(
        path, dtype=dict.fromkeys(texts, str), keep_default_na=False, na_values=[""]
    )
    texts = table.columns.intersection(texts)
    return table.fillna(dict.fromkeys(texts, ""))
