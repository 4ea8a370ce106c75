"""The reader of CIFAR-100, on tiny files as Python 2 pickled them."""

import io
import os
import pickle
import struct
import tarfile
from typing import ClassVar

import numpy as np
import pytest
from originals import check_arrays, folder_of

from needle.base.errors import NeedleError
from needle.tasks.vtab1k.readers import cifar
from needle.tasks.vtab1k.registry import read_raw


class Python2Pickler(pickle._Pickler):
    """Writes what Python 2 wrote: byte strings, and numpy's module by its old name."""

    dispatch: ClassVar = dict(pickle._Pickler.dispatch)

    def save_string(self, value):
        data = value.encode("latin1") if isinstance(value, str) else value
        self.write(pickle.BINSTRING + struct.pack("<i", len(data)) + data)
        self.memoize(value)

    dispatch[str] = dispatch[bytes] = save_string

    def save_global(self, value, name=None):
        module = value.__module__.replace("numpy._core", "numpy.core")
        self.write(pickle.GLOBAL + f"{module}\n{value.__name__}\n".encode())
        self.memoize(value)

    dispatch[type] = dispatch[type(np.empty(0).__reduce__()[0])] = save_global
    dispatch[type(len)] = save_global


def python2_pickle(value):
    stream = io.BytesIO()
    Python2Pickler(stream, protocol=2).dump(value)
    return stream.getvalue()


def write_cifar(folder, sizes):
    sources = {}
    with tarfile.open(folder / "cifar-100-python.tar.gz", "w:gz") as archive:
        for split, size in sizes.items():
            pixels = np.random.default_rng(0).integers(0, 256, (size, 3072), np.uint8)
            labels = [(7 * i) % 100 for i in range(size)]
            batch = {
                "filenames": [f"picture_{i}.png" for i in range(size)],
                "batch_label": "training batch 1 of 1",
                "fine_labels": labels,
                "coarse_labels": [0] * size,
                "data": pixels,
            }
            data = python2_pickle(batch)
            info = tarfile.TarInfo(f"cifar-100-python/{split}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
            # Rows hold all red, then all green, then all blue pixels.
            planes = pixels.reshape(size, 3, 32, 32)
            sources[split] = labels, np.stack([planes[:, c] for c in range(3)], axis=-1)
    return sources


def test_cifar100(tmp_path):
    sources = write_cifar(folder_of("cifar100", tmp_path), {"train": 20, "test": 5})
    splits = read_raw("cifar100", tmp_path, {"train": 8, "val": (10, 12)})
    rule = {"train": ("train", 0, 8), "val": ("train", 10, 12), "test": ("test", 0, None)}
    check_arrays(splits, rule, sources)
    with pytest.raises(NeedleError, match=r"train has 20 examples, .* has 50000"):
        read_raw("cifar100", tmp_path)


def test_the_pickle_is_python_2s():
    data = python2_pickle({"data": np.zeros((1, 2), np.uint8)})
    assert b"cnumpy.core.multiarray\n_reconstruct" in data
    assert pickle.BINUNICODE not in data
    assert b"_codecs" not in data


class Evil:
    def __reduce__(self):
        return os.system, ("touch evil",)


@pytest.mark.parametrize(
    "data",
    [
        pickle.dumps({"data": Evil(), "fine_labels": []}),
        python2_pickle({"data": np.zeros((2, 5), np.uint8), "fine_labels": [0, 1]}),
        python2_pickle({"data": np.zeros((2, 3072), np.uint8)}),
        python2_pickle([1, 2]),
        b"",
        b"<html>",
    ],
)
def test_cifar100_runs_no_code_and_names_what_is_broken(tmp_path, monkeypatch, data):
    monkeypatch.chdir(tmp_path)
    batches = tmp_path / "cifar-100-python"
    batches.mkdir()
    for split in ("train", "test"):
        (batches / split).write_bytes(data)
    with pytest.raises(NeedleError, match="train: not a batch of CIFAR-100"):
        cifar.read(tmp_path, "cifar100", {})
    assert os.listdir(tmp_path) == ["cifar-100-python"]
