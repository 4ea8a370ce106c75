"""Embedding a task with a frozen model."""

import torch

from needle.embeddings import SPLITS, Embeddings
from needle.zoo.models import forward_all


def embed(backbone, card, task, batch_size, device):
    """Compute what a model makes of a task's train and val images.

    Parameters
    ----------
    backbone : torch.nn.Module
        As `load_backbone` gives it.
    card : dict
        Its card, for the normalisation.
    task : Task
    batch_size : int
    device : torch.device

    Returns
    -------
    Embeddings
    """
    backbone.to(device)
    parts = {}
    for split in SPLITS:
        images, labels = task.split(split)
        features = forward_all(backbone, torch.from_numpy(images).to(device), card, batch_size)
        parts |= {f"{split}_features": features.cpu().numpy(), f"{split}_labels": labels}
    return Embeddings(**parts, classes=task.classes)
