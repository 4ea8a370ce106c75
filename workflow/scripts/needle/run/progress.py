"""How long a run will still take, and how far its jobs are."""

import logging
import re
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

BAR = re.compile(r"[^\r\n]*\d+%\|[^\r\n]*")  # tqdm's
LAST = 500  # bytes of a log, of which the last bar is looked for


class TimeLeft(logging.Handler):
    """Say after each job how long the rest takes at the pace so far.

    Parameters
    ----------
    event : object
        The event of Snakemake's log records that carry ``done`` and ``total`` jobs.
    stream : file, optional
    clock : callable, optional
        Seconds as a float.
    """

    def __init__(self, event, stream=None, clock=time.monotonic):
        super().__init__()
        self.event, self.stream, self.clock = event, stream, clock
        self.started = clock()

    def emit(self, record):
        """Print one line for a record of progress."""
        if getattr(record, "event", None) is self.event and record.done:
            gone = self.clock() - self.started
            left = gone / record.done * (record.total - record.done)
            print(
                f"{record.total - record.done} jobs left; {_minutes(gone)} gone, "
                f"about {_minutes(left)} left at this pace",
                file=self.stream or sys.stderr,
            )


def _minutes(seconds):
    return str(timedelta(seconds=round(seconds)))


class JobProgress(threading.Thread):
    """Print now and then how far the jobs at work are: the last bar of each log that grows.

    Parameters
    ----------
    folder : path
        Of the logs.
    seconds : float, optional
        From one look to the next.
    stream : file, optional
    """

    def __init__(self, folder, seconds=15, stream=None):
        super().__init__(daemon=True)
        self.folder, self.seconds, self.stream = Path(folder), seconds, stream
        self.ended = threading.Event()

    def run(self):
        """Look until the process ends."""
        while not self.ended.wait(self.seconds):
            for bar in growing_bars(self.folder, time.time() - self.seconds):
                print(f"  {bar}", file=self.stream or sys.stderr, flush=True)


def growing_bars(folder, since):
    """Give the last unfinished progress bar of each log that was written to since then.

    Parameters
    ----------
    folder : pathlib.Path
    since : float
        Seconds since the epoch.

    Returns
    -------
    list of str
    """
    bars = []
    for log in sorted(folder.rglob("*.log")):
        try:
            if log.stat().st_mtime < since:
                continue
            with open(log, "rb") as file:
                file.seek(max(file.seek(0, 2) - LAST, 0))
                found = BAR.findall(file.read().decode(errors="replace"))
        except FileNotFoundError:  # of a job that has failed
            continue
        if found and "100%|" not in found[-1]:
            bars.append(found[-1].strip())
    return bars
