"""What the repository says of itself, in several places."""

import ast
import importlib
import re
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement

from workflow import PARTS, ROOT


def read(path):
    return yaml.safe_load((ROOT / path).read_text())


def test_one_version_and_one_day():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    changes = (ROOT / "CHANGELOG.md").read_text()
    version, day = re.search(r"^## \[(\d+\.\d+\.\d+)\] - (\S+)$", changes, re.MULTILINE).groups()
    citation = read("CITATION.cff")
    assert project["version"] == citation["version"] == version
    assert str(citation["date-released"]) == day
    assert project["license"] == citation["license"]
    labels = (ROOT / "Containerfile").read_text()
    assert f'image.version="{version}"' in labels
    assert f'image.licenses="{project["license"]}"' in labels


def test_ci_runs_what_a_clean_checkout_must_pass():
    job = read(".github/workflows/ci.yml")["jobs"]["test"]
    assert job["steps"][-1]["run"].endswith(".ci/run")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == f">={job['strategy']['matrix']['python'][0]}"


def test_the_lock_is_as_new_as_the_project_asks():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    pins = re.findall(r"^([\w-]+)==([^ ;]+)", (ROOT / "requirements.lock").read_text(), re.M)
    direct = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    for asked in map(Requirement, direct):
        # The lock may have several versions of a package, for several versions of Python.
        versions = [version for name, version in pins if name == asked.name]
        assert versions
        assert all(version in asked.specifier for version in versions), f"{asked}: make lock"


def test_the_image_holds_what_a_run_needs():
    kept = re.findall("^!(.*)", (ROOT / ".dockerignore").read_text(), re.M)
    assert all((ROOT / path).exists() for path in kept)
    assert set(PARTS) - {"slurm"} <= set(kept)  # `slurm` is a link to a profile


@pytest.mark.parametrize("name", ["bug", "model", "result"])
def test_issue_forms_have_what_a_form_needs(name):
    form = read(f".github/ISSUE_TEMPLATE/{name}.yml")
    assert form.keys() >= {"name", "description", "body"}
    ids = [field["id"] for field in form["body"]]
    assert len(set(ids)) == len(ids)


def test_links_of_the_contributing_page_lead_somewhere():
    for link in re.findall(r"\]\(([^)#]+)", (ROOT / "CONTRIBUTING.md").read_text()):
        assert (ROOT / link).exists(), link


BENCHMARKS = [path.relative_to(ROOT).as_posix() for path in ROOT.glob("benchmarks/**/*.py")]


@pytest.mark.parametrize("program", sorted(BENCHMARKS))
def test_a_benchmark_asks_the_library_for_what_it_has(program):
    """No test runs the benchmarks, and a name that has moved would be found by nobody."""
    tree = ast.parse((ROOT / program).read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    for node in imports:
        if node.module.split(".")[0] == "needle":
            module = importlib.import_module(node.module)
            for alias in node.names:
                if not hasattr(module, alias.name):
                    importlib.import_module(f"{node.module}.{alias.name}")


def test_texts_are_read_and_written_in_utf_8_whatever_the_locale():
    """Where ruff cannot tell that it is a path, and in the rules."""
    files = [*ROOT.glob("workflow/scripts/**/*.py"), *ROOT.glob("rules/*.smk"), ROOT / "Snakefile"]
    call = re.compile(r"\.(?:read|write)_text\((?:[^()]|\([^()]*\))*\)")
    silent = [
        f"{file.name}: {found}"
        for file in files
        for found in call.findall(file.read_text(encoding="utf-8"))
        if "utf-8" not in found
    ]
    assert not silent
