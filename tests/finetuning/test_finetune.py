"""Fine-tuning: it trains, micro-batches and precisions leave it what it is."""

import gc
import math
import weakref
from pathlib import Path

import numpy as np
import pytest
import torch
from small_jobs import (
    CARD,
    PROTOCOL,
    UNCLIPPED,
    VIT,
    Halves,
    backbone,
    halves,
    run,
    without_seconds,
)

import needle.finetuning.finetune
from needle.base.errors import NeedleError
from needle.base.schema import read_yaml
from needle.base.sgd import batch_order, learning_rate_factors
from needle.finetuning.finetune import finetune, train
from needle.models.backbones import forward_all, normalise
from needle.models.checkpoints import attach_head

ROOT = Path(__file__).parents[2]


def trained(card, protocol, micro_batch=None):
    """The weights after training, as one vector."""
    model = attach_head(backbone(card), 2)
    images, labels = map(torch.from_numpy, halves(120, 0))
    assert train(model, card, images, labels, 0.05, protocol, 7, micro_batch) == (
        protocol["steps"], True)  # fmt: skip
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


def holding(limit):
    """A backbone that runs out of memory on more than `limit` images while it trains."""

    def check(module, inputs):
        if module.training and len(inputs[0]) > limit:
            raise torch.OutOfMemoryError("CUDA out of memory.")

    model = backbone()
    model.register_forward_pre_hook(check)
    return model


def test_it_learns_and_repeats_exactly():
    model = backbone()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    rows = run(PROTOCOL, model=model)
    assert [(r["repeat"], r["learning_rate"]) for r in rows] == [
        (0, 0.05), (0, 0.01), (1, 0.05), (1, 0.01)]  # fmt: skip
    assert all(row["test_accuracy"] > 0.8 for row in rows)
    assert not any(row["diverged"] for row in rows)
    assert without_seconds(rows) == without_seconds(run(PROTOCOL, model=model))
    assert all(torch.equal(before[k], v) for k, v in model.state_dict().items())


@pytest.mark.parametrize("file", ["config.yaml", "config/protocol/paper.yaml"])
def test_training_is_plain_sgd_bit_by_bit(file):
    """A loop with nothing but torch gives the same weights, for the protocols of benchmarks."""
    protocol = read_yaml(ROOT / file)
    protocol = protocol.get("finetune", protocol) | {"steps": 20, "weight_decay": 0.001}
    model = attach_head(backbone(), 2).train()
    images, labels = map(torch.from_numpy, halves(120, 0))
    optimiser = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=0.001)
    factors = learning_rate_factors(protocol["schedule"], 20)
    for step, batch in enumerate(batch_order(120, protocol["batch_size"], 20, seed=7)):
        optimiser.param_groups[0]["lr"] = 0.05 * factors[step]
        loss = torch.nn.functional.cross_entropy(
            model(normalise(images[batch], CARD)), labels[batch]
        )
        optimiser.zero_grad()
        loss.backward()
        if file == "config.yaml":  # the paper clips nothing
            torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimiser.step()
    expected = torch.cat([parameter.detach().flatten() for parameter in model.parameters()])
    assert torch.equal(trained(CARD, protocol), expected)


def test_the_papers_protocol_runs_through_the_same_code():
    protocol = UNCLIPPED | {
        "steps": 4,
        "batch_size": 512,  # more than there are examples: all of them
        "schedule": {"kind": "step", "milestones": [0.3, 0.6, 0.9], "factor": 0.1},
    }
    assert [row["steps"] for row in run(protocol)] == [4] * 4


def test_a_diverged_run_says_so_and_stops():
    bad, good = run(UNCLIPPED | {"learning_rates": [1e20, 0.01], "steps": 60, "repeats": 1})
    assert bad["diverged"]
    assert bad["steps"] < 60
    assert math.isnan(bad["val_accuracy"])
    assert math.isnan(bad["test_accuracy"])
    assert not good["diverged"]


def test_streaming_the_test_set_changes_nothing(monkeypatch):
    protocol = PROTOCOL | {"steps": 3}
    whole = run(protocol)
    monkeypatch.setattr(needle.finetuning.finetune, "CHUNK", 7)
    assert without_seconds(run(protocol)) == without_seconds(whole)


def test_images_stored_small_are_used_at_the_size_of_the_task():
    protocol = PROTOCOL | {"steps": 3, "repeats": 1}
    small, large = Halves(), Halves()
    for split, (images, labels) in small.splits.items():
        small.splits[split] = np.full_like(images[:, :, ::2, ::2], 9), labels
        large.splits[split] = np.full_like(images, 9), labels
    small.image_size = 32
    rows = [list(finetune(backbone(), CARD, task, protocol, [7])) for task in (small, large)]
    assert without_seconds(rows[0]) == without_seconds(rows[1])


@pytest.mark.parametrize("micro_batch", [1, 5, 8, 16, 31])
def test_micro_batches_give_the_gradient_of_the_batch(micro_batch):
    protocol = PROTOCOL | {"steps": 5}
    whole = trained(VIT, protocol)
    assert torch.allclose(trained(VIT, protocol, micro_batch), whole, atol=1e-5)
    assert not torch.allclose(whole, trained(VIT, PROTOCOL | {"steps": 4, "repeats": 1}), atol=1e-5)


def test_the_micro_batch_is_found_said_and_kept(capsys, monkeypatch):
    tried = []

    def spy(*args, **others):
        tried.append(args[-1])
        return train(*args, **others)

    monkeypatch.setattr(needle.finetuning.finetune, "train", spy)
    protocol = PROTOCOL | {"steps": 3}
    rows = run(protocol, model=holding(10))
    assert tried == [None, 16, 8, 8, 8, 8]
    assert "16 images at a time do not fit the device's memory: again with 8" in (
        capsys.readouterr().out)  # fmt: skip

    assert [row["micro_batch"] for row in rows] == [8] * 4

    # The runs are those of a micro-batch of 8 from the start: nothing of the attempts remains.
    monkeypatch.setattr(
        needle.finetuning.finetune, "train", lambda *args, **others: train(*args[:-1], 8, **others)
    )
    whole = run(protocol, finished=[{"micro_batch": 8}])
    assert without_seconds(whole) == without_seconds(rows[1:])


def test_memory_for_not_one_image_is_an_error():
    with pytest.raises(NeedleError, match="not even one image at a time fits"):
        run(PROTOCOL, model=holding(0))


def test_bfloat16_learns_and_its_weights_stay_float32():
    rows = run(PROTOCOL | {"precision": "bfloat16", "repeats": 1})
    assert all(row["test_accuracy"] > 0.8 for row in rows)
    half, whole = (trained(VIT, PROTOCOL | {"steps": 5, "precision": p}) for p in
                   ("bfloat16", "float32"))  # fmt: skip
    assert half.dtype == torch.float32
    assert not torch.equal(half, whole)
    assert torch.allclose(half, whole, atol=0.05)


def test_the_protocol_asks_for_compiling(monkeypatch):
    compiled = []

    def compile_(model, dynamic):
        compiled.append(model)
        return model

    monkeypatch.setattr(torch, "compile", compile_)
    plain = run(PROTOCOL | {"steps": 2})
    assert not compiled
    assert without_seconds(run(PROTOCOL | {"steps": 2, "compile": True})) == without_seconds(plain)
    assert len(compiled) == 4


class WithoutTest(Halves):
    """A task whose test set must not be touched."""

    def chunks(self, name, n):
        assert name != "test"
        return super().chunks(name, n)


def test_keeping_models_changes_no_run_and_leaves_the_test_set_alone():
    kept = []

    def keep(row, model):
        logits = forward_all(model, torch.from_numpy(halves(40, 1)[0]), CARD, 256)
        accuracy = (logits.argmax(dim=1).numpy() == halves(40, 1)[1]).mean()
        kept.append((row, accuracy))

    plain = run(PROTOCOL)
    rows = list(finetune(backbone(), CARD, WithoutTest(), PROTOCOL, (7, 8), keep=keep))
    nothing = {"seconds": None, "test_accuracy": None}
    assert [row | nothing for row in rows] == [row | nothing for row in plain]
    assert all(math.isnan(row["test_accuracy"]) for row in rows)
    assert [row for row, _ in kept] == rows
    assert [accuracy for _, accuracy in kept] == [row["val_accuracy"] for row in rows]


def test_a_kept_model_lives_no_longer_than_its_run():
    alive = []

    def keep(row, model):
        alive.append(weakref.ref(model))

    for _ in finetune(backbone(), CARD, Halves(), PROTOCOL | {"steps": 2}, (7, 8), keep=keep):
        gc.collect()
        assert alive[-1]() is None


def test_a_diverged_run_is_told_without_the_test_set():
    protocol = UNCLIPPED | {"learning_rates": [1e20], "repeats": 1}
    (row,) = run(protocol, keep=lambda row, model: None)
    assert row["diverged"]
    assert math.isnan(row["val_accuracy"])
