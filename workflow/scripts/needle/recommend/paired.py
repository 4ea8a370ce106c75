"""Whether two models differ on the same pictures, by what each says of each picture."""

import numpy as np
from scipy.stats import binomtest

from needle.base.measures import ACCURACY, measure

SWAPS = 1000


def paired_test(name, labels, one, other, generator, groups=None):
    """Test whether two models are equally good by a measure.

    If they are, what they say of a picture may as well be swapped. For accuracy all swaps are
    counted exactly, which is McNemar's exact test (Psychometrika 12, 1947); for other measures
    `SWAPS` of them are drawn (Noreen, Computer-Intensive Methods for Testing Hypotheses, 1989).

    Parameters
    ----------
    name : str
        Of `measures.MEASURES`; it must be defined.
    labels : numpy.ndarray of int, shape (N,)
    one, other : numpy.ndarray of float64, shape (N, C)
        Probabilities that they give the same examples.
    generator : numpy.random.Generator
        Draws the swaps.
    groups : numpy.ndarray of int, shape (N,), optional
        Numbers from 0 of what is independent, such as patients: all of one is swapped together.

    Returns
    -------
    float
        Two-sided p-value: how often swaps differ by as much.

    Examples
    --------
    Of four pictures one model alone is right on three, the other on none: 2 / 2**3.

    >>> one, other = np.eye(2)[[0, 0, 0, 1]], np.eye(2)[[1, 1, 1, 1]]
    >>> paired_test("accuracy", np.array([0, 0, 0, 1]), one, other, None)
    0.25
    """
    if name == ACCURACY and groups is None:
        right, other_right = (said.argmax(axis=1) == labels for said in (one, other))
        alone, other_alone = int((right & ~other_right).sum()), int((other_right & ~right).sum())
        differ = alone + other_alone
        return float(binomtest(alone, differ).pvalue) if differ else 1.0
    groups = np.arange(len(labels)) if groups is None else groups
    found = abs(measure(name, labels, one) - measure(name, labels, other))
    as_much = 0
    for _ in range(SWAPS):
        swap = (generator.random(groups.max() + 1) < 0.5)[groups, None]
        mixed = [np.where(swap, second, first) for first, second in ((one, other), (other, one))]
        difference = measure(name, labels, mixed[0]) - measure(name, labels, mixed[1])
        as_much += abs(difference) >= found - 1e-12  # of rounding
    return (as_much + 1) / (SWAPS + 1)
