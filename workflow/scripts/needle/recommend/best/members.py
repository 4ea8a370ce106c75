"""One model of the answer as a folder: the weights and the configuration of its own library."""

import json

from safetensors.torch import save_file

from needle.base.startup import no_garbage_collection
from needle.models.backbones import TORCHVISION_ARGS, TorchvisionBackbone

with no_garbage_collection():
    import torch
    from timm.models import save_for_hf

# What timm knows of the architecture's usual weights, which are not these.
OTHER_WEIGHTS = ["tag", "description", "origin_url", "paper_name", "paper_ids", "notes"]
JOB = {"classes", "preprocessing", "inputs"}  # of the card of fine-tuned weights, said elsewhere


def save_member(folder, model, card):
    """Write ``model.safetensors`` and ``config.json``.

    Parameters
    ----------
    folder : path
        That is there. timm loads it as ``local-dir:``; where timm does not have the architecture,
        the weights are torchvision's and the same facts lie in ``config.json``.
    model : torch.nn.Module
        With its head; it is moved to the processor.
    card : dict
        Its card, with ``classes`` and ``preprocessing``.
    """
    # Files lay out weights in this order, whatever suits the device.
    model = model.cpu().to(memory_format=torch.contiguous_format)
    config = _config(card)
    if isinstance(model, TorchvisionBackbone):
        save_file(_of_torchvision(model), folder / "model.safetensors")
        name = card["architecture"].rpartition(":")[2]
        config["model_args"] = TORCHVISION_ARGS.get(name, {}) | config["model_args"]
        (folder / "config.json").write_text(json.dumps(config, indent=2), encoding="utf-8")
        return
    save_for_hf(
        model,
        folder,
        model_config={
            "label_names": config["label_names"],
            "pretrained_cfg": config["pretrained_cfg"] | dict.fromkeys(OTHER_WEIGHTS),
            "model_card": config["model_card"],
        },
        model_args=config["model_args"],
        data_config=preprocessing(card),
        safe_serialization=True,
    )


def preprocessing(card):
    """Describe what a picture goes through, as the task's pictures have gone, in timm's words."""
    return card["preprocessing"] | {"mean": card["mean"], "std": card["std"]}


def _config(card):
    """State what a user of the weights needs to know, in timm's words."""
    return {
        "architecture": card["architecture"],
        "num_classes": len(card["classes"]),
        "label_names": card["classes"],
        "model_args": card["architecture_args"],
        "pretrained_cfg": preprocessing(card) | {"license": card["license"]},
        "model_card": {key: value for key, value in card.items() if key not in JOB},
    }


def _of_torchvision(model):
    """Name the weights of a `TorchvisionBackbone` as torchvision does, its head in its place."""
    return {
        f"{model.classifier_name}.{name.removeprefix('head.')}"
        if name.startswith("head.")
        else name.removeprefix("network."): tensor
        for name, tensor in model.state_dict().items()
    }
