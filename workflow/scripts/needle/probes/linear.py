"""The paper's linear proxy: a softmax classifier on frozen embeddings, trained by SGD.

All runs, every learning rate and repeat, are trained side by side: their weights are stacked, so
that a step is one batched matrix product.
"""

import math

import torch
from tqdm import tqdm

from needle.sgd import batch_order, learning_rate_factors


def train_linear(features, labels, classes, batches, learning_rates, protocol):
    """Train R linear classifiers from zero by SGD with momentum, as torch.optim.SGD does.

    Parameters
    ----------
    features : Tensor, shape (N, D)
    labels : Tensor of int64, shape (N,)
    classes : int
        Number of classes C.
    batches : Tensor of int64, shape (R, steps, batch)
        Training examples of every batch of every run.
    learning_rates : Tensor, shape (R,)
    protocol : dict
        ``momentum``, ``weight_decay``, ``schedule``.

    Returns
    -------
    Tensor, shape (R, D + 1, C)
        Weights; the last row is the bias.
    """
    # The bias is the weight of a constant feature.
    inputs = torch.cat([features, features.new_ones(len(features), 1)], dim=1)
    targets = torch.nn.functional.one_hot(labels, classes).to(inputs.dtype)
    weights = inputs.new_zeros(len(batches), inputs.shape[1], classes)
    velocity = torch.zeros_like(weights)
    rates = learning_rates.to(inputs).view(-1, 1, 1)
    steps, batch_size = batches.shape[1:]
    factors = learning_rate_factors(protocol["schedule"], steps)
    for step in tqdm(range(steps), desc="linear proxy", mininterval=10):
        x, y = inputs[batches[:, step]], targets[batches[:, step]]  # (R, batch, D + 1), (..., C)
        error = (torch.softmax(x @ weights, dim=-1) - y) / batch_size
        gradient = x.transpose(1, 2) @ error
        if protocol["weight_decay"]:
            gradient += protocol["weight_decay"] * weights
        velocity.mul_(protocol["momentum"]).add_(gradient)
        weights -= rates * factors[step] * velocity
    return weights


def accuracy(weights, features, labels):
    """Compute the accuracy of R classifiers; NaN where the weights are not finite.

    Parameters
    ----------
    weights : Tensor, shape (R, D + 1, C)
    features : Tensor, shape (M, D)
    labels : Tensor of int64, shape (M,)

    Returns
    -------
    list of float, length R
    """
    logits = features @ weights[:, :-1] + weights[:, -1:]
    correct = (logits.argmax(dim=-1) == labels).double().mean(dim=1)
    finite = torch.isfinite(logits).flatten(1).all(dim=1)
    return [float(c) if ok else math.nan for c, ok in zip(correct, finite, strict=True)]


def linear_proxy(embeddings, protocol, seeds, device="cpu"):
    """Train every learning rate with every repeat and measure validation accuracy.

    Parameters
    ----------
    embeddings : Embeddings
    protocol : dict
        The config's ``proxies.linear``.
    seeds : list of int
        One for each repeat: it draws the batches, the same for every learning rate.
    device : torch.device or str

    Returns
    -------
    list of dict
        ``repeat, learning_rate, val_accuracy``, one for each run.
    """
    runs = [
        {"repeat": repeat, "learning_rate": rate}
        for repeat in range(protocol["repeats"])
        for rate in protocol["learning_rates"]
    ]
    features = torch.from_numpy(embeddings.train_features).to(device)
    order = [
        torch.from_numpy(
            batch_order(len(features), protocol["batch_size"], protocol["steps"], seed)
        )
        for seed in seeds
    ]
    weights = train_linear(
        features,
        torch.from_numpy(embeddings.train_labels).to(device),
        embeddings.classes,
        torch.stack([order[run["repeat"]] for run in runs]).to(device),
        torch.tensor([run["learning_rate"] for run in runs]),
        protocol,
    )
    accuracies = accuracy(
        weights,
        torch.from_numpy(embeddings.val_features).to(device),
        torch.from_numpy(embeddings.val_labels).to(device),
    )
    return [run | {"val_accuracy": acc} for run, acc in zip(runs, accuracies, strict=True)]
