"""The best state of a run: the first of the best on val, and patience."""

from types import SimpleNamespace

import pytest
import torch

from needle.finetuning.best_state import BestState


def watched(values, metric="accuracy", **protocol):
    """Measure a model whose weight is the step, until training is to end."""
    model = torch.nn.Linear(1, 1)
    values = iter(values)
    evaluator = SimpleNamespace(model=model, metric=metric, val=lambda: {f"val_{metric}":
                                next(values)})  # fmt: skip
    best = BestState({"steps": 6, "evaluate": 6} | protocol, evaluator)
    for step in range(1, 7):
        model.weight.data.fill_(step)
        if best.measure(step, True):
            break
    return best, step, model


@pytest.mark.parametrize(
    ("values", "metric", "protocol", "best_step", "ended"),
    [
        ([0.1, 0.5, 0.5, 0.4, 0.2, 0.1], "accuracy", {}, 2, 6),
        ([0.9, 0.5, 0.6, 0.4, 0.45, 0.5], "log_loss", {}, 4, 6),
        ([0.1, 0.5, 0.5, 0.4, 0.2, 0.9], "accuracy", {"patience": 2}, 2, 4),
        ([0.1, 0.05, 0.2, 0.1, 0.3, 0.1], "accuracy", {"patience": 2}, 5, 6),
        ([float("nan"), 0.2, float("nan"), 0.1, 0.1, 0.1], "accuracy", {}, 2, 6),
    ],
)
def test_the_first_of_the_best_is_kept(values, metric, protocol, best_step, ended):
    best, step, model = watched(values, metric, **protocol)
    assert (best.step, step) == (best_step, ended)
    assert best.restore() == {f"val_{metric}": values[best_step - 1]}
    assert model.weight.item() == best_step


def test_lost_losses_are_not_measured():
    best = BestState({"steps": 2, "evaluate": 2}, SimpleNamespace(metric="accuracy"))
    assert not best.measure(1, False)
    assert best.state is None
