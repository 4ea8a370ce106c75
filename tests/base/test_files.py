"""Files are written whole or not at all."""

import errno
import fcntl
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from disks import content, fill, raise_number
from needle.base.csv_files import write_rows
from needle.base.errors import NeedleError
from needle.base.files import atomic, temporary_folder
from needle.base.tensors import read_card, write_tensors


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("old")

    def fail():
        with atomic(path) as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["table.csv"]


def test_missing_values_are_empty_and_numbers_are_not_rounded(tmp_path):
    path = tmp_path / "rows.csv"
    write_rows(path, [{"a": None, "b": float("nan"), "c": 1 / 3, "d": 0}])
    assert path.read_text() == f"a,b,c,d\n,,{1 / 3!r},0\n"


def test_a_full_disk_keeps_the_old_files(small_disk):
    write_tensors(small_disk / "old.safetensors", {"a": np.zeros(9)}, {"name": "old"})
    write_rows(small_disk / "old.csv", [{"a": 1}])
    before = content(small_disk)
    filler = fill(small_disk)
    for name, write in {
        "old.safetensors": lambda path: write_tensors(path, {"a": np.ones(10**4)}, {}),
        "old.csv": lambda path: write_rows(path, [{"a": 2}] * 10**4),
        "new.csv": lambda path: write_rows(path, [{"a": 2}]),
    }.items():
        with pytest.raises(NeedleError, match=f"{name}: No space left on device; make room"):
            write(small_disk / name)
    assert content(small_disk) == before
    filler.unlink()
    write_tensors(small_disk / "old.safetensors", {"a": np.ones(10**4)}, {"name": "new"})
    assert read_card(small_disk / "old.safetensors") == {"name": "new"}


WRITER = """
import sys
from needle.base.files import atomic
with atomic(sys.argv[1]) as temporary:
    temporary.write_text("half")
    print("at work", flush=True)
    sys.stdin.readline()
    temporary.write_text("whole")
"""


@pytest.fixture
def writer(tmp_path):
    """A process that has written half of table.csv."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, tmp_path / "table.csv"],
        cwd=Path(__file__).parents[2] / "workflow/scripts",
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout.readline() == "at work\n"
    with process:
        yield process


def test_what_a_killed_process_left_goes_when_the_file_is_made_again(writer, tmp_path):
    writer.kill()
    writer.wait()
    assert b"half" in content(tmp_path).values()
    write_rows(tmp_path / "other.csv", [{"a": 1}])
    assert b"half" in content(tmp_path).values()
    write_rows(tmp_path / "table.csv", [{"a": 1}])
    assert sorted(os.listdir(tmp_path)) == ["other.csv", "table.csv"]


def test_two_writers_of_one_file_leave_each_other_alone(writer, tmp_path):
    write_rows(tmp_path / "table.csv", [{"a": 1}])
    assert (tmp_path / "table.csv").read_text() == "a\n1\n"
    writer.communicate("go on\n")
    assert writer.returncode == 0
    assert content(tmp_path) == {Path("table.csv"): b"whole"}


def test_without_locks_nothing_is_taken_for_a_killed_process_s(tmp_path, monkeypatch):
    monkeypatch.setattr(fcntl, "flock", lambda *_: raise_number(errno.ENOLCK))
    with temporary_folder(tmp_path / "a.csv") as folder:
        write_rows(tmp_path / "a.csv", [{"a": 1}])
        assert folder.exists()
    assert os.listdir(tmp_path) == ["a.csv"]
