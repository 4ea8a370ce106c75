"""A fine-tuning job that is killed loses no finished run, and keeps the weights of the best."""

import csv
import json
import os
import runpy
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
import torch
from safetensors.numpy import load_file
from test_finetune import (
    CARD,
    PROTOCOL,
    SHORT,
    UNCLIPPED,
    Halves,
    backbone,
    halves,
    without_seconds,
)

import needle.finetuning.finetune
from needle.base.errors import NeedleError
from needle.base.tensors import read_card, write_tensors
from needle.finetuning.best_weights import load_finetuned
from needle.finetuning.finetune import train
from needle.finetuning.resume import FinishedRuns
from needle.models.backbones import forward_all
from needle.models.checkpoints import save_checkpoint
from needle.tasks.task_file import write_task

PROGRAM = Path(__file__).parents[2] / "workflow/scripts/finetune.py"


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture
def arguments(tmp_path):
    """Write the inputs of a job; it returns the arguments of the program."""
    checkpoint, task = tmp_path / "m.safetensors", tmp_path / "t.safetensors"
    save_checkpoint(checkpoint, backbone(), CARD)
    write_task(task, Halves().splits, {"name": "t", "classes": ["left", "right"]})

    def arguments(output, protocol=PROTOCOL, seed=3, **others):
        flags = {"checkpoint": checkpoint, "task": task, "protocol": json.dumps(protocol),
                 "seed": seed, "output": tmp_path / output, **others}  # fmt: skip
        return [part for name, value in flags.items() for part in (f"--{name}", str(value))]

    return arguments


@pytest.fixture
def start(arguments, tmp_path, monkeypatch):
    """Start the program on files; it returns the output's rows."""

    def start(output, *args, **others):
        monkeypatch.setattr(sys, "argv", [str(PROGRAM), *arguments(output, *args, **others)])
        runpy.run_path(str(PROGRAM), run_name="__main__")
        return rows_of(tmp_path / output)

    return start


def rows_of(output):
    with open(output) as file:
        return without_seconds(csv.DictReader(file))


@pytest.fixture
def kill_in(monkeypatch):
    """Let a run of the next job, counted from 0, be killed; it returns how many have begun."""

    def kill_in(wanted):
        begun = []

        def dying(*args, **others):
            begun.append(args)
            if len(begun) - 1 == wanted:
                raise KeyboardInterrupt
            return train(*args, **others)

        monkeypatch.setattr(needle.finetuning.finetune, "train", dying)
        return begun

    return kill_in


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


@pytest.fixture
def tune(start, tmp_path):
    """Start the program so that it writes weights; it returns the runs and the weights' file."""

    def tune(name, protocol=PROTOCOL, **others):
        weights = tmp_path / f"{name}.safetensors"
        return start(f"{name}.csv", protocol, weights=weights, **others), weights

    return tune


def test_the_weights_are_those_of_the_best_run_on_val(tune):
    rows, weights = tune("a", SHORT)  # the third run is the best
    accuracies = [float(row["val_accuracy"]) for row in rows]
    best = accuracies.index(max(accuracies))
    assert best not in (0, 3)
    assert [row["test_accuracy"] for row in rows] == [""] * 4
    model, card = load_finetuned(weights)
    assert not model.training
    assert card["classes"] == ["left", "right"]
    assert card["preprocessing"]["input_size"] == [3, 32, 32]
    assert [str(card["run"][key]) for key in ("repeat", "learning_rate", "val_accuracy")] == [
        rows[best][key] for key in ("repeat", "learning_rate", "val_accuracy")]  # fmt: skip
    images, labels = halves(40, 1)
    logits = forward_all(model, torch.from_numpy(images), CARD, 256)
    assert (logits.argmax(dim=1).numpy() == labels).mean() == accuracies[best]


def test_of_runs_that_are_level_the_first_is_kept(tune, monkeypatch):
    monkeypatch.setattr(needle.finetuning.finetune, "_accuracy", lambda *args: 0.5)
    _, weights = tune("a", PROTOCOL | {"steps": 2})
    assert (read_card(weights)["run"]["repeat"], read_card(weights)["run"]["learning_rate"]) == (
        0, 0.05)  # fmt: skip


@pytest.mark.parametrize("killed", [1, 2, 3])
def test_a_killed_job_goes_on_to_the_same_weights(tune, kill_in, tmp_path, killed):
    rows, undisturbed = tune("whole", SHORT)
    kill_in(killed)
    with pytest.raises(KeyboardInterrupt):
        tune("killed", SHORT)
    assert not (tmp_path / "killed.safetensors").exists()
    begun = kill_in(None)
    again, weights = tune("killed", SHORT)
    assert len(begun) == 4 - killed
    assert again == rows
    assert weights.read_bytes() == undisturbed.read_bytes()
    assert not list(tmp_path.glob("*.partial*"))


def test_a_job_killed_between_its_two_files_loses_time_only(tune, tmp_path, monkeypatch):
    rows, undisturbed = tune("whole", SHORT)

    def dying(self, row):
        if row["repeat"] == 1:
            raise KeyboardInterrupt
        add(self, row)

    add = FinishedRuns.add
    # The third run's weights are kept, whatever they are worth, its row is not.
    monkeypatch.setattr(needle.finetuning.finetune, "_accuracy", rising())
    monkeypatch.setattr(FinishedRuns, "add", dying)
    with pytest.raises(KeyboardInterrupt):
        tune("killed", SHORT)
    monkeypatch.undo()
    again, weights = tune("killed", SHORT)
    assert again == rows
    assert weights.read_bytes() == undisturbed.read_bytes()


def rising():
    """An accuracy that is higher from call to call."""
    calls = iter(range(1, 9))
    return lambda *args: next(calls) / 10


def cut(file):
    file.write_bytes(file.read_bytes()[:-1])


def of_another_run(file):
    """The weights of a job that differs in its seed, said to be as good."""
    other = file.with_name("other.csv.partial.safetensors")
    write_tensors(file, load_file(other), read_card(other) | {"run": read_card(file)["run"]})


@pytest.mark.parametrize("harm", [Path.unlink, cut, of_another_run, lambda f: f.write_text("")])
def test_runs_whose_weights_are_lost_are_done_again(tune, kill_in, tmp_path, capsys, harm):
    rows, undisturbed = tune("whole", SHORT)
    for name, seed in (("other", 4), ("a", 3)):
        kill_in(2)
        with pytest.raises(KeyboardInterrupt):
            tune(name, SHORT, seed=seed)
    harm(tmp_path / "a.csv.partial.safetensors")
    begun = kill_in(None)
    again, weights = tune("a", SHORT)
    assert "does not hold the best run's weights: discarded" in capsys.readouterr().err
    assert len(begun) == 4
    assert again == rows
    assert weights.read_bytes() == undisturbed.read_bytes()


def test_weights_of_another_run_are_never_handed_over(tune, tmp_path, monkeypatch):
    """Where the file system has no locks, a second job may overwrite them."""
    rows, undisturbed = tune("whole", SHORT)

    def overwritten(self, row):
        add(self, row)
        file = tmp_path / "a.csv.partial.safetensors"
        other = read_card(file)["run"] | {"repeat": 7}
        write_tensors(file, load_file(file), read_card(file) | {"run": other})

    add = FinishedRuns.add
    monkeypatch.setattr(FinishedRuns, "add", overwritten)
    with pytest.raises(SystemExit, match="has overwritten the weights of the best run"):
        tune("a", SHORT)
    assert not (tmp_path / "a.safetensors").exists()
    monkeypatch.undo()
    again, weights = tune("a", SHORT)
    assert again == rows
    assert weights.read_bytes() == undisturbed.read_bytes()


def test_where_every_run_diverged_a_file_says_so(tune, kill_in, tmp_path):
    protocol = UNCLIPPED | {"learning_rates": [1e20, 1e19], "repeats": 1}
    kill_in(1)
    with pytest.raises(KeyboardInterrupt):  # no weights are missed on the way
        tune("a", protocol)
    begun = kill_in(None)
    rows, weights = tune("a", protocol)
    assert len(begun) == 1
    assert [row["diverged"] for row in rows] == ["True", "True"]
    assert read_card(weights)["diverged"] is True
    with pytest.raises(NeedleError, match=r"no weights: every run of resnet10t\.test diverged"):
        load_finetuned(weights)
    assert not list(tmp_path.glob("*.partial*"))


def test_weights_of_another_architecture_are_refused(tune):
    _, weights = tune("a", PROTOCOL | {"steps": 2, "repeats": 1})
    card = read_card(weights)
    card["architecture_args"] = CARD["architecture_args"] | {"stem_width": 16}
    write_tensors(weights, load_file(weights), card)
    with pytest.raises(NeedleError, match=r"a\.safetensors: has of another shape .* weights"):
        load_finetuned(weights)
