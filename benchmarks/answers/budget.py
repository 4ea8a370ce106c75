"""How many epochs fit into the time, and that the weights are the given ones."""

import torch
from safetensors.torch import load_file


def epochs_within(seconds, epoch, test):
    """Count the whole epochs that fit beside the look at test, at least one.

    Parameters
    ----------
    seconds : float
        That are left.
    epoch : float
        Seconds of one, its look at val included.
    test : float
        Seconds of the look at test.
    """
    return max(int((seconds - test) / epoch), 1)


def check_weights(model, path):
    """Check that a model without its head has the weights of a file: libraries pass over others."""
    state = model.state_dict()
    for name, tensor in load_file(path).items():
        if not torch.equal(state[name], tensor):
            raise SystemExit(f"{name} is not that of {path}")
