"""Learned search: by hand, against scikit-learn, and on published scores."""

import numpy as np
import pytest
from known_scores import THREE, published, random_scores, rank, table
from sklearn.linear_model import Ridge

from needle.regret.formulas import relative_delta
from needle.scores.known import known_of
from needle.strategies import learned
from needle.strategies.experience import gather

GENERATOR = np.random.default_rng(0)


def test_learned_follows_a_proxy_that_was_right():
    points, models = random_scores(tasks=8)
    points["finetune"] = points["linear"] ** 2
    for task in ("t0", "t5"):
        expected = points["linear"].loc[task].sort_values(ascending=False).index.tolist()
        assert rank("learned", task, points, models).models == expected


def test_learned_follows_models_where_no_proxy_tells_anything():
    points, models = random_scores(tasks=8)
    points["finetune"] = [int(model[1:]) / 10 for _, model in points.index]
    assert rank("learned", "t3", points, models).models == ["m4", "m3", "m2", "m1", "m0"]


def test_the_ridge_is_that_of_scikit_learn_with_the_penalty_that_leaves_tasks_out_best():
    inputs, tasks = GENERATOR.normal(size=(30, 4)), np.repeat(np.arange(6), 5)
    targets = inputs @ [1, -1, 0, 0.5] + GENERATOR.normal(size=30)

    def fitted(penalty, rows):
        ridge = Ridge(alpha=penalty, fit_intercept=False).fit(inputs[rows], targets[rows])
        return ridge.coef_

    errors = []
    for penalty in learned.PENALTIES:
        left_out = [fitted(penalty, tasks != task) for task in range(6)]
        predicted = [inputs[tasks == task] @ left_out[task] for task in range(6)]
        errors.append(((np.concatenate(predicted) - targets) ** 2).sum())
    best = learned.PENALTIES[np.argmin(errors)]
    found = learned.fit(inputs, targets, tasks)
    assert found == pytest.approx(fitted(best, np.full(30, True)))


def test_features_by_hand():
    points, models = table(THREE)
    points.loc[("near", "b"), "linear"] = np.nan
    experience = gather(models, "new", known_of(points, models))
    metadata = np.array([[1.0, 0.0, -1.0], [np.nan] * 3])  # of the second nothing is known
    found = learned.features(experience, metadata, ["linear"])
    # Linear, mean results elsewhere, mean linear elsewhere, metadata, and where linear is missing.
    assert found.shape == (3, 3, 5)
    linear, results = experience.scores["linear"], experience.results
    assert found[0, :, 0] == pytest.approx(linear[0])
    assert found[1, 1].tolist() == pytest.approx(
        [0, results[2, 1], (linear[0, 1] + linear[2, 1]) / 2, 0, 1]
    )
    assert found[0, :, 1] == pytest.approx((results[1] + results[2]) / 2)
    assert found[0, 1, 2] == pytest.approx(linear[2, 1])
    assert found[..., 4].sum() == 1


def test_metadata_of_a_model_comes_from_the_run_that_has_it():
    points, models = random_scores(tasks=3, models=3)
    models["params"] = [10.0, np.nan, np.nan]
    other, metadata = random_scores(tasks=3, models=4)
    metadata["params"] = [1000.0, 100.0, np.nan, 1000.0]
    known = known_of(points, models, earlier=[known_of(other, metadata)])
    experience = gather(models, "t0", known)
    assert list(experience.models) == ["m0", "m1", "m2", "m3"]
    params = learned._metadata(known, experience.models)[1]
    assert params.tolist() == pytest.approx([-np.sqrt(1.5), 0, np.nan, np.sqrt(1.5)], nan_ok=True)


def test_a_model_is_ranked_by_what_is_known_of_it():
    points, models = random_scores(tasks=5)
    points.loc[("t0", "m1"), ["linear", "knn"]] = np.nan  # known from other tasks
    results = points.index.get_level_values("model") == "m2"
    points.loc[results, "finetune"] = np.nan  # known from its proxies
    ranking = rank("learned", "t0", points, models)
    assert sorted(ranking.models) == ["m0", "m1", "m2", "m3", "m4"]


def test_what_is_known_of_nobody_is_said():
    points, models = random_scores(tasks=3)
    points.loc[points.index.get_level_values("model") == "m2"] = np.nan
    ranking = rank("learned", "t0", points, models)
    assert len(ranking.models) == 4
    assert ranking.reason == "neither a proxy score nor a fine-tune result on another task: m2"
    ranking = rank("known-average", "t0", points, models)
    assert ranking.reason == "no fine-tune result on another task: m2"
    assert rank("task2vec", "t0", points, models).reason == "no task embedding of t0"


@pytest.mark.parametrize(
    ("penalties", "expected"),
    [([1.0], [0.0490, 0.0112, 0.0044]), (learned.PENALTIES, [0.0624, 0.0112, 0.0034])],
)
def test_vtab2019_by_ridge(monkeypatch, penalties, expected):
    """With scikit-learn's default penalty 1, and with the one that the known tasks choose."""
    monkeypatch.setattr(learned, "PENALTIES", np.array(penalties))
    models, _, points = published("vtab2019")
    assert relative_regret("learned", models, points) == pytest.approx(expected, abs=5e-5)


def relative_regret(name, models, points):
    found = []
    for task in points.index.unique("task"):
        accuracies = points["finetune"].loc[task]
        ranked = rank(name, task, points, models).models
        reached = [accuracies[ranked[:budget]].max() for budget in (1, 2, 3)]
        found.append(relative_delta(accuracies.max(), reached))
    return np.mean(found, axis=0)
