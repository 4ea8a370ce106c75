"""Embedding: streamed, in some precision, with images enlarged where they are stored smaller."""

import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from needle.base.seeds import derive_seed
from needle.base.tensors import read_card
from needle.embedding.embed import embed, exact_convolutions
from needle.embedding.embedding_file import read_embeddings
from needle.embedding.folding import folded
from needle.models.backbones import build, forward_all, normalise
from needle.models.checkpoints import save_checkpoint
from needle.scores.columns import SPEED_COLUMNS
from needle.tasks.resize import resize
from needle.tasks.task_file import Task, write_task

PROGRAM = Path(__file__).parents[2] / "workflow/scripts/embed.py"
CARD = {
    "name": "resnet10t.test",
    "architecture": "resnet10t",
    "architecture_args": {"channels": [8, 8, 8, 16], "stem_width": 8},
    "mean": [0.5, 0.4, 0.3],
    "std": [0.25, 0.2, 0.1],
}

VIT = CARD | {
    "name": "vit.test",
    "architecture": "vit_tiny_patch16_224",
    "architecture_args": {
        "img_size": 32, "patch_size": 8, "embed_dim": 24, "depth": 4, "num_heads": 3
    },
}  # fmt: skip


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture
def backbone():
    torch.manual_seed(0)
    return build(CARD)


def splits(side=32):
    generator = np.random.default_rng(side)
    return {
        split: (
            generator.integers(0, 256, (count, 3, side, side), dtype=np.uint8),
            generator.integers(0, 2, count),
        )
        for split, count in (("train", 9), ("val", 5), ("test", 4))
    }


def task(tmp_path, data, size=None):
    path = tmp_path / "t.safetensors"
    write_task(path, data, {"name": "t", "classes": ["x", "y"]}, size)
    return Task(path)


@pytest.mark.parametrize("batch_size", [1, 4, 256])
def test_float32_is_the_forward_pass_of_each_batch_to_the_last_bit(tmp_path, backbone, batch_size):
    data = splits()
    embeddings = embed(backbone, CARD, task(tmp_path, data), batch_size, "cpu")
    for split in ("train", "val"):
        images, labels = data[split]
        with folded(backbone.eval(), torch.zeros(1, 3, 32, 32)):
            expected = forward_all(backbone, torch.from_numpy(images), CARD, batch_size).numpy()
        found = getattr(embeddings, f"{split}_features")
        assert found.dtype == np.float32
        assert (found == expected).all()
        assert (getattr(embeddings, f"{split}_labels") == labels).all()
    assert embeddings.classes == 2


def test_embeddings_are_the_backbones_output_whatever_the_batch(tmp_path, backbone):
    data = splits()
    some = task(tmp_path, data)
    small, large = (embed(backbone, CARD, some, size, "cpu") for size in (4, 9))
    with torch.inference_mode():
        expected = backbone.eval()(normalise(torch.from_numpy(data["train"][0]), CARD)).numpy()
    assert small.train_features == pytest.approx(expected, abs=1e-5)
    assert small.val_features == pytest.approx(large.val_features, abs=1e-5)
    assert small.classes == 2
    assert (small.train_labels == data["train"][1]).all()


def test_batch_norms_are_folded_meanwhile_and_stay_with_the_model(tmp_path, backbone, monkeypatch):
    some, weights = task(tmp_path, splits()), dict(backbone.state_dict(keep_vars=True))
    copies = {name: tensor.clone() for name, tensor in weights.items()}
    left = []

    def forward(images, card):
        left.append(sum(isinstance(each, torch.nn.BatchNorm2d) for each in backbone.modules()))
        return normalise(images, card)

    monkeypatch.setattr("needle.embedding.embed.normalise", forward)
    embed(backbone, CARD, some, 4, "cpu")
    assert set(left) == {0}
    after = backbone.state_dict(keep_vars=True)
    assert after.keys() == weights.keys()
    assert all(after[name] is weights[name] for name in weights)
    assert all(torch.equal(after[name], copies[name]) for name in copies)


def test_bfloat16_is_near_and_its_features_are_float32(tmp_path, backbone):
    some = task(tmp_path, splits())
    exact, near = (
        embed(backbone, CARD, some, 4, "cpu", precision).train_features
        for precision in ("float32", "bfloat16")
    )
    assert near.dtype == np.float32
    assert not (near == exact).all()
    assert np.abs(near - exact).max() < 0.05 * np.abs(exact).max()


def test_images_stored_smaller_give_the_features_of_resized_ones(tmp_path, backbone):
    data = splits(side=20)
    kept = task(tmp_path, data, size=48)
    assert kept.split("val")[0].shape[2:] == (20, 20)
    small = embed(backbone, CARD, kept, 4, "cpu")
    resized = {
        split: (np.stack([resize(image.transpose(1, 2, 0), 48) for image in images]), labels)
        for split, (images, labels) in data.items()
    }
    large = embed(backbone, CARD, task(tmp_path, resized, size=48), 4, "cpu")
    assert (small.train_features == large.train_features).all()


def test_tf32_is_off_only_inside():
    before = torch.backends.cudnn.allow_tf32
    with exact_convolutions():
        assert not torch.backends.cudnn.allow_tf32
    assert torch.backends.cudnn.allow_tf32 == before


@pytest.fixture
def transformer():
    torch.manual_seed(0)
    return build(VIT)


def test_source_probabilities_are_those_of_the_last_layer_whatever_is_read(tmp_path, transformer):
    some = task(tmp_path, splits())
    head = torch.randn(3, 24), torch.randn(3)
    last, mean, attentive = (
        embed(transformer, VIT, some, 4, "cpu", head=head, features=features, folder=tmp_path)
        for features in ("last", "layers-mean", "attentive")
    )
    for found in (mean, attentive):
        assert (found.train_source_probabilities == last.train_source_probabilities).all()
        assert found.train_features.shape == last.train_features.shape == (9, 24)
        assert found.val_features.shape == (5, 24)
        assert found.train_features.dtype == np.float32
        assert not np.allclose(found.train_features, last.train_features, atol=0.01)
        assert (found.val_labels == last.val_labels).all()


def test_attentive_features_see_the_labels_of_train_alone(tmp_path, transformer):
    data = splits()
    other = {split: (images, 1 - labels) for split, (images, labels) in data.items()}
    found = []
    for name, source in {"a": data, "b": data | {"val": other["val"]}, "c": other}.items():
        folder = tmp_path / name
        folder.mkdir()
        found.append(
            embed(transformer, VIT, task(folder, source), 4, "cpu", features="attentive",
                  folder=folder).val_features
        )  # fmt: skip
    assert (found[0] == found[1]).all()
    # With a head that begins at 0, other names of the classes change nothing; other classes do.
    assert found[2] == pytest.approx(found[0], abs=1e-5)
    data["train"] = data["train"][0], np.roll(data["train"][1], 1)
    moved = embed(transformer, VIT, task(tmp_path, data), 4, "cpu", features="attentive",
                  folder=tmp_path)  # fmt: skip
    assert not np.allclose(moved.val_features, found[0], atol=1e-3)


@pytest.mark.parametrize(("features", "layers"), [("layers-mean", 4), ("attentive", 1)])
def test_program_reads_what_it_is_told(tmp_path, monkeypatch, transformer, features, layers):
    checkpoint, output = tmp_path / "m.safetensors", tmp_path / "out" / "e.safetensors"
    save_checkpoint(checkpoint, transformer, VIT)
    some = task(tmp_path, splits())
    run_program(monkeypatch, checkpoint, some, output, features=features, seed=3)
    seed = derive_seed(3, "attentive", VIT["name"], "t")
    expected = embed(
        transformer, VIT, some, 256, "cpu", features=features, seed=seed, folder=tmp_path
    )
    assert (read_embeddings(output).val_features == expected.val_features).all()
    card = read_card(output)
    assert (card["features"], card["layers"]) == (features, layers)
    assert [file.name for file in output.parent.iterdir()] == [output.name]


def test_program_names_a_model_of_one_layer(tmp_path, monkeypatch, backbone, capsys):
    checkpoint, output = tmp_path / "m.safetensors", tmp_path / "e.safetensors"
    save_checkpoint(checkpoint, backbone, CARD)
    some = task(tmp_path, splits())
    run_program(monkeypatch, checkpoint, some, output, features="layers-mean")
    assert f"{CARD['name']}: one layer has the last one's shape" in capsys.readouterr().err


def run_program(monkeypatch, checkpoint, some, output, **flags):
    flags = {"checkpoint": checkpoint, "task": some.path, "memory": 2000, "output": output} | flags
    pairs = [(f"--{name}", value) for name, value in flags.items()]
    arguments = [str(part) for pair in pairs for part in pair if part is not True]
    monkeypatch.setattr(sys, "argv", [str(PROGRAM), *arguments])
    runpy.run_path(str(PROGRAM), run_name="__main__")


def test_program(tmp_path, monkeypatch, backbone):
    checkpoint, output = tmp_path / "m.safetensors", tmp_path / "e.safetensors"
    backbone.source_head = torch.nn.Linear(16, 3)
    save_checkpoint(checkpoint, backbone, CARD)
    some = task(tmp_path, splits())
    run_program(monkeypatch, checkpoint, some, output, precision="bfloat16")
    expected = embed(backbone, CARD, some, 4, "cpu", "bfloat16")
    found = read_embeddings(output)
    assert (found.val_features == expected.val_features).all()
    assert expected.train_source_probabilities is None
    logits = backbone.source_head(torch.from_numpy(expected.train_features))
    chances = logits.softmax(dim=1).detach().numpy()
    assert found.train_source_probabilities == pytest.approx(chances, abs=1e-6)
    card = read_card(output)
    assert (card["model"], card["task"], card["precision"]) == (CARD["name"], "t", "bfloat16")
    assert (card["features"], card["layers"]) == ("last", 1)
    assert "speed" not in card
    run_program(monkeypatch, checkpoint, some, output, features="layers-mean", speed=True)
    assert set(read_card(output)["speed"]) == set(SPEED_COLUMNS)
    assert card["seconds"] > 0
