"""What today's protocols add to the loop, each against a plain computation."""

import copy
from itertools import pairwise

import numpy as np
import pytest
import torch
from small_jobs import CARD, PROTOCOL, VIT, Halves, backbone, halves, run, without_seconds

from needle.base.sgd import batch_order, learning_rate_factors
from needle.finetuning.batch_norms import batch_norms, recompute
from needle.finetuning.finetune import finetune
from needle.finetuning.frozen import early_layers
from needle.finetuning.optimisers import build_optimiser
from needle.models.backbones import forward_all, normalise
from needle.models.checkpoints import attach_head
from needle.proxies.tuned_head import tune_head

ADAMW = {key: PROTOCOL[key] for key in PROTOCOL if key != "momentum"} | {
    "optimizer": "adamw",
    "weight_decay": 0.1,
    "learning_rates": [0.01],
    "repeats": 1,
    "steps": 6,
}


def kept(protocol, card=CARD):
    """The row of a run and its weights."""
    states = []

    def keep(row, model):
        states.append({name: tensor.clone() for name, tensor in model.state_dict().items()})

    (row,) = finetune(backbone(card), card, Halves(), protocol, (7,), keep=keep)
    return row, states[0]


def same(state, other):
    return all(torch.equal(state[name], other[name]) for name in state)


def test_adamw_is_plain_adamw_bit_by_bit_without_decay_of_norms_and_biases():
    torch.manual_seed(7)
    model = attach_head(backbone(), 2).train()
    images, labels = map(torch.from_numpy, halves(120, 0))
    flat = [p for p in model.parameters() if p.ndim <= 1]
    others = [p for p in model.parameters() if p.ndim > 1]
    optimiser = torch.optim.AdamW(
        [{"params": flat, "weight_decay": 0.0}, {"params": others, "weight_decay": 0.1}], lr=0.01
    )
    factors = learning_rate_factors(PROTOCOL["schedule"], 6)
    averaged = None
    for step, batch in enumerate(batch_order(120, 32, 6, seed=7)):
        for group in optimiser.param_groups:
            group["lr"] = 0.01 * factors[step]
        logits = model(normalise(images[batch], CARD))
        loss = torch.nn.functional.cross_entropy(logits, labels[batch], label_smoothing=0.1)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimiser.step()
        # A warm-up: 1 - k^(-2/3) of the average is kept, up to the decay.
        share = min(0.5, 1 - max(step, 1) ** (-2 / 3))
        state = {k: v.clone() for k, v in model.named_parameters()}
        averaged = averaged or state
        averaged = {k: share * averaged[k] + (1 - share) * state[k] for k in state}
    smooth = ADAMW | {"label_smoothing": 0.1}
    _, state = kept(smooth)
    assert same(model.state_dict(), state)
    _, state = kept(smooth | {"ema": 0.5})
    for name, tensor in averaged.items():
        assert torch.allclose(state[name], tensor, atol=1e-5)
    # Nobody has seen the average's statistics: they are computed anew.
    recompute(model, images, CARD, 256)
    model.load_state_dict(averaged, strict=False)
    recompute(model, images, CARD, 256)
    norms = [name for name in state if name.endswith("running_var")]
    for name in norms:
        assert torch.allclose(state[name], model.state_dict()[name], rtol=1e-3)


def test_each_layer_learns_by_a_share_of_the_next_ones_rate():
    """Of a transformer with two blocks: embedding, blocks, norm; the head learns at the full."""
    model = attach_head(backbone(VIT), 2)
    groups = build_optimiser(model, ADAMW | {"layer_decay": 0.5}, 0.01).param_groups
    scales = {
        name: next(g["lr_scale"] for g in groups if any(p is q for q in g["params"]))
        for name, p in model.named_parameters()
    }
    blocks = [scales["patch_embed.proj.weight"], scales["blocks.0.attn.qkv.weight"],
              scales["blocks.1.attn.qkv.weight"], scales["norm.weight"]]  # fmt: skip
    assert scales["head.weight"] == 1
    assert blocks == sorted(blocks)
    assert [b / a for a, b in pairwise(blocks[:3])] == [2, 2]


@pytest.mark.parametrize("statistics", ["train", "recomputed"])
def test_a_probe_is_where_training_begins(statistics):
    """With a learning rate of nearly nothing the model says what the tuned head says."""
    protocol = ADAMW | {"head": "probe", "learning_rates": [1e-12], "steps": 1}
    protocol |= {"batch_norm": "recomputed"} if statistics == "recomputed" else {"batch_norm":
                 "frozen"}  # fmt: skip
    found = {}

    def keep(row, model):
        found["logits"] = forward_all(model, images["val"], CARD, 256).numpy()

    splits = Halves().splits
    images = {name: torch.from_numpy(pictures) for name, (pictures, _) in splits.items()}
    (row,) = finetune(backbone(), CARD, Halves(), protocol, (7,), keep=keep)
    frozen = backbone()
    if statistics == "recomputed":
        recompute(frozen, images["train"], CARD, 256)
    features = {name: forward_all(frozen, images[name], CARD, 256).numpy()
                for name in ("train", "val")}  # fmt: skip
    head = tune_head(features["train"], splits["train"][1], features["val"], splits["val"][1], 2)
    assert np.allclose(found["logits"], head.logits(features["val"]), atol=1e-3)
    assert row["val_accuracy"] == (found["logits"].argmax(axis=1) == splits["val"][1]).mean()


def test_recomputed_statistics_are_those_of_the_weights_and_change_no_training():
    protocol = ADAMW | {"evaluate": 1}
    images = torch.from_numpy(halves(120, 0)[0])
    _, plain = kept(protocol)
    row, state = kept(protocol | {"batch_norm": "recomputed", "evaluate": 6, "patience": 9})
    if row["best_step"] == 6:
        weights = [name for name in plain if "running" not in name and "num" not in name]
        assert all(torch.equal(plain[name], state[name]) for name in weights)
    model = attach_head(backbone(), 2)
    model.load_state_dict(state)
    recompute(model, images, CARD, 256)
    for name, tensor in model.state_dict().items():
        if "running" in name:
            assert torch.allclose(tensor, state[name], rtol=1e-4, atol=1e-6)


def test_frozen_statistics_stay():
    before = backbone().state_dict()
    _, state = kept(ADAMW | {"batch_norm": "frozen"})
    assert all(torch.equal(before[n], state[n]) for n in before if "running" in n)
    assert not torch.equal(before["conv1.0.weight"], state["conv1.0.weight"])


def test_early_layers_stay_with_their_statistics_and_the_others_learn():
    """The layers of a resnet10t: stem and four blocks; a half of five is two."""
    early = early_layers(attach_head(backbone(), 2), 0.5)
    assert {name.split(".")[0] for name in early} == {"conv1", "bn1", "layer1"}
    assert early_layers(attach_head(backbone(), 2), 0) == set()
    before = backbone().state_dict()
    _, state = kept(ADAMW | {"frozen_layers": 0.5})
    stay = [n for n in before if n.split(".")[0] in ("conv1", "bn1", "layer1")]
    learn = [n for n in before if n not in stay and "num_batches" not in n]
    assert all(torch.equal(before[n], state[n]) for n in stay)
    assert not any(torch.equal(before[n], state[n]) for n in learn)


def test_the_best_state_on_val_is_kept_and_measured_as_the_row_says():
    protocol = ADAMW | {"evaluate": 6, "learning_rates": [0.05]}
    row, state = kept(protocol)
    model = attach_head(backbone(), 2)
    model.load_state_dict(state)
    images, labels = halves(40, 1)
    predicted = forward_all(model, torch.from_numpy(images), CARD, 256).argmax(dim=1).numpy()
    assert (predicted == labels).mean() == row["val_accuracy"]
    assert row["steps"] == 6
    stopped, *_ = run(protocol | {"steps": 30, "evaluate": 30, "patience": 3})
    assert stopped["steps"] == stopped["best_step"] + 3 or stopped["steps"] == 30


def test_runs_repeat_exactly_with_everything_on():
    protocol = ADAMW | {
        "head": "probe", "batch_norm": "recomputed", "ema": 0.9, "layer_decay": 0.9,
        "label_smoothing": 0.1, "frozen_layers": 0.2, "evaluate": 2, "micro_batch": 8,
    }  # fmt: skip
    model = backbone()
    before = copy.deepcopy(model.state_dict())
    rows = run(protocol, model=model)
    assert without_seconds(rows) == without_seconds(run(protocol, model=model))
    assert same(before, model.state_dict())
    assert all(p.requires_grad for p in model.parameters())
    assert all(norm.momentum == 0.1 for norm in batch_norms(model))


def test_adapters_end_in_the_weights_of_the_model():
    row, state = kept(ADAMW | {"lora": {"rank": 2, "alpha": 2}}, VIT)
    before = attach_head(backbone(VIT), 2).state_dict()
    assert list(state) == list(before)
    moved = {name for name in state if not torch.equal(state[name], before[name])}
    assert {name.split(".")[0] for name in moved} == {"blocks", "head"}
    assert not row["diverged"]
