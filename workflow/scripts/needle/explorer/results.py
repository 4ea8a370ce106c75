"""Accuracies of a store: each (protocol, task, model) once, with an interval over its repeats."""

import numpy as np
import pandas as pd

from needle.base.seeds import derive_seed
from needle.regret.uncertainty import interval, resample_medians
from needle.scores.protocols import FINETUNE

KEY = ["protocol", "task", "model"]
RESULT_COLUMNS = [*KEY, "value", "low", "high", "repeats", "seconds", "device"]


def result_table(rows, resamples, level, seed):
    """Reduce the accuracies to point values with intervals.

    Parameters
    ----------
    rows : DataFrame
        Columns protocol, task, model, score, repeat, value, seconds, device. What several entries
        say alike counts once; what they say differently are further repeats.
    resamples, level, seed : int, float, int
        Of the bootstrap over repeats.

    Returns
    -------
    DataFrame
        `RESULT_COLUMNS`, a row for each protocol, task and model with an accuracy: the median over
        the repeats, the ends of its interval, NaN where there is one repeat; the number of repeats
        and the mean of their seconds; their devices, separated by commas.
    """
    tuned = rows[rows["score"] == FINETUNE].drop_duplicates([*KEY, "repeat", "value"])
    groups = tuned.groupby(KEY, sort=False)
    table = groups.agg(
        value=("value", "median"),
        repeats=("value", "size"),
        seconds=("seconds", "mean"),
        device=("device", lambda devices: ", ".join(dict.fromkeys(filter(None, devices)))),
    )
    ends = pd.DataFrame(np.nan, index=table.index, columns=["low", "high"])
    repeated = tuned[groups["value"].transform("size") > 1]
    for (protocol, task), mine in repeated.groupby(KEY[:2], sort=False):
        values = {model: each.to_numpy() for model, each in mine.groupby("model")["value"]}
        drawn = resample_medians(
            list(values.values()), resamples, derive_seed(seed, "bootstrap", protocol, task)
        )
        keys = [(protocol, task, model) for model in values]
        ends.loc[keys] = np.transpose(interval(drawn, level))
    return table.join(ends).reset_index()[RESULT_COLUMNS]
