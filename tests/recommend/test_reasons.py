"""Why a model is picked: sentences against rankings worked by hand."""

import numpy as np
import pandas as pd
import pytest

from needle.recommend import reasons
from needle.scores.known import known_of


def why(model, pool, task, points, strategy):
    return reasons.why(model, pool, task, known_of(points, pool), strategy)


@pytest.fixture
def proxies(points):
    return points.drop(columns="finetune")


@pytest.mark.parametrize(
    ("strategy", "task", "model", "expected"),
    [
        ("hybrid-linear", "t1", "b",
         "best task-agnostic pick: the highest reference accuracy of the pool (70.0 %; 2 of 3 "
         "models have one); 1st by linear, 2nd by kNN"),
        ("hybrid-linear", "t1", "a",
         "best linear score among the others: 60.0 % of the validation examples; 1st by kNN"),
        ("hybrid-linear", "t1", "c",
         "second-best linear score among the others: 50.0 % of the validation examples; "
         "3rd by kNN"),
        ("hybrid-linear", "t2", "b",
         "best task-agnostic pick: the highest reference accuracy of the pool (70.0 %; 2 of 3 "
         "models have one); joint 2nd by linear, joint 1st by kNN"),
        # Level with b, but b is the first pick already.
        ("hybrid-linear", "t2", "a",
         "second-best linear score among the others: 50.0 % of the validation examples; "
         "3rd by kNN"),
        ("linear", "t2", "a",
         "second-best linear score: 50.0 % of the validation examples, level with b, where the "
         "declared order decides; 3rd by kNN"),
        ("knn", "t1", "a", "best kNN score: 50.0 % of the validation examples; 2nd by linear"),
        ("task-agnostic", "t1", "a",
         "second-best task-agnostic pick: the second-highest reference accuracy of the pool "
         "(50.0 %; 2 of 3 models have one); 2nd by linear, 1st by kNN"),
    ],
)  # fmt: skip
def test_why_by_hand(models, proxies, strategy, task, model, expected):
    assert why(model, models, task, proxies, strategy) == expected


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("c", "best task-agnostic pick: the largest upstream dataset of the pool (20 examples; "
              "known for all)"),
        ("b", "second-best task-agnostic pick: the second-largest upstream dataset of the pool "
              "(10 examples; known for all), with the most parameters (5.00 M) of the 2 models "
              "that share that size"),
        ("a", "third-best task-agnostic pick: the second-largest upstream dataset of the pool "
              "(10 examples; known for all), with the second-most parameters (3.00 M) of the 2 "
              "models that share that size"),
    ],
)  # fmt: skip
def test_without_reference_accuracies_upstream_size_is_the_reason(models, points, model, expected):
    models["reference_accuracy"] = np.nan
    models["params"] *= 1_000_000
    assert why(model, models, "t1", points[[]], "task-agnostic") == expected


def test_level_in_size_and_parameters(models, points):
    models[["reference_accuracy", "upstream_examples"]] = np.nan, 10
    models.loc[["a", "c"], "params"] = 7e6
    models.loc["b", "upstream_examples"] = np.nan
    assert why("c", models, "t1", points[[]], "task-agnostic") == (
        "best task-agnostic pick: the largest upstream dataset of the pool (10 examples; known "
        "for 2 of 3), with the most parameters (7.00 M) of the 2 models that share that size, "
        "level with a, where the declared order decides"
    )


def test_what_is_no_accuracy_is_a_plain_number(models, proxies):
    scores = proxies.rename(columns={"linear": "logme"})
    scores["logme"] = -scores["logme"] / 3
    assert why("a", models, "t1", scores, "hybrid-logme") == (
        "second-best LogME score among the others: −0.2; 1st by kNN"
    )


def test_a_proxy_that_has_no_score_of_the_model_is_silent(models, proxies):
    proxies.loc[("t1", "a"), "knn"] = np.nan
    text = why("a", models, "t1", proxies, "linear")
    assert text == "second-best linear score: 60.0 % of the validation examples"


def test_of_many_peers_three_are_named(models, proxies):
    names = list("uvwxyz")
    pool = models.loc[["a"] * 6].set_axis(names)
    index = pd.MultiIndex.from_product([["t1"], names], names=["task", "model"])
    scores = pd.DataFrame({"linear": [0.5, 0.5, 0.5, 0.5, 0.5, 0.4]}, index=index)
    assert why("w", pool, "t1", scores, "linear") == (
        "best linear score: 50.0 % of the validation examples, level with u, v, x and 1 more, "
        "where the declared order decides"
    )
