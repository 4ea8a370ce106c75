"""What the comparison of strategies says in words, and its page."""

import pandas as pd

from compared import LEVEL, compare, regret
from examples import one
from needle.pages.comparison import comparison_page, comparison_text, reading, skipped_lines
from needle.strategies.picks import GAP_COLUMNS

GAPS = pd.DataFrame(
    [
        ("skipped strategy", "", "prior", "", "", "needs <tasks>"),
        ("skipped strategy", "", "hybrid-prior", "", "", "needs <tasks>"),
        ("short ranking", "all", "knn", "t1", "", "no knn score: a"),
    ],
    columns=GAP_COLUMNS,
)


def test_two_tasks_call_nothing_better():
    table = compare(regret(tasks=2))
    assert one(table, pool="all", budget=1, strategy="sure")["difference_high"] < 0
    assert (table["verdict"] == "").all()
    said = reading(table[table["pool"] == "all"], LEVEL)
    assert said[-1] == (
        "Nothing can be called better or worse: on 2 tasks no p-value is below 0.5, and of 6 "
        "comparisons Holm's correction asks for one below 0.0083; it would take 8 tasks."
    )
    assert not any("than it" in line for line in said)


def test_the_reading_says_what_differs_and_how_much_was_compared():
    table = compare(regret())
    assert reading(table[table["pool"] == "all"], LEVEL) == [
        "B = 1: lowest is sure with 45.0; Linear has 55.0; better than it: sure; worse than it: "
        "bad.",
        "B = 2: lowest is sure with 22.5; Linear has 27.5; better than it: sure; worse than it: "
        "bad.",
        "Of 6 comparisons with Linear, 4 have a p-value below 0.05 after Holm's correction for "
        "their number (2 better, 2 worse); 4 have one before it, of which chance alone would give "
        "up to about 0.3.",
    ]


def test_without_a_proxy_nothing_is_compared():
    table = compare(regret(), baseline=None)
    assert table["difference"].isna().all()
    assert "Nothing is compared" in reading(table[table["pool"] == "all"], LEVEL)[-1]


def test_what_ranks_too_few_models_is_not_called_lowest():
    table = regret()
    gone = (table["strategy"] == "sure") & (table["task"] == "t3") & (table["budget"] == 1)
    compared = compare(table.assign(drawn=gone.astype(int)))
    said = reading(compared[compared["pool"] == "all"], LEVEL)
    assert said[0].startswith("B = 1: lowest is Linear and mixed with 55.0; ")
    assert said[1].startswith("B = 2: lowest is sure")
    assert said[2].startswith("Of 5 comparisons with Linear, 3 have")
    text = comparison_text(compared, GAPS, {"small": "SMALL", "all": "ALL"}, LEVEL)
    assert "(7 of 8)" in text
    assert "all means are over the same 8 tasks" in text


def test_an_incomplete_baseline_compares_nothing():
    table = regret()
    compared = compare(table.assign(drawn=(table["strategy"] == "linear").astype(int)))
    said = reading(compared[compared["pool"] == "all"], LEVEL)
    assert "no proxy that ranks all tasks" in said[-1]
    assert not any("Linear" in line for line in said)


def test_skipped_strategies_are_named_by_reason():
    assert skipped_lines(GAPS) == ["Skipped: Prior and Hybrid Prior: needs <tasks>"]


def test_text_and_page():
    table, labels = compare(regret()), {"small": "SMALL <POOL>", "all": "ALL"}
    text = comparison_text(table, GAPS, labels, LEVEL)
    assert max(map(len, text.splitlines())) <= 100
    assert text.index("SMALL <POOL>") < text.index("\nALL\n===")
    assert "sure           45.0 [" in text
    assert "seconds" not in text
    assert "0.047    better" in text
    page = comparison_page(table, GAPS, labels, LEVEL)
    assert "<h3>SMALL &lt;POOL&gt;</h3>" in page
    assert "needs &lt;tasks&gt;" in page
    assert page.count("<table") == 4
