"""What make hands on to Snakemake, and what it cleans up."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

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
            cwd=ROOT, capture_output=True, text=True, env=of_no_make() | environment,
        )  # fmt: skip

    return run


def of_no_make():
    """The environment as it is outside of `make test`, in which make would say where it is."""
    ours = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
    return {name: value for name, value in os.environ.items() if name not in ours}


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


@pytest.mark.parametrize(
    ("words", "overrides"),
    [
        (["TIME=2h"], {"budget": "all", "time": "2h"}),
        (["TIME=90s", "B=2"], {"budget": 2, "time": "90s"}),
        (["TIME=30"], {"budget": "all", "time": 30}),  # which the config's schema refuses
    ],
)
def test_a_time_is_for_all_models_that_are_ranked_unless_b_says_how_many(make, words, overrides):
    assert handed_on(make("recommend", *words))[1] == overrides


@pytest.mark.parametrize("target", ["recommend", "search"])
def test_a_config_that_is_given_decides(make, tmp_path, target):
    (tmp_path / "photographs/a").mkdir(parents=True)
    Image.new("RGB", (90, 80)).save(tmp_path / "photographs/a/1.png")
    data = f"DATA={tmp_path}/photographs"
    overrides = {"data": f"{tmp_path}/photographs"}
    config = str(tmp_path / "my.yaml")
    Path(config).write_text("seed: 1\n", encoding="utf-8")
    for words, environment in ((f"CONFIG={config}",), {}), ((), {"CONFIG": config}):
        result = make(target, data, *words, **environment)
        assert handed_on(result) == (config, overrides, [target])
        assert result.stderr == ""
    assert handed_on(make(target, data)) == ("config/photos.yaml", overrides, [target])
    assert handed_on(make(target)) == ("config/mydata.yaml", {}, [target])
    assert handed_on(make(target, f"CONFIG={config}")) == (config, {}, [target])


def test_make_stops_where_no_config_can_be_chosen(make, tmp_path):
    (tmp_path / "python").write_text("#!/bin/sh\necho half a\nexit 3\n")
    result = make("recommend", f"DATA={tmp_path}")
    assert result.returncode != 0
    assert result.stdout == ""


NAMES = [
    "my config.yaml",
    "it's.yaml",
    'a"b`c.yaml',
    "$HOME.yaml",
    "a$$b.yaml",
    "-x.yaml",
    "é\\n.yaml",
]


@pytest.fixture
def sandbox(tmp_path):
    """A folder with the Makefile alone and two results: a function of make's words."""
    folder = tmp_path / "sand box"
    (folder / "rules").mkdir(parents=True)
    shutil.copy(ROOT / "Makefile", folder)
    shutil.copy(ROOT / "rules/figures.smk", folder / "rules")
    for name in ("mine", "mini"):
        (folder / "results" / name).mkdir(parents=True)
    (folder / "config.yaml").write_text("run: mini\n")

    def run(*words, **environment):
        environment = of_no_make() | environment
        return subprocess.run(
            ["make", *words], cwd=folder, capture_output=True, text=True, env=environment
        )

    run.folder = folder
    run.left = lambda: sorted(os.listdir(folder / "results"))
    return run


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("doubled", [True, False])
def test_any_config_is_handed_on_and_cleaned_up_after(make, sandbox, name, doubled):
    (sandbox.folder / name).write_text("run: mine  # of one's own\n")
    config = str(sandbox.folder / name)
    given = config.replace("$", "$$") if doubled or "$$" in name else config
    for target in ("search", "recommend"):
        assert handed_on(make(target, f"CONFIG={given}")) == (config, {}, [target])
    result = make("--dry-run", "run", f"CONFIG={given}")
    assert result.returncode == 0, result.stderr
    result = sandbox("clean", f"CONFIG={given}")
    assert result.stdout == "rm -rf results/mine\n", result.stderr
    assert sandbox.left() == ["mini"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("run: mine", "mine"),
        ("run: 'mine'\r\n", "mine"),
        ('run:   "mine" # run: mini\n', "mine"),
        ("x: 1\n  run: mini\nrun: mine\n", "mine"),
        ("data: pictures\n", ""),
        ("run: mine\nrun: mini\n", ""),
        ("run: ../mini\n", ""),
        ("run: .\n", ""),
        ("run: mine mini\n", ""),
        ("run: {mine: mini}\n", ""),
    ],
)
def test_cleaning_up_removes_the_one_run_that_a_config_names(sandbox, text, name):
    (sandbox.folder / "config.yaml").write_text(text)
    result = sandbox("clean")
    assert sandbox.left() == (["mini"] if name else ["mine", "mini"])
    assert (result.returncode == 0) == bool(name)
    assert ("names no run, or more than one" in result.stderr) != bool(name)


def test_a_run_may_be_named_to_make(make, sandbox):
    assert handed_on(make("search", "RUN=second")) == (
        "config/mydata.yaml", {"run": "second"}, ["search"]
    )  # fmt: skip
    sandbox("clean", "RUN=mine")
    assert sandbox.left() == ["mini"]
    for name in ("../mini", "..", "a b", "$x"):
        assert sandbox("clean", f"RUN={name}").returncode != 0
    sandbox("clean", RUN="mine")  # of the environment, as any program may have one
    assert sandbox.left() == []


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["recommend", "data=/my/images"], "unknown variable data; there are CONFIG CORES"),
        (["recommend", "DATA=x", "b=3"], "unknown variable b;"),
        (["search", "DATA=x", "BUDGET=3"], "unknown variable BUDGET;"),
        (["search", "strategy=linear"], "unknown variable strategy;"),
        (["run", "config=my.yaml"], "unknown variable config;"),
        (["run", "cores=2"], "unknown variable cores;"),
        (["recommend", "DATA="], "DATA is empty"),
        (["run", "CONFIG="], "CONFIG is empty"),
        (["run", "DATA=images"], "DATA is of recommend and search only"),
        (["run", "TIME=2h"], "TIME is of recommend and search only"),
        (["published", "B=2"], "B is of recommend and search only"),
        (["DATA=images"], "DATA is of recommend and search only"),
    ],
)
def test_a_variable_that_would_be_passed_over_is_refused(make, words, reason):
    result = make(*words)
    assert result.returncode != 0
    assert reason in result.stderr
    assert result.stdout == ""


def test_what_ends_snakemake_with_a_traceback_is_said_in_one_line(make, tmp_path):
    contents = {
        "latin.yaml": (b"run: caf\xe9\n", "not in UTF-8"),
        "twice.yaml": (
            b"run: a\nseed: 1\nrun: b\n",
            "line 3: the key 'run' stands already in line 1",
        ),
        "list.yaml": (b"- a\n", "has no keys"),
        "empty.yaml": (b"", "has no keys"),
        "tab.yaml": (b"a:\n\tb: 1\n", "not valid YAML"),
        "none.yaml": (None, "cannot be read (No such file or directory)"),
        "folder.yaml/x": (b"", "cannot be read (Is a directory)"),
    }
    for name, (content, reason) in contents.items():
        path = tmp_path / name
        if content is not None:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        result = make("run", f"CONFIG={tmp_path / name.split('/')[0]}")
        assert result.returncode != 0
        assert result.stdout == ""
        line, *rest = result.stderr.splitlines()
        assert line.startswith("error: ")
        assert reason in line
        assert all(other.startswith("make: ") for other in rest)


def test_a_home_that_cannot_be_written_is_said_with_what_helps(make, tmp_path):
    (tmp_path / "file").touch()
    result = make("run", HOME=f"{tmp_path}/file", XDG_CACHE_HOME="")
    assert result.returncode != 0
    assert f"error: {tmp_path}/file: cannot be used as a folder" in result.stderr
    assert "XDG_CACHE_HOME=folder puts it elsewhere" in result.stderr
    assert "Traceback" not in result.stderr
    caches = {"HOME": f"{tmp_path}/file", "XDG_CACHE_HOME": f"{tmp_path}/cache"}
    assert make("search", **caches).returncode == 0


@pytest.fixture
def python(tmp_path):
    """A Python whose modules may be missing: a function of them."""

    def write(*missing):
        lines = [f'case "$2" in *{name}*) exit 1;; esac' for name in missing]
        lines += ["case \"$1\" in -m) echo 'some reason' >&2; exit 1;; esac"]
        lines += [f'exec "{sys.executable}" "$@"']
        path = tmp_path / "odd python"
        path.write_text("\n".join(["#!/bin/sh", *lines]))
        path.chmod(0o755)
        return f"PYTHON={path}"

    return write


def test_why_an_environment_cannot_be_made(sandbox, python):
    (sandbox.folder / "requirements.lock").touch()
    assert "error: there is no python3.0;" in sandbox("setup", "PYTHON=python3.0").stderr
    assert "is older than 3.11" in sandbox("setup", python("version_info")).stderr
    assert "apt install python3-venv" in sandbox("setup", python("ensurepip")).stderr
    result = sandbox("setup", python())
    assert "error: .venv cannot be made (some reason)" in result.stderr
    assert "apt install" not in result.stderr


@pytest.mark.parametrize("there", [True, False])
def test_an_environment_may_be_a_link(sandbox, there):
    (sandbox.folder / "requirements.lock").touch()
    (sandbox.folder / ".venv").symlink_to("../scratch disk")
    if there:
        (sandbox.folder.parent / "scratch disk").mkdir()
    result = sandbox("setup", PIP_NO_INDEX="1")
    assert result.returncode == 0, result.stderr
    assert (sandbox.folder.parent / "scratch disk/bin/python").exists()


def test_a_file_in_the_place_of_the_environment(sandbox):
    (sandbox.folder / "requirements.lock").touch()
    (sandbox.folder / ".venv").touch()
    result = sandbox("setup")
    assert "error: .venv cannot be made" in result.stderr
    assert "apt install" not in result.stderr


def test_a_run_is_added_to_a_store(make, tmp_path):
    (folder := tmp_path / "my 'run' é").mkdir()
    result = make("store", f"RUN={folder}", "AS=mine", f"STORE={tmp_path / 'new store'}")
    assert f"error: {folder}: has no models.csv, tasks.csv, scores.csv" in result.stderr
    (tmp_path / "A").mkdir()  # without AS, the entry has the name of the folder
    assert "'A' cannot be the name of an entry" in make("store", f"RUN={tmp_path / 'A'}").stderr
    assert "error: say which: make store RUN=results/mini" in make("store").stderr
    assert "AS is of store only" in make("run", "AS=mine").stderr
