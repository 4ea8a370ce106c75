"""MB that a job takes, by the parameters of its model: a little above measured peaks.

docs/performance.md has them: on a processor of benchmarks/memory.py, on a GPU of models of 26 to
304 million parameters.
"""

import sys

# MB that attentive features take beside: 720 were measured in training on 1370 tokens of 1024
# features, 230 on 197 of 768, and some of that the images have left.
POOLING = 500


def embedding(params):
    """MB of a job that computes with a frozen model: it takes as many images at once as fit.

    The weights are there twice when they are read, with their file, and when norms are folded.

    Examples
    --------
    >>> embedding(27_820_128)
    1512
    """
    return 1300 + 2 * weights(params)


def tuning(params, protocol):
    """MB of a job that trains a model: its weights, a copy, gradients, and what the protocol keeps.

    Examples
    --------
    >>> tuning(26_214_400, {"steps": 100}), tuning(26_214_400, {"optimizer": "adamw", "ema": 0.99})
    (1950, 2150)
    """
    copies = 4  # with the momentum
    copies += protocol.get("optimizer") == "adamw"  # which has two
    copies += "ema" in protocol
    copies += "evaluate" in protocol  # the best state
    return 1550 + copies * weights(params)


def embedding_on_gpu(params):
    """MB of a job that computes with a frozen model on a GPU: CUDA, and images on their way."""
    return 3000 + weights(params)


def tuning_on_gpu(params):
    """MB of a job that trains a model on a GPU, whatever the batch: that lies on the GPU."""
    return 3000 + 2 * weights(params)


def converting(params):
    """MB of a job that reads weights, builds their model and writes it."""
    return 1300 + 4 * weights(params)


def peak(usage):
    """MB that processes took at most, from what `os.wait4` or `getrusage` tells of them."""
    unit = 1 if sys.platform == "darwin" else 1024  # bytes
    return usage.ru_maxrss * unit / 2**20


def weights(params):
    """MB of weights in float32."""
    return 4 * params // 2**20
