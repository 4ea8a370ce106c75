"""Batch order and learning rate schedule."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needle.base.sgd import batch_order, learning_rate_factors


@given(st.integers(1, 40), st.integers(1, 50), st.integers(1, 30), st.integers(0, 9))
def test_every_example_comes_equally_often(examples, batch_size, steps, seed):
    order = batch_order(examples, batch_size, steps, seed)
    assert order.shape == (steps, min(batch_size, examples))
    counts = np.bincount(order.ravel(), minlength=examples)
    assert counts.max() - counts.min() <= 1


def test_batch_order_is_the_seeds():
    assert (batch_order(50, 8, 20, 1) == batch_order(50, 8, 20, 1)).all()
    assert (batch_order(50, 8, 20, 1) != batch_order(50, 8, 20, 2)).any()


def test_the_papers_schedule():
    schedule = {"kind": "step", "milestones": [0.3, 0.6, 0.9], "factor": 0.1}
    factors = learning_rate_factors(schedule, 2500)
    assert len(factors) == 2500
    steps = {0: 1, 749: 1, 750: 0.1, 1499: 0.1, 1500: 0.01, 2249: 0.01, 2250: 0.001, 2499: 0.001}
    for step, factor in steps.items():
        assert factors[step] == pytest.approx(factor)


@given(st.integers(1, 200), st.floats(0, 1))
def test_cosine_stays_between_zero_and_one(steps, warmup):
    factors = learning_rate_factors({"kind": "cosine", "warmup": warmup}, steps)
    assert len(factors) == steps
    assert max(factors) == pytest.approx(1)
    assert min(factors) >= 0
