"""Fixtures of the jobs of fine-tuning."""

import json
import runpy
import sys

import pytest
import torch
from small_jobs import CARD, PROGRAM, PROTOCOL, Halves, backbone, rows_of

import needle.finetuning.finetune
from needle.finetuning.finetune import train
from needle.models.checkpoints import save_checkpoint
from needle.tasks.task_file import write_task


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
