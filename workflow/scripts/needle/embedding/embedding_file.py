"""Embedding files: the features that one frozen model gives for train and val of one task."""

from dataclasses import dataclass

import numpy as np

from needle.base.errors import NeedleError
from needle.base.tensors import open_tensors, read_card, write_tensors

SPLITS = ("train", "val")
SOURCE = "train_source_probabilities"


@dataclass(frozen=True)
class Embeddings:
    """What one frozen model makes of the images of one task.

    Attributes
    ----------
    train_features, val_features : numpy.ndarray of float32, shape (N, D)
    train_labels, val_labels : numpy.ndarray of int64, shape (N,)
    classes : int
        Number of classes of the task.
    train_source_probabilities : numpy.ndarray of float32, shape (N, Z), or None
        Of the classes that the model learned upstream; None if it has no head for them.
    """

    train_features: np.ndarray
    train_labels: np.ndarray
    val_features: np.ndarray
    val_labels: np.ndarray
    classes: int
    train_source_probabilities: np.ndarray | None = None


def write_embeddings(path, embeddings, card):
    """Write an embedding file.

    Raises
    ------
    NeedleError
        If a feature is NaN or infinite: no proxy score would mean anything.
    """
    tensors = {}
    for split in SPLITS:
        features = getattr(embeddings, f"{split}_features")
        _check_finite(path, split, features)
        tensors[f"{split}_features"] = features
        tensors[f"{split}_labels"] = getattr(embeddings, f"{split}_labels")
    if embeddings.train_source_probabilities is not None:
        tensors[SOURCE] = embeddings.train_source_probabilities
        _check_finite(path, "train", tensors[SOURCE])
    write_tensors(path, tensors, card | {"classes": embeddings.classes})


def read_embeddings(path):
    """Read an embedding file and check that every feature is finite."""
    card = read_card(path)
    with open_tensors(path) as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    for split in SPLITS:
        _check_finite(path, split, tensors[f"{split}_features"])
    return Embeddings(**tensors, classes=card["classes"])


def _check_finite(path, split, features):
    broken = np.flatnonzero(~np.isfinite(features).all(axis=1))
    if len(broken):
        raise NeedleError(
            f"{path}: NaN or infinite features in {len(broken)} of {len(features)} {split} "
            f"examples, first in example {broken[0]}; the checkpoint is broken: train or fetch it "
            "again, or take the model out of the config"
        )
