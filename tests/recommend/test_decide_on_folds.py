"""Folds of train and val decide, through the real rules."""

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file

from pictures import CLASSES, save_pictures
from workflow import copy_project, planned, snakemake

CONFIG = "tests/config/mydata.yaml"


def test_folds_of_train_and_val_decide_if_wanted(tmp_path):
    project = copy_project(tmp_path)
    save_pictures(project / "pictures")
    options = ["--config", "decide_on=folds", "--", "recommend"]
    result = snakemake(project, *options, config=CONFIG)
    assert result.returncode == 0, result.stdout
    advice = project / "results/pictures/recommendation"
    folds = pd.read_csv(project / "results/pictures/data/folds.csv")["repeat_1"].to_numpy()
    examples = pd.read_csv(project / "results/pictures/data/examples.csv")
    judged = np.flatnonzero(folds >= 0)
    labels = examples[examples["split"] != "test"]["label"].to_numpy()[judged]
    table = pd.read_csv(advice / "candidates.csv")
    assert set(table["images"]) == {len(judged)}
    for head in table[table["kind"] == "frozen"].to_dict("records"):
        file = project / f"results/pictures/heads/data/{head['models']}.safetensors"
        said = load_file(file)["probabilities"].argmax(axis=1)
        assert head["val_accuracy"] == (np.array(sorted(CLASSES))[said] == labels).mean()
    for pick in table[table["kind"] == "fine-tuned"].to_dict("records"):
        stem = project / f"results/pictures/finetune/data/{pick['models']}"
        runs = pd.read_csv(f"{stem}.csv")
        assert runs["repeat"].tolist() == [*np.repeat(range(1, folds.max() + 2), 2), 0]
        assert runs["test_accuracy"].isna().all()
        assert runs["learning_rate"].iloc[-1] == pick["learning_rate"]
        assert pick["seconds"] == pytest.approx(runs["seconds"].sum())
        said = load_file(f"{stem}.folds.safetensors")["probabilities"].argmax(axis=1)
        right = np.array(sorted(CLASSES))[said] == labels
        assert (pick["images"], pick["val_accuracy"]) == (len(judged), right.mean())
        # The other rate is not better on all.
        size = np.bincount(folds[judged])
        mean = {rate: np.average(part["val_accuracy"], weights=size)
                for rate, part in runs[runs["repeat"] > 0].groupby("learning_rate")}  # fmt: skip
        assert max(mean.values()) == pytest.approx(mean[pick["learning_rate"]])
        assert max(mean.values()) == pytest.approx(right.mean())
    summary = (advice / "summary.txt").read_text()
    assert f"Folds decided: each of {len(judged)} train and val images" in summary
    assert planned(project, *options, config=CONFIG) == {}
    # And val again: nothing of the folds is taken for it.
    result = snakemake(project, "--", "recommend", config=CONFIG)
    assert result.returncode == 0, result.stdout
    table = pd.read_csv(advice / "candidates.csv")
    for model in table.loc[table["kind"] == "fine-tuned", "models"]:
        runs = pd.read_csv(project / f"results/pictures/finetune/data/{model}.csv")
        assert runs["repeat"].tolist() == [0, 0]
