"""The headline table and the notes on what is missing, as a reader sees them."""

import pandas as pd
import pytest

from needle.base.run_tables import read_table
from needle.pages.headline import gap_lines, headline_html, headline_text

LABELS = {"all": "ALL", "expert": "EXPERT"}


@pytest.fixture
def mean_regret():
    columns = ["pool", "strategy", "budget", "ranked", "mean_relative_regret", "low", "high"]
    rows = [
        ("all", "linear", 1, 7, 0.1234, 0.05, 0.2),
        ("all", "linear", 2, 7, 0.0, 0.0, 0.0),
        ("all", "linear", 3, 5, 0.0, 0.0, 0.0),
        ("all", "random", 1, 7, 0.25, float("nan"), float("nan")),
        ("expert", "linear", 1, 7, float("nan"), float("nan"), float("nan")),
    ]
    return pd.DataFrame(rows, columns=columns).assign(tasks=7)


def test_text_is_in_percent_with_intervals_and_empty_cells(mean_regret):
    lines = headline_text(mean_regret, LABELS, [1, 2], 0.95, ["a note"]).splitlines()
    assert "95% interval over tasks" in lines[0]
    assert lines[2].split() == ["pool", "strategy", "B", "=", "1", "B", "=", "2"]
    assert lines[3].split() == ["ALL", "linear", "12.3", "[5.0,", "20.0]", "0.0", "[0.0,", "0.0]"]
    assert lines[4].split() == ["random", "25.0"]
    assert lines[5].split() == ["EXPERT", "linear"]
    assert lines[7] == "a note"


def test_means_of_picks_at_random_say_on_how_many_tasks(mean_regret):
    text = headline_text(mean_regret, LABELS, [1, 2, 3], 0.95, [])
    assert "0.0 [0.0, 0.0] (5 of 7)" in text
    assert "all means are over the same 7 tasks" in text
    assert "all means" not in headline_text(mean_regret, LABELS, [1, 2], 0.95, [])


def test_page_escapes_what_it_shows(mean_regret):
    page = headline_html(mean_regret, LABELS, [1], 0.95, ["<b>"])
    assert "&lt;b&gt;" in page
    assert "12.3 [5.0, 20.0]" in page


def test_where_nothing_is_missing_there_are_no_lines(tmp_path):
    (tmp_path / "gaps.csv").write_text("kind,pool,strategy,task,model,reason\n")
    assert gap_lines(read_table(tmp_path / "gaps.csv"), LABELS, tasks=2) == []
    columns = ["kind", "pool", "strategy", "task", "model", "reason"]
    assert gap_lines(pd.DataFrame(columns=columns), LABELS, tasks=2) == []


def test_what_diverged_is_named():
    columns = ["kind", "pool", "strategy", "task", "model", "reason"]
    gaps = pd.DataFrame(
        [
            ("diverged", "", "", "count", "m.x", "no fine-tune run had a finite loss"),
            ("short ranking", "all", "linear", "count", "", "no linear score: m.x"),
            ("short ranking", "all", "linear", "digits", "", "no linear score: m.x"),
        ],
        columns=columns,
    )
    assert gap_lines(gaps, LABELS, tasks=2) == [
        "m.x: diverged on count (no fine-tune run had a finite loss)",
        "ALL linear: short ranking on all tasks (no linear score: m.x)",
    ]


def test_what_is_skipped_or_has_no_value_is_named():
    columns = ["kind", "pool", "strategy", "task", "model", "reason"]
    gaps = pd.DataFrame(
        [
            ("skipped strategy", "", "prior", "", "", "needs results on 2 other tasks"),
            ("no value", "", "leep", "count", "m.x", "the model has no source head"),
            ("no value", "", "leep", "digits", "m.x", "the model has no source head"),
        ],
        columns=columns,
    )
    assert gap_lines(gaps, LABELS, tasks=2) == [
        "prior: skipped strategy (needs results on 2 other tasks)",
        "m.x leep: no value on all tasks (the model has no source head)",
    ]


def test_of_many_missing_models_the_first_are_named():
    gap = {"kind": "short ranking", "pool": "all", "strategy": "linear", "task": "t", "model": ""}
    few = pd.DataFrame([gap | {"reason": "no linear score: a, b, c, d"}])
    many = pd.DataFrame([gap | {"reason": "no linear score: a, b, c, d, e"}])
    assert gap_lines(few, LABELS, 1)[0].endswith("(no linear score: a, b, c, d)")
    assert gap_lines(many, LABELS, 1)[0].endswith("(no linear score: a, b, c and 2 more)")


def test_many_models_that_lack_the_same_are_counted():
    gap = {"kind": "no score", "pool": "", "strategy": "", "reason": "no fine-tune accuracy"}
    models = [f"m{number}" for number in range(300)]
    gaps = pd.DataFrame([gap | {"model": model, "task": task} for model in models
                         for task in ("t1", "t2")])  # fmt: skip
    assert gap_lines(gaps, LABELS, 3) == ["300 models: no score on t1, t2 (no fine-tune accuracy)"]


def test_many_pools_that_lack_the_same_are_counted():
    gap = {"kind": "short ranking", "strategy": "linear", "model": "", "task": "t1"}
    gaps = pd.DataFrame([gap | {"pool": f"p{number}", "reason": f"no linear score: m{number}"}
                         for number in range(5)])  # fmt: skip
    assert gap_lines(gaps, LABELS, 1) == [
        "5 pools linear: short ranking on all tasks (no linear score)"
    ]
