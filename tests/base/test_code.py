"""The code inputs of the rules are what the programs import, and light programs stay light."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from needle.base.code import _checksum, code_files, code_stamp

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "workflow/scripts"
PROGRAMS = sorted(path.name for path in SCRIPTS.glob("*.py"))
WITH_TIMM = {
    "pretrain.py",
    "convert_weights.py",
    "embed.py",
    "embed_task.py",
    "finetune.py",
    "finetune_in_time.py",
    "choose_best.py",
}
# They import what a protocol may ask for inside of functions.
LAZY = {"finetune.py", "finetune_in_time.py", "choose_best.py"}
PLOTS = {name for name in PROGRAMS if name.startswith("plot_")}
PLOTS |= {"recommend.py", "lay_out_summary.py"}
# Programs, and the modules too heavy for them.
GROUPS = {
    "light": (
        set(PROGRAMS) - WITH_TIMM - PLOTS,
        {"torch", "timm", "torchvision", "matplotlib"},
    ),
    "plots": (PLOTS, {"torch", "timm", "torchvision"}),
    "timm": (WITH_TIMM, {"matplotlib"}),
}

PROBE = """
import importlib.util, json, sys
folder, *programs = sys.argv[1:]
sys.path.insert(0, folder)
found = {}
for program in programs:
    for name in [name for name in sys.modules if name.split(".")[0] == "needle"]:
        del sys.modules[name]
    spec = importlib.util.spec_from_file_location("program", f"{folder}/{program}")
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    files = [m.__file__ for n, m in sys.modules.items() if n.split(".")[0] == "needle"]
    found[program] = files, list(sys.modules)
print(json.dumps(found))
"""


@pytest.mark.parametrize("group", GROUPS)
def test_code_inputs_are_what_the_programs_import(group):
    programs, too_heavy = GROUPS[group]
    command = [sys.executable, "-c", PROBE, str(SCRIPTS), *sorted(programs)]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    for program, (files, modules) in found.items():
        declared = code_files(SCRIPTS / program)
        assert declared[0] == str(SCRIPTS / program)
        assert set(files) <= set(declared[1:]), program
        assert program in LAZY or len(declared[1:]) == len(files), program
        assert not too_heavy & set(modules), program


def test_training_never_depends_on_analysis():
    for program in WITH_TIMM | {"fetch_weights.py", "fetch_pool.py"}:
        parts = {part for file in code_files(SCRIPTS / program) for part in Path(file).parts}
        assert not parts & {"scores", "strategies", "regret", "tables", "figures", "pages"}


def test_paths_keep_the_form_they_are_asked_in(monkeypatch):
    monkeypatch.chdir(ROOT)
    files = code_files("workflow/scripts/linear.py")
    assert "workflow/scripts/needle/proxies/registry.py" in files
    assert "workflow/scripts/needle/proxies/__init__.py" in files


@pytest.fixture
def modules(tmp_path):
    files = [str(tmp_path / name) for name in ("a.py", "b.py")]
    for time, file in enumerate(files, start=1):
        Path(file).write_text(file, encoding="utf-8")
        os.utime(file, (1000 * time, 1000 * time))
    return files


@pytest.fixture
def stamp(tmp_path):
    """The stamp as the next Snakemake would write it, having read no file yet."""

    def write(files):
        _checksum.cache_clear()
        return Path(code_stamp(tmp_path / "code", files))

    return write


def test_a_stamp_has_the_checksums_of_its_files_and_the_time_of_the_newest(modules, stamp):
    made = stamp(modules)
    sums = [hashlib.sha256(file.encode()).hexdigest() for file in modules]
    assert made.read_text().split() == [sums[0], modules[0], sums[1], modules[1]]
    assert made.stat().st_mtime == 2000
    assert list(made.parent.iterdir()) == [made]


def test_a_stamp_changes_with_the_content_of_a_file_and_not_with_its_time(modules, stamp):
    made = stamp(modules)
    before = made.read_text()
    os.utime(modules[0], (5000, 5000))
    assert stamp(modules) == made
    assert made.stat().st_mtime == 2000
    Path(modules[0]).write_text("changed", encoding="utf-8")
    os.utime(modules[0], (6000, 6000))
    assert stamp(modules) == made
    assert made.read_text() != before
    assert made.stat().st_mtime == 6000


def test_other_files_have_another_stamp(modules, stamp):
    assert len({stamp(modules), stamp(modules[:1]), stamp([])}) == 3


def test_every_rule_declares_its_programs_code():
    """Each shell command starts the program whose code the rule declares."""
    for file in (ROOT / "rules").glob("*.smk"):
        text = file.read_text()
        started = text.count('"python {input.code[0]:q}"') + text.count("use rule ")
        assert started == text.count("code=code(")


def test_an_import_is_found_wherever_a_statement_stands(tmp_path):
    (tmp_path / "needle").mkdir()
    names = ["__init__", "top", "tried", "failed", "matched", "method", "otherwise", "quoted"]
    for name in names:
        (tmp_path / f"needle/{name}.py").touch()
    (tmp_path / "program.py").write_text(
        """
import needle.top, os
try:
    from needle import tried
except ImportError:
    from needle import (
        failed,
    )
match os.name:
    case "posix":
        import needle.matched
class Some:
    def method(self):
        with open(0) as file:
            from needle.method import any
            return [lambda: "from needle import quoted"]
if os:
    pass
else:
    from needle.otherwise import name
"""
    )
    found = {Path(file).stem for file in code_files(tmp_path / "program.py")[1:]}
    assert found == {*names} - {"quoted"}
