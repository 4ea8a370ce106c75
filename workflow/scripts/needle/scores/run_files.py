"""The files of a run that hold its scores: one for each score of a (model, task)."""

from needle.base.run_tables import read_runs
from needle.scores.protocols import is_finetune


def pairs(models, tasks, left_out=()):
    """List the (model, task) that a run has, task by task.

    Parameters
    ----------
    models, tasks : list of str
    left_out : collection of str
        ``task/model`` that were not run.

    Returns
    -------
    list of tuple of str

    Examples
    --------
    >>> pairs(["a", "b"], ["t", "u"], left_out=["t/b"])
    [('a', 't'), ('a', 'u'), ('b', 'u')]
    """
    return [(m, t) for t in tasks for m in models if f"{t}/{m}" not in left_out]


def read_pair(results, model, task, counts):
    """Read what one model's jobs on one task have left.

    Parameters
    ----------
    results : Path
        Folder of the run.
    model, task : str
    counts : dict of str to int
        How many runs each score is made of.

    Yields
    ------
    tuple of str and DataFrame
        A score, and its runs.
    """
    for score, count in counts.items():
        folder = results / (score if is_finetune(score) else f"proxies/{score}")
        yield score, read_runs(folder / task / f"{model}.csv", count)
