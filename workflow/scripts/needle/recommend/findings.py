"""What a recommendation rests on, read from the files of its run."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from needle.base.errors import NeedleError
from needle.base.measures import ACCURACY
from needle.base.run_tables import read_table
from needle.recommend.answer.candidates import TUNED
from needle.tasks.task_file import SPLITS, Task

ABOUT_MODELS = ["license", "upstream_dataset", "tags"]  # texts, or empty


@dataclass(frozen=True)
class Findings:
    """What was found; the last six are None for embeddings, where nothing is fine-tuned.

    Attributes
    ----------
    ranking : DataFrame
        Columns of recommendation/ranking.csv.
    problems : DataFrame
        Columns of data/problems.csv.
    classes : DataFrame
        Columns of data/classes.csv.
    candidates : DataFrame
        Columns of recommendation/candidates.csv.
    predictions : DataFrame
        Columns of recommendation/predictions.csv.
    measures : DataFrame
        Columns of recommendation/measures.csv.
    reliability : DataFrame
        Columns of recommendation/reliability.csv.
    task : Task
    labels : dict of str to numpy.ndarray
        Class indices by split.
    """

    ranking: pd.DataFrame
    problems: pd.DataFrame
    classes: pd.DataFrame
    candidates: pd.DataFrame | None = None
    predictions: pd.DataFrame | None = None
    measures: pd.DataFrame | None = None
    reliability: pd.DataFrame | None = None
    task: Task | None = None
    labels: dict | None = None

    @property
    def chosen(self):
        """The row of the candidate that is the answer."""
        return self.candidates[self.candidates["chosen"]].iloc[0]

    @property
    def picks(self):
        """The rows of the picks' best runs, with a column model; None if nothing was fine-tuned."""
        if self.candidates is None:
            return None
        tuned = self.candidates[self.candidates["kind"] == TUNED]
        return tuned.rename(columns={"models": "model"}).reset_index(drop=True)

    @property
    def metric(self):
        """What val decided by."""
        (column,) = [name for name in self.candidates.columns if name.startswith("val_")]
        return column.removeprefix("val_")

    @property
    def accuracy(self):
        """The row of measures.csv that has the test accuracy."""
        rows = self.measures[self.measures["split"] == "test"]
        return rows[rows["measure"] == ACCURACY].iloc[0]

    @property
    def correct(self):
        """Number of test images whose class was predicted."""
        return int((self.predictions["label"] == self.predictions["predicted"]).sum())


def read_findings(
    ranking, problems, classes, candidates=None, predictions=None, measures=None, reliability=None,
    task=None,
):  # fmt: skip
    """Read the files of a recommendation.

    Parameters
    ----------
    ranking, problems, classes, candidates, predictions, measures, reliability, task : path
        The last five together, or none of them.

    Returns
    -------
    Findings

    Raises
    ------
    NeedleError
        If the predictions are not those of the task's test images.
    """
    found = Findings(
        read_table(ranking, ABOUT_MODELS), read_table(problems), read_table(classes, ["class"])
    )
    if candidates is None:
        return found
    task, said = Task(task), read_table(predictions)
    labels = {split: task.labels(split) for split in SPLITS}
    expected = np.array(task.card["classes"], object)[labels["test"]]
    if said["label"].tolist() != expected.tolist():
        raise NeedleError(
            f"{predictions}: is not of the test images of {task.path}; delete it and run again"
        )
    return replace(
        found,
        candidates=read_table(candidates),
        predictions=said,
        measures=read_table(measures, ["measure"]),
        reliability=read_table(reliability),
        task=task,
        labels=labels,
    )
