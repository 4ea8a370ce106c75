"""Where the data of a task come from."""

import pytest

from made import copy, paint
from needle.base.errors import NeedleError
from needle.tasks.sources import read_task
from needle.tasks.task_file import SPLITS


def test_a_task_card_takes_the_same_data(tmp_path, capsys):
    root = tmp_path / "pets"
    paint(root, {"a": 10, "b": 10})
    copy(root, "a/000.png", "a/x.png")
    card = {"name": "pets", "label": "My pets", "group": "natural", "imagefolder": str(root)}
    splits, about = read_task(card, "imagefolder", root, 1, 4)
    assert about == {"name": "pets", "label": "My pets", "group": "natural",
                     "source": "imagefolder", "classes": ["a", "b"], "image_size": 4,
                     "resize": "half_pixel"}  # fmt: skip
    assert [len(splits[split]) for split in SPLITS] == [13, 3, 4]
    assert capsys.readouterr().err.endswith("a/x.png: same content as a/000.png (removed)\n")
    _, about = read_task(card | {"keep": ["letters"]}, "imagefolder", root, 1, 4)
    assert about["keep"] == ["letters"]
    with pytest.raises(NeedleError, match="has 2 classes, the card says 3"):
        read_task(card | {"classes": 3}, "imagefolder", root, 1, 4)
