"""Fine-tuning part of the way: when it is measured, and what the measurements are called.

The accuracy on val at 25 % of the steps is the column ``val_accuracy_25`` of a file of runs and the
score ``partial-25``.
"""

import math
import re
import time

from needle.base.errors import NeedleError

WHOLE = 100  # percent
SCORE, ACCURACY, STEPS, SECONDS = "partial-{}", "val_accuracy_{}", "steps_{}", "seconds_{}"
_SCORE_NAME = re.compile(SCORE.format(r"([1-9]\d?)"))
_COLUMN = re.compile(ACCURACY.format(r"(\d+)"))


def partial_steps(protocol):
    """Say after which steps fine-tuning is measured on val.

    Parameters
    ----------
    protocol : dict
        The config's ``finetune``; its ``partial``, if given, holds fractions of its ``steps``.

    Returns
    -------
    dict of int to int
        Steps by percent, both rounded, from the fewest on.

    Raises
    ------
    NeedleError
        For a fraction that is no step or all of them, or that another cannot be told from.

    Examples
    --------
    >>> partial_steps({"steps": 100, "partial": [0.125, 0.5]})
    {12: 12, 50: 50}
    """
    steps, found = protocol["steps"], {}
    for fraction in sorted(protocol.get("partial", [])):
        percent, step = round(WHOLE * fraction), round(fraction * steps)
        if not (0 < step < steps and 0 < percent < WHOLE):
            raise NeedleError(
                f"config: finetune.partial: {fraction} of {steps} steps is step {step} or "
                f"{percent} percent, which leaves nothing before or after it; take another fraction"
            )
        if percent in found or step in found.values():
            raise NeedleError(
                f"config: finetune.partial: {fraction} of {steps} steps is the same step or whole "
                "percent as another fraction; remove one"
            )
        found[percent] = step
    return found


def is_partial(score):
    """Tell whether a score is what fine-tuning had reached part of the way.

    Examples
    --------
    >>> is_partial("partial-25"), is_partial("partial"), is_partial("partial-100")
    (True, False, False)
    """
    return bool(_SCORE_NAME.fullmatch(score))


def partial_scores(scores):
    """Take the partial scores out of names of scores, from the fewest percent on.

    Examples
    --------
    >>> partial_scores(["linear", "partial-50", "partial-6", "finetune"])
    ['partial-6', 'partial-50']
    """
    percents = [int(match[1]) for match in map(_SCORE_NAME.fullmatch, scores) if match]
    return [SCORE.format(percent) for percent in sorted(percents)]


def measured_percents(columns):
    """List the percents at which a file of fine-tuning runs was measured.

    Examples
    --------
    >>> measured_percents(["repeat", "val_accuracy", "val_accuracy_12", "seconds_12"])
    [12]
    """
    return [int(match[1]) for match in map(_COLUMN.fullmatch, columns) if match]


class Curve:
    """The accuracies of one fine-tuning run part of the way.

    Parameters
    ----------
    protocol : dict
        The config's ``finetune``.
    evaluate : callable
        Computes the accuracy on val, as a fraction; NaN where a logit is not finite.
    started : float
        When the run began, as `time.perf_counter` says it.
    """

    def __init__(self, protocol, evaluate, started):
        self.evaluate, self.started = evaluate, started
        self.percents = {step: percent for percent, step in partial_steps(protocol).items()}
        self.steps = set(self.percents)
        self.measured = {}
        self.evaluating = 0.0  # seconds

    def measure(self, step, finite):
        """Measure the accuracy after a step, if its losses were finite."""
        before = time.perf_counter()
        accuracy = self.evaluate() if finite else math.nan
        now = time.perf_counter()
        self.evaluating += now - before
        self.measured[step] = accuracy, step, now - self.started

    def columns(self, steps, ended):
        """Lay out the seconds of the run and what was measured on the way.

        Parameters
        ----------
        steps : int
            Done by the run, fewer than wanted if it diverged: what was not measured is then NaN.
        ended : float
            When the run ended.

        Returns
        -------
        dict of str to float
            ``seconds`` of the run without the measuring, and ``seconds_100`` with it; for each
            percent ``val_accuracy_...``, ``steps_...`` and ``seconds_...``, counted from the
            beginning, the latter with the measuring. Without measuring only ``seconds``.
        """
        whole = ended - self.started
        columns = {"seconds": whole - self.evaluating}
        for step, percent in self.percents.items():
            values = self.measured.get(step, (math.nan, steps, whole))
            for name, value in zip((ACCURACY, STEPS, SECONDS), values, strict=True):
                columns[name.format(percent)] = value
        return columns | ({SECONDS.format(WHOLE): whole} if self.percents else {})
