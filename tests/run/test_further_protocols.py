"""Further protocols in the config of a benchmark, and each way to get them wrong."""

import pytest
import yaml

from needle.base.errors import NeedleError
from needle.base.schema import check, read_yaml
from needle.run.further_protocols import read_protocols
from needle.run.protocol_files import with_protocols
from workflow import ROOT, SCHEMA

SHORT = read_yaml(ROOT / "tests/config/short.yaml")


def read(folder, name="mine.yaml", **changes):
    path = folder / name
    path.write_text(yaml.safe_dump(SHORT | changes))
    return read_protocols([path], SCHEMA["config"], repeats=2)


def test_a_protocol_is_called_as_its_file(tmp_path):
    assert SHORT["repeats"] == 2
    assert read(tmp_path) == {"mine": SHORT}


def test_seeds_and_pixels_are_those_of_the_run(tmp_path):
    assert read(tmp_path, pixels=160, repeats=5) == {"mine": SHORT}


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("mine.yaml", {"step": 3}, "mine.yaml: top level: unknown key 'step'"),
        ("mine.yaml", {"steps": 0}, "mine.yaml: steps: 0 is not allowed"),
        ("mine.yaml", {"partial": [0.5]}, "mine.yaml: partial: only the run's own protocol"),
        ("Mine.yaml", {}, "Mine.yaml: the name of a file is lower-case letters"),
        ("own.yaml", {}, "own.yaml: the name of a file is .* and not own"),
    ],
)
def test_mistakes_are_named(tmp_path, name, changes, words):
    with pytest.raises(NeedleError, match=words):
        read(tmp_path, name, **changes)


def test_one_name_is_one_protocol(tmp_path):
    read(tmp_path)
    with pytest.raises(NeedleError, match="'mine' is named twice"):
        read_protocols([tmp_path / "mine.yaml"] * 2, SCHEMA["config"], repeats=1)


def test_a_name_is_that_of_a_file_in_config_protocol(tmp_path):
    found = with_protocols({"protocols": ["modern", "mine/slow.yaml"]}, ROOT)["protocols"]
    assert found == [str(ROOT / "config/protocol/modern.yaml"), "mine/slow.yaml"]
    with pytest.raises(NeedleError, match="protocols: no protocol 'modrn'; name one of modern, "):
        with_protocols({"protocols": ["modrn"]}, ROOT)


@pytest.mark.parametrize(
    ("name", "changes"),
    [("config/mydata.yaml", {"finetune": SHORT}), ("config/published/logme2022.yaml", {})],
)
def test_only_a_benchmark_has_them(name, changes):
    config = read_yaml(ROOT / name) | changes | {"protocols": ["modern"]}
    with pytest.raises(NeedleError, match="key 'protocols' does not belong here"):
        check(config, SCHEMA["config"], "config")


def test_mini_under_two_protocols_is_the_default_run_otherwise():
    """So that it goes on in the same folder, and costs nothing but the second protocol."""
    config = read_yaml(ROOT / "config/mini_protocols.yaml")
    assert config.pop("protocols") == ["modern"]
    assert config == read_yaml(ROOT / "config.yaml")
