"""The protocol of fine-tuning in words, and what another one would cost."""

from needle.finetuning.protocols import count_runs
from needle.recommend.formats import SPACE, count, duration, plain


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
    >>> described({"steps": 60, "batch_size": 32, "optimizer": "adamw", "head": "probe",
    ...            "learning_rates": {"convnet": [0.001], "transformer": [0.0001]}, "repeats": 1})
    '60 steps of AdamW with 32 images, from the head of the frozen model, at learning rate 0.001 \
for convnets and 0.0001 for transformers'
    """
    side = protocol.get("pixels")
    pixels = f" of at most {side} x {side} pixels" if side else ""
    again = f", {protocol['repeats']} times" if protocol["repeats"] > 1 else ""
    of = "AdamW with " if protocol.get("optimizer") == "adamw" else ""
    return (
        f"{protocol['steps']:,} steps of {of}{protocol['batch_size']} images{pixels}"
        f"{_how(protocol)} at {_rates(protocol['learning_rates'])}{again}"
    )


def _how(protocol):
    """Say what else a protocol does, between commas."""
    words = {
        "from the head of the frozen model": protocol.get("head") == "probe",
        "augmented": "augment" in protocol,
        "by low-rank adapters": "lora" in protocol,
        "with early layers as they are": protocol.get("frozen_layers", 0) > 0,
    }
    said = [word for word, holds in words.items() if holds]
    return f", {', '.join(said)}," if said else ""


def _rates(rates):
    """Say learning rates, which may be by family of architecture."""
    if not isinstance(rates, dict):
        return f"learning rate{'s' if len(rates) > 1 else ''} {' and '.join(map(plain, rates))}"
    many = "s" if max(map(len, rates.values())) > 1 else ""
    of_each = [
        f"{' or '.join(map(plain, each))} for {'MLP' if family == 'mlp' else family}s"
        for family, each in rates.items()
    ]
    *others, last = of_each
    return f"learning rate{many} {', '.join(others)}{' and ' if others else ''}{last}"


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
