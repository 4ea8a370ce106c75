"""Attentive pooling: tokens pooled by queries that learn the labels of the train images.

Efficient probing (Psomas et al., "Attention, Please! Revisiting Attentive Probing Through the Lens
of Efficiency", arXiv 2506.10178): query q_j weighs the tokens x_l by the softmax over l of
q_j · x_l / √D, and pools the j-th slice of their channels. Its projection of the values, D x D, is
left out: it would have more parameters than 800 images can tell, and features keep their width.
"""

import math

import numpy as np
import torch

from needle.base.sgd import batch_order, learning_rate_factors

QUERIES = 32  # efficient probing's default
# How V-JEPA trains its attentive probe on ImageNet (arXiv 2404.08471, configs/evals/vitl16_in1k):
# AdamW, along half a cosine.
EPOCHS = 20
BATCH_SIZE = 16  # images
LEARNING_RATE = 0.001
WEIGHT_DECAY = 0.001
SCHEDULE = {"kind": "cosine", "warmup": 0}


class AttentivePooling(torch.nn.Module):
    """Queries that each pool a slice of the channels. Untrained they give the mean of the tokens.

    Parameters
    ----------
    shift, scale : Tensor, shape (D,)
        Tokens are standardised by these before they are looked at, as features are before MAE's
        linear probe (arXiv 2111.06377, A.1): models differ in the size of their tokens.
    """

    def __init__(self, shift, scale):
        super().__init__()
        width = len(shift)
        self.register_buffer("shift", shift)
        self.register_buffer("scale", scale)
        # Slices of one size: as many of the queries as divide the width.
        self.queries = torch.nn.Parameter(torch.zeros(math.gcd(QUERIES, width), width))

    def forward(self, tokens):
        """Pool tokens (N, L, D): features (N, D)."""
        tokens = (tokens - self.shift) / self.scale
        weights = (tokens @ self.queries.T / math.sqrt(tokens.shape[2])).softmax(dim=1)
        slices = tokens.unflatten(2, (len(self.queries), -1))
        return torch.einsum("nlq,nlqc->nqc", weights, slices).flatten(1)


def train_pooling(tokens, labels, classes, device, seed):
    """Train queries, with a linear head that is then forgotten, to tell the labels.

    Parameters
    ----------
    tokens : numpy.ndarray or FileRows, shape (N, L, D)
        Of train; a batch is read at a time.
    labels : numpy.ndarray of int, shape (N,)
    classes : int
    device : torch.device or str
    seed : int
        Draws the order of the batches; queries and head begin at 0.

    Returns
    -------
    AttentivePooling
    """
    shift, scale = _moments(tokens)
    pooling = AttentivePooling(shift, scale).to(device)
    head = torch.nn.Linear(len(shift), classes, device=device)
    torch.nn.init.zeros_(head.weight)
    torch.nn.init.zeros_(head.bias)
    optimiser = torch.optim.AdamW(
        [*pooling.parameters(), *head.parameters()], LEARNING_RATE, weight_decay=WEIGHT_DECAY
    )
    steps = EPOCHS * math.ceil(len(labels) / BATCH_SIZE)
    order = batch_order(len(labels), BATCH_SIZE, steps, seed)
    for rows, factor in zip(order, learning_rate_factors(SCHEDULE, steps), strict=True):
        for group in optimiser.param_groups:
            group["lr"] = LEARNING_RATE * factor
        logits = head(pooling(_batch(tokens, rows, device)))
        loss = torch.nn.functional.cross_entropy(logits, torch.from_numpy(labels[rows]).to(device))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return pooling


@torch.inference_mode()
def pool(pooling, tokens, device):
    """Pool tokens (N, L, D), a batch at a time: features (N, D), float32."""
    starts = range(0, len(tokens), BATCH_SIZE)
    batches = (_batch(tokens, slice(start, start + BATCH_SIZE), device) for start in starts)
    return torch.cat([pooling(batch) for batch in batches]).cpu().numpy()


def _batch(tokens, rows, device):
    return torch.from_numpy(tokens[rows].astype(np.float32)).to(device)


def _moments(tokens):
    """Mean and standard deviation of each channel, over all tokens; of a constant one, 1."""
    count, sums, squares = 0, 0, 0
    for start in range(0, len(tokens), BATCH_SIZE):
        values = tokens[start : start + BATCH_SIZE].astype(np.float64)
        sums = sums + values.sum(axis=(0, 1))
        squares = squares + (values**2).sum(axis=(0, 1))
        count += values.shape[0] * values.shape[1]
    mean = sums / count
    deviation = np.sqrt(np.maximum(squares / count - mean**2, 0))
    deviation[deviation <= 1e-6 * np.abs(mean)] = 1
    deviation[deviation == 0] = 1
    return (torch.from_numpy(each.astype(np.float32)) for each in (mean, deviation))
