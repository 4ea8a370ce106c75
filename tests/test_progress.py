"""How long a run will still take."""

import io
import logging

from needle.progress import TimeLeft


def test_time_left_at_the_pace_so_far():
    times, stream = iter([0.0, 60.0, 90.0]), io.StringIO()
    handler = TimeLeft("progress", stream, clock=lambda: next(times))
    for record in ({"event": "progress", "done": 2, "total": 10}, {"event": "job_info"}, {}):
        handler.emit(logging.makeLogRecord(record))
    handler.emit(logging.makeLogRecord({"event": "progress", "done": 9, "total": 10}))
    assert stream.getvalue().splitlines() == [
        "8 jobs left; 0:01:00 gone, about 0:04:00 left at this pace",
        "1 jobs left; 0:01:30 gone, about 0:00:10 left at this pace",
    ]
