"""A store that is fetched: checked, unpacked without escapes, wherever in the archive it lies."""

import hashlib
import io
import subprocess
import sys
import tarfile
import zipfile

import pytest

from needle.store.reading import read_store
from needle.store.writing import write_entry
from stored import entry, model_card
from workflow import ROOT


def archive(folder, kind, top):
    """An archive of a store below a folder, one model of which is called as an entry's file is."""
    rows = [("run", "t1", "own", "finetune", 0, 0.5, 1.0, "")]
    write_entry(entry(rows=rows, models={"run": model_card("run")}), folder / "made")
    path = folder / f"store.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as file:
            for one in (folder / "made").rglob("*"):
                file.write(one, f"{top}{one.relative_to(folder / 'made')}")
    else:
        with tarfile.open(path, "w:gz") as file:
            file.add(folder / "made", top or ".")
    return path


def fetch(folder, path, checksum=None):
    digest = checksum or hashlib.sha256(path.read_bytes()).hexdigest()
    program = ROOT / "workflow/scripts/fetch_store.py"
    command = [sys.executable, program, "--url", f"https://nowhere.invalid/{path.name}",
               "--sha256", digest, "--mirror", path.parent, "--output", folder / "out"]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.parametrize(("kind", "top"), [("tar.gz", "data-1.0/store"), ("zip", "")])
def test_a_store_comes_out_of_its_archive(tmp_path, kind, top):
    result = fetch(tmp_path, archive(tmp_path, kind, top))
    assert result.returncode == 0, result.stderr
    assert [one.name for one in read_store(tmp_path / "out")] == ["first"]


def test_another_archive_is_refused(tmp_path):
    result = fetch(tmp_path, archive(tmp_path, "zip", ""), "a" * 64)
    assert "instead of aaaa" in result.stderr
    assert not (tmp_path / "out").exists()


def test_an_archive_without_a_store_is_refused(tmp_path):
    path = tmp_path / "empty.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("readme", "nothing")
    assert "holds no stores" in fetch(tmp_path, path).stderr


def test_nothing_is_written_outside(tmp_path):
    path = tmp_path / "bad.tar.gz"
    with tarfile.open(path, "w:gz") as file:
        about = tarfile.TarInfo("../../escaped")
        about.size = 1
        file.addfile(about, io.BytesIO(b"x"))
    assert "outside of the archive" in fetch(tmp_path, path).stderr
    assert not (tmp_path.parent / "escaped").exists()
