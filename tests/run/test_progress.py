"""How long a run will still take."""

import io
import logging
import os
import time

from needle.run.progress import JobProgress, TimeLeft, growing_bars


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


def test_the_last_bar_of_each_log_that_grows_is_shown(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a/new.log").write_text(
        "device: processor\n\rembed:  10%|█ | 10/99\rembed:  20%|██| 20/99 "
    )
    (tmp_path / "done.log").write_text("\rembed:  10%|█ | 10/99\rembed: 100%|██| 99/99\n")
    (tmp_path / "none.log").write_text("50 % of nothing\n")
    old = tmp_path / "old.log"
    old.write_text("\rembed:  10%|█ | 10/99")
    os.utime(old, (1000, 1000))
    assert growing_bars(tmp_path, 2000) == ["embed:  20%|██| 20/99"]


def test_jobs_at_work_are_shown_until_the_end(tmp_path):
    (tmp_path / "new.log").write_text("embed:  10%|█ | 10/99")
    stream = io.StringIO()
    thread = JobProgress(tmp_path, seconds=0.01, stream=stream)
    thread.start()
    while not stream.getvalue():
        (tmp_path / "new.log").touch()
        time.sleep(0.005)
    thread.ended.set()
    thread.join()
    assert stream.getvalue().startswith("  embed:  10%|█ | 10/99\n")
