"""Search in rounds: which pictures, which models, and what is said of those that are dropped."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needle.recommend.intervals import wilson
from needle.recommend.rounds import (
    draw_rounds,
    dropped_reasons,
    examples_of,
    first_anyway,
    judge,
    places_of,
    rounds_words,
    stratified_order,
    with_rounds,
)
from needle.strategies.registry import practical

LABELS = st.lists(st.integers(0, 4), min_size=4, max_size=80).map(np.array)
SCORES = st.lists(st.sampled_from([0.0, 0.2, 0.4, 0.5, 0.6, 0.9, 1.0, np.nan]), min_size=1)


@given(LABELS, st.integers(0, 2**32), st.data())
def test_every_beginning_of_the_order_is_stratified(labels, seed, data):
    order = stratified_order(labels, np.random.default_rng(seed))
    assert sorted(order) == list(range(len(labels)))
    some = np.bincount(labels[order[: data.draw(st.integers(0, len(labels)))]], minlength=5)
    sizes = np.bincount(labels, minlength=5)
    for one in np.flatnonzero(sizes):
        for other in np.flatnonzero(sizes):
            apart = abs(some[one] / sizes[one] - some[other] / sizes[other])
            assert apart <= max(1 / sizes[one], 1 / sizes[other]) + 1e-12


@given(LABELS, LABELS, st.lists(st.integers(2, 170), unique=True).map(sorted), st.integers(0, 99))
def test_rounds_are_nested_and_grow_in_both_splits(train, val, counts, seed):
    rounds = draw_rounds({"train": train, "val": val}, counts, seed)
    sizes = [sum(map(len, part.values())) for part in rounds]
    assert set(sizes) <= set(counts)
    whole = {"train": np.arange(len(train)), "val": np.arange(len(val))}
    for few, more in zip(rounds, [*rounds, whole][1:], strict=False):
        for split in ("train", "val"):
            assert set(few[split]) < set(more[split])
            assert few[split].tolist() == sorted(few[split])


def test_the_seed_alone_draws():
    labels = {"train": np.arange(800) % 7, "val": np.arange(200) % 7}
    one, same, other = (draw_rounds(labels, [250], seed)[0]["val"].tolist() for seed in (1, 1, 2))
    assert one == same != other


def test_data_with_no_more_pictures_than_a_round_have_none():
    labels = {"train": np.zeros(200, int), "val": np.zeros(50, int)}
    assert draw_rounds(labels, [250, 500], 1) == []


@given(SCORES, st.integers(1, 200), st.integers(1, 5), st.floats(0.01, 0.99), st.data())
def test_none_whose_interval_reaches_the_cut_is_dropped(values, examples, places, level, data):
    scores = pd.Series(values, [f"m{number}" for number in range(len(values))])
    kept = data.draw(st.sets(st.sampled_from(list(scores.index))))
    table = judge(scores, examples, places, level, kept)
    known = sorted(scores.dropna(), reverse=True)
    cut = known[min(places, len(known)) - 1] if known else np.nan
    for model, row in table.iterrows():
        if np.isnan(row["value"]) or model in kept or row["value"] >= cut:
            assert row["goes_on"]
        else:
            _, high = wilson(round(row["value"] * examples), examples, level)
            assert row["goes_on"] == (high >= cut)
    assert table["goes_on"].sum() >= min(places, len(scores))


def test_a_round_by_hand():
    """Of 50: 40 right are 67.0 to 88.8 %, 35 are 56.2 to 80.9 % and 20 are 27.6 to 53.8 %."""
    scores = pd.Series({"a": 0.9, "b": 0.8, "c": 0.7, "d": 0.4})
    table = judge(scores, 50, 2, 0.95)
    assert table.loc["c", ["low", "high"]].tolist() == pytest.approx([0.5625, 0.8090], abs=1e-4)
    assert table["cut"].unique().tolist() == [0.8]
    assert table["goes_on"].tolist() == [True, True, True, False]
    assert judge(scores, 50, 2, 0.95, kept=["d"])["goes_on"].all()


def test_a_model_without_a_score_is_not_dropped_by_it():
    table = judge(pd.Series({"a": 0.9, "b": np.nan, "c": 0.1}), 100, 1, 0.95)
    assert table["goes_on"].tolist() == [True, True, False]


def test_places_halve_down_to_the_budget():
    assert [places_of(44, number) for number in (1, 2, 3)] == [22, 11, 6]
    assert [places_of(11, number, least=5) for number in (1, 2)] == [6, 5]


def test_what_a_score_was_measured_on():
    pictures = pd.DataFrame({"split": ["train"] * 8 + ["val"] * 2})
    folds = [np.arange(10) % 3 == number for number in (0, 1)]
    assert examples_of(pictures, [], {}) == 2
    assert examples_of(pictures, folds, {}) == 7
    assert examples_of(pictures, [], {"leave_one_out": True}) == 10


def test_the_first_pick_of_a_hybrid_is_never_dropped():
    models = pd.DataFrame(
        {"reference_accuracy": [0.5, 0.7], "upstream_examples": np.nan, "params": 1.0}, ["a", "b"]
    )
    searches = practical(["linear"])
    assert first_anyway("hybrid-linear", searches, models) == ["b"]
    assert first_anyway("auto", searches, models) == ["b"]
    assert first_anyway("linear", searches, models) == []


def rounds():
    """Of three models one is dropped in each round."""
    first = judge(pd.Series({"a": 0.9, "b": 0.8, "c": 0.1}), 50, 2, 0.95)
    second = judge(pd.Series({"a": 0.9, "b": 0.3}), 100, 1, 0.95)
    tables = [table.assign(pictures=n) for table, n in ((first, 250), (second, 500))]
    spent = {"embedding_seconds": 4.0, "proxy_seconds": 0.5}
    return [table.assign(**spent).rename_axis("model").reset_index() for table in tables]


def test_what_is_said_of_rounds():
    assert dropped_reasons(rounds(), "linear", 1000) == {
        "c": "dropped after 250 of 1,000 pictures: by Linear it has 10.0 % (4.3 to 21.4 %), which "
        "does not reach 80.0 %, the last with a place",
        "b": "dropped after 500 of 1,000 pictures: by Linear it has 30.0 % (21.9 to 39.6 %), "
        "which does not reach 90.0 %, the last with a place",
    }
    # 3 x 250 + 2 x 250 + 1 x 500 of 3 x 1000.
    assert rounds_words(rounds(), 1000) == (
        "Search went in rounds: 3 models with 250 pictures, 2 with 500, 1 with all 1,000: 58 % of "
        "all pictures."
    )
    assert rounds_words([], 1000) == ""


def test_seconds_are_those_of_all_rounds():
    assert with_rounds({"a": 10.0}, rounds()) == {"a": 11.0, "b": 5.0, "c": 4.5}
