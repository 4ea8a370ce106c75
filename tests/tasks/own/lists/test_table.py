"""Lines of lists, and the pictures that they name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from made import complaints, fill, found, listed, write
from needle.base.errors import NeedleError
from needle.tasks.own.listing import find_examples, fingerprint
from needle.tasks.own.lists.table import read_rows
from needle.tasks.own.problems import Problem


def test_a_list(tmp_path):
    fill(tmp_path, {"x": 5, "with, comma": 5})
    absolute = tmp_path.parent / "far.jpg"
    write(absolute, "far")
    lines = [f"x/00{number}.jpg, a " for number in range(5)]
    lines += [f'"with, comma/00{number}.jpg","b, c"' for number in range(5)]
    lines += ["", f"{absolute},a", "./x/000.jpg,a"]
    path = listed(tmp_path, ["path,label", *lines], "utf-8-sig")
    items = found(path)
    assert len(items) == 12
    assert ("", "b, c", "with, comma/004.jpg") in items
    assert ("", "a", str(absolute)) in items
    assert items.count(("", "a", "x/000.jpg")) == 2
    assert find_examples(path).root == tmp_path


def test_a_list_with_splits_and_another_column(tmp_path):
    fill(tmp_path, {"x": 20})
    splits = ["train", "Train", "val", "test", "test"]
    lines = [f"{n},{splits[n // 4]},{'ab'[n % 2]},x/{n:03d}.jpg" for n in range(20)]
    listing = find_examples(listed(tmp_path, ["id,split,label,path", *lines]))
    assert [c.split for c in listing.candidates] == ["train"] * 8 + ["val"] * 4 + ["test"] * 8
    assert listing.problems == [Problem("", "columns that are not used: id", "noted")]


def test_wrong_lines_are_all_named(tmp_path):
    fill(tmp_path, {"x": 3})
    lines = [
        "x/000.jpg,a,train",
        "x/001.jpg,a,dev",
        "x/002.jpg,,train",
        ",a,train",
        "x/000.jpg,a",
        "x/missing.jpg,a,test",
        "x,a,train",
        "x/002.jpg,a,",
        "x\0,a,train",
    ]
    assert complaints(listed(tmp_path, ["path,label,split", *lines])) == [
        "line 3: split dev is none of train, val, test",
        "line 4: has no label",
        "line 5: has no path",
        "line 6: has 2 cells, the header has 3",
        "line 7: x/missing.jpg: no such file",
        "line 8: x: not a file",
        "line 9: has no split",
        "line 10: x\0: no such file",
    ]


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ([], "it is empty; write a header path,label and a line for a picture"),
        (["path,label"], "it has no pictures"),
        (
            ["name,label", "x/000,a"],
            "its header is name, label; it has no column path; name the columns, such as "
            "path,label or path,label,split",
        ),
        (["path,label,label", "x,a,b"], "its header has label more than once; rename one"),
        (["path,label", '"x,a'], "line 2: unexpected end of data; quote each odd cell whole"),
        (
            ["path,label,split", "x/000.jpg,a,test"],
            "no line is of split train; give train and test, or no split at all",
        ),
    ],
)
def test_wrong_lists(tmp_path, lines, complaint):
    fill(tmp_path, {"x": 3})
    assert complaints(listed(tmp_path, lines)) == [complaint]


def test_backslashes_of_windows(tmp_path):
    fill(tmp_path, {"x/y": 4, "z": 5})
    write(tmp_path / "x\\y\\004.jpg", "a file that has backslashes in its name")
    lines = [f"x\\y\\{n:03d}.jpg,a" for n in range(5)] + [f".\\z\\{n:03d}.jpg,b" for n in range(5)]
    table = listed(tmp_path, ["path,label", *lines])
    paths = [path for _, label, path in found(table) if label == "a"]
    assert paths == [*(f"x/y/{n:03d}.jpg" for n in range(4)), "x\\y\\004.jpg"]
    before = fingerprint(table)
    write(tmp_path / "z/000.jpg", "another picture")
    assert fingerprint(table) != before
    (line,) = complaints(listed(tmp_path, ["path,label", *lines, r"C:\pictures\1.jpg,a"]))
    assert line == "line 12: C:/pictures/1.jpg: no such file"


def test_a_list_in_another_encoding(tmp_path):
    (line,) = complaints(listed(tmp_path, ["path,label", "x.jpg,é"], "latin-1"))
    assert line.startswith("it is not in UTF-8")


def test_many_missing_files_are_shortened(tmp_path):
    lines = complaints(listed(tmp_path, ["path,label", *(f"{n}.jpg,a" for n in range(50))]))
    assert lines[0] == "line 2: 0.jpg: no such file"
    assert lines[20:] == ["and 30 more complaints"]


@given(st.binary(max_size=60))
def test_no_content_of_a_list_is_an_error_of_the_program(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("data") / "list.csv"
    path.write_bytes(b"path,label,split\n" + content)
    read_rows(path)
    fingerprint(path)
    with pytest.raises(NeedleError):
        find_examples(path)
