"""A recommendation whose models are dropped in rounds, through the real rules."""

import re

import numpy as np
import pandas as pd
import pytest
import torch
import yaml

from needle.base.tensors import read_card
from needle.embedding.embedding_file import read_embeddings
from pictures import save_pictures
from published import CARD, trained
from workflow import copy_project, planned, snakemake

CONFIG = "rounds.yaml"
MODELS = ["resnet10t.mix", "resnet10t.glyph", "resnet10t.simclr"]
# An interval that is next to nothing, so that some model is dropped of three that hardly differ.
ASKED = {"rounds": [12, 24], "budget": 1, "strategy": "knn", "level": 0.0001}
ROUNDS = ["--", "search"]
RESULTS = "results/pictures"


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    folder = copy_project(tmp_path_factory.mktemp("rounds"))
    config = yaml.safe_load((folder / "tests/config/mydata.yaml").read_text())
    (folder / CONFIG).write_text(yaml.safe_dump(config | ASKED))
    save_pictures(folder / "pictures")
    result = snakemake(folder, *ROUNDS, config=CONFIG)
    assert result.returncode == 0, result.stdout
    return folder


def rounds(folder):
    return [pd.read_csv(folder / RESULTS / f"rounds/{number}/models.csv") for number in (1, 2)]


def test_each_round_has_the_models_that_the_one_before_left(searched):
    first, second = rounds(searched)
    assert first["model"].tolist() == MODELS
    assert second["model"].tolist() == first.loc[first["goes_on"], "model"].tolist()
    assert [table["pictures"].unique().tolist() for table in (first, second)] == [[12], [24]]
    left = second.loc[second["goes_on"], "model"]
    files = (searched / RESULTS / "embeddings/data").iterdir()
    assert {file.stem for file in files} == set(left)


def test_every_picture_is_embedded_once_and_the_end_is_as_without_rounds(searched):
    _, second = rounds(searched)
    model = second.loc[second["goes_on"], "model"].iloc[0]
    name = f"embeddings/data/{model}.safetensors"
    rows = [read_card(searched / RESULTS / f"rounds/{n}/{name}")["rows"] for n in (1, 2)]
    assert [len(part["train"]) + len(part["val"]) for part in rows] == [12, 24]
    assert all(set(rows[0][split]) < set(rows[1][split]) for split in ("train", "val"))
    whole, part = (searched / RESULTS / name), (searched / RESULTS / f"rounds/2/{name}")
    assert "rows" not in read_card(whole)
    found, some = read_embeddings(whole), read_embeddings(part)
    for split in ("train", "val"):
        taken = getattr(found, f"{split}_features")[rows[1][split]]
        assert np.array_equal(taken, getattr(some, f"{split}_features"))
    log = (searched / f"logs/pictures/embeddings/data/{model}.log").read_text()
    assert re.search(r"\b11/11\b", log.replace("\r", "\n"))  # 35 pictures less 24


def test_who_was_dropped_is_said_with_score_interval_and_cut(searched):
    first, second = rounds(searched)
    ranking = pd.read_csv(searched / RESULTS / "recommendation/ranking.csv").set_index("model")
    assert set(ranking.index) == set(MODELS)
    dropped = [*first.loc[~first["goes_on"], "model"], *second.loc[~second["goes_on"], "model"]]
    assert dropped
    assert ranking.loc[dropped, "rank"].isna().all()
    assert (ranking["seconds"] > 0).all()
    text = (searched / RESULTS / "recommendation/search.txt").read_text()
    assert "Search went in rounds: 3 models with 12 pictures" in text
    assert f"{dropped[0]}: dropped after " in text
    assert re.search(r"does\s+not\s+reach\s+[\d.]+ %", text)


def test_a_second_call_does_nothing(searched):
    assert planned(searched, *ROUNDS, config=CONFIG) == {}


def test_what_is_lost_between_rounds_is_made_again(searched):
    (searched / RESULTS / "recommendation/ranking.csv").unlink()
    (searched / RESULTS / "rounds/2/models.csv").unlink()
    before = rounds_of_files(searched)
    result = snakemake(searched, *ROUNDS, config=CONFIG)
    assert result.returncode == 0, result.stdout
    assert "rule embed" not in result.stdout
    assert rounds_of_files(searched) == before


def rounds_of_files(folder):
    files = sorted((folder / RESULTS).rglob("embeddings/**/*.safetensors"))
    return {file: file.stat().st_mtime_ns for file in files}


def test_the_report_says_it_too(searched):
    result = snakemake(searched, "--", "recommend", config=CONFIG)
    assert result.returncode == 0, result.stdout
    report = (searched / RESULTS / "recommendation/report.html").read_text()
    assert "Search went in rounds: 3 models with 12 pictures" in report
    assert "dropped after " in report


def test_rounds_come_after_what_could_be_fetched_and_a_weight_that_comes_later_joins(tmp_path):
    """Models at their own size, one of which cannot be had at first."""
    folder = copy_project(tmp_path / "project")
    save_pictures(folder / "pictures")
    torch.manual_seed(1)
    names = ["a", "b", "c"]
    known = {"params": 9918, "embedding_dim": 16, "upstream_dataset": "none", "tags": []}
    known |= {"reference_accuracy": None, "upstream_examples": None, "crop_pct": 0.875}
    known |= {"interpolation": "bicubic", "crop_mode": "center"}
    cards = [CARD | known | {"name": n, "weights": {"file": f"{n}.pth"}} for n in names]
    (folder / "zoo.yaml").write_text(yaml.safe_dump({"zoo": "net", "models": cards}))
    for name in ("a", "b"):
        torch.save(trained(CARD).state_dict(), folder / f"{name}.pth")
    config = yaml.safe_load((folder / "tests/config/photographs.yaml").read_text())
    (folder / CONFIG).write_text(yaml.safe_dump(config | {"rounds": [12]}))
    results = folder / "results/photographs"
    for there in (["a", "b"], names):
        result = snakemake(folder, *ROUNDS, config=CONFIG)
        assert result.returncode == 0, result.stdout
        table = pd.read_csv(results / "rounds/1/models.csv")
        assert table["model"].tolist() == there
        left = set(table.loc[table["goes_on"], "model"])
        ranking = pd.read_csv(results / "recommendation/ranking.csv").set_index("model")
        assert set(ranking.index[ranking["rank"].notna()]) == left
        assert set(ranking.index) == set(names)
        torch.save(trained(CARD).state_dict(), folder / "c.pth")
