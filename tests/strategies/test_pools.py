"""Pools: conditions on metadata, and the pools that no measurement can fill."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from needle.base.errors import NeedleError
from needle.strategies.pools import check_pools, pool_members, select, unmet

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


def test_a_pool_without_models_is_an_error(models):
    with pytest.raises(NeedleError, match=r"pools\.none\.where: selects no model"):
        pool_members(models, {"none": {"where": {"params": {"max": 1}}}})


def test_what_is_measured_later_may_still_fill_a_pool():
    check_pools({"small": {"where": {"params": {"max": 1}}}}, {"a": {"tags": []}})


ROW = {
    "params": 86_000_000,
    "upstream_examples": 1281167,
    "reference_accuracy": 0.62,
    "tags": ["expert", "small"],
    "license": "MIT",
    "upstream_dataset": None,
    "model": "vit.mae",
}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"params": {"max": 86_000_000, "min": 86_000_000}}, []),
        ({"params": {"max": 3e7}}, ["86,000,000 parameters, more than 30,000,000"]),
        ({"upstream_examples": {"min": 2_000_000}},
         ["1,281,167 upstream examples, fewer than 2,000,000"]),
        ({"reference_accuracy": {"min": 0.7}}, ["reference accuracy 0.62, less than 0.7"]),
        ({"reference_accuracy": {"known": False}}, ["reference accuracy 0.62 is known"]),
        ({"license": {"any": ["Apache-2.0", "BSD"]}},
         ["licence MIT is not one of Apache-2.0, BSD"]),
        ({"license": {"none": ["MIT", "BSD"]}}, ["licence MIT ruled out"]),
        ({"model": {"any": ["resnet"]}}, ["model vit.mae is not resnet"]),
        ({"tags": {"any": ["generalist", "wide"]}},
         ["tags expert, small: none of generalist, wide"]),
        ({"tags": {"none": ["wide", "expert"]}}, ["tags expert ruled out"]),
        ({"upstream_dataset": {"any": ["mix"], "known": True}}, ["no known upstream dataset"]),
        ({"upstream_dataset": {"known": False, "none": ["mix"]}}, []),
        ({"embedding_dim": {"max": 5}}, ["no known embedding dimension"]),
        ({"params": {"min": 9e7}, "license": {"any": ["BSD"]}, "tags": {"any": ["small"]}},
         ["86,000,000 parameters, fewer than 90,000,000", "licence MIT is not BSD"]),
    ],
)  # fmt: skip
def test_what_is_unmet_is_said_in_plain_words(where, expected):
    assert unmet(ROW, where) == expected


def test_a_model_without_tags_has_none_of_the_wanted():
    assert unmet({"tags": []}, {"tags": {"any": ["expert"]}}) == ["no tags"]


NUMBERS = st.integers(0, 9) | st.sampled_from([None, math.nan, 0.5])
BOUNDS = st.fixed_dictionaries(
    {}, optional={"min": st.integers(0, 9), "max": st.integers(0, 9), "known": st.booleans()}
)


@given(NUMBERS, BOUNDS)
def test_a_number_is_within_its_bounds_or_something_is_unmet(value, bounds):
    missing = value is None or math.isnan(value)
    meets = bounds.get("known", not missing) != missing
    if "min" in bounds or "max" in bounds:
        inside = not missing and bounds.get("min", 0) <= value <= bounds.get("max", 9)
        meets = meets and inside
    assert (not unmet({"params": value}, {"params": bounds})) == meets
