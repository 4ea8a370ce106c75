"""The proxies against scikit-learn and torch.optim."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neighbors import KNeighborsClassifier

from needle.embeddings import Embeddings
from needle.probes.knn import knn_accuracy, nearest
from needle.probes.linear import accuracy, linear_proxy, train_linear
from needle.sgd import batch_order, learning_rate_factors

STEP = {"kind": "step", "milestones": [0.3, 0.6, 0.9], "factor": 0.1}
PROTOCOL = {
    "learning_rates": [0.1, 0.01],
    "repeats": 2,
    "steps": 30,
    "batch_size": 32,
    "momentum": 0.9,
    "weight_decay": 0.0,
    "schedule": STEP,
}


@pytest.fixture
def embeddings():
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(5, 12))
    labels = rng.integers(0, 5, 120)
    features = (centres[labels] + rng.normal(size=(120, 12))).astype(np.float32)
    return Embeddings(features[:80], labels[:80], features[80:], labels[80:], classes=5)


def test_knn_equals_scikit_learn(embeddings):
    reference = KNeighborsClassifier(1, algorithm="brute")
    reference.fit(embeddings.train_features, embeddings.train_labels)
    expected = reference.score(embeddings.val_features, embeddings.val_labels)
    assert knn_accuracy(embeddings) == expected
    assert 0.2 < expected < 1


@given(st.integers(0, 10**6), st.floats(-1e3, 1e3))
@settings(max_examples=30)
def test_nearest_is_nearest_wherever_the_features_lie(seed, offset):
    rng = np.random.default_rng(seed)
    train, queries = offset + rng.normal(size=(20, 4)), offset + rng.normal(size=(9, 4))
    distance = ((queries[:, None] - train[None]) ** 2).sum(axis=2)
    assert nearest(train, queries).tolist() == distance.argmin(axis=1).tolist()


def test_of_equally_near_examples_the_first_counts():
    assert nearest([[0.0], [2.0], [0.0]], [[0.0], [1.0]]).tolist() == [0, 0]


@pytest.mark.parametrize("weight_decay", [0.0, 0.01])
def test_linear_training_equals_torch_optim(embeddings, weight_decay):
    protocol = PROTOCOL | {"weight_decay": weight_decay}
    features = torch.from_numpy(embeddings.train_features).double()
    labels = torch.from_numpy(embeddings.train_labels)
    batches = torch.stack([torch.from_numpy(batch_order(80, 32, 30, seed)) for seed in (0, 0, 1)])
    rates = torch.tensor([0.1, 0.01, 0.1], dtype=torch.float64)
    weights = train_linear(features, labels, 5, batches, rates, protocol)

    factors = learning_rate_factors(STEP, 30)
    for run in range(3):
        layer = torch.nn.Linear(12, 5, dtype=torch.float64)
        torch.nn.init.zeros_(layer.weight)
        torch.nn.init.zeros_(layer.bias)
        optimiser = torch.optim.SGD(
            layer.parameters(), lr=0.1, momentum=0.9, weight_decay=weight_decay
        )
        for step, batch in enumerate(batches[run]):
            optimiser.param_groups[0]["lr"] = rates[run].item() * factors[step]
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(layer(features[batch]), labels[batch]).backward()
            optimiser.step()
        assert torch.allclose(weights[run, :-1], layer.weight.T, rtol=1e-9, atol=1e-12)
        assert torch.allclose(weights[run, -1], layer.bias, rtol=1e-9, atol=1e-12)


def test_linear_proxy_learns_and_lists_every_run(embeddings):
    rows = linear_proxy(embeddings, PROTOCOL, seeds=[3, 4])
    runs = [(row["repeat"], row["learning_rate"]) for row in rows]
    assert runs == [(0, 0.1), (0, 0.01), (1, 0.1), (1, 0.01)]
    assert all(row["val_accuracy"] > 0.6 for row in rows)  # chance is 0.2


def test_linear_proxy_that_diverges_has_no_accuracy(embeddings):
    protocol = PROTOCOL | {"learning_rates": [0.1, 1e38]}
    rows = linear_proxy(embeddings, protocol, seeds=[3, 4])
    assert [np.isnan(row["val_accuracy"]) for row in rows] == [False, True] * 2


def test_accuracy_by_hand():
    weights = torch.tensor([[[1.0, -1.0], [0.0, 0.0]]])  # class 0 where the feature is positive
    features, labels = torch.tensor([[2.0], [-1.0], [3.0]]), torch.tensor([0, 1, 1])
    assert accuracy(weights, features, labels) == pytest.approx([2 / 3])
