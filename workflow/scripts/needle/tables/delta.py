"""Pairs of strategies, compared on the same tasks and the same resamples."""

import numpy as np
import pandas as pd

from needle.base.deltas import log_odds_delta, relative_delta
from needle.base.long_tables import by_tasks
from needle.base.seeds import derive_seed
from needle.regret.accuracies import by_task
from needle.regret.formulas import best_by_budget
from needle.regret.regret_table import NOTHING, rankings_of
from needle.regret.uncertainty import interval, means
from needle.strategies.registry import RANDOM

PAIR = ["pool", "first", "second", "budget"]
DELTA_COLUMNS = [*PAIR, "task", "relative_delta", "low", "high", "logodds_delta"]


def delta_table(picks, members, scores, points, deltas, resamples, level, seed):
    """Compare pairs of strategies task by task.

    Parameters
    ----------
    picks, members, scores, points, resamples, level, seed
        As in `regret.regret_table`.
    deltas : list of dict
        ``first``, ``second``, ``budget``.

    Returns
    -------
    DataFrame
        Columns of tables/delta.csv; positive where `first` achieved more. ``low`` and ``high``
        bound the relative delta: in each resample of the repeats both strategies see the same
        accuracies. Pools smaller than the budget, tasks without an oracle and strategies that the
        run had to skip have no row.
    """
    order = [(delta["first"], delta["second"], delta["budget"]) for delta in deltas]
    sides = {side for first, second, _ in order for side in (first, second)}
    mine = picks[picks["strategy"].isin(sides)]
    rankings = rankings_of(mine, members)
    skipped = sides - {*mine["strategy"].unique(), RANDOM}
    order = [pair for pair in order if not skipped & set(pair[:2])]
    rows = []
    for task, accuracies in by_task(members, scores, points, resamples, seed):
        for pool, mine in accuracies.items():
            for first, second, budget in order:
                if budget > len(members[pool]):
                    continue
                pair = [rankings.get((pool, side, task), NOTHING)[0] for side in (first, second)]
                key = dict(zip(PAIR, (pool, first, second, budget), strict=True))
                rows.append(key | {"task": task} | _compare(pair, budget, mine, level))
    rows.sort(key=lambda row: order.index((row["first"], row["second"], row["budget"])))
    return pd.DataFrame(rows, columns=DELTA_COLUMNS)


def _compare(pair, budget, accuracies, level):
    first, second = (best_by_budget(accuracies.measured, each)[budget - 1] for each in pair)
    low = high = np.nan
    if accuracies.resampled is not None:
        sampled = [best_by_budget(accuracies.resampled, each)[:, budget - 1] for each in pair]
        low, high = interval(relative_delta(*sampled), level)
    return {
        "relative_delta": float(relative_delta(first, second)),
        "low": low,
        "high": high,
        "logodds_delta": float(log_odds_delta(first, second)),
    }


def mean_delta_table(delta, resamples, level, seed):
    """Average relative deltas over tasks.

    Returns
    -------
    DataFrame
        Columns pool, first, second, budget, tasks, mean_relative_delta, low, high: the interval
        resamples tasks, each with both strategies.
    """
    table, (deltas,) = by_tasks(delta, PAIR, ["relative_delta"])
    table["tasks"] = (~np.isnan(deltas)).sum(axis=1)
    averages = means(deltas, resamples, level, derive_seed(seed, "tasks"))
    table["mean_relative_delta"], table["low"], table["high"] = averages
    return table
