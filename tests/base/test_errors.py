"""Errors of the disk: a line that names the file and says what to do."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from disks import AGAIN, content, raise_number
from needle.base.errors import NeedleError, disk_error
from needle.base.files import atomic


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES])
def test_an_error_of_the_disk_names_the_file_and_what_to_do(tmp_path, number):
    path = tmp_path / "table.csv"
    path.write_text("old")

    def fail(error):
        with atomic(path) as temporary:
            temporary.write_text("half")
            raise error

    text = os.strerror(number)
    for error in (
        OSError(number, text),
        RuntimeError(f"Error while serializing: I/O error: {text} (os error {number})"),
    ):
        with pytest.raises(NeedleError, match=rf"^{path}: {text}; .*, {AGAIN}$"):
            fail(error)
    # A file that was only read is the one that is named.
    with pytest.raises(NeedleError, match=rf"^picture\.jpg: {text}; "):
        fail(OSError(number, text, "picture.jpg"))
    assert content(tmp_path) == {Path("table.csv"): b"old"}


def test_other_errors_stay_what_they_are(tmp_path):
    assert disk_error(OSError(errno.EIO, "Input/output error")) is None
    with pytest.raises(IsADirectoryError), atomic(tmp_path / "a.csv"):
        raise_number(errno.EISDIR)


def test_a_program_ends_with_one_line_outside_of_files_too():
    code = (
        "from needle.base.errors import run; run(lambda: open('/dev/full', 'w', 1).write('x\\n'))"
    )
    path = Path(__file__).parents[2] / "workflow/scripts"
    result = subprocess.run([sys.executable, "-c", code], cwd=path, capture_output=True, text=True)
    assert result.returncode == 1
    assert result.stderr == (
        f"error: an output: No space left on device; make room on its disk, {AGAIN}\n"
    )


def test_a_program_that_is_done_ends_at_once_with_all_it_has_said():
    code = (
        "import atexit; from needle.base.errors import run; atexit.register(print, 'taken apart')\n"
        "run(lambda: print('done'))"
    )
    path = Path(__file__).parents[2] / "workflow/scripts"
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, cwd=path, capture_output=True, text=True, check=True)
    assert (result.stdout, result.stderr) == ("done\n", "")
    with open("/dev/full", "wb") as full:
        result = subprocess.run(command, cwd=path, stdout=full, stderr=subprocess.PIPE, text=True)
    assert result.returncode != 0
    assert result.stderr.startswith("error: an output: No space left on device; ")
