"""Embeddings drawn for the tests of the proxies."""

import dataclasses

import numpy as np

from needle.embedding.embedding_file import Embeddings


def draw(examples=40, width=6, classes=4, noise=1.0, seed=0, val=20, sources=7):
    """Draw features around a centre for each class; in train some classes are more than others."""
    rng = np.random.default_rng(seed)
    shares = np.arange(1, classes + 1) / np.arange(1, classes + 1).sum()
    train = [*range(classes), *rng.choice(classes, examples - classes, p=shares)]
    labels = np.concatenate([rng.permutation(train), rng.permutation(np.arange(val) % classes)])
    centres = rng.normal(size=(classes, width))
    features = centres[labels] + noise * rng.normal(size=(examples + val, width))
    logits = 2 * rng.normal(size=(examples, sources)) + labels[:examples, None] % 3
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return Embeddings(
        features[:examples], labels[:examples], features[examples:], labels[examples:],
        classes, probabilities,
    )  # fmt: skip


def mapped(embeddings, change):
    """Change the features of train and val alike."""
    return dataclasses.replace(
        embeddings,
        train_features=change(embeddings.train_features),
        val_features=change(embeddings.val_features),
    )


def one_hot(labels):
    """Rows of an identity matrix, class by class."""
    return (labels[:, None] == np.unique(labels)).astype(float)


def within_and_means(features, labels):
    """Deviations from class means (N, D), and the means (C, D), in a loop."""
    means = np.array([features[labels == c].mean(axis=0) for c in np.unique(labels)])
    places = np.searchsorted(np.unique(labels), labels)
    return features - means[places], means
