"""A model is added to a finished run: what that costs, and what the run's page says of it."""

import pandas as pd
import pytest
from test_run_the_benchmark import ANALYSIS

from read_page import Page
from workflow import planned, snakemake

CARD = """  - <<: *model
    name: resnet10t.lines
    tags: [expert]
    pretrain: {<<: *pretrain, domains: [lines]}
"""
KEY = ["pool", "strategy", "budget"]
OF_A_MODEL = {"pretrain": 1, "embed": 2, "quick_proxies": 2, "linear": 2, "finetune": 2}
TABLES = {"collect_models": 1, "collect_scores": 1, "collect_seconds": 1, "describe_run": 1}


@pytest.fixture
def grown(project):
    """The run with one more card, before anything is done for it."""
    with open(project / "tests/config/zoo.yaml", "a", encoding="utf-8") as file:
        file.write(CARD)
    return project


def page_of(folder):
    return Page((folder / "results/tiny/summary.html").read_text(encoding="utf-8"))


def test_a_run_that_has_not_grown_says_nothing_of_it(finished):
    assert not [text for _, text in page_of(finished).headings if text.startswith("What one new")]
    additions = pd.read_csv(finished / "results/tiny/additions.csv")
    assert additions["addition"].tolist() == [0, 0, 0]
    assert len(pd.read_csv(finished / "results/tiny/tables/without_additions.csv")) == 0


def test_a_new_model_costs_its_own_jobs_and_the_analysis(grown):
    assert planned(grown) == OF_A_MODEL | TABLES | ANALYSIS


def test_the_page_says_what_a_new_model_changed(grown):
    results = grown / "results/tiny"
    before = pd.read_csv(results / "tables/mean_regret.csv").set_index(KEY)
    kept = {path: path.stat().st_mtime_ns for folder in ("embeddings", "proxies", "finetune")
            for path in results.glob(f"{folder}/**/*") if path.is_file()}  # fmt: skip
    assert len(kept) == 3 * 2 * 6
    result = snakemake(grown)
    assert result.returncode == 0, result.stdout
    assert {path: path.stat().st_mtime_ns for path in kept} == kept

    additions = pd.read_csv(results / "additions.csv").set_index("model")["addition"]
    assert additions[additions == 1].index.tolist() == ["resnet10t.lines"]
    # Without the new model, the run is what it was before there was one.
    table = pd.read_csv(results / "tables/without_additions.csv").set_index(KEY)
    assert len(table) == len(before)
    was = before.loc[table.index]
    assert table["mean_relative_regret_without"].tolist() == pytest.approx(
        was["mean_relative_regret"].tolist()
    )
    now = pd.read_csv(results / "tables/mean_regret.csv").set_index(KEY).loc[table.index]
    assert table["mean_relative_regret"].tolist() == now["mean_relative_regret"].tolist()

    page = page_of(grown)
    assert ["h2", "What one new model changed"] in page.headings
    assert "resnet10t.lines joined the 3 models that were there before." in page.text
    best = pd.read_csv(results / "tables/newly_best.csv")
    shown = page.tables.get("Where new models are the best", [[]])[1:]
    assert [row[2] for row in shown] == best["model"].tolist()

    assert planned(grown) == {}
    (results / "summary.html").unlink()
    assert planned(grown) == {"lay_out_summary": 1}
