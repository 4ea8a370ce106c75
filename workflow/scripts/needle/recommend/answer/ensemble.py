"""An ensemble: what several models say, averaged with weights that val gives them."""

import numpy as np

from needle.base.measures import goodness, measure

ROUNDS = 20


def ensemble_weights(labels, said, metric):
    """Weigh models by greedy selection with replacement.

    Caruana and others, Ensemble Selection from Libraries of Models, ICML 2004, sections 2 to 2.2:
    the model whose addition makes the mean best is added, again and again; a model that is added
    twice counts twice. Of the means met on the way the best is taken. Those that are level are
    told apart by their log loss, then by their order.

    Parameters
    ----------
    labels : numpy.ndarray of int, shape (N,)
        Of val.
    said : dict of str to numpy.ndarray of float64, shape (N, C)
        Probabilities by model.
    metric : str
        Of `measures.MEASURES`.

    Returns
    -------
    dict of str to float
        Weights above 0, of sum 1, of the models that were taken, in the order of `said`.

    Examples
    --------
    Each model is unsure where it is wrong, so both together are right on both examples.

    >>> said = {"a": np.array([[0.9, 0.1], [0.6, 0.4]]), "b": np.array([[0.4, 0.6], [0.1, 0.9]])}
    >>> ensemble_weights(np.array([0, 1]), said, "accuracy")
    {'a': 0.5, 'b': 0.5}
    """

    def value(probabilities):
        loss = measure("log_loss", labels, probabilities)
        return goodness(metric, measure(metric, labels, probabilities)), -loss

    taken, total, best = [], 0.0, None
    for size in range(1, ROUNDS + 1):
        values = {name: value((total + said[name]) / size) for name in said}
        added = max(values, key=values.get)
        taken, total = [*taken, added], total + said[added]
        if best is None or values[added] > best[0]:
            best = values[added], taken
    _, taken = best
    return {name: taken.count(name) / len(taken) for name in said if name in taken}


def averaged(said, weights):
    """Average probabilities (N, C) by model with the weights of `ensemble_weights`."""
    return np.sum([weight * said[name] for name, weight in weights.items()], axis=0)
