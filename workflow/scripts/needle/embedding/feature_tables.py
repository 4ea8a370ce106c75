"""Read embeddings that a user has already, from .npz and .parquet files."""

import contextlib
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from needle.base.errors import NeedleError
from needle.embedding.feature_columns import check_names, check_values
from needle.tasks.own.splits.split_names import SPLIT_NAMES

LISTS = "embedding"  # the column that holds a whole embedding a row
SUM_TOLERANCE = 1e-3  # of probabilities that may have been stored with few digits
SOURCE = "source_probabilities"  # the array, or column of lists, of those of the source classes


@dataclass(frozen=True)
class FeatureTable:
    """The embeddings that one model gives of some examples.

    Attributes
    ----------
    features : numpy.ndarray of float32, shape (N, D)
        All finite.
    labels : list of str
    split : list of str or None
        train, val or test; None where nothing is split yet.
    source_probabilities : numpy.ndarray of float32, shape (N, Z), or None
        Of the classes that the model learned upstream, where the file has them.
    """

    features: np.ndarray
    labels: list
    split: list | None
    source_probabilities: np.ndarray | None = None


def read_features(path):
    """Read the embeddings of one model.

    Parameters
    ----------
    path : path
        An .npz file with the arrays ``features`` (N, D) and ``labels`` (N,), and perhaps ``split``
        (N,) and ``source_probabilities`` (N, Z); or a .parquet file with the columns ``label``,
        perhaps ``split``, perhaps ``source_probabilities``, lists of one length, and either
        ``embedding``, such lists too, or a numeric column for each dimension, numbered or not.

    Returns
    -------
    FeatureTable

    Raises
    ------
    NeedleError
        If it is not such a file, a value is missing, NaN or infinite (with its row, from 0), or a
        column is none of an embedding: see `feature_columns`.
    """
    labels, split = read_labels(path)
    with _readable(path):
        read = _npz_features if _is_npz(path) else _parquet_features
        features, probabilities, names = read(path)
    features = _numbers(path, "features", features, len(labels))
    check_values(path, features, labels, names)
    if probabilities is not None:
        probabilities = _numbers(path, SOURCE, probabilities, len(labels))
        _check_probabilities(path, probabilities)
    return FeatureTable(features, labels, split, probabilities)


def _numbers(path, what, features, labels):
    """Check an array of numbers (N, D) and make it float32."""
    if features.ndim != 2 or 0 in features.shape or features.dtype.kind not in "fiu":
        raise NeedleError(
            f"{path}: its {what} are {features.dtype} of shape {features.shape}; they must be "
            "numbers of shape (examples, dimensions)"
        )
    if len(features) != labels:
        raise NeedleError(f"{path}: has {len(features):,} rows of {what}, {labels:,} labels")
    with np.errstate(over="ignore"):
        features = features.astype(np.float32, copy=False)
    broken = np.flatnonzero(~np.isfinite(features).all(axis=1))
    if len(broken):
        raise NeedleError(
            f"{path}: {len(broken):,} of {len(features):,} rows have {what} that are missing, "
            f"NaN or infinite as 32-bit numbers, first row {broken[0]} (from 0); mend them, or "
            "take these examples out of all files"
        )
    return features


def _check_probabilities(path, probabilities):
    """Refuse rows that are no probabilities: negative, or their sum not 1."""
    off = np.abs(probabilities.sum(axis=1) - 1) > SUM_TOLERANCE
    wrong = off | (probabilities < 0).any(axis=1)
    if wrong.any():
        row = int(wrong.argmax())
        raise NeedleError(
            f"{path}: {SOURCE} of row {row} (from 0) sum to {probabilities[row].sum():.6g}, least "
            f"{probabilities[row].min():.6g}; give the softmax over the source classes"
        )


def read_labels(path):
    """Read the labels and splits of an embedding file, and not its features.

    Parameters
    ----------
    path : path
        As in `read_features`.

    Returns
    -------
    labels : list of str
        Stripped and in Unicode's form NFC.
    split : list of str or None

    Raises
    ------
    NeedleError
    """
    label = "labels" if _is_npz(path) else "label"
    with _readable(path):
        columns = (_npz_columns if _is_npz(path) else _parquet_columns)(path, (label, "split"))
    labels = [_text(value) for value in columns[label]]
    for row, text in enumerate(labels):
        if not text:
            raise NeedleError(
                f"{path}: row {row} (from 0) has the label {columns[label][row]!r}; labels are "
                "texts or whole numbers, and every row has one"
            )
    if "split" not in columns:
        return labels, None
    split = [SPLIT_NAMES.get(_text(value).lower(), "") for value in columns["split"]]
    for row, name in enumerate(split):
        if not name:
            raise NeedleError(
                f"{path}: row {row} (from 0) has the split {columns['split'][row]!r}; it must be "
                "train, val or test, in every row"
            )
    if len(split) != len(labels):
        raise NeedleError(f"{path}: has {len(labels):,} labels, but {len(split):,} splits")
    return labels, split


def _is_npz(path):
    return Path(path).suffix.lower() == ".npz"


@contextlib.contextmanager
def _readable(path):
    """Errors of the readers name the file."""
    try:
        yield
    except NeedleError:
        raise
    except Exception as error:  # damaged files make zip, numpy and arrow raise almost anything
        text = " ".join(str(error).split()) or type(error).__name__
        raise NeedleError(
            f"{path}: not a readable {Path(path).suffix} file ({text[:200]}); write it anew, "
            "without Python objects"
        ) from error


def _text(value):
    """Bring a label to text; "" if it is neither a text nor a whole number."""
    if isinstance(value, bytes):
        value = value.decode(errors="backslashreplace")
    return unicodedata.normalize("NFC", str(value).strip()) if isinstance(value, str | int) else ""


# .npz


def _npz_columns(path, names):
    """Read the arrays of these names as lists; the first must be there."""
    with _open_npz(path) as file:
        _check_there(path, names[0], file.files)
        arrays = {name: file[name] for name in names if name in file.files}
    for name, array in arrays.items():
        if array.ndim != 1:
            raise NeedleError(f"{path}: {name} has shape {array.shape}; it must be (examples,)")
    return {name: array.tolist() for name, array in arrays.items()}


def _npz_features(path):
    with _open_npz(path) as file:
        _check_there(path, "features", file.files)
        return file["features"], file[SOURCE] if SOURCE in file.files else None, None


def _open_npz(path):
    file = np.load(path, allow_pickle=False)
    if not isinstance(file, np.lib.npyio.NpzFile):
        raise NeedleError(f"{path}: holds a single array; write it with numpy.savez")
    return file


def _check_there(path, name, names):
    if name not in names:
        raise NeedleError(f"{path}: has no {name}, only {', '.join(names) or 'nothing'}; add it")


# .parquet


def _parquet_columns(path, names):
    """Read the columns of these names as lists; the first must be there."""
    with pq.ParquetFile(path) as file:
        there = file.schema_arrow.names
        _check_there(path, names[0], there)
        table = file.read(columns=[name for name in names if name in there])
    return {name: table.column(name).to_pylist() for name in names if name in there}


def _parquet_features(path):
    with pq.ParquetFile(path) as file:
        schema = file.schema_arrow
        probabilities = None
        if SOURCE in schema.names:
            probabilities = _stack(path, file.read(columns=[SOURCE]).column(SOURCE), SOURCE)
        names = _dimensions(path, schema)
        if names is None:
            lists = file.read(columns=[LISTS]).column(LISTS)
            return _stack(path, lists, LISTS), probabilities, None
        table = file.read(columns=names)
    features = np.empty((table.num_rows, len(names)), np.float32)
    with np.errstate(over="ignore"):
        for place, name in enumerate(names):
            features[:, place] = table.column(name).to_numpy()
    return features, probabilities, names


def dimension_columns(path):
    """Name the columns of a file that are taken for dimensions; none where there are no columns.

    Parameters
    ----------
    path : path
        As in `read_features`.

    Returns
    -------
    list of str

    Raises
    ------
    NeedleError
        If others are there too.
    """
    if _is_npz(path):
        return []
    with _readable(path), pq.ParquetFile(path) as file:
        return _dimensions(path, file.schema_arrow) or []


def _dimensions(path, schema):
    """Name the columns that are dimensions; None if there is one of lists."""
    index = (schema.pandas_metadata or {}).get("index_columns", [])
    aside = {"label", "split", SOURCE, *(name for name in index if isinstance(name, str))}
    names = [LISTS] if LISTS in schema.names else [n for n in schema.names if n not in aside]
    if names == [LISTS] and hasattr(schema.field(LISTS).type, "value_type"):
        return None
    others = [name for name in names if not _is_number(schema.field(name).type)]
    if others or not names:
        raise NeedleError(
            f"{path}: {', '.join(others[:10]) or 'nothing'} beside label and split: give one "
            f"column {LISTS} of lists of numbers, or numeric columns only"
        )
    check_names(path, names)
    return names


def _is_number(kind):
    return pa.types.is_integer(kind) or pa.types.is_floating(kind)


def _stack(path, column, name):
    """Stack the lists of a column, one a row: float array (N, D)."""
    if not hasattr(column.type, "value_type"):
        raise NeedleError(f"{path}: {name} must be lists of numbers, not {column.type}")
    if not _is_number(column.type.value_type):
        raise NeedleError(f"{path}: {name} has lists of {column.type.value_type}, not of numbers")
    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy()
    odd = np.flatnonzero(lengths != lengths[0]) if len(lengths) else []
    if len(odd):
        raise NeedleError(
            f"{path}: row {odd[0]} (from 0) has an {name} of length {lengths[odd[0]]}, row 0 of "
            f"{lengths[0]}; all must have one length"
        )
    parts = [chunk.flatten().to_numpy(zero_copy_only=False) for chunk in column.chunks]
    return np.concatenate(parts).reshape(len(lengths), -1) if parts else np.empty((0, 0))
