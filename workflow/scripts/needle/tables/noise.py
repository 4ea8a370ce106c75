"""How much of a regret the random seeds of fine-tuning explain."""

import numpy as np
import pandas as pd

from needle.base.deltas import relative_regret


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
