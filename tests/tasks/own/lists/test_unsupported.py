"""Labels that are not of one class a picture: several of them, or numbers to predict."""

import pytest

from made import complaints, fill, listed, paint, refusal
from needle.tasks.own.lists.unsupported import one_hot, unsupported

WHY = "not supported, because models are fine-tuned to tell classes apart, one a picture"


def many(*labels):
    return [(line, f"{line}.jpg", label) for line, label in enumerate(labels, start=2)]


@pytest.mark.parametrize(
    "labels",
    [
        ("cat", "dog", "cat;dog"),
        ("cat", "dog", "cat,dog"),
        ("cat", "dog", "dog, cat"),
        ("Effusion", "No Finding", "Hernia|Effusion", "Hernia"),
        ("haze;primary", "clear;primary", "clear;water", "haze;water"),
        ("['cat']", "['dog']", "['cat', 'dog']"),
        ("{cat}", "{cat,dog}", "{dog}"),
    ],
)
def test_several_labels_a_picture_are_named(labels):
    reason = unsupported(many(*labels))
    assert "several labels a picture" in reason
    assert WHY in reason


@pytest.mark.parametrize(
    "labels",
    [
        ("a", "b, c"),
        ("red", "apple, green", "apple"),
        ("Paris, France", "Rome, Italy"),
        ("cat;dog", "bird"),
        ("a|b", "c|d"),
        ("golden retriever", "golden", "retriever"),
        ("(cat)", "[dog]"),
        ("it's", '"quoted"'),
        (";", "|", ",", "[]"),
    ],
)
def test_labels_with_commas_may_be_of_one_class(labels):
    assert unsupported(many(*labels)) == ""


def test_pictures_listed_once_for_each_label_are_named():
    lines = [(n, f"{n // 2}.jpg", "ab"[n % 2]) for n in range(20)]
    assert unsupported(lines).startswith(
        "10 of 10 pictures are listed with several labels, such as 0.jpg with a and b; that is"
    )
    once = [(n, f"{n}.jpg", "ab"[n % 2]) for n in range(20)]
    assert unsupported([*once, (20, "0.jpg", "b")]) == ""  # a mistake, removed later
    assert unsupported([*once, *once]) == ""


@pytest.mark.parametrize(
    "labels",
    [
        [f"{n / 7:.3f}" for n in range(50)],
        [str(n * n) for n in range(40)],
        [f"{n},5" for n in range(30)],
        [str(n - 20) for n in range(40)],
        [f"{n % 15}.25" for n in range(45)],
        [f"1e-{n}" for n in range(1, 20)],
        [f"{n}%" for n in range(5, 40)],
    ],
)
def test_numbers_to_predict_are_named(labels):
    reason = unsupported(many(*labels))
    assert "numbers to predict" in reason
    assert WHY in reason


@pytest.mark.parametrize(
    "labels",
    [
        [str(n % 10) for n in range(50)],
        [str(n) for n in range(20)],  # classes by number, of too few pictures each
        [str(n + 1) for n in range(20)],
        [f"{n % 9 / 2:.1f}" for n in range(90)],
        ["nan", "inf", *map(str, range(20))],
        [f"v{n}" for n in range(40)],
        [],
    ],
)
def test_numbers_of_classes_are_not(labels):
    assert unsupported(many(*labels)) == ""


def test_columns_of_zero_and_one_are_named(tmp_path):
    fill(tmp_path, {"x": 3})
    path = listed(tmp_path, ["image,MEL,NV,BCC,AK", "x/000.jpg,0.0,1.0,0.0,0.0"])
    (complaint,) = complaints(path)
    assert complaint.startswith(
        "it has a column of 0 and 1 for each class (mel, nv, bcc and 1 more): several labels"
    )
    assert WHY in complaint
    assert one_hot({"a": ["0", "1"], "b": ["x", "y"]}) == ""
    assert one_hot({"a": [], "b": []}) == ""


def test_more_cells_than_columns_may_be_several_labels(tmp_path):
    fill(tmp_path, {"x": 3})
    path = listed(tmp_path, ["path,label", "x/000.jpg,cat,dog"])
    assert complaints(path) == [
        "line 2: has 3 cells, the header has 2; quote a cell with a comma in it; several labels a "
        "picture are not supported"
    ]


def test_they_are_refused_before_any_picture_is_opened(tmp_path):
    paint(tmp_path, {"x": 10})
    lines = [f"x/{n:03d}.png,{n / 7:.3f}" for n in range(10)]
    path = listed(tmp_path, ["path,label", *lines])
    assert refusal(path)[0].startswith("the labels are 10 numbers for 10 pictures, such as 0.000")
