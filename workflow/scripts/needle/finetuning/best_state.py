"""The best state of a model while it is fine-tuned: val is measured as it goes."""

import math

from needle.base.measures import goodness
from needle.finetuning.protocols import evaluation_steps


class BestState:
    """Keeps the state of a run that is best on val, the first of them on ties.

    Parameters
    ----------
    protocol : dict
        ``evaluate``: how many times val is measured, evenly. ``patience``: after so many times
        without a better one, training ends.
    evaluator : Evaluator
    """

    def __init__(self, protocol, evaluator):
        self.evaluator, self.column = evaluator, f"val_{evaluator.metric}"
        self.steps = set(evaluation_steps(protocol))
        self.patience = protocol.get("patience", math.inf)
        self.val = self.step = self.state = None
        self.waiting = 0  # times without a better one

    def measure(self, step, finite):
        """Measure val after a step, if its losses were finite; whether training is to end."""
        if not finite:
            return False
        val = self.evaluator.val()
        self.waiting += 1
        if self._is_better(val[self.column]):
            self.val, self.step, self.waiting = val, step, 0
            state = self.evaluator.model.state_dict()
            self.state = {name: tensor.clone() for name, tensor in state.items()}
        return self.waiting >= self.patience

    def restore(self):
        """Give the model its best state again; it returns what val was then."""
        self.evaluator.model.load_state_dict(self.state)
        return self.val

    def _is_better(self, value):
        if math.isnan(value):
            return False
        metric = self.evaluator.metric
        return self.val is None or goodness(metric, value) > goodness(metric, self.val[self.column])
