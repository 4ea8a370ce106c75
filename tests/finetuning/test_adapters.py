"""Adapters: what they train, and that nothing is left of them but other weights."""

import pytest
import timm
import torch

from needle.base.errors import NeedleError
from needle.finetuning.adapters import add_adapters, merge_adapters

# The families of attention in timm, as small as they are built.
SMALL = {
    "vit_tiny_patch16_224": {"depth": 2, "embed_dim": 24, "num_heads": 2},
    "vit_base_patch16_siglip_224": {"depth": 2, "embed_dim": 24, "num_heads": 2},
    "vit_small_patch16_dinov3": {"depth": 2, "embed_dim": 24, "num_heads": 2},
    "eva02_tiny_patch14_224": {"depth": 2, "embed_dim": 24, "num_heads": 2},
    "beit_base_patch16_224": {"depth": 2, "embed_dim": 24, "num_heads": 2},
    "swin_tiny_patch4_window7_224": {"depths": [1, 1], "embed_dim": 12, "num_heads": [1, 2]},
    "swinv2_tiny_window8_256": {"depths": [1, 1], "embed_dim": 12, "num_heads": [1, 2]},
    "convnext_tiny": {"depths": [1, 1, 1, 1], "dims": [8, 16, 16, 16]},
}
LORA = {"rank": 2, "alpha": 4}


def built(name):
    torch.manual_seed(1)
    model = timm.create_model(name, num_classes=3, **SMALL[name]).eval()
    with torch.no_grad():  # some begin with blocks that add nothing
        for weight in model.parameters():
            weight += 0.1 * torch.randn_like(weight)
    return model


def pictures(model):
    torch.manual_seed(2)
    side = model.default_cfg["input_size"][1]
    return torch.randn(2, 3, side, side)


def descend(model, images, steps=1):
    """Train what has a gradient."""
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    optimiser = torch.optim.SGD(trained, lr=0.1)
    for _ in range(steps):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(model(images), torch.tensor([0, 2])).backward()
        optimiser.step()
    return model


@pytest.mark.parametrize("name", SMALL)
def test_they_begin_as_the_model_and_are_merged_into_it(name):
    model = built(name)
    before = {key: tensor.clone() for key, tensor in model.state_dict().items()}
    images = pictures(model)
    logits = model(images)
    add_adapters(model, {"name": name}, LORA)
    adapted = {key.replace(".lora_A.default", "") for key in model.state_dict() if "lora_A" in key}
    torch.testing.assert_close(model(images), logits, atol=1e-6, rtol=1e-6)
    trained = descend(model, images, 3)(images)
    assert not torch.allclose(trained, logits, atol=1e-3)
    merge_adapters(model)
    torch.testing.assert_close(model(images), trained, atol=1e-5, rtol=1e-5)
    # Weights that timm takes, of which only the adapted ones and the head have moved.
    after = model.state_dict()
    built(name).load_state_dict(after)
    moved = {key for key in before if not torch.equal(before[key], after[key])}
    heads = {key for key, weight in model.named_parameters()
             if any(weight is part for part in model.get_classifier().parameters())}  # fmt: skip
    assert moved == heads | adapted
    assert len(adapted) > 1
    assert all(weight.requires_grad for weight in model.parameters())


@pytest.mark.parametrize("name", SMALL)
def test_each_takes_part_and_nothing_else_but_the_head(name):
    """An adapter of a layer that is never called would be without a gradient."""
    model = built(name)
    add_adapters(model, {"name": name}, LORA)
    descend(model, pictures(model))
    head = set(map(id, model.get_classifier().parameters()))
    for key, weight in model.named_parameters():
        wanted = "lora_" in key or id(weight) in head
        assert weight.requires_grad == wanted, key
        assert (weight.grad is not None) == wanted, key


def test_a_merged_weight_is_the_sum_by_hand():
    """W + (alpha / rank) B A, in the first layer that is adapted."""
    model = built("vit_tiny_patch16_224")
    add_adapters(model, {"name": "vit"}, LORA)
    descend(model, pictures(model), 2)
    layer = model.blocks[0].attn.qkv
    expected = layer.weight + 4 / 2 * (layer.lora_B.default.weight @ layer.lora_A.default.weight)
    assert layer.lora_A.default.weight.shape == (2, 24)
    merge_adapters(model)
    torch.testing.assert_close(model.blocks[0].attn.qkv.weight, expected)
    assert type(model.blocks[0].attn.qkv) is torch.nn.Linear


def test_a_network_of_convolutions_is_refused_by_name():
    model = timm.create_model("resnet10t", num_classes=3)
    with pytest.raises(NeedleError, match=r"model ten: finetune.lora: it has no linear layers"):
        add_adapters(model, {"name": "ten"}, LORA)
