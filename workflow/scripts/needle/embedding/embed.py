"""Embedding a task with a frozen model."""

import contextlib
from pathlib import Path

import torch
from tqdm import tqdm

from needle.embedding.attentive import pool, train_pooling
from needle.embedding.embedding_file import SOURCE, SPLITS, Embeddings
from needle.embedding.folding import folded
from needle.embedding.readings import READINGS
from needle.embedding.rows import FileRows, Rows
from needle.machine.device import autocast
from needle.models.backbones import normalise
from needle.models.views import first_input, view_of


def embed(
    backbone, card, task, batch_size, device, precision="float32", compiled=False, head=None,
    features="last", seed=0, folder=None,
):  # fmt: skip
    """Compute what a model makes of a task's train and val images.

    Parameters
    ----------
    backbone : torch.nn.Module
        As `load_backbone` gives it. It is left with the weights that it has, whatever `folded`
        makes of them here.
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
    features : {"last", "layers-mean", "attentive"}
        What is read of the model: see `readings`; the last pools tokens as `attentive` says.
    seed : int
        Of ``attentive``.
    folder : path or None
        Where ``attentive`` keeps its tokens, see `FileRows`; no other needs one.

    Returns
    -------
    Embeddings
        Features are float32 whatever the precision; those of train have seen its labels if they
        are ``attentive``. Source probabilities are always of the last layer's features.

    Raises
    ------
    NeedleError
        If the device does not have the precision, or the model no tokens.
    """
    reading = READINGS[features](backbone).to(device).eval()
    attentive = features == "attentive"
    read = {split: Rows() for split in SPLITS}
    if attentive:
        read = {split: FileRows(Path(folder, split), card["name"]) for split in SPLITS}
    last = Rows()
    with (
        folded(reading, first_input(task, card, device)),
        autocast(device, precision),
        exact_convolutions(),
        _progress(task, card) as progress,
    ):
        model = torch.compile(reading) if compiled else reading
        for split in SPLITS:
            for found, pooled in _outputs(model, card, task, split, batch_size, device):
                read[split].append(found)
                if split == "train" and head is not None:
                    last.append(pooled)
                progress.update(len(found))
    parts = {f"{split}_labels": task.labels(split) for split in SPLITS}
    arrays = {split: read[split].array() for split in SPLITS}
    if attentive:
        pooling = train_pooling(arrays["train"], parts["train_labels"], task.classes, device, seed)
        arrays = {split: pool(pooling, arrays[split], device) for split in SPLITS}
    parts |= {f"{split}_features": arrays[split] for split in SPLITS}
    if head is not None:
        parts[SOURCE] = source_probabilities(last.array(), *head)
    return Embeddings(**parts, classes=task.classes)


@torch.inference_mode()
def _outputs(model, card, task, split, batch_size, device):
    """Run a reading over the images of a split, a batch at a time."""
    view = view_of(task, card)
    for images, _ in task.chunks(split, batch_size):
        yield model(normalise(view(images, device), card))


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
