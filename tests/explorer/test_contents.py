"""What the page shows of the small store, by hand."""

import json

import pytest

from explorer.drawn_store import HOSTILE, lab, paper, store
from needle.explorer.contents import contents_of, identities
from needle.explorer.regrets import regrets_of

BOOTSTRAP = 50, 0.9, 0


@pytest.fixture(scope="module")
def contents():
    return contents_of(store(), *BOOTSTRAP)


def results(contents):
    """The results by ids of protocol, task and model."""
    table = contents["results"]
    keys = zip(*(
        [contents[kind][place]["id"] for place in table[column]]
        for kind, column in (("protocols", "protocol"), ("tasks", "task"), ("models", "model"))
    ), strict=True)  # fmt: skip
    return dict(zip(keys, zip(table["value"], table["repeats"], strict=True), strict=True))


def test_the_same_is_found_by_its_hash_and_never_by_its_name():
    models, places = identities(store(), "models")
    assert [(name, identity) for name, identity, _, _ in models] == [
        ("a", "lab/a"), ("b", "lab/b"), (HOSTILE, f"lab/{HOSTILE}"), ("b", "paper/b")
    ]  # fmt: skip
    assert places["paper", "a-renamed"] == places["lab", "a"]
    assert places["paper", "b"] != places["lab", "b"]
    assert [entry.name for entry in models[0][3]] == ["lab", "paper"]


def test_results_by_hand(contents):
    assert results(contents) == {
        ("lab/own", "lab/t1", "lab/a"): (0.8, 3),
        ("lab/own", "lab/t1", "lab/b"): (0.7, 3),
        ("lab/own", "lab/t1", f"lab/{HOSTILE}"): (0.9, 3),
        ("lab/own", "lab/t2", "lab/a"): (0.6, 3),
        ("lab/own", "lab/t2", "lab/b"): (0.5, 3),
        ("lab/own", "lab/t2", f"lab/{HOSTILE}"): (0.4, 3),
        ("paper/own", "lab/t1", "lab/a"): (0.5, 1),
        ("paper/own", "lab/t1", "paper/b"): (0.75, 1),
    }


def test_protocols_that_nobody_knows_are_never_the_same(contents):
    unknown = [entry for name in "xy" for entry in [paper()]]
    for name, entry in zip("xy", unknown, strict=True):
        object.__setattr__(entry, "name", name)
    assert len(identities(unknown, "protocols")[0]) == 2
    assert [each["kind"] for each in contents["protocols"]] == ["own", "published"]


def test_it_is_json_whatever_is_missing(contents):
    assert json.loads(json.dumps(contents, allow_nan=False)) == contents


def test_regret_by_hand():
    """Linear picks b on the first task (.7 where .9 is best), c on the second (.4 where .6 is)."""
    table = regrets_of(lab(), "own", *BOOTSTRAP)
    mean = table.set_index(["strategy", "budget"])["mean_relative_regret"]
    assert mean["linear", 1] == pytest.approx((0.2 / 0.3 + 0.2 / 0.6) / 2)
    # With a as the second pick: .8 of .9, and .6.
    assert mean["linear", 2] == pytest.approx((0.1 / 0.2 + 0) / 2)
    assert mean["linear", 3] == 0


def test_regrets_on_the_page(contents):
    mine, theirs = contents["regrets"]
    assert (mine["entry"], mine["protocol"], mine["tasks"]) == ("lab", "own", 2)
    kinds = {each["name"]: each["kind"] for each in mine["strategies"]}
    assert kinds["linear"] == ""
    assert kinds["oracle-average"] == "oracle"
    assert kinds["random"] == "random"
    linear = next(each for each in mine["strategies"] if each["name"] == "linear")
    assert linear["mean_relative_regret"] == [0.5, 0.25, 0]
    assert linear["ranked"] == [2, 2, 2]
    assert theirs["entry"] == "paper"


def test_there_is_no_regret_where_there_is_nothing_to_choose():
    entry = lab()
    alone = entry.rows[entry.rows["model"] == "a"]
    object.__setattr__(entry, "rows", alone)
    assert regrets_of(entry, "own", *BOOTSTRAP) is None
