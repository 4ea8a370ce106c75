"""Reading the run's own tables."""

import io
from pathlib import Path

import pandas as pd

from needle.base.errors import NeedleError

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
    "baseline",
    "verdict",
    "candidate",
    "models",
    "members",
    "weights",
    "known_by",
]


def read_table(path, texts=()):
    """Read a CSV table of a run.

    Names stay texts, also where they look like numbers, and an absent one is an empty text; of the
    other columns only an empty cell is missing. `texts` names more columns of texts.

    Raises
    ------
    NeedleError
        If the file is empty or was cut within a line.
    """
    texts = [*TEXTS, *texts]
    content = Path(path).read_bytes()
    if not content.endswith(b"\n"):
        raise NeedleError(f"{path}: its end is missing; delete it and run again")
    table = pd.read_csv(
        io.BytesIO(content), dtype=dict.fromkeys(texts, str), keep_default_na=False, na_values=[""]
    )
    texts = table.columns.intersection(texts)
    return table.fillna(dict.fromkeys(texts, ""))


def read_tables(paths):
    """Read tables of the same columns, one below the other; see `read_table`.

    Returns
    -------
    DataFrame
        An empty one among others changes no type.
    """
    tables = list(map(read_table, paths))
    return pd.concat([each for each in tables if len(each)] or tables[:1], ignore_index=True)


def read_runs(path, count=None):
    """Read the runs of one (model, task): proxy runs or fine-tuning runs.

    Parameters
    ----------
    path : path
    count : int, optional
        How many runs the protocol has; any number if not given.

    Returns
    -------
    DataFrame
        One row per run.

    Raises
    ------
    NeedleError
        If the file was cut, or holds another number of runs.
    """
    table = read_table(path)
    if count is not None and len(table) != count:
        raise NeedleError(
            f"{path}: has {len(table)} runs instead of {count}; delete it and run again"
        )
    return table
