"""What each strategy finds for the same cost: that of one, two, ... whole fine-tunings."""

import numpy as np
import pandas as pd

from needle.base.seeds import derive_seed
from needle.regret.uncertainty import means

ROUNDING = 1e-9  # relative; costs are sums of floats
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
    tables = [
        _of_strategy(mine, resamples, level, seed).assign(pool=pool, strategy=strategy)
        for (pool, strategy), mine in spending.groupby(["pool", "strategy"], sort=False)
    ]
    table = pd.concat(tables)[COLUMNS]
    places = pd.factorize(table["pool"])[0]
    # Stable: strategies keep their order.
    return table.iloc[np.lexsort((table["cost"], places))].reset_index(drop=True)


def _of_strategy(spending, resamples, level, seed):
    """Compute the rows of one pool and strategy."""
    costs = np.arange(1, 1 + spending["budget"].max())
    columns = ["budget", "relative_regret", "equivalent_steps"]
    values, whole = spending[columns].to_numpy().T, spending["whole_steps"].to_numpy()
    bought = [
        affordable(*values[:, rows], costs * whole[rows[0]])
        for rows in spending.groupby("task", sort=False).indices.values()
    ]
    budgets, regrets = np.stack(bought, axis=-1)  # costs x tasks
    answered = ~np.isnan(regrets)
    regrets[~answered.all(axis=1)] = np.nan
    averages = dict(zip(COLUMNS[-3:], means(regrets, resamples, level, seed), strict=True))
    return pd.DataFrame(
        {"cost": costs, "tasks": answered.sum(axis=1), "mean_budget": budgets.mean(axis=1)}
        | averages
    )


def affordable(budgets, regrets, costs, money):
    """Find the largest budget that a strategy can afford on one task.

    Parameters
    ----------
    budgets, regrets, costs : numpy.ndarray, shape (n,)
        Costs never fall; where the next budget costs no more, it has no more models to pick.
    money : numpy.ndarray, shape (m,)

    Returns
    -------
    numpy.ndarray, shape (2, m)
        The budgets, 0 where it can afford none, and the regrets, then NaN.

    Examples
    --------
    >>> affordable(np.array([1, 2]), np.array([0.3, 0.1]), np.array([150, 250]),
    ...            np.array([100, 200])).tolist()
    [[0.0, 1.0], [nan, 0.3]]
    """
    costs, first = np.unique(costs, return_index=True)
    place = np.searchsorted(costs, money * (1 + ROUNDING), side="right")
    return np.array([np.append(0, budgets[first])[place], np.append(np.nan, regrets[first])[place]])
