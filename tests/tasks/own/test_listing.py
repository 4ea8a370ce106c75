"""What kind of data it is, and whether they have changed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from made import fill, listed, write
from needle.base.errors import NeedleError
from needle.tasks.own.listing import data_kind, find_examples, fingerprint

SCRIPTS = Path(__file__).parents[3] / "workflow/scripts"


# Kinds


def test_kinds_of_data(tmp_path):
    write(tmp_path / "images/cat/a.jpg", "")
    write(tmp_path / "images/cat/deeper.npz", "")
    write(tmp_path / "images/._a.npz", "")
    write(tmp_path / "npz/resnet.NPZ", "")
    write(tmp_path / "parquet/resnet.parquet", "")
    write(tmp_path / "list.CSV", "")
    kinds = {p.name: data_kind(p) for p in sorted(tmp_path.iterdir())}
    assert kinds == {
        "images": "images", "list.CSV": "images", "npz": "features", "parquet": "features",
    }  # fmt: skip
    with pytest.raises(NeedleError, match="birds: no such folder or file"):
        data_kind(tmp_path / "birds")
    write(tmp_path / "birds.zip", "")
    with pytest.raises(NeedleError, match=r"neither a folder nor a \.csv file; .* unpacked"):
        find_examples(tmp_path / "birds.zip")


def test_only_the_standard_library_is_loaded():
    code = "import sys, needle.tasks.own.listing; print(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=SCRIPTS, capture_output=True, text=True, check=True
    )
    assert not {"numpy", "pandas", "torch", "PIL"} & set(result.stdout.split())


# Fingerprints


def test_a_fingerprint_tells_changes(tmp_path):
    fill(tmp_path, {"a": 2, "b": 2})
    first = fingerprint(tmp_path)
    assert fingerprint(tmp_path) == first
    assert len(first) == 64
    write(tmp_path / ".DS_Store", "of a file manager")
    assert fingerprint(tmp_path) == first

    (tmp_path / "a/000.jpg").rename(tmp_path / "b/000b.jpg")
    moved = fingerprint(tmp_path)
    os.utime(tmp_path / "b/001.jpg", ns=(0, 1))
    touched = fingerprint(tmp_path)
    (tmp_path / "b/001.jpg").write_text("longer than it was before, the time is the same")
    os.utime(tmp_path / "b/001.jpg", ns=(0, 1))
    resized = fingerprint(tmp_path)
    assert len({first, moved, touched, resized}) == 4


def test_a_fingerprint_of_a_list(tmp_path):
    fill(tmp_path, {"x": 1})
    path = listed(tmp_path, ["path,label", "x/000.jpg,a", "x/later.jpg,b"])
    states = [fingerprint(path)]
    write(tmp_path / "x/later.jpg", "now here")
    states.append(fingerprint(path))
    os.utime(tmp_path / "x/000.jpg", ns=(0, 1))
    states.append(fingerprint(path))
    write(tmp_path / "x/unlisted.jpg", "")
    assert fingerprint(path) == states[-1]
    listed(tmp_path, ["path,label", "x/000.jpg,b", "x/later.jpg,b"])
    states.append(fingerprint(path))
    assert len(set(states)) == 4


def test_no_content_of_a_folder_is_an_error_of_its_fingerprint(tmp_path):
    (tmp_path / "nowhere.jpg").symlink_to("missing")
    os.mkfifo(tmp_path / "pipe")
    write(tmp_path / os.fsdecode(b"caf\xe9"), "")
    before = fingerprint(tmp_path)
    write(tmp_path / "missing", "the link leads somewhere now")
    assert fingerprint(tmp_path) != before
    assert fingerprint(tmp_path / "absent") == fingerprint(tmp_path / "absent too")
