"""Stand-ins for SLURM's programs, whose jobs are the lines of a file."""

import uuid

PROGRAMS = {
    "squeue": 'cat "$(dirname "$0")/../jobs"',
    # It takes jobs out, and notes its arguments.
    "scancel": 'cd "$(dirname "$0")/.."; echo "$@" >> cancelled\n'
    'for id in "$@"; do sed -i "/^$id|/d" jobs; done',
}


def write_slurm(folder, **programs):
    """Write the programs, some as given; return the folder of them that is to be in ``PATH``."""
    bin = folder / "bin"
    bin.mkdir(parents=True)
    for name, lines in (PROGRAMS | programs).items():
        (bin / name).write_text(f"#!/bin/sh\n{lines}\n")
        (bin / name).chmod(0o755)
    (folder / "jobs").touch()
    return bin


def job_name():
    """Name a job as Snakemake does with profiles/slurm."""
    return f"needle_{uuid.uuid4()}"
