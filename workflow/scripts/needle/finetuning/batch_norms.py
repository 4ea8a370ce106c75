"""Batch normalisation in fine-tuning: which statistics move, and statistics that fit the weights.

Running statistics follow the batches by a share a step, the momentum: 1 % in some networks, so that
after a short training they are still those of the data that the model was pre-trained on.
"""

import math

import torch
from torch.nn.modules.batchnorm import _BatchNorm

from needle.models.backbones import normalise

FROZEN = 0.0  # the momentum of statistics that stay as they are
LEAST = 3  # images at once: no part of one, which has no variance


def batch_norms(model):
    """List the batch normalisations of a model that have running statistics."""
    return [m for m in model.modules() if isinstance(m, _BatchNorm) and m.track_running_stats]


def set_momentum(norms, momentum):
    """Let running statistics move by this share a step; with `FROZEN` not at all."""
    for norm in norms:
        norm.momentum = momentum


def train_mode(model):
    """Put a model in training mode, but for batch normalisations whose statistics are frozen."""
    model.train()
    for norm in batch_norms(model):
        norm.train(norm.momentum != FROZEN)


@torch.no_grad()
def recompute(model, images, card, batch_size):
    """Compute the running statistics of a model anew, over all images, for the weights it has.

    Each layer's mean and variance are those of all that it gets, over all parts; what it gets was
    normalised by the layers before as in training, part by part (Wu and Johnson, Rethinking "Batch"
    in BatchNorm, 2021, section 3). Nothing is drawn from torch's generator and dropout is off.

    Parameters
    ----------
    model : torch.nn.Module
        Left in evaluation mode. Statistics that are `FROZEN` stay as they are.
    images : Tensor of uint8, shape (N, 3, H, W)
        Of train, on the device of the model, as it sees them.
    card : dict
        Of the model, for the normalisation of its images.
    batch_size : int
        The most images at once, but at least three. Images are shuffled: parts are alike.
    """
    model.eval()
    norms = [norm for norm in batch_norms(model) if norm.momentum != FROZEN]
    if not norms:
        return
    found = [_Statistics(norm) for norm in norms]
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    parts = math.ceil(len(images) / max(batch_size, LEAST))
    try:
        for part in order.to(images.device).tensor_split(parts):
            model(normalise(images[part], card))
    finally:
        for statistics in found:
            statistics.finish()


class _Statistics:
    """Mean and variance of all that a batch normalisation gets, merged part by part."""

    def __init__(self, norm):
        self.norm, self.momentum = norm, norm.momentum
        self.mean, self.variance = norm.running_mean.clone(), norm.running_var.clone()
        self.count = 0
        norm.momentum = 1.0  # running statistics are then the last part's
        norm.train()
        self.hook = norm.register_forward_hook(self._merge)

    def _merge(self, norm, inputs, output):
        count = inputs[0].numel() // norm.num_features
        self.count += count
        share = count / self.count
        # torch keeps variances with count - 1 in the denominator.
        variance = norm.running_var * ((count - 1) / count)
        apart = norm.running_mean - self.mean if share < 1 else torch.zeros_like(self.mean)
        self.mean = torch.lerp(self.mean, norm.running_mean, share)
        self.variance = torch.lerp(self.variance, variance, share) + share * (1 - share) * apart**2

    def finish(self):
        self.hook.remove()
        self.norm.momentum = self.momentum
        self.norm.eval()
        self.norm.running_mean.copy_(self.mean)
        scale = self.count / (self.count - 1) if self.count > 1 else 1.0
        self.norm.running_var.copy_(self.variance * scale)
