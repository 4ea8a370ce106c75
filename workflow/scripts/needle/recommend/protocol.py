"""How the picks were fine-tuned, and what another protocol would cost."""

from needle.base.formats import SPACE, count, duration
from needle.finetuning.protocols import count_runs
from needle.pages.protocol_words import described


def tuning_words(picks, protocol, full, sides, over_folds=False):
    """Say how the picks were fine-tuned, and what the config's full protocol would cost.

    Parameters
    ----------
    picks : DataFrame or None
        Rows of candidates.csv of what was fine-tuned; None if nothing was fine-tuned.
    protocol : dict
        That of the picks.
    full : dict
        The config's ``finetune``.
    sides : dict of str to int or None
        Height and width of each model's own input in pixels, if it has one.
    over_folds : bool, optional
        Whether folds took the place of repeats.

    Returns
    -------
    str
        Empty if nothing was fine-tuned.
    """
    if picks is None:
        return ""
    folds = ""
    if over_folds:
        protocol, full = protocol | {"repeats": 1}, full | {"repeats": 1}
        folds = (
            f" Folds decided: each of {count(picks['images'].iloc[0], 'train and val image')} was "
            "judged by a model that had not seen it. The exported model is one more run, at the "
            "best learning rate, on train."
        )
    text = f"Fine-tuning was {described(protocol)}"
    if protocol == full:
        return f"{text}.{folds}".replace(SPACE, " ")
    seconds = sum(
        row.seconds * times_the_work(protocol, full, sides.get(row.model))
        for row in picks.itertuples()
    )
    return (
        f"{text}: the protocol for machines without a GPU (finetune_on_processor). The full one, "
        f"{described(full)}, would take this machine about {duration(seconds)} for the same picks, "
        f"all jobs together.{folds}"
    ).replace(SPACE, " ")


def times_the_work(protocol, other, side=None):
    """Compute how many times the work of one protocol another one is, with the same model.

    Images times pixels are counted: nearly all of the time is in proportion to them.

    Parameters
    ----------
    protocol, other : dict
    side : int, optional
        Height and width of the model's own input in pixels.

    Returns
    -------
    float

    Examples
    --------
    >>> one = {"steps": 100, "batch_size": 32, "pixels": 112, "learning_rates": [0.1], "repeats": 1}
    >>> times_the_work(one, one | {"steps": 200, "pixels": 300}, side=224)
    8.0
    """
    return _work(other, side) / _work(protocol, side)


def _work(protocol, side):
    images = protocol["steps"] * protocol["batch_size"]
    seen = min(protocol.get("pixels", side), side) if side else 1
    return images * count_runs(protocol) * seen**2
