"""What each strategy spends, in seconds and in fine-tune steps, to reach its regret."""

import numpy as np
import pandas as pd

from needle.finetuning.partial import partial_scores
from needle.regret.regret_table import rankings_of
from needle.scores.seconds import EMBEDDING, FINETUNE, MEASURED
from needle.strategies.halving import last_rounds
from needle.strategies.registry import RANDOM

KEYS = ["pool", "strategy", "task"]
BY_ROW = ["pool", "strategy", "budget"]
UNITS = ["seconds", "steps", "equivalent_steps"]
OF_POOL = ["exhaustive", "whole_steps"]


def spending_table(seconds, picks, members, regret, strategies, points):
    """Set what each strategy spends on each task beside the regret it reaches there.

    Parameters
    ----------
    seconds : DataFrame
        Columns of seconds.csv.
    picks : DataFrame
        Columns of picks.csv.
    members : dict of str to list of str
        Models of every pool.
    regret : DataFrame
        Columns of regret.csv.
    strategies : dict of str to Strategy
        As `registry.strategies` lists them. Oracles are left out: what they know is not for sale.
    points : DataFrame
        Point values, index (task, model): what successive halving goes by.

    Returns
    -------
    DataFrame
        Columns pool, strategy, task, budget, relative_regret; what `spent` computes, in `UNITS`:
        seconds, fine-tune steps, and these with the steps that embedding and proxies would take as
        long as. Also ``exhaustive``, the seconds of fine-tuning the whole pool, and
        ``whole_steps``, the steps of a model that does not diverge. NaN where a second is missing.
    """
    rounds = partial_scores(points.columns)
    tables = _by_unit(seconds, rounds)
    rankings = rankings_of(picks, members)
    practical = [name for name, strategy in strategies.items() if not strategy.is_oracle]
    known = regret[regret["strategy"].isin([*practical, RANDOM])].dropna(subset="relative_regret")
    of_pool = {
        (pool, task): _stages(models, task, tables)
        for pool, models in members.items()
        for task in known["task"].unique()
    }
    budgets = known["budget"].to_numpy()
    spendings = np.empty((len(known), len(UNITS + OF_POOL)))
    for (pool, name, task), rows in known.groupby(KEYS, sort=False).indices.items():
        stages, was_run = of_pool[pool, task]
        if name == RANDOM:
            spends = spent_at_random(stages, was_run)
        elif strategies[name].halves:
            accuracies = points.loc[task].reindex(index=members[pool], columns=rounds)
            last = _last_stages(accuracies, was_run)
            spends = spent_halving(last, rankings[pool, name, task][0], stages)
        else:
            spends = spent(strategies[name], rankings[pool, name, task][0], stages)
        spendings[rows, : len(UNITS)] = spends[budgets[rows] - 1]
        spendings[rows, len(UNITS) :] = stages[FINETUNE][:, 0].sum(), stages[FINETUNE][:, 1].max()
    table = known[[*KEYS, "budget", "relative_regret"]].reset_index(drop=True)
    return table.assign(**dict(zip([*UNITS, *OF_POOL], spendings.T, strict=True)))


def cost_table(spending):
    """Average what each strategy spends over the tasks on which it picks anything.

    Parameters
    ----------
    spending : DataFrame
        As `spending_table` gives it.

    Returns
    -------
    DataFrame
        Columns of tables/cost.csv: ``share_of_exhaustive`` is the seconds on all tasks as a share
        of fine-tuning the whole pool there.
    """
    groups = spending.groupby(BY_ROW, sort=False)
    values = ["seconds", "steps", "exhaustive", "relative_regret"]
    mean = groups[values].mean(skipna=False)
    table = pd.DataFrame(
        {
            "tasks": groups.size(),
            "seconds": mean["seconds"],
            "steps": mean["steps"],
            "share_of_exhaustive": mean["seconds"] / mean["exhaustive"],
            "mean_relative_regret": mean["relative_regret"],
        }
    )
    return table.reset_index()


def _by_unit(seconds, rounds):
    """Set out the costs of all stages, index (task, model): a table for each of `UNITS`."""
    in_seconds, in_steps = (
        seconds.pivot(index=["task", "model"], columns="stage", values=unit) for unit in UNITS[:2]
    )
    steps_per_second = in_steps[FINETUNE] / in_seconds[FINETUNE]
    as_steps = in_seconds.mul(steps_per_second, axis=0)
    training = in_steps.columns.intersection([FINETUNE, *rounds, MEASURED])
    as_steps[training] = in_steps[training]
    return in_seconds, in_steps, as_steps


def _stages(models, task, tables):
    """Take the costs of a pool on one task.

    Returns
    -------
    tuple of dict of str to numpy.ndarray and numpy.ndarray of bool
        By stage an array, shape (n, 3), of what each model costs in each of the `UNITS`; and which
        models were run on the task at all. Nothing is spent on the others.
    """
    tables = [table.loc[task].reindex(models) for table in tables]
    was_run = tables[0].notna().any(axis=1).to_numpy()
    costs = np.stack([table.to_numpy(float) for table in tables], axis=-1)  # models, stages, units
    costs[~was_run] = 0
    return dict(zip(tables[0].columns, costs.swapaxes(0, 1), strict=True)), was_run


def spent(strategy, ranking, stages):
    """Compute what a strategy spends on one task, at every budget.

    Parameters
    ----------
    strategy : Strategy
        From budget ``proxy_from`` on, all models of the pool but the ``proxy_from - 1`` that were
        picked without are embedded and have its proxies computed.
    ranking : array_like of int
        Positions in the pool, best first; the first B models are fine-tuned, or all where there
        are fewer.
    stages : dict of str to numpy.ndarray, shape (n, units)
        What every model of the pool costs, by stage.

    Returns
    -------
    numpy.ndarray, shape (n, units)
        Entry B - 1 is for budget B.
    """
    picks = _added_up(stages[FINETUNE], ranking)
    if not strategy.proxies:
        return picks
    unknown = np.full_like(picks, np.nan)
    search = sum(stages.get(stage, unknown) for stage in (EMBEDDING, *strategy.proxies))
    searched = np.delete(search, ranking[: strategy.proxy_from - 1], axis=0).sum(axis=0)
    budgets = np.arange(1, 1 + len(picks))[:, None]
    return picks + np.where(budgets >= strategy.proxy_from, searched, 0)


def _last_stages(accuracies, was_run):
    """Find the stage up to which each model is fine-tuned in part; any for one that was not run."""
    last = np.zeros(len(was_run), int)
    last[was_run] = last_rounds(accuracies[was_run].to_numpy(dtype=float))
    return accuracies.columns[last]


def spent_halving(last, ranking, stages):
    """Compute what successive halving spends on one task, at every budget.

    Parameters
    ----------
    last : sequence of str, length n
        The stage up to which each model of the pool is fine-tuned in part.
    ranking, stages
        As in `spent`. The first B models go on from there to the end.

    Returns
    -------
    numpy.ndarray, shape (n, units)
    """
    in_part = np.array([stages[stage][model] for model, stage in enumerate(last)])
    return in_part.sum(axis=0) + _added_up(stages[MEASURED] - in_part, ranking)


def _added_up(costs, ranking):
    """Add up the costs of the first B models of a ranking, for every B up to the pool's size."""
    budgets = np.arange(1, 1 + len(costs))
    return np.cumsum(costs[ranking], axis=0)[np.minimum(budgets, len(ranking)) - 1]


def spent_at_random(stages, was_run):
    """Compute what B models drawn at random are expected to cost, for every B.

    Parameters
    ----------
    stages : dict of str to numpy.ndarray, shape (n, units)
    was_run : numpy.ndarray of bool, shape (n,)
        The models that may be drawn.

    Returns
    -------
    numpy.ndarray, shape (n, units)
    """
    budgets = np.arange(1, 1 + len(was_run))
    mean = stages[FINETUNE][was_run].mean(axis=0)
    return np.minimum(budgets, was_run.sum())[:, None] * mean
