"""Data sets of an HDF5 file."""

import h5py

from needle.base.errors import NeedleError


def open_dataset(path, name):
    """Open a data set for reading, rows on demand.

    Parameters
    ----------
    path : path
    name : str

    Returns
    -------
    h5py.Dataset
        Its file stays open as long as it is used.

    Raises
    ------
    NeedleError
        If the file is not readable HDF5 or has no such data set.
    """
    try:
        return h5py.File(path, "r")[name]
    except OSError as error:
        raise NeedleError(
            f"{path}: not a readable HDF5 file ({error}); delete it and get the original anew"
        ) from error
    except KeyError as error:
        raise NeedleError(
            f"{path}: has no data set {name}; delete it and get the original anew"
        ) from error
