"""Start the process that jobs are forked from, and write the `python` by which they find it."""

import os
import shlex
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from needle.base.errors import NeedleError

# How many threads libraries start as they are imported; Snakemake sets them for each job.
THREADS = [f"{library}_NUM_THREADS" for library in ("OMP", "GOTO", "OPENBLAS", "MKL", "NUMEXPR")]
THREADS += ["VECLIB_MAXIMUM_THREADS"]
HERE = Path(__file__).parent.absolute()


def can_fork():
    """Tell whether forked processes can use what is loaded, and be watched: on Linux from 5.3."""
    if sys.platform != "linux":
        return False
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:
        return False
    return True


def fork_jobs(libraries, programs):
    """Have the jobs that this process starts forked: another `python` comes first in ``PATH``.

    Parameters
    ----------
    libraries, programs : iterable of str
        As `write_python` takes them.

    Returns
    -------
    file or None
        To be kept, as of `start_server`; None where ``NEEDLE_WARM`` names a process that runs.

    Raises
    ------
    NeedleError
        If that variable has another value.
    """
    folder, kept = os.environ.get("NEEDLE_WARM"), None
    if not folder:
        kept, folder = start_server()
    elif not Path(folder, "socket").is_socket():
        raise NeedleError(f"NEEDLE_WARM={folder}: can only be 0, for jobs that are not forked")
    path = write_python(folder, libraries, programs)
    os.environ["PATH"] = os.pathsep.join([str(path), *os.get_exec_path()])
    return kept


def start_server():
    """Start the process that jobs of one thread are forked from.

    It loads nothing before the first job asks, and has the environment of this process.

    Returns
    -------
    file, path
        The process ends, and kills its jobs, when this file is closed: at the latest with this
        process, however that ends. Then the folder, by which it is found, is removed.
    """
    folder = tempfile.mkdtemp(prefix="needle-")  # of this user alone, as are the jobs
    with socket.socket(socket.AF_UNIX) as listener:
        place = os.open(folder, os.O_PATH)
        listener.bind(f"/proc/self/fd/{place}/socket")  # the path of a socket has 107 bytes
        os.close(place)
        listener.listen(1024)
        server = subprocess.Popen(
            [sys.executable, HERE / "server.py", folder, str(listener.fileno())],
            env=os.environ | dict.fromkeys(THREADS, "1"),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            pass_fds=[listener.fileno()],
            start_new_session=True,  # Ctrl-C is for the jobs, which hear of it from their clients
        )
    return server.stdin, folder


def write_python(folder, libraries, programs):
    """Write a `python` that has every program of one thread forked.

    Parameters
    ----------
    folder : path
        By which `start_server` says that its process is found.
    libraries : iterable of str
        What is loaded before any of `programs` is forked; other programs find loaded what is.
    programs : iterable of path
        As the jobs' commands name them.

    Returns
    -------
    path
        Of the folder that holds it, to be the first of ``PATH``.
    """
    client = shlex.join([sys.executable, "-I", "-S", str(HERE / "client.py"), str(folder)])
    wanted = shlex.quote(",".join(libraries))
    named = [
        f'{shlex.quote(f"1 {program}")}) exec {client} {wanted} "$@" ;;\n'
        for program in sorted(programs)
    ]
    path = Path(folder, str(os.getpid()), "python")
    path.parent.mkdir(exist_ok=True)
    script = [
        "#!/bin/sh\n",
        'case "$OMP_NUM_THREADS $1" in\n',
        *named,
        f'"1 "*.py) exec {client} \'\' "$@" ;;\n',
        "esac\n",
        f'exec {shlex.quote(sys.executable)} "$@"\n',
    ]
    path.write_text("".join(script), encoding="utf-8")
    path.chmod(0o700)
    return path.parent
