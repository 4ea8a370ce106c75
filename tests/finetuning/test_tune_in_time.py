"""Fine-tuning in a given time: the job, its files, and what a kill leaves of it."""

import json
import runpy
import shutil
import signal
import sys
import time

import numpy as np
import pytest
from small_jobs import CARD, PROGRAM, PROTOCOL, VIT, Halves, backbone

import needle.finetuning.in_time.tune
from needle.base.run_tables import read_table
from needle.base.tensors import read_card, write_tensors
from needle.finetuning.best_weights import load_finetuned
from needle.finetuning.in_time.tune import OutOfTimeError, time_limit
from needle.models.checkpoints import save_checkpoint
from needle.tasks.task_file import write_task

IN_TIME = PROGRAM.with_name("finetune_in_time.py")
STEPS = 60
TUNED = PROTOCOL | {"steps": STEPS, "repeats": 1}
MODELS = {"a": CARD | {"name": "a"}, "b": VIT | {"name": "b"}}


@pytest.fixture
def clock(monkeypatch):
    """A clock that only fine-tuning moves: 2 seconds a run and one a step."""
    now, finetune = [0.0], needle.finetuning.in_time.tune.finetune

    def slow(*args, **others):
        for row in finetune(*args, **others):
            now[0] += 2 + row["steps"]
            yield row | {"seconds": float(row["steps"])}

    class Clock:
        perf_counter = staticmethod(lambda: now[0])
        time = staticmethod(time.time)

    monkeypatch.setattr(needle.finetuning.in_time.tune, "time", Clock)
    monkeypatch.setattr(needle.finetuning.in_time.tune, "finetune", slow)
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    return now


@pytest.fixture
def tune(tmp_path, clock, monkeypatch):
    """Start the program; it returns the plan."""
    paths = {"checkpoints": [], "embeddings": []}
    for name, card in MODELS.items():
        checkpoint, embeddings = tmp_path / f"{name}.safetensors", tmp_path / f"{name}.e"
        save_checkpoint(checkpoint, backbone(card), card)
        # 160 images in 2 seconds: 3 x 32 / 80 = 1.2 a step, nearly as it will be.
        write_tensors(embeddings, {"features": np.zeros(1)}, {"model": name, "seconds": 2.0})
        paths["checkpoints"].append(checkpoint)
        paths["embeddings"].append(embeddings)
    write_task(tmp_path / "t", Halves().splits, {"name": "t", "classes": ["left", "right"]})
    ranking = tmp_path / "ranking.csv"
    ranking.write_text("model,rank,picked\na,1,True\nb,2,True\nc,3,False\n", encoding="utf-8")

    def tune(seconds, output="out", protocol=TUNED):
        flags = {"ranking": ranking, **paths, "task": tmp_path / "t", "seed": 3,
                 "protocols": json.dumps(dict.fromkeys(MODELS, protocol)),
                 "seconds": seconds, "started": time.time() + 100,
                 "output": tmp_path / output}  # fmt: skip
        parts = [
            part
            for flag, value in flags.items()
            for part in (f"--{flag}", *(value if isinstance(value, list) else [value]))
        ]
        monkeypatch.setattr(sys, "argv", [str(IN_TIME), *map(str, parts)])
        runpy.run_path(str(IN_TIME), run_name="__main__")
        return read_table(tmp_path / output / "plan.csv")

    return tune


def test_what_a_job_writes_is_what_finetune_writes_of_each_pick(tune, tmp_path):
    plan = tune(1000)
    assert plan[["rung", "steps", "seconds"]].to_numpy().tolist() == [[1, 60, 62]] * 4
    assert plan["model"].tolist() == ["a", "a", "b", "b"]
    names = {
        f"{model}.{end}" for model in "ab" for end in ("csv", "safetensors", "soup.safetensors")
    }
    assert {path.name for path in (tmp_path / "out").iterdir()} == names | {"plan.csv"}
    assert {path.name for path in tmp_path.glob("out*")} == {"out"}
    runs = read_table(tmp_path / "out/a.csv")
    assert runs["learning_rate"].tolist() == [0.05, 0.01]
    assert "micro_batch" not in runs
    assert "elapsed" not in runs
    assert "model" not in runs
    _, card = load_finetuned(tmp_path / "out/a.safetensors")
    assert card["run"]["val_accuracy"] == runs["val_accuracy"].max()
    # A soup was tried of the model that is best on val only.
    tables = {model: read_table(tmp_path / f"out/{model}.csv") for model in "ab"}
    best = max(tables, key=lambda model: tables[model]["val_accuracy"].max())
    for model in "ab":
        soup = read_card(tmp_path / f"out/{model}.soup.safetensors")["soup"]
        assert len(soup) == 1 or model == best


def test_with_less_time_the_best_of_a_quarter_of_the_steps_go_on(tune):
    # Four of 17 and one of 62 are 130; of a second 62 there is no time.
    plan = tune(160)
    done = plan[plan["rung"].notna()]
    assert done["steps"].tolist() == [15, 15, 15, 15, 60]
    assert done["seconds"].sum() == 4 * 17 + 62
    best = done["val_accuracy"][:4].idxmax()
    assert done["kept"].tolist() == [row == best for row in range(4)] + [False]
    assert (
        done.loc[4, ["model", "learning_rate"]].tolist()
        == done.loc[best, ["model", "learning_rate"]].tolist()
    )
    more = plan[plan["rung"].isna()]
    assert len(more) == 3
    assert more["predicted_seconds"].tolist() == [62.0] * 3
    assert more["steps"].tolist() == [60] * 3


@pytest.mark.parametrize("killed_in", [0, 2, 4])
def test_a_killed_job_goes_on_with_the_time_that_was_left(
    tune, kill_in, clock, tmp_path, killed_in
):
    undisturbed = tune(160, "whole")
    kill_in(killed_in)
    clock[0] = 0.0
    with pytest.raises(KeyboardInterrupt):
        tune(160)
    assert not (tmp_path / "out").exists()
    begun = kill_in(None)
    clock[0] = 0.0
    again = tune(160)
    assert len(begun) == 5 - killed_in
    assert again.to_csv() == undisturbed.to_csv()
    for name in ("a", "b"):
        tables = [(tmp_path / out / f"{name}.csv").read_text() for out in ("whole", "out")]
        assert tables[0] == tables[1]


def test_a_run_that_takes_all_the_time_is_stopped():
    with pytest.raises(OutOfTimeError), time_limit(0.01):
        time.sleep(100)
    with time_limit(100):
        pass
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_a_run_that_was_stopped_is_no_candidate(tune, tmp_path, monkeypatch):
    finetune = needle.finetuning.in_time.tune.finetune

    def stopped(backbone, card, *args, **others):
        if card["name"] == "b":
            raise OutOfTimeError
        yield from finetune(backbone, card, *args, **others)

    monkeypatch.setattr(needle.finetuning.in_time.tune, "finetune", stopped)
    plan = tune(1000)
    assert plan["model"].tolist() == ["a", "a", "b", "b", "b", "b"]
    assert plan["val_accuracy"].notna().tolist() == [True] * 2 + [False] * 4
    assert plan["rung"].notna().tolist() == [True] * 4 + [False] * 2
    names = {"plan.csv", "a.csv", "a.safetensors", "a.soup.safetensors"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == names


def test_weights_that_are_lost_begin_the_job_anew(tune, kill_in, tmp_path, capsys):
    kill_in(3)
    with pytest.raises(KeyboardInterrupt):
        tune(160)
    shutil.rmtree(tmp_path / "out.weights")
    begun = kill_in(None)
    tune(160)
    assert len(begun) == 5
    assert "discarded" in capsys.readouterr().err


def test_too_little_time_for_any_run_leaves_all_for_more_time(tune, tmp_path, capsys):
    plan = tune(3)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["plan.csv"]
    assert plan["rung"].isna().all()
    assert plan["steps"].tolist() == [60] * 4
    assert plan["predicted_seconds"].tolist() == pytest.approx([2 + 60 * 1.2] * 4)
    assert "3 seconds are left: too few for any run" in capsys.readouterr().out
