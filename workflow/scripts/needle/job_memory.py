"""MB that a job takes on a processor, by the parameters of its model.

A little above the peaks that benchmarks/memory.py measured (docs/performance.md).
"""


def embedding(params):
    """MB of a job that computes with a frozen model: it takes as many images at once as fit.

    Examples
    --------
    >>> embedding(27_820_128)
    1406
    """
    return 1300 + weights(params)


def tuning(params):
    """MB of a job that trains a model: its weights, a copy, their gradients and momentum."""
    return 1550 + 4 * weights(params)


def converting(params):
    """MB of a job that reads weights, builds their model and writes it."""
    return 1300 + 4 * weights(params)


def weights(params):
    """MB of weights in float32."""
    return 4 * params // 2**20
