"""The real Snakefile through profiles/slurm on a real SLURM, undisturbed and disturbed."""

import re
import shutil
import signal
import sys

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file

from pictures import save_pictures
from workflow import copy_project, edit, interruptible, planned, same_tables, snakemake, wait_for

FEW = ["--jobs", "3"]
PATIENCE = 240  # seconds
SCORES = ["--", "results/tiny/scores.csv"]
# The job of each kind that is disturbed.
SHORT_OF_MEMORY = "results/tiny/proxies/linear/digits/resnet10t.mix.csv"
SHORT_OF_TIME = "results/tiny/finetune/count/resnet10t.mix.csv"
CANCELLED = "results/tiny/embeddings/digits/resnet10t.glyph.safetensors"
HELD_UP = '''"""Hold up a job's first attempt after its second run, as a hanging disk would."""
import pathlib, time

def after_two(rows):
    mark = pathlib.Path("held_up")
    if len(rows) == 2 and not mark.exists():
        mark.touch()
        time.sleep(600)
'''


def finish(process, folder):
    """Wait for a Snakemake that should end well, and read what was printed."""
    process.wait(timeout=600)
    output = (folder / "output.txt").read_text()
    assert process.returncode == 0, output[-5000:]
    return output


def copy_with_settings(folder):
    """Copy the project and set what a site must set."""
    profile = copy_project(folder) / "profiles/slurm/config.yaml"
    edit(profile, "slurm_account: your-account", "slurm_account: root")
    edit(profile, "slurm_partition: your-partition", "slurm_partition: main")
    return folder


@pytest.fixture(scope="module")
def start(cluster):
    """Start Snakemake as on a login node; what it prints is added to output.txt."""
    processes = []

    def start(folder, *args, config="tests/config/run.yaml"):
        command = [
            sys.executable, "-m", "snakemake", "--profile", "slurm", "--configfile",
            config, "--slurm-init-seconds-before-status-checks", "3", *args,
        ]  # fmt: skip
        with open(folder / "output.txt", "a", encoding="utf-8") as file:
            processes.append(interruptible(command, folder, file))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()


@pytest.fixture(scope="module")
def local(cluster, tmp_path_factory):
    """A project whose tables were made on this machine; never changed."""
    folder = copy_with_settings(tmp_path_factory.mktemp("local") / "project")
    result = snakemake(folder, "--", "tables")
    assert result.returncode == 0, result.stdout
    return folder


@pytest.fixture(scope="module")
def whole(start, tmp_path_factory):
    """A run from its beginning, at work."""
    folder = copy_with_settings(tmp_path_factory.mktemp("whole") / "project")
    return start(folder, "--set-resources", "embed:gpu=1"), folder


@pytest.fixture(scope="module")
def disturbed(cluster, start, local, tmp_path_factory):
    """A run, at work, of three jobs: one lacks memory, one lacks time, and one is cancelled."""
    folder = tmp_path_factory.mktemp("disturbed") / "project"
    shutil.copytree(local, folder, symlinks=True)
    (folder / "workflow/scripts/held_up.py").write_text(HELD_UP)
    call = 'runs.add(row | {"device": device_name(device)})'
    held = f"{call}; __import__('held_up').after_two(runs.rows)"
    edit(folder / "workflow/scripts/finetune.py", call, held)
    for path in (SHORT_OF_MEMORY, SHORT_OF_TIME, CANCELLED):
        (folder / path).unlink()
    process = start(
        folder, "--set-resources", "linear:mem_mb=100*attempt**3", "finetune:runtime=attempt",
        "--", SHORT_OF_MEMORY, SHORT_OF_TIME, CANCELLED,
    )  # fmt: skip
    (job,) = wait_for(process, lambda: cluster.queue(folder, "embed"), PATIENCE)
    cluster.client("scancel", job)
    return process, folder


def states(cluster, folder, rule=""):
    """The states of jobs by their ids, without who cancelled them."""
    return {job["JobID"]: job["State"].split()[0] for job in cluster.jobs(folder, rule)}


def cut(cluster, process, folder, number, finished):
    """Send a signal to Snakemake when some jobs have finished and one that came after is at work.

    Returns the id of that one, the newest.
    """

    def newest_at_work():
        text = (folder / "output.txt").read_text()
        *_, newest = re.findall(r"SLURM jobid (\d+)", text) or [None]
        # A job that is being submitted when Ctrl-C comes would escape it, and fail a minute later.
        none_awaited = text.rfind("SLURM jobid") > text.rfind("Finished jobid")
        enough = text.count("Finished jobid") >= finished
        return newest if enough and none_awaited and newest in cluster.queue(folder) else None

    newest = wait_for(process, newest_at_work, PATIENCE)
    process.send_signal(number)
    process.wait(timeout=120)
    return newest


@pytest.mark.usefixtures("whole", "disturbed")  # at work meanwhile
def test_a_run_interrupted_and_killed_loses_and_repeats_nothing(cluster, start, local, tmp_path):
    folder = shutil.copytree(local, tmp_path / "project", symlinks=True)
    shutil.rmtree(folder / "results/tiny/finetune")
    (folder / "results/tiny/scores.csv").unlink()
    assert planned(folder, *SCORES) == {"finetune": 6, "collect_scores": 1}

    interrupted = cut(cluster, start(folder, *FEW, *SCORES), folder, signal.SIGINT, finished=1)
    finished = (folder / "output.txt").read_text().count("Finished jobid")
    assert sum(planned(folder, *SCORES).values()) <= 7 - finished
    wait_for(None, lambda: not cluster.queue(folder, states="PD,R,CG"), PATIENCE)

    killed = cut(cluster, start(folder, *FEW, *SCORES), folder, signal.SIGKILL, finished=3)
    assert killed in cluster.queue(folder)
    finished = (folder / "output.txt").read_text().count("Finished jobid")
    assert sum(planned(folder, *SCORES).values()) <= 7 - finished
    output = finish(start(folder, *SCORES), folder)

    (orphans,) = re.findall(r"a killed Snakemake left behind: (.*)", output)
    assert killed in orphans.split()
    ends = states(cluster, folder)
    assert ends[interrupted] == ends[killed] == "CANCELLED"
    assert planned(folder, *SCORES) == {}
    same_tables(folder, local)


def test_a_job_without_memory_gets_more(cluster, disturbed, local):
    process, folder = disturbed
    finish(process, folder)
    killed, done = cluster.jobs(folder, "linear")
    # Without cgroups SLURM calls it a failure; its log says of what.
    assert (killed["State"], killed["ReqMem"]) == ("FAILED", "100M")
    (log,) = folder.glob(f".snakemake/slurm_logs/*/**/{killed['JobID']}.log")
    assert "exceeded memory limit" in log.read_text()
    assert (done["State"], done["ReqMem"]) == ("COMPLETED", "800M")
    same_tables(folder, local)


def test_a_job_without_time_gets_more_and_keeps_its_runs(cluster, disturbed, local):
    process, folder = disturbed
    finish(process, folder)
    assert list(states(cluster, folder, "finetune").values()) == ["TIMEOUT", "COMPLETED"]
    log = (folder / "logs/tiny/finetune/count/resnet10t.mix.log").read_text()
    assert "2 finished runs taken over" in log
    same_tables(folder, local)


def test_a_cancelled_job_is_submitted_again(cluster, disturbed, local):
    process, folder = disturbed
    finish(process, folder)
    assert list(states(cluster, folder, "embed").values()) == ["CANCELLED", "COMPLETED"]
    found, expected = load_file(folder / CANCELLED), load_file(local / CANCELLED)
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values)


def test_a_whole_run_gives_the_tables_of_a_local_one(cluster, whole, local):
    process, folder = whole
    finish(process, folder)
    jobs = cluster.jobs(folder)
    assert {job["State"] for job in jobs} == {"COMPLETED"}
    assert {job["NodeList"] for job in jobs} == {"n1", "n2"}
    assert planned(folder) == {}
    same_tables(folder, local)


def test_a_job_has_the_gpu_that_it_asks_for(cluster, whole):
    process, folder = whole
    finish(process, folder)
    with_gpu = [job for job in cluster.jobs(folder) if "gres/gpu=1" in job["AllocTRES"]]
    assert with_gpu == cluster.jobs(folder, "embed")
    logs = [path.read_text() for path in folder.glob("logs/tiny/embeddings/*/*.log")]
    assert len(logs) == 6
    for log in logs:
        device, job = re.search(r"in place of (\S+), assigned by SLURM to job (\d+)", log).groups()
        assert device == "0"
        assert job in {job["JobID"] for job in with_gpu}


def test_a_model_is_recommended_on_a_cluster_too(start, local, tmp_path):
    folder = shutil.copytree(local, tmp_path / "project", symlinks=True)
    save_pictures(folder / "pictures")
    finish(start(folder, "--", "recommend", config="tests/config/mydata.yaml"), folder)
    advice = folder / "results/pictures/recommendation"
    assert (advice / "best/model.safetensors").exists()
    candidates = pd.read_csv(advice / "candidates.csv")
    picks = candidates[candidates["kind"] == "fine-tuned"]
    assert len(picks) == 2
    assert picks["val_accuracy"].notna().all()
    assert candidates["chosen"].sum() == 1
