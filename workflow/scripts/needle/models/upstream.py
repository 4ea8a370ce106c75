"""The rendered upstream domains that models learn from."""

import torch

from needle.base.tensors import open_tensors, read_card


def read_union(paths, split):
    """Lay domains end to end; the classes of each follow those of the one before.

    Parameters
    ----------
    paths : list of path
        Rendered domains.
    split : {"train", "test"}

    Returns
    -------
    tuple of Tensor, Tensor and int
        Images uint8 (N, 3, H, W), labels int64 (N,) and the number of classes.
    """
    images, labels, classes = [], [], 0
    for path in paths:
        with open_tensors(path, framework="pt") as file:
            images.append(file.get_tensor(f"{split}_images"))
            labels.append(file.get_tensor(f"{split}_labels") + classes)
        classes += read_card(path)["classes"]
    return torch.cat(images), torch.cat(labels), classes
