"""The weights of a job's best run: kept while the job is at work, and read again to be used."""

import contextlib
import json
import sys
from pathlib import Path

from safetensors.torch import save_file

from needle.base.errors import NeedleError
from needle.base.files import atomic
from needle.base.measures import ACCURACY, goodness
from needle.base.tensors import read_card
from needle.models.backbones import build
from needle.models.checkpoints import load_state


class BestWeights:
    """The weights of the best run so far, in a file that outlives the job if it is killed.

    The best run is the one that is best on val by `metric`, the first of them on ties.

    Parameters
    ----------
    output : path
        The job's output; while it is at work the weights are kept in
        ``{output}.partial.safetensors``, of which Snakemake knows nothing, so that it leaves it
        alone.
    weights : path
        Where the weights are wanted in the end. Another job for the same output, for whose end
        this one has waited, may have put them there already.
    card : dict
        Of the model, with its ``preprocessing`` in training. The file's card adds the ``classes``
        of the task, of which ``run`` the weights are and of which ``inputs``, or that all runs
        ``diverged``.
    task : Task
    runs : FinishedRuns
        The runs of this job. They are discarded where the weights of their best are not there.
    metric : str, optional
        Of `measures.MEASURES`; rows have it as ``val_{metric}``.
    first : int, optional
        Where the runs begin whose weights are kept: those over folds come before.
    """

    def __init__(self, output, weights, card, task, runs, metric=ACCURACY, first=0):
        self.metric = metric
        self.weights = Path(weights)
        self.partial = Path(f"{output}.partial.safetensors")
        self.card = card | {
            "classes": task.card["classes"],
            "inputs": runs.key,
        }
        finished = [row for row in runs.rows[first:] if not row["diverged"]]
        self.best = max(finished, key=self._goodness, default=None)
        if self.best and not self._kept():
            print(
                f"{self.partial} does not hold the best run's weights: discarded", file=sys.stderr
            )
            self.best = None
            runs.clear()

    def _kept(self):
        """Find the file that holds the weights of the best run; None if there is none."""
        for path in (self.weights, self.partial):
            # Not there, or cut short.
            with contextlib.suppress(NeedleError, ValueError):
                if read_card(path) == self._card():
                    return path
        return None

    def _card(self):
        if self.best is None:
            return self.card | {"diverged": True}
        named = dict.fromkeys(("repeat", "learning_rate", "val_accuracy", f"val_{self.metric}"))
        return self.card | {"run": {name: self.best[name] for name in named}}

    def _goodness(self, row):
        return goodness(self.metric, row[f"val_{self.metric}"])

    def keep(self, row, model):
        """Keep the weights of a run if it is the best so far."""
        if row["diverged"] or (self.best and self._goodness(row) <= self._goodness(self.best)):
            return
        self.best = row
        self._write(model.state_dict())

    def _write(self, state):
        # Moved before it is laid out anew, which would take as much of the device's memory again.
        tensors = {name: tensor.cpu().contiguous() for name, tensor in state.items()}
        with atomic(self.partial) as temporary:
            save_file(tensors, temporary, metadata={"card": json.dumps(self._card())})

    def finish(self):
        """Move the weights to where they are wanted; a file without any if all runs diverged.

        Raises
        ------
        NeedleError
            If they are not there any more: only where the file system has no locks.
        """
        if self.best is None:
            self._write({})
        kept = self._kept()
        if kept is None:
            raise NeedleError(
                f"{self.partial}: another job at work on the same output has overwritten the "
                "weights of the best run; end it and run again"
            )
        if kept == self.partial:
            self.partial.replace(self.weights)
        self.partial.unlink(missing_ok=True)


def load_finetuned(path):
    """Load a fine-tuned model, as `BestWeights` has saved it.

    Parameters
    ----------
    path : path

    Returns
    -------
    tuple of torch.nn.Module and dict
        The model with its head, in evaluation mode, and its card.

    Raises
    ------
    NeedleError
        If the weights are not those of the model that the card names, or all runs diverged.
    """
    card = read_card(path)
    if card.get("diverged"):
        raise NeedleError(f"{path}: holds no weights: every run of {card['name']} diverged")
    model = build(card, len(card["classes"]))
    load_state(path, model, card, "delete the file and fine-tune again")
    return model.eval(), card
