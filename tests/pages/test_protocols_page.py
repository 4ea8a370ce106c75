"""What the comparison of protocols says in words, and its page."""

import pandas as pd
import pytest

from examples import MEMBERS
from needle.pages.protocols import protocols_page, protocols_text, reading
from needle.tables.protocols import protocol_table, regrets_by_protocol
from two_protocols import beside

LABELS = {"all": "ALL <b>", "ab": "AB"}


def repeated(scores, times):
    """The same scores on more tasks."""
    tables = [scores.assign(task=scores["task"] + "." + str(number)) for number in range(times)]
    return pd.concat(tables, ignore_index=True)


def table(scores, models, times=1):
    both = repeated(beside(scores), times)
    regrets = regrets_by_protocol(both, models, MEMBERS, [1, 2])
    return protocol_table(both, None, MEMBERS, regrets, 50, 0.9, 0)


def of_all(rows):
    return rows[rows["pool"] == "all"]


def test_two_tasks_make_nothing_clear(scores, models):
    said = reading(of_all(table(scores, models)), 0.9)
    assert said[0].startswith(
        "With the model fixed, the accuracy under modern minus that under own"
    )
    assert "12.5 [" in said[0]
    assert said[0].endswith(", of too few tasks to be called clear.")
    assert said[-1] == (
        "1 accuracies are missing under modern: these models and tasks do not count in means and "
        "gains."
    )


def test_more_tasks_make_it_clear(scores, models):
    said = reading(of_all(table(scores, models, times=8)), 0.9)
    assert said[0].endswith(", which is clear.")
    assert "a 90% interval that excludes 0" in said[1]
    assert said[2].startswith("The best model is worth 6.3 [")
    assert "(seeds held out)" in said[2]
    assert said[3].startswith("8 accuracies are missing under modern")


@pytest.mark.parametrize("lay_out", [protocols_text, protocols_page])
def test_only_strategies_to_show_are_shown(scores, models, lay_out):
    shown = lay_out(table(scores, models), LABELS, ["linear", "random"], 0.9)
    assert "linear" in shown
    assert "hybrid-linear" not in shown
    assert "nan" not in shown
    assert "model minus protocol" in shown


def test_a_label_is_text(scores, models):
    assert "ALL &lt;b&gt;" in protocols_page(table(scores, models), LABELS, ["linear"], 0.9)
