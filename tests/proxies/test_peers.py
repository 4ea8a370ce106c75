"""What the programs of others gave on small inputs, and by how much Needle differs on purpose.

The numbers were made in November 2026 by the functions of the named program, at the named commit,
on a processor and on the inputs of `small`; none of its code is here. scikit-learn's kNN,
silhouette, shrinkage and logistic regression are called in the tests of the proxies that they are
like.
"""

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from drawn_embeddings import one_hot, within_and_means
from needle.embedding.embedding_file import Embeddings
from needle.proxies.formulas.likelihood.pactran import fit_softmax
from needle.proxies.registry import formula


def small(seed, examples, width, classes, noise, offset, scale):
    """Make the inputs: classes of one size around centres of their own, and a source head."""
    rng = np.random.default_rng(seed)
    labels = np.arange(examples) % classes
    centres = rng.normal(size=(classes, width))
    features = scale * (offset + centres[labels] + noise * rng.normal(size=(examples, width)))
    logits = 2 * rng.normal(size=(examples, 7)) + labels[:, None] % 3
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return Embeddings(features, labels, features, labels, classes, chances)


INPUTS = {
    "narrow": small(1, 120, 8, 3, noise=1.5, offset=0.5, scale=0.5),
    "wide": small(2, 60, 90, 4, noise=2.0, offset=0.2, scale=0.1),
    "large": small(4, 240, 150, 5, noise=6.0, offset=0.0, scale=0.3),
}
# Where Needle computes the same. By input: narrow, wide, large; None where the program cannot.
SAME = {
    # thuml/Transfer-Learning-Library, tllib/ranking: hscore.py 29a228d, leep.py 83d9005,
    # nce.py 56ccfd7, transrate.py 4cc0d91
    "h_score": (0.721527351, 3.0, 3.258101390),
    "leep": (-1.078545654, -1.280533286, -1.572223654),
    "nce": (-1.073163672, -1.135496314, -1.544535363),
    "transrate": (0.311581262, 118.806891885, 475.699308494),
    # mgholamikn/ETran a63361e
    "etran_lda": (0.513097996, 0.510324894, 0.899424396),
    "etran_energy": (None, None, 5.903502351),  # its 0.5 % of fewer than 200 examples are none
    # BUserName/NCTI 770be72, with scikit-learn 1.9; the last is of the other sign there
    "ncti_seli": (None, None, 98.086935038),
    "ncti_ncc": (None, None, 0.873582155),
    "ncti_vc": (None, None, -3.799619994),
    # decisionintelligence/DISCO 3a09860, with an exact decomposition
    "disco_ncc": (None, None, 0.396195306),
    # prabhant/surgical_phase_transferability_estimation 05f75e4
    "int": (3.113291512, 2.980344250, 31.506965538),
}


@pytest.mark.parametrize("case", INPUTS)
@pytest.mark.parametrize("name", SAME)
def test_the_same_as_the_authors(name, case):
    expected = SAME[name][list(INPUTS).index(case)]
    if expected is not None:
        found = formula(name).score(INPUTS[case])
        assert found == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize(
    ("case", "theirs", "below"),
    [
        ("narrow", -0.688780985, 1e-6),
        ("wide", -0.177508690, 2e-3),
        ("large", -0.481831705, 1e-5),
    ],
)
def test_logme_is_the_maximum_that_an_iteration_comes_to_from_below(case, theirs, below):
    # thuml/Transfer-Learning-Library, tllib/ranking/logme.py 48c707a: it stops after 11 steps, or
    # where one changes α/β by less than 1 %.
    found = formula("logme").score(INPUTS[case])
    assert theirs - 1e-9 <= found <= theirs + below


@pytest.mark.parametrize(
    ("case", "theirs", "log_alpha"),
    [
        ("narrow", -0.688780968, 3.999745200),
        ("wide", 0.719503687, 3.588051064),
        ("large", -0.481826969, 8.564462521),
    ],
)
def test_logme_of_its_authors_counts_directions_that_are_not_there(case, theirs, log_alpha):
    # thuml/LogME 3a08950, by default: with D > N it has D/2 log α, but the determinant of K = N
    # directions: (D - K) / (2 N) log α too much, which changes with the scale of the features.
    # log α: the mean over the classes of those that it found.
    examples, width = INPUTS[case].train_features.shape
    extra = max(width - examples, 0) / (2 * examples) * log_alpha
    assert formula("logme").score(INPUTS[case]) + extra == pytest.approx(theirs, abs=2e-3)
    assert (extra > 0.5) == (width > examples)


@pytest.mark.parametrize(
    ("case", "theirs", "largest"),
    [
        ("narrow", 0.426302186, 0.823012070),
        ("wide", 0.999982198, 0.172004565),
        ("large", 0.910939705, 9.026443345),
    ],
)
def test_sfda_has_the_largest_eigenvalue_exactly(case, theirs, largest):
    # TencentARC/SFDA eb1eee0 finds it by six steps of the power method; `largest` is what it found.
    embeddings = INPUTS[case]
    deviations, _ = within_and_means(embeddings.train_features, embeddings.train_labels)
    exact = np.linalg.svd(deviations, compute_uv=False)[0] ** 2 / len(deviations)
    score = formula("sfda").score
    assert score(embeddings, strength=5 * largest / exact) == pytest.approx(theirs, abs=1e-8)
    assert score(embeddings) == pytest.approx(theirs, abs=2e-5)


@pytest.mark.parametrize(
    ("case", "theirs", "ours"),
    [
        ("narrow", 15.675650106, 0.159582),
        ("wide", 17.197060271, 0.183121),
        ("large", 10.267536100, 0.111785),
    ],
)
def test_parc_does_not_look_at_signs(case, theirs, ours):
    # dbolya/parc b05d062, times 100: Pearson's correlation of an example's components, whose signs
    # are those that scikit-learn's decomposition happens to choose, and which it approximates.
    features, labels = INPUTS[case].train_features, INPUTS[case].train_labels
    how = {"svd_solver": "randomized", "random_state": 1919, "iterated_power": 1}
    components = PCA(min(32, features.shape[1]), **how).fit_transform(features)
    components = StandardScaler().fit_transform(components)
    pairs = np.triu_indices(len(labels), 1)
    apart, differ = ((1 - np.corrcoef(rows))[pairs] for rows in (components, one_hot(labels)))
    assert 100 * spearmanr(apart, differ).statistic == pytest.approx(theirs, abs=1e-3)
    assert formula("parc").score(INPUTS[case]) == pytest.approx(ours, abs=1e-6)


@pytest.mark.parametrize(
    ("case", "theirs"), [("narrow", -4.007376006), ("wide", -0.006262069), ("large", -2.985675364)]
)
def test_gbc_counts_the_volumes_once_in_every_dimension(case, theirs):
    # google-research/google-research, stable_transfer/transferability/gbc.py 1d4d2f1, of spherical
    # Gaussians: it has 1/2 log of the variances where the distance has D/2.
    features, labels = INPUTS[case].train_features, INPUTS[case].train_labels
    deviations, means = within_and_means(features, labels)
    variances = np.array([(deviations[labels == c] ** 2).mean() for c in range(len(means))])
    average = (variances[:, None] + variances) / 2
    squares = ((means[:, None] - means) ** 2).sum(axis=2)
    volumes = np.log(average / np.sqrt(np.outer(variances, variances)))
    pairs = ~np.eye(len(means), dtype=bool)
    width = features.shape[1]

    def overlaps(count):
        return -np.exp(-squares / (8 * average) - count / 2 * volumes)[pairs].sum()

    assert overlaps(1) == pytest.approx(theirs, abs=1e-8)
    if width < len(labels):  # else there are fewer components than features
        ours = formula("gbc").score(INPUTS[case], dimensions=width)
        assert ours == pytest.approx(overlaps(width), rel=1e-9)


@pytest.mark.parametrize(
    ("case", "theirs"), [("narrow", 1.581996250), ("wide", 1.252456335), ("large", 0.732951895)]
)
def test_pactran_has_the_mean_curvature_of_the_weights(case, theirs):
    # google-research/pactran_metrics 2ea98d4, pac_gauss with lda_factor 1 and s2 = 10/D, on centred
    # features: its curvature is the sum over the examples, and the biases have some too.
    features, labels = INPUTS[case].train_features, INPUTS[case].train_labels
    features = features - features.mean(axis=0)
    examples, width = features.shape
    loss, chances = fit_softmax(features, one_hot(labels), strength=examples)
    bends = 1 - (chances**2).sum(axis=1)
    weights = width * INPUTS[case].classes
    front = weights / (2 * examples) * 10 / width
    trace = (features**2).sum(axis=1) @ bends / examples
    summed = np.log1p(examples / weights * (examples * trace + bends.sum()))
    assert loss + front * summed == pytest.approx(theirs, abs=1e-3)
    ours = -formula("pactran").score(INPUTS[case], variance=10)
    assert ours == pytest.approx(loss + front * np.log1p(examples / weights * trace), rel=1e-5)
