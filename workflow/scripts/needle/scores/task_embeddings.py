"""Task2Vec embeddings of the tasks of a run."""

from needle.base.tensors import open_tensors, read_card


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
