"""Full disks, disks not to be written, a second Snakemake: a clear message, results intact."""

import errno
import fcntl
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from needle.base import folders
from needle.base.csv_files import write_rows
from needle.base.errors import NeedleError, disk_error
from needle.base.files import atomic, temporary_folder
from needle.base.folders import ROOM, check_writable, lock_folder
from needle.base.tensors import read_card, write_tensors
from workflow import command, snakemake

READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
AGAIN = "then run the same command again"
TASK = Path("resources/tasks/mini/digits-32px.safetensors")
PLOT = "results/tiny/figures/regret/linear.svg"


@pytest.fixture
def mounting():
    """Skip a test where mounting is not allowed."""
    if subprocess.run(["unshare", "-m", "mount", "--bind", "/", "/"], stderr=-3).returncode:
        pytest.skip("mounts a disk: needs root")


@pytest.fixture
def small_disk(mounting, tmp_path):
    """A disk of 4 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "small", folder], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder, leave=0):
    """Fill a disk but for some bytes; return the file that fills it."""
    space = os.statvfs(folder)
    file = folder / "filler"
    file.write_bytes(bytes(max(0, space.f_bavail * space.f_frsize - leave)))
    return file


def content(folder):
    """Every file of a folder, hidden ones too."""
    return {
        path.relative_to(folder): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "filler"
    }


def raise_number(number):
    raise OSError(number, os.strerror(number))


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


def test_two_snakemakes_in_one_folder_are_kept_apart(project):
    with open(project / ".snakemake/needle.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        result = snakemake(project, "--forcerun", "lay_out")
        assert result.returncode != 0
        assert "another Snakemake is at work in this folder" in result.stdout
        assert "Traceback" not in result.stdout
    assert snakemake(project, "--forcerun", "lay_out").returncode == 0


@pytest.mark.parametrize("folder", [".snakemake", "results", "logs", "resources"])
def test_a_folder_that_may_not_be_written_stops_before_any_work(project, mounting, folder):
    before = content(project / "results")
    # Resources need to be written only where something is to be made there.
    shutil.rmtree(project / TASK.parent)
    mounted = ["unshare", "-m", "bash", "-c", READ_ONLY, folder, *command("--", TASK)]
    result = subprocess.run(mounted, cwd=project, capture_output=True, text=True)
    said = result.stdout + result.stderr
    assert result.returncode != 0
    assert re.search(f"{folder}.*: Read-only file system; have its disk mounted for", said), said
    assert "Traceback" not in said
    assert "Finished jobid" not in said
    assert content(project / "results") == before


def test_a_full_disk_is_named_at_the_start_and_in_the_middle(project, small_disk):
    shutil.rmtree(project / "results/tiny/figures")
    shutil.copytree(project / "results", small_disk, dirs_exist_ok=True)
    shutil.rmtree(project / "results")
    (project / "results").symlink_to(small_disk)
    before = content(small_disk)
    filler = fill(small_disk)
    result = snakemake(project, "--", PLOT)
    assert result.returncode != 0
    assert f"error: results/tiny: No space left on device; make room on its disk, {AGAIN}" in (
        result.stdout
    )
    assert content(small_disk) == before
    # Room enough to begin, but not for all that plot_regret draws.
    filler.unlink()
    filler = fill(small_disk, leave=ROOM + 50_000)
    result = snakemake(project, "--", PLOT)
    assert result.returncode != 0
    assert f": No space left on device; make room on its disk, {AGAIN}" in result.stdout
    assert "error: results/tiny/figures/" in result.stdout
    assert "Traceback" not in result.stdout
    assert content(small_disk) == before
    filler.unlink()
    result = snakemake(project, "--", PLOT)
    assert result.returncode == 0, result.stdout


def half(content):
    return content[: len(content) // 2]


def all_but_last_line(content):
    return b"".join(content.splitlines(keepends=True)[:-1])


@pytest.mark.parametrize(
    ("path", "cut", "message"),
    [
        ("resources/checkpoints/tiny/resnet10t.mix.safetensors", half, "not a readable safetens"),
        (TASK, half, "not a readable safetensors file"),
        ("results/tiny/embeddings/digits/resnet10t.mix.safetensors", half, "not a readable safe"),
        ("results/tiny/finetune/digits/resnet10t.mix.csv", half, "its end is missing"),
        ("results/tiny/finetune/digits/resnet10t.mix.csv", all_but_last_line, "has 3 runs instead"),
        ("results/tiny/proxies/knn/digits/resnet10t.mix.csv", all_but_last_line, "has 0 runs inst"),
        ("results/tiny/scores.csv", half, "its end is missing"),
        ("results/tiny/models.csv", all_but_last_line, "lacks resnet10t.simclr, which"),
        ("results/tiny/regret.csv", lambda _: b"", "its end is missing"),
    ],
)  # fmt: skip
def test_a_cut_file_is_named_and_finished_results_stay(project, path, cut, message):
    (project / path).write_bytes(cut((project / path).read_bytes()))
    # Snakemake removes what it makes anew: of a cut file nothing is.
    kept = ("finetune/count/resnet10t.mix.csv", "embeddings/count/resnet10t.mix.safetensors")
    before = [(project / "results/tiny" / file).stat().st_mtime_ns for file in kept]
    result = snakemake(project, "--", "tables")
    assert result.returncode != 0
    (line,) = set(re.findall(r"^error: .*", result.stdout, re.M))
    assert line.startswith(f"error: {path}: {message}")
    assert "delete it and run again" in line
    assert [(project / "results/tiny" / file).stat().st_mtime_ns for file in kept] == before
