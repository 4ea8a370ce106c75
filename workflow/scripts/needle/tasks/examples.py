"""Examples of a split that are decoded one by one."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Examples:
    """A split of a task, not decoded yet.

    Attributes
    ----------
    keys : sequence
        What identifies each example in its source.
    labels : numpy.ndarray of int64, shape (N,)
    image : callable
        ``image(i)`` decodes example i: uint8, shape (H, W, 3), at its native size.
    """

    keys: list
    labels: np.ndarray
    image: Callable

    def __len__(self):
        return len(self.labels)
