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
