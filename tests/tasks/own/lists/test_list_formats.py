"""Lists of benchmarks in their original forms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from made import complaints, fill, listed, refused, write
from needle.tasks.own.listing import data_kind, find_examples, fingerprint
from needle.tasks.own.pictures import Square
from needle.tasks.own.prepare import prepare


def save(root, name, lines):
    write(root / name, "\n".join(lines) + "\n")
    return root / name


def labels(path, label=None):
    return [(c.path, c.label, c.split) for c in find_examples(path, label=label).candidates]


# Forms

TEN = [(f"x/{n:03d}.jpg", "ab"[n % 2]) for n in range(10)]


@pytest.mark.parametrize(
    ("name", "header", "separator"),
    [
        ("list.csv", "path,label", ","),
        ("list.csv", "", ","),
        ("list.csv", "path;label", ";"),  # of a spreadsheet
        ("list.csv", "Image\tClass", "\t"),
        ("list.tsv", "filename\tlabel", "\t"),
        ("list.tsv", "", "\t"),
        ("list.txt", "", " "),  # of ImageNet
        ("list.txt", "", "   "),
        ("list.txt", "", "\t"),
        ("list.txt", "", ","),
        ("list.txt", "path label", " "),
        ("list.lst", "", "\t"),
        ("LIST.TXT", "", " "),
        ("list.csv", "image_path,target", ","),
    ],
)
def test_forms(tmp_path, name, header, separator):
    fill(tmp_path, {"x": 10})
    lines = [header] if header else []
    lines += [f"{path}{separator}{label}" for path, label in TEN]
    path = save(tmp_path, name, lines)
    assert data_kind(path) == "images"
    assert labels(path) == [(path, label, "") for path, label in TEN]


def test_blanks_in_paths_and_labels(tmp_path):
    fill(tmp_path, {"my cats": 5, "a.jpg files": 5})
    lines = [f"my cats/00{n}.jpg  tabby cat" for n in range(5)]
    lines += [f'"a.jpg files/00{n}.jpg"\t7' for n in range(5)]
    path = save(tmp_path, "all.txt", [line.replace("\t", " ") for line in lines])
    assert {(p.split("/")[0], label) for p, label, _ in labels(path)} == {
        ("my cats", "tabby cat"), ("a.jpg files", "7")}  # fmt: skip


def test_a_byte_order_mark_and_ends_of_lines_of_windows(tmp_path):
    fill(tmp_path, {"x": 10})
    text = "".join(f"{path}\t{label}\r\n" for path, label in TEN)
    (tmp_path / "list.tsv").write_bytes(text.encode("utf-8-sig"))
    assert labels(tmp_path / "list.tsv") == [(path, label, "") for path, label in TEN]


def test_one_list_for_each_split(tmp_path):
    fill(tmp_path / "images", {"x": 20})
    paths = [f"images/x/{n:03d}.jpg" for n in range(20)]
    for name, part in {"train": paths[:12], "Val": paths[12:16], "test": paths[16:]}.items():
        save(tmp_path, f"{name}.txt", [f"{path} {n % 2}" for n, path in enumerate(part)])
    assert data_kind(tmp_path) == "images"
    splits = [split for _, _, split in labels(tmp_path)]
    assert splits == ["train"] * 12 + ["val"] * 4 + ["test"] * 4
    before = fingerprint(tmp_path)
    save(tmp_path, "test.txt", [f"{path} {n % 3 % 2}" for n, path in enumerate(paths[16:])])
    assert fingerprint(tmp_path) != before


def test_lists_of_splits_name_what_is_wrong_with_each(tmp_path):
    fill(tmp_path / "images", {"x": 20})
    save(tmp_path, "train.csv", [f"images/x/{n:03d}.jpg,{n % 2}" for n in range(12)])
    save(tmp_path, "test.csv", ["path", "images/x/015.jpg"])
    first, second = complaints(tmp_path)
    assert first == "test.csv: its header is path; it has no column label"
    assert second.startswith("as class folders: it has one folder, images, which holds folders")
    save(tmp_path, "test.csv", ["path,label,split", "images/x/015.jpg,1,train", "images/x/1.jpg"])
    assert complaints(tmp_path)[:2] == [
        "test.csv: line 3: has 1 cells, the header has 3",
        "test.csv: line 2: its split is train; keep it out of this file",
    ]


def test_class_folders_beside_lists_stay_what_they_were(tmp_path):
    fill(tmp_path, {"a": 5, "b": 5})
    for name in ("train", "test"):
        save(tmp_path, f"{name}.txt", ["a/000.jpg a"])
    listing = find_examples(tmp_path)
    assert len(listing.candidates) == 10
    (warning,) = (p for p in listing.problems if p.action == "warned")
    assert warning.problem.startswith("train.txt and test.txt are not read, the class folders are")


def test_class_folders_too_small_and_lists_that_are_wrong_are_both_named(tmp_path):
    fill(tmp_path, {"a": 5, "b": 2})
    for name in ("train", "test"):
        save(tmp_path, f"{name}.txt", ["a", "b"])
    first, second, third = complaints(tmp_path)
    assert first.startswith("train.txt: its header is a; it has no column path")
    assert second.startswith("test.txt: its header is a; it has no column path")
    assert third == (
        "as class folders: class b has 2 pictures, fewer than 5; add some, or take the class out"
    )


# Columns


def test_a_column_is_chosen_by_name(tmp_path):
    fill(tmp_path, {"x": 20})
    lines = [f"x/{n:03d}.jpg,{'ab'[n % 2]},{'pqrs'[n % 4]},{n}" for n in range(20)]
    path = listed(tmp_path, ["image,species,breed,id", *lines])
    assert complaints(path) == [
        "which column is the label: species, breed, id? Name it as label in the config"
    ]
    listing = find_examples(path, label="Breed")
    assert {c.label for c in listing.candidates} == set("pqrs")
    assert [problem.problem for problem in listing.problems] == [
        "the labels are those of the column breed",
        "columns that are not used: species, id",
    ]
    path = listed(tmp_path, ["path,label,breed,id", *lines])
    assert {label for _, label, _ in labels(path)} == set("ab")
    assert {label for _, label, _ in labels(path, "breed")} == set("pqrs")


def test_the_only_other_column_is_the_label(tmp_path):
    fill(tmp_path, {"x": 10})
    path = listed(tmp_path, ["file_name,mood,split", *(f"{p},{c}," for p, c in TEN)])
    assert labels(path) == [(path, label, "") for path, label in TEN]


def test_a_column_that_is_not_there_is_refused(tmp_path):
    fill(tmp_path, {"a": 5, "b": 5})
    path = listed(tmp_path, ["path,label", "a/000.jpg,a"])
    for wrong in ("breed", "path", "split"):
        assert refusal_of(path, wrong) == [
            f"label in the config is {wrong}, but the columns are path, label; name one of them"
        ]
    assert refusal_of(tmp_path, "breed")[0] == (
        "label in the config, breed, names a column, but this is a folder; remove it"
    )


def refusal_of(path, label):
    return refused(path, lambda: prepare(path, 1, Square(2), label=label))


def test_several_columns_without_a_header_ask_for_one(tmp_path):
    fill(tmp_path, {"x": 3})
    for name, line in (("a.csv", "x/000.jpg,a,b"), ("a.txt", "x/000.jpg 3 17")):
        (complaint,) = complaints(save(tmp_path, name, [line]))
        assert complaint.startswith("it has 3 columns and no header; write a header that names")


@pytest.mark.parametrize("line", ["cat x/000.jpg", "0\tx/000.jpg\tcat", "x/000.jpg", "1,x/0.jpg,a"])
def test_lines_in_another_order_are_refused(tmp_path, line):
    fill(tmp_path, {"x": 3})
    assert complaints(save(tmp_path, "a.txt", [line])) == [
        "its first line is not a path and its label; write these in each line, or a header such as "
        "path,label"
    ]


def test_names_without_their_ending_say_what_is_there(tmp_path):
    fill(tmp_path, {"x": 3})
    path = listed(tmp_path, ["image_id,label", "x/000,a", "x/7,a"])
    assert complaints(path) == [
        "line 2: x/000: no such file, but x/000.jpg is there; write the whole name",
        "line 3: x/7: no such file",
    ]


@given(st.sampled_from([".csv", ".tsv", ".txt", ".lst"]), st.text(max_size=80))
def test_no_text_is_an_error_of_the_program(tmp_path_factory, suffix, text):
    path = tmp_path_factory.mktemp("data") / f"list{suffix}"
    path.write_bytes(text.encode(errors="surrogatepass"))
    assert complaints(path)
    fingerprint(path)
