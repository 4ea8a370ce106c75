"""Protocols that a config names: found, and put under its own keys."""

import pytest

from needle.base.errors import NeedleError
from needle.base.schema import read_yaml
from needle.finetuning.protocols import FAMILIES, check_protocol, protocol_of
from needle.run.config import with_defaults
from needle.run.protocol_files import read_protocol, with_protocols
from needle.run.run import read_run
from workflow import ROOT, SCHEMA

QUICK = read_yaml(ROOT / "config/protocol/quick.yaml")


def test_keys_of_the_config_go_over_those_of_the_file():
    config = {"protocol": "paper", "finetune": {"steps": 9}, "protocol_on_processor": "quick"}
    found = with_protocols(config, ROOT)
    assert found["finetune"] == read_yaml(ROOT / "config/protocol/paper.yaml") | {"steps": 9}
    assert found["finetune_on_processor"] == QUICK
    assert with_protocols(found, ROOT) == found  # as jobs and the report's config.yaml do
    assert with_protocols({"finetune": {"steps": 9}}, ROOT) == {"finetune": {"steps": 9}}


def test_a_size_for_all_models_takes_the_place_of_a_files_pixels():
    config = {"protocol_on_processor": "quick", "image_size": 32}
    found = with_protocols(config, ROOT)["finetune_on_processor"]
    assert found == {key: QUICK[key] for key in QUICK if key != "pixels"}


def test_a_file_of_ones_own_is_taken(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("steps: 7\n")
    assert read_protocol(str(path), ROOT) == {"steps": 7}
    path.write_text("7\n")
    with pytest.raises(NeedleError, match=r"mine\.yaml: has no keys"):
        read_protocol(str(path), ROOT)


def test_a_name_that_is_not_there_is_told_those_that_are():
    message = "protocol: no protocol 'moderne'; name one of modern, paper, quick, or the path"
    with pytest.raises(NeedleError, match=message):
        with_protocols({"protocol": "moderne"}, ROOT)


@pytest.mark.parametrize("name", ["modern", "paper", "quick"])
def test_those_that_come_with_needle_are_for_every_family(name):
    protocol = read_protocol(name, ROOT)
    cards = [{"name": f, "architecture": f, "family": f} for f in FAMILIES]
    check_protocol(protocol, "finetune", cards)
    assert all(isinstance(protocol_of(protocol, c)["learning_rates"], list) for c in cards)


def test_a_card_without_family_stops_before_any_work(monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT)
    zoo = (ROOT / "config/zoo/mini.yaml").read_text().replace("    family: convnet\n", "")
    (tmp_path / "zoo.yaml").write_text(zoo)
    config = read_yaml(ROOT / "config/mydata.yaml") | {"model_cards": str(tmp_path / "zoo.yaml")}
    config["finetune"] = {}
    message = r"config: finetune.learning_rates: model resnet10t.mix: its card has no family"
    with pytest.raises(NeedleError, match=message):
        read_run(with_defaults(config, ROOT), SCHEMA)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"learning_rates": {"cnn": [0.1]}}, "finetune.learning_rates: unknown key 'cnn'"),
        ({"learning_rates": {"mlp": []}}, "finetune.learning_rates.mlp"),
        ({"batch_norm": "fixed"}, "batch_norm: 'fixed' is not allowed .*one of"),
        ({"augment": {"rotate": 3}}, "finetune.augment: unknown key 'rotate'"),
        ({"lora": {"rank": 4}}, "finetune.lora: missing key 'alpha'"),
        ({"optimizer": "sgd"}, "finetune: missing key 'momentum'"),
    ],
)
def test_a_wrong_key_of_a_protocol_is_named(monkeypatch, changes, message):
    monkeypatch.chdir(ROOT)
    config = read_yaml(ROOT / "config/mydata.yaml") | {"finetune": changes}
    with pytest.raises(NeedleError, match=message):
        read_run(with_defaults(config, ROOT), SCHEMA)
