"""What is known of a pool from a store: models and tasks by content, or else by name."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needle.scores.columns import MODEL_COLUMNS
from needle.store.identity import same_as
from needle.store.recall import known_tasks, recall
from stored import SHA, entry


def results(known):
    table = known.scores["finetune"]
    return {
        (task, model): value
        for task, row in table.iterrows()
        for model, value in row.items()
        if not np.isnan(value)
    }


def test_models_are_found_by_their_weights_whatever_their_name():
    (known,), found_by = recall([entry()], {"mine": SHA["a"], "other": None}, {"data": None})
    assert found_by == {"mine": "weights"}
    assert results(known) == pytest.approx(
        {("t1", "mine"): 0.275, ("t1", "org/b"): 0.75, ("t2", "org/b"): 1.0}
    )
    assert known.scores["logme"].loc["t1", "mine"] == -3.0
    assert list(known.models.columns) == MODEL_COLUMNS
    assert known.models.loc["mine", "params"] == 3
    assert known.models.loc["mine", "tags"] == ["small"]


def test_else_by_name_and_that_is_said():
    """Also where the weights are known to be others: trained anew, a model keeps its name."""
    _, found_by = recall([entry()], {"a": None, "org/b": "f" * 64}, {})
    assert found_by == {"a": "name", "org/b": "name"}


def test_a_name_whose_content_is_another_model_of_the_pool_is_left_out():
    (known,), found_by = recall([entry()], {"a": SHA["org/b"]}, {})
    assert found_by == {"a": "weights"}
    assert results(known) == {("t1", "a"): 0.75, ("t2", "a"): 1.0}


def test_the_task_at_hand_is_hidden_by_its_content():
    (known,), _ = recall([entry()], {"a": None, "org/b": None}, {"data": SHA["t1"]})
    assert set(results(known.before("data"))) == {("t2", "org/b")}
    hidden = recall([entry()], {"org/b": None}, {"data": SHA["t1"]}, ["data"])
    assert results(hidden[0][0]) == {("t2", "org/b"): 1.0}


def test_and_by_names_that_it_may_have():
    (known,), _ = recall([entry()], {"org/b": None}, {"data": None}, ["data", "t1"])
    assert results(known) == {("t2", "org/b"): 1.0}


def test_a_copy_of_the_task_under_another_name_is_no_other_task():
    tasks = entry().tasks
    copies = entry(tasks=tasks | {"t2": tasks["t2"] | {"sha256": SHA["t1"]}})
    assert recall([copies], {"org/b": None}, {"data": SHA["t1"]}, ["data"]) == ([], {})


def test_an_entry_that_knows_no_model_of_the_pool_says_nothing():
    assert recall([entry()], {"c": SHA["c"]}, {"data": None}) == ([], {})


def test_results_under_another_protocol_are_not_those_of_the_run():
    (known,), _ = recall([entry()], {"a": None}, {})
    assert 0.5 not in results(known).values()


def test_task_embeddings_count_where_the_same_network_made_them():
    embeddings = {"t1": ("p" * 64, np.ones(2)), "t2": ("q" * 64, np.ones(2))}
    (known,), _ = recall([entry(task_embeddings=embeddings)], {"a": None}, {}, probes=["p" * 64])
    assert list(known.task_embeddings) == ["t1"]


def test_tasks_are_counted_over_entries():
    earlier, found_by = recall(
        [entry("first"), entry("second")], {"a": SHA["a"], "org/b": None, "c": None}, {}
    )
    assert known_tasks(earlier, ["a", "org/b", "c"]) == {"a": 2, "org/b": 4, "c": 0}
    assert found_by == {"a": "weights", "org/b": "name"}


names = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from([None, "1", "2", "3"]))


@given(names, names)
def test_what_is_the_same_is_one_to_one(ours, theirs):
    found = same_as(ours, theirs)
    mine = [name for name, _ in found.values()]
    assert len(set(mine)) == len(mine)
    for name, (own, by) in found.items():
        same = theirs[name] is not None and theirs[name] == ours[own]
        assert by == "weights" if same and by == "weights" else name == own
