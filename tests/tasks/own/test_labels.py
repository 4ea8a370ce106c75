"""Labels are compared with one another."""

import pytest

from made import complaints, fill, listed, refused, save_npz, save_parquet
from needle.embedding.feature_files import feature_models
from needle.embedding.own_features import check_features
from needle.tasks.own.labels import label_complaints
from needle.tasks.own.prepare import DEFAULTS

ONE = [
    ("Cat", "cat"),
    ("STRASSE", "straße"),
    ("red apple", "red  apple"),
    ("red apple", "red_apple"),
    ("red-apple", "redapple"),
    ("hot\tdog", "hotdog"),
    ("'cat'", "cat"),
    ('"cat"', "cat"),
    ("“cat”", "cat"),
    ("cat\u200b", "cat"),
    ("cafe\u0301", "café"),
    ("ﬁsh", "fish"),
    ("１", "1"),
    ("1", "1.0"),
    ("01", "1"),
    ("1e2", "100"),
    ("-1.50", "-1.5"),
    ("H\u2082O", "H2O"),
    (" cat", "cat "),
]
TWO = [
    ("1", "-1"), ("1", "10"), ("1 1", "11"), ("1-1", "11"), ("a", "a+"), ("C", "C++"),
    ("Grade A", "Grade A-"), ("cat", "cats"), ("resume", "résumé"), ("0.1", "0.10001"),
    ("v1", "v1.0"), ("'", '"'), ("no", "no nan"), ("中", "文"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), ONE)
def test_labels_that_are_written_differently(one, other):
    first, second = sorted([one, other])
    assert label_complaints([one, other, "third", one]) == [
        f"classes {first!r} and {second!r} differ only in how they are written; if they are one, "
        "give both one name, if they are two, names that differ more"
    ]


@pytest.mark.parametrize("labels", TWO)
def test_labels_that_are_two(labels):
    assert label_complaints(labels) == []


@pytest.mark.parametrize("label", ["nan", "NaN", "NULL", "None", "none", "n/a", "<NA>", " nan "])
def test_a_label_that_looks_missing(label):
    name = label.strip()
    assert label_complaints([label, "dog", "nancy"]) == [
        f"class {label!r} looks like a missing value; give these examples their label, or take "
        f"them out; if it is a class, call it otherwise, such as 'no {name}'"
    ]


EXPECTED = label_complaints(["Cat", "cat", "nan"])


def test_folders_lists_and_embeddings_are_treated_alike(tmp_path):
    labels = ["Cat", "cat", "nan", "dog"]
    fill(tmp_path / "folders", dict.fromkeys(labels, 5))
    assert complaints(tmp_path / "folders") == EXPECTED
    fill(tmp_path, dict.fromkeys("abcd", 5))
    lines = [f"{folder}/00{n}.jpg,{label}" for folder, label in zip("abcd", labels, strict=True)
             for n in range(5)]  # fmt: skip
    assert complaints(listed(tmp_path, ["path,label", *lines])) == EXPECTED
    rows = [[number, number**2] for number in range(20)]
    for kind in ("npz", "parquet"):
        folder = tmp_path / kind
        folder.mkdir()
        if kind == "npz":
            save_npz(folder, "m", rows, labels * 5)
        else:
            save_parquet(folder, "m", {"label": labels * 5, "embedding": rows})
        files = feature_models(folder)
        assert refused(folder, lambda files=files: check_features(files, 1, DEFAULTS)) == EXPECTED
