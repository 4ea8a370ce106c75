"""Files are written whole or not at all."""

import os

import pytest

from needle.base.csv_files import write_rows
from needle.base.files import atomic


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
