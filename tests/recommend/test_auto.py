"""The strategy that what is known allows."""

import pytest

from needle.recommend.auto import choose_strategy, head_proxy
from needle.strategies.registry import practical, strategies

PROXIES = ["knn", "linear_scaled"]
KNOWN, ONE, THIN = {"a": 2, "b": 5, "c": 0}, {"a": 9, "b": 1}, {"a": 1, "b": 1}


@pytest.mark.parametrize(
    ("known", "budget", "taken"),
    [
        (KNOWN, 1, "prior"), (KNOWN, 2, "prior"), (KNOWN, 3, "portfolio"),
        (ONE, 1, "hybrid-linear_scaled"), (THIN, 3, "hybrid-linear_scaled"),
        ({}, 2, "hybrid-linear_scaled"),
    ],
)  # fmt: skip
def test_the_measured_rule(known, budget, taken):
    strategy, reason = choose_strategy("auto", PROXIES, known, budget, True)
    assert strategy == taken
    assert strategy in practical(PROXIES)
    enough = sum(count >= 2 for count in known.values())
    assert reason.startswith(f"results on 2 other tasks or more are known of {enough} models")


def test_without_a_task_agnostic_pick_there_is_no_hybrid():
    strategy, reason = choose_strategy("auto", PROXIES, THIN, 3, False)
    assert strategy == "linear_scaled"
    assert "upstream" in reason
    assert choose_strategy("auto", PROXIES, KNOWN, 1, False)[0] == "prior"


def test_what_is_asked_for_is_taken():
    assert choose_strategy("knn", PROXIES, KNOWN, 1, True) == ("knn", "")


def test_the_frozen_candidate_is_that_of_the_proxy():
    searches = strategies(PROXIES)
    assert head_proxy("hybrid-knn", PROXIES, searches) == "knn"
    assert head_proxy("auto", PROXIES, searches) == "linear_scaled"
    assert head_proxy("task-agnostic", PROXIES, searches) == "knn"
