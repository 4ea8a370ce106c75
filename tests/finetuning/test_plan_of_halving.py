"""Successive halving: what the time allows, worked by hand, and what holds for any costs."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from needle.finetuning.in_time.halving import Arm, halving, ladders, most_seconds, plan

ARMS = [Arm(model, rate) for model in "abc" for rate in (0.1, 0.01)]


def by_steps(arm, steps):
    return steps


def play(arms, steps, time, values, predicted=by_steps, real=None):
    """Do as it says until it ends; it returns the runs and the time left."""
    left, done = [time], []
    runs = halving(arms, predicted, lambda: left[0], steps)
    answer = None
    while True:
        try:
            run = runs.send(answer)
        except StopIteration:
            return done, left[0]
        left[0] -= (real or predicted)(run.arm, run.steps)
        done.append((run.rung, run.arm, run.steps))
        answer = values(run.arm, run.steps)


def constant(arm, steps):
    return 0.5


@pytest.mark.parametrize(
    ("seconds", "count", "ladder", "most"),
    [
        (360, 6, [60], 360),  # time for all whole: there is no need for halving
        (359, 6, [15, 60], 6 * 15 + 2 * 60),  # ceil(6 / 4) = 2 go on
        (194, 4, [15, 60], 4 * 15 + 60),  # of 5, two would go on: 75 + 120
        (119, 3, [15, 60], 3 * 15 + 60),
        (104, 2, [15, 60], 2 * 15 + 60),
        (89, 1, [60], 60),
    ],
)
def test_a_plan_takes_as_many_as_fit_with_the_fewest_rungs(seconds, count, ladder, most):
    found = plan(ARMS, by_steps, seconds, ladders(60))
    assert (found.count, found.ladder, found.seconds) == (count, ladder, most)


def test_no_plan_fits_less_than_one_whole_run():
    assert plan(ARMS, by_steps, 59, ladders(60)) is None


def test_later_rungs_are_planned_for_those_that_cost_most():
    def cost(arm, steps):
        return steps * {"a": 1, "b": 2, "c": 3}[arm.model]

    # 15 x (1 + 1 + 2 + 2 + 3 + 3), then two of c: 2 x 180
    assert most_seconds(ARMS, cost, [15, 60]) == 180 + 360


def test_the_best_of_the_first_rung_go_on_to_whole_runs():
    values = {("a", 0.1): 0.1, ("a", 0.01): 0.2, ("b", 0.1): 0.9,
              ("b", 0.01): 0.8, ("c", 0.1): 0.3, ("c", 0.01): 0.95}  # fmt: skip
    runs, left = play(ARMS, 60, 210, lambda arm, steps: values[arm.model, arm.learning_rate])
    assert runs[:6] == [(0, arm, 15) for arm in ARMS]
    assert runs[6:] == [(1, Arm("c", 0.01), 60), (1, Arm("b", 0.1), 60)]
    assert left == 0


def test_equal_ones_go_on_in_their_order_and_diverged_ones_do_not():
    runs, _ = play(ARMS, 60, 210, lambda arm, steps: None if arm == ARMS[0] else 0.5)
    assert runs[6:] == [(1, ARMS[1], 60), (1, ARMS[2], 60)]


def test_three_rungs_where_arms_are_many_and_steps_are():
    arms = [Arm(f"m{i}", 0.1) for i in range(32)]
    runs, _ = play(arms, 512, 32 * 32 + 8 * 128 + 2 * 512, lambda arm, steps: int(arm.model[1:]))
    assert [steps for _, _, steps in runs] == [32] * 32 + [128] * 8 + [512] * 2
    assert [arm.model for _, arm, _ in runs[-2:]] == ["m31", "m30"]


def test_time_that_is_left_over_takes_more_arms_into_the_last_rung():
    # Predicted at 2 a step, it takes 1: the six cost 90, not 180, so that five, not two, fit.
    learned = []

    def predicted(arm, steps):
        return (1 if learned else 2) * steps

    def values(arm, steps):
        learned.append(arm)
        return 0.5

    runs, left = play(ARMS, 60, 420, values, predicted, by_steps)
    assert [steps for _, _, steps in runs] == [15] * 6 + [60] * 5
    assert left == 420 - 90 - 300


def test_a_rung_that_takes_longer_than_predicted_ends_early_for_the_next_to_fit():
    learned = []

    def predicted(arm, steps):
        return (3 if learned else 1) * steps

    def values(arm, steps):
        learned.append(arm)
        return 0.5

    # 300 - 45 = 255 allow one more of 45 and one whole of 180; of three that would be 270.
    runs, left = play(ARMS, 60, 300, values, predicted, lambda arm, steps: 3 * steps)
    assert [steps for _, _, steps in runs] == [15, 15, 60]
    assert left == 300 - 90 - 180


@pytest.mark.parametrize(("seconds", "steps"), [(59, [59]), (15, [15]), (14, [])])
def test_one_shorter_run_where_no_whole_one_fits(seconds, steps):
    assert [run[2] for run in play(ARMS, 60, seconds, constant)[0]] == steps


def test_a_model_that_is_too_dear_for_the_time_is_passed_over():
    def cost(arm, steps):
        return steps * {"a": 5, "b": 1, "c": 2}[arm.model]

    # One of a, whole, is 300, and 20 of its steps are 100; of b two of 15 and one of 60 are 90.
    short = [(0, Arm("b", 0.1), 15), (0, Arm("b", 0.01), 15)]
    assert play(ARMS, 60, 100, constant, cost)[0] == [*short, (1, Arm("b", 0.1), 60)]
    assert play(ARMS, 60, 59, constant, cost)[0] == [(0, Arm("b", 0.1), 59)]


def test_what_seemed_too_dear_is_tried_where_it_turns_out_not_to_be():
    learned = []

    def predicted(arm, steps):
        return (1 if learned else 10) * steps * {"a": 2, "b": 1, "c": 9}[arm.model]

    def values(arm, steps):
        learned.append(arm)
        return 0.5

    def real(arm, steps):
        return steps * {"a": 2, "b": 1, "c": 9}[arm.model]

    # Of 620, a would have taken 1200. Both of b take 120; the 500 left are enough for both of a.
    runs, left = play(ARMS, 60, 620, values, predicted, real)
    assert runs == [(0, ARMS[2], 60), (0, ARMS[3], 60), (1, ARMS[0], 60), (1, ARMS[1], 60)]
    assert left == 620 - 2 * 60 - 2 * 120


times = st.integers(0, 5000)
costs = st.lists(
    # Whole numbers: sums in any order are equal.
    st.tuples(st.integers(0, 50), st.integers(1, 5), st.sampled_from([0.0, 0.2, 0.9, None])),
    min_size=1,
    max_size=12,
)


@given(costs=costs, steps=st.integers(1, 600), time=times)
def test_it_never_takes_longer_than_the_time_where_predictions_hold(costs, steps, time):
    arms = [Arm(f"m{i}", 0.1) for i in range(len(costs))]
    named = dict(zip(arms, costs, strict=True))

    def cost(arm, count):
        return named[arm][0] + named[arm][1] * count

    runs, left = play(arms, steps, time, lambda arm, count: named[arm][2], cost)
    assert left >= 0
    assert len(set(runs)) == len(runs)
    for arm in arms:
        mine = [count for _, other, count in runs if other == arm]
        assert mine == sorted(mine)
        assert mine.count(steps) <= 1
    # What is left is not enough for one of those that could go on, or nothing could.
    reached = {arm: (count, named[arm][2]) for _, arm, count in runs}
    able = [arm for arm, (count, value) in reached.items() if count < steps and value is not None]
    if able:
        assert cost(max(able, key=lambda arm: reached[arm]), steps) > left
    if not runs:
        assert all(cost(arm, min(15, steps)) > time for arm in arms)


@given(costs=costs, steps=st.integers(1, 600), time=times)
def test_a_plan_is_the_largest_that_fits(costs, steps, time):
    arms = [Arm(f"m{i}", 0.1) for i in range(len(costs))]
    named = dict(zip(arms, costs, strict=True))

    def cost(arm, count):
        return named[arm][0] + named[arm][1] * count

    def dense(count, ladder):
        """All of a rung, sorted, by hand."""
        total = 0
        for rung, now in enumerate(ladder):
            each = sorted((cost(arm, now) for arm in arms[:count]), reverse=True)
            total += sum(each if rung == 0 else each[: math.ceil(count / 4**rung)])
        return total

    fitting = [
        (count, -len(ladder))
        for count in range(1, len(arms) + 1)
        for ladder in ladders(steps)
        if dense(count, ladder) <= time
    ]
    found = plan(arms, cost, time, ladders(steps))
    assert (found and (found.count, -len(found.ladder))) == max(fitting, default=None)
    assert not found or found.seconds <= time
