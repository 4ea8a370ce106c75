"""Seeds that depend on what they are for, not on the order of the work."""

import hashlib

import numpy as np


def derive_seed(master, *names):
    """Derive a seed from a master seed and the names of what is drawn.

    Parameters
    ----------
    master : int
        The run's master seed.
    *names : str or int
        What the seed is for, such as ``"finetune", model, task, repeat``.

    Returns
    -------
    int
        Non-negative, below 2**63.

    Examples
    --------
    >>> derive_seed(1, "finetune", "resnet10t.mix", "digits", 0) == derive_seed(
    ...     1, "finetune", "resnet10t.mix", "digits", 0)
    True
    >>> derive_seed(1, "a", "bc") == derive_seed(1, "ab", "c")
    False
    """
    text = "\0".join(str(part) for part in (master, *names))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def generator(seed, *names):
    """Make the numpy generator that belongs to a master seed and the names of what is drawn."""
    return np.random.default_rng(derive_seed(seed, *names))
