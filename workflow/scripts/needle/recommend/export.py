"""The chosen model as a folder that timm loads: weights, configuration, and how to use it."""

import json
import tempfile
from pathlib import Path

from safetensors.torch import save_file

from needle.base.startup import no_garbage_collection
from needle.recommend.readme import readme

with no_garbage_collection():
    import torch
    from timm.models import save_for_hf

# What timm knows of the architecture's usual weights, which are not these.
OTHER_WEIGHTS = ["tag", "description", "origin_url", "paper_name", "paper_ids", "notes"]
JOB = {"classes", "preprocessing", "inputs"}  # of the card of fine-tuned weights, said elsewhere


def export(folder, members, temperature, task, about, onnx=False):
    """Write the answer of a recommendation as a folder that is of use without Needle.

    Parameters
    ----------
    folder : path
    members : list of tuple
        Model with its head as `load_finetuned` gives it, its card, and its weight in the mean of
        the members' probabilities, of sum 1. Most answers have one.
    temperature : float
        Of the mean: what is said of a picture is ``softmax(log(mean) / temperature)``, for one
        member that of its logits.
    task : Task
        The data, of which the members have been told the classes.
    about : dict
        For the README: ``measures`` on test as rows of measures.csv, ``level`` of the intervals.
    onnx : bool, optional
        Whether each member is written for ONNX too.
    """
    ((model, card, _),) = members
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    # Files lay out weights in this order, whatever suits the device.
    model = model.cpu().to(memory_format=torch.contiguous_format)
    save = _save_with_timm if in_timm(card) else _save
    about = about | {"label": task.card["label"], "count": len(task.labels("test"))}
    with tempfile.TemporaryDirectory(prefix=".", dir=folder) as temporary:
        save(Path(temporary), model, card)
        text = readme(folder, card, about, in_timm(card))
        Path(temporary, "README.md").write_text(text, encoding="utf-8")
        for file in list(Path(temporary).iterdir()):
            file.chmod(0o644)
            file.replace(folder / file.name)


def in_timm(card):
    """Tell whether timm has the architecture."""
    return ":" not in card["architecture"]


def _config(card):
    """State what a user of the weights needs to know, in timm's words."""
    return {
        "architecture": card["architecture"],
        "num_classes": len(card["classes"]),
        "label_names": card["classes"],
        "model_args": card["architecture_args"],
        "pretrained_cfg": _preprocessing(card) | {"license": card["license"]},
        "model_card": {key: value for key, value in card.items() if key not in JOB},
    }


def _preprocessing(card):
    """Describe what a picture goes through, as the task's pictures have gone."""
    return card["preprocessing"] | {"mean": card["mean"], "std": card["std"]}


def _save_with_timm(folder, model, card):
    """Write weights and configuration as timm does, which knows all of the architecture."""
    config = _config(card)
    save_for_hf(
        model,
        folder,
        model_config={
            "label_names": config["label_names"],
            "pretrained_cfg": config["pretrained_cfg"] | dict.fromkeys(OTHER_WEIGHTS),
            "model_card": config["model_card"],
        },
        model_args=config["model_args"],
        data_config=_preprocessing(card),
        safe_serialization=True,
    )


def _save(folder, model, card):
    """Write the same files for an architecture that timm does not have."""
    save_file(model.state_dict(), folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(_config(card), indent=2), encoding="utf-8")
