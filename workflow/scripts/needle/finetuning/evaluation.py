"""What a model reaches on val and test, while it is fine-tuned and in the end."""

import math
from dataclasses import dataclass

import torch

from needle.base.measures import ACCURACY, measure
from needle.finetuning.batch_norms import recompute
from needle.machine.device import float64
from needle.models.backbones import forward_all

VAL_ACCURACY = f"val_{ACCURACY}"


@dataclass(frozen=True)
class Evaluator:
    """Measures one model.

    Attributes
    ----------
    model : torch.nn.Module
        On the device of the images.
    card : dict
    splits : dict of str to tuple of Tensor
        Images and labels of train and val, as the model sees them.
    metric : str
        Of `measures.MEASURES`: measured on val beside the accuracy.
    precision : context manager
        See `device.autocast`.
    batch_size : int
        Images at once.
    recomputed : bool
        Whether the running statistics of batch normalisation are computed anew, over train, before
        val is measured. Training does not look at them and goes on as if nothing had been.
    """

    model: torch.nn.Module
    card: dict
    splits: dict
    metric: str
    precision: object
    batch_size: int
    recomputed: bool

    def val(self):
        """Measure val.

        Returns
        -------
        dict of str to float
            ``val_accuracy`` and ``val_{metric}``; NaN if a logit is not finite.
        """
        if self.recomputed:
            with self.precision:
                recompute(self.model, self.splits["train"][0], self.card, self.batch_size)
        images, labels = self.splits["val"]
        logits = self._logits(images)
        finite = bool(logits.isfinite().all())
        right = (logits.argmax(dim=1) == labels).sum().item()
        found = {VAL_ACCURACY: right / len(labels) if finite else math.nan}
        if self.metric != ACCURACY:
            found[f"val_{self.metric}"] = self._other(logits, labels) if finite else math.nan
        return found

    def test(self, chunks):
        """Compute the accuracy over chunks of images and labels; NaN if a logit is not finite."""
        correct, finite, examples = 0, True, 0
        for images, labels in chunks:
            logits = self._logits(images)
            correct = correct + (logits.argmax(dim=1) == labels).sum()
            finite = finite & logits.isfinite().all()
            examples += len(labels)
        return correct.item() / examples if finite else math.nan

    def _logits(self, images):
        with self.precision:
            return forward_all(self.model, images, self.card, self.batch_size)

    def _other(self, logits, labels):
        probabilities = float64(logits).softmax(dim=1)
        return measure(self.metric, labels.cpu().numpy(), probabilities.cpu().numpy())
