"""A protocol of fine-tuning in words."""

from needle.base.formats import plain


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
