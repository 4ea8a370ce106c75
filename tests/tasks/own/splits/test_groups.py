"""Pictures of one patient or video: all on one side of every split, and names that look like it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from made import break_, listed, paint, refused
from needle.tasks.own.checks import Candidate
from needle.tasks.own.pictures import Square
from needle.tasks.own.prepare import DEFAULTS, prepare
from needle.tasks.own.problems import Problem
from needle.tasks.own.splits.group_split import split_by_groups, take
from needle.tasks.own.splits.groups import leaks, likely_groups, with_groups

SHARES = {"val_share": 0.2, "test_share": 0.2}


def by_split(candidates, value):
    found = {}
    for candidate in candidates:
        found.setdefault(candidate.split, set()).add(value(candidate))
    return found


def grouped(sizes, classes, split="", name="p{}"):
    """Candidates of groups of these sizes; the classes go round within and between them."""
    return [
        Candidate(f"{name.format(g)}/{n}.jpg", f"c{(g + n) % classes}", split, name.format(g))
        for g, size in enumerate(sizes)
        for n in range(size)
    ]


# Cutting


@st.composite
def data(draw):
    groups = draw(st.integers(2, 25))
    count = draw(st.integers(groups, 120))
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    labels = generator.integers(0, draw(st.integers(1, 5)), count)
    labels = np.unique(labels, return_inverse=True)[1]
    return labels, generator.integers(0, groups, count)


@settings(deadline=None)
@given(data(), st.floats(0.01, 0.95), st.integers(0, 2**63))
def test_no_group_is_on_two_sides_and_every_class_is_left(drawn, share, seed):
    labels, groups = drawn
    part = take(labels, groups, share, seed)
    assert not set(groups[part]) & set(groups[~part])
    assert set(labels[~part]) == set(labels)
    assert np.array_equal(part, take(labels, groups, share, seed))


@settings(deadline=None)
@given(st.lists(st.integers(1, 6), min_size=12, max_size=40), st.integers(1, 4), st.integers(0, 99))
def test_splits_by_groups(sizes, classes, seed):
    found, complaints = split_by_groups(grouped(sizes, classes), seed, SHARES)
    assert complaints == []
    groups = by_split(found, lambda c: c.group)
    assert groups.keys() == {"train", "val", "test"}
    assert sum(map(len, groups.values())) == len(sizes)
    labels = by_split(found, lambda c: c.label)
    assert labels["train"] == {c.label for c in found}
    assert found == split_by_groups(grouped(sizes, classes), seed, SHARES)[0]


def test_many_equal_groups_give_the_shares_stratified():
    found, _ = split_by_groups(grouped([4] * 100, 2), 1, SHARES)
    counts = {split: sum(c.split == split for c in found) for split in ("train", "val", "test")}
    assert counts == {"train": 256, "val": 64, "test": 80}
    zero = {split: sum(c.split == split and c.label == "c0" for c in found) for split in counts}
    assert zero == {"train": 128, "val": 32, "test": 40}


def test_the_seed_draws_the_groups():
    first, other = (split_by_groups(grouped([3] * 30, 2), seed, SHARES)[0] for seed in (1, 2))
    assert by_split(first, lambda c: c.group) != by_split(other, lambda c: c.group)


def test_pictures_without_a_group_are_one_each():
    alone = [Candidate(f"{n}.jpg", f"c{n % 2}") for n in range(40)]
    found, _ = split_by_groups([*alone, *grouped([5, 5], 2)], 1, SHARES)
    assert {c.split for c in found if not c.group} == {"train", "val", "test"}
    assert split_by_groups(alone, 1, SHARES) == (alone, [])  # cut otherwise


def test_val_is_cut_from_train_by_groups_and_given_splits_stay():
    train, test = grouped([3] * 20, 2, "train"), grouped([3] * 5, 2, "test", "q{}")
    found, _ = split_by_groups(train + test, 1, SHARES)
    assert {c.group for c in found if c.split == "test"} == {f"q{n}" for n in range(5)}
    assert len({c.group for c in found if c.split == "val"}) == 4
    whole = [*found]
    assert split_by_groups(whole, 2, SHARES) == (whole, [])


def test_a_class_of_one_group_is_for_training():
    rare = [Candidate(f"r{n}.jpg", "rare", "", "only") for n in range(9)]
    found, _ = split_by_groups([*rare, *grouped([4] * 10, 2)], 1, SHARES)
    assert {c.split for c in found if c.label == "rare"} == {"train"}


@pytest.mark.parametrize("sizes", [[40], [20, 20]])
def test_too_few_groups_are_refused(sizes):
    found, (complaint,) = split_by_groups(grouped(sizes, 2), 1, SHARES)
    assert "too few, since a group cannot be on both sides" in complaint
    assert {c.split for c in found} == {""}


def test_groups_that_are_classes_are_refused():
    found = [Candidate(f"{c}{n}.jpg", c, "", c) for c in "abc" for n in range(9)]
    assert split_by_groups(found, 1, SHARES)[1]


# Groups of a path


def test_the_first_parentheses_find_the_group():
    found = [Candidate("ill/p07_1.jpg", "ill"), Candidate("well/p7_2.jpg", "well")]
    named, complaints = with_groups(found, r"/(p\d+)_(\d)")
    assert ([c.group for c in named], complaints) == (["p07", "p7"], [])
    assert with_groups(found, None) == (found, [])
    for pattern in (r"/(q\d+)_", r"/(p07)_", r"/(z*)p"):
        assert with_groups(found, pattern)[1][-1].endswith(f"{pattern}, finds no name in this path")


def test_a_group_on_both_sides_of_a_split_is_named():
    found = grouped([2, 2], 2, "train") + grouped([3], 2, "test")
    assert leaks(found) == [
        "group p0 is in train (2) and test (3): pictures of one group in two splits make every "
        "accuracy too high; move them into one split, or give no splits"
    ]
    assert leaks(grouped([2, 2], 2)) == []
    assert "and so are 1 more" in leaks(found + grouped([1, 1], 2, "val"))[0]


# Names that look like groups


def names(*stems, classes=2, split=""):
    return [
        Candidate(f"c{number % classes}/{stem}.jpg", f"c{number % classes}", split)
        for number, stem in enumerate(stems)
    ]


def in_sets(pattern, sets=8, of=4):
    """Names of sets, each with all its pictures in one class."""
    return [
        Candidate(f"c{s % 2}/{pattern.format(s=s, n=n, x='abcd'[n])}.jpg", f"c{s % 2}")
        for s in range(sets)
        for n in range(of)
    ]


@pytest.mark.parametrize(
    "pattern",
    ["IMG_{s:03d}_{x}", "video{s}_frame{n:02d}", "person{s}_bacteria_{n}", "{s:08d}_{n:03d}",
     "slide-{s}-tile{n}", "2021_03_{s:02d}_{n}", "p{s} ({n})", "v_Dance_g{s:02d}_c01_f{n}"],
)  # fmt: skip
def test_names_that_look_like_groups(pattern):
    (warning,) = likely_groups(in_sets(pattern))
    assert warning.action == "warned"
    assert warning.problem.startswith("names look like 8 groups, such as 4 pictures named ")


@pytest.mark.parametrize(
    "found",
    [
        names(*(f"IMG_{n}" for n in range(40))),
        names(*(f"{n:05d}" for n in range(40))),
        names(*(f"lemon_{n:03d}" for n in range(40))),  # the class
        names(*(f"cat.{n}" for n in range(40))),
        names(*(f"n0{n % 2}_{n}" for n in range(40))),  # the class again, with a number
        names(*(f"Albatross_{n:04d}_{7 * n}" for n in range(40))),  # no two begin alike
        names(*(f"r_{n}_100" for n in range(40))),
        names(*(f"image ({n})" for n in range(40))),
        names(*(f"{n:032x}" for n in range(40))),
        names(*(f"ISIC_{n:07d}" for n in range(40))),
        # A few copies do not make groups of all.
        names(*(f"IMG_{n}" for n in range(40)), *(f"IMG_{n // 4} ({n % 4})" for n in range(12))),
        [],
    ],
)
def test_other_names_do_not(found):
    assert likely_groups(found) == []


def test_given_groups_and_splits_that_hold_the_names_apart_are_not_warned_of():
    found = in_sets("video{s}_frame{n}")
    assert likely_groups(with_groups(found, r"(video\d+)")[0]) == []
    apart = [Candidate(c.path, c.label, "train" if c.path < "c1/video5" else "test") for c in found]
    assert likely_groups(apart) == []
    mixed = [Candidate(c.path, c.label, ("train", "test")[n % 2]) for n, c in enumerate(found)]
    assert likely_groups(mixed)


# From files to splits


def test_a_list_with_groups(tmp_path):
    paint(tmp_path, {"a": 40, "b": 40})
    files = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.png"))
    lines = [f"{path},{path.parts[0]},shop {int(path.stem) // 4}" for path in files]
    data = prepare(listed(tmp_path, ["path,label,group", *lines]), 1, Square(2))
    groups = by_rows(data)
    assert {split: len(names) for split, names in groups.items()} == {
        "train": 6, "val": 2, "test": 2}  # fmt: skip
    assert not groups["train"] & (groups["val"] | groups["test"])
    assert data.problems == [
        Problem("", "10 groups, each in one split: 6 in train, 2 in val, 2 in test", "grouped")
    ]


def by_rows(data):
    groups = {}
    for row in data.rows:
        groups.setdefault(row["split"], set()).add(row["group"])
    return groups


def test_groups_by_a_pattern_with_limits_and_a_broken_picture(tmp_path):
    paint(tmp_path, {"a": 60, "b": 60})
    break_(tmp_path, "a/003.png")
    limits = DEFAULTS | {"max": 40, "max_test": 10}
    data = prepare(tmp_path, 1, Square(2), limits, group=r"/(\d\d)\d")
    assert [len(data.splits[split]) for split in ("train", "val", "test")] == [32, 8, 10]
    groups = by_rows(data)
    assert not groups["train"] & groups["val"] | groups["test"] & (groups["train"] | groups["val"])


def test_leaks_and_few_groups_are_refused_before_decoding(tmp_path):
    paint(tmp_path, {"train/a": 9, "train/b": 9, "test/a": 9, "test/b": 9})
    lines = refused(tmp_path, lambda: prepare(tmp_path, 1, Square(2), group=r"/(\d+)\."))
    assert lines[0].startswith("group 000 is in train (2) and test (2), and so are 8 more")
    paint(tmp_path / "two", {"a": 9, "b": 9})
    for pattern, word in ((r"(/)", "too few"), (r"/(x)", "finds no name")):
        lines = refused(
            tmp_path / "two", lambda pattern=pattern: prepare(
                tmp_path / "two", 1, Square(2), group=pattern))  # fmt: skip
        assert word in lines[0]
