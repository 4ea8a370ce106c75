"""Task2Vec embeddings against the Fisher information of a linear network, written out."""

import numpy as np
import pytest
import torch

from needle.embedding.task2vec import fisher_diagonal, train_head
from needle.tasks.task_file import Task, write_task

CARD = {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.25, 0.5]}
SIZE = 4


class LinearNetwork(torch.nn.Module):
    """Images to features, by one matrix; a bias and a scale are no filters."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.linear = torch.nn.Linear(3 * SIZE * SIZE, 5)
        self.scale = torch.nn.Parameter(torch.tensor([1.0, 2.0, 1.0, 1.0, 0.5]))

    def forward(self, images):
        return self.scale * self.linear(images.flatten(1))


@pytest.fixture
def task(tmp_path):
    generator = np.random.default_rng(0)
    splits = {
        split: (generator.integers(0, 256, (n, 3, SIZE, SIZE), np.uint8), np.arange(n) % 3)
        for split, n in (("train", 12), ("val", 3), ("test", 3))
    }
    card = {"name": "t", "label": "T", "group": "", "source": "mini", "classes": list("abc")}
    write_task(tmp_path / "task.safetensors", splits, card)
    return Task(tmp_path / "task.safetensors")


def test_fisher_of_a_linear_network_written_out(task):
    network = LinearNetwork()
    generator = np.random.default_rng(1)
    head = generator.normal(size=(3, 5)), generator.normal(size=3)
    found = fisher_diagonal(network, CARD, head, task, "cpu", seed=7)

    weights, biases = head
    matrix = network.linear.weight.detach().numpy().astype(float)
    offset = network.linear.bias.detach().numpy()
    scale = network.scale.detach().numpy()
    draws = torch.Generator().manual_seed(7)
    expected = []
    for images, _ in task.chunks("train", 5):
        for image in images:
            shift, width = (np.array(CARD[key])[:, None, None] for key in ("mean", "std"))
            pixels = ((image / 255 - shift) / width).ravel()
            logits = weights @ (scale * (matrix @ pixels + offset)) + biases
            chances = np.exp(logits) / np.exp(logits).sum()
            drawn = torch.multinomial(
                torch.tensor(chances, dtype=torch.float32), 1, generator=draws
            )
            # d log p(y) / d features, then by the chain rule to each weight.
            slope = weights.T @ (np.eye(3)[drawn.item()] - chances)
            expected.append((np.outer(scale * slope, pixels) ** 2).mean(axis=1))
    assert found.shape == (5,)
    assert found == pytest.approx(np.mean(expected, axis=0), rel=1e-4)


def test_a_sure_head_has_no_information(task):
    """Where one class is certain, no weight changes anything."""
    head = np.zeros((3, 5)), np.array([0.0, -np.inf, -np.inf])
    assert (fisher_diagonal(LinearNetwork(), CARD, head, task, "cpu", seed=0) == 0).all()


@pytest.mark.parametrize("classes", [2, 3])
def test_the_head_says_what_the_regression_says(classes):
    from sklearn.linear_model import LogisticRegression

    generator = np.random.default_rng(0)
    features = generator.normal(5, 3, (60, 4)).astype(np.float32)
    labels = (features[:, 0] > 5).astype(int) + (classes == 3) * (features[:, 1] > 5)
    weights, biases = train_head(features, labels, classes + 1)
    scaled = (features - features.mean(axis=0)) / features.std(axis=0)
    expected = LogisticRegression(max_iter=1000).fit(scaled, labels).predict_proba(scaled)
    logits = features @ weights.T + biases
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert chances[:, :classes] == pytest.approx(expected, abs=1e-4)
    assert (chances[:, classes] == 0).all()  # it has no example
