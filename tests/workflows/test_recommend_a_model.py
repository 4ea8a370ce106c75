"""A model for the user's own data through the real rules."""

import csv
import io
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image

from needle.scores.columns import SPEED_COLUMNS
from needle.tasks.task_file import Task
from pictures import CLASSES, save_pictures
from workflow import copy_project, planned, snakemake

CONFIG = "tests/config/mydata.yaml"
MODELS = ["resnet10t.mix", "resnet10t.glyph", "resnet10t.simclr"]


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """A search that is done, before any fine-tuning; never changed by a test."""
    folder = copy_project(tmp_path_factory.mktemp("searched"))
    save_pictures(folder / "pictures")
    result = snakemake(folder, "--", "search", config=CONFIG)
    assert result.returncode == 0, result.stdout
    (folder / "search_output.txt").write_text(result.stdout)
    return folder


@pytest.fixture(scope="module")
def recommended(searched, tmp_path_factory):
    """A recommendation that is done; never changed by a test."""
    folder = tmp_path_factory.mktemp("recommended") / "project"
    shutil.copytree(searched, folder, symlinks=True)
    result = snakemake(folder, "--", "recommend", config=CONFIG)
    assert result.returncode == 0, result.stdout
    (folder / "output.txt").write_text(result.stdout)
    return folder


@pytest.fixture
def project(recommended, tmp_path):
    return Path(shutil.copytree(recommended, tmp_path / "project", symlinks=True))


def advice(folder, run="pictures"):
    return folder / f"results/{run}/recommendation"


def test_the_search_answers_before_any_fine_tuning(searched):
    ranking = pd.read_csv(advice(searched) / "ranking.csv")
    assert set(ranking["model"]) == set(MODELS)
    assert ranking["rank"].tolist() == [1, 2, 3]
    assert ranking["picked"].tolist() == [True, True, False]
    assert ranking["model"][0] == "resnet10t.mix"  # the one with a reference accuracy
    assert (ranking[["seconds", *SPEED_COLUMNS[:3]]] > 0).all(axis=None)
    assert (ranking["device"] == "one thread of the processor").all()
    assert ranking[["linear", "knn"]].notna().all(axis=None)
    assert not (searched / "results/pictures/finetune").exists()
    answer = (advice(searched) / "search.txt").read_text()
    assert answer in (searched / "search_output.txt").read_text()


def test_what_was_wrong_with_the_pictures_is_named(searched):
    problems = pd.read_csv(searched / "results/pictures/data/problems.csv")
    assert problems["path"].tolist() == ["naïve café/00.jpg"]
    examples = pd.read_csv(searched / "results/pictures/data/examples.csv")
    assert examples["split"].value_counts().to_dict() == {"train": 26, "val": 9, "test": 12}


def test_only_the_picks_are_fine_tuned_and_the_best_is_exported(recommended):
    files = {path.name for path in (recommended / "results/pictures/finetune/data").iterdir()}
    ranking = pd.read_csv(advice(recommended) / "ranking.csv")
    picks = ranking.loc[ranking["picked"], "model"].tolist()
    kinds = ("csv", "safetensors", "soup.safetensors")
    assert files == {f"{model}.{kind}" for model in picks for kind in kinds}
    runs = pd.read_csv(recommended / f"results/pictures/finetune/data/{picks[0]}.csv")
    assert runs["test_accuracy"].isna().all()  # nobody looks at test before the choice
    table = pd.read_csv(advice(recommended) / "candidates.csv")
    assert table.loc[table["kind"] == "fine-tuned", "models"].tolist() == picks
    # The picks, and the best by the proxy of the strategy, which the first pick may not be.
    first = ranking.loc[ranking["linear_rank"] == 1, "model"].tolist()
    assert set(table.loc[table["kind"] == "frozen", "models"]) == {*picks, *first}
    assert table["chosen"].sum() == 1
    best = table["val_accuracy"] == table["val_accuracy"].max()
    assert (table.loc[table["chosen"], "p_value"].fillna(1) >= 0.1).all()
    assert table.loc[table["p_value"].isna(), "val_accuracy"].item() in set(
        table.loc[best, "val_accuracy"]
    )


def test_the_exported_program_predicts_what_the_report_says(recommended):
    """All test pictures, from the user's folder, of every mode that is in it."""
    predictions = pd.read_csv(advice(recommended) / "predictions.csv").set_index("path")
    assert len(predictions) == 12
    result = subprocess.run(
        [sys.executable, advice(recommended) / "best/predict.py", "pictures"],
        cwd=recommended, capture_output=True, text=True,
    )  # fmt: skip
    assert result.stderr.startswith("naïve café/00.jpg: cannot be read: ")  # it is cut off
    assert result.returncode == 1
    found = pd.read_csv(io.StringIO(result.stdout)).set_index("path").loc[predictions.index]
    assert found["predicted"].tolist() == predictions["predicted"].tolist()
    assert np.allclose(found["confidence"], predictions["confidence"], rtol=0, atol=1e-5)


def test_the_report_stands_alone(recommended):
    report = (advice(recommended) / "report.html").read_text()
    assert "<b>bold" not in report
    assert "&lt;b&gt;bold" in report
    assert set(re.findall(r"""(?:src|href)=["']?(data:|#|.{9})""", report)) == {"data:", "#"}
    summary = (advice(recommended) / "summary.txt").read_text()
    assert summary in (recommended / "output.txt").read_text()


def test_a_second_call_and_the_command_of_the_report_do_nothing(recommended):
    assert planned(recommended, config=CONFIG) == {}
    again = "results/pictures/recommendation/config.yaml"
    assert again in (advice(recommended) / "report.html").read_text()
    assert planned(recommended, config=again) == {}


def test_a_cluster_has_no_number_of_cores_to_share_out(recommended):
    command = [sys.executable, "-m", "snakemake", "--executor", "slurm", "--jobs", "1"]
    command += ["--configfile", CONFIG, "--", "recommend"]
    result = subprocess.run(command, cwd=recommended, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert "Nothing to be done" in result.stderr


def done(result):
    """Count the jobs of each rule that a run did."""
    assert result.returncode == 0, result.stdout
    rules = re.findall(r"^Finished jobid: \d+ \(Rule: (\w+)\)$", result.stdout, re.M)
    return {rule: rules.count(rule) for rule in rules}


@pytest.mark.parametrize(
    ("change", "tuned"),
    [
        (["budget=3"], 1),
        (["budget=1", "strategy=task-agnostic"], 0),
        (["where={model: {none: [resnet10t.simclr]}}"], None),
    ],
)
def test_another_budget_strategy_or_filter_recomputes_nothing_it_has(project, change, tuned):
    result = snakemake(project, "--config", *change, "--", "recommend", config=CONFIG)
    jobs = done(result)
    if tuned is None:  # a model left out for another may bring in a new pick
        ranking = pd.read_csv(advice(project) / "ranking.csv").set_index("model")
        assert "resnet10t.simclr" in ranking.loc["resnet10t.simclr", "left_out"]
        assert not ranking.loc["resnet10t.simclr", "picked"]
        assert jobs.pop("collect_models") == 1
        jobs.pop("finetune", None)
        jobs.pop("tune_head", None)
    else:
        assert jobs.pop("finetune", 0) == tuned
        # Of another pick, or of the best by another proxy.
        assert jobs.pop("tune_head") == 1
    assert jobs == {"search": 1, "choose_best": 1, "recommend": 1}


def test_a_time_takes_the_place_of_the_budget(project):
    """It is enough for all of so few and small ones."""
    result = snakemake(
        project, "--config", "time=10m", "budget=all", "--", "recommend", config=CONFIG
    )
    jobs = done(result)
    assert jobs.pop("tune_head", 0) <= 1
    assert jobs == {"search": 1, "finetune_in_time": 1, "choose_best": 1, "recommend": 1}
    plan = pd.read_csv(project / "results/pictures/finetune_in_time/data/plan.csv")
    assert set(plan["model"]) == set(MODELS)
    assert plan["rung"].tolist() == [1] * len(plan)
    candidates = pd.read_csv(advice(project) / "candidates.csv")
    assert set(candidates.loc[candidates["kind"] == "fine-tuned", "models"]) == set(MODELS)
    summary = (advice(project) / "summary.txt").read_text()
    assert "Time: 10m for search and fine-tuning. " in summary
    assert "More time would have tried nothing more" in summary


def test_a_changed_picture_is_seen(project):
    picture = project / "pictures" / CLASSES[0] / "01.png"
    Image.new("RGB", (30, 30), "red").save(picture)
    jobs = planned(project, config=CONFIG)
    assert jobs["prepare_data"] == 1
    assert jobs["embed"] == 3
    assert "pretrain" not in jobs


def test_a_csv_file_of_paths_and_labels_gives_the_same_splits(project):
    with open(project / "list.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "label"])
        for picture in sorted((project / "pictures").rglob("*.*")):
            writer.writerow([picture.relative_to(project), picture.parent.name])
    files = [f"results/{run}/data/task-32px.safetensors" for run in ("list", "pictures")]
    result = snakemake(project, "--config", "data=list.csv", "--", files[0], config=CONFIG)
    assert result.returncode == 0, result.stdout
    tasks = [Task(project / file) for file in files]
    assert tasks[0].card["classes"] == tasks[1].card["classes"]
    for split in ("train", "val", "test"):
        counts = [np.bincount(task.split(split)[1]).tolist() for task in tasks]
        assert counts[0] == counts[1]


def test_a_list_with_its_own_column_of_labels_and_groups_of_its_paths(project):
    """Braces, quotes and dollars of a regular expression arrive as they are."""
    pictures = sorted((project / "pictures").rglob("*.*"))
    lines = ["image\tmood\tkind"]
    lines += [f"{path.relative_to(project)}\t{n}\t{path.parent.name}"
              for n, path in enumerate(pictures)]  # fmt: skip
    (project / "list.tsv").write_text("\n".join(lines) + "\n")
    pattern = r"""/([^"$]*'?[^{}]*/\d{1})\d\.(?:png|jpg)$"""
    config = yaml.safe_load((project / CONFIG).read_text())
    config |= {"data": "list.tsv", "label": "kind", "group": pattern, "run": "grouped"}
    (project / "grouped.yaml").write_text(yaml.safe_dump(config))
    assert planned(project, "--", "recommend", config="grouped.yaml")["recommend"] == 1
    files = [f"results/grouped/data/{name}.csv" for name in ("examples", "folds")]
    result = snakemake(project, "--", *files, config="grouped.yaml")
    assert result.returncode == 0, result.stdout
    examples = pd.read_csv(project / files[0])
    assert set(examples["label"]) == set(CLASSES)
    expected = examples["path"].str.extract(pattern)[0]
    assert examples["group"].tolist() == expected.tolist()
    assert (examples.groupby("group")["split"].nunique() == 1).all()
    assert len(pd.read_csv(project / files[1])) == (examples["split"] != "test").sum()


def test_bad_data_is_refused_with_one_list_and_no_traceback(project):
    (project / "one/only class").mkdir(parents=True)
    Image.new("RGB", (8, 8)).save(project / "one/only class/a.png")
    result = snakemake(project, "--config", "data=one", "--", "search", config=CONFIG)
    assert result.returncode != 0
    assert "error: one: this data cannot be used:" in result.stdout
    assert "\n  - " in result.stdout
    assert "Traceback" not in result.stdout


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (["data=nowhere"], "nowhere"),
        (["strategy=best"], "config: strategy: no strategy 'best'; allowed: auto, task-agnostic"),
        (["strategy=oracle-average"], "no strategy 'oracle-average'"),
        (["where={license: {any: [MIT]}}"], "config: where, seen: they leave out every model"),
        (["budget=0"], "config: budget: 0 is not allowed"),
        (["pools={}"], "key 'pools' does not belong here: a run starts from data"),
    ],
)
def test_a_mistake_in_the_config_stops_before_any_work(searched, changes, message):
    result = snakemake(searched, "--dry-run", "--config", *changes, config=CONFIG)
    assert result.returncode != 0
    assert message in result.stdout
    assert "Traceback" not in result.stdout


def test_embeddings_of_ones_own_are_ranked(searched, tmp_path):
    folder = copy_project(tmp_path / "project")
    labels = np.repeat(["up", "down", "strange"], 20)
    split = np.where((labels != "strange") & (np.arange(60) % 4 == 0), "val", "train")
    centres = np.random.default_rng(0).normal(size=(3, 5)) * 4
    for number, model in enumerate(["Sharp-Model", "blurred"]):
        noise = np.random.default_rng(1).normal(size=(60, 5)) * (1 + 20 * number)
        (folder / "features").mkdir(exist_ok=True)
        features = centres[np.repeat(range(3), 20)] + noise
        arrays = {"features": features, "labels": labels, "split": split}
        np.savez(folder / f"features/{model}.npz", **arrays)
    arguments = ["--config", "data=features", "strategy=linear", "--", "recommend"]
    result = snakemake(folder, *arguments, config=CONFIG)
    assert result.returncode == 0, result.stdout
    ranking = pd.read_csv(advice(folder, "features") / "ranking.csv")
    assert ranking["model"].tolist() == ["Sharp-Model", "blurred"]
    assert ranking["linear"][0] > 0.9
    report = (advice(folder, "features") / "report.html").read_text()
    assert "Sharp-Model" in report
    problems = pd.read_csv(folder / "results/features/data/problems.csv")
    assert problems["problem"].tolist() == [
        "class strange has no examples in val, so the choice of a model knows nothing of it"
    ]
    assert problems["problem"].item() in report
    assert not (folder / "results/features/finetune").exists()
    # Without task-agnostic knowledge there is no hybrid, and the message says what to do.
    result = snakemake(folder, "--config", "data=features", "--", "search", config=CONFIG)
    assert result.returncode != 0
    assert "take another strategy: knn, linear, or give reference_accuracy" in result.stdout


def test_the_answer_of_another_pool_is_not_taken_for_this_ones(searched):
    options = ["--dry-run", "--config", "data=pictures", "--", "search"]
    result = snakemake(searched, *options, config="config/photos.yaml")
    assert result.returncode != 0
    assert "error: results/pictures is of another config, with another pool" in result.stdout
