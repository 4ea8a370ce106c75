"""What a run is, from its config."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from needle.base.errors import NeedleError
from needle.base.schema import check, read_yaml
from needle.finetuning.keep import FORBIDS
from needle.run.config import with_defaults
from needle.run.run import read_run, run_name
from workflow import ROOT, SCHEMA


@given(st.text(min_size=1))
def test_the_name_of_any_data_is_one_that_the_config_allows(name):
    schema = SCHEMA["config"]["$defs"]["name"]
    check(run_name(f"folder/{name}"), schema, "name")


def mydata(**changes):
    return with_defaults(read_yaml(ROOT / "config/mydata.yaml") | changes, ROOT)


def test_bundled_data_need_not_be_there_yet(monkeypatch):
    monkeypatch.chdir(ROOT)
    run = read_run(mydata(), SCHEMA)
    assert (run.name, run.kind, run.proxies) == ("symbols", "images", ["knn", "linear_scaled"])
    assert run.sources == {"data": "mydata"}
    assert run.tasks["data"]["label"] == "symbols"
    assert run.left_out == {}


def test_a_filter_parts_the_models_by_what_their_cards_say(monkeypatch):
    monkeypatch.chdir(ROOT)
    # No card of a model to be trained knows its parameters, so that condition waits.
    where = {"tags": {"none": ["expert"]}, "params": {"max": 1}}
    run = read_run(mydata(where=where, model_cards="config/zoo/mini-scratch.yaml"), SCHEMA)
    assert "resnet10t.mix" in run.models
    assert "resnet10t.glyph" in run.left_out
    assert "expert" in run.left_out["resnet10t.glyph"]["left_out"]
    with pytest.raises(NeedleError, match=r"leave out every model.*\n  - resnet10t.mix: "):
        read_run(mydata(where={"license": {"any": ["MIT"]}}), SCHEMA)


def test_a_model_that_has_seen_the_data_is_left_out(monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT)
    zoo = read_yaml(ROOT / "config/zoo/modern.yaml")
    seen = next(card for card in zoo["models"] if card["contaminated_tasks"])
    config = with_defaults(read_yaml(ROOT / "config/mydata_modern.yaml"), ROOT)
    changes = {"data": str(tmp_path), "where": {}, "seen": seen["contaminated_tasks"][:1]}
    run = read_run(config | changes, SCHEMA)
    assert seen["name"] in run.left_out
    assert "has seen" in run.left_out[seen["name"]]["left_out"]


def test_data_that_no_card_names_is_a_slip_of_the_pen(monkeypatch):
    monkeypatch.chdir(ROOT)
    with pytest.raises(NeedleError, match="has seen 'pets'; named there: no data set"):
        read_run(mydata(seen=["pets"]), SCHEMA)


def test_an_unknown_proxy_is_named_with_those_there_are(monkeypatch):
    monkeypatch.chdir(ROOT)
    with pytest.raises(NeedleError, match=r"unknown key 'logmee'; allowed: disco_ncc, .*logme"):
        read_run(mydata(proxies={"logmee": {}}), SCHEMA)


@pytest.mark.parametrize("strategy", ["linear", "hybrid-linear", "linear_scaled"])
@pytest.mark.parametrize("name", ["mydata", "mydata_modern", "photos"])
def test_either_form_of_the_linear_proxy_may_be_asked_for(monkeypatch, name, strategy):
    monkeypatch.chdir(ROOT)
    config = read_yaml(ROOT / f"config/{name}.yaml") | {"strategy": strategy}
    config |= {"data": "resources/demo/symbols"}
    protocol = config["proxies"]["linear_scaled"]
    wanted = with_defaults(config, ROOT)
    proxy = strategy.removeprefix("hybrid-")
    assert wanted["proxies"] == {"knn": {}, proxy: protocol}
    assert read_run(wanted, SCHEMA).proxies == ["knn", proxy]


def test_an_unknown_strategy_is_named_with_those_there_are(monkeypatch):
    monkeypatch.chdir(ROOT)
    said = "no strategy 'random'; allowed: auto, task-agnostic, knn"
    with pytest.raises(NeedleError, match=said):
        read_run(mydata(strategy="random"), SCHEMA)


@pytest.mark.parametrize("name", ["random", "task-agnostic", "oracle-average"])
def test_a_finished_score_with_the_name_of_a_strategy_is_refused(name, tmp_path):
    (tmp_path / "scores.csv").write_text(f"model,task,finetune,{name}\na,t,0.5,0.5\n")
    config = read_yaml(ROOT / "config/published/logme2022.yaml")
    config = config | {"scores_file": str(tmp_path / "scores.csv"), "unit": "fraction"}
    with pytest.raises(NeedleError, match=f"{name!r} cannot be the name of a score"):
        read_run(config, SCHEMA)


@pytest.mark.parametrize(
    ("partial", "message"),
    [
        ([0.001], "finetune.partial: 0.001 of 100 steps is step 0"),
        ([], r"finetune.partial: \[\] is not allowed"),
        ([0.5, 1], "finetune.partial.1: 1 is not allowed; .*below 1"),
    ],
)
def test_wrong_fractions_stop_before_any_work(monkeypatch, partial, message):
    monkeypatch.chdir(ROOT)
    config = read_yaml(ROOT / "config.yaml")
    config["finetune"]["partial"] = partial
    with pytest.raises(NeedleError, match=message):
        read_run(config, SCHEMA)


def test_a_recommendation_has_no_partial_fine_tuning(monkeypatch):
    monkeypatch.chdir(ROOT)
    config = mydata(finetune={"partial": [0.5]})
    with pytest.raises(NeedleError, match=r"finetune\.partial: a recommendation fine-tunes"):
        read_run(config, SCHEMA)


def test_the_words_of_what_must_stay_are_those_that_forbid_something():
    words = set(FORBIDS)
    tasks = SCHEMA["tasks"]["properties"]["tasks"]["items"]["properties"]
    for schema in (SCHEMA["config"]["properties"]["keep"], tasks["keep"]):
        assert set(schema["items"]["enum"]) == words
