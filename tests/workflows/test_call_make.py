"""What make hands on to Snakemake, and what it cleans up."""

import json
import os
import subprocess
import sys

import pytest
from PIL import Image
from snakemake.cli import parse_config

from workflow import ROOT


@pytest.fixture
def make(tmp_path):
    """Make with a Snakemake that prints its arguments: a function of targets and variables."""
    programs = {"python": "", "snakemake": "-c 'import json, sys; print(json.dumps(sys.argv[1:]))'"}
    for name, arguments in programs.items():
        (tmp_path / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments} "$@"\n')
        (tmp_path / name).chmod(0o755)

    def run(*words, **environment):
        return subprocess.run(
            ["make", "--silent", "--old-file", ".venv/.requirements", f"BIN={tmp_path}", *words],
            cwd=ROOT, capture_output=True, text=True, env=os.environ | environment,
        )  # fmt: skip

    return run


def handed_on(result):
    """The config, the overrides and the target that Snakemake was given."""
    assert result.returncode == 0, result.stderr
    arguments = json.loads(result.stdout)
    assert arguments[2] == "--configfile"
    end = arguments.index("--")
    overrides = parse_config(arguments[5:end]) if arguments[4:end] else {}
    return arguments[3], overrides, arguments[end + 1 :]


@pytest.mark.parametrize(
    "data", ["2024", "my 'old' pictures: $HOME", 'a"b`c', "写真/é", "it's'", "-a $(b) \\c"]
)
@pytest.mark.parametrize("size", [64, 65])
def test_make_hands_any_path_on_as_it_is(make, tmp_path, data, size):
    """Also to the program that chooses the config by the pictures."""
    picture = tmp_path / data / "a/1.png"
    picture.parent.mkdir(parents=True)
    Image.new("RGB", (8, size)).save(picture)
    for path in (data, str(tmp_path / data)):
        result = make("search", "B=2", f"DATA={path.replace('$', '$$')}")
        is_photograph = path != data and size > 64  # a path that leads nowhere has no photographs
        config = "config/photos.yaml" if is_photograph else "config/mydata.yaml"
        assert handed_on(result) == (config, {"data": path, "budget": 2}, ["search"])
        assert f"({config}); CONFIG=... overrides" in result.stderr


@pytest.mark.parametrize("target", ["recommend", "search"])
def test_a_config_that_is_given_decides(make, tmp_path, target):
    (tmp_path / "photographs/a").mkdir(parents=True)
    Image.new("RGB", (90, 80)).save(tmp_path / "photographs/a/1.png")
    data = f"DATA={tmp_path}/photographs"
    overrides = {"data": f"{tmp_path}/photographs"}
    for words, environment in (("CONFIG=my.yaml",), {}), ((), {"CONFIG": "my.yaml"}):
        result = make(target, data, *words, **environment)
        assert handed_on(result) == ("my.yaml", overrides, [target])
        assert result.stderr == ""
    assert handed_on(make(target, data)) == ("config/photos.yaml", overrides, [target])
    assert handed_on(make(target)) == ("config/mydata.yaml", {}, [target])
    assert handed_on(make(target, "CONFIG=my.yaml")) == ("my.yaml", {}, [target])


def test_make_stops_where_no_config_can_be_chosen(make, tmp_path):
    (tmp_path / "python").write_text("#!/bin/sh\necho half a\nexit 3\n")
    result = make("recommend", f"DATA={tmp_path}")
    assert result.returncode != 0
    assert result.stdout == ""


def test_cleaning_up_a_run_without_a_name_removes_no_other(tmp_path):
    (tmp_path / "results/other").mkdir(parents=True)
    for text, removed in (("data: pictures\n", False), ("run: other\n", True)):
        (tmp_path / "config.yaml").write_text(text)
        command = ["make", "--makefile", str(ROOT / "Makefile"), "clean"]
        result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert (result.returncode == 0) == removed
        assert (tmp_path / "results/other").exists() != removed
        assert ("names no run" in result.stderr) != removed
