"""Data of users, made for the tests."""

import shutil

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from needle.base.errors import NeedleError
from needle.tasks.own.listing import find_examples
from needle.tasks.own.pictures import Square
from needle.tasks.own.prepare import DEFAULTS, prepare
from needle.tasks.task_file import SPLITS


def fill(root, counts, start=0):
    """Write `counts[name]` files, each of its own content, as if they were pictures."""
    for name, count in counts.items():
        for number in range(start, start + count):
            write(root / name / f"{number:03d}.jpg", f"{root} {name} {number}")


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode())


def paint(root, counts, start=0, size=(3, 2)):
    """Save `counts[name]` pictures, each of its own colour: class, number, how full `start` is."""
    for label, (name, count) in enumerate(counts.items()):
        for number in range(start, start + count):
            path = root / name / f"{number:03d}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", size, (label, number % 256, start)).save(path)


def copy(root, source, *targets):
    for target in targets:
        (root / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / source, root / target)


def break_(root, *paths):
    """Put something else in the place of pictures."""
    for path in paths:
        (root / path).write_text(f"not a picture, but {path}")


def listed(folder, lines, encoding="utf-8"):
    path = folder / "list.csv"
    path.write_bytes("\n".join(lines).encode(encoding))
    return path


def found(path):
    return [(c.split, c.label, c.path) for c in find_examples(path).candidates]


def keys(data):
    return [key for split in SPLITS for key in data.splits[split].keys]


def numbered(rows, dimensions=3, start=0):
    """Features that tell which row they are of: 0.5, 1.5, ..."""
    first = np.arange(start, start + rows)[:, None]
    return (first + np.linspace(0.5, 0.75, dimensions)).astype(np.float32)


def save_npz(folder, model, features, labels, **more):
    np.savez(folder / f"{model}.npz", features=features, labels=labels, **more)
    return folder / f"{model}.npz"


def save_parquet(folder, model, columns):
    pd.DataFrame(columns).to_parquet(folder / f"{model}.parquet")
    return folder / f"{model}.parquet"


def refused(path, read):
    """The lines with which `read` refuses the data of `path`, but for the first."""
    with pytest.raises(NeedleError) as caught:
        read()
    first, *lines = str(caught.value).split("\n")
    assert first == f"{path}: this data cannot be used:"
    assert all(line.startswith("  - ") for line in lines)
    return [line[4:] for line in lines]


def complaints(path):
    return refused(path, lambda: find_examples(path))


def refusal(path, **limits):
    return refused(path, lambda: prepare(path, 1, Square(4), DEFAULTS | limits))
