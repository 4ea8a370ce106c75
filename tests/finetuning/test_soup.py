"""The greedy soup by hand, beside weights that were averaged densely, and what a job writes."""

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from small_jobs import CARD, PROTOCOL, SHORT, UNCLIPPED, halves

import needle.finetuning.finetune
from needle.base.tensors import read_card
from needle.finetuning.best_weights import load_finetuned
from needle.finetuning.soup import average, greedy_soup
from needle.models.backbones import forward_all

LONG = PROTOCOL | {"steps": 12, "repeats": 2}


def test_the_greedy_choice_by_hand():
    """Of numbers whose mean should be 5: 4, then 6 helps, 9 does not, then 5 does no harm."""
    asked = []

    def evaluate(states):
        asked.append(states)
        return -abs(sum(states) / len(states) - 5)

    assert greedy_soup([4, 6, 9, 5], evaluate) == [4, 6, 5]
    assert asked == [[4], [4, 6], [4, 6, 9], [4, 6, 5]]
    assert greedy_soup([5], evaluate) == [5]
    assert greedy_soup([5, 9], evaluate) == [5]


def test_weights_are_averaged_by_name_and_counts_are_not():
    states = [{"w": torch.tensor([1.0, x]), "n": torch.tensor(x)} for x in (2, 4, 9)]
    mean = average(states)
    assert mean["w"].tolist() == [1, 5]
    assert (mean["n"].item(), mean["n"].dtype) == (2, torch.int64)


@pytest.fixture
def tune(start, tmp_path):
    """Start the program; it returns the runs and the files of the best run and of the soup."""

    def tune(name, protocol=LONG, **others):
        files = {kind: tmp_path / f"{name}.{kind}" for kind in ("weights", "soup")}
        return start(f"{name}.csv", protocol, **files, **others), *files.values()

    return tune


@pytest.fixture
def kept(monkeypatch):
    """The weights of all runs, as they were kept."""
    kept = []

    def copying(self, row, model):
        kept.append({name: tensor.clone() for name, tensor in model.state_dict().items()})
        keep(self, row, model)

    keep = needle.finetuning.best_weights.BestWeights.keep
    monkeypatch.setattr(needle.finetuning.best_weights.BestWeights, "keep", copying)
    return kept


def test_a_job_ends_with_the_mean_of_its_best_runs(tune, kept):
    rows, _, soup = tune("a")
    card = read_card(soup)
    names = [(str(run["repeat"]), str(run["learning_rate"])) for run in card["soup"]]
    assert 2 <= len(names) <= 3
    places = [[(row["repeat"], row["learning_rate"]) for row in rows].index(n) for n in names]
    values = [float(rows[place]["val_accuracy"]) for place in places]
    assert values == sorted(values, reverse=True)
    assert values[0] == max(float(row["val_accuracy"]) for row in rows)
    model, _ = load_finetuned(soup)
    for name, weight in model.named_parameters():
        expected = sum(kept[place][name].double() for place in places) / len(places)
        torch.testing.assert_close(weight.double(), expected, rtol=1e-5, atol=1e-7)
    # The statistics are those of its own weights over all of train: 120 images in one part.
    images, _ = halves(120, 0)
    norm, seen = model.bn1, []
    norm.register_forward_hook(lambda module, inputs, output: seen.append(inputs[0]))
    forward_all(model, torch.from_numpy(images), CARD, 120)
    mean, variance = seen[0].mean(dim=(0, 2, 3)), seen[0].var(dim=(0, 2, 3))
    torch.testing.assert_close(norm.running_mean, mean, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(norm.running_var, variance, rtol=1e-3, atol=1e-5)
    assert card["classes"] == ["left", "right"]
    assert card["preprocessing"]["input_size"] == [3, 32, 32]
    assert card["seconds"] > 0
    assert "run" not in card


def test_the_soup_is_no_worse_on_val_than_the_first_of_it(tune):
    rows, _, soup = tune("a")
    model, _ = load_finetuned(soup)
    images, labels = halves(40, 1)
    logits = forward_all(model, torch.from_numpy(images), CARD, 256)
    right = (logits.argmax(dim=1).numpy() == labels).mean()
    assert right >= max(float(row["val_accuracy"]) for row in rows)


def test_of_one_run_there_is_no_soup(tune):
    one = SHORT | {"repeats": 1, "learning_rates": [0.05]}
    _, weights, soup = tune("a", one)
    assert read_card(soup)["soup"] == [read_card(weights)["run"]]
    assert load_file(soup) == {}


def test_where_every_run_diverged_there_is_no_soup(tune):
    _, _, soup = tune("a", UNCLIPPED | {"learning_rates": [1e20], "repeats": 1})
    assert read_card(soup)["soup"] == []
    assert load_file(soup) == {}


STAGES = [
    ("needle.finetuning.soup", "greedy_soup"),
    ("needle.finetuning.soup", "save_file"),
    ("needle.finetuning.best_weights.BestWeights", "finish"),
    ("needle.finetuning.resume.FinishedRuns", "remove"),
]


@pytest.mark.parametrize(("owner", "step"), STAGES)
def test_a_job_killed_on_its_way_to_the_soup_ends_with_the_same(
    tune, monkeypatch, tmp_path, owner, step
):
    rows, weights, soup = tune("whole")

    def dying(*args, **others):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(f"{owner}.{step}", dying)
        with pytest.raises(KeyboardInterrupt):
            tune("killed")
    again, other_weights, other_soup = tune("killed")
    assert again == rows
    assert other_weights.read_bytes() == weights.read_bytes()
    tensors, expected = load_file(other_soup), load_file(soup)
    assert tensors.keys() == expected.keys()
    assert all(np.array_equal(tensors[name], expected[name]) for name in expected)
    assert read_card(other_soup)["soup"] == read_card(soup)["soup"]
    assert not list(tmp_path.glob("*.partial*"))
