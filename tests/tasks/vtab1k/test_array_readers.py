"""Readers of data sets that come as arrays, on tiny files in the original formats."""

import gzip
import io
import struct

import h5py
import numpy as np
import pytest
from originals import check_arrays, folder_of
from scipy.io import savemat

from needle.base.errors import NeedleError
from needle.tasks.vtab1k.readers import dsprites, pcam, smallnorb, svhn
from needle.tasks.vtab1k.registry import raw_classes, read_raw


def rng():
    return np.random.default_rng(0)


# SVHN


def test_svhn(tmp_path):
    folder, sources = folder_of("svhn", tmp_path), {}
    for split, size in (("train", 14), ("test", 6)):
        pixels = rng().integers(0, 256, (32, 32, 3, size), np.uint8)
        digits = np.array([[1 + (3 * i) % 10] for i in range(size)], np.uint8)
        savemat(folder / f"{split}_32x32.mat", {"X": pixels, "y": digits}, do_compression=True)
        labels = [0 if digit == 10 else int(digit) for digit in digits[:, 0]]
        sources[split] = labels, [pixels[:, :, :, i] for i in range(size)]
    assert 0 in sources["train"][0]
    splits = read_raw("svhn", tmp_path, {"train": 8, "val": (9, 12)})
    rule = {"train": ("train", 0, 8), "val": ("train", 9, 12), "test": ("test", 0, None)}
    check_arrays(splits, rule, sources)
    with pytest.raises(NeedleError, match=r"train has 14 examples, .* has 73257"):
        read_raw("svhn", tmp_path)
    (folder / "test_32x32.mat").write_bytes(b"<html>")
    with pytest.raises(NeedleError, match=r"test_32x32\.mat: not a file of SVHN .*delete it"):
        svhn.read(folder, "svhn", {})


# dSprites


def write_dsprites(folder, rows, value=1, **storage):
    images = rng().integers(0, value + 1, (rows, 64, 64), np.uint8)
    row = np.arange(rows)
    # Here x and y change as in the original, orientations sooner.
    latents = np.stack([0 * row, 0 * row, 0 * row, row * 3 % 40, row // 32 % 32, row % 32], axis=1)
    with h5py.File(folder / dsprites.FILE, "w") as file:
        file.create_dataset("imgs", data=images, **storage)
        file.create_dataset("latents/classes", data=latents.astype(np.int64))
    return images, latents


@pytest.mark.parametrize(
    "storage", [{}, {"chunks": (30, 2, 4), "compression": "gzip"}, {"chunks": (1, 64, 64)}]
)
@pytest.mark.parametrize("task", ["dsprites_loc", "dsprites_ori"])
def test_dsprites(tmp_path, monkeypatch, task, storage):
    monkeypatch.setattr(dsprites, "_ROWS", 70)
    images, latents = write_dsprites(folder_of(task, tmp_path), 200, **storage)
    labels = {
        "dsprites_loc": [x // 2 for x in latents[:, 4].tolist()],
        "dsprites_ori": [int(np.floor(o / 2.5)) for o in latents[:, 3].tolist()],
    }[task]
    splits = read_raw(task, tmp_path, {"train": 20, "val": (20, 30), "test": (170, None)})
    pictures = [np.stack([image * 255] * 3, axis=-1) for image in images]
    rule = {"train": ("train", 0, 20), "val": ("train", 20, 30), "test": ("train", 170, None)}
    check_arrays(splits, rule, {"train": (labels, pictures)})


def test_dsprites_bins():
    assert raw_classes("dsprites_loc")[:2] == ["x 0-1 of 32", "x 2-3 of 32"]
    assert raw_classes("dsprites_ori")[:2] == ["orientation 0-2 of 40", "orientation 3-4 of 40"]
    assert raw_classes("dsprites_ori")[-1] == "orientation 38-39 of 40"


def test_dsprites_of_other_values_are_refused(tmp_path):
    write_dsprites(tmp_path, 10, value=255)
    with pytest.raises(NeedleError, match="imgs has values other than 0 and 1"):
        dsprites.read(tmp_path, "dsprites_loc", {})


# SmallNORB


def binary_matrix(array):
    magic = {"uint8": 0x1E3D4C55, "int32": 0x1E3D4C54}[array.dtype.name]
    shape = [*array.shape, 1, 1][: max(array.ndim, 3)]
    header = struct.pack(f"<{2 + len(shape)}i", magic, array.ndim, *shape)
    return header + array.astype(array.dtype.newbyteorder("<")).tobytes()


def write_smallnorb(folder, sizes):
    parts = {}
    for split, size in sizes.items():
        row = np.arange(size)
        dat = rng().integers(0, 256, (size, 2, 96, 96), np.uint8)
        info = np.stack([row % 10, row % 9, 2 * (row * 5 % 18), row % 6], axis=1).astype(np.int32)
        cat = (row % 5).astype(np.int32)
        for part, array in (("dat", dat), ("cat", cat), ("info", info)):
            path = folder / (smallnorb.FILES[split].format(part=part) + ".gz")
            path.write_bytes(gzip.compress(binary_matrix(array), 1))
        parts[split] = dat, info
    return parts


@pytest.mark.parametrize("task", ["smallnorb_azi", "smallnorb_ele"])
def test_smallnorb(tmp_path, task):
    parts = write_smallnorb(folder_of(task, tmp_path), {"train": 12, "test": 16})
    sources = {}
    for split, (dat, info) in parts.items():
        labels = [int(row[2] / 2) if task == "smallnorb_azi" else int(row[1]) for row in info]
        sources[split] = labels, [np.stack([pair[0]] * 3, axis=-1) for pair in dat]
    splits = read_raw(task, tmp_path, {"train": 6, "val": 4, "test": (8, None)})
    rule = {"train": ("train", 0, 6), "val": ("test", 0, 4), "test": ("test", 8, None)}
    check_arrays(splits, rule, sources)
    with pytest.raises(NeedleError, match=r"train has 12 examples, .* has 24300"):
        read_raw(task, tmp_path)


def test_smallnorb_classes_are_angles():
    assert raw_classes("smallnorb_azi")[::17] == ["0 degrees", "340 degrees"]
    assert raw_classes("smallnorb_ele")[::8] == ["30 degrees", "70 degrees"]


def test_vectors_have_three_sizes_in_their_header(tmp_path):
    path = tmp_path / "cat.mat"
    path.write_bytes(binary_matrix(np.array([3, 1, 4], np.int32)))
    assert path.stat().st_size == 8 + 12 + 12
    assert smallnorb.read_matrix(path).tolist() == [3, 1, 4]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: data[:-1], r"shorter than its shape \[2, 3, 4\]"),
        (lambda data: b"\x00" * 4 + data[4:], "not a matrix of bytes or integers"),
        (lambda data: b"", "not a matrix of bytes or integers"),
    ],
)
def test_broken_matrices_are_named(tmp_path, damage, message):
    path = tmp_path / "dat.mat"
    path.write_bytes(damage(binary_matrix(np.ones((2, 3, 4), np.uint8))))
    with pytest.raises(NeedleError, match=rf"dat\.mat: {message}"):
        smallnorb.read_matrix(path)


# PatchCamelyon


def hdf5_bytes(name, array):
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        file[name] = array
    return stream.getvalue()


def test_patch_camelyon(tmp_path):
    folder, sources = folder_of("patch_camelyon", tmp_path), {}
    for split, name, size in (
        ("train", "train", 9),
        ("validation", "valid", 7),
        ("test",) * 2 + (5,),
    ):
        pixels = rng().integers(0, 256, (size, 96, 96, 3), np.uint8)
        labels = (np.arange(size) % 3 == 0).astype(np.uint8)
        for part, array in (("x", pixels), ("y", labels.reshape(-1, 1, 1, 1))):
            path = folder / f"camelyonpatch_level_2_split_{name}_{part}.h5.gz"
            path.write_bytes(gzip.compress(hdf5_bytes(part, array), 1))
        sources[split] = labels.tolist(), pixels
    splits = read_raw("patch_camelyon", tmp_path, {"train": 6, "val": 4})
    rule = {"train": ("train", 0, 6), "val": ("validation", 0, 4), "test": ("test", 0, None)}
    check_arrays(splits, rule, sources, keys=lambda split, i: f"{pcam.FILES[split]}_{i}")
    with pytest.raises(NeedleError, match=r"train has 9 examples, .* has 262144"):
        read_raw("patch_camelyon", tmp_path)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"<html>", "not a readable HDF5 file .*delete it"),
        (hdf5_bytes("z", np.zeros(3)), "has no data set x"),
    ],
)
def test_broken_hdf5_files_are_named(tmp_path, data, message):
    (tmp_path / "camelyonpatch_level_2_split_train_x.h5").write_bytes(data)
    with pytest.raises(NeedleError, match=rf"train_x\.h5: {message}"):
        pcam.read(tmp_path, "patch_camelyon", {})
