"""The scores of all known tasks on one scale, in arrays: what the learned strategies learn from."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from needle.scores.protocols import FINETUNE

LEAST = 1e-3  # an accuracy or error below it counts as it: one of 1000 examples


@dataclass(frozen=True)
class Experience:
    """Standardised scores of M models on T tasks.

    Attributes
    ----------
    models : Index, length M
        The pool's in declared order, then others of earlier runs.
    tasks : list of tuple, length T
        Of every task its run, 0 for this one, and its name; the first is the task to rank for.
    scores : dict of str to numpy.ndarray, shape (T, M)
        Each row has mean 0 and variance 1; NaN where there is no value.
    accuracies : numpy.ndarray, shape (T, M)
        After fine-tuning, as they are.
    """

    models: object
    tasks: list
    scores: dict
    accuracies: object

    @property
    def results(self):
        """Fine-tune results; shape (T, M)."""
        return self.scores[FINETUNE]

    @cached_property
    def log_odds(self):
        """Standardised log odds of the fine-tune accuracies; shape (T, M)."""
        from scipy.special import logit  # not where only the strategies' names are wanted

        return standardise(logit(self.accuracies.clip(LEAST, 1 - LEAST)))


def gather(pool, task, known):
    """Put the scores of all known tasks on one scale.

    Parameters
    ----------
    pool : DataFrame
        Of this run only the pool's models count; of an earlier one all do.
    task : str
        The task to rank for.
    known : Known

    Returns
    -------
    Experience
        A task without any score is not in it, but for the one to rank for. It is made once for all
        strategies that are given the same `known`.
    """
    for name, models, experience in known.gathered:
        if name == task and models.equals(pool.index):
            return experience
    known.gathered.append((task, pool.index, _gather(pool, task, known)))
    return known.gathered[-1][-1]


def _gather(pool, task, known):
    runs = [(known, pool.index), *((run, run.models.index) for run in known.earlier)]
    models = pool.index
    for _, names in runs[1:]:
        models = models.append(names.difference(models, sort=False))
    own = [task, *(name for name in known.tasks if name != task)]
    listed = [own, *(run.tasks for run in known.earlier)]
    tasks = [(number, name) for number, names in enumerate(listed) for name in names]
    raw = {}
    for score in dict.fromkeys([FINETUNE, *(score for run, _ in runs for score in run.scores)]):
        table = np.full((len(tasks), len(models)), np.nan)
        top = 0
        for (run, names), rows in zip(runs, listed, strict=True):
            if score in run.scores:
                values = run.scores[score].reindex(index=rows, columns=names).to_numpy(float)
                places = models.get_indexer(names)
                table[top : top + len(rows), places] = values
            top += len(rows)
        raw[score] = table
    scores = {score: standardise(table) for score, table in raw.items()}
    return Experience(models, tasks, scores, raw[FINETUNE])


def standardise(rows):
    """Shift and scale each row to mean 0 and variance 1 over its known values.

    Parameters
    ----------
    rows : numpy.ndarray, shape (T, M)
        NaN where there is no value.

    Returns
    -------
    numpy.ndarray, shape (T, M)
        A row of equal values is 0.

    Examples
    --------
    >>> standardise(np.array([[1.0, 3.0, np.nan], [5.0, 5.0, 5.0]])).tolist()
    [[-1.0, 1.0, nan], [0.0, 0.0, 0.0]]
    """
    centred = rows - mean_of_known(rows, axis=1)[:, None]
    spread = np.sqrt(mean_of_known(centred**2, axis=1))[:, None]
    # Equal values may differ from their mean in the last digit.
    alike = (
        spread <= np.finfo(float).eps * np.abs(np.nan_to_num(rows)).max(axis=1, initial=0)[:, None]
    )
    return np.where(alike, 0 * centred, centred / np.where(alike, 1, spread))


def mean_of_known(values, axis):
    """Average what is not NaN; NaN where nothing is known.

    Examples
    --------
    >>> mean_of_known(np.array([[1.0, np.nan], [3.0, np.nan]]), axis=0).tolist()
    [2.0, nan]
    """
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        return np.where(known, values, 0).sum(axis=axis) / known.sum(axis=axis)


def too_few_tasks(known, needed, usable=lambda run: run.tasks_with_results):
    """Say why a strategy that learns from other tasks cannot.

    Parameters
    ----------
    known : Known
    needed : int
        Of tasks with fine-tune results, besides the one to rank for.
    usable : callable
        Lists the tasks of a run that can be learned from.

    Returns
    -------
    str
        Empty if there are enough.
    """
    others = max(len(usable(known)) - 1, 0) + sum(len(usable(run)) for run in known.earlier)
    if others >= needed:
        return ""
    tasks = "another task" if needed == 1 else f"{needed} other tasks"
    return f"needs fine-tune results on {tasks}; there are {others}, and a store can add more"
