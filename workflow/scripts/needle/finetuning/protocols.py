"""Protocols of fine-tuning before any work: what they are for one model, and what is wrong."""

from needle.base.errors import NeedleError

FAMILIES = ("convnet", "transformer", "hybrid", "mlp")


def protocol_of(protocol, card):
    """Give the protocol of one model, whose learning rates are a list.

    Parameters
    ----------
    protocol : dict
        The config's ``finetune``; its learning rates are a list, or lists by family of
        architecture.
    card : dict
        Of the model, with its ``family``, one of `FAMILIES`.

    Returns
    -------
    dict

    Raises
    ------
    NeedleError
        If learning rates are by family, and the card has none or one that the protocol lacks.

    Examples
    --------
    >>> protocol = {"steps": 60, "learning_rates": {"convnet": [0.001], "transformer": [0.0001]}}
    >>> protocol_of(protocol, {"name": "resnet50", "family": "convnet"})
    {'steps': 60, 'learning_rates': [0.001]}
    """
    rates = protocol["learning_rates"]
    if not isinstance(rates, dict):
        return protocol
    family = card.get("family")
    if family is None:
        raise NeedleError(
            f"model {card['name']}: its card has no family, and the protocol has learning rates by "
            f"family; add family: {' or '.join(FAMILIES)} to the card"
        )
    if family not in rates:
        raise NeedleError(
            f"model {card['name']}: the protocol has no learning rates for the family {family}, "
            f"only for {', '.join(rates)}; add them to finetune.learning_rates"
        )
    return protocol | {"learning_rates": rates[family]}


def of_families(protocol, families):
    """Leave out of a protocol the learning rates of other families of architecture.

    Examples
    --------
    >>> protocol = {"learning_rates": {"convnet": [0.001], "hybrid": [0.1], "mlp": [0.2]}}
    >>> of_families(protocol, ["convnet"]), of_families(protocol, ["hybrid", "mlp"])
    ({'learning_rates': [0.001]}, {'learning_rates': {'hybrid': [0.1], 'mlp': [0.2]}})
    """
    rates = protocol["learning_rates"]
    if not isinstance(rates, dict):
        return protocol
    rates = {family: each for family, each in rates.items() if family in families}
    only = next(iter(rates.values())) if len(rates) == 1 else rates
    return protocol | {"learning_rates": only}


def count_runs(protocol):
    """Count the runs of each model: learning rates times repeats, one for a proxy without both.

    Examples
    --------
    >>> count_runs({"learning_rates": {"convnet": [0.1, 0.01], "mlp": [0.1, 0.2]}, "repeats": 2})
    4
    >>> count_runs({"k": 1})
    1
    """
    rates = protocol.get("learning_rates", [None])
    if isinstance(rates, dict):  # each family has as many
        rates = next(iter(rates.values()))
    return len(rates) * protocol.get("repeats", 1)


def evaluation_steps(protocol):
    """Say after which steps val is measured to keep the best state, evenly, the last among them.

    Examples
    --------
    >>> evaluation_steps({"steps": 100, "evaluate": 3})
    [33, 67, 100]
    >>> evaluation_steps({"steps": 2, "evaluate": 3}), evaluation_steps({"steps": 2})
    ([1, 2], [])
    """
    steps, times = protocol["steps"], protocol.get("evaluate", 0)
    found = {round(part * steps / times) for part in range(1, times + 1)}
    return sorted(found - {0})


def check_protocol(protocol, key, cards):
    """Check what the schema cannot: that the keys of a protocol go together, and with the models.

    Parameters
    ----------
    protocol : dict
    key : {"finetune", "finetune_on_processor"}
        Of the config, for the message.
    cards : iterable of dict
        Of the models that are fine-tuned.

    Raises
    ------
    NeedleError
    """
    adamw = protocol.get("optimizer", "sgd") == "adamw"
    if adamw and "momentum" in protocol:
        raise NeedleError(f"config: {key}.momentum: AdamW has none; remove it")
    if not adamw and "momentum" not in protocol:
        raise NeedleError(f"config: {key}: missing key 'momentum'")
    if not adamw and "layer_decay" in protocol:
        raise NeedleError(f"config: {key}.layer_decay: needs optimizer: adamw; add it")
    if "patience" in protocol and "evaluate" not in protocol:
        raise NeedleError(f"config: {key}.patience: counts evaluations; say evaluate: how many")
    _check_families(protocol, key)
    for card in cards:
        try:
            protocol_of(protocol, card)
        except NeedleError as error:
            raise NeedleError(f"config: {key}.learning_rates: {error}") from error
        for part in ("layer_decay", "frozen_layers"):
            if part in protocol and card["architecture"].startswith("torchvision:"):
                raise NeedleError(
                    f"config: {key}.{part}: torchvision does not say the order of the layers of "
                    f"{card['name']}; remove {part}, or the model"
                )


def _check_families(protocol, key):
    """All families have as many learning rates: as many tries for each model."""
    rates = protocol["learning_rates"]
    if isinstance(rates, dict) and len({len(each) for each in rates.values()}) > 1:
        counts = ", ".join(f"{family} {len(each)}" for family, each in rates.items())
        raise NeedleError(
            f"config: {key}.learning_rates: families have different numbers of them ({counts}); "
            "give each model as many tries"
        )
