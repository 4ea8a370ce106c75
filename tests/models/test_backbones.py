"""Models are built and fed as their cards say."""

import pytest
import torch

from needle.base.errors import NeedleError
from needle.models.backbones import build, embedding_dim, forward_all, granularity, normalise
from published import CARD


def test_an_unknown_architecture_is_named():
    with pytest.raises(NeedleError, match=r"model x: timm cannot build 'resnet10tt'.*correct"):
        build({"name": "x", "architecture": "resnet10tt", "architecture_args": {}})


@pytest.mark.parametrize("name", ["torchvision:nope", "torchvision:squeezenet1_0", "hf-hub:a/b"])
def test_what_cannot_be_built_is_named(name):
    with pytest.raises(NeedleError, match=r"model m: \S+ cannot build .*; correct the model card"):
        build(CARD | {"architecture": name, "architecture_args": {}})


def test_an_embedding_may_be_wider_than_the_features():
    card = CARD | {"architecture": "mobilenetv4_conv_small_035", "architecture_args": {}}
    model = build(card)
    assert model.num_features != embedding_dim(model)
    images = torch.zeros(1, 3, 32, 32, dtype=torch.uint8)
    assert forward_all(model, images, card, 1).shape == (1, embedding_dim(model))


def test_normalise_by_hand():
    images = torch.full((1, 3, 2, 2), 255, dtype=torch.uint8)
    expected = [(1 - 0.5) / 0.25, (1 - 0.4) / 0.2, (1 - 0.3) / 0.1]
    assert normalise(images, CARD)[0, :, 0, 0].tolist() == pytest.approx(expected)


@pytest.mark.parametrize(
    ("architecture", "pixels"),
    [("vit_tiny_patch16_224", 16), ("vit_small_patch14_dinov2", 14), ("resnet10t", 32),
     ("swin_tiny_patch4_window7_224", 32), ("convnext_nano", 32), ("mobilenetv4_conv_small", 32)],
)  # fmt: skip
def test_what_the_side_of_an_input_must_be_a_multiple_of(architecture, pixels):
    with torch.device("meta"):
        assert granularity(build({"name": "m", "architecture": architecture,
                                  "architecture_args": {}})) == pixels  # fmt: skip
