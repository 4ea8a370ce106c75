"""Level pools: the models of a pool that are about as good as its best, on average over tasks.

Where some models are better on all tasks, whoever knows them needs to know nothing of the task at
hand. Among models that are level on average a strategy has to.
"""

import numpy as np
import pandas as pd

LEVEL_POOL_COLUMNS = ["pool", "tasks", "model", "family", "mean_accuracy", "reason"]
FEWEST_TASKS = 2  # to speak of a mean over tasks
SUFFIX = "/level"  # no declared pool can have a slash in its name


def level_name(pool):
    """Name the level pool of a pool.

    Examples
    --------
    >>> level_name("all")
    'all/level'
    """
    return pool + SUFFIX


def with_level_pools(pools):
    """Say what a reader calls the declared pools and their level pools.

    Parameters
    ----------
    pools : dict of str to dict
        The config's pools.

    Returns
    -------
    dict of str to str

    Examples
    --------
    >>> with_level_pools({"all": {"label": "ALL", "where": {}}})
    {'all': 'ALL', 'all/level': 'ALL, level'}
    """
    labels = {pool: declared["label"] for pool, declared in pools.items()}
    return labels | {level_name(pool): f"{label}, level" for pool, label in labels.items()}


def mean_accuracies(accuracies):
    """Average over the tasks that all models have.

    Parameters
    ----------
    accuracies : DataFrame
        A row for each task, a column for each model; NaN where there is none. A model without any
        accuracy is left out: it is no candidate.

    Returns
    -------
    tuple of Series and int
        Means by model, and the number of tasks.
    """
    common = accuracies.dropna(axis=1, how="all").dropna(axis=0)
    return common.mean(axis=0), len(common) if len(common.columns) else 0


def level_pools(models, members, points, margin):
    """Find the level pool of every declared pool.

    Parameters
    ----------
    models : DataFrame
        As `score_table.read_models` gives it.
    members : dict of str to list of str
    points : DataFrame
        Point values, index (task, model).
    margin : float
        A model is in if its mean fine-tune accuracy, over the tasks that all of the pool's models
        have, is at most so much, as a fraction, below the best one's.

    Returns
    -------
    DataFrame
        Columns of tables/level_pools.csv: a row for each member, in declared order, since that
        breaks ties; for a pool without a level pool one row, with the reason.
    """
    wide = points["finetune"].unstack("model")
    blocks = []
    for pool, names in members.items():
        means, tasks = mean_accuracies(wide.reindex(columns=names))
        # Means that are equal on paper may differ in their last digits.
        level = means[means >= means.max() - margin - 1e-12]
        reason = _reason(level, len(means), tasks, margin)
        rows = pd.DataFrame({"model": [""]} if reason else {"model": level.index})
        rows["mean_accuracy"] = np.nan if reason else level.to_numpy()
        rows["family"] = "" if reason else models["family"].reindex(level.index).to_numpy()
        blocks.append(rows.assign(pool=level_name(pool), tasks=tasks, reason=reason))
    return pd.concat(blocks, ignore_index=True)[LEVEL_POOL_COLUMNS]


def _reason(level, models, tasks, margin):
    """Say why there is no level pool; empty if there is one."""
    if tasks < FEWEST_TASKS:
        return f"the tasks on which all of its models have results are {tasks}"
    if len(level) == models:
        return f"all of its models are within {100 * margin:g} points of the best"
    if len(level) == 1:
        return f"no other model is within {100 * margin:g} points of the best"
    return ""


def level_members(table):
    """List the models of every level pool.

    Parameters
    ----------
    table : DataFrame
        Columns of tables/level_pools.csv.

    Returns
    -------
    dict of str to list of str
    """
    there = table[table["reason"] == ""]
    return {pool: list(rows) for pool, rows in there.groupby("pool", sort=False)["model"]}
