"""Level pools, from accuracies worked by hand."""

import numpy as np
import pandas as pd
import pytest

from needle.regret.level_pools import (
    LEVEL_POOL_COLUMNS,
    level_members,
    level_name,
    level_pools,
    mean_accuracies,
)

NAN = np.nan
# Means over t1 and t2: .75, .70, .68, .40; on t3 not all were fine-tuned.
ACCURACIES = {
    "a": [0.8, 0.6, NAN],
    "b": [0.9, 0.6, 0.1],
    "c": [0.5, 0.86, 0.9],
    "d": [0.4, 0.4, 0.4],
    "never": [NAN, NAN, NAN],
}
ALL = list(ACCURACIES)


def made(accuracies=ACCURACIES):
    wide = pd.DataFrame(accuracies, index=pd.Index(["t1", "t2", "t3"], name="task"))
    points = wide.rename_axis(columns="model").stack().to_frame("finetune")
    models = pd.DataFrame({"model": ALL, "family": ["x", "y", "x", "x", None]})
    return models.set_index("model", drop=False), points


def test_members_are_within_the_margin_in_declared_order():
    models, points = made()
    table = level_pools(models, {"all": ALL, "few": ["a", "c", "d"]}, points, 0.07)
    assert list(table.columns) == LEVEL_POOL_COLUMNS
    assert level_members(table) == {"all/level": ["a", "b", "c"], "few/level": ["a", "c"]}
    mine = table[table["pool"] == "all/level"]
    assert mine["mean_accuracy"].tolist() == pytest.approx([0.7, 0.75, 0.68])
    assert mine["family"].tolist() == ["x", "y", "x"]
    assert set(mine["tasks"]) == {2}
    assert set(table["reason"]) == {""}


def test_a_model_at_the_margin_is_in():
    models, points = made()
    assert level_members(level_pools(models, {"all": ALL}, points, 0.05))["all/level"] == ["a", "b"]


@pytest.mark.parametrize(
    ("names", "margin", "reason"),
    [
        (["b", "d"], 0.05, "no other model is within 5 points of the best"),
        (["a", "b"], 0.065, "all of its models are within 6.5 points of the best"),
        (["never"], 0.05, "the tasks on which all of its models have results are 0"),
    ],
)
def test_why_there_is_no_level_pool(names, margin, reason):
    models, points = made()
    table = level_pools(models, {"all": names, "other": ["a", "b", "d"]}, points, margin)
    assert table.loc[table["pool"] == "all/level", ["model", "reason"]].to_numpy().tolist() == [
        ["", reason]
    ]
    assert list(level_members(table)) == ["other/level"]


def test_one_task_is_not_enough():
    models, points = made(ACCURACIES | {"a": [0.9, NAN, NAN]})
    table = level_pools(models, {"all": ["a", "b", "d"]}, points, 0.05)
    assert table["reason"].tolist() == ["the tasks on which all of its models have results are 1"]


def test_means_are_over_the_tasks_that_all_have():
    _, points = made()
    means, tasks = mean_accuracies(points["finetune"].unstack("model"))
    assert tasks == 2
    assert means.to_dict() == pytest.approx({"a": 0.7, "b": 0.75, "c": 0.68, "d": 0.4})


def test_no_declared_pool_can_have_the_name_of_a_level_pool():
    from workflow import SCHEMA

    assert "/" in level_name("all")
    assert "/" not in SCHEMA["config"]["$defs"]["name"]["pattern"]
