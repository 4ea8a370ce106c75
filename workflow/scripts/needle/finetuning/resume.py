"""Finished runs of a job that was killed: kept beside its output until that is written."""

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import sys
from pathlib import Path

from needle.base.csv_files import write_rows
from needle.base.errors import disk_error

# Errors of a file system without locks, and of a file that another job has removed.
NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}
REMOVED = {errno.ENOENT, errno.ESTALE}


def file_hash(path):
    """Compute the SHA-256 of a file's content, as hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_runs(output, rows, without=()):
    """Write the table of a model's runs.

    Parameters
    ----------
    output : path
    rows : list of dict
        As `finetune.finetune` yields them.
    without : iterable of str, optional
        What else they hold that is of the job only.
    """
    columns = [name for name in rows[0] if name not in ("micro_batch", *without)]
    write_rows(output, [{name: row[name] for name in columns} for row in rows])


class FinishedRuns:
    """The finished runs of a job, in a file that outlives the job if it is killed.

    The file is the job's lock too, until it is closed. Where Snakemake was killed, its job goes on,
    and the next Snakemake starts a second one for the same output: that waits for the first to end
    and takes over its runs, be they some or all.

    Parameters
    ----------
    output : path
        The job's output; the runs are kept in ``{output}.partial``, of which Snakemake knows
        nothing, so that it leaves it alone. Its lines are JSON: what the runs are about, hashed,
        then one line for each run.
    about : object
        All that the runs depend on, as JSON. Runs kept for anything else are discarded.

    Attributes
    ----------
    rows : list of dict
        The finished runs, in the order in which they were added.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> with FinishedRuns(f"{folder.name}/a.csv", {"seed": 1}) as runs:
    ...     runs.add({"repeat": 0})
    >>> with FinishedRuns(f"{folder.name}/a.csv", {"seed": 1}) as runs:
    ...     runs.rows
    [{'repeat': 0}]
    >>> with FinishedRuns(f"{folder.name}/a.csv", {"seed": 2}) as runs:
    ...     runs.rows
    []
    """

    def __init__(self, output, about):
        self.path = Path(f"{output}.partial")
        self.key = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        removed = []
        while not self._open():
            # Another job has finished: its runs are in the file that is open, but a third job
            # would not find that, so they move to a new one.
            removed = max(removed, self.rows, key=len)
            self.close()
        for row in removed[len(self.rows) :]:
            self.add(row)
        if self.rows:
            print(f"{len(self.rows)} finished runs taken over from {self.path}", file=sys.stderr)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def add(self, row):
        """Add a finished run, a dict of JSON values; it is on disk when this returns.

        Raises
        ------
        NeedleError
            If the disk is full.
        """
        self._append({"run": len(self.rows), "row": row})
        self.rows.append(row)

    def clear(self):
        """Discard the runs."""
        self.rows = []
        self._file.truncate(0)
        self._append({"key": self.key})

    def remove(self):
        """Remove the file, once the output is written."""
        self.path.unlink(missing_ok=True)

    def close(self):
        """Let go of the file; a job that waits for it goes on."""
        with contextlib.suppress(OSError):  # of a line that could not be written, as was said
            self._file.close()

    def _open(self):
        """Open, lock and read the file; whether it is still there under its name."""
        self.rows = []
        self._file = open(self.path, "a+b")  # noqa: SIM115  held to the end of the job
        try:
            self._lock()
            self._file.seek(0)
            lines = self._file.readlines()
            self.rows, size = self._read(lines)
            if not os.path.samestat(os.fstat(self._file.fileno()), os.stat(self.path)):
                return False
        except OSError as error:
            if error.errno not in REMOVED:
                raise
            return False
        if size:
            self._file.truncate(size)
        else:
            if lines:
                print(f"{self.path} is of other inputs or code: discarded", file=sys.stderr)
            self.clear()
        return True

    def _lock(self):
        try:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                print(
                    f"{self.path}: another job is at work on this output; waiting for it to end",
                    file=sys.stderr,
                )
                fcntl.flock(self._file, fcntl.LOCK_EX)
        except OSError as error:
            if error.errno not in NO_LOCKS:
                raise
            print(
                f"{self.path}: no locks on this file system ({error.strerror}); going on without: "
                "see that no other job is at work on this output",
                file=sys.stderr,
            )

    def _read(self, lines):
        """Read the rows from the lines of the file, and the size in bytes of what is in order."""
        if not lines or lines[0] != _encode({"key": self.key}):
            return [], 0
        rows, size = [], len(lines[0])
        for line in lines[1:]:
            try:
                run, row = (json.loads(line)[name] for name in ("run", "row"))
            except (ValueError, TypeError, KeyError):
                break
            # A torn line ends nowhere. Without locks, two jobs may have done the same run.
            if run > len(rows) or not line.endswith(b"\n"):
                break
            if run == len(rows):
                rows.append(row)
            size += len(line)
        return rows, size

    def _append(self, content):
        try:
            self._file.write(_encode(content))
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise disk_error(error, self.path) or error from error


def _encode(content):
    return json.dumps(content).encode() + b"\n"
