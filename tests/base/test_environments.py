"""The conda environments hold what the programs import, in the versions of the lock."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from needle.base.code import code_files
from needle.proxies.registry import TRAINED, file_of, names
from needle.proxies.rows import quick_proxies
from needle.tasks.vtab1k.registry import RAW, reader_file

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "workflow/scripts"
LOCK = (ROOT / "requirements.lock").read_text()
# What a package is called where its name is not that of its module.
PACKAGES = {
    "fontTools": "fonttools",
    "torch": "pytorch",
    "yaml": "pyyaml",
    "PIL": "pillow",
    "sklearn": "scikit-learn",
}
# Modules that a program imports by name.
BY_NAME = {
    "decode_task.py": [reader_file(task) for task in RAW],
    "linear.py": [file_of(name) for name in TRAINED],
    "quick_proxies.py": [file_of(name) for name in quick_proxies(names())],
}
# Read as files from their wheels, not imported: fonts and pictures.
DATA = {"analysis": {"scikit-learn", "scikit-image"}}


def read(name):
    return yaml.safe_load((ROOT / f"envs/{name}.yaml").read_text())


def environment(name):
    """Versions by package."""
    return dict(entry.split(" =") for entry in read(name)["dependencies"])


def rules():
    """Program and environment of every rule."""
    for file in sorted((ROOT / "rules").glob("*.smk")):
        for rule in re.split(r"^ *(?:rule|checkpoint) ", file.read_text(), flags=re.M)[1:]:
            program = re.search(r'code\("(\w+\.py)"[,)]', rule)
            if program:
                yield program[1], re.search(r'"../envs/(\w+)\.yaml"', rule)[1]


def imported(program):
    """Top-level modules that a program and its library files import."""
    names, by_name = set(), BY_NAME.get(program, [])
    for file in code_files(SCRIPTS / program, *by_name):
        for node in ast.walk(ast.parse(Path(file).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names.add(node.module.split(".")[0])
    return names - sys.stdlib_module_names - {"needle"}


@pytest.mark.parametrize(("program", "name"), list(rules()))
def test_a_rules_environment_has_what_its_program_imports(program, name):
    needed = {PACKAGES.get(module, module) for module in imported(program)}
    assert needed <= set(environment(name))


@pytest.mark.parametrize("name", ["torch", "analysis"])
def test_packages_come_from_conda_forge_alone(name):
    assert read(name)["channels"] == ["conda-forge", "nodefaults"]


@pytest.mark.parametrize("name", ["torch", "analysis"])
def test_versions_are_those_of_the_lock(name):
    for package, version in environment(name).items():
        if package != "python":
            wheel = "torch" if package == "pytorch" else package.replace("_", "-")
            # A version that the lock keeps for Python 3.11, or for all.
            assert re.search(rf"^{wheel}=={re.escape(version)}[ ;]", LOCK, re.M), package


def test_environments_hold_nothing_that_no_program_needs():
    for name in ("torch", "analysis"):
        used = {PACKAGES.get(m, m) for p, e in rules() if e == name for m in imported(p)}
        extra = set(environment(name)) - used - DATA.get(name, set()) - {"python"}
        assert extra <= {"torchvision", "onnx", "onnxscript"}  # timm and torch.onnx import them


def test_every_rule_with_a_program_has_an_environment():
    assert len(list(rules())) == sum(
        file.read_text().count("code=code(") - file.read_text().count("use rule ")
        for file in (ROOT / "rules").glob("*.smk")
    )


def test_the_lock_pins_every_direct_dependency_with_hashes_and_names_no_index():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    direct = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    pinned = set(re.findall(r"^([\w-]+)==", LOCK, re.M))
    assert {re.split("[>=]", requirement)[0] for requirement in direct} <= pinned
    assert len(re.findall(r"^\S+==.*\\\n +--hash=sha256:", LOCK, re.M)) == len(
        re.findall(r"^\S+==", LOCK, re.M)
    )
    assert "://" not in LOCK
