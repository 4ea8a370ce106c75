"""Which pool suits a user's pictures, by their headers: nothing is decoded."""

from pathlib import Path

from needle.base.errors import NeedleError
from needle.tasks.own.listing import data_kind, find_candidates, root_of
from needle.tasks.own.pictures import picture_size

LARGEST = 64  # pixels of a side; at the embedded zoo's 32 little is left of larger pictures
EMBEDDED, PHOTOS = "config/mydata.yaml", "config/photos.yaml"


def choose_config(path):
    """Choose the config whose pool suits a user's data.

    What is wrong with the data is no matter here: its checks say that later.

    Parameters
    ----------
    path : path
        A folder of images, a list of them, or a folder of embeddings.

    Returns
    -------
    config : str
        `PHOTOS` if a picture that can be read has a side above `LARGEST`, else `EMBEDDED`.
    reason : str
        What was found, and the pool that this calls for.
    """
    known = 0
    try:
        if data_kind(path) == "features":
            return EMBEDDED, "embeddings: their models are the pool"
        for size in filter(None, map(picture_size, _files(Path(path)))):
            if max(size) > LARGEST:
                return PHOTOS, "a picture of {} x {} pixels: the pool for photographs".format(*size)
            known += 1
    except (NeedleError, OSError):
        pass
    found = f"no picture has a side above {LARGEST} pixels" if known else "no picture can be read"
    return EMBEDDED, f"{found}: the embedded zoo"


def _files(path):
    """List the files that the checks take for pictures."""
    candidates, *_ = find_candidates(path)
    return (root_of(path) / candidate.path for candidate in candidates)
