"""Running statistics computed anew: those of all images at once, whatever the parts."""

import numpy as np
import pytest
import torch
from small_jobs import CARD, backbone, halves

from needle.finetuning.batch_norms import (
    FROZEN,
    batch_norms,
    recompute,
    set_momentum,
    train_mode,
)

PLAIN = {"mean": [0.0] * 3, "std": [1 / 255] * 3}  # values as they are


def one_layer():
    return torch.nn.Sequential(torch.nn.BatchNorm2d(3, momentum=0.01), torch.nn.Dropout(0.5))


@pytest.mark.parametrize("batch_size", [1, 4, 7, 20, 500])
def test_of_one_layer_they_are_mean_and_variance_of_all_images(batch_size):
    images = torch.from_numpy(halves(37, 0)[0])
    model = one_layer().train()
    before = torch.get_rng_state()
    recompute(model, images, PLAIN, batch_size)
    pixels = images.numpy().astype(float).transpose(1, 0, 2, 3).reshape(3, -1)
    assert model[0].running_mean.numpy() == pytest.approx(pixels.mean(axis=1), rel=1e-5)
    assert model[0].running_var.numpy() == pytest.approx(pixels.var(axis=1, ddof=1), rel=1e-5)
    assert model[0].momentum == 0.01
    assert not model.training
    assert not model[0].training
    assert torch.equal(before, torch.get_rng_state())


def test_by_hand():
    """Values 0, 2 and 4: mean 2, variance (4 + 0 + 4) / 2."""
    images = torch.tensor([0, 2, 4], dtype=torch.uint8).view(3, 1, 1, 1).expand(3, 3, 1, 1)
    model = one_layer()
    recompute(model, images, PLAIN, 100)
    assert model[0].running_mean.tolist() == [2.0] * 3
    assert model[0].running_var.tolist() == [4.0] * 3


def test_of_a_network_they_are_what_training_on_all_images_at_once_normalises_by():
    """Then evaluation gives what training mode gives."""
    images = torch.from_numpy(halves(24, 0)[0])
    model, other = backbone(), backbone()
    recompute(model, images, CARD, 24)
    set_momentum(batch_norms(other), 1.0)
    other.train()(_normalised(images))
    for norm, expected in zip(batch_norms(model), batch_norms(other), strict=True):
        assert torch.allclose(norm.running_mean, expected.running_mean, atol=1e-5)
        assert torch.allclose(norm.running_var, expected.running_var, rtol=1e-4)


def test_frozen_statistics_stay_and_do_not_train():
    images = torch.from_numpy(halves(24, 0)[0])
    model = backbone()
    norms = batch_norms(model)
    set_momentum(norms[:2], FROZEN)
    before = [norm.running_mean.clone() for norm in norms]
    train_mode(model)
    assert [norm.training for norm in norms] == [False] * 2 + [True] * (len(norms) - 2)
    recompute(model, images, CARD, 8)
    same = [torch.equal(a, norm.running_mean) for a, norm in zip(before, norms, strict=True)]
    assert same == [True] * 2 + [False] * (len(norms) - 2)


def test_classes_that_stand_together_do_not_make_the_parts():
    """Two kinds of images, sorted: parts of one kind would take the kinds' difference away."""
    images = torch.zeros(64, 3, 2, 2, dtype=torch.uint8)
    images[32:] = 200
    images += torch.from_numpy(np.random.default_rng(0).integers(0, 9, images.shape)).byte()
    model = torch.nn.Sequential(torch.nn.BatchNorm2d(3), torch.nn.BatchNorm2d(3))
    recompute(model, images, PLAIN, 16)
    assert model[0].running_var.sqrt().numpy() == pytest.approx([100] * 3, abs=2)
    assert model[1].running_mean.numpy() == pytest.approx([0] * 3, abs=1e-5)


def _normalised(images):
    mean, std = (torch.tensor(CARD[name]).view(3, 1, 1) * 255 for name in ("mean", "std"))
    return (images.float() - mean) / std
