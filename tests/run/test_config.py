"""What a user can write wrong, and the line that says so."""

import copy

import pytest
import yaml

from needle.base.errors import NeedleError
from needle.base.schema import check, read_yaml
from needle.run.config import check_deltas, check_group, read_cards, with_defaults
from workflow import ROOT, SCHEMA


def changed(path, value):
    document = copy.deepcopy(read_yaml(ROOT / "config.yaml"))
    *parents, last = path.split(".")
    place = document
    for key in parents:
        place = place[key]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return document


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("buget", 3, ["top level: unknown key 'buget'", "allowed: run, seed"]),
        ("budget", 3, ["key 'budget' does not belong here: a run starts from data"]),
        ("finetune.step", 9, ["finetune: unknown key 'step'", "steps"]),
        ("finetune.steps", "100", ["finetune.steps: '100'", "a value of type integer"]),
        ("finetune.steps", 0, ["finetune.steps: 0", "at least 1"]),
        (
            "finetune.schedule",
            {"kind": "linear"},
            ["finetune.schedule", "kind step", "kind cosine"],
        ),
        ("proxies.linear.learning_rates", [0.1, -1], ["learning_rates.1: -1", "above 0"]),
        ("budgets", [0, 1], ["budgets.0: 0", "at least 1"]),
        ("budgets", [1, 1], ["budgets: [1, 1]", "no entry twice"]),
        ("pools.all.where", {"parms": {"max": 1}}, ["pools.all.where: 'parms'", "params"]),
        (
            "pools.all.where",
            {"milliseconds": {"max": 30}},
            ["pools.all.where: key 'milliseconds' does not belong", "in a recommendation"],
        ),
        ("pools.all.where", {"params": {"most": 1}}, ["unknown key 'most'", "min, max"]),
        ("pools.all.where", {"tags": {"max": 1}}, ["unknown key 'max'", "any, none, known"]),
        ("proxies.lda", {"k": 3}, ["proxies.lda: unknown key 'k'", "allowed: no key at all"]),
        (
            "proxies.knn",
            {"metric": "cosin"},
            ["proxies.knn.metric: 'cosin'", "'euclidean', 'cosine'"],
        ),
        ("proxies.linear_scaled", {}, ["proxies.linear_scaled: missing key"]),
        ("proxies.gbc", {"dimension": 3}, ["proxies.gbc: unknown key", "allowed: dimensions"]),
        ("proxies.nleep", {"energy": 2}, ["proxies.nleep.energy: 2", "at most 1"]),
        ("run", "my run", ["run: 'my run'", "lower-case letters"]),
        ("proxies.linear.gradient_clip", 5.0, ["proxies.linear", "unknown key 'gradient_clip'"]),
        ("seed", None, ["missing key 'seed'"]),
        ("finetune", None, ["missing key 'finetune'"]),
        ("models_file", "models.csv", ["key 'models_file' does not belong", "scores_file, or"]),
        ("scores_file", "scores.csv", ["key 'model_cards' does not belong", "scores_file, or"]),
    ],
)
def test_a_wrong_key_is_named_with_its_path_and_what_is_allowed(path, value, words):
    with pytest.raises(NeedleError) as caught:
        check(changed(path, value), SCHEMA["config"], "config")
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    ("unit", "words"),
    [
        ("percents", ["unit: 'percents'", "one of ['fraction', 'percent']"]),
        ({"finetune": "%"}, ["unit.finetune: '%'", "'score'"]),
    ],
)
def test_a_wrong_unit_is_named(unit, words):
    config = read_yaml(ROOT / "config/published/vtab2019.yaml") | {"unit": unit}
    with pytest.raises(NeedleError) as caught:
        check(config, SCHEMA["config"], "config")
    for word in words:
        assert word in str(caught.value)


def test_every_config_of_the_repository_is_valid():
    configs = [ROOT / f for f in ("config.yaml", "config/mini_paper.yaml", "tests/config/run.yaml")]
    for path in configs:
        config = with_defaults(read_yaml(path), ROOT)
        check(config, SCHEMA["config"], path.name)
        read_cards(ROOT / config["model_cards"], SCHEMA["zoo"], "models")
        read_cards(ROOT / config["task_cards"], SCHEMA["tasks"], "tasks")
    for path in (ROOT / "config/published").glob("*.yaml"):
        check(read_yaml(path), SCHEMA["config"], path.name)


def cards(tmp_path, *names):
    tasks = [{"name": name, "label": "T", "group": "natural"} for name in names]
    path = tmp_path / "cards.yaml"
    path.write_text(yaml.safe_dump({"source": "mini", "seed": 1, "tasks": tasks}))
    return path


def test_cards_come_in_the_order_asked_for(tmp_path):
    shared, chosen = read_cards(
        cards(tmp_path, "a", "b", "c"), SCHEMA["tasks"], "tasks", ["c", "a"]
    )
    assert shared == {"source": "mini", "seed": 1}
    assert list(chosen) == ["c", "a"]


def test_a_name_used_twice_is_refused(tmp_path):
    with pytest.raises(NeedleError, match=r"cards\.yaml: tasks: the name 'a' is used twice"):
        read_cards(cards(tmp_path, "a", "b", "a"), SCHEMA["tasks"], "tasks")
    with pytest.raises(NeedleError, match=r"config: tasks: the name 'a' is listed twice"):
        read_cards(cards(tmp_path, "a", "b"), SCHEMA["tasks"], "tasks", ["a", "a"])


def test_a_name_without_card_lists_those_there_are(tmp_path):
    with pytest.raises(NeedleError, match=r"no card 'x' in .*; it has a, b"):
        read_cards(cards(tmp_path, "a", "b"), SCHEMA["tasks"], "tasks", ["x"])


def test_an_unknown_strategy_in_a_delta_is_named():
    deltas = [{"first": "linear", "second": "liner", "budget": 1}]
    with pytest.raises(NeedleError, match=r"deltas\.0\.second: no strategy 'liner'"):
        check_deltas(deltas, ["linear", "random"])


@pytest.mark.parametrize(
    ("pattern", "kind", "message"),
    [
        ("(a", "images", r"group: '\(a' is no regular expression"),
        ("patient", "images", "group: 'patient' has no parentheses around the name of the group"),
        ("(a)", "features", "config: group: it is found in the paths of images; remove it"),
    ],
)
def test_wrong_groups(pattern, kind, message):
    with pytest.raises(NeedleError, match=message):
        check_group(pattern, kind)
    check_group(r"/(p\d{3})_", "images")
    check_group(None, "features")
