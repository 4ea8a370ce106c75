"""A run's own page as a reader sees it: what it says, and where its links lead."""

import pandas as pd
import pytest

from needle.base.formats import SPACE
from needle.pages.summary.page import RunTables, strategies_on_page, summary_page
from needle.pages.summary.words import answer
from needle.regret.without_models import BEST_COLUMNS, WITHOUT_COLUMNS
from needle.scores.columns import TASK_COLUMNS
from needle.strategies.picks import GAP_COLUMNS
from read_page import Page

LABELS = {"all": "ALL", "expert": "EXPERT"}
CONFIGURATION = {
    "run": "tiny",
    "seed": 7,
    "pools": {
        "all": {"label": "ALL", "where": {}},
        "expert": {"label": "EXPERT", "where": {"tags": {"any": ["<expert>"]}}},
    },
    "budgets": [1, 2],
    "proxies": {"linear": {}, "knn": {}},
    "finetune": {"steps": 100, "batch_size": 64, "learning_rates": [0.1, 0.02], "repeats": 2},
    "uncertainty": {"resamples": 50, "level": 0.9},
}
SHOWN = ["linear", "knn", "oracle-average", "random"]
# Mean relative regret in ALL at one and two picks; in EXPERT of one model it is 0.
REGRET = {
    "linear": (0.081, 0.02),
    "knn": (0.1, 0.01),
    "oracle-average": (0.05, 0.005),
    "random": (0.221, 0.153),
}
FILES = [
    {"path": "figures/regret/linear.svg", "category": "2. Regret by strategy", "label": "Linear"},
    {"path": "tables/headline.html", "category": "1. Headline", "label": "Mean regret"},
    {"path": "tables/a name?.csv", "category": "", "label": ""},
]


def mean_regret(**changes):
    rows = [
        ("all", name, budget, value, value / 2, value * 2)
        for name, values in REGRET.items()
        for budget, value in zip((1, 2), values, strict=True)
    ]
    rows += [("expert", name, 1, 0.0, 0.0, 0.0) for name in REGRET]
    columns = ["pool", "strategy", "budget", "mean_relative_regret", "low", "high"]
    return pd.DataFrame(rows, columns=columns).assign(**({"tasks": 2, "ranked": 2} | changes))


def comparison(verdict=""):
    """As tables/strategies.csv: kNN beside linear."""
    table = mean_regret().assign(baseline="linear", verdict="", difference=0.0)
    table = table.assign(difference_low=0.0, difference_high=0.0, p_value=0.5, p_holm=0.5)
    table.loc[table["strategy"] == "knn", "verdict"] = verdict
    return pd.concat([table, table.assign(pool="not declared")])  # such as a part of a pool


WITHOUT = pd.DataFrame(
    [
        ("all", "linear", 1, 2, 0.9, 0.8, 0.081, 0.05, 0.031, -0.01, 0.06),
        ("all", "knn", 1, 2, 0.9, 0.8, 0.1, 0.1, 0.0001, -0.0001, 0.0),
        ("all", "unseen", 1, 2, 0.9, 0.8, 0.5, 0.5, 0.0, 0.0, 0.0),
    ],
    columns=WITHOUT_COLUMNS,
)
TABLES = {
    "models": pd.DataFrame({"model": ["m.old", "<m>.new"], "tags": [[], ["<expert>"]]}),
    "tasks": pd.DataFrame(
        [("t1", "Birds & <i>", "natural"), ("t2", "Cats", "")], columns=TASK_COLUMNS
    ),
    "additions": [["m.old"], ["<m>.new"]],
    "mean_regret": mean_regret(),
    "comparison": comparison(),
    "gaps": pd.DataFrame(columns=GAP_COLUMNS),
    "noise": pd.DataFrame(
        [("t1", 0.01, 0.1, 0.03), ("t2", 0.02, 0.2, 0.05)],
        columns=["task", "seed_std", "model_std", "noise_floor"],
    ),
    "without": WITHOUT,
    "newly_best": pd.DataFrame([("all", "t1", "<m>.new", 0.9, 0.8, 0.5)], columns=BEST_COLUMNS),
}
TABLES["models"].index = TABLES["models"]["model"]


def page_text(kind="benchmark", plot="data:image/svg+xml;base64,PHN2Zy8+", **changes):
    plots = dict.fromkeys(LABELS, plot)
    tables = RunTables(**(TABLES | changes))
    return summary_page(tables, CONFIGURATION, kind, SHOWN, plots, FILES, kind == "benchmark")


@pytest.fixture(scope="module")
def page():
    return Page(page_text())


def test_the_answer_is_the_lowest_that_somebody_can_follow(page):
    assert page.headings[0] == ["h1", "Linear loses least"]
    assert (
        "With one model of ALL fine-tuned, its picks have a mean relative regret of 8.1 % (90% "
        "interval over two tasks: 4.0 to 16.2 %)"
    ) in page.text
    assert "Picks at random have 22.1 %." in page.text
    assert "With two it is kNN: 1.0 %." in page.text


def test_who_ties_is_named_too():
    tied = mean_regret()
    tied.loc[tied["strategy"].eq("knn") & tied["budget"].eq(1), "mean_relative_regret"] = 0.081
    said = answer(tied, comparison(), LABELS, [1], 0.9)
    assert said["headline"] == "Linear and kNN lose least"
    assert "their picks have" in said["lead"]


def test_who_lacks_scores_on_some_task_is_not_called_the_lowest():
    table = mean_regret()
    table.loc[table["strategy"] == "linear", "ranked"] = 1
    assert answer(table, comparison(), LABELS, [1], 0.9)["headline"] == "kNN loses least"
    none = mean_regret(ranked=1)
    assert (
        answer(none, comparison(), LABELS, [1], 0.9)["headline"] == "No strategy ranks every task"
    )


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        ("better", "By the comparison of all strategies that is better than Linear, which has"),
        ("", "That is not told apart from Linear, which has 8.1 %."),
    ],
)
def test_it_says_whether_the_lowest_differs_from_the_baseline(verdict, said):
    table = mean_regret()
    table.loc[table["strategy"].eq("knn") & table["budget"].eq(1), "mean_relative_regret"] = 0.01
    found = answer(table, comparison(verdict), LABELS, [1], 0.9)["certainty"]
    assert said in found.replace(SPACE, " ")


def test_what_was_asked_is_there(page):
    asked = dict(page.tables["What was asked"])
    assert asked["Budgets"] == "1 and 2 models fine-tuned"
    assert asked["Fine-tuning"] == "100 steps of 64 images at learning rates 0.1 and 0.02, 2 times"
    assert asked["Proxies"] == "Linear and kNN"
    assert page.tables["The pools"][1:] == [
        ["ALL", "2", "none", "2", "Linear", "kNN"],
        ["EXPERT", "1", "tags: {any: [<expert>]}", "2", "Linear and kNN", "–"],
    ]
    assert page.tables["The tasks"][1:] == [
        ["Birds & <i>", "natural", "1.0 %", "10.0 %", "3.0 %"],
        ["Cats", "–", "2.0 %", "20.0 %", "5.0 %"],
    ]


def test_all_numbers_of_the_picture_are_in_a_table(page):
    rows = {row[0]: row[1:] for row in page.tables["Mean relative regret in ALL"]}
    assert rows["Linear"] == ["8.1 [4.0, 16.2]", "2.0 [1.0, 4.0]"]
    assert list(rows) == ["Strategy", "Linear", "kNN", "Task-agnostic oracle", "Random"]


def test_what_changed_is_said(page):
    assert ["h2", "What one new model changed"] in page.headings
    assert "<m>.new joined the 1 model that was there before." in page.text
    assert page.tables["Where new models are the best"][1:] == [
        ["ALL", "Birds & <i>", "<m>.new", "90.0 %", "80.0 %", "50.0 %"]
    ]
    assert "ALL: the best model of each task reaches 90.0 % on average" in page.text
    rows = page.tables["Mean relative regret in ALL with and without the new models"][2:]
    assert rows == [
        ["Linear", "5.0 %", "8.1 %", "+3.1 [-1.0, 6.0]"],
        ["kNN", "10.0 %", "10.0 %", "0.0 [0.0, 0.0]"],
    ]


def test_without_an_addition_nothing_is_said_of_one():
    page = Page(page_text(additions=[["m.old", "<m>.new"]]))
    assert not [text for _, text in page.headings if "changed" in text]


def test_what_it_does_not_show_is_said(page):
    assert "Seeds alone cost a choice 4.0 % on average (the noise floor)" in page.text
    assert "Nothing is missing." in page.text
    noise = TABLES["noise"].assign(noise_floor=float("nan"))
    gaps = [("no score", "", "", "t1", f"m{n}", f"reason {n}") for n in range(3)]
    gaps += [("no value", "", f"proxy{n}", "t1", "m", "none") for n in range(20)]
    gaps = pd.DataFrame(gaps, columns=GAP_COLUMNS)
    unsure = Page(page_text("finished", noise=noise, gaps=gaps))
    assert "what seeds alone cost is not known" in unsure.text
    assert "not known of this run" in unsure.text
    assert "Missing: m0: no score on t1 (reason 0)." in unsure.text
    assert "13 more are missing: tables/gaps.csv has all." in unsure.text


def test_links_are_relative_and_named_as_in_the_report(page):
    links = [link for link in page.links if not link.startswith(("#", "data:"))]
    assert {
        "figures/regret/linear.svg",
        "figures/regret/linear.pdf",
        "tables/headline.html",
        "tables/a%20name%3F.csv",
    } <= set(links)
    assert not [link for link in links if link.startswith("/") or ":" in link]
    titles = [text for _, text in page.headings]
    menu = titles[titles.index("Figures and tables") + 1 :][:3]
    assert menu == ["Headline", "Regret by strategy", "Tables as files"]


def test_text_of_the_user_is_text():
    text = page_text()
    assert "<m>" not in text
    assert "<i>" not in text
    assert "<expert>" not in text


def test_a_page_has_room_for_some_strategies_only():
    names = [f"s{n:02d}" for n in range(30)]
    table = pd.DataFrame(
        {
            "pool": "all",
            "strategy": [*names, "random"],
            "budget": 1,
            "mean_relative_regret": [*range(30, 0, -1), 99],
        }
    )
    assert strategies_on_page(table, ["random", *names[:5], "gone"], 1) == ["random", *names[:5]]
    kept = strategies_on_page(table, ["random", *names], 1)
    assert kept == ["random", *names[-19:]]
