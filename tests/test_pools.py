"""Pools: conditions on metadata, and the pools that no measurement can fill."""

import pytest

from needle.errors import NeedleError
from needle.pools import check_pools, select

MODELS = {
    "small": {"params": 3, "tags": ["expert"], "reference_accuracy": None},
    "large": {"params": 9, "tags": ["generalist", "wide"], "reference_accuracy": 0.8},
    "other": {"params": 9, "tags": [], "reference_accuracy": float("nan")},
}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({}, ["small", "large", "other"]),
        ({"params": {"max": 3}}, ["small"]),
        ({"params": {"min": 4, "max": 9}}, ["large", "other"]),
        ({"tags": {"any": ["expert", "wide"]}}, ["small", "large"]),
        ({"tags": {"none": ["expert"]}}, ["large", "other"]),
        ({"reference_accuracy": {"known": True}}, ["large"]),
        ({"reference_accuracy": {"known": False}}, ["small", "other"]),
        ({"reference_accuracy": {"min": 0.1}}, ["large"]),
        ({"tags": {"any": ["expert"]}, "params": {"min": 4}}, []),
    ],
)
def test_select(where, expected):
    assert select(MODELS, where) == expected


def test_a_pool_that_stays_empty_is_refused_before_any_work():
    cards = {"a": {"tags": ["expert"]}, "b": {"tags": []}}
    check_pools({"fine": {"where": {"tags": {"any": ["expert"]}}}}, cards)
    with pytest.raises(NeedleError, match=r"pools\.typo\.where: selects no model"):
        check_pools({"typo": {"where": {"tags": {"any": ["exprt"]}}}}, cards)


def test_what_is_measured_later_may_still_fill_a_pool():
    check_pools({"small": {"where": {"params": {"max": 1}}}}, {"a": {"tags": []}})
