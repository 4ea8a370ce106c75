"""Files from the network or from a mirror: checked, resumed, and never half there."""

import contextlib
import fcntl
import hashlib
import os
from pathlib import Path
from urllib.parse import urlsplit

from needle.base.errors import NeedleError
from needle.machine.http import append, is_url, receive, without_secrets, written


def fetch(url, path, checksum=None, size=None, mirror=None, offline=False):
    """Fetch a file unless it is there already, and check it before it gets its name.

    A download that is cut goes on from ``{path}.part``, also in a later call. Of processes that
    fetch the same file at the same time one works and the others wait.

    Parameters
    ----------
    url : str
        http or https.
    path : path
        File to write; its name is the name in the mirror too.
    checksum : str, optional
        ``"sha256:..."`` or ``"md5:..."``.
    size : int, optional
        Bytes.
    mirror : path or str, optional
        Folder or URL base that holds the file by its name; nothing else is contacted. Empty is
        none.
    offline : bool
        Do not touch the network; the environment's ``HF_HUB_OFFLINE=1`` says the same.

    Raises
    ------
    NeedleError
        Where the file cannot be had or is not the one that was meant.
    """
    path = Path(path)
    flaw = _flaw(path, checksum, size)
    if flaw is None:
        return
    source = _source(url, path, mirror)
    if is_url(source) and (offline or offline_in_environment()):
        raise NeedleError(
            f"{path}: {flaw}, and the network is not to be used (offline, HF_HUB_OFFLINE); "
            f"put {path.name} from {without_secrets(url)} there, or a folder that holds it in "
            "`mirror`"
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _fetch_alone(source, path, checksum, size)
    except OSError as error:
        raise NeedleError(
            f"{error.filename or path}: {error.strerror or error}; make room or mend the rights, "
            "then run again"
        ) from None


def offline_in_environment():
    """Whether ``HF_HUB_OFFLINE`` forbids the network, as Hugging Face's library reads it."""
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE")


def _source(url, path, mirror):
    """Where the file comes from: a URL, or a file in the mirror's folder."""
    source = f"{str(mirror).rstrip('/')}/{path.name}" if mirror else url
    if not is_url(source):
        if not Path(source).is_file():
            raise NeedleError(
                f"{source}: no such file in the mirror; put {path.name} from "
                f"{without_secrets(url)} there"
            )
        return Path(source)
    if urlsplit(source).scheme not in ("http", "https"):
        raise NeedleError(
            f"{without_secrets(source)}: not a http or https address; mend the address or the "
            "mirror"
        )
    return source


def _fetch_alone(source, path, checksum, size):
    """Make the file while no other process does; one that was made meanwhile is good too."""
    part = path.with_name(f"{path.name}.part")
    with _locked(part) as file:
        if _flaw(path, checksum, size) is None:
            return
        if isinstance(source, Path):
            file.truncate(0)
            with open(source, "rb") as original:
                append(original, file, source.stat().st_size, path.name)
        else:
            receive(source, file, size, path.name)
        file.flush()
        flaw = _flaw(part, checksum, size)
        if flaw is not None:
            part.unlink()
            raise NeedleError(
                f"{without_secrets(source)}: {flaw}; run again to fetch it anew, and if that does "
                "not help, see whether its publisher has changed it"
            )
        os.replace(part, path)


@contextlib.contextmanager
def _locked(part):
    """Open a file to append to it, alone among all processes."""
    while True:
        with open(part, "ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            # Whoever held the lock before may have renamed or removed this very file.
            if not _is_named(file, part):
                continue
            try:
                yield file
            finally:
                if not written(file) and _is_named(file, part):
                    part.unlink()
            return


def _is_named(file, path):
    """Whether an open file is the one at a path."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), os.stat(path))
    except FileNotFoundError:
        return False


def _flaw(path, checksum, size):
    """What is wrong with a file, or None."""
    if not path.exists():
        return "missing"
    if size is not None and path.stat().st_size != size:
        return f"has {path.stat().st_size} bytes instead of {size}"
    if checksum is None:
        return None
    algorithm, _, expected = checksum.partition(":")
    if algorithm not in ("sha256", "md5"):
        raise NeedleError(f"checksum {checksum!r} of {path}: must begin with sha256: or md5:")
    with open(path, "rb") as file:
        found = hashlib.file_digest(file, algorithm).hexdigest()
    return None if found == expected.lower() else f"has {algorithm} {found} instead of {expected}"
