"""What the linear proxy and fine-tuning share: batch order and learning rate schedule."""

import math

import numpy as np


def batch_order(examples, batch_size, steps, seed):
    """Draw the examples of every batch: shuffled passes, laid end to end and cut.

    Parameters
    ----------
    examples : int
        Number of training examples N.
    batch_size : int
        At most N; a larger one is cut to N.
    steps : int
    seed : int

    Returns
    -------
    numpy.ndarray of int64, shape (steps, min(batch_size, N))

    Examples
    --------
    >>> sorted(batch_order(4, 2, 2, seed=0).ravel().tolist())
    [0, 1, 2, 3]
    """
    batch_size = min(batch_size, examples)
    generator = np.random.default_rng(seed)
    passes = math.ceil(steps * batch_size / examples)
    order = np.concatenate([generator.permutation(examples) for _ in range(passes)])
    return order[: steps * batch_size].reshape(steps, batch_size)


def learning_rate_factors(schedule, steps):
    """Compute what the learning rate is multiplied by at every step.

    Parameters
    ----------
    schedule : dict
        ``{kind: step, milestones, factor}``: times `factor` after each milestone, a fraction of
        the steps (VTAB: 0.1 at 0.3, 0.6, 0.9). ``{kind: cosine, warmup}``: linear up over the
        fraction `warmup`, then half a cosine down to 0.
    steps : int

    Returns
    -------
    list of float, length `steps`

    Examples
    --------
    >>> learning_rate_factors({"kind": "step", "milestones": [0.5], "factor": 0.1}, 4)
    [1.0, 1.0, 0.1, 0.1]
    >>> learning_rate_factors({"kind": "cosine", "warmup": 0.5}, 4)
    [0.5, 1.0, 1.0, 0.5]
    """
    if schedule["kind"] == "step":
        starts = [round(milestone * steps) for milestone in schedule["milestones"]]
        return [schedule["factor"] ** sum(at <= step for at in starts) for step in range(steps)]
    warmup = round(schedule["warmup"] * steps)
    rising = [(step + 1) / warmup for step in range(warmup)]
    left = steps - warmup
    return rising + [0.5 + 0.5 * math.cos(math.pi * step / left) for step in range(left)]
