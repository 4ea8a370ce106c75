"""The published data by themselves: their shape, and numbers that follow from them.

Everything is computed with pandas alone, so that the library is checked against it, not with it.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

ROOT = Path(__file__).parents[2]
SETS = ["haystack2021", "vtab2019", "logme2022"]


def table(name, file):
    return pd.read_csv(ROOT / f"resources/published/{name}/{file}.csv")


def wide(name):
    """Scores as numbers, missing ones NaN, index (task, model); finetune as a fraction."""
    scores = table(name, "scores")
    if "score" in scores:
        scores = scores.pivot(index=["task", "model"], columns="score", values="value")
        scores["finetune"] /= 100
        return scores
    return scores.set_index(["task", "model"])


def models(name):
    return table(name, "models").set_index("model")


def mean_relative_regret(name, proxy, budget):
    """Mean over tasks of the regret of the models with the best proxy scores."""
    regret = []
    for _, task in wide(name).groupby("task"):
        accuracy = task["finetune"].droplevel("task").reindex(models(name).index)
        proxies = task[proxy].droplevel("task").reindex(accuracy.index).dropna()
        picked = proxies.sort_values(ascending=False, kind="stable").index[:budget]
        achieved = accuracy[picked].max()
        regret.append((accuracy.max() - achieved) / (1 - achieved))
    return np.mean(regret)


def paper(*quantities):
    values = table("haystack2021", "paper")
    return values[values["quantity"].isin(quantities)]


@pytest.mark.parametrize(
    ("name", "tasks", "count", "scores"),
    [
        ("haystack2021", 2, 46, {"finetune", "linear", "knn"}),
        ("vtab2019", 19, 16, {"finetune", "linear"}),
        ("logme2022", 9, 12, {"finetune", "logme", "leep", "nce"}),
    ],
)
def test_every_model_has_every_score_on_every_task(name, tasks, count, scores):
    values = wide(name)
    assert values.shape == (tasks * count, len(scores))
    assert set(values.columns) == scores
    assert not values.index.duplicated().any()
    assert set(values.index.unique("task")) == set(table(name, "tasks")["task"])
    assert set(values.index.unique("model")) == set(table(name, "models")["model"])
    missing = values[values.isna().any(axis=1)].index
    assert set(missing.get_level_values("model")) == (
        {"From-Scratch"} if name == "vtab2019" else set()
    )


@pytest.mark.parametrize("name", SETS)
def test_no_model_or_task_is_listed_twice(name):
    assert not table(name, "models")["model"].duplicated().any()
    assert not table(name, "tasks")["task"].duplicated().any()


def test_accuracies_are_fractions_or_percent_as_declared():
    haystack = wide("haystack2021")
    assert ((haystack > 0) & (haystack < 1)).all(axis=None)
    printed = table("vtab2019", "scores")["value"]
    assert printed.between(1, 100).all()
    finetune = wide("logme2022")["finetune"]
    assert finetune.between(0.5, 1).all()


def test_proxies_of_haystack2021_are_accuracies_on_200_examples():
    examples = wide("haystack2021")[["linear", "knn"]].stack() * 200
    whole = np.isclose(examples, examples.round())
    # 118.5 of 200, as the figure has it.
    assert list(examples.index[~whole]) == [("diabetic_retinopathy", "vtab/cond-biggan", "linear")]


def test_pools_of_the_paper_have_their_sizes():
    known = models("haystack2021")
    assert len(known) == 46
    assert (known["params"] <= 23_807_702).sum() == 37
    assert (known["embedding_dim"] <= 2048).sum() == 44
    assert (known["tags"] == "expert").sum() == 16
    assert known["reference_accuracy"].notna().sum() == 15
    assert (known["params"] <= 23_519_360).sum() == 17  # the bound of the paper's text


def test_full_jft_is_the_only_expert_with_the_regret_of_the_papers_pick():
    experts = models("haystack2021").query("tags == 'expert'").index
    bars = paper("relative_regret").query("pool == 'expert' and strategy == 'task-agnostic'")
    bars = bars.set_index("task")["value"]
    finetune = wide("haystack2021")["finetune"].unstack("task").loc[experts]
    regret = (finetune.max() - finetune) / (1 - finetune)
    fits = (regret - bars[regret.columns]).abs() < 2e-3
    assert list(fits.index[fits.all(axis=1)]) == ["jft/full"]
    assert list(fits.index[fits.any(axis=1)]) == ["jft/full"]
    examples = models("haystack2021")["upstream_examples"]
    assert examples.dropna().to_dict() == {"jft/full": 3e8}


@pytest.mark.parametrize(
    ("name", "proxy", "expected"),
    [
        ("vtab2019", "linear", [0.0652, 0.0383, 0.0149]),
        ("logme2022", "logme", [0.0340, 0.0127, 0.0047]),
    ],
)
def test_mean_relative_regret_of_the_proxy(name, proxy, expected):
    found = [mean_relative_regret(name, proxy, budget) for budget in (1, 2, 3)]
    assert found == pytest.approx(expected, abs=5e-5)


def test_paper_values_are_complete_by_figure():
    rows = table("haystack2021", "paper").groupby("figure").size()
    assert rows.to_dict() == {
        "Fig. 3": 95, "Fig. 4": 114, "Fig. 5": 57, "Fig. 6": 57, "Fig. 7": 177,
        "Fig. 10": 95, "Fig. 11": 114, "Fig. 12": 57, "Fig. 13": 57, "Fig. 14": 76,
        "Fig. 15": 76, "Fig. 16": 76, "Fig. 17": 88, "Fig. 18": 114, "Fig. 19": 57,
        "Fig. 20": 57, "Fig. 21": 57, "Fig. 22": 57, "Fig. 23": 24, "Fig. 24": 133,
        "Fig. 25": 133, "Fig. 26": 133, "Fig. 27": 133, "Fig. 28": 133,
        "Table 4": 171, "Table 5": 114,
    }  # fmt: skip


def test_paper_values_name_each_quantity_once():
    values = table("haystack2021", "paper")
    assert not values.duplicated([c for c in values.columns if c != "value"]).any()
    vtab = set(table("vtab2019", "tasks")["task"])
    assert set(table("haystack2021", "tasks")["task"]) < vtab
    assert set(values["task"].dropna()) == vtab
    assert set(values.loc[values["task"].isna(), "quantity"]) == {"optimal_share"}
    assert set(values["pool"]) == {"all", "resnet-50", "dim2048", "expert", "imnetaccuracies"}


def test_bars_are_zero_where_the_papers_tables_say():
    tables = paper("budget_to_zero_regret").set_index(["pool", "strategy", "task"])["value"]
    bars = paper("relative_regret").query("strategy in ['linear', 'knn']")
    enough = tables.loc[pd.MultiIndex.from_frame(bars[["pool", "strategy", "task"]])].to_numpy()
    assert len(bars) == 380
    assert ((enough <= bars["budget"]) == (bars["value"] == 0)).all()


def test_bars_at_one_pick_follow_from_the_accuracies_of_the_overviews():
    keys = ["pool", "strategy", "task"]
    top = paper("top_accuracy").set_index(keys)["value"]
    oracle = paper("oracle_accuracy").set_index(["pool", "task"])["value"]
    bars = paper("relative_regret").query("budget == 1")
    achieved = top.loc[pd.MultiIndex.from_frame(bars[keys])].to_numpy()
    best = oracle.loc[pd.MultiIndex.from_frame(bars[["pool", "task"]])].to_numpy()
    # An accuracy of 0.99 read to 4 digits gives its bar to 1 %.
    assert len(bars) == 285
    assert np.abs((best - achieved) / (1 - achieved) - bars["value"]).max() < 0.01


@pytest.mark.parametrize("name", SETS)
def test_configs_read_the_files_of_their_run(name):
    config = yaml.safe_load((ROOT / f"config/published/{name}.yaml").read_text())
    assert config["run"] == name
    files = {key: config[key] for key in config if key.endswith("_file")}
    assert all(path.startswith(f"resources/published/{name}/") for path in files.values())
    assert all((ROOT / path).is_file() for path in files.values())
