"""Embedding a task with a frozen model."""

import contextlib

import numpy as np
import torch
from tqdm import tqdm

from needle.embedding.embedding_file import SOURCE, SPLITS, Embeddings
from needle.machine.device import autocast
from needle.models.backbones import forward_all
from needle.models.views import view_of


def embed(backbone, card, task, batch_size, device, precision="float32", compiled=False, head=None):
    """Compute what a model makes of a task's train and val images.

    Parameters
    ----------
    backbone : torch.nn.Module
        As `load_backbone` gives it.
    card : dict
        Its card, for how it takes images and their normalisation.
    task : Task
        Read a batch at a time.
    batch_size : int
        See `batch_size.images_at_once`.
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
    view = view_of(task, card)
    parts = {}
    with autocast(device, precision), exact_convolutions(), _progress(task, card) as progress:
        for split in SPLITS:
            features, labels = [], []
            for images, batch_labels in task.chunks(split, batch_size):
                features.append(forward_all(model, view(images, device), card, batch_size))
                labels.append(batch_labels)
                progress.update(len(batch_labels))
            parts[f"{split}_features"] = torch.cat(features).float().cpu().numpy()
            parts[f"{split}_labels"] = np.concatenate(labels)
    if head is not None:
        parts[SOURCE] = source_probabilities(parts["train_features"], *head)
    return Embeddings(**parts, classes=task.classes)


def _progress(task, card):
    """Show images a second and the time left."""
    total = sum(len(task.labels(split)) for split in SPLITS)
    return tqdm(total=total, desc=f"embed with {card['name']}", unit=" images", mininterval=2)


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
