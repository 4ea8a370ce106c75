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


def probe(case, _seconds):
    """Tune a head for each model, and look at test with the best."""
    started = time.perf_counter()
    device, task = choose_device(case.cores, 0), case.task
    labels = {split: task.labels(split) for split in ("train", "val", "test")}

    def features(split):
        view = view_of(task, card)
        parts = [forward_all(backbone, view(images, device), card, BATCH)
                 for images, _ in task.chunks(split, BATCH)]  # fmt: skip
        return torch.cat(parts).numpy()

    best = (-1.0,)
    for model in case.models:
        backbone, card = load_backbone(case.checkpoint(model))
        train, val = features("train"), features("val")
        head = tune_head(train, labels["train"], val, labels["val"], task.classes)
        accuracy = np.mean(head.logits(val).argmax(axis=1) == labels["val"])
        if accuracy > best[0]:
            best = accuracy, model, backbone, card, head
    accuracy, model, backbone, card, head = best
    said = head.logits(features("test")).argmax(axis=1)
    return {
        "model": model,
        "val_accuracy": accuracy,
        "test_accuracy": np.mean(said == labels["test"]),
        "seconds": time.perf_counter() - started,
        "predicted": said,
    }
