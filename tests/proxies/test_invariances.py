"""What the proxies promise not to depend on."""

import dataclasses
import inspect

import numpy as np
import pytest

from drawn_embeddings import draw, mapped
from needle.proxies.registry import ON_SOURCE, ON_VAL, formula, judged_on_train, names
from needle.proxies.rows import quick_proxies

QUICK = quick_proxies(names())
NO_FEATURES = {"leep", "nce"}
# Parts of sums that do not know the classes, or whether probabilities are right.
BLIND = {"etran_energy", "ncti_vc"}
NCTI = {"ncti_seli", "ncti_ncc", "ncti_vc"}
SCALES = {"transrate", "sfda", "pactran", "etran_energy", "etran_lda", "disco_ncc", "int"} | NCTI
KEPT = {
    "rotation": set(QUICK) - {"etran_energy"},
    "shift": set(QUICK) - {"etran_energy", "logme"},
    "scale": set(QUICK) - SCALES,
    "more zero features": set(QUICK)
    - {"etran_energy", "gbc", "h_score_shrunk", "lda", "pactran", "sfda"},
    "order of the features": set(QUICK),
    "order of the examples": set(QUICK) - {"nleep"},
    "names of the classes": set(QUICK),
}


def rotation(width, seed=5):
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(width, width)))[0]


def changed(embeddings, what):
    width = embeddings.train_features.shape[1]
    order = np.random.default_rng(3).permutation(len(embeddings.train_labels))
    others = np.array([30, 10, 40, 20])
    return {
        "rotation": lambda: mapped(embeddings, lambda x: x @ rotation(width)),
        "shift": lambda: mapped(embeddings, lambda x: x + np.linspace(-2, 3, width)),
        "scale": lambda: mapped(embeddings, lambda x: 0.01 * x),
        "more zero features": lambda: mapped(embeddings, lambda x: np.pad(x, ((0, 0), (0, 3)))),
        "order of the features": lambda: mapped(embeddings, lambda x: x[:, ::-1]),
        "order of the examples": lambda: dataclasses.replace(
            embeddings,
            train_features=embeddings.train_features[order],
            train_labels=embeddings.train_labels[order],
            train_source_probabilities=embeddings.train_source_probabilities[order],
        ),
        "names of the classes": lambda: dataclasses.replace(
            embeddings,
            train_labels=others[embeddings.train_labels],
            val_labels=others[embeddings.val_labels],
        ),
    }[what]()


def score(name, embeddings):
    function = formula(name).score
    seed = {"seed": 1} if "seed" in inspect.signature(function).parameters else {}
    return function(embeddings, **seed)


@pytest.mark.parametrize("width", [6, 60], ids=["D < N", "D > N"])
@pytest.mark.parametrize(
    ("name", "what"), [(name, what) for what, names in KEPT.items() for name in sorted(names)]
)
def test_a_score_stays_the_same(name, what, width):
    embeddings = draw(width=width, noise=1.5)
    before = score(name, embeddings)
    assert score(name, changed(embeddings, what)) == pytest.approx(before, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "what"),
    [
        (name, what)
        for what in ("shift", "scale")
        for name in sorted(set(QUICK) - KEPT[what] - NO_FEATURES)
    ],
)
def test_a_score_that_depends_on_it_says_so(name, what):
    embeddings = draw(noise=1.5)
    assert score(name, changed(embeddings, what)) != pytest.approx(score(name, embeddings), 1e-3)


@pytest.mark.parametrize("name", sorted(set(QUICK) - BLIND))
def test_features_of_the_classes_score_higher_than_noise(name):
    good, bad = draw(120, 8, noise=0.3, val=60), draw(120, 8, noise=30.0, val=60)
    if name in NO_FEATURES:
        tell = np.full((120, 4), 0.1) + 0.6 * np.eye(4)[good.train_labels]
        good = dataclasses.replace(good, train_source_probabilities=tell)
        bad = dataclasses.replace(bad, train_source_probabilities=tell[::-1])
    bad = mapped(bad, lambda x: x / 30)  # both of one size
    assert score(name, good) > score(name, bad)


@pytest.mark.parametrize("name", QUICK)
def test_who_is_fair_to_features_that_have_learned_the_labels_of_train(name):
    """Only what is judged by val alone, or does not look at them, is not taken in."""
    noise = draw(120, 8, noise=1.0, val=120)
    noise = mapped(noise, lambda x: np.random.default_rng(1).normal(size=x.shape))
    learned = np.pad(5 * np.eye(4)[noise.train_labels], ((0, 0), (0, 4)))
    taught = dataclasses.replace(noise, train_features=noise.train_features + learned)
    value = score(name, taught)
    if name in ON_VAL:
        assert value < 0.4  # chance is 0.25
    elif name in ON_SOURCE:
        assert value == score(name, noise)
    else:
        assert value != pytest.approx(score(name, noise), rel=1e-3)
    assert (name in judged_on_train(QUICK)) == (name not in ON_VAL | ON_SOURCE)
