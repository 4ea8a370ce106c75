"""The training loop: one code path for every protocol and device."""

import math

import torch

from needle.base.sgd import batch_order, learning_rate_factors
from needle.finetuning.batch_norms import train_mode
from needle.finetuning.optimisers import build_optimiser, set_learning_rate
from needle.machine.device import autocast
from needle.models.backbones import normalise

CHECK_EVERY = 25


def train(
    model, card, images, labels, learning_rate, protocol, seed, micro_batch=None, watches=(),
    average=None, augment=None, progress=None,
):  # fmt: skip
    """Train what is not frozen of a model.

    The gradient of a batch is that of its mean loss, whatever the micro-batch; but batch
    normalisation sees one micro-batch at a time, so that its statistics are of fewer images.

    Parameters
    ----------
    model : torch.nn.Module
        With a head, on the device of the images.
    card : dict
    images : Tensor of uint8, shape (N, 3, H, W)
    labels : Tensor of int64, shape (N,)
    learning_rate : float
    protocol : dict
    seed : int
        Draws the batches.
    micro_batch : int or None
        The most images to compute at once; None for the whole batch.
    watches : sequence of object, optional
        After each step of its ``steps``, ``measure(step, finite)`` of each is called, with whether
        every loss was finite so far; it may evaluate the model, and training goes on as if it had
        not, or ends where it returns True.
    average : timm.utils.ModelEmaV3, optional
        Updated after each step.
    augment : callable, optional
        Changes the images of a micro-batch before they are normalised.
    progress : tqdm, optional
        Told of each step.

    Returns
    -------
    tuple of int and bool
        Steps done, and whether every loss was finite; training stops soon after one is not.
    """
    steps = protocol["steps"]
    order = batch_order(len(images), protocol["batch_size"], steps, seed)
    micro_batches = math.ceil(order.shape[1] / (micro_batch or order.shape[1]))
    order = torch.from_numpy(order).to(images.device)
    factors = learning_rate_factors(protocol["schedule"], steps)
    optimiser = build_optimiser(model, protocol, learning_rate)
    parameters = list(model.parameters())  # once: looking through the modules takes a while
    smoothing = protocol.get("label_smoothing", 0.0)
    precision = autocast(images.device, protocol.get("precision", "float32"))
    forward = torch.compile(model, dynamic=False) if protocol.get("compile") else model
    finite = torch.ones((), dtype=torch.bool, device=images.device)
    train_mode(model)
    for step in range(steps):
        set_learning_rate(optimiser, learning_rate * factors[step])
        optimiser.zero_grad()
        for batch in order[step].tensor_split(micro_batches):
            seen = images[batch] if augment is None else augment(images[batch])
            with precision:
                logits = forward(normalise(seen, card))
            loss = torch.nn.functional.cross_entropy(
                logits.float(), labels[batch], label_smoothing=smoothing
            )
            (loss * (len(batch) / order.shape[1])).backward()
            finite &= torch.isfinite(loss.detach())
        if "gradient_clip" in protocol:
            torch.nn.utils.clip_grad_norm_(parameters, protocol["gradient_clip"])
        optimiser.step()
        if average is not None:
            average.update(model, step)
        if progress is not None:
            progress.update()
        if told := [watch for watch in watches if step + 1 in watch.steps]:
            ended = [watch.measure(step + 1, bool(finite)) for watch in told]
            if any(ended):
                return step + 1, bool(finite)
            train_mode(model)
        # Reading the flag makes a GPU wait, so it is read now and then.
        if (step + 1) % CHECK_EVERY == 0 and not finite:
            return step + 1, False
    return steps, bool(finite)
