"""Time as the budget: how it is written, and where it does not belong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from needle.base.errors import NeedleError
from needle.base.schema import check, read_yaml
from needle.run.config import with_defaults
from needle.run.duration import seconds_of
from needle.run.run import read_run
from workflow import ROOT, SCHEMA

TIME = SCHEMA["config"]["properties"]["time"]


def mydata(**changes):
    return with_defaults(read_yaml(ROOT / "config/mydata.yaml"), ROOT) | changes


@given(st.tuples(*[st.one_of(st.none(), st.integers(0, 500))] * 3))
def test_hours_minutes_and_seconds_add_up(parts):
    text = "".join(f"{n}{unit}" for n, unit in zip(parts, "hms", strict=True) if n is not None)
    seconds = sum((n or 0) * size for n, size in zip(parts, (3600, 60, 1), strict=True))
    if seconds:
        check(text, TIME, "config")
        assert seconds_of(text) == seconds
    else:
        with pytest.raises(NeedleError):
            check(text, TIME, "config")


@pytest.mark.parametrize(
    "time", [90, "2 h", "1.5h", "30", "5m1h", "2h2h", "-5m", "2H", "0m", "h", ""]
)
def test_another_form_is_refused_with_those_there_are(monkeypatch, time):
    monkeypatch.chdir(ROOT)
    with pytest.raises(NeedleError, match=r"config: time: .* is not allowed \(.*1h30m"):
        read_run(mydata(time=time), SCHEMA)


@pytest.mark.parametrize(
    ("changes", "budget"), [({}, "all"), ({"budget": 2}, 2), ({"budget": "all"}, "all")]
)
def test_without_a_budget_all_models_may_take_part(monkeypatch, changes, budget):
    monkeypatch.chdir(ROOT)
    config = mydata(time="20m")
    del config["budget"]
    config = with_defaults(config | changes, ROOT)
    assert config["budget"] == budget
    read_run(config, SCHEMA)


@pytest.mark.parametrize("budget", ["some", 0, "3"])
def test_a_budget_is_a_number_or_all(monkeypatch, budget):
    monkeypatch.chdir(ROOT)
    with pytest.raises(NeedleError, match="config: budget: "):
        read_run(mydata(budget=budget), SCHEMA)


def test_a_time_is_refused_where_folds_decide(monkeypatch):
    monkeypatch.chdir(ROOT)
    with pytest.raises(NeedleError, match="config: time: halving goes by val, not by folds"):
        read_run(mydata(time="20m", decide_on="folds"), SCHEMA)


def test_a_time_is_refused_for_embeddings(monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT)
    (tmp_path / "m.npz").touch()
    config = mydata(time="20m", data=str(tmp_path))
    for key in ("model_cards", "models", "image_size"):
        config.pop(key, None)
    with pytest.raises(NeedleError, match="config: time: of embeddings nothing is fine-tuned"):
        read_run(config | {"model_cards": "config/zoo/mini.yaml"}, SCHEMA)


def test_a_benchmark_has_no_time(monkeypatch):
    monkeypatch.chdir(ROOT)
    with pytest.raises(NeedleError, match="key 'time' does not belong here"):
        check(read_yaml(ROOT / "config.yaml") | {"time": "2h"}, SCHEMA["config"], "config")
