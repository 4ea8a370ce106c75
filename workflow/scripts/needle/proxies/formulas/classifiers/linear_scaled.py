"""The linear proxy on features of one size, whatever their scale and shift."""

import dataclasses

import numpy as np

from needle.proxies.formulas.classifiers import linear

# With momentum m, SGD at a rate r is stable near its start while r λ / C < 2 (1 + m), λ the largest
# eigenvalue of the features' second moments and C the number of classes (the cross-entropy bends by
# λ / C where all classes are as probable; Polyak 1964). λ is at most the mean squared length: with
# lengths of 10, at the rate 0.1 and momentum 0.9 of the paper, that holds for any features from
# three classes on. Much shorter ones stay untrained in a few hundred steps.
LENGTH = 10.0


def runs(embeddings, protocol, seeds):
    """Train every learning rate with every repeat on scaled features, as `linear.runs` does.

    The mean of the training features is subtracted from all features, and all are divided by one
    number, so that the root mean square length of the training features is `LENGTH`. So the
    accuracies change neither with the scale of a model's features nor with a shift, on both of
    which plain SGD from zero depends. Parameters and returns are those of `linear.runs`.
    """
    return linear.runs(scaled(embeddings), protocol, seeds)


def scaled(embeddings):
    """Centre and scale the features by those of the training examples; constant ones become 0."""
    first = embeddings.train_features[0]
    # Differences of float32 numbers of one magnitude are exact in float64, their mean is not.
    train, val = (
        features.astype(np.float64) - first
        for features in (embeddings.train_features, embeddings.val_features)
    )
    mean = train.mean(axis=0)
    size = np.sqrt(((train - mean) ** 2).sum(axis=1).mean())
    factor = LENGTH / size if size > 0 else 1.0
    kind = embeddings.train_features.dtype
    return dataclasses.replace(
        embeddings,
        train_features=((train - mean) * factor).astype(kind),
        val_features=((val - mean) * factor).astype(kind),
    )
