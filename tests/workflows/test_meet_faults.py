"""Full disks, disks not to be written, a second Snakemake: a clear message, results intact."""

import fcntl
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from disks import AGAIN, content, fill
from needle.base.folders import ROOM
from workflow import command, snakemake

READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
TASK = Path("resources/tasks/mini/digits-32px.safetensors")
PLOT = "results/tiny/figures/regret/linear.svg"


def test_two_snakemakes_in_one_folder_are_kept_apart(project):
    with open(project / ".snakemake/needle.lock", "w", encoding="utf-8") as lock:
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
