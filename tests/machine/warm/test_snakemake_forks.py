"""Snakemake's jobs are forked from one process where that changes nothing, else plain processes."""

import signal

import psutil
import pytest

from needle.machine.warm.start import can_fork
from workflow import command, edit, interruptible, programs_in, same_tables, snakemake, wait_for

pytestmark = pytest.mark.skipif(not can_fork(), reason="jobs are forked on Linux only")
EMBEDDING = "results/tiny/embeddings/digits/resnet10t.mix.safetensors"
JOB = ["--quiet", "--", EMBEDDING]


def begin_with(project, line):
    """Have the job do something before anything else."""
    program = project / "workflow/scripts/embed.py"
    edit(program, "def main():\n", f"def main():\n    {line}\n")


@pytest.fixture
def parents(project):
    """Give the programs of the process that a job was forked from, by running one anew."""
    begin_with(project, "print('parent', __import__('psutil').Process().parent().cmdline())")

    def run(*args):
        (project / EMBEDDING).unlink()
        result = snakemake(project, *args, *JOB, shared=False)
        assert result.returncode == 0, result.stdout
        return (project / "logs/tiny/embeddings/digits/resnet10t.mix.log").read_text()

    return run


def test_jobs_are_forked_or_not_with_the_same_outputs(parents, project, finished, monkeypatch):
    assert "warm/server.py" in parents()
    same_tables(project, finished)
    forked = (project / EMBEDDING).read_bytes()
    monkeypatch.setenv("NEEDLE_WARM", "0")
    assert "warm/server.py" not in parents()
    length = 8 + int.from_bytes(forked[:8], "little")  # the card has the seconds that it took
    plain = (project / EMBEDDING).read_bytes()
    assert plain[8 + int.from_bytes(plain[:8], "little") :] == forked[length:]


def test_with_a_gpu_jobs_are_plain_processes(parents, tmp_path, monkeypatch):
    (tmp_path / "nvidia-smi").write_text("#!/bin/sh\necho 'GPU 0: A (UUID: GPU-5c8)'\n")
    (tmp_path / "nvidia-smi").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert "warm/server.py" not in parents()


def test_with_software_of_their_own_jobs_are_plain_processes(parents):
    assert "warm/server.py" not in parents("--sdm", "env-modules")


def test_another_value_of_the_variable_is_refused(project, monkeypatch):
    monkeypatch.setenv("NEEDLE_WARM", "1")
    (project / EMBEDDING).unlink()
    result = snakemake(project, *JOB, shared=False)
    assert result.returncode == 1
    assert "error: NEEDLE_WARM=1: can only be 0" in result.stdout
    assert "Traceback" not in result.stdout


def test_a_failed_job_says_why_in_its_log(project):
    (project / EMBEDDING).unlink()
    begin_with(project, "raise OSError(5)")
    result = snakemake(project, *JOB[1:])
    assert result.returncode == 1
    log = (project / "logs/tiny/embeddings/digits/resnet10t.mix.log").read_text()
    assert log.rstrip().endswith("OSError: 5")
    assert "server.py" not in log
    assert "OSError: 5" in result.stdout  # show-failed-logs


def test_no_job_outlives_a_snakemake_that_is_killed(project, tmp_path):
    (project / EMBEDDING).unlink()
    begin_with(project, "__import__('os').system('echo $PPID. > pid'); time.sleep(600)")
    with open(tmp_path / "output.txt", "w", encoding="utf-8") as file:
        process = interruptible(command(*JOB), project, file)
    pid = wait_for(process, lambda: _read(project / "pid"))
    job = psutil.Process(int(pid.rstrip(".")))
    process.send_signal(signal.SIGKILL)
    job.wait(timeout=60)
    wait_for(None, lambda: not [*programs_in(project)])


def _read(path):
    text = path.read_text().strip() if path.exists() else ""
    return text if text.endswith(".") else ""
