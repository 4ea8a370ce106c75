"""Models with random weights that tell pictures apart, for tests of what is exported."""

import numpy as np
import torch

from needle.models.backbones import build, forward_all
from needle.models.views import view_of

CLASSES = ["naïve café", "o'brien <b>", "中文"]
CARD = {
    "name": "resnet10t.test",
    "architecture": "resnet10t",
    "architecture_args": {"channels": [8, 8, 16, 16], "stem_width": 8},
    "mean": [0.5, 0.4, 0.3],
    "std": [0.25, 0.2, 0.1],
    "license": "CC-BY-NC-4.0",
    "upstream_dataset": "ImageNet-1k",
    "params": 12345,
    "run": {"repeat": 0, "learning_rate": 0.1},
}
ABOUT = {
    "level": 0.95,
    "measures": [
        {"measure": "accuracy", "value": 0.9, "low": 0.596, "high": 0.982, "reason": ""},
        {"measure": "auroc", "value": None, "low": None, "high": None, "reason": "no eel"},
    ],
}


def card_of(architecture, arguments, **others):
    return CARD | {"architecture": architecture, "architecture_args": arguments} | others


def member(task, card, seed=0):
    """A model with random weights and its card, as those of fine-tuned weights are read again."""
    torch.manual_seed(seed)
    model = build(card, len(CLASSES))
    head = model.get_classifier()
    torch.nn.init.normal_(head.weight)
    torch.nn.init.zeros_(head.bias)
    for module in model.modules():
        if isinstance(module, torch.nn.Conv2d):  # else little of the picture comes through
            torch.nn.init.kaiming_normal_(module.weight)
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.running_mean, -0.1, 0.1)
    card |= {"classes": CLASSES, "preprocessing": view_of(task, card).preprocessing()}
    # Logits of mean 0 and variance 1, so that the model tells the pictures apart.
    logits = logits_of(model, card, task)
    with torch.no_grad():
        head.bias -= logits.mean(dim=0)
        head.bias /= logits.std(dim=0)
        head.weight /= logits.std(dim=0)[:, None]
    return model.eval(), card


def logits_of(model, card, task):
    images = task.images("test", 0, len(task.labels("test")))
    return forward_all(model, view_of(task, card)(images, "cpu"), card, 5)


def said_by(members, temperature, task):
    """Probabilities of test by numpy: powers of the weighted mean, brought to a sum of 1."""
    mean = sum(
        weight * logits_of(model, card, task).double().softmax(dim=1).numpy()
        for model, card, weight in members
    )
    powers = mean ** (1 / temperature)
    return powers / powers.sum(axis=1, keepdims=True)


def most_likely(probabilities):
    return [CLASSES[index] for index in np.argmax(probabilities, axis=1)]
