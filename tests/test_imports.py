"""The code inputs of the rules are what the programs import, and light programs stay light."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from needle.imports import code_files

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "workflow/scripts"
PROGRAMS = sorted(path.name for path in SCRIPTS.glob("*.py"))
WITH_TORCH = {
    "pretrain.py",
    "fetch_weights.py",
    "convert_weights.py",
    "embed.py",
    "linear.py",
    "finetune.py",
    "choose_best.py",
}

PROBE = """
import importlib.util, json, sys
sys.path.insert(0, {scripts!r})
spec = importlib.util.spec_from_file_location("program", {program!r})
spec.loader.exec_module(importlib.util.module_from_spec(spec))
files = [m.__file__ for n, m in sys.modules.items() if n.split(".")[0] == "needle"]
heavy = [n for n in ("torch", "timm", "torchvision", "matplotlib.pyplot") if n in sys.modules]
print(json.dumps([files, heavy]))
"""


def loaded(program):
    """Import a program in a fresh process: its library files and the heavy modules."""
    code = PROBE.format(scripts=str(SCRIPTS), program=str(SCRIPTS / program))
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return json.loads(result.stdout)


@pytest.mark.parametrize("program", PROGRAMS)
def test_code_inputs_are_what_the_program_imports(program):
    files, heavy = loaded(program)
    declared = code_files(SCRIPTS / program)
    assert declared[0] == str(SCRIPTS / program)
    assert sorted(declared[1:]) == sorted(files)
    assert ("torch" in heavy) == (program in WITH_TORCH)
    assert "timm" not in heavy or program in WITH_TORCH - {"linear.py"}
    assert "matplotlib.pyplot" not in heavy or program.startswith("plot_") or program == "report.py"


def test_training_never_depends_on_analysis():
    for program in WITH_TORCH:
        parts = {part for file in code_files(SCRIPTS / program) for part in Path(file).parts}
        assert not parts & {"figures", "strategies", "regret.py", "tables", "pools.py"}


def test_paths_keep_the_form_they_are_asked_in(monkeypatch):
    monkeypatch.chdir(ROOT)
    files = code_files("workflow/scripts/knn.py")
    assert "workflow/scripts/needle/probes/knn.py" in files
    assert "workflow/scripts/needle/probes/__init__.py" in files


def test_every_rule_declares_its_programs_code():
    """Each shell command starts the program whose code the rule declares."""
    for file in (ROOT / "rules").glob("*.smk"):
        text = file.read_text()
        assert text.count('"python {input.code[0]:q}"') == text.count("code=code(")
