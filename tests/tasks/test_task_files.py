"""Task files: written one image at a time, read some images at a time."""

import hashlib
import os
import tracemalloc

import numpy as np
import pytest

from needle.base.errors import NeedleError
from needle.base.tensors import write_tensors
from needle.tasks.examples import Examples
from needle.tasks.resize import resize
from needle.tasks.task_file import SPLITS, Task, write_pictures, write_task

CARD = {"name": "t", "label": "T", "classes": ["x", "é", '"y"\\']}
TWO = CARD | {"classes": ["x", "y"]}
COUNTS = {"train": 5, "val": 3, "test": 7}


def picture(seed, height=6, width=9):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def examples(count, image):
    return Examples([f"{i}.jpg" for i in range(count)], np.arange(count) % 3, image)


def lazy(image=picture):
    return {split: examples(COUNTS[split], image) for split in SPLITS}


def decoded(splits, fit):
    """Decode lazy splits to arrays, each image through `fit`."""
    return {
        split: (np.stack([fit(some.image(i)) for i in range(len(some))]), some.labels)
        for split, some in splits.items()
    }


def written(path, splits, size=None):
    write_task(path, splits, CARD, size)
    return Task(path)


def black(bad_label=None):
    """Three black images in each split."""
    data = {split: (np.zeros((3, 3, 4, 4), np.uint8), np.array([0, 1, 0])) for split in SPLITS}
    if bad_label is not None:
        data["val"][1][1] = bad_label
    return data


def test_task_file_returns_what_was_written(tmp_path):
    path = tmp_path / "t.safetensors"
    write_task(path, black(), TWO)
    task = Task(path)
    assert task.card == TWO | {"sha256": task.card["sha256"]}
    assert task.classes == 2
    images, labels = task.split("val")
    assert images.shape == (3, 3, 4, 4)
    assert labels.tolist() == [0, 1, 0]


@pytest.mark.parametrize("label", [2, -1])
def test_a_class_index_outside_the_classes_is_refused(tmp_path, label):
    path = tmp_path / "t.safetensors"
    message = rf"t\.safetensors: val example 1 has class index {label}, but the task has 2 classes"
    with pytest.raises(NeedleError, match=message):
        write_task(path, black(bad_label=label), TWO)
    # A file that came from elsewhere is checked when it is read.
    write_tensors(path, {"val_images": black()["val"][0], "val_labels": np.array([0, label])}, TWO)
    with pytest.raises(NeedleError, match=message):
        Task(path).split("val")


def test_arrays_give_the_bytes_that_safetensors_writes(tmp_path):
    splits = decoded(lazy(), lambda image: resize(image, 4))
    write_task(tmp_path / "t.safetensors", splits, CARD)
    digest = hashlib.sha256()
    for split in SPLITS:
        for array in splits[split]:
            digest.update(array.tobytes())
    tensors = {}
    for split, (images, labels) in splits.items():
        tensors |= {f"{split}_images": images, f"{split}_labels": labels}
    write_tensors(tmp_path / "s.safetensors", tensors, CARD | {"sha256": digest.hexdigest()})
    found, expected = ((tmp_path / f"{n}.safetensors").read_bytes() for n in "ts")
    assert found == expected


def test_examples_give_the_file_of_their_arrays(tmp_path):
    splits = lazy()
    task = written(tmp_path / "t.safetensors", splits, size=4)
    arrays = decoded(splits, lambda image: resize(image, 4))
    same = written(tmp_path / "a.safetensors", arrays, size=4)
    assert (tmp_path / "t.safetensors").read_bytes() == (tmp_path / "a.safetensors").read_bytes()
    assert task.card == same.card
    assert task.image_size == 4
    for split in SPLITS:
        for found, expected in zip(task.split(split), arrays[split], strict=True):
            assert (found == expected).all()


@pytest.mark.parametrize("size", [9, 224])
def test_one_smaller_size_is_kept(tmp_path, size):
    splits = lazy()
    task = written(tmp_path / "t.safetensors", splits, size)
    images, _ = task.split("test")
    assert images.shape == (7, 3, 6, 9)
    assert (images[2] == picture(2).transpose(2, 0, 1)).all()
    assert task.image_size == size


def test_images_of_several_sizes_are_all_resized(tmp_path, capsys):
    """The first images share a size; the last test image has another."""
    splits = lazy()
    splits["test"] = examples(7, lambda i: picture(i, 6, 9 if i < 6 else 8))
    task = written(tmp_path / "t.safetensors", splits, size=12)
    assert (
        "images of 9 x 6 and 8 x 6 px: all again, resized to 12 x 12 px" in capsys.readouterr().err
    )
    arrays = decoded(splits, lambda image: resize(image, 12))
    for split in SPLITS:
        assert (task.split(split)[0] == arrays[split][0]).all()
    same = written(tmp_path / "a.safetensors", arrays)
    assert task.card["sha256"] == same.card["sha256"]
    assert sorted(os.listdir(tmp_path)) == ["a.safetensors", "t.safetensors"]


def test_several_sizes_without_a_size_to_resize_to_are_refused(tmp_path):
    splits = lazy(lambda i: picture(i, 6 + i))
    with pytest.raises(NeedleError, match="images of 9 x 6 and 9 x 7 px; give the size"):
        write_task(tmp_path / "t.safetensors", splits, CARD)
    assert not os.listdir(tmp_path)


def test_another_label_or_pixel_is_another_hash(tmp_path):
    arrays = decoded(lazy(), lambda image: resize(image, 4))
    path = tmp_path / "t.safetensors"
    hashes = [written(path, arrays).card["sha256"]]
    arrays["val"][1][0] = 2
    hashes.append(written(path, arrays).card["sha256"])
    arrays["test"][0][0, 0, 0, 0] ^= 1
    hashes.append(written(path, arrays).card["sha256"])
    assert len(set(hashes)) == 3


def test_an_image_that_cannot_be_decoded_is_named(tmp_path):
    def broken(index):
        if index == 5:
            raise OSError("image file is truncated")
        return picture(index)

    message = r"task t: test example 5\.jpg cannot be decoded \(image file is truncated\); fetch"
    with pytest.raises(NeedleError, match=message):
        write_task(tmp_path / "t.safetensors", lazy(broken), CARD, 4)
    assert not os.listdir(tmp_path)


def test_labels_are_checked_before_anything_is_decoded(tmp_path):
    splits = lazy(lambda i: pytest.fail("decoded"))
    splits["test"].labels[6] = 3
    with pytest.raises(NeedleError, match="test example 6 has class index 3"):
        write_task(tmp_path / "t.safetensors", splits, CARD, 4)


def test_writing_and_streaming_hold_few_images(tmp_path):
    """A file of 60 MB is written and read with less than half of it in memory."""
    splits = lazy(lambda i: picture(i, 240, 250))
    splits["test"] = examples(400, lambda i: np.full((240, 250, 3), i % 256, np.uint8))
    tracemalloc.start()
    task = written(tmp_path / "t.safetensors", splits, size=224)
    seen = sum(len(labels) for _, labels in task.chunks("test", 20))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seen == 400
    assert (tmp_path / "t.safetensors").stat().st_size > 60e6
    assert peak < 30e6


@pytest.mark.parametrize("count", [1, 3, 7, 100])
def test_chunks_are_the_split(tmp_path, count):
    task = written(tmp_path / "t.safetensors", lazy(), size=4)
    chunks = list(task.chunks("test", count))
    assert [len(labels) for _, labels in chunks[:-1]] == [count] * (len(chunks) - 1)
    images, labels = (np.concatenate(parts) for parts in zip(*chunks, strict=True))
    assert (images == task.split("test")[0]).all()
    assert (labels == task.split("test")[1]).all()
    assert labels.dtype == np.int64


@pytest.mark.parametrize("cut", [0.1, 0.5, 0.999])
def test_a_file_cut_in_the_middle_is_refused(tmp_path, cut):
    path = tmp_path / "t.safetensors"
    task = written(path, lazy(), size=4)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * cut)])
    for read in (
        lambda: Task(path),
        lambda: task.split("val"),
        lambda: list(task.chunks("val", 2)),
    ):
        with pytest.raises(NeedleError, match=r"t\.safetensors: not a readable safetensors file"):
            read()


def test_a_file_of_an_earlier_release_is_refused(tmp_path):
    """Release 1.0.0 decoded and resized in another way, and its cards say of neither."""
    path = tmp_path / "t.safetensors"
    card = written(path, lazy(), size=12).card
    assert card["resize"] == "asymmetric"
    arrays = {"val_images": np.zeros((1, 3, 12, 12), np.uint8), "val_labels": np.zeros(1, np.int64)}
    write_tensors(path, arrays, card)
    assert Task(path).image_size == 12
    del card["resize"]
    write_tensors(path, arrays, card)
    with pytest.raises(NeedleError, match=r"t\.safetensors: of an earlier release, .* delete it"):
        Task(path)
    # Nothing is known to be wrong with images that were never resized, such as mini's.
    del card["image_size"]
    write_tensors(path, arrays, card)
    assert Task(path).image_size is None


def test_chunks_of_a_split_that_is_not_there(tmp_path):
    path = tmp_path / "t.safetensors"
    write_tensors(path, {"val_labels": np.zeros(2, np.int64)}, CARD)
    with pytest.raises(NeedleError, match="has no val_images; make it anew"):
        next(Task(path).chunks("val", 1))


SHAPES = [(80, 120), (73, 73), (30, 45), (150, 74), (61, 200)]


def test_pictures_of_any_size_come_back_as_they_were(tmp_path):
    pictures = [picture(seed, *shape) for seed, shape in enumerate(SHAPES)]
    some = Examples(range(5), np.arange(5) % 2, lambda i: pictures[i])
    write_pictures(tmp_path / "t.safetensors", dict.fromkeys(SPLITS, some), CARD)
    task = Task(tmp_path / "t.safetensors")
    assert task.own_sizes
    chunks = list(task.chunks("val", 2))
    assert [len(images) for images, _ in chunks] == [2, 2, 1]
    found = [image for images, _ in chunks for image in images]
    for image, expected in zip(found, pictures, strict=True):
        np.testing.assert_array_equal(image, expected)
    np.testing.assert_array_equal(np.concatenate([labels for _, labels in chunks]), [0, 1, 0, 1, 0])
    np.testing.assert_array_equal(task.picture("test", 3), pictures[3])
    assert len(task.card["sha256"]) == 64
