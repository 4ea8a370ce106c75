"""The accuracies that picks are judged by: as measured, and resampled over the repeats."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from needle.base.seeds import derive_seed
from needle.regret.uncertainty import resample_medians


@dataclass(frozen=True)
class TaskAccuracies:
    """Fine-tune accuracies of n models on one task.

    Attributes
    ----------
    measured : numpy.ndarray, shape (n,)
        Point values; NaN where there is none.
    resampled : numpy.ndarray, shape (resamples, n), or None
        Each row from one resample of the repeats. None where no model has two repeats or more:
        resampling says nothing.
    """

    measured: np.ndarray
    resampled: np.ndarray | None


def by_task(members, scores, points, resamples, seed):
    """Resample the fine-tune accuracies of all models, task by task.

    Parameters
    ----------
    members : dict of str to list of str
        Models of every pool.
    scores : DataFrame
        Columns of scores.csv; its fine-tune repeats are resampled.
    points : DataFrame
        Point values, index (task, model).
    resamples, seed : int

    Yields
    ------
    tuple of str and dict of str to TaskAccuracies
        A task, and the accuracies by pool, with the pool's models in order; without the pools in
        which no model has an accuracy. All pools see the same resamples whatever strategy looks at
        them, so that differences between strategies are paired.
    """
    models = pd.Index(dict.fromkeys(model for names in members.values() for model in names))
    places = {pool: models.get_indexer(names) for pool, names in members.items()}
    repeats = _repeats(scores, models)
    for task in points.index.unique("task"):
        measured = points["finetune"].loc[task].reindex(models).to_numpy(dtype=float)
        values = repeats.get(task, [])
        repeated = np.array([len(each) > 1 for each in values] or [False] * len(models))
        if len(values):
            resampled = resample_medians(values, resamples, derive_seed(seed, "bootstrap", task))
        yield (
            task,
            {
                pool: TaskAccuracies(
                    measured[mine], resampled[:, mine] if repeated[mine].any() else None
                )
                for pool, mine in places.items()
                if not np.isnan(measured[mine]).all()
            },
        )


def _repeats(scores, models):
    """List the fine-tune accuracies of every model, by task that has two of a model."""
    finetune = scores[scores["score"] == "finetune"].dropna(subset="value")
    numbers = models.get_indexer(finetune["model"])
    values = finetune["value"].to_numpy(dtype=float)
    repeats = {}
    for task, rows in finetune.groupby("task", sort=False).indices.items():
        rows = rows[numbers[rows] >= 0]
        rows = rows[np.argsort(numbers[rows], kind="stable")]
        counts = np.bincount(numbers[rows], minlength=len(models))
        if counts.max() > 1:
            repeats[task] = np.split(values[rows], np.cumsum(counts)[:-1])
    return repeats
