"""Accuracies with intervals, by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples import one
from needle.explorer.results import RESULT_COLUMNS, result_table

COLUMNS = ["protocol", "task", "model", "score", "repeat", "value", "seconds", "device"]
BOOTSTRAP = 200, 0.9, 0


def table_of(*rows):
    return result_table(pd.DataFrame(rows, columns=COLUMNS), *BOOTSTRAP)


def test_median_ends_seconds_and_devices_by_hand():
    rows = [
        ("p", "t", "m", "finetune", 0, 0.5, 4.0, "cpu"),
        ("p", "t", "m", "finetune", 1, 0.9, 6.0, "cuda"),
        ("p", "t", "m", "finetune", 2, 0.6, np.nan, ""),
        ("p", "t", "other", "finetune", 0, 0.3, np.nan, ""),
        ("p", "t", "m", "linear", 0, 0.99, 1.0, "cpu"),
    ]
    table = table_of(*rows)
    assert list(table) == RESULT_COLUMNS
    mine, other = one(table, model="m"), one(table, model="other")
    assert mine["value"] == 0.6
    # Medians of three draws are one of the three: each end has 7 of 27.
    assert (mine["low"], mine["high"]) == (0.5, 0.9)
    assert (mine["repeats"], mine["seconds"], mine["device"]) == (3, 5.0, "cpu, cuda")
    assert (other["value"], other["repeats"], other["device"]) == (0.3, 1, "")
    assert np.isnan(other[["low", "high", "seconds"]].astype(float)).all()


def test_what_two_entries_say_alike_counts_once():
    row = ("p", "t", "m", "finetune", 0, 0.5, 1.0, "cpu")
    assert one(table_of(row, row), model="m")["repeats"] == 1
    differs = (*row[:5], 0.7, *row[6:])
    mine = one(table_of(row, row, differs), model="m")
    assert (mine["repeats"], mine["value"]) == (2, pytest.approx(0.6))


def test_protocols_and_tasks_are_kept_apart():
    table = table_of(
        ("p", "t", "m", "finetune", 0, 0.5, 1.0, ""),
        ("q", "t", "m", "finetune", 0, 0.7, 1.0, ""),
        ("p", "u", "m", "finetune", 0, 0.9, 1.0, ""),
    )
    assert one(table, protocol="q")["value"] == 0.7
    assert one(table, task="u")["value"] == 0.9


values = st.lists(st.integers(0, 100).map(lambda percent: percent / 100), min_size=2, max_size=6)


@given(st.dictionaries(st.sampled_from("abcd"), values, min_size=1))
def test_an_interval_holds_the_median_and_lies_within_the_repeats(repeats):
    rows = [
        ("p", "t", model, "finetune", repeat, value, np.nan, "")
        for model, mine in repeats.items()
        for repeat, value in enumerate(mine)
    ]
    table = table_of(*rows)
    for model, mine in repeats.items():
        row = one(table, model=model)
        assert row["value"] == np.median(mine)
        assert min(mine) <= row["low"] <= row["high"] <= max(mine)
        assert row["low"] <= row["value"] <= row["high"]
