"""The weights of a job's best runs: kept while the job is at work, and read again to be used."""

import contextlib
import glob
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

KEPT = 3  # runs of which a soup can be made


class BestWeights:
    """The weights of the best runs so far, in files that outlive the job if it is killed.

    The best runs are those that are best on val by `metric`, the first of them on ties: `KEPT` at
    most, each in a file of its own. What is no longer of them is removed once the run that took its
    place is on record, so that a kill loses the run at work and no other.

    Parameters
    ----------
    output : path
        The job's output; while it is at work the weights are kept in
        ``{output}.partial.{run}.safetensors``, of which Snakemake knows nothing, so that it leaves
        them alone.
    weights : path
        Where the weights of the best run are wanted in the end. Another job for the same output,
        for whose end this one has waited, may have put them there already.
    card : dict
        Of the model, with its ``preprocessing`` in training. The files' cards add the ``classes``
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
        self.metric, self.runs, self.first = metric, runs, first
        self.output, self.weights = Path(output), Path(weights)
        self.card = card | {
            "classes": task.card["classes"],
            "inputs": runs.key,
        }
        missing = [number for number in self._best() if not self._is_there(number)]
        if missing and not self._is_finished():
            print(
                f"{self._partial(missing[0])} does not hold the weights of a best run: discarded",
                file=sys.stderr,
            )
            runs.clear()

    def keep(self, row, model):
        """Keep the weights of a run if it is one of the best so far."""
        number, best = len(self.runs.rows), self._best()
        for file in self._partials():
            if file not in map(self._partial, best):
                file.unlink()
        if number in self._best([row]):
            state = model.state_dict()
            # Moved before it is laid out anew, which would take as much of the device's memory.
            tensors = {name: tensor.cpu().contiguous() for name, tensor in state.items()}
            self._write(self._partial(number), tensors, self._card(row))

    def kept(self):
        """List the files of the best runs, the best first; None if another job is done with them.

        Raises
        ------
        NeedleError
            If one is not there any more: only where the file system has no locks.
        """
        best = self._best()
        missing = [number for number in best if not self._is_there(number)]
        if missing and self._is_finished():
            return None
        if missing:
            raise NeedleError(
                f"{self._partial(missing[0])}: another job at work on the same output has "
                "overwritten the weights of a best run; end it and run again"
            )
        return [self._partial(number) for number in best]

    def finish(self):
        """Move the best weights to where they are wanted; a file without any if all diverged.

        Raises
        ------
        NeedleError
            As in `kept`.
        """
        kept = self.kept()
        if kept:
            kept[0].replace(self.weights)
        elif kept == []:
            self._write(self.weights, {}, self.card | {"diverged": True})
        for file in self._partials():
            file.unlink()

    def _best(self, more=()):
        """Number the best runs, the best first, of those on record and more."""
        rows = [*self.runs.rows, *more]
        finished = [n for n in range(self.first, len(rows)) if not rows[n]["diverged"]]
        name = f"val_{self.metric}"
        return sorted(finished, key=lambda n: -goodness(self.metric, rows[n][name]))[:KEPT]

    def _partial(self, number):
        return Path(f"{self.output}.partial.{number}.safetensors")

    def _partials(self):
        pattern = f"{glob.escape(self.output.name)}.partial.*.safetensors"
        return list(self.output.parent.glob(pattern))

    def _is_there(self, number):
        return _card_of(self._partial(number)) == self._card(self.runs.rows[number])

    def _is_finished(self):
        return _card_of(self.weights) == self._card(self.runs.rows[self._best()[0]])

    def _card(self, row):
        named = dict.fromkeys(("repeat", "learning_rate", "val_accuracy", f"val_{self.metric}"))
        return self.card | {"run": {name: row[name] for name in named}}

    def _write(self, path, tensors, card):
        with atomic(path) as temporary:
            save_file(tensors, temporary, metadata={"card": json.dumps(card)})


def _card_of(path):
    """Read a card; None of a file that is not there, or was cut short."""
    with contextlib.suppress(NeedleError, ValueError):
        return read_card(path)


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
