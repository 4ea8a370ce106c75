"""Small jobs of fine-tuning: a task of two halves, tiny models, short protocols."""

import csv
from pathlib import Path

import numpy as np
import torch

from needle.finetuning.finetune import finetune
from needle.models.backbones import build

PROGRAM = Path(__file__).parents[2] / "workflow/scripts/finetune.py"
CARD = {
    "name": "resnet10t.test",
    "architecture": "resnet10t",
    "architecture_args": {"channels": [8, 8, 8, 16], "stem_width": 8},
    "mean": [0.5, 0.4, 0.3],
    "std": [0.25, 0.2, 0.1],
}
# No batch normalisation: micro-batches give the gradient of the batch.
VIT = CARD | {
    "name": "vit.test",
    "architecture": "vit_tiny_patch16_224",
    "architecture_args": {"img_size": 32, "depth": 2, "embed_dim": 16, "num_heads": 2},
}
PROTOCOL = {
    "learning_rates": [0.05, 0.01],
    "repeats": 2,
    "steps": 30,
    "batch_size": 32,
    "momentum": 0.9,
    "weight_decay": 0.0,
    "schedule": {"kind": "cosine", "warmup": 0.1},
    "gradient_clip": 5.0,
}
SHORT = PROTOCOL | {"steps": 8}
UNCLIPPED = {key: value for key, value in PROTOCOL.items() if key != "gradient_clip"}


def halves(count, seed):
    """Images whose brighter half, left or right, is the class."""
    generator = np.random.default_rng(seed)
    images = generator.integers(0, 128, (count, 3, 32, 32), dtype=np.uint8)
    labels = generator.integers(0, 2, count)
    images[labels == 0, :, :, :16] += 100
    images[labels == 1, :, :, 16:] += 100
    return images, labels


class Halves:
    """A task in memory, as `Task` gives it."""

    classes = 2
    image_size = None
    own_sizes = False

    def __init__(self):
        self.card = {"keep": []}
        self.splits = {"train": halves(120, 0), "val": halves(40, 1), "test": halves(60, 2)}

    def images(self, name, start, stop):
        return self.splits[name][0][start:stop]

    def labels(self, name):
        return self.splits[name][1]

    def chunks(self, name, n):
        images, labels = self.splits[name]
        for start in range(0, len(labels), n):
            yield images[start : start + n], labels[start : start + n]


def backbone(card=CARD):
    torch.manual_seed(1)
    return build(card)


def run(protocol, card=CARD, model=None, seeds=(7, 8), **others):
    return list(finetune(model or backbone(card), card, Halves(), protocol, seeds, **others))


def without_seconds(rows):
    """The rows without what depends on time."""
    return [{name: row[name] for name in row if not name.startswith("seconds")} for row in rows]


def rows_of(output):
    with open(output, encoding="utf-8") as file:
        return without_seconds(csv.DictReader(file))
