"""Fine-tuning over folds: each example of train and val is judged by a model that has not seen it.

The learning rate is chosen by all of them. What is exported is one more run at that rate, on the
train and val of the task itself.
"""

import numpy as np

from needle.base.errors import NeedleError
from needle.base.measures import goodness, measure
from needle.base.tensors import open_tensors, write_tensors
from needle.finetuning.finetune import finetune

SAID = "said"  # of a run: probabilities of its fold's val, kept with it should the job be killed


class FoldTask:
    """A task whose train and val are split anew.

    Parameters
    ----------
    task : Task
    val : numpy.ndarray of bool, shape (N,)
        What is val, of its train and then val.

    Raises
    ------
    NeedleError
        If the fold is of another number of examples.
    """

    def __init__(self, task, val):
        self.task, self.val = task, val
        self.card, self.classes, self.own_sizes = task.card, task.classes, task.own_sizes
        self.image_size = task.image_size
        if not (self.image_size or self.own_sizes):
            self.image_size = task.images("train", 0, 1).shape[-1]  # all are as large
        if len(val) != len(_all_labels(task)):
            raise NeedleError(
                f"data/folds.csv has {len(val)} rows, but train and val have "
                f"{len(_all_labels(task))} images; delete both and run again"
            )

    def labels(self, name):
        """Read the labels int64 (N,) of train or val."""
        return _all_labels(self.task)[self._rows(name)]

    def chunks(self, name, count):
        """Read train or val, at most `count` examples at a time: see `Task.chunks`."""
        rows, start = self._rows(name), 0
        for split in ("train", "val"):
            for images, labels in self.task.chunks(split, count):
                used = np.flatnonzero(rows[start : start + len(labels)])
                start += len(labels)
                if len(used):
                    mine = [images[i] for i in used] if self.own_sizes else images[used]
                    yield mine, labels[used]

    def _rows(self, name):
        return {"train": ~self.val, "val": self.val}[name]


def finetune_folds(
    backbone, card, task, folds, protocol, seeds, say, device="cpu", finished=(), **others
):  # fmt: skip
    """Fine-tune a model with every learning rate on every fold.

    Parameters
    ----------
    backbone, card, task, device
        As in `finetune.finetune`.
    folds : list of numpy.ndarray of bool, shape (N,)
        What is val, of train and then val.
    protocol : dict
        Its ``repeats`` do not count.
    seeds : list of int
        One for each fold.
    say : callable
        ``say(model, task, most)`` gives the probabilities (N, C) of the val of a task, by `most`
        images at a time, None for any number.
    finished : sequence of dict
        The first runs, as they were yielded before.
    **others
        As in `finetune.finetune`.

    Yields
    ------
    dict
        As `finetune.finetune` does, by fold, whose number from 1 on is ``repeat``; with `SAID`, a
        list, None if the run diverged.
    """
    rates = len(protocol["learning_rates"])
    for fold, val in enumerate(folds):
        part = FoldTask(task, val)

        def keep(row, model, part=part):
            most = row["micro_batch"]
            row[SAID] = None if row["diverged"] else say(model, part, most).tolist()

        done = finished[fold * rates : (fold + 1) * rates]
        once = protocol | {"repeats": 1}
        for row in finetune(
            backbone, card, part, once, seeds[fold : fold + 1], device, done, keep, **others
        ):
            yield row | {"repeat": fold + 1}


def choose_rate(rows, folds, task, metric):
    """Choose the learning rate that is best on all that were judged.

    Parameters
    ----------
    rows : list of dict
        All that `finetune_folds` yields.
    folds : list of numpy.ndarray of bool, shape (N,)
    task : Task
    metric : str
        Of `measures.MEASURES`.

    Returns
    -------
    rate : float or None
        The first of those that are level; None if each diverged on some fold.
    judged : numpy.ndarray of int, shape (M,)
        Which of train and then val are in a fold.
    probabilities : numpy.ndarray of float64, shape (M, C)
        That this rate's models give them; without rows if there is none.
    """
    judged, labels = np.flatnonzero(np.any(folds, axis=0)), _all_labels(task)
    found = {}
    for rate in dict.fromkeys(row["learning_rate"] for row in rows):
        runs = [row for row in rows if row["learning_rate"] == rate]
        if not any(row["diverged"] for row in runs):
            said = np.full((len(labels), task.classes), np.nan)
            for val, row in zip(folds, runs, strict=True):
                said[val] = row[SAID]
            found[rate] = said[judged]
    if not found:
        return None, judged, np.empty((0, task.classes))
    best = max(found, key=lambda r: goodness(metric, measure(metric, labels[judged], found[r])))
    return best, judged, found[best]


def write_judged(path, judged, probabilities):
    """Write what `choose_rate` gives."""
    write_tensors(path, {"judged": judged, "probabilities": probabilities}, {})


def own_run(runs):
    """Describe the run on the task's own split; its seconds are those of all runs.

    Parameters
    ----------
    runs : DataFrame
        Of a file of runs: those over folds and, if not each rate diverged, this one, ``repeat`` 0.

    Returns
    -------
    DataFrame
        One row, of a run that diverged if there is no such run.
    """
    last = runs.tail(1).assign(seconds=runs["seconds"].sum())
    return last.assign(diverged=last["diverged"] | (last["repeat"] != 0))


def read_judged(path, task):
    """Read what `write_judged` has written.

    Returns
    -------
    judged : numpy.ndarray of int, shape (M,)
    labels : numpy.ndarray of int, shape (M,)
    probabilities : numpy.ndarray of float64, shape (M, C), or (0, C) if all rates diverged
    """
    with open_tensors(path) as file:
        judged = file.get_tensor("judged")
        return judged, _all_labels(task)[judged], file.get_tensor("probabilities")


def _all_labels(task):
    return np.concatenate([task.labels("train"), task.labels("val")])
