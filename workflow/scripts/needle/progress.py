"""How long a run will still take."""

import logging
import sys
import time
from datetime import timedelta


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
