"""Regret over tasks: means, optimal picks, and the budget that zero regret takes."""

import numpy as np
import pandas as pd

from needle.base.long_tables import by_tasks
from needle.base.seeds import derive_seed
from needle.regret.regret_table import rankings_of
from needle.regret.uncertainty import means
from needle.strategies.registry import RANDOM

BY_ROW = ["pool", "strategy", "budget"]
VALUES = ["relative_regret", "expected_relative_regret"]


def mean_regret_table(regret, resamples, level, seed):
    """Average relative regret over tasks, by pool, strategy and budget.

    Returns
    -------
    DataFrame
        Columns of tables/mean_regret.csv: ``tasks`` are those with an oracle, for all strategies of
        a pool; on ``ranked`` of them the strategy ranks enough models, on the others the rest of
        its picks is drawn at random. The interval of the mean relative regret resamples tasks;
        ``mean_expected_relative_regret`` is the mean over all orders of ties.
    """
    # One seed for all rows: they resample the same tasks, so that equal rows have equal intervals.
    seed = derive_seed(seed, "tasks")
    tables = []
    for _, table, (regrets, expected, drawn) in _by_strategy(regret, [*VALUES, "drawn"]):
        table["tasks"] = regrets.shape[1]
        table["ranked"] = (drawn == 0).sum(axis=1)
        averages = means(regrets, resamples, level, seed)
        table["mean_relative_regret"], table["low"], table["high"] = averages
        tables.append(table.assign(mean_expected_relative_regret=expected.mean(axis=1)))
    return pd.concat(tables, ignore_index=True)


def optimal_pick_table(regret):
    """Compute the share of tasks with zero regret by budget (the paper's figure 7).

    Random search has no picks to look at and is left out. Of picks that are drawn at random only
    those count as optimal that leave no regret whatever is drawn.
    """
    tables = [
        table.assign(optimal_share=(regrets == 0).mean(axis=1))
        for strategy, table, (regrets,) in _by_strategy(regret, VALUES[:1])
        if strategy != RANDOM
    ]
    return pd.concat(tables, ignore_index=True)


def _by_strategy(regret, columns):
    """Take a table apart: its `BY_ROW`, and each column with the tasks side by side.

    One strategy and one column at a time, since a table may have millions of rows.
    """
    for pool in regret["pool"].unique():
        in_pool = (regret["pool"] == pool).to_numpy()
        for strategy in regret["strategy"].unique():
            rows = np.flatnonzero(in_pool & (regret["strategy"] == strategy).to_numpy())
            if not len(rows):
                continue
            mine = {name: regret[name].iloc[rows] for name in ["budget", "task", *columns]}
            table, arrays = by_tasks(pd.DataFrame(mine), ["budget"], columns)
            table.insert(0, "pool", pool)
            table.insert(1, "strategy", strategy)
            yield strategy, table, arrays


def budget_table(picks, members, points):
    """Find the budget that each strategy needs for zero regret (the paper's tables 4 and 5).

    Parameters
    ----------
    picks : DataFrame
        Columns of picks.csv.
    members : dict of str to list of str
    points : DataFrame
        Point values, index (task, model).

    Returns
    -------
    DataFrame
        Columns pool, strategy, task, budget: 1 + the number of models that rank strictly before
        the best one; of several best, the first counts. NaN where none of them is ranked.
    """
    reached = {
        (pool, task): points["finetune"].loc[task].reindex(models).to_numpy(dtype=float)
        for pool, models in members.items()
        for task in points.index.unique("task")
    }
    rows = []
    for (pool, strategy, task), (places, tied_ranks) in rankings_of(picks, members).items():
        accuracies = reached[pool, task]
        if np.isnan(accuracies).all():
            continue
        tied_ranks = tied_ranks[accuracies[places] == np.nanmax(accuracies)]
        rows.append((pool, strategy, task, tied_ranks.min() if len(tied_ranks) else pd.NA))
    return pd.DataFrame(rows, columns=["pool", "strategy", "task", "budget"]).astype(
        {"budget": "Int64"}
    )
