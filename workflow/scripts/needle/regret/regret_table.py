"""The regret of every strategy."""

from itertools import pairwise

import numpy as np
import pandas as pd

from needle.base.deltas import log_odds_delta, relative_regret
from needle.base.errors import NeedleError
from needle.base.long_tables import stack
from needle.regret.accuracies import by_task
from needle.regret.formulas import best_by_budget, expected_regrets, left_over
from needle.regret.uncertainty import interval
from needle.strategies.registry import RANDOM

KEY = ["pool", "strategy", "task"]
NOTHING = np.array([], int), np.array([], int)  # a ranking: all picks are drawn, as random does
REGRET_COLUMNS = [
    "pool",
    "strategy",
    "budget",
    "task",
    "drawn",
    "oracle",
    "achieved",
    "absolute_regret",
    "relative_regret",
    "expected_relative_regret",
    "logodds_regret",
    "low",
    "high",
]


def rankings_of(picks, members):
    """Take the rankings out of picks.csv, where the rows of each lie together.

    Returns
    -------
    dict of tuple to tuple of numpy.ndarray
        By (pool, strategy, task): positions of the ranked models in their pool, best first, and
        their tied ranks.
    """
    picked = picks["model"].astype("category").cat
    numbers, tied_ranks = picked.codes.to_numpy(), picks["tied_rank"].to_numpy()
    places = {
        pool: pd.Index(models).get_indexer(picked.categories) for pool, models in members.items()
    }
    parts = [picks[name].astype("category").cat for name in KEY]
    codes = [part.codes.to_numpy() for part in parts]
    begins = np.logical_or.reduce([np.diff(code, prepend=-1) != 0 for code in codes])
    starts = np.flatnonzero(begins)
    rankings = {}
    for start, end in pairwise([*starts, len(picks)]):
        key = tuple(part.categories[code[start]] for part, code in zip(parts, codes, strict=True))
        if key[0] in places:
            rows = slice(start, end)
            rankings[key] = places[key[0]][numbers[rows]], tied_ranks[rows]
    return rankings


def regret_table(picks, members, scores, points, resamples, level, seed):
    """Compute the regret of every strategy for every pool, task and budget up to the pool's size.

    Parameters
    ----------
    picks : DataFrame
        Columns of picks.csv.
    members : dict of str to list of str
    scores : DataFrame
        Columns of scores.csv; its fine-tune repeats are resampled.
    points : DataFrame
        Point values, index (task, model).
    resamples, level, seed : int, float, int
        Of the bootstrap over repeats.

    Returns
    -------
    DataFrame
        Columns of regret.csv. ``drawn`` counts the picks that are drawn at random since the
        strategy ranks fewer models; of random search, which is meant so, none.
        ``expected_relative_regret`` is the mean over all orders of a ranking's ties; ``low`` and
        ``high`` bound the relative regret and are NaN where no model of the pool has two repeats.
        A task on which no model of a pool has a fine-tune accuracy has no oracle and is left out
        for that pool; on all others every strategy has a regret at every budget.

    Raises
    ------
    NeedleError
        If no pool has an oracle on any task.
    """
    tasks = points.index.unique("task")
    names = [*picks["strategy"].unique(), RANDOM]
    most = len(tasks) * len(names) * sum(map(len, members.values()))
    rankings = rankings_of(picks, members)
    blocks = (
        ((pool, strategy, task), _regret_block(strategy, ranking, mine, level))
        for task, accuracies in by_task(members, scores, points, resamples, seed)
        for pool, mine in accuracies.items()
        for strategy in names
        for ranking in [rankings.get((pool, strategy, task), NOTHING)]
    )
    table = stack(blocks, most, REGRET_COLUMNS)
    if table.empty:
        raise NeedleError(
            "scores.csv: no model has a fine-tune accuracy on any task; see tables/gaps.csv, and "
            "lower finetune.learning_rates in the config if the runs diverged"
        )
    return table


def _regret_block(strategy, ranking, accuracies, level):
    """Compute one (pool, strategy, task): the columns that have a row for every budget."""
    oracle = np.nanmax(accuracies.measured)
    places, tied_ranks = ranking
    best = best_by_budget(accuracies.measured, places)
    regret = relative_regret(oracle, best)
    rest = left_over(accuracies.measured, places)
    low = high = np.full(len(best), np.nan)
    if accuracies.resampled is not None:
        low, high = _interval(places, accuracies.resampled, level)
    # What is drawn at random is one more tie, after all others.
    everyone = np.append(places, rest)
    tied_ranks = np.append(tied_ranks, np.full(len(rest), len(places) + 1))
    expected = expected_regrets(oracle, accuracies.measured[everyone], tied_ranks)
    budgets = np.arange(1, 1 + len(best))
    drawn = np.minimum(budgets, len(everyone)) - len(places)
    return {
        "budget": budgets,
        "drawn": np.zeros_like(budgets) if strategy == RANDOM else drawn.clip(0),
        "oracle": np.full(len(best), oracle),
        "achieved": best,
        "absolute_regret": oracle - best,
        "relative_regret": regret,
        "expected_relative_regret": np.append(expected, regret[len(everyone) :]),
        "logodds_regret": log_odds_delta(oracle, best),
        "low": low,
        "high": high,
    }


def _interval(ranking, resampled, level):
    """Bound the relative regret at every budget."""
    best = best_by_budget(resampled, ranking)
    # Most budgets add a model that is in no resample better than those before.
    changes = np.append(True, (best[:, 1:] != best[:, :-1]).any(axis=0))
    oracles = np.fmax.reduce(resampled, axis=1)[:, None]
    ends = interval(relative_regret(oracles, best[:, changes]), level)
    return [end[np.cumsum(changes) - 1] for end in ends]
