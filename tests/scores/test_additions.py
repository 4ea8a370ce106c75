"""Which models joined a run after it was first finished."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from needle.base.errors import NeedleError
from needle.scores.additions import additions, write_additions


@pytest.fixture
def path(tmp_path):
    return tmp_path / "additions.csv"


def finish(path, models):
    """What a run with these models says at its end, and notes."""
    parts = additions(path, models)
    write_additions(path, parts)
    return parts


def test_who_joins_is_apart_until_the_next_ones_do(path):
    assert finish(path, ["b", "a"]) == [["b", "a"]]
    assert finish(path, ["b", "new", "a"]) == [["b", "a"], ["new"]]
    assert finish(path, ["b", "new", "a"]) == [["b", "a"], ["new"]]
    assert finish(path, ["z", "b", "new", "a", "y"]) == [["b", "a"], ["new"], ["z", "y"]]


def test_who_left_is_forgotten(path):
    finish(path, ["a", "b"])
    finish(path, ["a", "b", "c"])
    assert finish(path, ["b", "c"]) == [["b"], ["c"]]
    assert finish(path, ["b", "c", "a"]) == [["b"], ["c"], ["a"]]
    assert finish(path, ["b"]) == [["b"]]
    assert finish(path, ["d"]) == [["d"]]


def test_names_are_texts_whatever_they_look_like(path):
    odd = ["01", "1", "NA", "a,b", "naïve"]
    finish(path, odd[:2])
    assert finish(path, odd) == [odd[:2], odd[2:]]


@given(st.lists(st.lists(st.sampled_from("abcdef"), unique=True, min_size=1), min_size=1))
def test_every_model_has_one_part_and_asking_again_changes_nothing(tmp_path_factory, runs):
    path = tmp_path_factory.mktemp("run") / "additions.csv"
    for models in runs:
        parts = finish(path, models)
        assert sorted(model for part in parts for model in part) == sorted(models)
        assert all(parts)
        assert additions(path, models) == parts


@pytest.mark.parametrize("content", ["model,number\na,0\n", "model,addition\na,first\n"])
def test_another_table_is_refused(path, content):
    path.write_text(content)
    with pytest.raises(NeedleError, match="columns are not model, addition"):
        additions(path, ["a"])
