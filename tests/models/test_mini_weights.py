"""The weights of `mini` that come with Needle are those that its rules trained."""

from pathlib import Path

import pytest
import torch

from needle.base.schema import read_yaml
from needle.base.tensors import open_tensors, read_card
from needle.models.checkpoints import save_checkpoint
from needle.models.convert import convert

ROOT = Path(__file__).parents[2]
CARDS = {card["name"]: card for card in read_yaml(ROOT / "config/zoo/mini.yaml")["models"]}
SCRATCH = {
    card["name"]: card for card in read_yaml(ROOT / "config/zoo/mini-scratch.yaml")["models"]
}
SHARED = ["architecture", "architecture_args", "family", "mean", "std", "tags", "license"]
MEASURED = [
    "params", "embedding_dim", "reference_accuracy", "upstream_dataset", "upstream_examples",
]  # fmt: skip


def test_both_zoos_have_the_same_models():
    """In the same order, which breaks ties."""
    assert list(CARDS) == list(SCRATCH)
    for name, card in CARDS.items():
        assert [card[key] for key in SHARED] == [SCRATCH[name][key] for key in SHARED]


@pytest.mark.parametrize("name", CARDS)
def test_a_checkpoint_is_what_pretraining_wrote(tmp_path, name):
    file = ROOT / CARDS[name]["weights"]["file"]
    trained = read_card(file)
    assert trained["pretrain"] == SCRATCH[name]["pretrain"]
    assert [CARDS[name][key] for key in MEASURED] == [trained[key] for key in MEASURED]
    save_checkpoint(tmp_path / "checkpoint", *convert(CARDS[name], file))
    with (
        open_tensors(file, framework="pt") as ours,
        open_tensors(tmp_path / "checkpoint", framework="pt") as converted,
    ):
        assert list(ours.keys()) == list(converted.keys())
        for key in ours.keys():  # noqa: SIM118
            torch.testing.assert_close(
                ours.get_tensor(key), converted.get_tensor(key), rtol=0, atol=0
            )
