"""Batch norms folded into convolutions: what may be, what may not, and that nothing else changes.

In float64, so that rounding hides no mistake.
"""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from timm.layers import BatchNormAct2d, Conv2dSame, StdConv2d
from torch.nn import BatchNorm2d, Conv2d, Identity, Module, ReLU, Sequential

from needle.embedding.folding import NORMS, foldable, folded
from needle.embedding.readings import LayersMean, Tokens
from needle.models.backbones import build

IMAGES = torch.randn(3, 3, 32, 32, generator=torch.Generator().manual_seed(0)).double()


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)
    torch.manual_seed(0)


def prepared(model):
    """The model in float64, with weights and statistics of norms that are not trivial."""
    for module in model.modules():
        if isinstance(module, NORMS) and module.affine:
            module.weight.data.uniform_(-1.5, 1.5)
            module.bias.data.normal_()
        if isinstance(module, NORMS) and module.running_mean is not None:
            module.running_mean.normal_()
            module.running_var.uniform_(0.2, 2)
    return model.double().eval()


@torch.no_grad()
def check(model, images, count):
    """So many norms are folded; the outputs stay, and after it so do the weights to the bit."""
    before, weights = model(images), dict(model.state_dict(keep_vars=True))
    modules = dict(model.named_modules())
    with folded(model, images[:1]) as pairs:
        assert len(pairs) == count
        assert sum(type(module) in NORMS for module in model.modules()) == (
            sum(type(module) in NORMS for module in modules.values()) - count
        )
        within = model(images)
    torch.testing.assert_close(within, before, rtol=1e-9, atol=1e-9)
    assert dict(model.named_modules()) == modules
    after = model.state_dict(keep_vars=True)
    assert all(after[name] is tensor for name, tensor in weights.items())
    torch.testing.assert_close(model(images), before, rtol=0, atol=0)
    return before, within


def card(architecture, **arguments):
    return {"name": "m", "architecture": architecture, "architecture_args": arguments}


@pytest.mark.parametrize(
    ("about", "count"),
    [
        (card("resnet10t", channels=[8, 8, 8, 16], stem_width=8), 15),
        (card("test_efficientnet"), 13),  # depthwise, norms with activations
        (card("test_byobnet"), 14),
        (card("tf_mobilenetv3_small_minimal_100"), 34),  # padding as TensorFlow's
        (card("torchvision:mobilenet_v2", width_mult=0.25), 52),
        (card("test_convnext"), 0),  # layer norms
        (card("test_vit", img_size=32), 0),
    ],
    ids=lambda value: value["architecture"] if isinstance(value, dict) else "",
)
def test_architectures(about, count):
    model = prepared(build(about))
    assert count in (0, sum(type(module) in NORMS for module in model.modules()))  # all or none
    _, within = check(model, IMAGES, count)
    assert within.std() > 1e-3


@given(
    groups=st.sampled_from([1, 2, 4]),
    kernel=st.integers(1, 3),
    stride=st.integers(1, 2),
    bias=st.booleans(),
    affine=st.booleans(),
    act=st.booleans(),
    same=st.booleans(),
)
def test_a_convolution_and_its_norm(groups, kernel, stride, bias, affine, act, same):
    convolution = (Conv2dSame if same else Conv2d)(
        4, 8, kernel, stride=stride, groups=groups, bias=bias
    )
    norm = BatchNormAct2d(8, affine=affine) if act else BatchNorm2d(8, affine=affine)
    check(prepared(Sequential(convolution, norm)), IMAGES.reshape(9, 4, 16, 16), 1)


class Called(Module):
    """Layers `a`, `b`, ... and what is made of images by them."""

    def __init__(self, call, **layers):
        super().__init__()
        self.call = call
        for name, layer in layers.items():
            setattr(self, name, layer)

    def forward(self, images):
        return self.call(self, images)


def convolution(**arguments):
    return Conv2d(3, 3, 1, **arguments)


def test_layers_are_paired_as_they_are_called_not_as_they_are_listed():
    model = Called(
        lambda m, x: m.a(m.d(m.b(m.c(x)))),
        a=BatchNorm2d(3), b=BatchNorm2d(3), c=convolution(), d=convolution(bias=False),
    )  # fmt: skip
    check(prepared(model), IMAGES, 2)
    assert foldable(model, IMAGES) == {model.c: model.b, model.d: model.a}


FORBIDDEN = {
    "the output goes elsewhere too": lambda m, x: m.norm(m.conv(x)) + m.conv(x),
    "the same output is used twice": lambda m, x: (lambda y: m.norm(y) + y)(m.conv(x)),
    "the output is changed between": lambda m, x: m.norm(m.conv(x).relu_()),
    "a view of it is changed before": lambda m, x: (lambda y: (y[:, 0].zero_(), m.norm(y))[1])(
        m.conv(x)
    ),
    "the norm takes a sum": lambda m, x: m.norm(m.conv(x) + x),
    "the norm takes images too": lambda m, x: m.norm(m.conv(x)) + m.norm(x),
    "two norms take the output": lambda m, x: (lambda y: m.norm(y) + m.other(y))(m.conv(x)),
    "the norm takes two outputs": lambda m, x: m.norm(m.conv(x)) + m.norm(m.second(x)),
    "the weights are used elsewhere": lambda m, x: m.norm(m.conv(x)) * m.conv.weight.sum(),
    "the output is given": lambda m, x: (lambda y: (m.norm(y), y))(m.conv(x)),
    "no norm is called": lambda m, x: m.conv(x),
}


@pytest.mark.parametrize("why", FORBIDDEN)
def test_what_forbids_folding(why):
    layers = {"conv": convolution(), "second": convolution(), "norm": BatchNorm2d(3)}
    model = prepared(Called(FORBIDDEN[why], **layers, other=BatchNorm2d(3)))
    check(model, IMAGES, 0)


def test_layers_in_two_places_and_tied_weights_stay():
    twice, norm = convolution(), BatchNorm2d(3)
    check(prepared(Sequential(twice, norm, twice, norm)), IMAGES, 0)
    tied = convolution()
    tied.weight = twice.weight
    check(prepared(Sequential(twice, BatchNorm2d(3), tied, BatchNorm2d(3))), IMAGES, 0)


def test_a_pair_called_twice_is_folded_once():
    model = Called(lambda m, x: m.norm(m.conv(m.norm(m.conv(x)))), conv=convolution(),
                   norm=BatchNorm2d(3))  # fmt: skip
    check(prepared(model), IMAGES, 1)


def test_other_kinds_of_convolution_and_norm_stay():
    standardised = Sequential(StdConv2d(3, 3, 1), BatchNorm2d(3))
    of_the_batch = Sequential(convolution(), BatchNorm2d(3, track_running_stats=False))
    for model in (standardised, of_the_batch):
        check(prepared(model), IMAGES, 0)


def test_the_activation_of_a_norm_stays():
    layers = convolution(), BatchNormAct2d(3, act_layer=torch.nn.SiLU, inplace=False)
    model = prepared(Sequential(*layers))
    with folded(model, IMAGES):
        assert isinstance(model[1], torch.nn.SiLU)
    plain = prepared(Sequential(convolution(), BatchNorm2d(3), ReLU()))
    with folded(plain, IMAGES):
        assert isinstance(plain[1], Identity)


def test_an_error_within_leaves_the_model_as_it_was():
    model = prepared(Sequential(convolution(), BatchNorm2d(3)))
    layers = list(model)
    with pytest.raises(ZeroDivisionError), folded(model, IMAGES):
        raise ZeroDivisionError
    assert list(model) == layers


def test_folded_weights_keep_their_memory_format():
    model = prepared(build(card("test_efficientnet")))
    with folded(model, IMAGES):
        weight = model.conv_stem.weight
        assert weight.is_contiguous(memory_format=torch.channels_last)
        assert not weight.is_contiguous()


@pytest.mark.parametrize("reading", [LayersMean, Tokens])
@torch.no_grad()
def test_what_else_is_read_of_a_model_is_the_same(reading):
    """MobileNetV4's head has a convolution and a norm; tokens go through it one by one too."""
    model = prepared(build(card("mobilenetv4_conv_small_035")))
    norms = sum(type(module) in NORMS for module in model.modules())
    read = reading(model).eval()
    before = read(IMAGES)
    with folded(read, IMAGES[:1]) as pairs:
        assert len(pairs) == norms
        within = read(IMAGES)
    for one, other in zip(before, within, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-9)


@torch.no_grad()
def test_rounding_in_float32_is_that_of_the_model_itself():
    """Both are as far from float64: within a factor of 3."""
    model = prepared(build(card("test_efficientnet")))
    exact = model(IMAGES).numpy()
    model.float()
    images = IMAGES.float()
    plain = model(images).numpy()
    with folded(model, images[:1]):
        within = model(images).numpy()
    size = np.abs(exact).max()
    plain, within = (np.abs(found - exact).max() / size for found in (plain, within))
    assert within < max(3 * plain, 1e-6) < 1e-4
