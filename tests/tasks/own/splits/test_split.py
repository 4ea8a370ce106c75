"""How examples are shared out and drawn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needle.tasks.own.checks import Candidate, class_complaints
from needle.tasks.own.splits.split import Group, cut, split_sizes, stratify

LIMITS = {"max": 1000, "val_share": 0.2, "test_share": 0.2, "max_test": 2000}


def candidates(counts, split=""):
    return [
        Candidate(f"{split}/{label}/{number:06d}.jpg", label, split)
        for label, count in counts.items()
        for number in range(count)
    ]


def cut_paths(found, seed=1, **limits):
    """Paths by split, as drawn if every picture can be read."""
    paths = {"train": [], "val": [], "test": []}
    for group in cut(found, seed, LIMITS | limits):
        for split, part in group.share(group.candidates[: group.size]).items():
            paths[split] += [candidate.path for candidate in part]
    return paths


def sizes(paths):
    return {split: len(part) for split, part in paths.items()}


def by_class(paths, split):
    labels = [path.split("/")[1] for path in paths[split]]
    return {label: labels.count(label) for label in sorted(set(labels))}


# Stratification

SIZES = st.lists(st.integers(1, 60), min_size=1, max_size=12)


@st.composite
def cuts(draw):
    sizes = draw(SIZES)
    train = draw(st.integers(0, sum(sizes)))
    return sizes, (train, draw(st.integers(0, sum(sizes) - train)))


@given(cuts(), st.booleans())
def test_shares_add_up(cut, to_all):
    sizes, totals = cut
    shares = stratify(sizes, totals, to_all)
    assert shares.min() >= 0
    assert shares.sum(axis=0).tolist() == sizes
    assert shares.sum(axis=1).tolist() == [*totals, sum(sizes) - sum(totals)]


@given(cuts())
def test_every_class_is_in_every_split_if_it_can_be(cut):
    sizes, totals = cut
    shares = stratify(sizes, totals)
    if min(sizes) >= 3 and min(shares.sum(axis=1)) >= len(sizes):
        assert shares.min() >= 1


@given(cuts())
def test_what_is_left_needs_no_class(cut):
    sizes, totals = cut
    shares = stratify(sizes, totals, to_all=False)
    if min(sizes) >= 2 and min(totals) >= len(sizes):
        assert shares[:2].min() >= 1


def test_a_class_has_its_full_share_where_the_rest_is_left_aside():
    assert stratify([5, 95], (60, 20), to_all=False).tolist() == [[3, 57], [1, 19], [1, 19]]
    assert stratify([4, 36], (30,), to_all=False).tolist() == [[3, 27], [1, 9]]
    assert stratify([4, 36], (40,), to_all=False).tolist() == [[4, 36], [0, 0]]


@given(cuts())
def test_a_lone_example_is_for_training(cut):
    sizes, totals = cut
    if totals[0] >= len(sizes):
        assert stratify(sizes, totals)[0].min() >= 1


@given(st.lists(st.integers(10, 60), min_size=1, max_size=12), st.integers(40, 60))
def test_shares_are_those_of_largest_remainder(sizes, percent):
    """Where no class is short of examples, a share is its quota rounded up or down."""
    sizes = np.array(sizes)
    total = sizes.sum() * percent // 100
    shares = stratify(sizes, (total, sizes.sum() // 5))
    quotas = total * sizes / sizes.sum()
    up = shares[0] - np.floor(quotas)
    remainders = quotas - np.floor(quotas)
    assert set(up) <= {0, 1}
    if 0 < up.sum() < len(sizes):
        assert remainders[up == 1].min() >= remainders[up == 0].max() - 1e-9
    val_quotas = (sizes.sum() // 5) * sizes / sizes.sum()
    assert np.abs(shares[1] - val_quotas).max() < 2


# Sizes of splits


@pytest.mark.parametrize(
    ("totals", "classes", "limits", "expected"),
    [
        ({"": 1000}, 2, {}, (640, 160, 200)),
        ({"": 10}, 2, {}, (6, 2, 2)),
        ({"": 2000}, 2, {}, (800, 200, 400)),
        ({"": 2000}, 2, {"max": 100, "max_test": 50}, (80, 20, 50)),
        ({"": 50}, 10, {}, (30, 10, 10)),  # one of each class in val, which 0.2 * 40 is not
        ({"": 50}, 10, {"test_share": 0.9, "val_share": 0.9}, (10, 10, 30)),
        ({"": 50}, 10, {"max_test": 3}, (37, 10, 3)),
        ({"": 50}, 10, {"test_share": 0.0, "val_share": 0.0}, (30, 10, 10)),
        ({"train": 100, "test": 9}, 2, {}, (80, 20, 9)),
        ({"train": 9000, "test": 9000}, 2, {}, (800, 200, 2000)),
        ({"train": 500, "val": 500, "test": 9}, 2, {}, (500, 500, 9)),
        ({"train": 9000, "val": 9000, "test": 9}, 2, {}, (800, 200, 9)),
        ({"train": 9000, "val": 50, "test": 9}, 2, {}, (950, 50, 9)),
        ({"train": 50, "val": 9000, "test": 9}, 2, {}, (50, 200, 9)),
    ],
)
def test_sizes_of_splits(totals, classes, limits, expected):
    found = split_sizes(totals, classes, LIMITS | limits)
    assert found == dict(zip(("train", "val", "test"), expected, strict=True))


# Drawing


def test_one_folder_is_cut_in_three():
    paths = cut_paths(candidates({"ant": 50, "bee": 20, "cat": 30}))
    assert by_class(paths, "train") == {"ant": 32, "bee": 13, "cat": 19}
    assert by_class(paths, "val") == {"ant": 8, "bee": 3, "cat": 5}
    assert by_class(paths, "test") == {"ant": 10, "bee": 4, "cat": 6}
    everything = [path for part in paths.values() for path in part]
    assert len(set(everything)) == len(everything) == 100


def test_val_is_cut_from_train():
    found = candidates({"a": 30, "b": 10}, "train") + candidates({"a": 2, "b": 6}, "test")
    paths = cut_paths(found)
    assert by_class(paths, "train") == {"a": 24, "b": 8}
    assert by_class(paths, "val") == {"a": 6, "b": 2}
    assert by_class(paths, "test") == {"a": 2, "b": 6}
    assert all(path.startswith("train") for path in paths["train"] + paths["val"])
    assert not set(paths["train"]) & set(paths["val"])


def test_splits_that_are_given_stay_and_are_limited():
    counts = {"train": {"a": 60, "b": 20}, "val": {"a": 10, "b": 30}, "test": {"a": 5, "b": 45}}
    found = [c for split, part in counts.items() for c in candidates(part, split)]
    paths = cut_paths(found)
    assert {split: by_class(paths, split) for split in counts} == counts
    paths = cut_paths(found, max=20, max_test=10)
    assert sizes(paths) == {"train": 16, "val": 4, "test": 10}
    assert by_class(paths, "train") == {"a": 12, "b": 4}
    assert by_class(paths, "val") == {"a": 1, "b": 3}
    assert by_class(paths, "test") == {"a": 1, "b": 9}
    assert all(path.startswith(split) for split, part in paths.items() for path in part)


def test_the_seed_draws_the_cut():
    found = candidates({"a": 20, "b": 20})
    first, again, other = (cut_paths(found, seed) for seed in (1, 1, 2))
    assert first == again
    assert all(first[split] != other[split] for split in first)


def test_adding_a_class_moves_no_picture_of_the_others():
    def of_two(paths):
        return {split: [path for path in part if path[1] != "c"] for split, part in paths.items()}

    two = cut_paths(candidates({"a": 50, "b": 50}))
    three = cut_paths(candidates({"a": 50, "b": 50, "c": 50}))
    assert of_two(three) == two
    assert sizes(three) == {"train": 96, "val": 24, "test": 30}


@st.composite
def data(draw):
    classes = draw(st.integers(2, 12))
    counts = draw(st.lists(st.integers(5, 40), min_size=classes, max_size=classes))
    return {chr(97 + label): count for label, count in enumerate(counts)}


@given(data(), st.integers(24, 400), st.floats(0, 1), st.floats(0, 1))
def test_every_class_is_everywhere(counts, most, val_share, test_share):
    """With five of each class and room for two, no split lacks a class, and no limit is passed."""
    paths = cut_paths(candidates(counts), max=most, val_share=val_share, test_share=test_share)
    assert all(set(by_class(paths, split)) == set(counts) for split in paths)
    assert len(paths["train"]) + len(paths["val"]) <= most


@st.composite
def split_data(draw):
    """Train has every class; val and test lack some, not all."""
    classes = draw(st.integers(2, 8))
    found = {"train": draw(st.lists(st.integers(1, 40), min_size=classes, max_size=classes))}
    for split in ("val", "test"):
        numbers = st.lists(st.integers(0, 20), min_size=classes, max_size=classes)
        found[split] = draw(numbers.filter(any))
    return {
        split: {chr(97 + label): count for label, count in enumerate(counts) if count}
        for split, counts in found.items()
    }


@given(split_data(), st.integers(0, 100), st.integers(1, 100), st.floats(0, 1))
def test_a_split_has_the_classes_that_it_was_given(found, more, max_test, val_share):
    most = len(found["train"]) + len(found["val"]) + more
    everything = [c for split, part in found.items() for c in candidates(part, split)]
    paths = cut_paths(everything, max=most, max_test=max_test, val_share=val_share)
    for split, part in paths.items():
        assert all(path.startswith(split) for path in part)
        if split != "test" or max_test >= len(found[split]):
            assert set(by_class(paths, split)) == set(found[split])
    assert len(paths["train"]) + len(paths["val"]) <= most
    assert len(paths["test"]) == min(max_test, sum(found["test"].values()))


@given(data(), st.integers(24, 100), st.integers(24, 100))
def test_more_for_training_moves_no_test_example(counts, few, many):
    found = candidates(counts)
    assert cut_paths(found, max=few)["test"] == cut_paths(found, max=many)["test"]


# Shares of what can be read


@pytest.mark.parametrize(
    ("wanted", "readable", "expected"),
    [
        ((2, 2, 6), 10, (2, 2, 6)),
        ((2, 2, 6), 5, (1, 1, 3)),
        ((1, 1, 3), 4, (1, 1, 2)),
        ((1, 1, 3), 3, (1, 1, 1)),
        ((1, 1), 1, (0, 1)),  # val and train
        ((1, 1, 1), 2, (0, 1, 1)),
        ((4,), 3, (3,)),
        ((0, 0, 0), 0, (0, 0, 0)),
    ],
)
def test_a_shortage_is_shared(wanted, readable, expected):
    names = ("test", "val", "train")[-len(wanted) :]
    group = Group([], dict(zip(names, wanted, strict=True)))
    shares = group.share(list(range(readable)))
    assert tuple(map(len, shares.values())) == expected
    assert [number for part in shares.values() for number in part] == list(range(readable))


def test_five_of_each_class_in_all_splits_are_enough():
    counts = {("train", "a"): 3, ("test", "a"): 2, ("train", "b"): 3, ("test", "b"): 1}
    assert class_complaints(counts) == [
        "class b has 4 pictures, fewer than 5; add some, or take the class out"
    ]
    assert class_complaints(counts | {("test", "b"): 2}) == []
