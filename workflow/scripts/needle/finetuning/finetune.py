"""Fine-tuning of a model on a task: every learning rate and repeat of a protocol.

One code path for every device: train and val stay on it as uint8, are normalised there and taken
batch by batch by index; the test set, which may be large, is streamed through it.
"""

import copy
import gc
import math
import time
from functools import cache, partial

import torch
from timm.utils import ModelEmaV3
from tqdm import tqdm

from needle.base.errors import NeedleError
from needle.base.measures import ACCURACY
from needle.finetuning.adapters import add_adapters, merge_adapters
from needle.finetuning.best_state import BestState
from needle.finetuning.evaluation import VAL_ACCURACY, Evaluator
from needle.finetuning.frozen import freeze
from needle.finetuning.partial import Curve
from needle.finetuning.training import train
from needle.machine.device import autocast, is_out_of_memory, move
from needle.models.backbones import granularity
from needle.models.checkpoints import attach_head, set_head
from needle.models.views import view_of

EVALUATION_BATCH = 256
CHUNK = 4 * EVALUATION_BATCH  # images of the test set read at a time


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
        The config's ``finetune``, with learning rates in a list.
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
        (NaN if it diverged, and with `keep`), diverged, steps done, with ``evaluate`` the
        best_step of these, whose state the accuracies are of (NaN if it diverged), the columns of
        `partial.Curve`, micro_batch (the most images computed at once, None for the whole batch).

    Raises
    ------
    NeedleError
        If not even one image at a time fits, or the device lacks the protocol's ``precision``.
    """
    device = torch.device(device)
    view = training_view(backbone, card, task, protocol)
    splits = {name: load_split(task, name, view, device) for name in ("train", "val")}
    job = _Job(backbone, card, task, protocol, view, splits, metric, keep)
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
            attempt = partial(job.run, run, seeds[repeat], progress)
            row, micro_batch = _within_memory(attempt, micro_batch, whole_batch)
            # A run may end early, or begin again.
            progress.update((done + 1) * steps - progress.n)
            yield row


def training_view(backbone, card, task, protocol):
    """Choose how a model sees a task in training, and after it."""
    return view_of(task, card, protocol.get("pixels"), granularity(backbone))


class _Job:
    """What all runs of a model on a task have in common."""

    def __init__(self, backbone, card, task, protocol, view, splits, metric, keep):
        self.backbone, self.card, self.task, self.protocol = backbone, card, task, protocol
        self.view, self.splits, self.metric, self.keep = view, splits, metric, keep
        self.device = splits["train"][0].device
        self.precision = autocast(self.device, protocol.get("precision", "float32"))
        # By the images at once, so that a job that goes on begins with the same head.
        self.head = cache(self._head)

    def run(self, run, seed, progress, micro_batch):
        """Fine-tune and evaluate once, and let the model be kept."""
        started = time.perf_counter()
        torch.manual_seed(seed)
        # What fits for training fits for evaluation.
        batch_size = min(EVALUATION_BATCH, micro_batch or EVALUATION_BATCH)
        model = self._model(batch_size)
        average = None
        if "ema" in self.protocol:
            average = ModelEmaV3(model, decay=self.protocol["ema"], use_warmup=True)
        evaluator = Evaluator(
            average.module if average else model, self.card, self.splits, self.metric,
            self.precision, batch_size,
            average is not None or self.protocol.get("batch_norm") == "recomputed",
        )  # fmt: skip
        curve = Curve(self.protocol, lambda: evaluator.val()[VAL_ACCURACY], started)
        best = BestState(self.protocol, evaluator)
        steps, finite = train(
            model, self.card, *self.splits["train"], run["learning_rate"], self.protocol, seed,
            micro_batch, watches=(curve, best), average=average, augment=self._augment(),
            progress=progress,
        )  # fmt: skip
        row = run | self._reached(evaluator, best, finite)
        row |= {"steps": steps}
        if best.steps:
            row |= {"best_step": math.nan if row["diverged"] else best.step}
        row |= curve.columns(steps, time.perf_counter()) | {"micro_batch": micro_batch}
        if "lora" in self.protocol:
            merge_adapters(evaluator.model)
        if self.keep:
            self.keep(row, evaluator.model)
        return row

    def _model(self, batch_size):
        """Build the model that a run begins with."""
        model = attach_head(copy.deepcopy(self.backbone), self.task.classes).to(self.device)
        if self.protocol.get("head") == "probe":
            head = self.head(batch_size)
            set_head(model, head.weight, head.bias)
        if "lora" in self.protocol:
            add_adapters(model, self.card, self.protocol["lora"])
        return freeze(model, self.protocol)

    def _head(self, batch_size):
        # scikit-learn takes seconds to import.
        from needle.finetuning.heads import probed_head

        return probed_head(
            self.backbone, self.card, self.task.classes, self.splits, self.protocol, batch_size
        )

    def _augment(self):
        if "augment" not in self.protocol:
            return None
        # kornia takes seconds to import.
        from needle.finetuning.augment import augmentation

        return augmentation(self.protocol, self.task.card.get("keep", ()))

    def _reached(self, evaluator, best, finite):
        """Measure what a run has reached: val, and test unless the model is kept."""
        lost = dict.fromkeys((VAL_ACCURACY, f"val_{self.metric}"), math.nan)
        val = lost
        if finite and best.steps:
            val = best.restore() if best.state else lost
        elif finite:
            val = evaluator.val()
        test = math.nan
        if not (self.keep or math.isnan(val[VAL_ACCURACY])):
            test = evaluator.test(
                (self.view(images, self.device), move(labels, self.device))
                for images, labels in self.task.chunks("test", CHUNK)
            )
        diverged = math.isnan(val[VAL_ACCURACY] if self.keep else test)
        return (lost if diverged else val) | {"test_accuracy": test, "diverged": diverged}


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


def load_split(task, split, view, device):
    """Read a split: images on the device as the model sees them, and labels."""
    # Pictures with their own sizes are larger as they are stored than as the model sees them.
    parts = [view(images, device) for images, _ in task.chunks(split, EVALUATION_BATCH)]
    return torch.cat(parts), move(task.labels(split), device)
