"""All strategies beside the best-known proxy: regret, cost, and whether they differ from it."""

import numpy as np
import pandas as pd

from needle.base.long_tables import by_tasks
from needle.base.seeds import derive_seed
from needle.regret.paired_tests import holm, sign_flip_p_values
from needle.regret.uncertainty import means
from needle.strategies.registry import strategies

ORACLES = [name for name, strategy in strategies([]).items() if strategy.is_oracle]
COSTS = ["seconds", "steps"]  # columns of tables/cost.csv
KEY = ["pool", "budget", "strategy"]
STRATEGY_COLUMNS = [
    *KEY,
    "tasks",
    "ranked",
    "mean_relative_regret",
    "low",
    "high",
    *COSTS,
    "baseline",
    "difference",
    "difference_low",
    "difference_high",
    "p_value",
    "p_holm",
    "verdict",
]


def strategy_table(regret, budgets, baseline, cost, resamples, level, seed):
    """Average the regret of every strategy over tasks, and its difference from the baseline's.

    Parameters
    ----------
    regret : DataFrame
        Columns of regret.csv.
    budgets : list of int
    baseline : str or None
        The strategy to compare with.
    cost : DataFrame or None
        Columns of tables/cost.csv; None where the cost is not known.
    resamples, level, seed : int, float, int
        Of the bootstrap over tasks.

    Returns
    -------
    DataFrame
        Columns of tables/strategies.csv, within a pool and budget by mean relative regret, lowest
        first; ``tasks`` and ``ranked`` as in tables/mean_regret.csv. ``difference`` is the mean
        over tasks of the strategy's relative regret minus that of the baseline, negative where the
        strategy is better; its interval resamples tasks, each with both. ``p_value`` is that of
        `sign_flip_p_values`, ``p_holm`` the same corrected by `holm` for all comparisons of the
        pool: every budget and every strategy that is no oracle, where it and the baseline rank all
        tasks (`is_complete`). ``verdict`` is better or worse where ``p_holm`` is below 1 - `level`,
        else empty.
    """
    shown = regret[regret["budget"].isin(budgets)]
    table, (regrets, drawn) = by_tasks(shown, KEY, ["relative_regret", "drawn"])
    table["tasks"] = (~np.isnan(regrets)).sum(axis=1)
    table["ranked"] = (drawn == 0).sum(axis=1)
    # The seed of tables/mean_regret.csv: equal rows, equal intervals.
    bootstrap = resamples, level, derive_seed(seed, "tasks")
    averages = means(regrets, *bootstrap)
    table["mean_relative_regret"], table["low"], table["high"] = averages
    table["baseline"] = baseline or ""
    beside = _rows_of_baseline(table, baseline)
    deltas = regrets - np.where(beside[:, None] < 0, np.nan, regrets[beside])
    deltas[table["strategy"] == baseline] = np.nan
    differences = means(deltas, *bootstrap)
    table["difference"], table["difference_low"], table["difference_high"] = differences
    table["p_value"] = sign_flip_p_values(deltas, derive_seed(seed, "signs"))
    complete = is_complete(table).to_numpy()
    compared = complete & complete[beside] & ~table["strategy"].isin(ORACLES)
    tested = table["p_value"].where(compared)
    table["p_holm"] = tested.groupby(table["pool"]).transform(lambda rows: holm(rows.to_numpy()))
    significant = (table["p_holm"] < 1 - level).to_numpy()
    sides = np.where(differences[0] < 0, "better", "worse")
    table["verdict"] = np.where(significant, sides, "")
    if cost is not None:
        known = cost[[*KEY, *cost.columns.intersection(COSTS)]]
        table = table.merge(known, how="left", on=KEY)
    table = table.reindex(columns=STRATEGY_COLUMNS)
    pools = pd.Categorical(table["pool"], regret["pool"].unique())
    order = table.assign(pool=pools).sort_values([*KEY[:2], "mean_relative_regret"], kind="stable")
    return table.loc[order.index].reset_index(drop=True)


def by_chance(tasks):
    """Compute how likely one of two equal strategies is ahead on all tasks, whichever it is.

    Examples
    --------
    >>> by_chance(2), by_chance(6)
    (0.5, 0.03125)
    """
    return 2.0 ** (1 - tasks)


def is_complete(table):
    """Tell which rows rank enough models on all of their tasks; a column of bool."""
    return table["ranked"] == table["tasks"]


def _rows_of_baseline(table, baseline):
    """Find the baseline's row of the same pool and budget, for every row; -1 if there is none."""
    keys = pd.MultiIndex.from_frame(table[KEY[:2]])
    mine = np.flatnonzero(table["strategy"] == baseline)
    return np.append(mine, -1)[keys[mine].get_indexer(keys)]
