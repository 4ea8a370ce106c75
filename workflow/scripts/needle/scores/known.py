"""What a strategy may know: scores of models on tasks, and those of earlier runs."""

from dataclasses import dataclass, field, replace

from needle.finetuning.partial import is_partial
from needle.scores.protocols import FINETUNE, is_finetune

PREFERRED = ["linear", "linear_scaled"]


@dataclass(frozen=True)
class Known:
    """The scores of a run, what is known of its models, and the runs before it.

    Attributes
    ----------
    scores : dict of str to DataFrame
        Point values by score: a row for each task, a column for each model, the same in all; NaN
        where there is no value. ``finetune`` is the test accuracy after fine-tuning.
    models : DataFrame
        Metadata of all models, index model.
    task_embeddings : dict of str to numpy.ndarray
        By task; of one length.
    earlier : tuple of Known
        Finished runs, whose results are known before this one starts.
    gathered : list
        What `experience.gather` has made of it.
    """

    scores: dict
    models: object
    task_embeddings: dict = field(default_factory=dict)
    earlier: tuple = ()
    gathered: list = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def tasks(self):
        """The tasks that have scores."""
        return list(next(iter(self.scores.values())).index)

    @property
    def tasks_with_results(self):
        """The tasks on which some model was fine-tuned."""
        if FINETUNE not in self.scores:
            return []
        results = self.scores[FINETUNE]
        return list(results.index[results.notna().any(axis=1)])

    def before(self, task):
        """Hide what nobody can know who still has to choose a model for a task.

        Parameters
        ----------
        task : str

        Returns
        -------
        Known
            Without the task's fine-tune results, and without all that earlier runs know of a task
            of that name: it may be the same.
        """
        scores = dict(self.scores)
        if FINETUNE in scores:
            scores[FINETUNE] = scores[FINETUNE].copy()
            scores[FINETUNE].loc[scores[FINETUNE].index == task] = float("nan")
        return replace(self, scores=scores, earlier=tuple(run._drop(task) for run in self.earlier))

    def _drop(self, task):
        scores = {name: table[table.index != task] for name, table in self.scores.items()}
        embeddings = {name: each for name, each in self.task_embeddings.items() if name != task}
        return replace(self, scores=scores, task_embeddings=embeddings)


def is_proxy(score):
    """Tell whether a score is computed without any fine-tuning.

    Examples
    --------
    >>> [is_proxy(score) for score in ("linear", "finetune", "finetune-modern", "partial-25")]
    [True, False, False, False]
    """
    return not is_finetune(score) and not is_partial(score)


def known_of(points, models, task_embeddings=None, earlier=()):
    """Gather what strategies may know.

    Parameters
    ----------
    points : DataFrame
        Point values, index (task, model), one column per score. What other protocols than the
        run's own have reached is left out: no strategy may look at it.
    models : DataFrame
        As `score_table.read_models` gives it.
    task_embeddings : dict of str to numpy.ndarray, optional
        By task.
    earlier : iterable of Known, optional

    Returns
    -------
    Known
    """
    tasks = points.index.unique("task")
    seen = [score for score in points if score == FINETUNE or not is_finetune(score)]
    wide = {score: points[score].unstack("model").reindex(tasks) for score in seen}
    return Known(wide, models, task_embeddings or {}, tuple(earlier))


def preferred_proxy(scores):
    """Choose the proxy that strategies with one proxy take: linear, or else the first.

    Parameters
    ----------
    scores : iterable of str

    Returns
    -------
    str or None
        None where there is no proxy.

    Examples
    --------
    >>> preferred_proxy(["finetune", "knn", "linear_scaled"]), preferred_proxy(["logme", "leep"])
    ('linear_scaled', 'logme')
    """
    proxies = [score for score in scores if is_proxy(score)]
    return next((name for name in PREFERRED if name in proxies), next(iter(proxies), None))
