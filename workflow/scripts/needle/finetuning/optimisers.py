"""Optimisers of fine-tuning: SGD as the papers of benchmarks have it, AdamW as it is done today."""

import torch
from timm.optim import create_optimizer_v2


def build_optimiser(model, protocol, learning_rate):
    """Build the optimiser of a protocol over what is trained of a model.

    Parameters
    ----------
    model : torch.nn.Module
    protocol : dict
        ``optimizer: sgd`` (also if not given): momentum, and weight decay on all weights.
        ``optimizer: adamw`` (Loshchilov and Hutter, 2019): weight decay on all but norms, biases
        and what the architecture excepts; with ``layer_decay`` the learning rate of each layer is
        that of the next times so much (Bao and others, BEiT, 2022).
    learning_rate : float

    Returns
    -------
    torch.optim.Optimizer
        Groups with another learning rate have its factor as ``lr_scale``.
    """
    if protocol.get("optimizer", "sgd") == "sgd":
        return torch.optim.SGD(
            model.parameters(),
            lr=learning_rate,
            momentum=protocol["momentum"],
            weight_decay=protocol["weight_decay"],
            foreach=True,  # what a GPU does by itself; the same sums
        )
    return create_optimizer_v2(
        model,
        opt="adamw",
        lr=learning_rate,
        weight_decay=protocol["weight_decay"],
        layer_decay=protocol.get("layer_decay"),
    )


def set_learning_rate(optimiser, learning_rate):
    """Give every group of an optimiser a learning rate, times its ``lr_scale``."""
    for group in optimiser.param_groups:
        group["lr"] = learning_rate * group.get("lr_scale", 1)
