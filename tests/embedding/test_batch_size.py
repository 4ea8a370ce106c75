"""How many images are computed at once follows from the memory, and changes no feature."""

import pytest
import torch

from needle.embedding.batch_size import LARGEST, LIVE, PROGRAM, fitting, layer_bytes


class Layers(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.wide = torch.nn.Conv2d(3, 8, 1)
        self.narrow = torch.nn.Conv2d(8, 1, 1)

    def forward(self, images):
        return self.narrow(self.wide(images)).mean((2, 3))


@pytest.fixture
def model():
    return Layers().eval()


def test_the_largest_layer_is_counted_with_what_it_is_given(model):
    assert layer_bytes(model, torch.zeros(1, 3, 10, 10)) == (3 + 8) * 100 * 4
    assert not model.wide._forward_hooks  # the model is left as it was


@pytest.mark.parametrize(
    ("images", "expected"), [(0.5, 1), (1.1, 1), (7.9, 4), (8.1, 8), (1e9, LARGEST)]
)
def test_a_power_of_two_that_fits(model, images, expected):
    image = torch.zeros(1, 3, 1000, 1000)
    weights = sum(p.numel() for p in model.parameters()) * 4
    need = LIVE * layer_bytes(model, image)
    memory = PROGRAM + (2 * weights + images * need) / 2**20
    assert fitting(model, image, memory) == expected


def test_how_many_at_once_changes_no_feature():
    torch.manual_seed(0)
    pool = torch.nn.AdaptiveAvgPool2d(1)
    model = torch.nn.Sequential(torch.nn.Conv2d(3, 16, 3), torch.nn.ReLU(), pool).eval()
    images = torch.randn(16, 3, 24, 24)
    with torch.inference_mode():
        alone = torch.cat([model(image[None]) for image in images])
        torch.testing.assert_close(model(images), alone, rtol=1e-5, atol=1e-6)
