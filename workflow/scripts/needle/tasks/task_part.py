"""Some pictures of a task file, as if it had no others."""

import numpy as np

from needle.tasks.task_file import Task


class TaskPart(Task):
    """A task with some rows of its splits.

    Parameters
    ----------
    path : path
    rows : dict of str to numpy.ndarray of int
        By split; a split that is not there is empty.
    """

    def __init__(self, path, rows):
        super().__init__(path)
        self.rows = rows

    def labels(self, name):
        """Read the labels int64 (N,) of the rows of a split."""
        return super().labels(name)[self.rows[name]]

    def images(self, name, start, stop):
        """Read some of the rows of a split: see `Task.chunks`."""
        found = [super(TaskPart, self).images(name, row, row + 1)[0]
                 for row in self.rows[name][start:stop]]  # fmt: skip
        return found if self.own_sizes else np.stack(found)
