"""What is read of a model: by hand, and by hooks on the blocks of timm's."""

import pytest
import torch

from needle.base.errors import NeedleError
from needle.embedding.batch_size import layer_bytes
from needle.embedding.readings import Last, LayersMean, Tokens
from needle.models.backbones import build

IMAGES = torch.randn(3, 3, 32, 32, generator=torch.Generator().manual_seed(0))


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


class TwoBlocks(torch.nn.Module):
    """A class token, which is the embedding, and one patch; each block doubles both."""

    feature_info = ({"num_chs": 1}, {"num_chs": 1})

    def forward(self, images):
        final, _ = self.forward_intermediates(images)
        return self.forward_head(final)

    def forward_intermediates(
        self, images, norm=False, output_fmt="NCHW", return_prefix_tokens=False
    ):
        first = 2 * images.flatten(1)[:, :2, None]
        last = 2 * first
        outputs = [x + 1 if norm else x for x in (first, last)]
        return outputs[1], [(x[:, 1:], x[:, :1]) for x in outputs]

    def forward_head(self, tokens):
        return tokens[:, 0]


def card(architecture, **arguments):
    return {"name": "m", "architecture": architecture, "architecture_args": arguments}


def tiny_vit(**arguments):
    torch.manual_seed(0)
    small = {"img_size": 32, "patch_size": 8, "embed_dim": 24, "depth": 4, "num_heads": 3}
    return build(card("vit_tiny_patch16_224", **small | arguments)).eval()


def test_the_mean_over_two_layers_by_hand():
    """Class token 3: 6 and 12 after the blocks, 7 and 13 normalised; the mean is 10."""
    images = torch.tensor([3.0, 5.0]).reshape(1, 1, 1, 2)
    reading = LayersMean(TwoBlocks())
    mean, last = reading(images)
    assert reading.layers == 2
    assert (mean.item(), last.item()) == (10, 13)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"global_pool": "avg", "class_token": False},
        {"global_pool": "avg", "reg_tokens": 2},
        {"global_pool": "map", "class_token": False},
        {"depth": 1},
    ],
)
@torch.inference_mode()
def test_the_layers_of_a_transformer_beside_hooks_on_its_blocks(arguments):
    """The embedding that the model would give if it ended at a block, the others cut off."""
    model = tiny_vit(**arguments)
    reading = LayersMean(model)
    mean, last = reading(IMAGES)
    assert reading.layers == len(model.blocks)
    assert torch.equal(last, model(IMAGES))
    caught = []
    hooks = [b.register_forward_hook(lambda *call: caught.append(call[2])) for b in model.blocks]
    model(IMAGES)
    for hook in hooks:
        hook.remove()
    ended_there = []
    for output in caught:
        replace = model.blocks[-1].register_forward_hook(lambda *_, output=output: output)
        ended_there.append(model(IMAGES))
        replace.remove()
    torch.testing.assert_close(mean, sum(ended_there) / len(caught), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    "about",
    [
        card("resnet10t", channels=[8, 8, 8, 16], stem_width=8),
        card("test_efficientnet"),
        card("test_convnext"),
        card("torchvision:mobilenet_v2", width_mult=0.25),
    ],
    ids=lambda about: about["architecture"],
)
@torch.inference_mode()
def test_a_network_in_stages_has_one_layer_of_the_last_shape(about):
    model = build(about).eval()
    reading = LayersMean(model)
    mean, last = reading(IMAGES)
    assert reading.layers == 1
    assert torch.equal(mean, model(IMAGES))
    assert torch.equal(last, mean)


@torch.inference_mode()
def test_the_layers_held_at_once_are_counted_as_memory():
    model = tiny_vit()
    tokens = 17 * 24 * 4  # bytes of one layer's
    assert layer_bytes(LayersMean(model), IMAGES[:1]) >= 4 * tokens
    assert layer_bytes(Last(model), IMAGES[:1]) == layer_bytes(model, IMAGES[:1])


@torch.inference_mode()
def test_tokens_of_a_transformer_are_all_that_its_pooling_sees():
    model = tiny_vit(reg_tokens=2)
    tokens, last = Tokens(model)(IMAGES)
    assert tokens.shape == (3, 1 + 2 + 16, 24)
    assert torch.equal(tokens[:, 0], model(IMAGES))  # it pools by the class token
    assert torch.equal(last, model(IMAGES))


@torch.inference_mode()
def test_tokens_are_normalised_where_that_follows_pooling():
    model = tiny_vit(global_pool="avg", class_token=False)
    tokens, _ = Tokens(model)(IMAGES)
    assert tokens.mean(dim=2) == pytest.approx(torch.zeros(3, 16), abs=1e-5)


@pytest.mark.parametrize(
    ("architecture", "width", "is_mean"),
    [
        ("test_efficientnet", 256, True),
        ("test_convnext", 64, False),  # it normalises what it has pooled
        ("test_resnet", 96, True),
        ("mobilenetv4_conv_small_035", 1280, False),  # its head has a layer
        ("swin_tiny_patch4_window7_224", 48, True),
    ],
)
@torch.inference_mode()
def test_positions_of_a_feature_map_have_the_width_of_an_embedding(architecture, width, is_mean):
    swin = {"img_size": 64, "window_size": 2, "embed_dim": 6, "num_heads": (1, 1, 1, 1)}
    model = build(card(architecture, **swin if "swin" in architecture else {})).eval()
    images = torch.nn.functional.interpolate(IMAGES, 64)
    tokens, last = Tokens(model)(images)
    assert tokens.shape == (3, 4, width)
    assert torch.equal(last, model(images))
    near = torch.allclose(tokens.mean(dim=1), last, rtol=1e-4, atol=1e-5)
    assert near == is_mean
    # Each position is the map of its own: none looks at another.
    assert torch.allclose(model.forward_head(_map(model, images)), tokens[:, 3], atol=1e-5)


def _map(model, images):
    """The last feature map, as if it had its lower right position only."""
    features = model.forward_features(images)
    return features[:, 1:, 1:] if hasattr(model, "output_fmt") else features[:, :, 1:, 1:]


@torch.inference_mode()
def test_tokens_of_one_kind_go_through_the_head_alone():
    small = {"embed_dim": 8, "num_heads": 1, "stages": (1, 1, 1, 1)}
    model = build(card("hiera_tiny_224", **small)).eval()
    images = torch.nn.functional.interpolate(IMAGES, 224)
    tokens, last = Tokens(model)(images)
    assert tokens.shape == (3, 49, 64)
    assert torch.equal(last, model(images))
    assert tokens.mean(dim=2) == pytest.approx(torch.zeros(3, 49), abs=1e-5)  # its head normalises
    assert LayersMean(model).layers == 1


def test_a_model_without_tokens_is_refused():
    model = build(card("torchvision:mobilenet_v2", width_mult=0.25))
    with pytest.raises(NeedleError, match="torchvision's models do not give"):
        Tokens(model)
