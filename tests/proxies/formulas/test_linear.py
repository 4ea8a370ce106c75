"""The linear proxy against torch.optim, and the scaled one, which features of any size have."""

import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import drawn_embeddings
from drawn_embeddings import mapped
from needle.base.sgd import batch_order, learning_rate_factors
from needle.embedding.embedding_file import Embeddings
from needle.proxies.formulas.classifiers import linear, linear_scaled
from needle.proxies.formulas.classifiers.linear import accuracy, runs, train_linear

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
SCHEDULES = [STEP, {"kind": "cosine", "warmup": 0.2}, STEP | {"factor": 0.0}]
WIDTHS = {"two products of the width": 12, "one product of the examples": 60}


def draw(examples, width, classes=5, seed=0):
    """Draw features around a centre for each class, and labels."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, examples)
    centres = rng.normal(size=(classes, width))
    return centres[labels] + rng.normal(size=(examples, width)), labels


def by_torch(features, labels, classes, batches, rate, protocol):
    """Train one classifier as anyone would write it."""
    features, labels = torch.from_numpy(features), torch.from_numpy(labels)
    layer = torch.nn.Linear(features.shape[1], classes, dtype=features.dtype)
    torch.nn.init.zeros_(layer.weight)
    torch.nn.init.zeros_(layer.bias)
    optimiser = torch.optim.SGD(
        layer.parameters(), rate, protocol["momentum"], weight_decay=protocol["weight_decay"]
    )
    factors = learning_rate_factors(protocol["schedule"], len(batches))
    for batch, factor in zip(batches, factors, strict=True):
        optimiser.param_groups[0]["lr"] = rate * factor
        optimiser.zero_grad()
        logits, wanted = layer(features[batch]), labels[batch]
        torch.nn.functional.cross_entropy(logits, wanted).backward()
        optimiser.step()
    return np.vstack([layer.weight.detach().numpy().T, layer.bias.detach().numpy()])


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Let torch compute on one thread: several wait for each other at these sizes."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(params=WIDTHS.values(), ids=WIDTHS.keys())
def embeddings(request):
    features, labels = draw(120, request.param)
    features = features.astype(np.float32)
    return Embeddings(features[:80], labels[:80], features[80:], labels[80:], classes=5)


@given(
    examples=st.integers(2, 60),
    width=st.integers(1, 60),
    batch_size=st.integers(1, 60),
    momentum=st.sampled_from([0.0, 0.5, 0.9]),
    weight_decay=st.sampled_from([0.0, 0.01]),
    schedule=st.sampled_from(SCHEDULES),
)
@settings(max_examples=30, deadline=None)
def test_training_equals_torch_optim(examples, width, batch_size, momentum, weight_decay, schedule):
    protocol = {"momentum": momentum, "weight_decay": weight_decay, "schedule": schedule}
    features, labels = draw(examples, width)
    batches = np.stack([batch_order(examples, batch_size, 20, seed) for seed in (0, 1)])
    weights = train_linear(features, labels, 5, batches, [0.1, 0.01], protocol)
    for repeat in range(2):
        for number, rate in enumerate([0.1, 0.01]):
            expected = by_torch(features, labels, 5, batches[repeat], rate, protocol)
            np.testing.assert_allclose(
                weights[repeat, number], expected, rtol=1e-9, atol=1e-9 * abs(expected).max()
            )


def test_many_steps_and_large_logits_equal_torch_optim():
    # The kept velocity is rescaled every 131 steps; the logits leave the range of exp.
    features, labels = draw(40, 30)
    features *= 20
    protocol = PROTOCOL | {"weight_decay": 0.001}
    batches = batch_order(40, 25, 400, seed=0)
    weights = train_linear(features, labels, 5, batches[None], [10.0], protocol)[0, 0]
    expected = by_torch(features, labels, 5, batches, 10.0, protocol)
    assert abs(features @ expected[:-1]).max() > 1000
    np.testing.assert_allclose(weights, expected, rtol=1e-9, atol=1e-9 * abs(expected).max())


def test_float32_accuracies_are_those_of_torch_within_one_example(embeddings):
    rows = runs(embeddings, PROTOCOL, seeds=[3, 4])
    for row in rows:
        batches = batch_order(80, 32, 30, seed=[3, 4][row["repeat"]])
        weights = by_torch(
            embeddings.train_features, embeddings.train_labels, 5, batches,
            row["learning_rate"], PROTOCOL,
        )  # fmt: skip
        logits = embeddings.val_features @ weights[:-1] + weights[-1]
        expected = (logits.argmax(axis=1) == embeddings.val_labels).mean()
        assert abs(row["value"] - expected) <= 1 / 40


def test_the_proxy_learns_and_lists_every_run(embeddings):
    rows = runs(embeddings, PROTOCOL, seeds=[3, 4])
    listed = [(row["repeat"], row["learning_rate"]) for row in rows]
    assert listed == [(0, 0.1), (0, 0.01), (1, 0.1), (1, 0.01)]
    assert all(row["value"] > 0.5 for row in rows)  # chance is 0.2


def test_a_run_that_diverges_has_no_accuracy_and_leaves_the_others_alone(embeddings):
    alone = runs(embeddings, PROTOCOL | {"learning_rates": [1e4]}, seeds=[3, 4])
    rows = runs(embeddings, PROTOCOL | {"learning_rates": [1e4, 1e38]}, seeds=[3, 4])
    assert [np.isnan(row["value"]) for row in rows] == [False, True] * 2
    assert rows[0::2] == alone


def test_accuracy_by_hand():
    weights = np.array([[[1.0, -1.0], [0.0, 0.0]]])  # class 0 where the feature is positive
    features, labels = np.array([[2.0], [-1.0], [3.0]]), np.array([0, 1, 1])
    assert accuracy(weights, features, labels) == pytest.approx([2 / 3])


FEW_STEPS = {
    "learning_rates": [0.1, 0.01], "repeats": 2, "steps": 60, "batch_size": 64, "momentum": 0.9,
    "weight_decay": 0.0, "schedule": {"kind": "step", "milestones": [0.5], "factor": 0.1},
}  # fmt: skip


def accuracies(proxy, embeddings):
    return [row["value"] for row in proxy.runs(embeddings, FEW_STEPS, seeds=[3, 4])]


def test_the_training_features_are_centred_and_10_long():
    embeddings = mapped(drawn_embeddings.draw(50, 8), lambda x: 3 * x + 100)
    scaled = linear_scaled.scaled(embeddings)
    assert np.allclose(scaled.train_features.mean(axis=0), 0, atol=1e-12)
    assert np.sqrt((scaled.train_features**2).sum(axis=1).mean()) == pytest.approx(10)
    # One map for train and val: differences keep their ratio.
    factors = (scaled.val_features[1:] - scaled.val_features[0]) / (
        embeddings.val_features[1:] - embeddings.val_features[0]
    )
    assert np.allclose(factors, factors[0, 0])
    moved = scaled.val_features[0] - scaled.train_features[0]
    assert np.allclose(
        moved, factors[0, 0] * (embeddings.val_features[0] - embeddings.train_features[0])
    )


@given(st.floats(-6, 6), st.floats(-100, 100))
@settings(max_examples=20)
def test_neither_scale_nor_shift_changes_an_accuracy(decades, offset):
    embeddings = drawn_embeddings.draw(120, 10, noise=2.0, val=100)
    other = mapped(embeddings, lambda x: 10**decades * (x + offset))
    assert accuracies(linear_scaled, other) == accuracies(linear_scaled, embeddings)


def test_it_is_the_linear_proxy_of_scaled_features():
    embeddings = drawn_embeddings.draw(120, 10, noise=2.0, val=100)
    scaled = linear_scaled.scaled(embeddings)
    assert accuracies(linear_scaled, embeddings) == accuracies(linear, scaled)
    assert linear_scaled.scaled(scaled).train_features == pytest.approx(scaled.train_features)


def test_the_linear_proxy_does_depend_on_the_scale():
    embeddings = drawn_embeddings.draw(120, 40, noise=1.0, val=100)
    natural, small = (np.mean(accuracies(linear, e)) for e in (
        embeddings, mapped(embeddings, lambda x: 0.02 * x)
    ))  # fmt: skip
    assert natural > small + 0.1


def test_constant_features_are_0():
    embeddings = mapped(
        drawn_embeddings.draw(30, 4), lambda x: np.full_like(x, 0.1, dtype=np.float32)
    )
    scaled = linear_scaled.scaled(embeddings)
    assert not scaled.train_features.any()
    assert scaled.train_features.dtype == np.float32
    assert np.isfinite(accuracies(linear_scaled, embeddings)).all()


def test_labels_and_source_head_are_kept():
    embeddings = drawn_embeddings.draw()
    scaled = dataclasses.asdict(linear_scaled.scaled(embeddings))
    for name, value in dataclasses.asdict(embeddings).items():
        if "features" not in name:
            assert np.array_equal(scaled[name], value), name
