"""The rooms of the library: the contract of their order, and the places that repeat it."""

import re
import tomllib

import needle
from workflow import ROOT

ROOMS = {folder.name for folder in (ROOT / "workflow/scripts/needle").glob("[a-z]*/")}


def layers():
    """The rooms of the contract, a list for each floor, the highest first."""
    document = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contract = document["tool"]["importlinter"]["contracts"][0]
    return [floor.split(" | ") for floor in contract["layers"]]


def test_every_folder_is_a_room_of_the_contract():
    assert {room for floor in layers() for room in floor} == ROOMS


def test_nothing_is_loose():
    loose = [file.name for file in (ROOT / "workflow/scripts/needle").glob("*.py")]
    assert loose == ["__init__.py"]


def test_the_design_draws_the_contract():
    text = (ROOT / "docs/design.md").read_text()
    drawn = re.search(r"```text\n(.*?)```", text, re.DOTALL)[1]
    floors = [re.split(r" {2,}", line)[0].split(" | ") for line in drawn.splitlines()]
    assert floors == layers()


def test_the_library_lists_its_rooms_from_the_ground():
    listed = re.findall(r"^    ([a-z]+) {2,}", needle.__doc__, re.MULTILINE)
    height = {room: -number for number, floor in enumerate(layers()) for room in floor}
    assert set(listed) == ROOMS
    assert [height[room] for room in listed] == sorted(height[room] for room in listed)


def test_tests_have_the_rooms():
    assert {folder.name for folder in (ROOT / "tests").glob("[a-z]*/")} >= ROOMS


def test_no_folder_and_no_file_is_too_large():
    tests = ROOT / "tests"
    rooms = (ROOT / "workflow/scripts/needle").rglob("*/")
    for folder in [*rooms, ROOT / "rules", tests, *tests.rglob("*/")]:
        files = [file for file in folder.iterdir() if file.suffix in (".py", ".smk")]
        assert len(files) <= 20, folder
        for file in files:
            assert len(file.read_text().splitlines()) <= 300, file


def test_a_rule_runs_the_program_of_its_name():
    runs = []
    for file in (ROOT / "rules").glob("*.smk"):
        head = re.compile(r"^ *(?:(?:rule|checkpoint) (?=\w+:)|use rule )", re.MULTILINE)
        for rule in head.split(file.read_text())[1:]:
            programs = re.findall(r'code\(\s*"(\w+)\.py"', rule)
            runs += [(re.match(r"\w+", rule)[0], program) for program in programs]
    assert len(runs) > 30
    assert [pair for pair in runs if pair[0] != pair[1]] == []
