"""All that may be the answer, in order of simplicity: frozen, fine-tuned, soup, ensemble."""

import math
from dataclasses import dataclass, field, replace

import numpy as np

from needle.base.errors import NeedleError
from needle.base.measures import goodness
from needle.recommend.answer.ensemble import averaged, ensemble_weights
from needle.recommend.answer.temperature import calibrated, fit_temperature

FROZEN, TUNED, SOUP, ENSEMBLE = KINDS = "frozen", "fine-tuned", "soup", "ensemble"


@dataclass(frozen=True)
class Candidate:
    """A model, or several together, that may be the answer.

    Attributes
    ----------
    kind : str
        Of `KINDS`.
    models : tuple of str
    on_val : numpy.ndarray of float64, shape (N, C), or None
        Probabilities that it gives val; None if every run diverged.
    seconds : float
        That its own making took, without the making of its parts; NaN of an ensemble.
    run : dict
        ``learning_rate`` and ``repeat`` of what was fine-tuned.
    members : dict of str to float
        Weights of an ensemble's members by name.
    temperature : float
        By which it is calibrated.
    """

    kind: str
    models: tuple
    on_val: np.ndarray | None
    seconds: float = math.nan
    run: dict = field(default_factory=dict)
    members: dict = field(default_factory=dict)
    temperature: float = 1.0

    @property
    def name(self):
        """Name it in tables: ``frozen:resnet50``, ``ensemble``."""
        return self.kind if self.kind == ENSEMBLE else f"{self.kind}:{self.models[0]}"

    def calibrated(self):
        """Give the calibrated probabilities of val (N, C)."""
        return calibrated(self.on_val, self.temperature)


def best_run(runs, column, metric):
    """Describe the best run of one model: its learning rate and repeat, if one ended.

    Parameters
    ----------
    runs : DataFrame
        Of one model: repeat, learning_rate, diverged, and `column`.
    column : str
        What val was measured by.
    metric : str
        Of `measures.MEASURES`.

    Returns
    -------
    dict
    """
    finished = runs[~runs["diverged"]]
    if finished.empty:
        return {}
    # After folds there is one run, on a val that may lack a class.
    best = finished.loc[goodness(metric, finished[column]).fillna(-np.inf).idxmax()]
    return best[["learning_rate", "repeat"]].to_dict()


def all_candidates(singles, labels, metric):
    """Add the ensemble of those that were trained to an end, and calibrate all.

    Parameters
    ----------
    singles : list of Candidate
        By rank of their models.
    labels : numpy.ndarray of int, shape (N,)
        Of val.
    metric : str
        Of `measures.MEASURES`: what weighs the members.

    Returns
    -------
    list of Candidate
        By kind, then as in `singles`. There is no ensemble where one model alone is no worse.

    Raises
    ------
    NeedleError
        If every run diverged and nothing is frozen.
    """
    said = {each.name: each.on_val for each in singles if each.on_val is not None}
    if not said:
        raise NeedleError(
            f"every fine-tuning run of {', '.join(each.models[0] for each in singles)} diverged; "
            "lower finetune: learning_rates in the config, or set finetune: gradient_clip"
        )
    found = sorted(singles, key=lambda each: KINDS.index(each.kind))
    weights = ensemble_weights(labels, said, metric)
    if len(weights) > 1:
        models = {each.name: each.models[0] for each in singles}
        parts = tuple(models[name] for name in weights)
        found.append(Candidate(ENSEMBLE, parts, averaged(said, weights), members=weights))
    return [
        each
        if each.on_val is None
        else replace(each, temperature=fit_temperature(labels, each.on_val))
        for each in found
    ]
