"""Checkpoints: whole or refused; pretraining that really trains."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from needle.base.errors import NeedleError
from needle.models.backbones import build, forward_all
from needle.models.checkpoints import attach_head, load_backbone, save_checkpoint
from needle.models.pretrain import accuracy, contrastive_loss, pretrain, random_shift

CARD = {
    "name": "resnet10t.test",
    "architecture": "resnet10t",
    "architecture_args": {"channels": [8, 8, 8, 16], "stem_width": 8},
    "mean": [0.5, 0.4, 0.3],
    "std": [0.25, 0.2, 0.1],
}


def halves(count, seed):
    """Images whose brighter half, left or right, is the class."""
    generator = torch.Generator().manual_seed(seed)
    images = torch.randint(0, 128, (count, 3, 32, 32), generator=generator, dtype=torch.uint8)
    labels = torch.randint(0, 2, (count,), generator=generator)
    images[labels == 0, :, :, :16] += 100
    images[labels == 1, :, :, 16:] += 100
    return images, labels


def checkpoint(tmp_path, classes=7):
    torch.manual_seed(0)
    model = build(CARD, classes)
    path = tmp_path / "m.safetensors"
    return path, model, save_checkpoint(path, model, CARD)


def test_a_checkpoint_returns_the_same_backbone_and_keeps_the_source_head(tmp_path):
    path, model, card = checkpoint(tmp_path)
    loaded, loaded_card = load_backbone(path)
    images, _ = halves(4, seed=1)
    features = forward_all(loaded, images, loaded_card, batch_size=3)
    head = load_file(path)
    logits = features @ head["source_head.weight"].T + head["source_head.bias"]
    assert torch.allclose(logits, forward_all(model, images, CARD, batch_size=4), atol=1e-5)
    assert features.shape == (4, card["embedding_dim"]) == (4, 16)
    assert card["params"] == sum(p.numel() for p in loaded.parameters())
    assert card == loaded_card


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: s.pop("conv1.0.weight"), "lacks 1 weights of resnet10t"),
        (lambda s: s.update(extra=torch.ones(1)), "has unknown 1 weights"),
        (lambda s: s.update({"bn1.weight": torch.ones(3)}), "has of another shape 1 weights"),
        (lambda s: s["bn1.bias"].fill_(float("nan")), "has NaN or infinity in 1 weights"),
    ],
)
def test_a_state_that_does_not_fit_is_refused(tmp_path, change, words):
    path, _, card = checkpoint(tmp_path)
    state = load_file(path)
    change(state)
    save_file(state, path, metadata={"card": json.dumps(card)})
    with pytest.raises(NeedleError, match=words):
        load_backbone(path)


def test_a_card_that_lies_is_refused(tmp_path):
    path, _, card = checkpoint(tmp_path)
    save_file(load_file(path), path, metadata={"card": json.dumps(card | {"params": 5})})
    with pytest.raises(NeedleError, match="its card says params 5, the model has"):
        load_backbone(path)


def test_a_new_head_is_zero():
    head = attach_head(build(CARD), 3).get_classifier()
    assert head.out_features == 3
    assert not head.weight.any()
    assert not head.bias.any()


@pytest.mark.parametrize("objective", ["supervised", "simclr"])
def test_pretraining_trains(objective):
    images, labels = halves(200, seed=2)
    settings = {"objective": objective, "images_seen": 1600, "batch_size": 50,
                "learning_rate": 0.003, "weight_decay": 0.05}  # fmt: skip
    model = pretrain(CARD | {"pretrain": settings}, images, labels, classes=2, seed=0)
    again = pretrain(CARD | {"pretrain": settings}, images, labels, classes=2, seed=0)
    for one, other in zip(model.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, other)
    if objective == "supervised":
        assert accuracy(model, CARD, *halves(100, seed=3)) > 0.9


def test_pretraining_that_diverges_is_an_error():
    images, labels = halves(64, seed=2)
    settings = {"objective": "supervised", "images_seen": 640, "batch_size": 32,
                "learning_rate": 1e30, "weight_decay": 0.05}  # fmt: skip
    with pytest.raises(NeedleError, match=r"pretraining diverged .*lower pretrain\.learning_rate"):
        pretrain(CARD | {"pretrain": settings}, images, labels, classes=2, seed=0)


def test_contrastive_loss_against_the_formula():
    torch.manual_seed(0)
    z = torch.nn.functional.normalize(torch.randn(6, 4), dim=1).double()
    total = 0.0
    for i in range(6):
        similar = [torch.exp(z[i] @ z[k] / 0.2) for k in range(6)]
        others = sum(similar[k] for k in range(6) if k != i)
        total -= torch.log(similar[(i + 3) % 6] / others)
    assert contrastive_loss(z * 5).item() == pytest.approx((total / 6).item(), rel=1e-6)


def test_random_shift_keeps_the_size():
    images = torch.rand(2, 3, 32, 32)
    assert random_shift(images).shape == images.shape
