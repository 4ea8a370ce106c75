"""The store that the repository ships: whole, what it was made of, and of use at once."""

import pandas as pd
import pytest

from needle.base.schema import read_yaml
from needle.scores.finished import read_score_file
from needle.scores.known import known_of
from needle.store.layout import ROW
from needle.store.reading import read_store
from needle.store.recall import known_tasks, recall
from needle.strategies.registry import strategies
from workflow import ROOT


@pytest.fixture(scope="module")
def shipped():
    return {entry.name: entry for entry in read_store(ROOT / "store")}


def test_it_holds_mini_and_the_published_runs(shipped):
    kinds = {name: entry.kind for name, entry in shipped.items()}
    published = ("haystack2021", "logme2022", "vtab2019")
    assert kinds == {"mini": "own", **dict.fromkeys(published, "published")}
    zoo = read_yaml(ROOT / "config/zoo/mini.yaml")["models"]
    assert set(shipped["mini"].models) == {card["name"] for card in zoo}
    assert shipped["mini"].protocols["own"]["keys"] == read_yaml(ROOT / "config.yaml")["finetune"]
    assert all(card["sha256"] for card in shipped["mini"].models.values())


@pytest.mark.parametrize("name", ["haystack2021", "logme2022", "vtab2019"])
def test_published_scores_are_those_of_their_tables(shipped, name):
    config = read_yaml(ROOT / f"config/published/{name}.yaml")
    table = pd.DataFrame(read_score_file(ROOT / config["scores_file"], config["unit"]))
    keys = [key for key in ROW if key != "protocol"]
    known = shipped[name].rows.set_index(keys)["value"].sort_index()
    pd.testing.assert_series_equal(known, table.set_index(keys)["value"].sort_index())
    assert shipped[name].run["source"] == config["published"]


def test_prior_works_on_the_bundled_data_at_once(shipped):
    """Other machines train other weights of the same names; the task itself is hidden."""
    config = read_yaml(ROOT / "config/mydata.yaml")
    pool = config["models"]
    hidden = ["data", "symbols"]
    earlier, found_by = recall(list(shipped.values()), dict.fromkeys(pool), {"data": None}, hidden)
    assert found_by == dict.fromkeys(pool, "name")
    assert set(known_tasks(earlier, pool).values()) == {6}
    names = pd.MultiIndex.from_product([["data"], pool], names=["task", "model"])
    points = pd.DataFrame(dict.fromkeys(config["proxies"], 0.5), names)
    known = known_of(points, earlier[0].models, earlier=earlier).before("data")
    for name in ("prior", "portfolio"):
        search = strategies(config["proxies"])[name]
        assert not search.skip(known)
        ranked = search.rank(earlier[0].models.loc[pool], "data", known).models
        assert sorted(ranked) == sorted(pool)
