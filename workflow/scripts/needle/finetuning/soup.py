"""A soup: the mean of the weights of a model's best runs, of one cost with a single run."""

import json
import math
import time

import torch
from safetensors.torch import load_file, save_file

from needle.base.files import atomic
from needle.base.measures import goodness, measure
from needle.base.tensors import read_card
from needle.finetuning.batch_norms import FROZEN, batch_norms, recompute, set_momentum
from needle.finetuning.best_weights import KEPT
from needle.finetuning.finetune import EVALUATION_BATCH, load_split
from needle.machine.device import float64
from needle.models.backbones import build, forward_all


def greedy_soup(states, evaluate):
    """Choose which weights to average: each is added if the mean is no worse with it.

    Wortsman and others, Model Soups, ICML 2022, algorithm 1.

    Parameters
    ----------
    states : list
        Weights, the best first.
    evaluate : callable
        ``evaluate(states)`` says how good the mean of some is, on val: more is better.

    Returns
    -------
    list
        Those of `states` to average, one at least.

    Examples
    --------
    >>> greedy_soup([3.0, 9.0, 1.0], lambda states: -abs(sum(states) / len(states) - 2))
    [3.0, 1.0]
    """
    taken = states[:1]
    best = evaluate(taken)
    for state in states[1:]:
        value = evaluate([*taken, state])
        if value >= best:
            taken, best = [*taken, state], value
    return taken


def average(states):
    """Average weights by name; of whole numbers, such as counts of batches, the first's count."""
    first = states[0]
    return {
        name: torch.stack([state[name] for state in states]).mean(dim=0)
        if tensor.is_floating_point()
        else tensor
        for name, tensor in first.items()
    }


def finish(best, path, most, task, view, device, metric, count=KEPT):
    """Write the soup of a model's best runs, and move the weights of the best to their place.

    Parameters
    ----------
    best : BestWeights
    path : path
        Of the soup.
    most : int or None
        The most images at once in training; None for any number.
    task, view, device, metric
        As in `write_soup`.
    count : int, optional
        The most runs that the soup may be made of.
    """
    kept = best.kept()
    if kept is not None:  # else another job has done both
        batch_size = min(EVALUATION_BATCH, most or EVALUATION_BATCH)
        write_soup(path, kept[:count], task, view, device, batch_size, metric)
    best.finish()


def write_soup(path, kept, task, view, device, batch_size, metric):
    """Write the greedy soup of the weights that a job has kept.

    Parameters
    ----------
    path : path
        Its card has the runs as ``soup``, the ``seconds`` it took, and else what the runs' cards
        have in common; it holds no weights if the best run is better alone, or none was kept.
    kept : list of path
        As `BestWeights.kept` gives them, the best first.
    task : Task
    view : callable
        As `training_view` gives it.
    device : torch.device
    batch_size : int
        The most images at once.
    metric : str
        Of `measures.MEASURES`.
    """
    started = time.perf_counter()
    cards = [read_card(file) for file in kept]
    states = [load_file(file) for file in kept] if len(kept) > 1 else kept
    taken = states
    if len(states) > 1:
        splits = {name: load_split(task, name, view, device) for name in ("train", "val")}
        mix = _Mix(cards[0], splits, batch_size, metric)
        taken = greedy_soup(states, mix.goodness)
    card = {name: value for name, value in (cards[0] if cards else {}).items() if name != "run"}
    card["soup"] = [cards[_place(states, state)]["run"] for state in taken]
    card["seconds"] = time.perf_counter() - started
    tensors = mix.state(taken) if len(taken) > 1 else {}
    with atomic(path) as temporary:
        save_file(tensors, temporary, metadata={"card": json.dumps(card)})


def _place(states, wanted):
    return next(place for place, state in enumerate(states) if state is wanted)


class _Mix:
    """One model, with the mean of some weights in it."""

    def __init__(self, card, splits, batch_size, metric):
        self.card, self.splits, self.batch_size, self.metric = card, splits, batch_size, metric
        self.device = splits["train"][0].device
        self.model = build(card, len(card["classes"])).to(self.device)

    def goodness(self, states):
        """Say how good the mean of weights is on val."""
        self._load(states)
        images, labels = self.splits["val"]
        logits = float64(forward_all(self.model, images, self.card, self.batch_size))
        if not logits.isfinite().all():
            return -math.inf
        said = logits.softmax(dim=1).cpu().numpy()
        return goodness(self.metric, measure(self.metric, labels.cpu().numpy(), said))

    def state(self, states):
        """Give the mean of weights, with the running statistics that it has."""
        self._load(states)
        return {k: tensor.cpu().contiguous() for k, tensor in self.model.state_dict().items()}

    def _load(self, states):
        self.model.load_state_dict(average(states))
        if len(states) == 1:
            return
        # Statistics that no run has moved were frozen; those of a mean of weights are its own.
        for name, norm in self.model.named_modules():
            if norm in batch_norms(self.model):
                moved = [state[f"{name}.running_mean"] for state in states]
                if all(torch.equal(mean, moved[0]) for mean in moved):
                    set_momentum([norm], FROZEN)
        recompute(self.model, self.splits["train"][0], self.card, self.batch_size)
