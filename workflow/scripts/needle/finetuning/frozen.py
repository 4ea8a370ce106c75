"""What of a model fine-tuning leaves as it is: early layers, statistics of batch normalisation."""

from timm.models import group_parameters

from needle.finetuning.batch_norms import FROZEN, batch_norms, set_momentum


def freeze(model, protocol):
    """Freeze what a protocol leaves as it is.

    Parameters
    ----------
    model : torch.nn.Module
        With its head. The weights of frozen layers get no gradient; batch normalisations among
        them, or all with ``batch_norm: frozen``, keep their statistics.
    protocol : dict
        ``frozen_layers``: the share of early layers; see `early_layers`.

    Returns
    -------
    torch.nn.Module
        The same.
    """
    early = early_layers(model, protocol.get("frozen_layers", 0))
    for name, parameter in model.named_parameters():
        if name in early:
            parameter.requires_grad_(False)
    norms = batch_norms(model)
    if protocol.get("batch_norm") != "frozen":
        norms = [norm for norm in norms if norm.affine and not norm.weight.requires_grad]
    set_momentum(norms, FROZEN)
    return model


def early_layers(model, share):
    """Name the parameters of the early layers of a model.

    Parameters
    ----------
    model : torch.nn.Module
        Of timm, which says what a layer is: the stem, each block, and what follows the last one.
    share : float
        Of the layers, rounded down.

    Returns
    -------
    set of str
    """
    if not share:
        return set()
    layers = group_parameters(model, model.group_matcher(coarse=False), reverse=True)
    head = {id(parameter) for parameter in model.get_classifier().parameters()}
    own = {name: layers[name] for name, p in model.named_parameters() if id(p) not in head}
    order = sorted(set(own.values()))
    early = set(order[: int(share * len(order))])
    return {name for name, layer in own.items() if layer in early}
