"""Fine-tuning of all weights of a model on a task, as the paper does.

One code path for every device: train and val stay on it as uint8, are normalised there and taken
batch by batch by index; the test set, which may be large, is streamed through it.
"""

import copy
import gc
import math
import time
from functools import partial

import torch
from tqdm import tqdm

from needle.base.errors import NeedleError
from needle.base.measures import ACCURACY, measure
from needle.base.sgd import batch_order, learning_rate_factors
from needle.finetuning.partial import Curve, partial_steps
from needle.machine.device import autocast, float64, is_out_of_memory, move
from needle.models.backbones import forward_all, granularity, normalise
from needle.models.checkpoints import attach_head
from needle.models.views import view_of

EVALUATION_BATCH = 256
CHUNK = 4 * EVALUATION_BATCH  # images of the test set read at a time
CHECK_EVERY = 25


def finetune(
    backbone, card, task, protocol, seeds, device="cpu", finished=(), keep=None, metric=ACCURACY
):  # fmt: skip
    """Fine-tune a model with every learning rate and repeat.

    A batch is computed in micro-batches of the protocol's size, if it declares one. Where they do
    not fit the device's memory they are halved; the first run to find it out starts again from its
    seed, and the later ones begin with the size found.

    Parameters
    ----------
    backbone : torch.nn.Module
        As `load_backbone` gives it; left as it is.
    card : dict
        Its card, for how it takes images and their normalisation.
    task : Task
    protocol : dict
        The config's ``finetune``.
    seeds : list of int
        One for each repeat: it draws the batches, the same for every learning rate.
    device : torch.device or str
    finished : sequence of dict
        The first runs, as they were yielded before: they are not done again, and the others begin
        with the micro-batch of the last of them, so that they are what they would have been.
    keep : callable, optional
        Called as ``keep(row, model)`` with each run before it is yielded, and with its model,
        which is on the device and lives no longer than the call. The test set is then left alone:
        it is for the model that is chosen of those kept.
    metric : str, optional
        Of `measures.MEASURES`: measured on val too, as ``val_{metric}``.

    Yields
    ------
    dict
        One for each run, repeat by repeat: repeat, learning_rate, val_accuracy, test_accuracy
        (NaN if it diverged, and with `keep`), diverged, steps done, the columns of
        `partial.Curve`, micro_batch (the most images computed at once, None for the whole batch).

    Raises
    ------
    NeedleError
        If not even one image at a time fits, or the device lacks the protocol's ``precision``.
    """
    device = torch.device(device)
    view = training_view(backbone, card, task, protocol)
    splits = {name: _load(task, name, view, device) for name in ("train", "val")}
    runs = [
        (repeat, rate)
        for repeat in range(protocol["repeats"])
        for rate in protocol["learning_rates"]
    ]
    whole_batch = min(protocol["batch_size"], len(splits["train"][0]))
    # None is the whole batch, until it is found not to fit.
    micro_batch = finished[-1]["micro_batch"] if finished else protocol.get("micro_batch")
    steps = protocol["steps"]
    progress = tqdm(
        desc=f"fine-tune {card['name']}",
        initial=len(finished) * steps,
        total=len(runs) * steps,
        unit=" steps",
        mininterval=2,
    )
    with progress:
        for done, (repeat, rate) in enumerate(runs[len(finished) :], start=len(finished)):
            run = {"repeat": repeat, "learning_rate": rate}
            attempt = partial(
                _run, run, backbone, card, task, view, splits, protocol, seeds[repeat], keep,
                metric, progress,
            )  # fmt: skip
            row, micro_batch = _within_memory(attempt, micro_batch, whole_batch)
            # A run may end early, or begin again.
            progress.update((done + 1) * steps - progress.n)
            yield row


def training_view(backbone, card, task, protocol):
    """Choose how a model sees a task in training, and after it."""
    return view_of(task, card, protocol.get("pixels"), granularity(backbone))


def _run(
    run, backbone, card, task, view, splits, protocol, seed, keep, metric, progress, micro_batch
):  # fmt: skip
    """Fine-tune and evaluate once, and let the model be kept."""
    started = time.perf_counter()
    device = splits["train"][0].device
    torch.manual_seed(seed)
    model = attach_head(copy.deepcopy(backbone), task.classes).to(device)
    # What fits for training fits for evaluation.
    batch_size = min(EVALUATION_BATCH, micro_batch or EVALUATION_BATCH)
    precision = autocast(device, protocol.get("precision", "float32"))
    evaluate = partial(_accuracy, model, card, precision, batch_size)
    val_accuracy = partial(evaluate, [splits["val"]])
    curve = Curve(protocol, val_accuracy, started)
    steps, finite = train(
        model, card, *splits["train"], run["learning_rate"], protocol, seed, micro_batch,
        measure=curve.measure, progress=progress,
    )  # fmt: skip
    val = val_accuracy() if finite else math.nan
    test = (
        math.nan
        if keep or math.isnan(val)
        else evaluate(
            (view(images, device), move(labels, device))
            for images, labels in task.chunks("test", CHUNK)
        )
    )
    diverged = math.isnan(val if keep else test)
    row = run | {
        "val_accuracy": math.nan if diverged else val,
        **_other_measure(metric, diverged, model, card, precision, batch_size, splits["val"]),
        "test_accuracy": test,
        "diverged": diverged,
        "steps": steps,
        **curve.columns(steps, time.perf_counter()),
        "micro_batch": micro_batch,
    }
    if keep:
        keep(row, model)
    return row


def _within_memory(attempt, micro_batch, whole_batch):
    """Make an attempt, again with half the micro-batch where memory ends.

    Parameters
    ----------
    attempt : callable
        Takes the micro-batch size, None for the whole batch.
    micro_batch : int or None
    whole_batch : int

    Returns
    -------
    tuple
        What the attempt returned, and the micro-batch size that it took.
    """
    while True:
        try:
            return attempt(micro_batch), micro_batch
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
            size = micro_batch or whole_batch
            if size == 1:
                raise NeedleError(
                    "fine-tuning: not even one image at a time fits the device's memory; take a "
                    "device with more, a smaller image_size, or the model out of the config"
                ) from error
        # Free memory outside the handler: inside, the error still holds the attempt's tensors.
        gc.collect()
        if torch.accelerator.is_available():
            torch.accelerator.empty_cache()
        micro_batch = math.ceil(size / 2)
        tqdm.write(
            f"{size} images at a time do not fit the device's memory: again with {micro_batch}"
        )


def train(
    model, card, images, labels, learning_rate, protocol, seed, micro_batch=None, measure=None,
    progress=None,
):  # fmt: skip
    """Train all weights with SGD.

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
    measure : callable, optional
        Called as ``measure(step, finite)`` after each step of `partial_steps`, and whether every
        loss was finite so far; it may evaluate the model, and training goes on as if it had not.
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
    optimiser = torch.optim.SGD(
        model.parameters(),
        lr=learning_rate,
        momentum=protocol["momentum"],
        weight_decay=protocol["weight_decay"],
    )
    stops = set(partial_steps(protocol).values()) if measure else ()
    precision = autocast(images.device, protocol.get("precision", "float32"))
    forward = torch.compile(model, dynamic=False) if protocol.get("compile") else model
    finite = torch.ones((), dtype=torch.bool, device=images.device)
    model.train()
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = learning_rate * factors[step]
        optimiser.zero_grad()
        for batch in order[step].tensor_split(micro_batches):
            with precision:
                logits = forward(normalise(images[batch], card))
            loss = torch.nn.functional.cross_entropy(logits.float(), labels[batch])
            (loss * (len(batch) / order.shape[1])).backward()
            finite &= torch.isfinite(loss.detach())
        if "gradient_clip" in protocol:
            torch.nn.utils.clip_grad_norm_(model.parameters(), protocol["gradient_clip"])
        optimiser.step()
        if progress is not None:
            progress.update()
        if step + 1 in stops:
            measure(step + 1, bool(finite))
            model.train()
        # Reading the flag makes a GPU wait, so it is read now and then.
        if (step + 1) % CHECK_EVERY == 0 and not finite:
            return step + 1, False
    return steps, bool(finite)


def _accuracy(model, card, precision, batch_size, chunks):
    """Compute the accuracy over chunks of images and labels; NaN if a logit is not finite."""
    correct, finite, examples = 0, True, 0
    with precision:
        for images, labels in chunks:
            logits = forward_all(model, images, card, batch_size)
            correct = correct + (logits.argmax(dim=1) == labels).sum()
            finite = finite & logits.isfinite().all()
            examples += len(labels)
    return correct.item() / examples if finite else math.nan


def _other_measure(metric, diverged, model, card, precision, batch_size, val):
    """Measure val by another measure than accuracy, if one is asked for."""
    if metric == ACCURACY:
        return {}
    if diverged:
        return {f"val_{metric}": math.nan}
    images, labels = val
    with precision:
        logits = float64(forward_all(model, images, card, batch_size))
    value = measure(metric, labels.cpu().numpy(), logits.softmax(dim=1).cpu().numpy())
    return {f"val_{metric}": value}


def _load(task, split, view, device):
    """Read a split: images on the device as the model sees them, and labels."""
    # Pictures with their own sizes are larger as they are stored than as the model sees them.
    parts = [view(images, device) for images, _ in task.chunks(split, EVALUATION_BATCH)]
    return torch.cat(parts), move(task.labels(split), device)
