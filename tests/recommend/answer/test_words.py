"""What is said of the choice, each sentence by hand."""

import pandas as pd
import pytest

from needle.recommend.answer.words import (
    candidate_rows,
    certainty,
    no_frozen,
    payoff,
    what_to_do,
)
from recommended import LEVEL, candidates

MIX = "frozen:resnet10t.mix"


def plain(text):
    return text.replace("\xa0", " ")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (candidates(p_value={"frozen:resnet10t.glyph": 0.004}),
         "The choice is clear: on the same 200 validation images every other candidate is worse "
         "(paired test, p = 0.004)."),
        (candidates(p_value={"fine-tuned:resnet10t_wide.mix": 0.2}),
         "The difference to fine-tuned resnet10t_wide.mix is within the noise of the same 200 "
         "validation images (paired test, p = 0.2); of these the simplest was taken, and of "
         "equally simple ones the best on val."),
        (candidates(frozen=(160,), chosen=MIX, p_value={MIX: 0.31}),
         "Fine-tuned resnet10t.glyph did better on val (83.0 % against 80.0 %), but within the "
         "noise of the same 200 validation images (paired test, p = 0.31): the simplest that is as "
         "good was taken."),
        (candidates((166,), ()), "It was the only candidate, so"),
        (candidates((166, 0), (), diverged=(1,)), "Nothing else was trained to an end, so"),
    ],
)  # fmt: skip
def test_how_sure_the_choice_is(table, message):
    assert plain(certainty(table, LEVEL)).startswith(message)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (candidates(), "Fine-tuning paid: on val fine-tuned resnet10t.glyph 83.0 %, frozen "
         "resnet10t.mix with a tuned head 60.0 %."),
        (candidates(soup=170), "Fine-tuning paid: on val resnet10t.mix as a soup of its runs "
         "85.0 %, frozen resnet10t.mix with a tuned head 60.0 %."),
        (candidates(frozen=(110, 180)), "Fine-tuning did not pay: on val fine-tuned "
         "resnet10t.glyph 83.0 %, frozen resnet10t.glyph with a tuned head 90.0 %."),
        (candidates((0,), diverged=(0,)), "Fine-tuning did not pay: every run diverged."),
        (candidates(frozen=()), ""),
    ],
)  # fmt: skip
def test_whether_fine_tuning_paid(table, message):
    assert plain(payoff(table)) == message


def ensemble(members):
    row = candidates().iloc[[0]].assign(
        candidate="ensemble", kind="ensemble", models="a;b", members=members, weights="0.75;0.25",
        val_accuracy=0.95, chosen=True,
    )  # fmt: skip
    return pd.concat([candidates().assign(chosen=False), row], ignore_index=True)


def test_an_ensemble_of_frozen_models_is_no_fine_tuning():
    assert payoff(ensemble("frozen:a;frozen:b")).startswith("Fine-tuning did not pay")
    assert payoff(ensemble("frozen:a;soup:b")).startswith("Fine-tuning paid: on val the ensemble")


def test_where_nothing_was_fine_tuned_nothing_is_said_of_it():
    table = candidates()
    assert payoff(table[~table["kind"].isin(["fine-tuned", "soup"])].assign(chosen=True)) == ""


def test_what_each_candidate_is():
    rows = candidate_rows(ensemble("frozen:a;soup:b"))
    assert rows[0]["name"] == "Frozen resnet10t.mix with a tuned head"
    assert rows[2]["detail"] == "at learning rate 0.02"
    assert rows[-1]["name"] == "The ensemble"
    assert rows[-1]["detail"] == "0.75 × frozen a with a tuned head, 0.25 × b as a soup of its runs"
    assert (rows[3]["value"], rows[3]["p"], plain(rows[0]["p"])) == (0.83, "best", "p = 0.001")


def test_what_to_do():
    kinds = {"frozen": "Keep m frozen and train its head", "fine-tuned": "Fine-tune m",
             "soup": "Fine-tune m and average its runs", "ensemble": "Combine m"}  # fmt: skip
    assert {kind: what_to_do({"kind": kind, "models": "m"}) for kind in kinds} == kinds


def test_a_run_of_other_features_says_why_nothing_is_frozen():
    assert no_frozen({}) == no_frozen({"embedding": {"features": "last"}}) == ""
    assert "embedding.features is attentive" in no_frozen({"embedding": {"features": "attentive"}})
