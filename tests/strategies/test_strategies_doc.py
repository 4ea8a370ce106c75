"""Every number in the tables of docs/strategies.md against the analysis."""

import re
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from needle.base.schema import read_yaml
from needle.pages.headline import interval_cell
from needle.regret.comparison import strategy_table
from needle.regret.paired_tests import fewest_tasks
from needle.regret.regret_table import regret_table
from needle.scores.finished import read_model_file, read_score_file
from needle.scores.known import preferred_proxy
from needle.scores.score_table import point_values
from needle.strategies.picks import pick_table
from needle.strategies.pools import pool_members

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/strategies.md").read_text()
SECTIONS = dict(re.findall(r"^### (\w+):.*?\n(.*?)(?=^##)", TEXT, re.M | re.S))


@cache
def compared(run):
    """The comparison of a published run's first pool, by strategy and budget."""
    config = read_yaml(ROOT / f"config/published/{run}.yaml")
    scores = pd.DataFrame(read_score_file(ROOT / config["scores_file"], config["unit"]))
    cards = read_model_file(ROOT / config["models_file"], list(scores["model"].unique()))
    models = pd.DataFrame(list(cards.values())).set_index("model", drop=False)
    first = next(iter(config["pools"]))
    members = pool_members(models, {first: config["pools"][first]})
    points = point_values(scores)
    picks, _ = pick_table(models, members, points)
    bootstrap = *config["uncertainty"].values(), config["seed"]
    regret = regret_table(picks, members, scores, points, *bootstrap)
    baseline = preferred_proxy(scores["score"].unique())
    table = strategy_table(regret, config["budgets"], baseline, None, *bootstrap)
    return table.set_index(["strategy", "budget"])


def rows(run):
    """The rows of a run's first table: names, and cells."""
    table = next(part for part in SECTIONS[run].split("\n\n") if "|--" in part)
    lines = [line.strip("| ").split(" | ") for line in table.strip().splitlines()]
    return [(cells[0].split(", "), cells[1:]) for cells in lines[2:]]


@pytest.mark.parametrize("run", ["vtab2019", "logme2022"])
def test_tables_with_intervals(run):
    table = compared(run)
    assert len(rows(run)) >= 5
    for (name,), cells in rows(run):
        for budget in (1, 2, 3):
            row = table.loc[(name, budget)]
            expected = interval_cell(*row[["mean_relative_regret", "low", "high"]])
            assert cells[budget - 1] == expected, (name, budget)
            if name == row["baseline"]:
                continue
            said = interval_cell(*row[["difference", "difference_low", "difference_high"]])
            said = f"**{said}**" if row["verdict"] else said
            assert cells[budget + 2] == said, (name, budget)


def test_table_without_intervals():
    table = compared("haystack2021")
    for names, cells in rows("haystack2021"):
        for name in names:
            found = [f"{100 * table.loc[(name, b), 'mean_relative_regret']:.1f}" for b in (1, 2, 3)]
            assert cells == found, name


@pytest.mark.parametrize(("run", "compared_with"), [("vtab2019", 15), ("logme2022", 42)])
def test_counts_of_comparisons(run, compared_with):
    table, said = compared(run), " ".join(SECTIONS[run].split())
    assert table["p_holm"].notna().sum() == compared_with
    verdicts = table["verdict"].value_counts()
    assert "better" not in verdicts
    if "worse" in verdicts:
        assert f"Of {compared_with} comparisons {verdicts['worse']} have a verdict" in said
    else:
        needed = fewest_tasks(compared_with, 0.05)
        assert f"Of {compared_with} comparisons none can have a verdict" in said
        assert f"on {table['tasks'].max()} tasks: it would take {needed}." in said


def test_how_many_tasks_a_verdict_takes():
    (said,) = re.findall(r"so that (\d+ comparisons.*?)\.\n", TEXT, re.S)
    pairs = re.findall(r"(\d+) (?:comparisons )?take (\d+)", " ".join(said.split()))
    assert len(pairs) == 3
    assert all(fewest_tasks(int(count), 0.05) == int(tasks) for count, tasks in pairs)
