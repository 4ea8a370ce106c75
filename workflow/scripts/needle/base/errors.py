"""Errors as an interface: one line that says what is wrong, where, and what to do."""

import errno
import os
import re
import sys

REMEDIES = {
    errno.ENOSPC: "make room on its disk",
    errno.EDQUOT: "make room in the quota of its disk",
    errno.EROFS: "have its disk mounted for writing",
    errno.EACCES: "mend its rights or those of its folder",
    errno.EPERM: "mend its rights or those of its folder",
}


class NeedleError(Exception):
    """A mistake that the user can mend; its text is one line, or one and a list."""


def disk_error(error, path=None):
    """Explain an error of the disk that the user can mend: it is full, or may not be written.

    Parameters
    ----------
    error : Exception
        An OSError, or one of a library whose text gives its number as safetensors does.
    path : path, optional
        The file or folder that is meant; by default the one that the error names.

    Returns
    -------
    NeedleError or None
        None for an error of any other kind.

    Examples
    --------
    >>> print(disk_error(OSError(28, "No space left on device"), "a.csv"))
    a.csv: No space left on device; make room on its disk, then run the same command again
    >>> print(disk_error(ValueError("a bug")))
    None
    """
    number = getattr(error, "errno", None)
    if number is None and (said := re.search(r"\(os error (\d+)\)", str(error))):
        number = int(said[1])
    if number not in REMEDIES:
        return None
    where = path or getattr(error, "filename", None) or "an output"
    return NeedleError(
        f"{where}: {os.strerror(number)}; {REMEDIES[number]}, then run the same command again"
    )


def run(main):
    """Run a program's `main`; a mistake that the user can mend ends it with one line, status 1.

    A process of nothing else ends there and then: Python would take torch apart for a second.
    """
    try:
        main()
        if sys._getframe(1).f_back is None:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(0)
    except NeedleError as error:
        sys.exit(f"error: {error}")
    except Exception as error:
        if explained := disk_error(error):
            sys.exit(f"error: {explained}")
        raise
