"""The score table: one row per (model, task, score, repeat), made from the runs' own files.

Everything before this table produces scores; everything after it only reads them.
"""

import pandas as pd

from needle.base.errors import NeedleError
from needle.base.run_tables import read_table
from needle.scores.columns import (
    LIST_COLUMNS,
    MISSING_COLUMNS,
    MODEL_COLUMNS,
    SCORE_COLUMNS,
    TASK_COLUMNS,
)
from needle.scores.protocols import is_finetune


def finetune_repeats(runs):
    """Choose the learning rate of every repeat of fine-tuning.

    Parameters
    ----------
    runs : DataFrame
        Columns repeat, learning_rate, val_accuracy, test_accuracy, diverged; one row per run.

    Returns
    -------
    Series
        By repeat: test accuracy of the run with the best validation accuracy among those that did
        not diverge (the first in case of ties); NaN where all diverged. Their median is the
        paper's fine-tune accuracy.

    Examples
    --------
    >>> runs = pd.DataFrame({"repeat": [0, 0], "learning_rate": [0.1, 0.01], "diverged": False,
    ...                      "val_accuracy": [0.5, 0.6], "test_accuracy": [0.55, 0.52]})
    >>> finetune_repeats(runs).to_dict()
    {0: 0.52}
    """
    finite = runs[~runs["diverged"].astype(bool)].reset_index(drop=True)
    best = finite.groupby("repeat")["val_accuracy"].idxmax()
    chosen = pd.Series(finite["test_accuracy"].to_numpy()[best.to_numpy()], index=best.index)
    return chosen.reindex(pd.Index(runs["repeat"].unique(), name="repeat"))


def proxy_repeats(runs):
    """Take the best value over learning rates of every repeat.

    Parameters
    ----------
    runs : DataFrame
        Columns repeat, learning_rate, value; one row per run.

    Returns
    -------
    Series
        By repeat; NaN where no run has a value.
    """
    return runs.groupby("repeat")["value"].max()


def missing_reason(runs):
    """Say why a proxy has no value at all.

    Parameters
    ----------
    runs : DataFrame
        Columns value and reason; one row per run.

    Returns
    -------
    str
        "" if there is a value.

    Examples
    --------
    >>> missing_reason(pd.DataFrame({"value": [None, None], "reason": ["no head", "no head"]}))
    'no head'
    """
    return runs["reason"].iloc[0] if runs["value"].isna().all() else ""


def score_rows(model, task, score, repeats):
    """Lay out one (model, task, score) as rows of scores.csv."""
    return pd.DataFrame(
        {"model": model, "task": task, "score": score, "repeat": repeats.index,
         "value": repeats.to_numpy()}
    )  # fmt: skip


def point_values(scores):
    """Reduce a score table to the paper's point values: the median over repeats.

    Parameters
    ----------
    scores : DataFrame
        Columns of scores.csv.

    Returns
    -------
    DataFrame
        Index (task, model), one column per score; NaN where there is no value.
    """
    return scores.pivot_table(
        index=["task", "model"], columns="score", values="value", aggfunc="median", dropna=False,
        sort=False,
    ).rename_axis(columns=None)  # fmt: skip


def read_models(path):
    """Read models.csv: index model in declared order, ``tags`` as lists."""
    table = _read(path, MODEL_COLUMNS)
    for column in LIST_COLUMNS:
        table[column] = [text.split(";") if isinstance(text, str) else [] for text in table[column]]
    return table.set_index("model", drop=False)


def read_tasks(path):
    """Read tasks.csv: columns task, label, group, in the order of the figures."""
    return _read(path, TASK_COLUMNS)


def read_missing(path):
    """Read missing.csv: columns model, task, score, reason; no row where nothing is missing."""
    return read_table(path)[MISSING_COLUMNS]


def read_scores(path):
    """Read scores.csv and check that fine-tune accuracies are fractions."""
    table = _read(path, SCORE_COLUMNS)
    accuracies = table[table["score"].isin(list(filter(is_finetune, table["score"].unique())))]
    wrong = accuracies[(accuracies["value"] < 0) | (accuracies["value"] > 1)]
    if len(wrong):
        row = wrong.iloc[0]
        raise NeedleError(
            f"{path}: {row['score']} of {row['model']} on {row['task']} is {row['value']}; "
            "accuracies are fractions between 0 and 1"
        )
    return table


def _read(path, columns):
    table = read_table(path)
    if list(table.columns) != columns:
        raise NeedleError(f"{path}: its columns are not {', '.join(columns)}")
    if table.empty:
        raise NeedleError(f"{path}: has no rows; delete it and run again")
    return table
