"""Safetensors that describe themselves: a card in their metadata says what they hold."""

import contextlib
import hashlib
import json
import math

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from needle.base.errors import NeedleError
from needle.base.files import atomic

_AT_ONCE = 1 << 24  # bytes that are read to be hashed


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


def hash_tensors(path):
    """Hash the tensors of a file: their names, types, shapes and bytes, whatever its card says.

    Parameters
    ----------
    path : path
        A safetensors file.

    Returns
    -------
    str
        A sha256, the same for the same tensors in any order.

    Raises
    ------
    NeedleError
        If it is no such file.
    """
    with open_tensors(path) as file:
        names = sorted(file.keys())
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        about = json.loads(file.read(size))
        for name in names:
            start, end = about[name]["data_offsets"]
            digest.update(json.dumps([name, about[name]["dtype"], about[name]["shape"]]).encode())
            file.seek(8 + size + start)
            for left in range(end - start, 0, -_AT_ONCE):
                digest.update(file.read(min(left, _AT_ONCE)))
    return digest.hexdigest()


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
