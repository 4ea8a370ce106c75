"""Successive halving: what to fine-tune next, and for how many steps, in the time that is left.

All are trained a little, the best of them more, each rung from scratch with the whole schedule of
its length (Karnin, Koren and Somekh, "Almost Optimal Exploration in Multi-Armed Bandits", ICML
2013; Jamieson and Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter
Optimization", AISTATS 2016). From scratch, half of the arms cost as much in a rung of half the
steps and one of all as if all of these were trained whole at once; so steps grow by `GROWTH`
instead of 2 (Li et al., "Hyperband", JMLR 18, 2018, section 3).
"""

import heapq
import math
from bisect import bisect_right
from dataclasses import dataclass

GROWTH = 4  # of steps from rung to rung; at least one in as many arms goes on
FEWEST = 15  # steps of a rung; of fewer, the warm-up is most


@dataclass(frozen=True)
class Arm:
    """What can be fine-tuned: a model at a learning rate."""

    model: str
    learning_rate: float


@dataclass(frozen=True)
class Run:
    """A run to do.

    Attributes
    ----------
    rung : int
        From 0 on.
    arm : Arm
    steps : int
    predicted : float
        Seconds.
    """

    rung: int
    arm: Arm
    steps: int
    predicted: float


@dataclass(frozen=True)
class Plan:
    """What the time allows.

    Attributes
    ----------
    count : int
        How many arms, from the first on, take part in the next rung.
    ladder : list of int
        Steps of that rung and of those after it.
    seconds : float
        The most that it will take by what was predicted, whichever arms go on.
    """

    count: int
    ladder: list
    seconds: float


def ladders(steps):
    """List the rungs' steps that end in all steps, the fewest rungs first.

    Examples
    --------
    >>> ladders(60), ladders(500), ladders(8)
    ([[60], [15, 60]], [[500], [125, 500], [31, 125, 500]], [[8]])
    """
    found = [[steps]]
    while (below := steps // GROWTH ** len(found)) >= FEWEST:
        found.append([below, *found[-1]])
    return found


def most_seconds(arms, cost, ladder, done=0):
    """Predict the most that a ladder takes, of whose first rung some arms are done.

    Parameters
    ----------
    arms : sequence of Arm
        Of the first rung; of each later one those that cost most are taken.
    cost : callable
        ``cost(arm, steps)`` predicts seconds; more steps never cost less.
    ladder : list of int
    done : int, optional

    Returns
    -------
    float

    Examples
    --------
    >>> arms = [Arm("a", 0.1), Arm("b", 0.1), Arm("c", 0.1), Arm("d", 0.1), Arm("e", 0.1)]
    >>> most_seconds(arms, lambda arm, steps: steps, [10, 40])  # 5 x 10, then 2 x 40
    130
    """
    first, *later = ladder
    seconds = sum(cost(arm, first) for arm in arms[done:])
    for rung, steps in enumerate(later, start=1):
        left = math.ceil(len(arms) / GROWTH**rung)
        seconds += sum(heapq.nlargest(left, (cost(arm, steps) for arm in arms)))
    return seconds


def plan(arms, cost, seconds, choices, done=0):
    """Plan for as many arms as possible, with as few rungs as allow for them.

    Parameters
    ----------
    arms : sequence of Arm
        The most promising first.
    cost : callable
        See `most_seconds`.
    seconds : float
        That are left.
    choices : list of list of int
        Ladders, as `ladders` gives them.
    done : int, optional
        Arms that the next rung has already trained.

    Returns
    -------
    Plan or None
        None if not one arm more can be taken through all its rungs.
    """
    for count in range(len(arms), done, -1):
        for ladder in choices:
            most = most_seconds(arms[:count], cost, ladder, done)
            if most <= seconds:
                return Plan(count, ladder, most)
    return None


def halving(arms, cost, seconds_left, steps):
    """Say run by run what to do next, until nothing more fits.

    What a rung has trained is ordered by the steps and then by what was reached on val; as many of
    the first as the time allows go on, and after them what there was no time for before. The plan
    is made anew after each run, with what that has taught of the cost. Where the time is too short
    for one whole run, one of fewer steps is done.

    Parameters
    ----------
    arms : sequence of Arm
        The most promising first.
    cost : callable
        See `most_seconds`; it may predict better as runs are done.
    seconds_left : callable
        Takes nothing.
    steps : int
        Of a whole run.

    Yields
    ------
    Run
        To be answered by ``send`` with what it reached on val, more is better; None if it diverged.
    """
    reached, rung, entrants = {}, 0, list(arms)
    while True:
        entrants, ladder = _begin(entrants, reached, cost, seconds_left(), steps)
        if not entrants:
            return
        for done, arm in enumerate(entrants):
            if done and not plan(entrants, cost, seconds_left(), [ladder], done):
                break
            value = yield Run(rung, arm, ladder[0], cost(arm, ladder[0]))
            reached[arm] = ladder[0], value
        rung += 1
        finite = [arm for arm, (_, value) in reached.items() if value is not None]
        going_on = [arm for arm in finite if reached[arm][0] < steps]
        entrants = sorted(going_on, key=lambda arm: reached[arm], reverse=True)
        entrants += [arm for arm in arms if arm not in reached]


def _begin(arms, reached, cost, seconds, steps):
    """Choose the ladder to go on with, and the arms: what does not fit is passed over.

    Returns
    -------
    tuple of list
        Both empty if nothing fits.
    """
    before = {arm: reached[arm][0] if arm in reached else 0 for arm in arms}
    for first, arm in enumerate(arms):
        choices = [ladder for ladder in ladders(steps) if ladder[0] > before[arm]]
        if planned := plan(arms[first:], cost, seconds, choices):
            return arms[first:], planned.ladder
    if all(done < steps for done, _ in reached.values()):
        for first, arm in enumerate(arms):
            if fits := _shorter(arm, cost, seconds, before[arm], steps):
                return arms[first:], [fits]
    return [], []


def _shorter(arm, cost, seconds, before, steps):
    """Say how many steps fit, fewer than all but twice as many as the arm's last; 0 if none do."""
    fits = bisect_right(range(1, steps + 1), seconds, key=lambda count: cost(arm, count))
    return fits if fits >= max(2 * before, min(FEWEST, steps)) else 0
