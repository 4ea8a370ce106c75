"""The cards of VTAB-1K and the readers of its original files agree."""

from pathlib import Path

import pytest

from needle.base.errors import NeedleError
from needle.base.schema import read_yaml
from needle.tasks.vtab1k.registry import RAW, raw_classes, read_raw, reader_file

ROOT = Path(__file__).parents[3]
CARDS = {card["name"]: card for card in read_yaml(ROOT / "config/tasks/vtab1k.yaml")["tasks"]}


@pytest.mark.parametrize("task", RAW)
def test_cards_and_readers_agree(task):
    assert CARDS[task]["raw"] == RAW[task][1]
    assert len(raw_classes(task)) == CARDS[task]["classes"]
    assert (ROOT / "workflow/scripts" / reader_file(task)).is_file()


def test_all_tasks_have_a_source():
    assert len(CARDS) == 19
    assert set(CARDS) - set(RAW) == {"caltech101"}
    assert all("vtab1k_folder" in card for card in CARDS.values())
    groups = [card["group"] for card in CARDS.values()]
    assert [groups.count(g) for g in ("natural", "specialized", "structured")] == [7, 4, 8]


def test_caltech101_says_why_it_has_no_exact_split(tmp_path):
    with pytest.raises(NeedleError, match="directory listing"):
        read_raw("caltech101", tmp_path)


def test_a_task_without_a_reader_is_named():
    for ask in (reader_file, raw_classes):
        with pytest.raises(NeedleError, match="birds: no reader of original files; known are"):
            ask("birds")


@pytest.mark.parametrize(
    ("task", "number"),
    [
        ("cifar100", 100),
        ("svhn", 10),
        ("dsprites_loc", 16),
        ("dsprites_ori", 16),
        ("smallnorb_azi", 18),
        ("smallnorb_ele", 9),
        ("patch_camelyon", 2),
    ],
)
def test_names_of_classes(task, number):
    names = raw_classes(task)
    assert len(set(names)) == len(names) == number


def test_class_names_are_complete_and_distinct():
    sizes = {
        "dtd": 47, "oxford_flowers102": 102, "oxford_iiit_pet": 37, "sun397": 397, "eurosat": 10,
        "resisc45": 45,
    }  # fmt: skip
    for task, size in sizes.items():
        assert len(raw_classes(task)) == len(set(raw_classes(task))) == size
    assert raw_classes("dtd") == sorted(raw_classes("dtd"))
    assert raw_classes("oxford_iiit_pet") == sorted(raw_classes("oxford_iiit_pet"), key=str.lower)
    assert raw_classes("oxford_flowers102")[76] == "passion flower"
