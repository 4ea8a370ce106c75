"""An entry: what a store holds of one run."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Entry:
    """Results of one run, with cards that say what they are of.

    Attributes
    ----------
    name : str
        Of its folder in the store.
    run : dict
        ``run`` (its name), ``kind`` (``own`` or ``published``), ``source`` (a citation),
        ``license`` (of the numbers), ``accuracies`` (the scores that are fractions), ``proxies``
        (their settings by name), ``machines`` (device and versions, where they are known).
    models : dict of str to dict
        By name: ``sha256`` of the weights, ``origin``, and the columns of models.csv.
    tasks : dict of str to dict
        By name: ``sha256`` of images and labels, ``label``, ``group``, ``classes`` (their names),
        ``examples`` (their number by split).
    protocols : dict of str to dict
        By name, the run's own as ``own``: ``sha256``, ``keys``.
    rows : DataFrame
        Columns `layout.ROW_COLUMNS`: model, task, protocol, score, repeat, value, seconds,
        device. The score of fine-tuning is ``finetune`` under every protocol; proxies stand beside
        the run's own. Seconds are NaN and the device is "" where they are not known.
    task_embeddings : dict of str to tuple of str and numpy.ndarray
        By task: hash of the probe network, and Task2Vec embedding.
    """

    name: str
    run: dict
    models: dict
    tasks: dict
    protocols: dict
    rows: object
    task_embeddings: dict = field(default_factory=dict)

    @property
    def kind(self):
        """``own`` or ``published``."""
        return self.run["kind"]
