"""What claims rest on, in words and as a page."""

import numpy as np
import pandas as pd

from needle.pages.claims import claims, claims_page, claims_text, hidden_cells, static_cells
from needle.regret.hidden_models import BEST, FAMILY, HIDDEN_COLUMNS, MODEL, NOTHING
from needle.regret.level_pools import LEVEL_POOL_COLUMNS
from needle.regret.staticness import STATICNESS_COLUMNS

NAN = np.nan
MODELS = pd.DataFrame(
    {"model": ["a", "b", "c"], "family": ["convnet", "<mlp>", NAN]}, index=["a", "b", "c"]
)
STATIC = pd.DataFrame(
    [
        ("all", 1, 8, 3, 0.541, 0.125, "b", 0.0678, "nearest-tasks", 0.0621),
        ("all", 2, 8, 3, 0.541, 0.125, "b;a", 0.01, "", NAN),
        ("all/level", 1, 8, 2, NAN, NAN, "a", 0.02, "linear", 0.03),
    ],
    columns=STATICNESS_COLUMNS,
)
LEVEL = pd.DataFrame(
    [
        ("all/level", 8, "a", "convnet", 0.7, ""),
        ("all/level", 8, "b", "<mlp>", 0.71, ""),
        ("few/level", 8, "", "", NAN, "no other model is within 5 points of the best"),
    ],
    columns=LEVEL_POOL_COLUMNS,
)
HIDDEN = pd.DataFrame(
    [
        ("all", "learned", 1, hidden, 1, 8, mean, 0.01, 0.2, NAN, NAN, NAN)
        for hidden, mean in ((NOTHING, 0.062), (MODEL, 0.07), (FAMILY, 0.1), (BEST, 0.111))
    ],
    columns=HIDDEN_COLUMNS,
)
LABELS = {"all": "ALL", "few": "FEW", "all/level": "ALL, level", "few/level": "FEW, level"}
MEMBERS = {"all": ["a", "b", "c"], "all/level": ["a", "b"], "few": ["a"]}


def parts():
    return claims(LABELS, MODELS, MEMBERS, STATIC, LEVEL, HIDDEN)


def test_pools_in_words():
    said = {label: lines for label, lines, _ in parts()}
    assert said["ALL"] == [
        "3 models of 2 families (convnet 1, <mlp> 1, unknown 1) on 8 tasks.",
        "The models' means explain 54% of the variance of fine-tuning within tasks; chance alone "
        "would give 12%.",
    ]
    assert said["ALL, level"] == [
        "2 models of 2 families (convnet 1, <mlp> 1) on 8 tasks.",
        "No model is hidden: no strategy of the run learns from other tasks.",
    ]
    assert said["FEW, level"] == [
        "There is no level pool: no other model is within 5 points of the best."
    ]


def test_families_that_are_not_known_are_not_counted():
    unknown = MODELS.assign(family=NAN)
    ((_, lines, _), *_) = claims(LABELS, unknown, MEMBERS, STATIC, LEVEL, HIDDEN)
    assert lines[0] == "3 models of unknown families on 8 tasks."
    alike = MODELS.assign(family="mlp")
    ((_, lines, _), *_) = claims(LABELS, alike, MEMBERS, STATIC, LEVEL, HIDDEN)
    assert lines[0] == "3 models of 1 family (mlp 3) on 8 tasks."


def test_a_pool_that_is_too_large_for_hiding_says_so():
    large = STATIC.assign(models=400)
    ((_, lines, _), *_) = claims(LABELS, MODELS, MEMBERS, large, LEVEL, HIDDEN.iloc[:0])
    assert lines[-1] == "No model is hidden: 3,200 pairs of model and task are more than 2,000."


def test_a_pool_of_one_model_has_nothing_to_choose():
    single = STATIC.assign(models=1)
    ((_, lines, _), *_) = claims(LABELS, MODELS, MEMBERS, single, LEVEL, HIDDEN.iloc[:0])
    assert lines[-1] == "No model is hidden: there is nothing to choose."


def test_cells():
    cells = static_cells(STATIC[STATIC["pool"] == "all"])
    assert cells.to_numpy().tolist() == [
        ["1", "b", "6.8", "Nearest tasks: 6.2"],
        ["2", "a", "1.0", ""],
    ]
    table = hidden_cells(HIDDEN)
    assert table.to_numpy().tolist() == [
        ["learned", "6.2 [1.0, 20.0]", "7.0 [1.0, 20.0]", "10.0 [1.0, 20.0]", "11.1 [1.0, 20.0]"]
    ]
    without = hidden_cells(HIDDEN[HIDDEN["hidden"] != FAMILY])
    assert len(without.columns) == 4


def test_text_and_page():
    text, page = claims_text(parts()), claims_page(parts())
    assert max(map(len, text.splitlines())) <= 100
    assert text.index("\nALL\n===") < text.index("ALL, level") < text.index("FEW, level")
    assert "B = 1: with models hidden" in text
    assert "&lt;mlp&gt; 1" in page
    assert "<mlp>" not in page
    assert page.count("<table") == 3
