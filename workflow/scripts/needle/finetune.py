"""Fine-tuning of all weights of a model on a task, as the paper does."""

import copy
import math
import time

import torch
from tqdm import tqdm

from needle.sgd import batch_order, learning_rate_factors
from needle.zoo.checkpoints import attach_head
from needle.zoo.models import forward_all, normalise

EVALUATION_BATCH = 256
CHECK_EVERY = 25


def finetune(backbone, card, splits, classes, protocol, seeds, device="cpu"):
    """Fine-tune a model with every learning rate and repeat.

    Parameters
    ----------
    backbone : torch.nn.Module
        As `load_backbone` gives it; left as it is.
    card : dict
        Its card, for the normalisation.
    splits : dict of str to tuple of numpy.ndarray
        Images uint8 (N, 3, H, W) and labels int64 (N,) of train, val and test.
    classes : int
    protocol : dict
        The config's ``finetune``.
    seeds : list of int
        One for each repeat: it draws the batches, the same for every learning rate.
    device : torch.device or str

    Returns
    -------
    list of dict
        One for each run: repeat, learning_rate, val_accuracy, test_accuracy (NaN if it diverged),
        diverged, steps done, seconds.
    """
    splits = {
        split: [torch.from_numpy(array).to(device) for array in arrays]
        for split, arrays in splits.items()
    }
    runs = [
        (repeat, rate)
        for repeat in range(protocol["repeats"])
        for rate in protocol["learning_rates"]
    ]
    rows = []
    progress = tqdm(runs, desc=f"fine-tune {card['name']}", mininterval=10)
    for repeat, rate in progress:
        started = time.perf_counter()
        torch.manual_seed(seeds[repeat])
        model = attach_head(copy.deepcopy(backbone), classes).to(device)
        steps, finite = train(model, card, *splits["train"], rate, protocol, seeds[repeat])
        val = _accuracy(model, card, *splits["val"]) if finite else math.nan
        test = _accuracy(model, card, *splits["test"]) if finite else math.nan
        diverged = math.isnan(val) or math.isnan(test)
        rows.append(
            {
                "repeat": repeat,
                "learning_rate": rate,
                "val_accuracy": math.nan if diverged else val,
                "test_accuracy": math.nan if diverged else test,
                "diverged": diverged,
                "steps": steps,
                "seconds": time.perf_counter() - started,
            }
        )
    return rows


def train(model, card, images, labels, learning_rate, protocol, seed):
    """Train all weights with SGD.

    Returns
    -------
    tuple of int and bool
        Steps done, and whether every loss was finite; training stops soon after one is not.
    """
    steps = protocol["steps"]
    order = batch_order(len(images), protocol["batch_size"], steps, seed)
    factors = learning_rate_factors(protocol["schedule"], steps)
    optimiser = torch.optim.SGD(
        model.parameters(),
        lr=learning_rate,
        momentum=protocol["momentum"],
        weight_decay=protocol["weight_decay"],
    )
    finite = torch.ones((), dtype=torch.bool, device=images.device)
    model.train()
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = learning_rate * factors[step]
        batch = torch.from_numpy(order[step]).to(images.device)
        loss = torch.nn.functional.cross_entropy(
            model(normalise(images[batch], card)), labels[batch]
        )
        optimiser.zero_grad()
        loss.backward()
        if "gradient_clip" in protocol:
            torch.nn.utils.clip_grad_norm_(model.parameters(), protocol["gradient_clip"])
        optimiser.step()
        finite &= torch.isfinite(loss.detach())
        # Reading the flag makes a GPU wait, so it is read now and then.
        if (step + 1) % CHECK_EVERY == 0 and not finite:
            return step + 1, False
    return steps, bool(finite)


def _accuracy(model, card, images, labels):
    """Compute the accuracy; NaN if a logit is not finite."""
    logits = forward_all(model, images, card, EVALUATION_BATCH)
    if not logits.isfinite().all():
        return math.nan
    return (logits.argmax(dim=1) == labels).double().mean().item()
