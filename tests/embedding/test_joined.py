"""Embeddings in parts: every picture once, and together as if there were no parts."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from needle.embedding.embedding_file import SPLITS, Embeddings
from needle.embedding.joined import join, rows_left

SIZES = {"train": 9, "val": 5}
LABELS = {split: np.arange(size) % 3 for split, size in SIZES.items()}


def whole(source=True):
    arrays = {f"{split}_labels": LABELS[split] for split in SPLITS}
    arrays |= {
        f"{split}_features": np.arange(size * 2, dtype=np.float32).reshape(size, 2)
        for split, size in SIZES.items()
    }
    said = np.arange(9 * 4, dtype=np.float32).reshape(9, 4)
    return Embeddings(**arrays, classes=3, train_source_probabilities=said if source else None)


def part(embeddings, rows):
    arrays = {
        f"{split}_{kind}": getattr(embeddings, f"{split}_{kind}")[rows[split]]
        for split in SPLITS
        for kind in ("features", "labels")
    }
    said = embeddings.train_source_probabilities
    said = said if said is None else said[rows["train"]]
    return Embeddings(**arrays, classes=3, train_source_probabilities=said)


@given(st.sets(st.integers(0, 8)), st.sets(st.integers(0, 4)), st.booleans())
def test_two_parts_are_the_whole(train, val, source):
    rows = {"train": sorted(train), "val": sorted(val)}
    left = rows_left(LABELS, None, rows)
    expected, there = whole(source), {split: np.array(rows[split], int) for split in SPLITS}
    found = join(part(expected, there), rows, part(expected, left), left)
    for name, array in vars(expected).items():
        assert np.array_equal(getattr(found, name), array), name


def test_what_is_there_is_not_embedded_again():
    wanted = {"train": [0, 3, 4], "val": [1, 2]}
    left = rows_left(LABELS, wanted, {"train": [3], "val": [2]})
    assert {split: rows.tolist() for split, rows in left.items()} == {"train": [0, 4], "val": [1]}
