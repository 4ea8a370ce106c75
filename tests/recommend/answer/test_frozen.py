"""A frozen model with a tuned head says what its embeddings said."""

import numpy as np
import pytest
import torch
from scipy.special import softmax

from needle.base.errors import NeedleError
from needle.base.tensors import write_tensors
from needle.embedding.embed import embed
from needle.models.backbones import build
from needle.models.checkpoints import load_backbone, save_checkpoint
from needle.proxies.tuned_head import tune_head
from needle.recommend.answer.frozen import load_frozen
from needle.recommend.answer.predictions import predict
from needle.tasks.task_file import Task, write_task

CLASSES = ["ant", "bee", "cat"]
CARD = {"name": "m", "mean": [0.5, 0.4, 0.3], "std": [0.25, 0.2, 0.1]}
ARCHITECTURES = [
    ("resnet10t", {"channels": [8, 8, 8, 16], "stem_width": 8}),
    ("test_vit", {"img_size": 32}),
    ("mobilenetv4_conv_small_035", {}),  # widens its features before the head
    ("torchvision:googlenet", {}),
]


@pytest.fixture
def task(tmp_path):
    generator = np.random.default_rng(0)
    images, labels = generator.integers(0, 256, (24, 3, 32, 32), np.uint8), np.arange(24) % 3
    splits = dict.fromkeys(("train", "val", "test"), (images, labels))
    write_task(tmp_path / "t.safetensors", splits, {"name": "t", "classes": CLASSES}, 32)
    return Task(tmp_path / "t.safetensors")


@pytest.mark.parametrize(("name", "arguments"), ARCHITECTURES)
def test_it_says_what_the_head_says_of_the_embeddings(task, tmp_path, name, arguments):
    checkpoint, head_file = tmp_path / "m.safetensors", tmp_path / "h.safetensors"
    card = CARD | {"architecture": name, "architecture_args": arguments}
    torch.manual_seed(0)
    save_checkpoint(checkpoint, build(card), card)
    backbone, card = load_backbone(checkpoint)
    found = embed(backbone, card, task, 8, "cpu")
    train = found.train_features, found.train_labels
    head = tune_head(*train, found.val_features, found.val_labels, 3)
    write_tensors(head_file, {"weight": head.weight, "bias": head.bias}, {"model": "m"})
    model, about = load_frozen(checkpoint, head_file, task)
    assert about["classes"] == CLASSES
    assert about["preprocessing"]["input_size"] == [3, 32, 32]
    assert not model.training
    said = predict(model, about, task, "val", 8)
    np.testing.assert_allclose(said, softmax(head.logits(found.val_features), axis=1), atol=1e-4)


def test_the_head_of_another_model_is_refused(task, tmp_path):
    checkpoint, head = tmp_path / "m.safetensors", tmp_path / "h.safetensors"
    card = CARD | dict(zip(("architecture", "architecture_args"), ARCHITECTURES[0], strict=True))
    save_checkpoint(checkpoint, build(card), card)
    for name, width in (("other", 16), ("m", 17)):
        tensors = {"weight": np.zeros((3, width), np.float32), "bias": np.zeros(3, np.float32)}
        write_tensors(head, tensors, {"model": name})
        with pytest.raises(NeedleError, match=rf"h\.safetensors: is a head of {name} for {width}"):
            load_frozen(checkpoint, head, task)
