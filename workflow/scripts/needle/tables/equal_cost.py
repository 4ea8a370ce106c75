"""What each strategy finds for the same cost: that of one, two, ... whole fine-tunings."""

import numpy as np
import pandas as pd

from needle.seeds import derive_seed
from needle.tables.blocks import by_tasks
from needle.uncertainty import means

ROUNDING = 1e-9  # of costs: sums of floats
COLUMNS = ["pool", "cost", "strategy", "tasks", "mean_budget", "mean_relative_regret", "low",
           "high"]  # fmt: skip


def equal_cost_table(spending, resamples, level, seed):
    """Let every strategy take the largest budget that it can afford.

    Parameters
    ----------
    spending : DataFrame
        As `cost.spending_table` gives it.
    resamples, level, seed : int, float, int
        Of the bootstrap over tasks, as in `summary.mean_regret_table`.

    Returns
    -------
    DataFrame
        Columns of tables/equal_cost.csv, by pool, cost and strategy. ``cost`` is in fine-tunings of
        one model to the end, with all learning rates; what embedding and proxies cost is counted as
        the steps that would take as long. ``tasks`` counts those on which the strategy can afford
        to fine-tune at least one model, ``mean_budget`` is over all its tasks, and regret is
        missing as long as there is a task on which it can afford none.
    """
    seed = derive_seed(seed, "tasks")
    groups = spending.groupby(["pool", "strategy"], sort=False, observed=True)
    tables = [
        _of_strategy(mine, resamples, level, seed).assign(pool=pool, strategy=strategy)
        for (pool, strategy), mine in groups
    ]
    table = pd.concat(tables)[COLUMNS]
    pools = table["pool"].map({pool: place for place, pool in enumerate(table["pool"].unique())})
    order = np.lexsort((table["cost"], pools))  # stable: strategies keep their order
    return table.iloc[order].reset_index(drop=True)


def _of_strategy(spending, resamples, level, seed):
    """Compute the rows of one pool and strategy."""
    groups = spending.groupby("task", sort=False, observed=True)
    bought = pd.concat([affordable(mine).assign(task=task) for task, mine in groups])
    table, (budgets, regrets) = by_tasks(bought, ["cost"], ["budget", "relative_regret"])
    answered = ~np.isnan(regrets)
    regrets[~answered.all(axis=1)] = np.nan
    values = means(regrets, resamples, level, seed)
    return table.assign(
        tasks=answered.sum(axis=1),
        mean_budget=budgets.mean(axis=1),
        **dict(zip(COLUMNS[-3:], values, strict=True)),
    )


def affordable(spending):
    """Find the largest budget that a strategy can afford on one task, for every cost.

    Parameters
    ----------
    spending : DataFrame
        Of one pool, strategy and task: budget, relative_regret, equivalent_steps, whole_steps.

    Returns
    -------
    DataFrame
        Columns cost (1, 2, ... whole fine-tunings, up to the largest budget), budget, 0 where it
        can afford none, and relative_regret, then NaN.

    Examples
    --------
    >>> affordable(pd.DataFrame({"budget": [1, 2], "relative_regret": [0.3, 0.1],
    ...                          "equivalent_steps": [150, 250], "whole_steps": 100}))
       cost  budget  relative_regret
    0     1       0              NaN
    1     2       1              0.3
    """
    costs = np.arange(1, 1 + spending["budget"].max())
    # A budget that costs no more has found no more models to pick.
    spending = spending.sort_values("budget").drop_duplicates("equivalent_steps")
    money = costs * spending["whole_steps"].to_numpy()[0] * (1 + ROUNDING)
    place = np.searchsorted(spending["equivalent_steps"], money, side="right")
    return pd.DataFrame(
        {
            "cost": costs,
            "budget": np.append(0, spending["budget"])[place],
            "relative_regret": np.append(np.nan, spending["relative_regret"])[place],
        }
    )
