"""PARC against scipy's and scikit-learn's parts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr
from sklearn.decomposition import PCA
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.preprocessing import StandardScaler

from drawn_embeddings import draw, mapped, one_hot
from needle.proxies.formulas.geometry.parc import score
from needle.proxies.registry import NoScoreError


@pytest.mark.parametrize(
    ("examples", "width", "dimensions"), [(40, 6, 32), (50, 80, 32), (60, 80, 5)]
)
def test_by_the_parts_of_others(examples, width, dimensions):
    embeddings = draw(examples, width, classes=4, noise=1.5)
    kept = min(dimensions, width, examples - 1)
    features = PCA(kept, svd_solver="full").fit_transform(embeddings.train_features)
    features = StandardScaler().fit_transform(features)
    pairs = np.triu_indices(examples, 1)
    apart = (1 - cosine_similarity(features))[pairs]
    differ = (1 - np.corrcoef(one_hot(embeddings.train_labels)))[pairs]
    expected = spearmanr(apart.round(10), differ.round(10)).statistic
    assert score(embeddings, dimensions) == pytest.approx(expected, abs=1e-9)


@given(st.integers(0, 10**6), st.integers(2, 20))
@settings(max_examples=30)
def test_signs_of_features_and_of_components_change_nothing(seed, width):
    rng = np.random.default_rng(seed)
    embeddings = draw(25, width, classes=4, noise=1.5, seed=seed)
    before = score(embeddings)
    flipped = mapped(embeddings, lambda x: x * rng.choice([-1, 1], width))
    assert score(flipped) == pytest.approx(before, abs=1e-9)
    # The same examples in their principal components, some of them turned round.
    axes = np.linalg.svd(embeddings.train_features - embeddings.train_features.mean(axis=0))[2]
    turned = mapped(embeddings, lambda x: x @ axes.T * rng.choice([-1, 1], width))
    assert score(turned) == pytest.approx(before, abs=1e-9)


def test_examples_that_span_as_many_components_as_they_can_are_all_as_far_apart():
    with pytest.raises(NoScoreError, match="as far apart"):
        score(draw(20, 30, classes=2))
    assert score(draw(20, 30, classes=2), dimensions=10) > -1


def test_two_tight_clusters_are_as_far_apart_as_their_labels():
    rng = np.random.default_rng(0)
    embeddings = draw(20, 30, classes=2)
    centres = rng.normal(size=(2, 30))
    embeddings.train_features[:] = centres[embeddings.train_labels]
    embeddings.train_features[:] += 1e-3 * rng.normal(size=(20, 30))
    assert 0.5 < score(embeddings, dimensions=2) <= 1
