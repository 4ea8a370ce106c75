"""Where torch computes."""

from needle.startup import no_garbage_collection

with no_garbage_collection():
    import torch


def choose_device(threads):
    """Limit torch to some processor threads, and take the GPU where there is one.

    Returns
    -------
    torch.device
    """
    torch.set_num_threads(threads)
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
