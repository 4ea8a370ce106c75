"""The folders of a run: writable, and locked for one Snakemake."""

import errno
import os

import pytest

from disks import raise_number
from needle.base import folders
from needle.base.errors import NeedleError
from needle.base.folders import check_writable, lock_folder


def test_folders_are_checked_where_they_are_or_would_be(tmp_path, monkeypatch):
    check_writable([tmp_path, tmp_path / "new/folder"])
    assert os.listdir(tmp_path) == []
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("nowhere")
    for name in ("file", "link"):
        with pytest.raises(NeedleError, match=f"{name}: cannot be used as a folder .*; move it"):
            check_writable([tmp_path / name / "results"])
    monkeypatch.setattr(os, "fsync", lambda _: raise_number(errno.EDQUOT))
    with pytest.raises(NeedleError, match=f"{tmp_path}: Disk quota exceeded; make room in the quo"):
        check_writable([tmp_path / "new"])


def test_a_lock_that_is_held_is_told_from_a_file_system_without_locks(tmp_path, monkeypatch):
    said = []
    held = lock_folder(tmp_path / "lock", said.append)
    with pytest.raises(NeedleError, match="another Snakemake is at work in this folder; wait"):
        lock_folder(tmp_path / "lock", said.append)
    held.close()
    assert not said
    lock_folder(tmp_path / "lock", said.append).close()
    monkeypatch.setattr(folders.fcntl, "flock", lambda *_: raise_number(errno.ENOLCK))
    lock_folder(tmp_path / "lock", said.append).close()
    assert said == [
        f"{tmp_path}/lock: cannot be locked (No locks available); see to it that no other "
        "Snakemake is started in this folder"
    ]
