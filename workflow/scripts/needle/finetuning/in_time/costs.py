"""What a fine-tuning run will cost in seconds, by what has been measured."""

import statistics
from dataclasses import dataclass, field

TRAINING = 3  # times a forward pass: the backward one is two (Kaplan et al., 2020, section 2.1)
SOUP = 3  # passes over all images: to read them, and for each run that may be added to the best


@dataclass
class Costs:
    """Seconds of runs by model and steps: a straight line for each model.

    Of a model that has not been fine-tuned yet, the search tells: it has seen the same pictures.
    What that predicts is corrected by the models of which both are known.

    Parameters
    ----------
    search : dict of str to tuple of float
        By model: seconds of a run of no steps, and of each step, as `from_search` gives them.

    Examples
    --------
    >>> costs = Costs({"a": (2.0, 0.5), "b": (4.0, 1.0)})
    >>> costs.add("a", 10, 14.0, 10.0)  # twice the 2 + 10 x 0.5 that were predicted
    >>> costs.seconds("a", 20), costs.seconds("b", 10)
    (24.0, 28.0)
    """

    search: dict
    measured: dict = field(default_factory=dict)

    def add(self, model, steps, whole, training):
        """Learn from a run.

        Parameters
        ----------
        model : str
        steps : int
            Done.
        whole : float
            Seconds of the run with all that was done for it, such as reading the images.
        training : float
            Of these, the seconds that grow with the steps.
        """
        self.measured.setdefault(model, []).append((steps, whole, training))

    def seconds(self, model, steps):
        """Predict the seconds of a run of a model."""
        if model in self.measured:
            return _line(self.measured[model], steps)
        fixed, step = self.search[model]
        return self._correction() * (fixed + step * steps)

    def of(self, arm, steps):
        """Predict the seconds of a run of an arm of `halving`."""
        return self.seconds(arm.model, steps)

    def soup(self, model):
        """Predict the seconds of the soup of a model's runs."""
        return SOUP * self._correction() * self.search[model][0]

    def _correction(self):
        """How much longer runs took than the search told: the median over models."""
        ratios = []
        for model, runs in self.measured.items():
            fixed, step = self.search[model]
            steps = runs[-1][0]
            ratios.append(_line(runs, steps) / (fixed + step * steps))
        return statistics.median(ratios) if ratios else 1.0


def from_search(seconds, images, batch_size, shrunk=1.0):
    """Tell from the embedding of a model what fine-tuning it will cost.

    Parameters
    ----------
    seconds : float
        Of embedding, with the reading of the images.
    images : int
        That were embedded: train and val.
    batch_size : int
        Of fine-tuning.
    shrunk : float, optional
        Pixels in fine-tuning, as a share of those in embedding.

    Returns
    -------
    tuple of float
        Seconds of a run of no steps, which takes all images once (to read them, or for its head),
        and of each step.

    Examples
    --------
    >>> from_search(10.0, 1000, 32, shrunk=0.5)
    (5.0, 0.48)
    """
    forward = shrunk * seconds / images
    return forward * images, TRAINING * batch_size * forward


def _line(runs, steps):
    """The line by all that was measured: the mean fixed part, and the slowest pace of the longest.

    What a run does once, such as compiling, makes short ones look slow.
    """
    fixed = statistics.fmean(whole - training for _, whole, training in runs)
    longest = max(done for done, _, _ in runs)
    return fixed + steps * max(training / done for done, _, training in runs if done == longest)
