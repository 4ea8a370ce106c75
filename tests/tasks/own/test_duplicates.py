"""The same picture twice."""

from hypothesis import given
from hypothesis import strategies as st

from made import copy, fill, refusal
from needle.tasks.own.checks import Candidate
from needle.tasks.own.duplicates import remove_duplicates
from needle.tasks.own.listing import find_examples
from needle.tasks.own.problems import Problem
from needle.tasks.task_file import SPLITS


def without_copies(root):
    listing = find_examples(root)
    kept, problems = remove_duplicates(listing.root, listing.candidates)
    removed = sorted({c.path for c in listing.candidates} - {c.path for c in kept})
    return removed, problems


def test_the_first_of_some_copies_stays(tmp_path):
    fill(tmp_path, {"a": 5, "b": 5})
    copy(tmp_path, "a/002.jpg", "a/x.jpg", "a/000copy.jpg")
    (tmp_path / "b/same size.jpg").write_bytes((tmp_path / "b/000.jpg").read_bytes()[::-1])
    assert without_copies(tmp_path) == (
        ["a/002.jpg", "a/x.jpg"],
        [
            Problem("a/002.jpg", "same content as a/000copy.jpg", "removed"),
            Problem("a/x.jpg", "same content as a/000copy.jpg", "removed"),
        ],
    )


def test_of_copies_that_contradict_none_stays(tmp_path):
    fill(tmp_path, {"a": 5, "b": 5, "c": 5})
    copy(tmp_path, "a/000.jpg", "a/x.jpg", "b/x.jpg")
    text = "contradicting labels: same content as"
    assert without_copies(tmp_path) == (
        ["a/000.jpg", "a/x.jpg", "b/x.jpg"],
        [
            Problem("a/000.jpg", f"{text} b/x.jpg, which is of class b", "removed"),
            Problem("a/x.jpg", f"{text} b/x.jpg, which is of class b", "removed"),
            Problem("b/x.jpg", f"{text} a/000.jpg, which is of class a", "removed"),
        ],
    )


def test_empty_files_are_no_copies(tmp_path):
    fill(tmp_path, {"a": 5, "b": 5})
    for path in ("a/x.jpg", "b/x.jpg"):
        (tmp_path / path).touch()
    assert without_copies(tmp_path) == ([], [])


def test_a_copy_stays_in_the_first_of_the_splits_that_are_given(tmp_path):
    for split in SPLITS:
        fill(tmp_path / split, {"a": 3, "b": 3})
    copy(tmp_path, "train/a/000.jpg", "train/a/x.jpg", "val/a/x.jpg", "test/b/x.jpg")
    copy(tmp_path, "val/b/000.jpg", "test/b/y.jpg")
    copy(tmp_path, "test/a/000.jpg", "test/b/z.jpg")
    assert without_copies(tmp_path) == (
        ["test/b/x.jpg", "test/b/y.jpg", "val/a/x.jpg"],
        [
            Problem(
                "test/b/x.jpg", "same content as train/a/000.jpg, which is of class a", "removed"
            ),
            Problem("test/b/y.jpg", "same content as val/b/000.jpg", "removed"),
            Problem("val/a/x.jpg", "same content as train/a/000.jpg", "removed"),
            Problem(
                "",
                "2 pictures are copies of others in the same split and stay; 2 of these have "
                "contradicting labels",
                "noted",
            ),
        ],
    )


def test_copies_do_not_get_into_a_val_that_is_cut_from_train(tmp_path):
    for split in ("train", "test"):
        fill(tmp_path / split, {"a": 5, "b": 5})
        copy(tmp_path, f"{split}/a/000.jpg", f"{split}/a/x.jpg")
    copy(tmp_path, "train/b/000.jpg", "train/a/y.jpg", "test/b/y.jpg")
    removed, problems = without_copies(tmp_path)
    assert removed == ["test/b/y.jpg", "train/a/x.jpg", "train/a/y.jpg", "train/b/000.jpg"]
    assert problems[-1].problem == "1 picture is a copy of another in the same split and stay"


def test_a_line_that_is_listed_twice(tmp_path):
    fill(tmp_path, {"a": 5, "b": 5})
    lines = [f"{label}/00{n}.jpg,{label}" for label in "ab" for n in range(5)]
    path = tmp_path / "list.csv"
    path.write_text("\n".join(["path,label", *lines, "a/000.jpg,a"]))
    listing = find_examples(path)
    kept, problems = remove_duplicates(listing.root, listing.candidates)
    assert [c.path for c in kept] == [line.split(",")[0] for line in lines]
    assert problems == [Problem("a/000.jpg", "listed more than once", "removed")]


PLACES = st.tuples(st.sampled_from(["", *SPLITS]), st.sampled_from("ab"), st.integers(0, 3))


@given(st.lists(PLACES, max_size=15), st.booleans())
def test_no_content_stays_in_two_splits(tmp_path_factory, places, is_split):
    """Nor twice where val is still to be cut; and nothing vanishes but contradictions."""
    root = tmp_path_factory.mktemp("data")
    candidates, contents = [], {}
    for number, (split, label, content) in enumerate(places):
        split = (split or "train") if is_split else ""
        candidates.append(Candidate(f"{number:02d}.jpg", label, split))
        contents[candidates[-1]] = content
        (root / candidates[-1].path).write_text(f"content {content}")
    kept, problems = remove_duplicates(root, candidates)
    uncut = {"val", "test"} | ({"train"} if any(c.split == "val" for c in candidates) else set())
    for content in range(4):
        before = [c for c in candidates if contents[c] == content]
        after = [c for c in kept if contents[c] == content]
        assert len({c.split for c in after}) <= 1
        assert len(after) <= 1 or after[0].split in uncut
        assert after or len({c.label for c in before}) != 1
    assert len(kept) + sum(problem.action == "removed" for problem in problems) == len(candidates)


def test_copies_that_leave_too_few(tmp_path):
    fill(tmp_path, {"a": 5, "b": 4})
    copy(tmp_path, "b/000.jpg", "b/x.jpg")
    assert refusal(tmp_path) == [
        "class b has 4 pictures other than copies, fewer than 5; add some, or take the class out",
        "removed: b/x.jpg: same content as b/000.jpg",
    ]
    for split in ("train", "test"):
        fill(tmp_path / "cut" / split, {"a": 5, "b": 5})
    for path in (tmp_path / "cut/test").glob("*/*"):
        copy(tmp_path, f"cut/train/{path.parent.name}/000.jpg", path)
    assert refusal(tmp_path / "cut") == [
        "it has no pictures other than copies in test; add some",
        *(f"removed: test/a/00{n}.jpg: same content as train/a/000.jpg" for n in range(5)),
    ]
