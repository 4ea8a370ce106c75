"""The two file formats: safetensors that describe themselves, and tidy CSV tables.

Every file is written under a temporary name and renamed, so that a reader never sees half a file.
"""

import contextlib
import csv
import fcntl
import glob
import json
import math
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from needle.base.errors import NeedleError, disk_error

IN_USE = ".in-use"


@contextlib.contextmanager
def atomic(path):
    """Give a temporary path that becomes `path` if the block succeeds.

    Raises
    ------
    NeedleError
        If the disk is full or may not be written.
    """
    path = Path(path)
    with temporary_folder(path) as folder:
        made = folder / path.name
        yield made
        with open(made, "rb") as file:
            # A file with this name is whole, even after a power cut; and a disk on the network may
            # tell only now that it is full.
            os.fsync(file.fileno())
        made.chmod(0o644)
        made.replace(path)


@contextlib.contextmanager
def temporary_folder(path):
    """Give a folder beside `path` in which to make it; it is removed at the end.

    What a killed process has left is removed when the same path is made again. A process at work
    holds a lock in its folder, so that nobody takes it for a killed one.

    Raises
    ------
    NeedleError
        If the disk is full or may not be written.
    """
    path, folder = Path(path), None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_left(path)
        folder = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
        with open(folder / IN_USE, "w") as lock:
            with contextlib.suppress(OSError):  # a file system without locks
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder
    except Exception as error:
        other = folder and str(folder) not in str(getattr(error, "filename", None) or folder)
        if explained := disk_error(error, None if other else path):
            raise explained from error
        raise
    finally:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


def _remove_left(path):
    """Remove the temporary folders of `path` whose process was killed."""
    for folder in path.parent.glob(f".{glob.escape(path.name)}.{8 * '?'}"):
        # Without a lock, or where the file system has none, it may be in use.
        with contextlib.suppress(OSError), open(folder / IN_USE, "r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)


def write_tensors(path, tensors, card):
    """Write arrays and the card that describes them.

    Parameters
    ----------
    path : path
    tensors : dict of str to numpy.ndarray
    card : dict
        JSON-serialisable; becomes the metadata ``card``.
    """
    with atomic(path) as temporary:
        save_file(tensors, temporary, metadata={"card": json.dumps(card)})


@contextlib.contextmanager
def stream_tensors(path, layout, card):
    """Write arrays that do not fit in memory: give a function that appends to one of them.

    The file is the one that `write_tensors` would write.

    Parameters
    ----------
    path : path
    layout : dict of str to tuple
        The dtype, uint8 or int64, and the shape of each array.
    card : dict
        As in `write_tensors`; written last, so that its values may change in the block as long as
        its JSON keeps its length.

    Yields
    ------
    callable
        ``append(name, array)``.

    Raises
    ------
    ValueError
        If an array was not appended to its full size, or the card's length has changed.
    """
    # The order of safetensors itself: the widest types first, so that all are aligned.
    names = sorted(layout, key=lambda name: (-np.dtype(layout[name][0]).itemsize, name))
    sizes = [math.prod(layout[name][1]) * np.dtype(layout[name][0]).itemsize for name in names]
    ends = dict(zip(names, np.cumsum(sizes).tolist(), strict=True))
    starts = {name: ends[name] - size for name, size in zip(names, sizes, strict=True)}
    header = _header(layout, starts, ends, card)
    at = {name: len(header) + start for name, start in starts.items()}
    with atomic(path) as temporary, open(temporary, "wb") as file:

        def append(name, array):
            file.seek(at[name])
            at[name] += file.write(array)

        yield append
        final = _header(layout, starts, ends, card)
        if len(final) != len(header) or at != {k: len(header) + end for k, end in ends.items()}:
            raise ValueError(f"{path}: arrays or card are not of the size they were said to be")
        file.seek(0)
        file.write(final)


def _header(layout, starts, ends, card):
    codes = {np.uint8: "U8", np.int64: "I64"}
    header = {"__metadata__": {"card": json.dumps(card)}} | {
        name: {
            "dtype": codes[layout[name][0]],
            "shape": layout[name][1],
            "data_offsets": [starts[name], ends[name]],
        }
        for name in starts
    }
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text


@contextlib.contextmanager
def open_tensors(path, framework="np"):
    """Open a safetensors file by memory map; a broken one is a `NeedleError`."""
    try:
        with safe_open(path, framework=framework) as file:
            yield file
    except (SafetensorError, OSError) as error:
        raise NeedleError(
            f"{path}: not a readable safetensors file ({error}); delete it and run again"
        ) from error


def map_tensor(path, name):
    """Map a tensor of bytes to memory: what is taken of it is read then, and copied nowhere.

    safetensors itself copies what it gives as NumPy arrays, at half the speed of a GPU's embedding.

    Parameters
    ----------
    path : path
        A safetensors file that was opened before.
    name : str

    Returns
    -------
    numpy.memmap of uint8
        Changes to it stay in memory.
    """
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        about = json.loads(file.read(length))[name]
    start = 8 + length + about["data_offsets"][0]
    return np.memmap(path, np.uint8, "c", start, tuple(about["shape"]))


def read_card(path):
    """Read the card of a safetensors file without its tensors."""
    with open_tensors(path) as file:
        metadata = file.metadata() or {}
    if "card" not in metadata:
        raise NeedleError(f"{path}: has no card in its metadata; delete it and run again")
    return json.loads(metadata["card"])


def write_rows(path, rows):
    """Write a table from a non-empty list of dicts; None and NaN become empty cells."""
    with atomic(path) as temporary, open(temporary, "w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({key: _cell(value) for key, value in row.items()})


def _cell(value):
    missing = value is None or (isinstance(value, float) and math.isnan(value))
    return "" if missing else value


def write_table(path, table):
    """Write a pandas table without its index; missing values become empty cells."""
    with atomic(path) as temporary:
        table.to_csv(temporary, index=False, lineterminator="\n")
