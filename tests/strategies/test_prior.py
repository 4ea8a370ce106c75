"""Search by known results and a proxy: by hand, by another computation, on published scores."""

import math
import statistics

import numpy as np
import pytest
from known_scores import THREE, published, random_scores, rank, relative_regrets, table
from sklearn.linear_model import Ridge

from needle.scores.known import known_of
from needle.strategies.learning import prior, ridge
from needle.strategies.learning.experience import gather


def test_it_follows_a_proxy_that_was_right():
    points, models = random_scores(tasks=40)
    points["finetune"] = points["linear"] ** 2
    for task in ("t0", "t5"):
        assert rank("prior", task, points, models).models[0] == points["linear"].loc[task].idxmax()


def test_it_follows_known_results_where_the_proxy_tells_nothing():
    points, models = random_scores(tasks=8)
    points["finetune"] = [int(model[1:]) / 10 for _, model in points.index]
    assert rank("prior", "t3", points, models).models == ["m4", "m3", "m2", "m1", "m0"]


def standardised(values):
    mean, spread = statistics.fmean(values), statistics.pstdev(values)
    return [(value - mean) / spread for value in values]


def odds(values):
    return standardised([math.log(value / (1 - value)) for value in values])


def test_features_by_hand():
    points, models = table(THREE)
    experience = gather(models, "new", known_of(points, models))
    found = prior.features(experience, "linear")
    near, far = odds([0.5, 0.8, 0.2]), odds([0.1, 0.2, 0.9])
    assert found.shape == (3, 3, 2)
    # On the new task two tasks are known and three imagined; on each known one, the other.
    assert found[0, :, 0] == pytest.approx([(a + b) / 5 for a, b in zip(near, far, strict=True)])
    assert found[1, :, 0] == pytest.approx([value / 4 for value in far])
    assert found[2, :, 0] == pytest.approx([value / 4 for value in near])
    assert found[0, :, 1] == pytest.approx(standardised([0.9, 0.5, 0.1]))
    assert prior.features(experience, None) == pytest.approx(found[..., :1])


def test_the_ranking_is_that_of_a_ridge_of_two_features():
    """Without a library function of ours but the penalty, which scikit-learn's ridge takes."""
    points, models = random_scores(tasks=6, models=7, seed=3)
    tasks = points.index.unique("task")
    u = {task: odds(points["finetune"].loc[task]) for task in tasks}
    v = {task: standardised(points["linear"].loc[task]) for task in tasks}
    learned = [task for task in tasks if task != "t2"]

    def row(task, model):
        others = [u[other][model] for other in learned if other != task]
        return [sum(others) / (len(others) + 3), v[task][model]]

    rows = {task: [row(task, model) for model in range(7)] for task in tasks}

    def fitted(penalty, chosen):
        inputs = np.concatenate([rows[task] for task in chosen])
        wanted = np.concatenate([u[task] for task in chosen])
        return Ridge(alpha=penalty, fit_intercept=False).fit(inputs, wanted)

    def error(penalty):
        return sum(
            np.square(fitted(penalty, [t for t in learned if t != task]).predict(rows[task])
                      - u[task]).sum()
            for task in learned
        )  # fmt: skip

    predicted = fitted(min(ridge.PENALTIES, key=error), learned).predict(rows["t2"])
    expected = [f"m{model}" for model in np.argsort(-predicted)]
    assert rank("prior", "t2", points, models).models == expected


def test_few_results_say_little():
    """One splendid result does not go before many good ones."""
    points, models = random_scores(tasks=9, models=4)
    points["linear"] = np.nan
    values = {"m0": 0.6, "m1": 0.5, "m2": 0.58, "m3": 0.3}
    points["finetune"] = [values[model] for _, model in points.index]
    lucky = (points.index.get_level_values("model") == "m1") & (
        points.index.get_level_values("task") != "t1"
    )
    points.loc[lucky, "finetune"] = np.nan
    points.loc[("t1", "m1"), "finetune"] = 0.99
    assert rank("prior", "t0", points, models).models[0] == "m0"
    assert rank("known-average", "t0", points, models).models[0] == "m1"


def test_accuracies_of_0_and_1_are_finite():
    points, models = random_scores(tasks=4)
    points.loc[("t1", "m1"), "finetune"], points.loc[("t1", "m2"), "finetune"] = 0.0, 1.0
    experience = gather(models, "t0", known_of(points, models))
    assert np.isfinite(experience.log_odds).all()


def test_a_model_is_ranked_by_what_is_known_of_it():
    points, models = random_scores(tasks=5)
    points.loc[("t0", "m1"), ["linear", "knn"]] = np.nan  # known from other tasks
    results = points.index.get_level_values("model") == "m2"
    points.loc[results, "finetune"] = np.nan  # known from its proxy
    for name in ("prior", "portfolio"):
        assert sorted(rank(name, "t0", points, models).models) == ["m0", "m1", "m2", "m3", "m4"]


def test_what_is_known_of_nobody_is_said():
    points, models = random_scores(tasks=3)
    points.loc[points.index.get_level_values("model") == "m2"] = np.nan
    for name in ("prior", "portfolio"):
        ranking = rank(name, "t0", points, models)
        assert len(ranking.models) == 4
        assert ranking.reason == (
            "neither a linear score nor a fine-tune result on another task: m2"
        )
    ranking = rank("known-average", "t0", points, models)
    assert ranking.reason == "no fine-tune result on another task: m2"
    assert rank("task2vec", "t0", points, models).reason == "no task embedding of t0"


@pytest.mark.parametrize(
    ("name", "run", "expected"),
    [
        ("prior", "vtab2019", [0.0476, 0.0112, 0.0033]),
        ("portfolio", "vtab2019", [0.0490, 0.0223, 0.0043]),
        ("prior", "logme2022", [0.0307, 0.0046, 0.0046]),
        ("portfolio", "logme2022", [0.0307, 0.0046, 0.0046]),
    ],
)
def test_regret_on_published_scores(name, run, expected):
    """Another implementation has 0.048, 0.011, 0.003; 0.048, 0.022, 0.004; 0.031, 0.005, 0.005."""
    models, _, points = published(run)
    assert relative_regrets(name, models, points) == pytest.approx(expected, abs=5e-5)
