"""Running the real Snakefile in a copy of the project."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from functools import cache, partial
from pathlib import Path

import pandas as pd
import psutil
import pytest

from needle.base.schema import read_yaml
from needle.machine.warm.start import can_fork, start_server

ROOT = Path(__file__).parents[1]
SCHEMA = {
    name: read_yaml(ROOT / f"config/schema/{name}.schema.yaml")
    for name in ("config", "zoo", "tasks")
}
PARTS = [
    "Snakefile",
    "config.yaml",
    "config",
    "profiles",
    "envs",
    "resources/published",
    "rules",
    "slurm",
    "store",
    "workflow",
]


def copy_project(folder):
    """Copy what a run needs, without results."""
    for part in [*PARTS, "tests/config"]:
        source, target = ROOT / part, Path(folder) / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_symlink():
            target.symlink_to(source.readlink())
        elif source.is_dir():
            shutil.copytree(source, target, symlinks=True)
        else:
            shutil.copy2(source, target)
    return Path(folder)


def command(*args, config="tests/config/run.yaml"):
    return [sys.executable, "-m", "snakemake", "--cores", "2", "--configfile", config, *args]


@cache
def shared_server():
    """Start a process that jobs of all runs are forked from; what names it, and what keeps it."""
    if not can_fork():
        return {}, None
    kept, folder = start_server()
    return {"NEEDLE_WARM": folder}, kept


def snakemake(folder, *args, config="tests/config/run.yaml", shared=True):
    """Run Snakemake to its end; output and errors together.

    Where jobs read the environment as they import their libraries, no process is to be `shared`.
    """
    return subprocess.run(
        command(*args, config=config),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"} | (shared_server()[0] if shared else {}),
    )


def interruptible(command, folder, output, **options):
    """Start a Snakemake in the background that Ctrl-C ends; what it prints goes to a file."""
    return subprocess.Popen(
        command, cwd=folder, stdout=output, stderr=output,
        # In the background of a shell, Ctrl-C would be ignored.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL), **options,
    )  # fmt: skip


def wait_for(process, event, seconds=120):
    """Wait until something is so, while a process lives, if one is named; return it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and (process is None or process.poll() is None):
        if found := event():
            return found
        time.sleep(0.05)
    pytest.fail(f"it did not happen; snakemake returned {process and process.poll()}")


def programs_in(folder):
    """Each process that stands for a job in a folder, with the job's program."""
    for process in psutil.process_iter(["cmdline", "cwd"]):
        words = process.info["cmdline"] or []  # the program first, unless it is forked elsewhere
        programs = [word for word in words if word.startswith("workflow/scripts/")]
        if process.info["cwd"] == str(folder) and programs:
            yield process, Path(programs[0]).stem


def edit(path, old, new):
    """Replace a text that a file must have."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def same_tables(found, expected):
    """Check that two finished runs have the same tables, the time they took aside."""
    by_time = "results/tiny/tables/equal_cost.csv"  # what a time buys
    tables = sorted(path.relative_to(expected) for path in expected.glob("results/tiny/**/*.csv"))
    assert tables
    for table in tables:
        if str(table) != by_time:
            ours, theirs = (_untimed(pd.read_csv(folder / table)) for folder in (found, expected))
            pd.testing.assert_frame_equal(ours, theirs, check_exact=True)


def _untimed(table):
    timed = re.compile(r"seconds(_\d+)?|share_of_exhaustive|milliseconds|pictures_per_second")
    return table[[column for column in table if not timed.fullmatch(column)]]


def planned(folder, *args, config="tests/config/run.yaml"):
    """Count the jobs of each rule that a dry run would do, the targets left out."""
    result = snakemake(folder, "--dry-run", *args, config=config)
    assert result.returncode == 0, result.stdout
    table = re.search(r"^job +count\n[- ]+\n(.*?)^total", result.stdout, re.M | re.S)
    if table is None:
        assert "Nothing to be done" in result.stdout, result.stdout
        return {}
    counts = dict(line.split() for line in table[1].splitlines())
    return {rule: int(n) for rule, n in counts.items() if rule not in ("all", "tables", "figures")}
