"""What the data were, in words."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from needle.recommend.data_words import WIDTH, data_lines, data_words
from needle.tasks.own.problems import COLUMNS
from recommended import embedded_classes


def classes(names):
    rows = [{"class": name, "found": 10 + n, "train": 6, "val": 2, "test": 2, "removed": n,
             "skipped": 0} for n, name in enumerate(names)]  # fmt: skip
    return pd.DataFrame(rows)


def problems(*rows):
    return pd.DataFrame(rows, columns=COLUMNS)


def test_pictures_by_hand():
    found = problems(
        ("a/1.png", "contradicting labels: same content as b/1.png, of class b", "removed"),
        ("a/2.png", "same pixels as a/3.png", "removed"),
        ("a/4.png", "listed more than once", "removed"),
        ("c", "a link to a folder, which is not followed", "skipped"),
        ("a/5.png", "empty file", "skipped"),
        ("a/6.png", "nearly the same as b/7.png", "noted"),
        ("", "a note of all", "noted"),
    )
    assert data_words(classes(["a", "b"]), found) == [
        "21 images of 2 classes: a 10, b 11.",
        "Used: 12 train, 4 val, 4 test. Left out as unusable: 5 (copies: 2, contradicting labels: "
        "1, links: 1, cannot be read: 1).",
    ]
    assert data_lines(classes(["a", "b"]), found)[-1] == "  a note of all"


def test_embeddings_have_no_test():
    assert data_words(embedded_classes(), problems()) == [
        "7 examples of 1 class: 01 7.", "Used: 4 train, 2 val. Nothing was left out as unusable.",
    ]  # fmt: skip


def test_of_many_classes_the_first_are_named():
    text = data_words(classes([f"c{n:04}" for n in range(1000)]), problems())[0]
    assert text.endswith("c0019 29, and 980 more (data/classes.csv).")


@given(st.lists(st.text(min_size=1), min_size=1, max_size=30, unique=True))
def test_any_names(names):
    words = data_words(classes(names), problems(("", "\n".join(names), "noted")))
    assert all(f"{name} 1" in words[0] for name in names[:10])
    for line in data_lines(classes(["x" * 30 + f" {n}" for n in range(30)]), problems()):
        assert len(line) <= WIDTH
