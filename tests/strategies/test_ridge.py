"""The ridge regression of the strategies that learn, against scikit-learn."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from needle.strategies.learning import ridge

GENERATOR = np.random.default_rng(0)


def test_the_penalty_is_the_one_that_predicts_tasks_that_are_left_out_best():
    inputs, tasks = GENERATOR.normal(size=(30, 4)), np.repeat(np.arange(6), 5)
    targets = inputs @ [1, -1, 0, 0.5] + GENERATOR.normal(size=30)

    def fitted(penalty, rows):
        model = Ridge(alpha=penalty, fit_intercept=False).fit(inputs[rows], targets[rows])
        return model.coef_

    errors = []
    for penalty in ridge.PENALTIES:
        left_out = [fitted(penalty, tasks != task) for task in range(6)]
        predicted = [inputs[tasks == task] @ left_out[task] for task in range(6)]
        errors.append(((np.concatenate(predicted) - targets) ** 2).sum())
    best = ridge.PENALTIES[np.argmin(errors)]
    found = ridge.fit(inputs, targets, tasks)
    assert found == pytest.approx(fitted(best, np.full(30, True)))


def test_what_is_missing_and_the_task_at_hand_teach_nothing():
    inputs, targets = GENERATOR.normal(size=(5, 7, 2)), GENERATOR.normal(size=(5, 7))
    targets[2, 3] = np.nan
    seen = [(t, m) for t in range(1, 5) for m in range(7) if (t, m) != (2, 3)]
    rows = np.array([inputs[place] for place in seen])
    wanted = np.array([targets[place] for place in seen])
    weights = ridge.fit(rows, wanted, np.array([task for task, _ in seen]))
    for own in (0.0, np.nan):
        targets[0] = own
        found = ridge.predict(inputs, targets)
        assert found.shape == (5, 7)
        assert found == pytest.approx(inputs @ weights)
