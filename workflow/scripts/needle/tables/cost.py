"""What each strategy spends, in seconds and in fine-tune steps, to reach its regret."""

import numpy as np
import pandas as pd

from needle.finetuning.partial import partial_scores
from needle.regret.regret_table import NOTHING, rankings_of
from needle.scores.protocols import FINETUNE
from needle.scores.seconds import EMBEDDING, MEASURED
from needle.strategies.halving import last_rounds
from needle.strategies.registry import RANDOM
from needle.strategies.strategy import Strategy

KEYS = ["pool", "strategy", "task"]
BY_ROW = ["pool", "strategy", "budget"]
UNITS = ["seconds", "steps", "equivalent_steps"]
OF_POOL = ["exhaustive", "whole_steps"]
AT_RANDOM = Strategy(rank=None)  # it needs to know nothing, and ranks nothing


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
        Point values, index (task, model): which models are candidates on a task, and what
        successive halving goes by.

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
    practical = {name: each for name, each in strategies.items() if not each.is_oracle}
    practical[RANDOM] = AT_RANDOM
    known = regret[regret["strategy"].isin(practical)]
    of_pool = {
        (pool, task): _stages(models, task, tables, points["finetune"])
        for pool, models in members.items()
        for task in known["task"].unique()
    }
    budgets = known["budget"].to_numpy()
    spendings = np.empty((len(known), len(UNITS + OF_POOL)))
    for (pool, name, task), rows in known.groupby(KEYS, sort=False).indices.items():
        stages, candidates = of_pool[pool, task]
        ranking = rankings.get((pool, name, task), NOTHING)[0]
        if practical[name].halves:
            accuracies = points.loc[task].reindex(index=members[pool], columns=rounds)
            last = _last_stages(accuracies, candidates)
            spends = spent_halving(last, ranking, stages, candidates)
        else:
            spends = spent(practical[name], ranking, stages, candidates)
        spendings[rows, : len(UNITS)] = spends[budgets[rows] - 1]
        spendings[rows, len(UNITS) :] = stages[FINETUNE][:, 0].sum(), stages[FINETUNE][:, 1].max()
    table = known[[*KEYS, "budget", "relative_regret"]].reset_index(drop=True)
    return table.assign(**dict(zip([*UNITS, *OF_POOL], spendings.T, strict=True)))


def cost_table(spending):
    """Average what each strategy spends over tasks.

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


def _stages(models, task, tables, accuracies):
    """Take the costs of a pool on one task.

    Returns
    -------
    tuple of dict of str to numpy.ndarray and numpy.ndarray of bool
        By stage an array, shape (n, 3), of what each model costs in each of the `UNITS`; and which
        models are candidates on the task. Nothing is spent on the others.
    """
    tables = [table.loc[task].reindex(models) for table in tables]
    candidates = accuracies.loc[task].reindex(models).notna().to_numpy()
    costs = np.stack([table.to_numpy(float) for table in tables], axis=-1)  # models, stages, units
    costs[~candidates] = 0
    return dict(zip(tables[0].columns, costs.swapaxes(0, 1), strict=True)), candidates


def spent(strategy, ranking, stages, candidates):
    """Compute what a strategy spends on one task, at every budget.

    Parameters
    ----------
    strategy : Strategy
        From budget ``proxy_from`` on, all models of the pool but the ``proxy_from - 1`` that were
        picked without are embedded and have its proxies computed.
    ranking : array_like of int
        Positions in the pool, best first; the first B models are fine-tuned. Where there are fewer,
        the others are drawn at random from the candidates, and cost what is expected.
    stages : dict of str to numpy.ndarray, shape (n, units)
        What every model of the pool costs, by stage.
    candidates : numpy.ndarray of bool, shape (n,)
        The models that may be picked.

    Returns
    -------
    numpy.ndarray, shape (n, units)
        Entry B - 1 is for budget B.
    """
    picks = _added_up(stages[FINETUNE], ranking, candidates)
    if not strategy.proxies:
        return picks
    unknown = np.full_like(picks, np.nan)
    search = sum(stages.get(stage, unknown) for stage in (EMBEDDING, *strategy.proxies))
    searched = np.delete(search, ranking[: strategy.proxy_from - 1], axis=0).sum(axis=0)
    budgets = np.arange(1, 1 + len(picks))[:, None]
    return picks + np.where(budgets >= strategy.proxy_from, searched, 0)


def _last_stages(accuracies, candidates):
    """Find the stage up to which each candidate is fine-tuned in part; any for the others."""
    last = np.zeros(len(candidates), int)
    last[candidates] = last_rounds(accuracies[candidates].to_numpy(dtype=float))
    return accuracies.columns[last]


def spent_halving(last, ranking, stages, candidates):
    """Compute what successive halving spends on one task, at every budget.

    Parameters
    ----------
    last : sequence of str, length n
        The stage up to which each model of the pool is fine-tuned in part.
    ranking, stages, candidates
        As in `spent`. The first B models go on from there to the end.

    Returns
    -------
    numpy.ndarray, shape (n, units)
    """
    in_part = np.array([stages[stage][model] for model, stage in enumerate(last)])
    to_the_end = _added_up(stages[MEASURED] - in_part, ranking, candidates)
    return in_part.sum(axis=0) + to_the_end


def _added_up(costs, ranking, candidates):
    """Add up the costs of the picks of a ranking, for every budget up to the pool's size."""
    rest = np.setdiff1d(np.flatnonzero(candidates), ranking)
    each = np.zeros_like(costs)
    each[: len(ranking)] = costs[ranking]
    if len(rest):
        each[len(ranking) : len(ranking) + len(rest)] = costs[rest].mean(axis=0)
    return np.cumsum(each, axis=0)
