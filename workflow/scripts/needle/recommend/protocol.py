"""The protocol of fine-tuning in words, and what another one would cost."""

from needle.recommend.formats import SPACE, count, duration, plain


def tuning_words(picks, protocol, full, sides, over_folds=False):
    """Say how the picks were fine-tuned, and what the config's full protocol would cost.

    Parameters
    ----------
    picks : DataFrame or None
        Columns of picks.csv; None if nothing was fine-tuned.
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


def described(protocol):
    """Say in a few words what a protocol does.

    Parameters
    ----------
    protocol : dict
        The config's ``finetune`` or ``finetune_on_processor``.

    Returns
    -------
    str

    Examples
    --------
    >>> described({"steps": 100, "batch_size": 32, "pixels": 160, "learning_rates": [0.1, 0.01],
    ...            "repeats": 1})
    '100 steps of 32 images of at most 160 x 160 pixels at learning rates 0.1 and 0.01'
    >>> described({"steps": 500, "batch_size": 128, "learning_rates": [0.1], "repeats": 2})
    '500 steps of 128 images at learning rate 0.1, 2 times'
    """
    rates = " and ".join(map(plain, protocol["learning_rates"]))
    many = "s" if len(protocol["learning_rates"]) > 1 else ""
    side = protocol.get("pixels")
    pixels = f" of at most {side} x {side} pixels" if side else ""
    again = f", {protocol['repeats']} times" if protocol["repeats"] > 1 else ""
    return (
        f"{protocol['steps']:,} steps of {protocol['batch_size']} images{pixels} at learning "
        f"rate{many} {rates}{again}"
    )


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
    runs = len(protocol["learning_rates"]) * protocol["repeats"]
    seen = min(protocol.get("pixels", side), side) if side else 1
    return images * runs * seen**2
