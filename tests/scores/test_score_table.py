"""Reduction of runs to scores: choice on validation, medians, divergence."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from needle.base.csv_files import write_rows
from needle.base.errors import NeedleError
from needle.scores.score_table import (
    finetune_repeats,
    missing_reason,
    point_values,
    proxy_repeats,
    read_missing,
    read_scores,
    score_rows,
)

SCRIPTS = Path(__file__).parents[2] / "workflow/scripts"


def runs(*rows):
    columns = ["repeat", "learning_rate", "val_accuracy", "test_accuracy", "diverged"]
    return pd.DataFrame(rows, columns=columns)


def test_learning_rate_is_chosen_on_validation_never_on_test():
    table = runs(
        (0, 0.1, 0.50, 0.99, False),
        (0, 0.01, 0.60, 0.10, False),
        (1, 0.1, 0.70, 0.30, False),
        (1, 0.01, 0.70, 0.80, False),  # a tie: the first
    )
    assert finetune_repeats(table).to_dict() == {0: 0.10, 1: 0.30}


def test_a_diverged_run_is_never_chosen():
    table = runs((0, 0.1, np.nan, np.nan, True), (0, 0.01, 0.2, 0.3, False))
    assert finetune_repeats(table).to_dict() == {0: 0.3}
    table.loc[0, ["val_accuracy", "test_accuracy"]] = 1.0  # whatever it left behind
    assert finetune_repeats(table).to_dict() == {0: 0.3}


def test_a_repeat_whose_runs_all_diverged_has_no_value():
    table = runs((0, 0.1, np.nan, np.nan, True), (1, 0.1, 0.5, 0.4, False))
    repeats = finetune_repeats(table)
    assert np.isnan(repeats[0])
    assert repeats[1] == 0.4
    assert finetune_repeats(table[:1]).isna().all()


def test_proxy_takes_the_best_learning_rate_of_each_repeat():
    columns = ["repeat", "learning_rate", "value"]
    table = pd.DataFrame([(0, 0.1, 0.5), (0, 0.01, 0.6), (1, 0.1, np.nan)], columns=columns)
    assert proxy_repeats(table)[0] == 0.6
    assert np.isnan(proxy_repeats(table)[1])


def test_what_has_no_value_has_a_reason():
    runs = pd.DataFrame({"value": [np.nan, 0.5], "reason": ["it diverged", ""]})
    assert missing_reason(runs) == ""
    assert missing_reason(runs[:1]) == "it diverged"


def test_scores_are_collected_and_what_is_missing_is_named(tmp_path):
    columns = {"repeat": 0, "learning_rate": None, "seconds": 1.0}
    for model, value in (("a", 0.25), ("b", None)):
        reason = "" if value else "the model has no source head"
        row = columns | {"value": value, "reason": reason}
        write_rows(tmp_path / f"proxies/leep/t/{model}.csv", [row])
    command = ["--models", "a", "b", "--tasks", "t", "--runs", '{"leep": 1}', "--results", tmp_path]
    written = ["--scores", tmp_path / "s.csv", "--missing", tmp_path / "m.csv"]
    subprocess.run([sys.executable, SCRIPTS / "collect_scores.py", *command, *written], check=True)
    scores = read_scores(tmp_path / "s.csv")
    assert scores["value"].isna().tolist() == [False, True]
    missing = read_missing(tmp_path / "m.csv")
    assert missing.to_numpy().tolist() == [["b", "t", "leep", "the model has no source head"]]
    nothing = ["--left-out", "t/b", *written]
    subprocess.run([sys.executable, SCRIPTS / "collect_scores.py", *command, *nothing], check=True)
    assert read_missing(tmp_path / "m.csv").empty


def test_point_value_is_the_median_over_repeats_that_exist():
    values = pd.Series([0.1, 0.5, 0.2, np.nan], name="value")
    table = pd.concat(
        [score_rows("m", "t", "finetune", values), score_rows("m", "t", "knn", values[:1])]
    )
    points = point_values(table)
    assert points.loc[("t", "m"), "finetune"] == 0.2
    assert points.loc[("t", "m"), "knn"] == 0.1


def test_point_values_keep_models_without_any_value():
    table = pd.concat(
        [
            score_rows("gone", "t", "finetune", pd.Series([np.nan, np.nan])),
            score_rows("here", "t", "finetune", pd.Series([0.5, 0.6])),
        ]
    )
    points = point_values(table)
    assert list(points.index) == [("t", "gone"), ("t", "here")]
    assert points["finetune"].isna().tolist() == [True, False]


def test_accuracies_in_percent_are_refused(tmp_path):
    path = tmp_path / "scores.csv"
    path.write_text("model,task,score,repeat,value\nm,t,finetune,0,81.5\n")
    with pytest.raises(NeedleError, match=r"finetune of m on t is 81\.5; accuracies are fractions"):
        read_scores(path)
