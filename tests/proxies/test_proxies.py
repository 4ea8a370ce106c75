"""The program of the quick proxies, and what a proxy file says."""

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from drawn_embeddings import draw, mapped
from needle.base.errors import NeedleError
from needle.base.seeds import derive_seed
from needle.embedding.embedding_file import read_embeddings, write_embeddings
from needle.proxies.formulas.classifiers import knn
from needle.proxies.registry import TRAINED, NoScoreError, formula, names
from needle.proxies.rows import check_names, proxy_row, quick_proxies
from needle.strategies.labels import ACCURACIES, LABELS

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "workflow/scripts"


def test_the_default_run_has_every_proxy_and_each_has_a_label():
    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    assert sorted(config["proxies"]) == names()
    assert set(names()) <= set(LABELS)
    assert set(names()) >= ACCURACIES


def test_only_files_of_proxies_are_proxies():
    check_names(["linear", "logme"])
    for name in ("logmee", "_labels", "__init__"):
        with pytest.raises(NeedleError, match=f"unknown key '{name}'"):
            check_names(["knn", name])
    assert quick_proxies(["linear", "lda", "linear_scaled", "knn"]) == ["lda", "knn"]


def test_a_row_has_the_score_or_the_reason(monkeypatch):
    embeddings = draw()
    row = proxy_row("knn", embeddings, {}, seed=1)
    assert list(row) == ["repeat", "learning_rate", "value", "seconds", "reason"]
    assert (row["repeat"], row["learning_rate"], row["reason"]) == (0, None, "")
    assert row["value"] == knn.score(embeddings)
    assert row["seconds"] > 0

    def none(embeddings):
        raise NoScoreError("why")

    monkeypatch.setattr(knn, "score", none)
    row = proxy_row("knn", embeddings, {}, seed=1)
    assert math.isnan(row["value"])
    assert row["reason"] == "why"
    monkeypatch.setattr(knn, "score", lambda embeddings: math.inf)
    assert "too large" in proxy_row("knn", embeddings, {}, seed=1)["reason"]


def test_a_mistake_in_a_proxy_is_no_reason(monkeypatch):
    monkeypatch.setattr(knn, "score", lambda embeddings: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        proxy_row("knn", draw(), {}, seed=1)


def test_settings_and_seed_reach_the_proxy():
    embeddings = draw(200, 6, classes=3, noise=2.0)
    few = proxy_row("nleep", embeddings, {"components_per_class": 1}, seed=1)["value"]
    first, again, other = (proxy_row("nleep", embeddings, {}, seed)["value"] for seed in (1, 1, 2))
    assert first == again
    assert len({few, first, other}) == 3


def compute(folder, proxies, seed=1, model="m"):
    write_embeddings(folder / "e.safetensors", as_float32(draw()), {"seconds": 1.0})
    outputs = [folder / f"{name}.csv" for name in proxies]
    command = [
        "--embeddings", folder / "e.safetensors", "--model", model, "--task", "t",
        "--proxies", json.dumps(proxies), "--seed", str(seed), "--outputs", *outputs,
    ]  # fmt: skip
    subprocess.run([sys.executable, SCRIPTS / "quick_proxies.py", *command], check=True)
    return {name: pd.read_csv(path) for name, path in zip(proxies, outputs, strict=True)}


def as_float32(embeddings):
    return mapped(embeddings, lambda x: x.astype(np.float32))


def test_the_program_writes_a_file_for_each_proxy(tmp_path):
    settings = {name: {} for name in quick_proxies(names())} | {"gbc": {"dimensions": 2}}
    found = compute(tmp_path, settings)
    embeddings = read_embeddings(tmp_path / "e.safetensors")
    for name in ("knn", "leep", "logme", "pactran", "gbc"):
        expected = proxy_row(name, embeddings, settings[name], seed=1)
        assert found[name]["value"].item() == expected["value"]
        assert found[name]["reason"].isna().all()
    seeds = {"nleep": {"components_per_class": 2}}
    first, again, other = (
        compute(tmp_path, seeds, seed=3, model=model)["nleep"]["value"].item() for model in "mmn"
    )
    assert first == again != other


@pytest.mark.parametrize("proxy", TRAINED)
def test_the_linear_program_says_which_runs_diverged(tmp_path, proxy):
    write_embeddings(tmp_path / "e.safetensors", as_float32(draw()), {"seconds": 1.0})
    protocol = {
        "learning_rates": [0.1, 1e38], "repeats": 2, "steps": 5, "batch_size": 8, "momentum": 0.9,
        "weight_decay": 0.0, "schedule": {"kind": "step", "milestones": [], "factor": 0.1},
    }  # fmt: skip
    command = [
        "--embeddings", tmp_path / "e.safetensors", "--model", "m", "--task", "t", "--seed", "1",
        "--proxy", proxy, "--protocol", json.dumps(protocol), "--output", tmp_path / "linear.csv",
    ]  # fmt: skip
    subprocess.run([sys.executable, SCRIPTS / "linear.py", *command], check=True)
    table = pd.read_csv(tmp_path / "linear.csv", keep_default_na=False)
    assert list(table.columns) == ["repeat", "learning_rate", "value", "seconds", "reason"]
    assert table["reason"].tolist() == ["", "the training diverged"] * 2
    assert (table["value"] != "").tolist() == [True, False] * 2
    seeds = [derive_seed(1, "linear", "m", "t", repeat) for repeat in (0, 1)]
    embeddings = read_embeddings(tmp_path / "e.safetensors")
    expected = [row["value"] for row in formula(proxy).runs(embeddings, protocol, seeds)]
    assert table["value"][::2].astype(float).tolist() == expected[::2]
