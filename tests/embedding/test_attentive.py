"""Attentive pooling: what it finds, and that it begins at the mean."""

import numpy as np
import pytest
import torch
from sklearn.neighbors import KNeighborsClassifier

from needle.base.errors import NeedleError
from needle.embedding.attentive import AttentivePooling, pool, train_pooling
from needle.embedding.rows import FileRows

CLASSES, TOKENS, WIDTH = 4, 80, 32


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def drawn(count, seed):
    """Noise, and one token at a random place that bears a mark and the class."""
    generator = np.random.default_rng(seed)
    codes = np.random.default_rng(0).normal(size=(CLASSES + 1, WIDTH))
    labels = generator.integers(0, CLASSES, count)
    tokens = generator.normal(size=(count, TOKENS, WIDTH))
    places = generator.integers(0, TOKENS, count)
    tokens[np.arange(count), places] += 2 * codes[labels] + 4 * codes[CLASSES]
    return tokens.astype(np.float16), labels


def accuracy(train, val):
    """Of the nearest neighbour, as the proxy `knn` has it."""
    return KNeighborsClassifier(1).fit(*train).score(*val)


@pytest.fixture(scope="module")
def examples():
    return drawn(400, seed=1), drawn(200, seed=2)


def test_a_class_that_is_in_one_token_is_found(examples):
    (train, labels), (val, val_labels) = examples
    means = [(each.astype(np.float32).mean(axis=1)) for each in (train, val)]
    pooling = train_pooling(train, labels, CLASSES, "cpu", seed=0)
    found = [pool(pooling, each, "cpu") for each in (train, val)]
    assert all(each.shape[1] == WIDTH and each.dtype == np.float32 for each in found)
    by_mean = accuracy((means[0], labels), (means[1], val_labels))
    by_attention = accuracy((found[0], labels), (found[1], val_labels))
    assert by_mean < 0.45  # chance is 0.25
    assert by_attention > 0.9


def test_the_same_seed_gives_the_same_to_the_last_bit(examples):
    (train, labels), (val, _) = examples
    one, other, third = (
        pool(train_pooling(train, labels, CLASSES, "cpu", seed), val, "cpu") for seed in (3, 3, 4)
    )
    assert (one == other).all()
    assert not (one == third).all()


def test_labels_without_meaning_are_learned_by_train_alone(examples):
    """Why proxies that judge train by itself are refused."""
    (train, labels), (val, val_labels) = examples
    shuffled = np.random.default_rng(5).permutation(labels)
    pooling = train_pooling(train, shuffled, CLASSES, "cpu", seed=0)
    features = [pool(pooling, each, "cpu") for each in (train, val)]
    assert accuracy((features[0], shuffled), (features[1], val_labels)) < 0.4


def test_what_is_untrained_is_the_mean_of_standardised_tokens():
    tokens = torch.randn(5, 7, 48, generator=torch.Generator().manual_seed(0))
    shift, scale = torch.full((48,), 2.0), torch.full((48,), 4.0)
    with torch.inference_mode():
        found = AttentivePooling(shift, scale)(tokens)
    torch.testing.assert_close(found, (tokens.mean(dim=1) - 2) / 4)


def test_pooling_by_hand():
    """Two tokens and two queries, of which each pools a half of the channels."""
    pooling = AttentivePooling(torch.zeros(2), torch.ones(2))
    assert pooling.queries.shape == (2, 2)
    with torch.no_grad():
        # q · x / √2 differ by log 3 between the tokens for the first, not at all for the second.
        pooling.queries[0, 0] = 2**0.5 * np.log(3)
    tokens = torch.tensor([[[1.0, 10.0], [0.0, 20.0]]])
    # The first weighs 3/4 and 1/4, the second 1/2 and 1/2.
    assert pooling(tokens).tolist() == [pytest.approx([0.75, 15.0])]


@pytest.mark.parametrize(("width", "queries"), [(64, 32), (48, 16), (7, 1)])
def test_as_many_queries_as_divide_the_width(width, queries):
    assert len(AttentivePooling(torch.zeros(width), torch.ones(width)).queries) == queries


def test_shift_scale_and_constant_channels_change_nothing(examples):
    (train, labels), (val, _) = examples
    # A power of two, so that float16 rounds alike.
    scaled = [np.concatenate([4 * t, np.full_like(t, 3)], axis=2) for t in (train, val)]
    padded = [np.concatenate([t, np.zeros_like(t)], axis=2) for t in (train, val)]
    found, expected = (
        pool(train_pooling(first, labels, CLASSES, "cpu", 0), second, "cpu")
        for first, second in (scaled, padded)
    )
    assert found == pytest.approx(expected, abs=1e-3)


def test_tokens_go_through_a_file(tmp_path):
    rows = FileRows(tmp_path / "train", "m")
    batches = torch.randn(5, 3, 2, generator=torch.Generator().manual_seed(0)).split(2)
    for batch in batches:
        rows.append(batch)
    tokens, expected = rows.array(), torch.cat(batches).half().numpy()
    assert len(tokens) == 5
    for some in (slice(1, 4), np.array([4, 0])):
        assert (tokens[some] == expected[some]).all()
    with pytest.raises(NeedleError, match="model m: has tokens that are NaN or above 65504"):
        rows.append(torch.full((1, 3, 2), 1e6))
