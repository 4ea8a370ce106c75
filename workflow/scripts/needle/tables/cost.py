"""What each strategy spends, in seconds, to reach its regret."""

import numpy as np
import pandas as pd

from needle.seconds import EMBEDDING, FINETUNE
from needle.strategies.registry import RANDOM

BY_ROW = ["pool", "strategy", "budget"]


def cost_table(seconds, picks, members, regret, strategies):
    """Set what each strategy spends beside the regret it reaches.

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

    Returns
    -------
    DataFrame
        Columns of tables/cost.csv, over the tasks on which the strategy picks anything:
        ``seconds``, the mean of what `spent` computes; ``share_of_exhaustive``, their sum as a
        share of fine-tuning the whole pool on the same tasks. NaN where a second is missing.
    """
    stages = seconds.pivot(index=["task", "model"], columns="stage", values="seconds")
    keys = ["pool", "strategy", "task"]
    rankings = picks.groupby(keys, sort=False)["model"].apply(list).to_dict()
    practical = [name for name, strategy in strategies.items() if not strategy.is_oracle]
    known = regret[regret["strategy"].isin([*practical, RANDOM])].dropna(subset="relative_regret")
    blocks = []
    for (pool, name, task), block in known.groupby(keys, sort=False):
        mine = stages.loc[task].reindex(members[pool])
        costs = (
            spent_at_random(mine)
            if name == RANDOM
            else spent(strategies[name], rankings[pool, name, task], mine)
        )
        blocks.append(
            block[[*BY_ROW, "relative_regret"]].assign(
                seconds=costs[block["budget"] - 1], exhaustive=mine[FINETUNE].sum(skipna=False)
            )
        )
    return _average(pd.concat(blocks))


def _average(costs):
    groups = costs.groupby(BY_ROW, sort=False)
    mean = groups.mean(skipna=False)
    table = pd.DataFrame(
        {
            "tasks": groups.size(),
            "seconds": mean["seconds"],
            "share_of_exhaustive": mean["seconds"] / mean["exhaustive"],
            "mean_relative_regret": mean["relative_regret"],
        }
    )
    return table.reset_index()


def spent(strategy, ranking, stages):
    """Compute the seconds that a strategy spends on one task, at every budget.

    Parameters
    ----------
    strategy : Strategy
        From budget ``proxy_from`` on, all models of the pool but the ``proxy_from - 1`` that were
        picked without are embedded and have its proxies computed.
    ranking : list of str
        Models, best first; the first B are fine-tuned, or all where there are fewer.
    stages : DataFrame
        Seconds of every model of the pool, one column per stage.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Entry B - 1 is for budget B.
    """
    budgets = np.arange(1, len(stages) + 1)
    fine_tuning = np.cumsum(stages.loc[ranking, FINETUNE].to_numpy())
    fine_tuning = fine_tuning[np.minimum(budgets, len(ranking)) - 1]
    if not strategy.proxies:
        return fine_tuning
    searched = stages.drop(index=ranking[: strategy.proxy_from - 1])
    search = searched.reindex(columns=[EMBEDDING, *strategy.proxies]).to_numpy().sum()
    return fine_tuning + np.where(budgets >= strategy.proxy_from, search, 0)


def spent_at_random(stages):
    """Compute the expected seconds of B models drawn at random, for every B.

    Parameters and returns are those of `spent`.
    """
    return np.arange(1, len(stages) + 1) * stages[FINETUNE].mean(skipna=False)
