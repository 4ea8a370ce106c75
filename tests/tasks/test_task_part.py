"""Some pictures of a task file."""

import numpy as np
import pytest

from needle.tasks.examples import Examples
from needle.tasks.task_file import Task, write_pictures, write_task
from needle.tasks.task_part import TaskPart

CARD = {"name": "t", "label": "t", "group": "", "source": "mydata", "classes": ["a", "b", "c"]}
ROWS = {"train": np.array([1, 4, 5]), "val": np.array([0])}


def pictures(generator, number):
    sides = [(4 + n % 3, 5) for n in range(number)]
    found = [generator.integers(0, 256, (*side, 3), np.uint8) for side in sides]
    return Examples(range(number), np.arange(number) % 3, lambda index: found[index])


@pytest.mark.parametrize("own_sizes", [False, True])
def test_a_part_reads_its_rows_and_no_others(tmp_path, own_sizes):
    generator = np.random.default_rng(0)
    splits = {split: pictures(generator, 7) for split in ("train", "val", "test")}
    path = tmp_path / "task.safetensors"
    if own_sizes:
        write_pictures(path, splits, CARD)
    else:
        write_task(path, splits, CARD, 4)
    whole, part = Task(path), TaskPart(path, ROWS)
    for split, rows in ROWS.items():
        images, labels = whole.split(split)
        assert part.labels(split).tolist() == labels[rows].tolist()
        chunks = [chunk for chunk, _ in part.chunks(split, 2)]
        assert [len(chunk) for chunk in chunks] == ([2, 1] if split == "train" else [1])
        found = [image for chunk in chunks for image in chunk]
        assert all(
            np.array_equal(image, images[row]) for image, row in zip(found, rows, strict=True)
        )
    assert part.classes == 3
