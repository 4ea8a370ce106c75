"""The weights in a published file: found, named as the model's, and never unpickled."""

import argparse
import os
import pickle

import numpy as np
import pytest
import torch

from needle.base.errors import NeedleError
from needle.models.backbones import build
from needle.models.convert import convert
from published import BIT, CARD, bit_archive, same_embeddings, trained


def nested(state, *keys):
    for key in reversed(keys):
        state = {key: state}
    return state


@pytest.mark.parametrize(
    ("content", "weights"),
    [
        (
            lambda s: nested(s, "state_dict")
            | {"args": argparse.Namespace(epochs=3), "loss": np.float64(0.5), "n": np.int64(3)},
            {},
        ),
        (
            lambda s: nested(
                {f"_feature_blocks.{k}": v for k, v in s.items()},
                "classy_state_dict", "base_model", "model", "trunk",
            ),
            {"prefix": "_feature_blocks."},
        ),
        (
            lambda s: {"student": s, "teacher": {f"module.{k}": v for k, v in s.items()}},
            {"key": "teacher", "prefix": "module."},
        ),
        (
            lambda s: {f"encoder_q.{k.replace('conv1', 'stem')}": v for k, v in s.items()}
            | {"encoder_k.x": torch.ones(1), "encoder_q.projector.weight": torch.ones(1)},
            {"prefix": "encoder_q.", "rename": [["stem", "conv1"]], "drop": ["projector."]},
        ),
    ],
)  # fmt: skip
def test_nested_and_renamed_weights(tmp_path, content, weights):
    original = trained(CARD)
    torch.save(content(original.state_dict()), tmp_path / "m.torch")
    model, _ = convert(CARD | {"weights": CARD["weights"] | weights}, tmp_path / "m.torch")
    assert same_embeddings(model, original)


def test_a_bit_archive_gives_what_timms_own_loader_gives(tmp_path):
    original = trained(BIT)
    np.savez(tmp_path / "b.npz", **bit_archive(original))
    model, _ = convert(BIT, tmp_path / "b.npz")
    theirs = build(BIT)
    with torch.no_grad():
        theirs.load_pretrained(str(tmp_path / "b.npz"))
    for name, tensor in theirs.state_dict().items():
        assert torch.equal(tensor, model.state_dict()[name]), name
    assert same_embeddings(model, original)


def test_a_bit_archive_of_a_deeper_model_is_refused(tmp_path):
    arrays = bit_archive(trained(BIT))
    arrays["resnet/block3/unit07/a/standardized_conv2d/kernel"] = np.ones((1, 1, 128, 32), "f4")
    np.savez(tmp_path / "b.npz", **arrays)
    with pytest.raises(NeedleError, match=r"has unknown 1 weights .*stages\.2\.blocks\.6\.conv1"):
        convert(BIT, tmp_path / "b.npz")
    np.savez(tmp_path / "o.npz", a=np.array([object()]))
    with pytest.raises(NeedleError, match="not an archive of plain arrays"):
        convert(BIT, tmp_path / "o.npz")


class Bomb:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("save", [torch.save, lambda o, p: p.write_bytes(pickle.dumps(o))])
def test_a_pickle_that_runs_code_is_refused_unrun(tmp_path, save):
    save({"state_dict": {"a": torch.ones(1)}, "x": Bomb(tmp_path / "ran")}, tmp_path / "m.pth")
    with pytest.raises(NeedleError, match=r"never unpickled; save its state dict alone"):
        convert(CARD, tmp_path / "m.pth")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "content", [b"", b"<html>404</html>", b"PK\x03\x04 cut", b"\x08" + b"\0" * 7 + b"{broken"]
)
def test_a_file_of_another_kind_is_named(tmp_path, content):
    (tmp_path / "m.bin").write_bytes(content)
    with pytest.raises(NeedleError, match=r"m\.bin: "):
        convert(CARD, tmp_path / "m.bin")
