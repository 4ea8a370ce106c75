"""The fingerprint of a model."""

import pytest
import torch

from needle.base.errors import NeedleError
from needle.models.backbones import forward_all
from needle.models.convert import convert
from needle.models.fingerprint import fixed_image
from published import CARD, trained


def test_the_fingerprint_of_a_checkpoint_holds_again(tmp_path):
    original = trained(CARD)
    torch.save(original.state_dict(), tmp_path / "m.pth")
    _, card = convert(CARD, tmp_path / "m.pth")
    found = card["fingerprint"]
    original.reset_classifier(0)
    embedding = forward_all(original, fixed_image(32)[None], CARD, 1)[0]
    assert found["mean"] == pytest.approx(embedding.mean().item(), rel=1e-5)
    assert found["first"] == pytest.approx(embedding[:4].tolist(), rel=1e-5)
    convert(CARD | {"fingerprint": found}, tmp_path / "m.pth")
    with pytest.raises(NeedleError, match="mean, std or input_size have changed"):
        convert(CARD | {"fingerprint": found, "std": [0.5, 0.5, 0.5]}, tmp_path / "m.pth")


def test_the_fixed_image():
    image = fixed_image(3)
    assert image[0].tolist() == [[0, 127, 255]] * 3
    assert image[1].tolist() == [[0] * 3, [127] * 3, [255] * 3]
    assert image[2, 1].tolist() == [63, 127, 191]
