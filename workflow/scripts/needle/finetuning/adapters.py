"""Low-rank adapters: fine-tuning of large models by few weights, merged into them at the end.

`add_adapters`, then train what has a gradient, then `merge_adapters`: what is left is the model
that it was, with other weights.
"""

import torch

from needle.base.errors import NeedleError


def add_adapters(model, card, lora):
    """Give a model low-rank adapters (LoRA), and let only these and its head be trained.

    Parameters
    ----------
    model : torch.nn.Module
        With its head; changed in place. What it computes stays the same until it is trained.
    card : dict
        Its card, for its name.
    lora : dict
        The protocol's ``lora``: ``rank`` of the adapters, and ``alpha``; what they add is
        multiplied by alpha / rank.

    Raises
    ------
    NeedleError
        If the model has no linear layer but its head.

    Notes
    -----
    Adapters of `peft` on all linear layers but the head, which are those of attention and MLP: E.
    Hu et al., LoRA: Low-Rank Adaptation of Large Language Models, ICLR 2022. Where they begin is
    drawn from torch's generator.
    """
    # Takes seconds, which a job without adapters need not spend.
    from peft import LoraConfig, inject_adapter_in_model

    layers = _linear_layers(model)
    if not layers:
        raise NeedleError(
            f"model {card['name']}: finetune.lora: it has no linear layers to adapt, only "
            "convolutions; leave lora out of the protocol, or the model out of the config"
        )
    config = LoraConfig(r=lora["rank"], lora_alpha=lora["alpha"], target_modules=layers)
    inject_adapter_in_model(config, model)
    model.get_classifier().requires_grad_(True)


def _linear_layers(model):
    """Name the linear layers that can be adapted: those that are called, but the head."""
    head, found = model.get_classifier(), []
    for name, module in model.named_modules():
        owner = model.get_submodule(name.rpartition(".")[0])
        # With biases of its own, attention of EVA02, BEiT and Swin V2 takes the weight out of its
        # layer `qkv` and never calls it.
        bypassed = name.endswith("qkv") and getattr(owner, "q_bias", None) is not None
        if isinstance(module, torch.nn.Linear) and module is not head and not bypassed:
            found.append(name)
    return found


def merge_adapters(model):
    """Add what adapters have learned to the weights of their layers, and take them out again.

    Parameters
    ----------
    model : torch.nn.Module
        After `add_adapters`; changed in place. All its weights may be trained again.
    """
    from peft.tuners.lora import LoraLayer

    for name, module in list(model.named_modules()):
        if isinstance(module, LoraLayer):
            module.merge()
            model.set_submodule(name, module.get_base_layer())
    model.requires_grad_(True)
