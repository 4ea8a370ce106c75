"""Lists of benchmarks in their original forms, and labels that are not of one class a picture."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from made import complaints, fill, listed, paint, refusal, refused, write
from needle.tasks.own.listing import data_kind, find_examples, fingerprint
from needle.tasks.own.pictures import Square
from needle.tasks.own.prepare import prepare
from needle.tasks.own.unsupported import one_hot, unsupported

WHY = "not supported, because models are fine-tuned to tell classes apart, one a picture"


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


# Labels that are not of one class a picture


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


@given(st.sampled_from([".csv", ".tsv", ".txt", ".lst"]), st.text(max_size=80))
def test_no_text_is_an_error_of_the_program(tmp_path_factory, suffix, text):
    path = tmp_path_factory.mktemp("data") / f"list{suffix}"
    path.write_bytes(text.encode(errors="surrogatepass"))
    assert complaints(path)
    fingerprint(path)
