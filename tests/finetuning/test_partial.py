"""Measuring fine-tuning on the way: the numbers are right, and training never notices."""

import math

import numpy as np
import pytest
import torch
from small_jobs import (
    CARD,
    PROTOCOL,
    SHORT,
    UNCLIPPED,
    VIT,
    Halves,
    backbone,
    halves,
    run,
    without_seconds,
)

import needle.finetuning.partial
from needle.base.errors import NeedleError
from needle.base.sgd import batch_order, learning_rate_factors
from needle.finetuning.finetune import finetune
from needle.finetuning.partial import Curve, partial_scores, partial_steps
from needle.models.backbones import normalise
from needle.models.checkpoints import attach_head

# Draws in every forward pass of training.
DROPPING = VIT | {
    "architecture_args": VIT["architecture_args"] | {"proj_drop_rate": 0.3, "drop_path_rate": 0.3}
}
MEASURED = SHORT | {"partial": [0.25, 0.5, 0.875]}


def kept(card, protocol):
    """Rows and weights of all runs."""
    states = []

    def keep(row, model):
        states.append({name: tensor.clone() for name, tensor in model.state_dict().items()})

    rows = list(finetune(backbone(card), card, Halves(), protocol, (7, 8), keep=keep))
    return without_seconds(rows), states


@pytest.mark.parametrize("card", [CARD, DROPPING], ids=["batch normalisation", "dropout"])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_measuring_changes_no_bit_of_training(card, precision):
    rows, states = kept(card, SHORT | {"precision": precision})
    measured_rows, measured = kept(card, MEASURED | {"precision": precision})
    assert [{name: row[name] for name in rows[0]} for row in measured_rows] == rows
    for state, other in zip(states, measured, strict=True):
        assert all(torch.equal(tensor, other[name]) for name, tensor in state.items())


def test_the_accuracies_are_those_of_plain_sgd_stopped_there():
    """A loop with nothing but torch, from the beginning for each fraction."""
    protocol = PROTOCOL | {"repeats": 1, "learning_rates": [0.05], "steps": 16}
    row, *_ = run(protocol | {"partial": [0.0625, 0.125, 0.25]})
    order = batch_order(120, 32, 16, seed=7)
    factors = learning_rate_factors(PROTOCOL["schedule"], 16)
    images, labels = map(torch.from_numpy, halves(120, 0))
    val_images, val_labels = map(torch.from_numpy, halves(40, 1))
    found = []
    for steps in (1, 2, 4):
        model = attach_head(backbone(), 2).train()
        optimiser = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
        for step, batch in enumerate(order[:steps]):
            optimiser.param_groups[0]["lr"] = 0.05 * factors[step]
            logits = model(normalise(images[batch], CARD))
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(logits, labels[batch]).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimiser.step()
        with torch.inference_mode():
            predicted = model.eval()(normalise(val_images, CARD)).argmax(dim=1)
        found.append((predicted == val_labels).float().mean().item())
    measured = [row[f"val_accuracy_{percent}"] for percent in (6, 12, 25)]
    assert measured == pytest.approx(found)
    assert len(set(found)) > 1  # or any step would do


def test_a_run_that_diverges_has_what_was_measured_before():
    """The first rate is lost at once; training sees it only after 25 steps."""
    protocol = UNCLIPPED | {"learning_rates": [1e20, 0.01], "steps": 60, "repeats": 1}
    bad, good = run(protocol | {"partial": [0.1, 0.9]})
    assert list(bad) == list(good)
    assert (bad["steps"], bad["steps_10"], bad["steps_90"]) == (25, 6, 25)
    assert (good["steps"], good["steps_10"], good["steps_90"]) == (60, 6, 54)
    assert math.isnan(bad["val_accuracy_10"])
    assert math.isnan(bad["val_accuracy_90"])
    assert bad["seconds_90"] == bad["seconds_100"] > bad["seconds_10"]
    assert 0 <= good["val_accuracy_10"] <= good["val_accuracy_90"] <= 1


def test_seconds_are_counted_with_and_without_the_measuring(monkeypatch):
    clock = iter([10, 12, 20, 23])  # before and after each measurement
    monkeypatch.setattr(needle.finetuning.partial.time, "perf_counter", lambda: next(clock))
    curve = Curve({"steps": 8, "partial": [0.25, 0.5, 0.75]}, lambda: 0.4, started=1)
    curve.measure(2, finite=True)
    curve.measure(4, finite=True)
    assert curve.columns(steps=5, ended=31) == {
        "seconds": 25,
        "val_accuracy_25": 0.4, "steps_25": 2, "seconds_25": 11,
        "val_accuracy_50": 0.4, "steps_50": 4, "seconds_50": 22,
        "val_accuracy_75": pytest.approx(np.nan, nan_ok=True), "steps_75": 5, "seconds_75": 30,
        "seconds_100": 30,
    }  # fmt: skip
    assert Curve({"steps": 8}, None, started=1).columns(8, 31) == {"seconds": 30}


@pytest.mark.parametrize(
    ("steps", "partial", "message"),
    [
        (3, [0.125], "0.125 of 3 steps is step 0 or 12 percent"),
        (3, [0.9], "0.9 of 3 steps is step 3 or 90 percent"),
        (2500, [0.001], "0.001 of 2500 steps is step 2 or 0 percent"),
        (2500, [0.999], "0.999 of 2500 steps is step 2498 or 100 percent"),
        (10, [0.5, 0.54], "0.54 of 10 steps is the same step"),
        (1000, [0.501, 0.502], "0.502 of 1000 steps is the same step or whole percent"),
    ],
)
def test_fractions_that_cannot_be_told_apart_are_refused(steps, partial, message):
    with pytest.raises(NeedleError, match=message):
        partial_steps({"steps": steps, "partial": partial})


def test_the_papers_protocol_is_measured_at_whole_steps():
    assert partial_steps({"steps": 2500, "partial": [0.5, 0.125, 0.25]}) == {
        12: 312, 25: 625, 50: 1250}  # fmt: skip
    assert partial_steps({"steps": 2500}) == {}


def test_partial_scores_are_in_the_order_of_their_steps():
    names = [
        "partial-50",
        "linear",
        "partial-6",
        "partial-",
        "partial-0",
        "partial-100",
        "finetune",
    ]
    assert partial_scores(names) == ["partial-6", "partial-50"]
