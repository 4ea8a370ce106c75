"""Published weights become a checkpoint: whole or refused, with their head where it has classes."""

import numpy as np
import pytest
import timm
import torch
import torchvision
from safetensors.torch import save_file

from needle.base.errors import NeedleError
from needle.embedding.embed import source_probabilities
from needle.models.backbones import forward_all
from needle.models.checkpoints import attach_head, load_backbone, load_source_head, save_checkpoint
from needle.models.convert import convert
from needle.models.weights import Source, check_digest
from published import BIT, CARD, bit_archive, same_embeddings, trained


def test_timms_safetensors_become_a_checkpoint(tmp_path):
    original = trained(CARD)
    path = tmp_path / "m.bin"
    save_file({name: t.contiguous() for name, t in original.state_dict().items()}, path)
    expected = {"params": 9918, "embedding_dim": 16}
    model, card = convert(CARD | expected, path)
    assert same_embeddings(model, original)
    save_checkpoint(tmp_path / "m.safetensors", model, card)
    loaded, written = load_backbone(tmp_path / "m.safetensors")
    assert same_embeddings(loaded, original)
    assert written["source"] == "m.bin"
    assert written["source_sha256"] == check_digest(path, Source("file", "m.bin"))
    assert written["license"] == "Apache-2.0"
    assert {key: written[key] for key in expected} == expected


def test_older_layouts_are_brought_into_timms(tmp_path):
    """DenseNet as torchvision names it, and a ViT whose positions are those of larger images."""
    card = CARD | {"architecture": "densenet121", "architecture_args": {"growth_rate": 4,
                   "block_config": [1, 1, 1, 1]}}  # fmt: skip
    original = trained(card)
    state = {
        name.replace(".norm1.", ".norm.1.").replace(".conv2.", ".conv.2."): tensor
        for name, tensor in original.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    torch.save(state, tmp_path / "d.pth")
    assert same_embeddings(convert(card, tmp_path / "d.pth")[0], original)

    vit = CARD | {"architecture": "test_vit", "architecture_args": {"img_size": 32}}
    large = timm.create_model("test_vit", img_size=64).state_dict()
    save_file(large, tmp_path / "v.bin")
    model, card = convert(vit, tmp_path / "v.bin")
    assert model.pos_embed.shape[1] < large["pos_embed"].shape[1]
    assert card["fingerprint"].keys() == {"mean", "first"}


def test_torchvisions_resnet_is_timms(tmp_path):
    original = torchvision.models.resnet18(num_classes=7).eval()
    torch.save(original.state_dict(), tmp_path / "r.pth")
    card = CARD | {"architecture": "resnet18", "architecture_args": {}}
    model, _ = convert(card, tmp_path / "r.pth")
    images = torch.rand(2, 3, 64, 64)
    with torch.inference_mode():
        expected = original(images)
        logits = original.fc(model.eval()(images))
    assert torch.allclose(logits, expected, atol=1e-5)


@pytest.mark.parametrize(("name", "width"), [("googlenet", 1024), ("mobilenet_v2", 1280)])
def test_torchvisions_own_architectures(tmp_path, name, width):
    arguments = {"init_weights": False, "aux_logits": True} if name == "googlenet" else {}
    original = torchvision.models.get_model(name, num_classes=7, **arguments).eval()
    torch.save(original.state_dict(), tmp_path / "t.pth")
    card = CARD | {"architecture": f"torchvision:{name}", "architecture_args": {}}
    model, written = convert(card | {"embedding_dim": width, "input_size": 64}, tmp_path / "t.pth")
    save_checkpoint(tmp_path / "t.safetensors", model, written)
    loaded, _ = load_backbone(tmp_path / "t.safetensors")
    images = torch.rand(2, 3, 64, 64)
    head = original.fc if name == "googlenet" else original.classifier[1]
    with torch.inference_mode():
        assert torch.allclose(head(loaded.eval()(images)), original(images), atol=1e-5)
    tuned = attach_head(loaded, 3).train()
    assert tuned(images).shape == (2, 3)
    assert not any(m.p for m in tuned.modules() if isinstance(m, torch.nn.Dropout))


def test_weights_from_before_batches_were_counted(tmp_path):
    original = trained(CARD)
    state = {k: v for k, v in original.state_dict().items() if "num_batches_tracked" not in k}
    torch.save(state, tmp_path / "m.pth")
    assert same_embeddings(convert(CARD, tmp_path / "m.pth")[0], original)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: s.pop("conv1.0.weight"), r"lacks 1 weights of resnet10t \(conv1\.0\.weight\)"),
        (lambda s: s.update(extra=torch.ones(1)), r"has unknown 1 weights .*\(extra\).*drop"),
        (lambda s: s.update({"bn1.weight": torch.ones(3)}), "has of another shape 1 weights"),
        (lambda s: s["bn1.bias"].fill_(float("nan")), "has NaN or infinity in 1 weights"),
        (lambda s: s.clear(), r"no state dict for certain; name its place in weights\.key"),
        (lambda s: s.update(epoch=3), "no state dict for certain"),
    ],
)
def test_weights_that_do_not_fit_are_refused(tmp_path, change, words):
    state = dict(trained(CARD).state_dict())
    change(state)
    torch.save(state, tmp_path / "m.pth")
    with pytest.raises(NeedleError, match=words):
        convert(CARD, tmp_path / "m.pth")


def test_weights_of_another_architecture_are_refused(tmp_path):
    torch.save(torchvision.models.mobilenet_v2().state_dict(), tmp_path / "m.pth")
    with pytest.raises(NeedleError, match=r"lacks \d\d+ weights of resnet10t \(.*, \.\.\.\)"):
        convert(CARD, tmp_path / "m.pth")


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ({"params": 5}, "its card says params 5, the model has 9918"),
        ({"embedding_dim": 2048}, "its card says embedding_dim 2048, the model has 16"),
        ({"weights": {"file": "m", "sha256": "0" * 64}}, "its sha256 is .* begin with 0000"),
        ({"weights": {"file": "m", "prefix": "no."}}, r"weights\.prefix: no name begins with"),
        ({"weights": {"file": "m", "key": "teacher"}}, "no state dict at teacher"),
        ({"fingerprint": {"mean": 9.0, "first": [0.0] * 4}}, "card's fingerprint is"),
    ],
)
def test_a_card_that_lies_is_refused(tmp_path, declared, words):
    torch.save(trained(CARD).state_dict(), tmp_path / "m.pth")
    with pytest.raises(NeedleError, match=words):
        convert(CARD | declared, tmp_path / "m.pth")


def test_norms_may_be_absent_where_the_card_says_so_and_nothing_else(tmp_path):
    state = trained(CARD).state_dict()
    lacking = {k: t.contiguous() for k, t in state.items() if not k.startswith("layer4.0.bn2.")}
    path = tmp_path / "m.bin"
    save_file(lacking, path)
    with pytest.raises(NeedleError, match="lacks 4 weights"):
        convert(CARD, path)
    card = CARD | {"weights": CARD["weights"] | {"absent": ["layer4.0.bn2."]}}
    model, _ = convert(card, path)
    assert (model.layer4[0].bn2.weight == 1).all() or (model.layer4[0].bn2.weight == 0).all()
    assert (model.layer4[0].bn2.bias == 0).all()
    card = CARD | {"weights": CARD["weights"] | {"absent": ["layer4.0."]}}
    with pytest.raises(NeedleError, match=r"absent: layer4\.0\.conv1\.weight is no norm"):
        convert(card, path)


def converted(card, path, tmp_path):
    """Convert, save, load: the embeddings, and the logits that the source head makes of them."""
    model, about = convert(card, path)
    save_checkpoint(tmp_path / "c.safetensors", model, about)
    backbone, about = load_backbone(tmp_path / "c.safetensors")
    images = torch.arange(2 * 3 * 64 * 64).view(2, 3, 64, 64).to(torch.uint8)
    features = forward_all(backbone, images, about, 2)
    return images, features, load_source_head(tmp_path / "c.safetensors")


@pytest.mark.parametrize("card", [CARD, BIT, CARD | {"architecture": "torchvision:resnet18",
                                                     "architecture_args": {}}])  # fmt: skip
def test_the_source_head_gives_the_logits_of_the_original(tmp_path, card):
    original = trained(card)
    if card is BIT:
        np.savez(tmp_path / "m.bin", **bit_archive(original))
        (tmp_path / "m.bin.npz").rename(tmp_path / "m.bin")
    elif card is CARD:
        torch.save(original.state_dict(), tmp_path / "m.bin")
    else:
        state = original.network.state_dict()
        head = {f"fc.{name}": t for name, t in original.head.state_dict().items()}
        torch.save(state | head, tmp_path / "m.bin")
    images, features, (weight, bias) = converted(card, tmp_path / "m.bin", tmp_path)
    expected = forward_all(original, images, card, 2)
    assert torch.allclose(features @ weight.T + bias, expected, atol=1e-4)
    chances = source_probabilities(features.numpy(), weight, bias)
    assert chances == pytest.approx(expected.softmax(dim=1).numpy(), abs=1e-4)
    assert chances.dtype == np.float32


def test_a_head_of_no_classes_is_left_out_where_the_card_says_so(tmp_path):
    torch.save(trained(CARD).state_dict(), tmp_path / "m.bin")
    card = CARD | {"weights": CARD["weights"] | {"source_head": False}}
    assert converted(card, tmp_path / "m.bin", tmp_path)[2] is None
    without = trained(CARD, classes=0).state_dict()
    torch.save(without, tmp_path / "m.bin")
    assert converted(CARD, tmp_path / "m.bin", tmp_path)[2] is None


def test_a_head_of_another_width_is_left_out_and_named(tmp_path, capsys):
    state = trained(CARD).state_dict()
    torch.save(state | {"fc.weight": torch.ones(5, 9)}, tmp_path / "m.bin")
    assert converted(CARD, tmp_path / "m.bin", tmp_path)[2] is None
    assert (
        "head is left out: fc.weight (5, 9), fc.bias (5,) is no linear" in capsys.readouterr().err
    )


def test_a_head_without_bias(tmp_path):
    state = trained(CARD).state_dict()
    state.pop("fc.bias")
    torch.save(state, tmp_path / "m.bin")
    _, _, (weight, bias) = converted(CARD, tmp_path / "m.bin", tmp_path)
    assert torch.equal(weight, state["fc.weight"])
    assert not bias.any()
