"""What the strategies lose by budget, in a run of a store under one of its protocols."""

import pandas as pd

from needle.regret.regret_table import regret_table
from needle.scores.known import is_proxy
from needle.scores.protocols import FINETUNE
from needle.scores.score_table import point_values
from needle.store.cards import model_table
from needle.strategies.picks import pick_table
from needle.tables.summary import mean_regret_table

POOL = "all"


def regrets_of(entry, protocol, resamples, level, seed):
    """Average the relative regret of every strategy, in the pool of all models of a run.

    Parameters
    ----------
    entry : Entry
        Of the store.
    protocol : str
        Whose accuracies count. The proxies are the run's, whatever the protocol.
    resamples, level, seed : int, float, int
        Of the bootstrap over tasks.

    Returns
    -------
    DataFrame or None
        Columns of tables/mean_regret.csv but the pool. None if there is nothing to choose from: no
        two models have an accuracy on the same task.
    """
    rows = entry.rows
    tuned = rows[(rows["score"] == FINETUNE) & (rows["protocol"] == protocol)]
    if not (tuned.groupby("task")["model"].nunique() > 1).any():
        return None
    proxies = rows[rows["score"].map(is_proxy) & rows["task"].isin(tuned["task"])]
    scores = pd.concat([tuned, proxies], ignore_index=True)
    points = point_values(scores)
    models = model_table(entry.models)
    members = {POOL: list(models.index)}
    picks, _ = pick_table(models, members, points)
    regret = regret_table(picks, members, scores, points, resamples, level, seed)
    return mean_regret_table(regret, resamples, level, seed).drop(columns="pool")
