"""Which candidate is chosen, each case by hand, and what the table says of all."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needle.base.errors import NeedleError
from needle.recommend.answer.candidates import (
    FROZEN,
    KINDS,
    SOUP,
    TUNED,
    Candidate,
    all_candidates,
    best_run,
)
from needle.recommend.answer.choose import judged, speed_of

LABELS = np.zeros(20, int)
LEVEL = 0.95


def right_on(first, count):
    """Probabilities of a model that is right on `count` of 20 examples, from the first on."""
    right = np.isin(np.arange(20), np.arange(first, first + count))
    return np.where(right[:, None], [0.8, 0.2], [0.3, 0.7])


def single(kind, model, count, first=0, **others):
    return Candidate(kind, (model,), None if count is None else right_on(first, count), **others)


def table_of(candidates, **others):
    return judged(candidates, LABELS, "accuracy", LEVEL, 1, **others)


def chosen(candidates):
    table = table_of(candidates)
    assert table["chosen"].sum() == 1
    return table.loc[table["chosen"], "candidate"].item()


def test_the_simplest_within_noise_of_the_best_is_chosen():
    """McNemar's test by hand: 5 to 0 is p = 2 / 2**5 = .0625, 6 to 0 is .03125."""
    frozen, soup = single(FROZEN, "a", 14), single(SOUP, "a", 20)
    near, far = single(TUNED, "a", 15), single(TUNED, "a", 14)
    assert chosen([frozen, near, soup]) == "fine-tuned:a"
    assert chosen([frozen, far, soup]) == "soup:a"
    assert chosen([single(FROZEN, "a", 15), near, soup]) == "frozen:a"
    table = table_of([frozen, near, soup])
    assert table["p_value"].tolist()[:2] == [2 / 2**6, 2 / 2**5]
    assert math.isnan(table["p_value"][2])


def test_of_one_kind_the_best_on_val_is_chosen_and_the_first_of_those_that_are_level():
    assert chosen([single(TUNED, "a", 15), single(TUNED, "b", 17)]) == "fine-tuned:b"
    assert chosen([single(TUNED, "a", 17), single(TUNED, "b", 17)]) == "fine-tuned:a"
    assert chosen([single(FROZEN, "b", 17), single(FROZEN, "a", 17, first=1)]) == "frozen:b"


def test_what_diverged_is_listed_and_never_chosen():
    table = table_of([single(FROZEN, "a", 3), single(TUNED, "a", None, seconds=4.0)])
    assert table["chosen"].tolist() == [True, False]
    assert table["diverged"].tolist() == [False, True]
    empty = ["learning_rate", "repeat", "val_accuracy", "low", "high", "p_value", "temperature"]
    assert table.loc[1, empty].isna().all()
    assert table.loc[1, "seconds"] == 4.0


def test_the_columns_by_hand():
    run = {"learning_rate": 0.01, "repeat": 1}
    tuned = single(TUNED, "a", 18, seconds=2.5, run=run, temperature=2.0)
    table = table_of([tuned])
    assert table.columns.tolist() == [
        "candidate", "kind", "models", "weights", "members", "learning_rate", "repeat",
        "val_accuracy", "low", "high", "images", "p_value", "temperature", "seconds",
        "milliseconds", "pictures_per_second", "inference_mb", "diverged", "chosen"]  # fmt: skip
    row = table.iloc[0]
    assert row[["candidate", "models", "members", "weights"]].tolist() == [
        "fine-tuned:a", "a", "fine-tuned:a", "1.0"]  # fmt: skip
    assert row[["learning_rate", "repeat", "val_accuracy", "images"]].tolist() == [0.01, 1, 0.9, 20]
    # Wilson's interval by hand: z = 1.96, n = 20, 18 right.
    z = 1.959964
    middle, half = (0.9 + z**2 / 40) / (1 + z**2 / 20), z * math.sqrt(0.09 / 20 + z**2 / 1600)
    half /= 1 + z**2 / 20
    assert row[["low", "high"]].tolist() == pytest.approx([middle - half, middle + half], abs=1e-6)
    assert row[["temperature", "seconds"]].tolist() == [2.0, 2.5]
    assert row[["milliseconds", "pictures_per_second", "inference_mb"]].isna().all()


def test_the_metric_decides_and_is_of_calibrated_probabilities():
    """The lazy model is right on 8 of 10, and balanced on half."""
    labels = np.array([0] * 8 + [1, 1])
    lazy = Candidate(TUNED, ("lazy",), np.tile([0.6, 0.4], (10, 1)))
    keen = Candidate(TUNED, ("keen",), np.array([[0.9, 0.1]] * 4 + [[0.1, 0.9]] * 6))
    for metric, name, value in (("accuracy", "lazy", 0.8), ("balanced_accuracy", "keen", 0.75)):
        table = judged([lazy, keen], labels, metric, 0.2, 1).set_index("candidate")
        assert table.index[table["chosen"]].tolist() == [f"fine-tuned:{name}"]
        assert table.loc[f"fine-tuned:{name}", f"val_{metric}"] == value
    cooler = Candidate(TUNED, ("lazy",), lazy.on_val, temperature=0.5)
    table = judged([cooler], labels, "log_loss", 0.95, 1)
    right = 0.6**2 / (0.6**2 + 0.4**2)
    expected = -(8 * math.log(right) + 2 * math.log(1 - right)) / 10
    assert table["val_log_loss"].item() == pytest.approx(expected)


def test_what_a_picture_costs_is_the_sum_over_members():
    speed = pd.DataFrame(
        {"milliseconds": [5.0, 7.5], "pictures_per_second": [300.0, 150.0],
         "inference_mb": [100.0, 150.0]}, ["a", "b"])  # fmt: skip
    both = Candidate("ensemble", ("a", "b", "a"), right_on(0, 18),
                     members={"frozen:a": 0.5, "frozen:b": 0.25, "soup:a": 0.25})  # fmt: skip
    row = table_of([both], speed=speed).iloc[0]
    assert row[["milliseconds", "inference_mb"]].tolist() == [17.5, 350.0]
    assert row["pictures_per_second"] == pytest.approx(75)
    assert row[["models", "weights"]].tolist() == ["a;b;a", "0.5;0.25;0.25"]
    unknown = speed.drop(index="b")
    columns = ["milliseconds", "pictures_per_second", "inference_mb"]
    assert table_of([both], speed=unknown)[columns].isna().all(axis=None)
    assert speed_of(pd.DataFrame({"model": ["a"], "params": [1]})) is None
    pd.testing.assert_frame_equal(
        speed_of(speed.rename_axis("model").reset_index().assign(rank=1)), speed,
        check_names=False,
    )  # fmt: skip


counts = st.integers(5, 20)
somebody = st.builds(
    single, st.sampled_from([FROZEN, TUNED, SOUP]), st.just("m"), counts, st.integers(0, 5)
)


@given(st.lists(somebody, min_size=1, max_size=5))
def test_no_simpler_one_is_as_good_and_the_chosen_is_within_noise(found):
    named = {each.name: each for each in found}  # one of each kind
    candidates = sorted(named.values(), key=lambda each: KINDS.index(each.kind))
    table = table_of(candidates)
    place = table["chosen"].argmax()
    assert not table["p_value"][place] < 1 - LEVEL
    assert (table["p_value"][:place] < 1 - LEVEL).all()


def fine_tuned(accuracies):
    """Runs with two learning rates for each repeat; NaN diverged."""
    return pd.DataFrame(
        {
            "repeat": [number // 2 for number in range(len(accuracies))],
            "learning_rate": [0.1, 0.01] * (len(accuracies) // 2),
            "val_accuracy": accuracies,
            "val_log_loss": [3.0, 2.0] * (len(accuracies) // 2),
            "diverged": np.isnan(accuracies),
        }
    )


def test_a_pick_counts_by_its_best_run_and_the_first_of_those_that_are_level():
    runs = fine_tuned([0.5, 0.9, 0.8, 0.9])
    assert best_run(runs, "val_accuracy", "accuracy") == {"learning_rate": 0.01, "repeat": 0}
    assert best_run(runs[::2], "val_accuracy", "accuracy") == {"learning_rate": 0.1, "repeat": 1}
    assert best_run(runs, "val_log_loss", "log_loss") == {"learning_rate": 0.01, "repeat": 0}
    assert best_run(fine_tuned([math.nan] * 2), "val_accuracy", "accuracy") == {}


def test_all_are_calibrated_and_ordered_by_simplicity():
    soup, frozen = single(SOUP, "a", 12), single(FROZEN, "b", 11)
    tuned, diverged = single(TUNED, "a", 10, first=9), single(TUNED, "b", None)
    found = all_candidates([soup, frozen, tuned, diverged], LABELS, "log_loss")
    names = [each.name for each in found]
    assert names == ["frozen:b", "fine-tuned:a", "fine-tuned:b", "soup:a", "ensemble"]
    ensemble = found[-1]
    assert set(ensemble.members) <= {"frozen:b", "fine-tuned:a", "soup:a"}
    expected = sum(
        weight * each.on_val
        for each in found
        for name, weight in ensemble.members.items()
        if name == each.name
    )
    np.testing.assert_allclose(ensemble.on_val, expected)
    for each in found[:2]:
        # One confidence for all, so it becomes the share that is right, by the rule of succession.
        right = (each.on_val[:, 0] > 0.5).sum()
        assert each.temperature > 1 or right > 14
    assert found[2].temperature == 1.0


def test_one_model_alone_makes_no_ensemble():
    found = all_candidates([single(FROZEN, "a", 18), single(TUNED, "a", None)], LABELS, "accuracy")
    assert [each.name for each in found] == ["frozen:a", "fine-tuned:a"]


def test_nothing_to_choose_from_says_what_to_do():
    with pytest.raises(NeedleError, match=r"of a, b diverged; lower finetune: learning_rates"):
        all_candidates([single(TUNED, "a", None), single(TUNED, "b", None)], LABELS, "accuracy")
