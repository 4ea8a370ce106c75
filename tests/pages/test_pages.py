"""Pages as a reader sees them."""

from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from needle.pages.budgets import budget_page
from needle.pages.models import models_page
from needle.pages.page import page
from needle.pages.paper import agrees, paper_page
from needle.tables.paper import PAPER_COLUMNS

LABELS = {"all": "ALL", "expert": "R&D <experts>"}


class Rows(HTMLParser):
    """The cells of a page's tables, row by row."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.in_cell = [], False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        self.in_cell = tag in ("td", "th")
        if self.in_cell:
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        self.in_cell = self.in_cell and tag not in ("td", "th")

    def handle_data(self, data):
        if self.in_cell:
            self.rows[-1][-1] += data


def rows(text):
    return Rows(text).rows


def test_frame_escapes_the_title():
    assert page("a < b", "<p>x</p>", "<p>y</p>").endswith("<h3>a &lt; b</h3><p>x</p><p>y</p>\n")


@pytest.fixture
def known(models):
    models.loc["a", "architecture"] = "resnet<10>"
    models["embedding_dim"] = [64.0, 128.0, np.nan]
    models["params"] = [23807702, 5, 4]
    models["tags"] = [["bit", "small"], [], ["expert"]]
    return models


def test_models_by_hand(known):
    members = {"all": ["a", "b", "c"], "expert": ["c"]}
    assert rows(models_page(known, members, LABELS)) == [
        ["Model", "Architecture", "Embedding dimension", "Parameters", "Reference accuracy (%)",
         "Tags", "Pools"],
        ["a", "resnet<10>", "64", "23,807,702", "50.0", "bit, small", "ALL"],
        ["b", "", "128", "5", "70.0", "", "ALL"],
        ["c", "", "", "4", "", "expert", "ALL, R&D <experts>"],
    ]  # fmt: skip


def test_long_texts_are_whole_and_escaped(known):
    known["upstream_dataset"] = "<b>" + 100 * "x"
    text = models_page(known, {}, LABELS)
    assert "&lt;b&gt;" + 100 * "x" in text
    assert "<b>" not in text


def test_nothing_but_names_is_known(known):
    names = known.assign(
        tags=[[], [], []], architecture=None, params=np.nan, embedding_dim=np.nan,
        reference_accuracy=np.nan,
    )  # fmt: skip
    assert rows(models_page(names, {}, LABELS)) == [["Model"], ["a"], ["b"], ["c"]]


def test_budgets_by_hand():
    budgets = pd.DataFrame(
        [
            ("expert", "hybrid-knn", "t1", 3),
            ("expert", "hybrid-knn", "t2", None),
            ("expert", "knn", "t1", 12),
            ("all", "knn", "t2", 1),
        ],
        columns=["pool", "strategy", "task", "budget"],
    ).astype({"budget": "Int64"})
    tasks = pd.DataFrame({"task": ["t2", "t1"], "label": ["<T2>", "T1"], "group": ""})
    for table in (budgets, budgets.astype({"budget": float})):
        page = budget_page(table, LABELS, tasks)
        assert rows(page) == [
            ["", "kNN"],
            ["<T2>", "1"],
            ["T1", ""],
            ["", "Hybrid kNN", "kNN"],
            ["<T2>", "", ""],
            ["T1", "3", "12"],
        ]
        assert page.index("<h4>ALL") < page.index("<h4>R&amp;D &lt;experts&gt;")


@pytest.fixture
def comparison():
    lines = [
        ("Fig. 3", "relative_regret", "all", "linear", "", 1, None, "t1", 0.1, 0.1015),
        ("Fig. 3", "relative_regret", "all", "linear", "", 2, None, "t1", 0.1, 0.09),
        ("Fig. 3", "relative_regret", "all", "leep", "", 1, None, "t1", 0.1, None),
        ("Table 4", "budget_to_zero_regret", "all", "<knn>", "", None, None, "t1", 4, 4),
        ("Table 4", "budget_to_zero_regret", "all", "<knn>", "", None, None, "t2", 4, 5),
        ("Fig. 8", "relative_regret", "all", "leep", "", 1, None, "t1", 0.1, None),
    ]
    table = pd.DataFrame(lines, columns=PAPER_COLUMNS[:-1])
    table = table.astype({"budget": "Int64", "embedding_dim": "Int64", "run": float})
    return table.assign(difference=table["run"] - table["paper"])


def test_a_budget_must_be_equal_and_other_values_near(comparison):
    assert agrees(comparison).tolist() == [True, False, False, True, False, False]


def test_comparison_by_hand(comparison):
    text = paper_page(comparison)
    assert "2 of 4 values agree" in text
    assert rows(text) == [
        ["", "values", "not in the run", "within 0.002", "largest difference"],
        ["Fig. 3", "3", "1", "1", "0.0100"],
        ["Table 4", "2", "0", "1", "1.0000"],
        ["Fig. 8", "1", "1", "0", ""],
        ["figure", "quantity", "pool", "strategy", "budget", "task", "paper", "run", "difference"],
        ["Fig. 3", "relative_regret", "all", "linear", "2", "t1", "0.1000", "0.0900", "-0.0100"],
        ["Table 4", "budget_to_zero_regret", "all", "<knn>", "", "t2", "4.0000", "5.0000",
         "1.0000"],
    ]  # fmt: skip


def test_nothing_to_list_or_to_compare(comparison):
    assert len(rows(paper_page(comparison[:1]))) == 2
    assert "0 of 0 values agree" in paper_page(comparison[:0])
