"""What some models of a pool change: regret with and without them, and where they are the best."""

import numpy as np
import pandas as pd

from needle.base.deltas import relative_delta
from needle.base.long_tables import by_tasks
from needle.base.seeds import derive_seed
from needle.regret.regret_table import regret_table
from needle.regret.uncertainty import means
from needle.scores.protocols import FINETUNE
from needle.scores.score_table import point_values
from needle.strategies.picks import pick_table

KEY = ["pool", "strategy", "budget"]
VALUES = ["oracle", "relative_regret"]
WITHOUT_COLUMNS = [
    *KEY,
    "tasks",
    "oracle",
    "oracle_without",
    "mean_relative_regret",
    "mean_relative_regret_without",
    "difference",
    "difference_low",
    "difference_high",
]
BEST_COLUMNS = ["pool", "task", "model", "accuracy", "best_without", "relative_gain"]


def regret_without(removed, scores, models, members, earlier=(), task_embeddings=None):
    """Compute the regret of every strategy as if some models had never been there.

    Nobody may pick them, no oracle knows them, and no strategy learns from their results.

    Parameters
    ----------
    removed : collection of str
    scores : DataFrame
        Columns of scores.csv.
    models, members, earlier, task_embeddings
        As in `picks.pick_table`.

    Returns
    -------
    DataFrame
        Columns pool, strategy, budget, task, oracle, relative_regret. A pool of nobody else is left
        out; there are no rows if nobody else has a fine-tune accuracy.
    """
    kept = {pool: [name for name in all_ if name not in removed] for pool, all_ in members.items()}
    rest = {pool: names for pool, names in kept.items() if names}
    scores = scores[~scores["model"].isin(removed)]
    columns = [*KEY, "task", *VALUES]
    if not rest or not (scores["score"].eq(FINETUNE) & scores["value"].notna()).any():
        return pd.DataFrame(columns=columns)
    models, points = models[~models.index.isin(removed)], point_values(scores)
    picks, _ = pick_table(models, rest, points, earlier, task_embeddings)
    # Without repeats: nobody asks for the intervals of single tasks.
    table = regret_table(picks, rest, scores[:0], points, resamples=0, level=0, seed=0)
    return table[columns]


def with_and_without(regret, without, resamples, level, seed):
    """Set the mean regret of every strategy beside what it is without some models.

    Parameters
    ----------
    regret : DataFrame
        Columns of regret.csv.
    without : DataFrame
        As `regret_without` gives it.
    resamples, level, seed : int, float, int
        Of the bootstrap over tasks.

    Returns
    -------
    DataFrame
        Columns of tables/without_additions.csv, rows of both tables only. All means are over the
        tasks that have an oracle in both; ``oracle`` is its mean accuracy. ``difference`` is the
        mean over tasks of the relative regret minus that without the models, positive where they
        make the strategy lose more; its interval resamples tasks, each with both.
    """
    columns = [*KEY, "task", *VALUES]
    texts = dict.fromkeys(["pool", "strategy", "task"], str)
    both = regret[columns].astype(texts).merge(
        without[columns].astype(texts), on=[*KEY, "task"], suffixes=("", "_without")
    )  # fmt: skip
    if both.empty:
        return pd.DataFrame(columns=WITHOUT_COLUMNS)
    asked = [f"{value}{suffix}" for value in VALUES for suffix in ("", "_without")]
    table, (oracle, before, regrets, regrets_before) = by_tasks(both, KEY, asked)
    table["tasks"] = (~np.isnan(regrets)).sum(axis=1)
    table["oracle"] = np.nanmean(oracle, axis=1)
    table["oracle_without"] = np.nanmean(before, axis=1)
    table["mean_relative_regret"] = np.nanmean(regrets, axis=1)
    table["mean_relative_regret_without"] = np.nanmean(regrets_before, axis=1)
    seed = derive_seed(seed, "tasks")  # that of tables/mean_regret.csv
    differences = means(regrets - regrets_before, resamples, level, seed)
    table["difference"], table["difference_low"], table["difference_high"] = differences
    return table[WITHOUT_COLUMNS]


def newly_best(points, members, added):
    """Find the tasks on which a model that was added is the best of a pool.

    Parameters
    ----------
    points : DataFrame
        Point values, index (task, model).
    members : dict of str to list of str
        Models of every pool.
    added : collection of str

    Returns
    -------
    DataFrame
        Columns of tables/newly_best.csv, a row for each pool and task on which an added model is
        more accurate than all others of the pool; of several equal ones the first is named.
        ``best_without`` is the accuracy of the best of the others, NaN if none has one;
        ``relative_gain`` is the relative delta of the two: the share of that one's errors which
        the new best does not make.

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([["t"], ["a", "b"]], names=["task", "model"])
    >>> points = pd.DataFrame({"finetune": [0.8, 0.9]}, index)
    >>> newly_best(points, {"all": ["a", "b"]}, ["b"])[["model", "relative_gain"]]
      model  relative_gain
    0     b            0.5
    """
    rows = []
    for pool, names in members.items():
        new, old = (
            [name for name in names if (name in added) == is_new] for is_new in (True, False)
        )
        for task in points.index.unique("task"):
            accuracies = points[FINETUNE].loc[task]
            mine = accuracies.reindex(new).dropna()
            before = accuracies.reindex(old).max()
            if len(mine) and not mine.max() <= before:
                gain = float(relative_delta(mine.max(), before))
                rows.append((pool, task, mine.idxmax(), mine.max(), before, gain))
    return pd.DataFrame(rows, columns=BEST_COLUMNS)
