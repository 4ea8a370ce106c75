"""Jobs on a cluster that a killed Snakemake left behind."""

import re
import shutil
import subprocess
import time
from pathlib import Path

# Snakemake's own name of a run, after the prefix that profiles/slurm gives it.
NAME = re.compile(r"needle_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def cancel_orphans(folder, say, patience=60):
    """Cancel the SLURM jobs that an earlier Snakemake submitted from a folder, and see them end.

    A Snakemake that is interrupted cancels its jobs; one that is killed (kill -9, its machine goes
    down) leaves them at work on files that the next one has made anew. Where there is no SLURM,
    nothing is done.

    Parameters
    ----------
    folder : path
        Where Snakemake works. The caller holds its lock, so that no other Snakemake is at work
        there and each of its jobs is left over.
    say : callable
        Takes a line of text: what is cancelled, or why it could not be.
    patience : float
        Seconds to wait for the cancelled jobs to end.

    Returns
    -------
    list of str
        The ids of the jobs that have ended. They may have finished or removed files meanwhile: what
        was planned before the call is out of date.
    """
    if shutil.which("squeue") is None:
        return []
    try:
        orphans = _jobs(folder)
    except (OSError, subprocess.SubprocessError):
        return []  # no cluster: squeue is there, but answers nothing
    if orphans:
        say(f"cancelling SLURM jobs that a killed Snakemake left behind: {' '.join(orphans)}")
        try:
            _output("scancel", *orphans)
            end = time.monotonic() + patience
            while (left := _jobs(folder)) and time.monotonic() < end:
                time.sleep(1)
            return [job for job in orphans if job not in left]
        except (OSError, subprocess.SubprocessError) as error:
            say(f"they could not be cancelled: {(getattr(error, 'stderr', '') or error)!s}".strip())
    return []


def _jobs(folder):
    """List the ids of Snakemake's jobs whose working directory is the folder."""
    lines = _output("squeue", "--me", "--noheader", "--format=%i|%j|%Z").splitlines()
    jobs = (line.split("|", 2) for line in lines)
    here = Path(folder).resolve()
    return [id for id, name, place in jobs if NAME.fullmatch(name) and Path(place) == here]


def _output(*command):
    finished = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return finished.stdout
