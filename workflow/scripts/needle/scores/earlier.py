"""What strategies may know, from the tables of runs."""

from pathlib import Path

from needle.base.tensors import open_tensors, read_card
from needle.scores.columns import TASK_EMBEDDINGS
from needle.scores.known import known_of
from needle.scores.score_table import point_values, read_models, read_scores


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
