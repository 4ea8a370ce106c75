"""A job of fine-tuning that is killed loses no finished run, and a second one waits."""

import os
import signal
import subprocess
import sys
from functools import partial

import pytest
import torch
from small_jobs import PROGRAM, PROTOCOL, SHORT, rows_of

import needle.finetuning.finetune
from needle.finetuning.finetune import train


def test_a_killed_job_goes_on_after_its_last_finished_run(start, kill_in, tmp_path, capsys):
    undisturbed = start("whole.csv")
    for run_number in (2, 1):  # killed twice: after two runs, then after one more
        kill_in(run_number)
        with pytest.raises(KeyboardInterrupt):
            start("killed.csv")
    assert not (tmp_path / "killed.csv").exists()
    begun = kill_in(None)
    assert start("killed.csv") == undisturbed
    assert len(begun) == 1
    assert "3 finished runs taken over from" in capsys.readouterr().err
    assert not list(tmp_path.glob("*.partial"))


def test_measurements_on_the_way_survive_a_kill(start, kill_in):
    protocol = SHORT | {"partial": [0.25, 0.5]}
    undisturbed = start("whole.csv", protocol)
    kill_in(3)
    with pytest.raises(KeyboardInterrupt):
        start("killed.csv", protocol)
    kill_in(None)
    again = start("killed.csv", protocol)
    assert again == undisturbed
    assert [row["steps_50"] for row in again] == ["4"] * 4
    plain = start("plain.csv", SHORT)
    assert [{name: row[name] for name in plain[0]} for row in again] == plain


def test_runs_of_another_protocol_or_seed_are_discarded(start, kill_in, tmp_path, capsys):
    kill_in(2)
    with pytest.raises(KeyboardInterrupt):
        start("a.csv", seed=4)
    begun = kill_in(1)
    with pytest.raises(KeyboardInterrupt):
        start("a.csv", PROTOCOL | {"steps": 4}, seed=4)
    assert "a.csv.partial is of other inputs or code: discarded" in capsys.readouterr().err
    begun = kill_in(None)
    rows = start("a.csv")
    assert len(begun) == 4
    assert rows == start("b.csv")


# The program, held up at the beginning of a run until it is told to go on.
HELD = """
import runpy, sys
import needle.finetuning.finetune
train, begun = needle.finetuning.finetune.train, []
held_in = int(sys.argv[1])

def held(*args, **others):
    begun.append(args)
    if len(begun) == held_in:
        print("held up", flush=True)
        sys.stdin.readline()
    return train(*args, **others)

needle.finetuning.finetune.train = held
del sys.argv[:2]
runpy.run_path(sys.argv[0], run_name="__main__")
print(len(begun), "runs begun")
"""


@pytest.fixture
def job(arguments):
    """Start jobs in processes of their own, held up in a run, counted from 1 (0: in none)."""
    jobs = []

    def job(held_in, *args, **others):
        command = [sys.executable, "-c", HELD, str(held_in), str(PROGRAM)]
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        environment = os.environ | {"PYTHONPATH": str(PROGRAM.parent)}
        started = subprocess.Popen(
            [*command, *arguments(*args, **others)], text=True, env=environment, **pipes
        )
        jobs.append(started)
        if held_in:
            assert started.stdout.readline() == "held up\n", started.stderr.read()
        return started

    yield job
    for started in jobs:
        started.kill()
        started.communicate()


TEN = PROTOCOL | {"steps": 4, "repeats": 5}


@pytest.mark.parametrize("with_weights", [False, True])
def test_of_ten_runs_six_are_not_repeated_after_kill_9(
    start, job, kill_in, tmp_path, capsys, with_weights
):
    weights = [{"weights": tmp_path / f"{n}.safetensors"} if with_weights else {} for n in "ab"]
    undisturbed = start("a.csv", TEN, **weights[0])
    killed = job(7, "b.csv", TEN, **weights[1])
    killed.send_signal(signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    assert not (tmp_path / "b.csv").exists()
    begun = kill_in(None)
    assert start("b.csv", TEN, **weights[1]) == undisturbed
    assert "6 finished runs taken over from" in capsys.readouterr().err
    assert len(begun) == 4
    if with_weights:
        assert len({file["weights"].read_bytes() for file in weights}) == 1
    assert not list(tmp_path.glob("*.partial*"))


def test_a_second_job_for_an_output_waits_for_the_first(start, job, tmp_path):
    """As after kill -9 of Snakemake, whose job goes on, and the same command."""
    undisturbed = start("a.csv", SHORT, weights=tmp_path / "a.safetensors")
    output, weights = tmp_path / "b.csv", tmp_path / "b.safetensors"
    first = job(3, "b.csv", SHORT, weights=weights)
    second = job(0, "b.csv", SHORT, weights=weights)
    assert "another job is at work on this output" in second.stderr.readline()
    assert first.communicate("go on\n")[0] == "4 runs begun\n"
    said, log = second.communicate()
    assert said == "0 runs begun\n"
    assert "4 finished runs taken over from" in log
    assert (first.returncode, second.returncode) == (0, 0)
    assert rows_of(output) == undisturbed
    assert weights.read_bytes() == (tmp_path / "a.safetensors").read_bytes()
    assert not list(tmp_path.glob("*.partial*"))


def test_a_job_that_goes_on_keeps_the_micro_batch(start, tmp_path, monkeypatch, capsys):
    """Though all the device's memory is free now: its runs are those of an undisturbed job."""
    tried = []

    def on_a_small_device(*args, dies_in=5, **others):
        tried.append(args[-1])
        if (args[-1] or 32) > 10:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        if len(tried) == dies_in:
            raise KeyboardInterrupt
        return train(*args, **others)

    def on_a_large_device(*args, **others):
        tried.append(args[-1])
        return train(*args, **others)

    monkeypatch.setattr(
        needle.finetuning.finetune, "train", partial(on_a_small_device, dies_in=None)
    )
    undisturbed = start("whole.csv", SHORT)
    assert "micro_batch" not in undisturbed[0]
    tried.clear()
    monkeypatch.setattr(needle.finetuning.finetune, "train", on_a_small_device)
    with pytest.raises(KeyboardInterrupt):
        start("killed.csv", SHORT)
    monkeypatch.setattr(needle.finetuning.finetune, "train", on_a_large_device)
    assert start("killed.csv", SHORT) == undisturbed
    assert tried == [None, 16, 8, 8, 8, 8, 8]
