"""README.md and docs/ name commands, files and numbers that are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
DOCS = [ROOT / "README.md", ROOT / "config/README.md", *sorted((ROOT / "docs").glob("*.md"))]
# Where a path in a text may begin.
BASES = [ROOT / folder for folder in ("", "workflow/scripts", "workflow/scripts/needle")]


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_commands_and_configs_exist(path):
    text = path.read_text()
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    commands = re.findall(r"(?:`|^    )make ([a-z-]+)", text, re.M)
    assert set(commands) <= targets
    configs = set(re.findall(r"(?:\btests/|\b(?<!/))config/[\w/]+\.yaml", text))
    own = {"config/my-run.yaml"}
    assert not [config for config in configs - own if not (ROOT / config).exists()]


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_files_exist(path):
    named = set(re.findall(r"`(?:python )?([\w./-]+/[\w-]+\.(?:py|smk))`", path.read_text()))
    assert not [name for name in named if not any((base / name).exists() for base in BASES)]


def test_links_lead_somewhere():
    links = re.findall(r"\]\(([^)#:]+)", README)
    assert len(links) > 20
    assert not [link for link in links if not (ROOT / link).exists()]


def test_results_are_those_of_the_benchmarks_page():
    page = (ROOT / "docs/benchmark.md").read_text()
    everything = re.search(r"^ALL .*?^EXPERT", page, re.M | re.S)[0].removeprefix("ALL ")
    cell = r"[\d.]+ \[[\d.]+, [\d.]+\]"
    table = {line.split()[0]: re.findall(cell, line) for line in everything.splitlines()}
    rows = [line for line in README.splitlines() if len(re.findall(cell, line)) == 3]
    assert len(rows) == 4
    for row in rows:
        assert re.findall(cell, row) == table[row.split()[1]]
