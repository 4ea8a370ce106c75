"""Files of repositories on Hugging Face's hub, by its own library."""

import sys
import time
from urllib.parse import urlsplit

from huggingface_hub import constants, hf_hub_download
from huggingface_hub.errors import (
    EntryNotFoundError,
    FileMetadataError,
    GatedRepoError,
    HFValidationError,
    HTTPError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from needle.base.errors import NeedleError
from needle.machine.http import PASSING, UnreachableError, answers

WAITS = (0.5, 2, 8)  # seconds before it is tried again


def from_hub(repository, files):
    """Fetch the first file that a repository has into the library's cache.

    The library takes the user's token, ``HF_ENDPOINT``, ``HF_HUB_OFFLINE`` and ``HF_HOME``, shows
    its progress, and goes on where a server ended early; after a reset, or in a later call, it
    begins anew.

    Parameters
    ----------
    repository : str
        ``owner/name`` or ``owner/name@revision``.
    files : tuple of str
        Names, the preferred first.

    Returns
    -------
    str
        Path in the cache.

    Raises
    ------
    NeedleError
        In one line, what is wrong and what to do.
    UnreachableError
        If the hub itself cannot be reached.
    """
    name, _, revision = repository.partition("@")
    for file in files:
        try:
            return _patiently(name, file, revision or None)
        except LocalEntryNotFoundError as error:
            raise _out_of_reach(repository, error.__cause__ or error) from error
        except RevisionNotFoundError as error:
            raise NeedleError(
                f"hf-hub:{repository}: it has no revision {revision}; correct weights.hf_hub in "
                "the model card"
            ) from error
        except EntryNotFoundError:
            continue
        except (HTTPError, OSError, ValueError) as error:
            raise _explained(repository, error) from error
    raise NeedleError(
        f"hf-hub:{repository}: has no {' or '.join(files)}; give the name of its file as "
        "weights.file in the model card"
    )


def _patiently(name, file, revision):
    """Download, again after a while where the failure may pass."""
    for wait in (*WAITS, None):
        try:
            # The library itself takes half a minute to see that there is no network.
            absent = constants.HF_HUB_OFFLINE or not answers(constants.ENDPOINT)
            return hf_hub_download(name, file, revision=revision, local_files_only=absent)
        except HTTPError as error:
            # Where the hub does not find the file for us, the library has tried again itself.
            status = _status(error)
            if wait is None or not (status >= 500 or status in (0, *PASSING)):
                raise
            what = f"HTTP status {status}" if status else " ".join(str(error).split())
            print(f"hf-hub:{name}: {what}; next attempt in {wait:g} s", file=sys.stderr)
            time.sleep(wait)


def _status(error):
    """HTTP status behind an error; 0 if there is none."""
    cause = error.__cause__ if isinstance(error, LocalEntryNotFoundError) else error
    return getattr(getattr(cause, "response", None), "status_code", None) or 0


def _out_of_reach(repository, cause):
    """Say why the hub did not answer, or that it must not be asked."""
    if constants.HF_HUB_OFFLINE:
        return UnreachableError(
            "the hub is not to be asked (HF_HUB_OFFLINE); unset it, or put the files into a folder "
            "as {model}.bin and name it as mirror"
        )
    if isinstance(cause, FileMetadataError) or _status(cause):
        return _explained(repository, cause)
    host = urlsplit(constants.ENDPOINT).netloc
    return UnreachableError(
        f"no connection to the hub ({host}); connect or set a proxy, "
        "set HF_ENDPOINT to a mirror of the hub, or put the files into a folder as {model}.bin and "
        "name it as mirror"
    )


def _explained(repository, error):
    """Say in one line what went wrong with a repository, and what to do."""
    status = _status(error)
    if isinstance(error, GatedRepoError):
        what = (
            "its owners want to know who takes it; agree to their terms on its page, then log in "
            "with `hf auth login` or set HF_TOKEN"
        )
    elif isinstance(error, RepositoryNotFoundError) or status in (401, 403):
        what = (
            "no such repository, or a private one; correct weights in the model card, or log in "
            "with `hf auth login` or set HF_TOKEN"
        )
    elif isinstance(error, HFValidationError):
        what = "no name of a repository; correct weights in the model card to owner/name"
    elif status:
        what = f"HTTP status {status}; run again later, or fetch the file by hand into a mirror"
    else:
        text = " ".join(str(error).split())[:200]
        what = f"cannot be fetched ({text}); run again, or fetch the file by hand into a mirror"
    return NeedleError(f"hf-hub:{repository}: {what}")
