"""A job of fine-tuning hands over the weights of its best run, whenever it is killed."""

from pathlib import Path

import pytest
import torch
from safetensors.numpy import load_file
from small_jobs import CARD, PROTOCOL, SHORT, UNCLIPPED, halves

from needle.base.errors import NeedleError
from needle.base.tensors import read_card, write_tensors
from needle.finetuning.best_weights import load_finetuned
from needle.finetuning.evaluation import Evaluator
from needle.finetuning.resume import FinishedRuns
from needle.models.backbones import forward_all


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
    monkeypatch.setattr(Evaluator, "val", lambda self: {"val_accuracy": 0.5})
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


def test_a_job_killed_between_its_two_files_loses_the_run_at_work_only(tune, tmp_path, monkeypatch):
    """The fourth run takes a place and is killed before it is on record: none is missed."""
    _, undisturbed = tune("whole", SHORT)
    files, killed = [], []

    def dying(self, row):
        files.append({path.name.split(".")[-2] for path in tmp_path.glob("a.csv.partial.*.*")})
        if len(self.rows) == 3 and not killed:
            killed.append(row)
            raise KeyboardInterrupt
        add(self, row)

    add = FinishedRuns.add
    monkeypatch.setattr(FinishedRuns, "add", dying)
    monkeypatch.setattr(Evaluator, "val", rising())
    with pytest.raises(KeyboardInterrupt):
        tune("a", SHORT)
    assert files == [{"0"}, {"0", "1"}, {"0", "1", "2"}, {"0", "1", "2", "3"}]
    again = iter([0.4])  # what the fourth run got
    monkeypatch.setattr(Evaluator, "val", lambda *args: {"val_accuracy": next(again)})
    _, weights = tune("a", SHORT)
    assert read_card(weights)["run"]["val_accuracy"] == 0.4
    assert weights.stat().st_size == undisturbed.stat().st_size
    assert not list(tmp_path.glob("*.partial*"))


def rising():
    """An accuracy that is higher from call to call."""
    calls = iter(range(1, 9))
    return lambda *args: {"val_accuracy": next(calls) / 10}


def cut(file):
    file.write_bytes(file.read_bytes()[:-1])


def of_another_run(file):
    """The weights of a job that differs in its seed, said to be as good."""
    other = file.with_name("other.csv.partial.1.safetensors")
    write_tensors(file, load_file(other), read_card(other) | {"run": read_card(file)["run"]})


@pytest.mark.parametrize("harm", [Path.unlink, cut, of_another_run, lambda f: f.write_text("")])
def test_runs_whose_weights_are_lost_are_done_again(tune, kill_in, tmp_path, capsys, harm):
    rows, undisturbed = tune("whole", SHORT)
    for name, seed in (("other", 4), ("a", 3)):
        kill_in(2)
        with pytest.raises(KeyboardInterrupt):
            tune(name, SHORT, seed=seed)
    harm(tmp_path / "a.csv.partial.1.safetensors")
    begun = kill_in(None)
    again, weights = tune("a", SHORT)
    assert "does not hold the weights of a best run: discarded" in capsys.readouterr().err
    assert len(begun) == 4
    assert again == rows
    assert weights.read_bytes() == undisturbed.read_bytes()


def test_weights_of_another_run_are_never_handed_over(tune, tmp_path, monkeypatch):
    """Where the file system has no locks, a second job may overwrite them."""
    rows, undisturbed = tune("whole", SHORT)

    def overwritten(self, row):
        add(self, row)
        file = tmp_path / "a.csv.partial.0.safetensors"
        other = read_card(file)["run"] | {"repeat": 7}
        write_tensors(file, load_file(file), read_card(file) | {"run": other})

    add = FinishedRuns.add
    monkeypatch.setattr(FinishedRuns, "add", overwritten)
    with pytest.raises(SystemExit, match="has overwritten the weights of a best run"):
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


def test_another_metric_decides_which_weights_are_kept(tune, kill_in):
    rows, weights = tune("a", SHORT, metric="log_loss")
    losses = [float(row["val_log_loss"]) for row in rows]
    best = losses.index(min(losses))
    assert best != losses.index(max(losses))
    run = read_card(weights)["run"]
    assert str(run["val_log_loss"]) == rows[best]["val_log_loss"]
    model, _ = load_finetuned(weights)
    images, labels = halves(40, 1)
    logits = forward_all(model, torch.from_numpy(images), CARD, 256)
    expected = torch.nn.functional.cross_entropy(logits.double(), torch.from_numpy(labels))
    assert losses[best] == pytest.approx(expected.item())
    # A job that was killed goes on to the same, and none with the runs of another metric.
    kill_in(2)
    with pytest.raises(KeyboardInterrupt):
        tune("b", SHORT, metric="log_loss")
    begun = kill_in(None)
    again, others = tune("b", SHORT, metric="log_loss")
    assert (len(begun), again) == (2, rows)
    assert others.read_bytes() == weights.read_bytes()
