"""All models frozen, each with a tuned head: the best of them on val."""

import time

import numpy as np
import torch

from needle.machine.device import choose_device
from needle.models.backbones import forward_all
from needle.models.checkpoints import load_backbone
from needle.models.views import view_of
from needle.proxies.tuned_head import tune_head

BATCH = 64


def outputs(model, card, task, split, device):
    """Compute what a model gives for each picture of a split: embeddings, or logits of its head."""
    view = view_of(task, card)
    return torch.cat(
        [
            forward_all(model, view(images, device), card, BATCH)
            for images, _ in task.chunks(split, BATCH)
        ]
    ).numpy()


def probe(case, _seconds):
    """Tune a head for each model, and look at test with the best."""
    started = time.perf_counter()
    device, task = choose_device(case.cores, 0), case.task
    labels = {split: task.labels(split) for split in ("train", "val", "test")}
    best = (-1.0,)
    for model in case.models:
        backbone, card = load_backbone(case.checkpoint(model))
        train, val = (outputs(backbone, card, task, split, device) for split in ("train", "val"))
        head = tune_head(train, labels["train"], val, labels["val"], task.classes)
        accuracy = np.mean(head.logits(val).argmax(axis=1) == labels["val"])
        if accuracy > best[0]:
            best = accuracy, model, backbone, card, head
    accuracy, model, backbone, card, head = best
    said = head.logits(outputs(backbone, card, task, "test", device)).argmax(axis=1)
    return {
        "model": model,
        "val_accuracy": accuracy,
        "test_accuracy": np.mean(said == labels["test"]),
        "seconds": time.perf_counter() - started,
        "predicted": said,
    }
