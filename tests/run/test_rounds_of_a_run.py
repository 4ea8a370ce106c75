"""Which searches go in rounds."""

import pytest

from needle.base.errors import NeedleError
from needle.run.rounds import rounds_of
from needle.run.run import Run

CONFIG = {"strategy": "auto"}


def run_of(models=11, kind="images", proxies=("linear", "logme")):
    cards = {f"m{number}": {"params": number} for number in range(models)}
    return Run("mine", kind, list(proxies), cards)


def test_a_pool_above_ten_is_searched_in_rounds_if_the_config_does_not_say():
    assert rounds_of(CONFIG, run_of(11)) == [250, 500]
    assert rounds_of(CONFIG, run_of(10)) == []
    assert rounds_of(CONFIG, run_of(11, kind="features")) == []
    assert rounds_of(CONFIG | {"rounds": []}, run_of(11)) == []
    assert rounds_of(CONFIG | {"rounds": [9]}, run_of(2)) == [9]


@pytest.mark.parametrize(
    ("more", "run", "message"),
    [
        ({"strategy": "task-agnostic"}, run_of(), "task-agnostic goes by no proxy"),
        ({"strategy": "logme"}, run_of(), "logme is no accuracy, so it has no interval"),
        ({"embedding": {"features": "attentive"}}, run_of(), "attentive features learn"),
        ({"where": {"milliseconds": {"max": 9}}}, run_of(), "where: milliseconds is known only"),
        ({}, run_of(kind="features"), "nothing is embedded"),
        ({"rounds": [500, 250]}, run_of(), "do not grow"),
    ],
)
def test_rounds_that_cannot_be_are_refused_only_where_they_are_asked_for(more, run, message):
    if "rounds" not in more:
        assert rounds_of(CONFIG | more, run) == []
    with pytest.raises(NeedleError, match=message):
        rounds_of(CONFIG | {"rounds": [250]} | more, run)


def test_conditions_on_what_cards_say_are_met_before():
    where = {"params": {"max": 5}, "model": {"none": ["m1"]}}
    assert rounds_of(CONFIG | {"where": where}, run_of()) == [250, 500]
