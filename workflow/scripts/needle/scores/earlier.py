"""What strategies may know, from the tables of runs."""

from pathlib import Path

from needle.base.files import open_tensors, read_card
from needle.scores.columns import TASK_EMBEDDINGS
from needle.scores.known import Known
from needle.scores.score_table import point_values, read_models, read_scores


def known_of(points, models, task_embeddings=None, earlier=()):
    """Gather what strategies may know.

    Parameters
    ----------
    points : DataFrame
        Point values, index (task, model), one column per score.
    models : DataFrame
        As `scores.read_models` gives it.
    task_embeddings : dict of str to numpy.ndarray, optional
        By task.
    earlier : iterable of Known, optional

    Returns
    -------
    Known
    """
    tasks = points.index.unique("task")
    wide = {score: points[score].unstack("model").reindex(tasks) for score in points}
    return Known(wide, models, task_embeddings or {}, tuple(earlier))


def read_earlier(folder, like=()):
    """Read what an earlier run knows.

    Parameters
    ----------
    folder : path
        Of its results.
    like : iterable of path
        Task embeddings of this run: those of the earlier one count where the same probe network
        made them.

    Returns
    -------
    Known
    """
    folder = Path(folder)
    points = point_values(read_scores(folder / "scores.csv"))
    probes = {read_card(path)["probe"] for path in like}
    embedded = sorted(folder.glob(f"{TASK_EMBEDDINGS}/*.safetensors"))
    same = [path for path in embedded if read_card(path)["probe"] in probes]
    return known_of(points, read_models(folder / "models.csv"), read_task_embeddings(same))


def read_task_embeddings(paths):
    """Read task embeddings.

    Returns
    -------
    dict of str to numpy.ndarray
        By task.
    """
    found = {}
    for path in paths:
        with open_tensors(path) as file:
            found[read_card(path)["task"]] = file.get_tensor("fisher")
    return found
