"""Embedding a task with a frozen model."""

import contextlib

import numpy as np
import torch

from needle.device import autocast, move_images
from needle.embeddings import SOURCE, SPLITS, Embeddings
from needle.zoo.models import forward_all


def embed(backbone, card, task, batch_size, device, precision="float32", compiled=False, head=None):
    """Compute what a model makes of a task's train and val images.

    Parameters
    ----------
    backbone : torch.nn.Module
        As `load_backbone` gives it.
    card : dict
        Its card, for the normalisation.
    task : Task
        Read a batch at a time.
    batch_size : int
    device : torch.device or str
    precision : str
        ``float32``: exact, on a GPU too. ``bfloat16``: see `autocast`.
    compiled : bool
        Whether to compile the model first, which takes a minute or more.
    head : tuple of Tensor or None
        Weight and bias of the source head, as `load_source_head` gives them.

    Returns
    -------
    Embeddings
        Features are float32 whatever the precision.

    Raises
    ------
    NeedleError
        If the device does not have the precision.
    """
    backbone.to(device)
    model = torch.compile(backbone) if compiled else backbone
    parts = {}
    with autocast(device, precision), exact_convolutions():
        for split in SPLITS:
            features, labels = [], []
            for images, batch_labels in task.chunks(split, batch_size):
                images = move_images(images, device, task.image_size)
                features.append(forward_all(model, images, card, batch_size))
                labels.append(batch_labels)
            parts[f"{split}_features"] = torch.cat(features).float().cpu().numpy()
            parts[f"{split}_labels"] = np.concatenate(labels)
    if head is not None:
        parts[SOURCE] = source_probabilities(parts["train_features"], *head)
    return Embeddings(**parts, classes=task.classes)


def source_probabilities(features, weight, bias):
    """Compute what the source head says of features.

    Parameters
    ----------
    features : numpy.ndarray of float32, shape (N, D)
    weight : Tensor, shape (Z, D)
    bias : Tensor, shape (Z,)

    Returns
    -------
    numpy.ndarray of float32, shape (N, Z)
        Softmax of the logits.
    """
    logits = torch.from_numpy(features) @ weight.float().T + bias.float()
    return logits.softmax(dim=1).numpy()


@contextlib.contextmanager
def exact_convolutions():
    """Compute float32 convolutions on a GPU in float32, where torch's default is TF32."""
    before = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = False
    try:
        yield
    finally:
        torch.backends.cudnn.allow_tf32 = before
