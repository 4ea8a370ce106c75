"""The bytes of a file from an http server: asked for again where the network fails."""

import base64
import contextlib
import errno
import os
import socket
import sys
import time
import urllib.error
import urllib.request
from http.client import HTTPException
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from tqdm import tqdm

from needle.base.errors import NeedleError

ATTEMPTS = 6  # in a row without a byte
UNREACHABLE_ATTEMPTS = 2  # in a row without a connection
FIRST_WAIT = 1.0  # seconds; doubles with every attempt
TIMEOUT = 60  # seconds without a byte
CHUNK = 1 << 20
PASSING = (408, 429)  # HTTP status that may pass, besides those of 500 and more
NO_ROUTE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN)
ANSWER_TIMEOUT = 10  # seconds for a host to answer at all


class UnreachableError(NeedleError):
    """Where files lie cannot be reached; others that lie there need not be asked for."""


class _PassingError(Exception):
    """A failure of the network that may pass."""


class _NoConnectionError(_PassingError):
    """There is nobody at the other end, or no way there."""


def answers(url):
    """Whether the host of a URL gives any answer, be it a refusal; tried twice."""
    request = urllib.request.Request(url, method="HEAD", headers={"User-Agent": "needle"})
    for last in (False, True):
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_TIMEOUT):
                return True
        except (OSError, HTTPException) as error:
            if not (_no_connection(error) or isinstance(error, TimeoutError)):
                return True
            if not last:
                time.sleep(FIRST_WAIT / 2)
    return False


def without_secrets(source):
    """A path or URL without user, password and query, fit for logs and messages.

    >>> without_secrets("https://me:secret@host.org:8080/a.zip?token=secret")
    'https://host.org:8080/a.zip'
    """
    if not is_url(source):
        return str(source)
    parts = urlsplit(str(source))
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def is_url(source):
    return "://" in str(source)


def receive(url, file, size, name):
    """Append to a file what it lacks, as often as the network fails but still gives bytes."""
    attempt, most = 0, written(file)
    while size is None or written(file) != size:
        try:
            _ask(url, file, size, name)
            return
        except _PassingError as error:
            attempt = 1 if written(file) > most else attempt + 1
            most = max(most, written(file))
            if isinstance(error, _NoConnectionError) and attempt >= UNREACHABLE_ATTEMPTS:
                raise UnreachableError(
                    f"no connection to {urlsplit(url).hostname} ({error}); connect or set a proxy, "
                    "or fetch the file by hand into a folder and name that as mirror"
                ) from None
            if attempt == ATTEMPTS:
                raise NeedleError(
                    f"{without_secrets(url)}: {error}, {ATTEMPTS} times in a row; check the "
                    f"network or name a mirror, then run again to go on from byte {written(file)}"
                ) from None
            wait = FIRST_WAIT * 2 ** (attempt - 1)
            tqdm.write(
                f"{without_secrets(url)}: {error}; next attempt in {wait:g} s", file=sys.stderr
            )
            time.sleep(wait)


def _ask(url, file, size, name):
    """Ask once for what a file lacks, and append it."""
    start = written(file)
    with contextlib.closing(_open(url, start)) as response:
        if not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            start = 0
        length = response.headers.get("Content-Length")
        total = size if length is None else start + int(length)
        if size is not None and total != size:
            raise NeedleError(
                f"{without_secrets(url)}: offers {total} bytes instead of {size}; see whether its "
                "publisher has changed it, or whether a proxy answers in its place"
            )
        # A server that ignores the range sends the whole file.
        file.truncate(start)
        append(_Passing(response), file, total, name)
        if total is not None and written(file) < total:
            raise _PassingError(f"cut at byte {written(file)} of {total}")


def _open(url, start):
    """Answer to a request for the bytes from `start` on."""
    try:
        return urllib.request.urlopen(_request(url, start), timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code == 416 and start:
            # What was kept is longer than the file: begin anew.
            return _open(url, 0)
        if error.code >= 500 or error.code in PASSING:
            raise _PassingError(f"HTTP status {error.code}") from None
        raise NeedleError(
            f"{without_secrets(url)}: HTTP status {error.code}; look whether the file has moved "
            "or needs a login, or put it into a mirror"
        ) from None
    except (OSError, HTTPException) as error:
        kind = _NoConnectionError if _no_connection(error) else _PassingError
        raise kind(_reason(error)) from None


def _no_connection(error):
    """Whether there was no way to the host, or a proxy would not let us through."""
    # urllib has a reason only for what fails before a request is sent.
    reason = getattr(error, "reason", None)
    return (
        isinstance(reason, (socket.gaierror, ConnectionRefusedError, TimeoutError))
        or getattr(reason, "errno", None) in NO_ROUTE
        or str(reason).startswith("Tunnel connection failed: 4")
    )


def _request(url, start):
    """A request whose user and password go to this host only, and not in the address."""
    parts = urlsplit(url)
    secret, _, host = parts.netloc.rpartition("@")
    path = quote(parts.path, safe="/%:@!$&'()*+,;=~")
    request = urllib.request.Request(urlunsplit((parts.scheme, host, path, parts.query, "")))
    request.add_header("User-Agent", "needle")
    if start:
        request.add_header("Range", f"bytes={start}-")
    if secret:
        token = base64.b64encode(unquote(secret).encode()).decode()
        request.add_unredirected_header("Authorization", f"Basic {token}")
    return request


class _Passing:
    """An answer whose failures are told from those of the disk."""

    def __init__(self, response):
        self.response = response

    def read(self, count):
        try:
            return self.response.read(count)
        except (OSError, HTTPException) as error:
            raise _PassingError(_reason(error)) from None


def _reason(error):
    """One line that says what failed."""
    reason = getattr(error, "reason", error)
    return " ".join(str(reason).split()) or type(reason).__name__


def append(original, file, total, name):
    """Append all that `original` gives, with progress in bytes."""
    start = written(file)
    free = os.statvfs(file.name)
    if total is not None and total - start > free.f_bavail * free.f_frsize:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with tqdm(
        total=total,
        initial=start,
        desc=f"fetch {name}",
        unit="B",
        unit_scale=True,
        mininterval=10,
    ) as progress:
        while chunk := original.read(CHUNK):
            file.write(chunk)
            progress.update(len(chunk))


def written(file):
    """Bytes written to a file so far."""
    file.flush()
    return os.fstat(file.fileno()).st_size
