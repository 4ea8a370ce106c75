"""Weights as they are published, of small models."""

import torch

from needle.models.backbones import build, forward_all

CARD = {
    "name": "m",
    "architecture": "resnet10t",
    "architecture_args": {"channels": [8, 8, 8, 16], "stem_width": 8},
    "mean": [0.5, 0.4, 0.3],
    "std": [0.25, 0.2, 0.1],
    "input_size": 32,
    "license": "Apache-2.0",
    "weights": {"file": "m.bin"},
}
BIT = CARD | {
    "architecture": "resnetv2_50x1_bit",
    "architecture_args": {"channels": [128, 128, 128, 128], "stem_chs": 32},
    "input_size": 64,
}


def trained(card, classes=5):
    """A model with its head whose batch norm has seen something, so that no weight is a default."""
    model = build(card, classes)
    for tensor in model.state_dict().values():
        if tensor.is_floating_point():
            tensor.copy_(torch.rand_like(tensor) * 0.1 + 0.05)
    return model


def bit_archive(model):
    """A model's weights under the names and in the order of axes of BiT's archives."""

    def plain(tensor):
        return (tensor.permute(2, 3, 1, 0) if tensor.ndim == 4 else tensor).numpy()

    state = model.state_dict()
    names = {"stem.conv.weight": "root_block/standardized_conv2d/kernel",
             "norm.weight": "group_norm/gamma", "norm.bias": "group_norm/beta",
             "head.fc.weight": "head/conv2d/kernel",
             "head.fc.bias": "head/conv2d/bias"}  # fmt: skip
    for i, stage in enumerate(model.stages):
        for j, block in enumerate(stage.blocks):
            ours, theirs = f"stages.{i}.blocks.{j}", f"block{i + 1}/unit{j + 1:02d}"
            for k, letter in enumerate("abc", start=1):
                names[f"{ours}.conv{k}.weight"] = f"{theirs}/{letter}/standardized_conv2d/kernel"
                names[f"{ours}.norm{k}.weight"] = f"{theirs}/{letter}/group_norm/gamma"
                names[f"{ours}.norm{k}.bias"] = f"{theirs}/{letter}/group_norm/beta"
            if block.downsample is not None:
                proj = f"{theirs}/a/proj/standardized_conv2d/kernel"
                names[f"{ours}.downsample.conv.weight"] = proj
    return {f"resnet/{names[name]}": plain(tensor) for name, tensor in state.items()}


def same_embeddings(model, original, card=CARD):
    """Whether a converted model gives what the original gives without its head."""
    images = torch.randint(0, 256, (2, 3, 32, 32), dtype=torch.uint8)
    original.reset_classifier(0)
    expected = forward_all(original, images, card, 2)
    return torch.equal(forward_all(model, images, card, 2), expected)
