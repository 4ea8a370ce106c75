"""From scores to picks, regret and the tables that the figures draw."""

import numpy as np
import pandas as pd

from needle.errors import NeedleError
from needle.pools import empty_pool, select
from needle.regret import (
    best_by_budget,
    expected_best_of_random,
    log_odds_delta,
    relative_delta,
    relative_regret,
)
from needle.seeds import derive_seed
from needle.strategies.registry import RANDOM, strategies
from needle.uncertainty import interval, mean_interval, resample_medians

BY_ROW = ["pool", "strategy", "budget"]
GAP_COLUMNS = ["kind", "pool", "strategy", "task", "model", "reason"]


def pool_members(models, pools):
    """List the models of every pool.

    Parameters
    ----------
    models : DataFrame
        As `scores.read_models` gives it.
    pools : dict of str to dict
        The config's pools.

    Returns
    -------
    dict of str to list of str
        In declared order.

    Raises
    ------
    NeedleError
        For a pool that selects no model.
    """
    rows = models.to_dict("index")
    members = {pool: select(rows, declared["where"]) for pool, declared in pools.items()}
    for pool, chosen in members.items():
        if not chosen:
            raise empty_pool(pool, pools[pool]["where"])
    return members


def pick_table(models, members, points):
    """Rank every pool for every task with every strategy.

    Parameters
    ----------
    models : DataFrame
    members : dict of str to list of str
        Models of every pool.
    points : DataFrame
        Point values, index (task, model); every score but ``finetune`` is a proxy.

    Returns
    -------
    tuple of DataFrame
        picks.csv, and the gaps: what is missing from it and why.
    """
    proxies = [score for score in points.columns if score != "finetune"]
    tasks = points.index.unique("task")
    picks, gaps = [], []
    for task in tasks:
        for model, value in points["finetune"].loc[task].items():
            if np.isnan(value):
                gaps.append(("diverged", "", "", task, model, "no fine-tune run had a finite loss"))
    for pool, names in members.items():
        for strategy, rank in strategies(proxies).items():
            for task in tasks:
                ranking = rank(models.loc[names], task, points)
                picks += [
                    (pool, strategy, task, place, model)
                    for place, model in enumerate(ranking.models, start=1)
                ]
                if ranking.reason:
                    gaps.append(("short ranking", pool, strategy, task, "", ranking.reason))
    columns = ["pool", "strategy", "task", "rank", "model"]
    return pd.DataFrame(picks, columns=columns), pd.DataFrame(gaps, columns=GAP_COLUMNS)


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
        Columns of regret.csv; `low` and `high` bound the relative regret. A task on which no model
        of a pool has a fine-tune accuracy has no oracle and is left out for that pool.

    Raises
    ------
    NeedleError
        If no pool has an oracle on any task.
    """
    finetune = scores[scores["score"] == "finetune"].dropna(subset="value")
    repeats = finetune.groupby(["task", "model"])["value"].apply(list).to_dict()
    rankings = picks.groupby(["pool", "task", "strategy"], sort=False)["model"].apply(list)
    names = [*picks["strategy"].unique(), RANDOM]
    blocks = []
    for task in points.index.unique("task"):
        accuracies = points["finetune"].loc[task]
        samples = pd.DataFrame(
            resample_medians(
                [repeats.get((task, model), []) for model in accuracies.index],
                resamples,
                derive_seed(seed, "bootstrap", task),
            ),
            columns=accuracies.index,
        )
        for pool, models in members.items():
            if accuracies[models].isna().all():
                continue
            for strategy in names:
                ranking = rankings.get((pool, task, strategy), [])
                blocks.append(
                    _regret_block(accuracies[models], samples[models], ranking, strategy, level)
                    .assign(pool=pool, strategy=strategy, task=task)
                )  # fmt: skip
    if not blocks:
        raise NeedleError(
            "scores.csv: no model has a fine-tune accuracy on any task; see tables/gaps.csv, and "
            "lower finetune.learning_rates in the config if the runs diverged"
        )
    order = [*BY_ROW, "task", "oracle", "achieved", "absolute_regret", "relative_regret",
             "logodds_regret", "low", "high"]  # fmt: skip
    return pd.concat(blocks, ignore_index=True)[order]


def _regret_block(accuracies, samples, ranking, strategy, level):
    """Compute one (pool, strategy, task): a row for every budget."""
    if strategy == RANDOM:
        known = accuracies.notna().to_numpy()
        best = np.full(len(accuracies), np.nan)
        sampled = np.full(samples.shape, np.nan)
        best[: known.sum()] = expected_best_of_random(accuracies[known])
        sampled[:, : known.sum()] = expected_best_of_random(samples.loc[:, known])
    else:
        positions = accuracies.index.get_indexer(ranking)
        best = best_by_budget(accuracies, positions)
        sampled = best_by_budget(samples, positions)
    oracle = accuracies.max()
    low, high = interval(relative_regret(samples.max(axis=1).to_numpy()[:, None], sampled), level)
    return pd.DataFrame(
        {
            "budget": np.arange(1, len(accuracies) + 1),
            "oracle": oracle,
            "achieved": best,
            "absolute_regret": oracle - best,
            "relative_regret": relative_regret(oracle, best),
            "logodds_regret": log_odds_delta(oracle, best),
            "low": low,
            "high": high,
        }
    )


def oracle_gaps(members, points):
    """Name the (pool, task) that have no oracle and are left out of the regret table."""
    gaps = [
        ("no oracle", pool, "", task, "", "no model of the pool has a fine-tune accuracy")
        for task in points.index.unique("task")
        for pool, models in members.items()
        if points["finetune"].loc[task].reindex(models).isna().all()
    ]
    return pd.DataFrame(gaps, columns=GAP_COLUMNS)


def mean_regret_table(regret, resamples, level, seed):
    """Average relative regret over tasks, by pool, strategy and budget.

    Returns
    -------
    DataFrame
        Columns pool, strategy, budget, tasks, mean_relative_regret, low, high: the interval
        resamples tasks.
    """
    # One seed for all rows: they resample the same tasks, so that equal rows have equal intervals.
    seed = derive_seed(seed, "tasks")
    rows = []
    for key, group in regret.groupby(BY_ROW, sort=False):
        values = group["relative_regret"].dropna()
        low, high = mean_interval(values, resamples, level, seed)
        rows.append((*key, len(values), values.mean(), low, high))
    return pd.DataFrame(rows, columns=[*BY_ROW, "tasks", "mean_relative_regret", "low", "high"])


def delta_table(regret, deltas):
    """Compare pairs of strategies task by task.

    Parameters
    ----------
    regret : DataFrame
        Columns of regret.csv.
    deltas : list of dict
        ``first``, ``second``, ``budget``.

    Returns
    -------
    DataFrame
        Columns pool, first, second, budget, task, relative_delta, logodds_delta; positive where
        `first` achieved more.
    """
    by_strategy = regret.set_index(["pool", "task"]).groupby(["strategy", "budget"])["achieved"]
    achieved = dict(list(by_strategy))
    tables = []
    for delta in deltas:
        if delta["budget"] > regret["budget"].max():
            continue
        first, second = (achieved[delta[side], delta["budget"]] for side in ("first", "second"))
        values = {
            "relative_delta": relative_delta(first, second),
            "logodds_delta": log_odds_delta(first, second),
        }
        tables.append(pd.DataFrame(values, index=first.index).reset_index().assign(**delta))
    order = ["pool", "first", "second", "budget", "task", "relative_delta", "logodds_delta"]
    return pd.concat(tables, ignore_index=True)[order] if tables else pd.DataFrame(columns=order)


def optimal_pick_table(regret):
    """Compute the share of tasks with zero regret by budget (the paper's figure 7).

    Random search has no picks to look at and is left out.
    """
    ranked = regret[regret["strategy"] != RANDOM].dropna(subset="relative_regret")
    share = ranked.groupby(BY_ROW, sort=False)["relative_regret"].apply(lambda x: (x == 0).mean())
    return share.rename("optimal_share").reset_index()


def noise_table(scores):
    """Measure how much of a regret the random seeds of fine-tuning explain.

    Parameters
    ----------
    scores : DataFrame
        Columns of scores.csv.

    Returns
    -------
    DataFrame
        By task: ``seed_std``, the standard deviation of fine-tune accuracy over repeats, averaged
        over models; ``model_std``, that of the models' medians; ``noise_floor``, the mean relative
        regret of choosing by one repeat when judged by the median of the others, the least that
        can be expected of a perfect but seed-blind choice. NaN where there is one repeat.
    """
    rows = []
    finetune = scores[scores["score"] == "finetune"]
    for task, group in finetune.groupby("task", sort=False):
        repeats = group.pivot(index="repeat", columns="model", values="value")
        rows.append(
            {
                "task": task,
                "seed_std": repeats.std().mean(),
                "model_std": repeats.median().std(),
                "noise_floor": _noise_floor(repeats),
            }
        )
    return pd.DataFrame(rows)


def _noise_floor(repeats):
    """Average the regret of choosing by one row of `repeats`, judged by the others."""
    complete = repeats.dropna(axis="columns")
    if len(complete) < 2 or complete.empty:
        return np.nan
    regrets = []
    for repeat in complete.index:
        others = complete.drop(index=repeat).median()
        chosen = complete.loc[repeat].idxmax()
        regrets.append(relative_regret(others.max(), others[chosen]))
    return np.mean(regrets)
