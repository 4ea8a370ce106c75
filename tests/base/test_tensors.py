"""Files of tensors: mapped, streamed, and whole or refused."""

import hashlib
import os

import numpy as np
import pytest
from safetensors.numpy import load_file

from needle.base.errors import NeedleError
from needle.base.tensors import hash_tensors, map_tensor, read_card, stream_tensors, write_tensors


def test_a_mapped_tensor_is_what_was_written_and_the_file_stays_so(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (5, 3, 4, 4), dtype=np.uint8)
    tensors = {"labels": np.arange(7), "images": images, "none": np.zeros((0, 3), np.uint8)}
    write_tensors(tmp_path / "file", tensors, {})
    assert map_tensor(tmp_path / "file", "none").shape == (0, 3)
    mapped = map_tensor(tmp_path / "file", "images")
    np.testing.assert_array_equal(mapped[1:3], images[1:3])
    mapped[0] = 0
    np.testing.assert_array_equal(map_tensor(tmp_path / "file", "images"), images)


@pytest.mark.parametrize(
    "damage", [lambda data: b"", lambda data: data[:-5], lambda data: data[9:]]
)
def test_a_corrupt_file_is_named(tmp_path, damage):
    path = tmp_path / "t.safetensors"
    write_tensors(path, {"a": np.zeros(9)}, {"name": "t"})
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(NeedleError, match=r"t\.safetensors: not a readable safetensors file .*del"):
        read_card(path)


def test_arrays_are_streamed_in_any_order(tmp_path):
    path = tmp_path / "s.safetensors"
    layout = {"a": (np.uint8, (2, 3)), "b": (np.int64, (4,))}
    card = {"sum": "0"}
    with stream_tensors(path, layout, card) as append:
        append("a", np.array([1, 2, 3], np.uint8))
        append("b", np.arange(4))
        append("a", np.array([4, 5, 6], np.uint8))
        card["sum"] = "9"
    assert load_file(path)["a"].tolist() == [[1, 2, 3], [4, 5, 6]]
    assert load_file(path)["b"].tolist() == [0, 1, 2, 3]
    assert read_card(path) == {"sum": "9"}


@pytest.mark.parametrize("change", [{"sum": "0123456789"}, {}])
def test_a_streamed_file_of_another_size_than_said_is_not_written(tmp_path, change):
    """A card that has grown; an array that is not full."""
    layout, card = {"b": (np.int64, (4,))}, {"sum": "0"}

    def write():
        with stream_tensors(tmp_path / "s.safetensors", layout, card) as append:
            append("b", np.arange(4 if change else 3))
            card.update(change)

    with pytest.raises(ValueError, match="not of the size"):
        write()
    assert not os.listdir(tmp_path)


def test_a_hash_is_that_of_the_tensors_whatever_card_and_order(tmp_path):
    tensors = {"b": np.arange(6.0).reshape(2, 3), "a": np.zeros(3, np.uint8)}
    write_tensors(tmp_path / "one", tensors, {"license": "MIT"})
    write_tensors(tmp_path / "other", dict(reversed(tensors.items())), {})
    found = hash_tensors(tmp_path / "one")
    assert found == hash_tensors(tmp_path / "other")
    by_hand = hashlib.sha256()
    for name, kind, shape in (("a", "U8", "[3]"), ("b", "F64", "[2, 3]")):
        by_hand.update(f'["{name}", "{kind}", {shape}]'.encode() + tensors[name].tobytes())
    assert found == by_hand.hexdigest()
    for changed in (
        tensors | {"a": np.ones(3, np.uint8)},
        {"b": tensors["b"], "c": tensors["a"]},
        tensors | {"b": tensors["b"].reshape(3, 2)},
        tensors | {"a": np.zeros(3, np.int8)},
    ):
        write_tensors(tmp_path / "changed", changed, {})
        assert hash_tensors(tmp_path / "changed") != found
