"""The paper's values beside the run's, from three models worked by hand."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from examples import MEMBERS, POINTS
from needle.base.csv_files import write_table
from needle.base.errors import NeedleError
from needle.regret.regret_table import regret_table
from needle.strategies.picks import pick_table
from needle.tables.paper import PAPER_COLUMNS, QUANTITIES, paper_table, read_paper
from needle.tables.summary import budget_table, optimal_pick_table

SCRIPTS = Path(__file__).parents[2] / "workflow/scripts"
HEADER = "figure,quantity,pool,strategy,second,budget,embedding_dim,task,value"
TASKS = ["t1", "t2"]
POOLS = {"all": {"where": {}}, "ab": {"where": {"model": {"any": ["a", "b"]}}}}
# The run's value of each row, by hand. By linear score: b > a > c on t1, c > a = b on t2;
# by reference accuracy: b > a; by mean accuracy: a 0.7, c 0.65, b 0.6.
BY_HAND = {
    "Fig. 3,relative_regret,all,linear,,1,,t1,0": 2 / 3,
    "Fig. 3,relative_regret,ab,linear,,1,,t1,0": 1 / 3,
    "Fig. 4,logodds_regret,all,linear,,1,,t1,0": np.log(9) - np.log(7 / 3),
    "Fig. 5,relative_delta,all,task-agnostic,linear,1,,t2,0": 0.1 / 0.6,
    "Fig. 5,relative_delta,all,linear,task-agnostic,1,,t2,0": -0.1 / 0.6,
    "Fig. 5,relative_delta,all,hybrid-linear,linear,2,,t1,0": 0,
    "Fig. 6,logodds_delta,all,task-agnostic,linear,1,,t2,0": np.log(1) - np.log(0.4 / 0.6),
    "Fig. 7,optimal_share,all,linear,,2,,,0": 0.5,
    "Fig. 7,optimal_share,all,oracle-average,,1,,,0": 0.5,
    "Table 4,budget_to_zero_regret,all,linear,,,,t1,0": 3,
    "Table 4,budget_to_zero_regret,all,linear,,,,t2,0": 2,
    "Table 4,budget_to_zero_regret,all,oracle-average,,,,t1,0": 2,
    "Table 4,budget_to_zero_regret,all,task-agnostic,,,,t1,0": None,  # never picks c
    "Fig. 24,oracle_accuracy,all,,,,,t1,0": 0.9,
    "Fig. 24,lower_quartile,all,,,,,t1,0": 0.75,
    "Fig. 24,median,ab,,,,,t1,0": 0.75,
    "Fig. 24,upper_quartile,all,,,,,t1,0": 0.85,
    "Fig. 24,top_accuracy,all,task-agnostic,,,,t1,0": 0.7,
    "Fig. 23,best_knn,all,knn,,,64,t1,0": 0.5,
    "Fig. 23,best_knn,all,knn,,,128,t2,0": 0.3,
    "Fig. 23,best_knn,ab,knn,,,64,t2,0": 0.2,
    "Fig. 8,relative_regret,all,leep,,1,,t1,0": None,  # a strategy that the run lacks
    "Fig. 8,relative_regret,ab,linear,,3,,t1,0": None,  # a budget that the pool lacks
}


@pytest.fixture
def scores():
    rows = [
        (model, task, score, 0, value)
        for (task, model), values in POINTS.items()
        for score, value in values.items()
    ]
    return pd.DataFrame(rows, columns=["model", "task", "score", "repeat", "value"])


@pytest.fixture
def run(models, scores, points):
    """Arguments of `paper_table` after the paper."""
    models["embedding_dim"] = [64, 128, 64]
    picks, _ = pick_table(models, MEMBERS, points)
    regret = regret_table(picks, MEMBERS, scores, points, resamples=5, level=0.9, seed=0)
    budgets = budget_table(picks, MEMBERS, points)
    return TASKS, MEMBERS, models, points, regret, optimal_pick_table(regret), budgets


@pytest.fixture
def paper(tmp_path):
    def write(*lines):
        path = tmp_path / "paper.csv"
        path.write_text("\n".join([HEADER, *lines, ""]))
        return path

    return write


def test_every_quantity_is_in_the_example():
    assert {line.split(",")[1] for line in BY_HAND} == set(QUANTITIES)


def test_values_by_hand(paper, run):
    table = paper_table(read_paper(paper(*BY_HAND)), *run)
    assert list(table.columns) == PAPER_COLUMNS
    expected = [np.nan if value is None else value for value in BY_HAND.values()]
    assert table["run"].tolist() == pytest.approx(expected, nan_ok=True)
    keys = table[PAPER_COLUMNS[:8]].astype(object).fillna("").astype(str).agg(",".join, axis=1)
    assert [f"{key},0" for key in keys] == list(BY_HAND)


def test_the_difference_is_run_minus_paper(paper, run):
    line = "Fig. 3,relative_regret,all,linear,,1,,t1,0.5"
    assert paper_table(read_paper(paper(line)), *run)["difference"][0] == pytest.approx(1 / 6)


def test_other_pools_and_tasks_are_left_out(paper, run):
    kept = "Fig. 3,relative_regret,all,linear,,1,,t1,0.5"
    lines = [kept.replace("all", "dim2048"), kept.replace("t1", "t3"), kept]
    assert len(paper_table(read_paper(paper(*lines)), *run)) == 1


def test_what_depends_on_all_tasks_needs_all_tasks(paper, run):
    needs = [
        "Fig. 7,optimal_share,all,linear,,2,,,0.5",
        "Table 4,budget_to_zero_regret,all,oracle-average,,,,t1,2",
        "Fig. 9,relative_delta,all,linear,oracle-average,1,,t1,0.5",
    ]
    other = "Fig. 3,relative_regret,all,linear,,1,,{},0.5"
    whole = paper_table(read_paper(paper(*needs, other.format("t1"))), *run)
    part = paper_table(read_paper(paper(*needs, other.format("t3"), other.format("t1"))), *run)
    assert whole["run"].notna().sum() == 4
    assert part["quantity"].tolist() == ["relative_regret"]


def test_a_run_without_what_the_paper_has_keeps_the_rows(paper, run):
    tasks, members, models, points, regret, shares, budgets = run
    linear = regret["strategy"] == "linear"
    table = paper_table(
        read_paper(paper(*BY_HAND)), tasks, members, models.assign(embedding_dim=np.nan),
        points[["finetune"]], regret[linear], shares.iloc[:0], budgets.iloc[:0],
    )  # fmt: skip
    assert len(table) == len(BY_HAND)
    assert set(table.loc[table["run"].notna(), "quantity"]) == {
        "relative_regret", "logodds_regret",
        "oracle_accuracy", "lower_quartile", "median", "upper_quartile",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("Fig. 3,regret,all,linear,,1,,t1,0.5", "unknown quantity 'regret'; allowed: relative_"),
        ("Fig. 3,relative_regret,all,linear,,,,t1,0.5", "budget is missing; relative_regret has"),
        ("Fig. 3,relative_regret,all,linear,knn,1,,t1,0.5", "second must be empty"),
        ("Fig. 3,relative_regret,all,linear,,1.5,,t1,0.5", "budget '1.5' is not a number"),
        ("Fig. 3,relative_regret,all,linear,,0,,t1,0.5", "budget '0' is not a number"),
        ("Fig. 3,relative_regret,all,linear,,1,,t1,nan", "value 'nan' is not a number"),
        ("Fig. 3,relative_regret,all,linear,,1,,t1,5 %", "value '5 %' is not a number"),
        ("Fig. 3,relative_regret,all,linear", "budget is missing"),
    ],
)
def test_a_wrong_line_is_named(paper, line, complaint):
    good = "Fig. 3,relative_regret,all,linear,,1,,t1,0.5"
    with pytest.raises(NeedleError, match=rf"paper\.csv: line 3: {complaint}") as error:
        read_paper(paper(good, line))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(b"task,value\n", "its columns are not figure, "), (b"", "not a readable CSV"),
     (b"\xff\xfe", "not a readable CSV")],
)  # fmt: skip
def test_a_file_of_another_kind_is_an_error(tmp_path, content, complaint):
    path = tmp_path / "paper.csv"
    path.write_bytes(content)
    with pytest.raises(NeedleError, match=complaint):
        read_paper(path)


def test_program_writes_table_and_page(tmp_path, paper, run, scores):
    tasks, _, models, _, regret, shares, budgets = run
    files = {
        "models": models,
        "scores": scores,
        "tasks": pd.DataFrame({"task": tasks, "label": tasks, "group": ""}),
        "regret": regret,
        "optimal-picks": shares,
        "budget-to-zero-regret": budgets,
    }
    for name, table in files.items():
        write_table(tmp_path / f"{name}.csv", table)
    command = [f"--{name}={tmp_path / name}.csv" for name in files]
    outputs = [f"--table={tmp_path / 'out.csv'}", f"--page={tmp_path / 'out.html'}"]
    subprocess.run(
        [sys.executable, SCRIPTS / "compare_with_paper.py", f"--paper={paper(*BY_HAND)}",
         f"--pools={json.dumps(POOLS)}", *command, *outputs],
        check=True,
    )  # fmt: skip
    pd.testing.assert_series_equal(
        pd.read_csv(tmp_path / "out.csv")["run"],
        paper_table(read_paper(paper(*BY_HAND)), *run)["run"],
    )
    assert "Fig. 24" in (tmp_path / "out.html").read_text()
