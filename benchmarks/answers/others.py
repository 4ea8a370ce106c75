"""fastai and timm: the same pictures as files, the same weights, and a program for each."""

import json
import shutil
import sys
import sysconfig
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors.torch import save_file

from needle.base.errors import NeedleError
from needle.models.checkpoints import load_backbone
from needle.tasks.task_file import SPLITS

FASTAI = "fastai==2.8.12"
HERE = Path(__file__).parent


def fastai(case, seconds):
    """Fine-tune with fastai's `vision_learner`."""
    return _train("fastai", _environment(case), case, seconds)


def timm_recipe(case, seconds):
    """Fine-tune by the recipe of timm's train script, with Needle's own timm."""
    return _train("timm", sys.executable, case, seconds)


def _environment(case):
    """Make an environment with fastai and, for the rest, what Needle has: the same torch.

    Returns
    -------
    Path
        Its Python.
    """
    folder = case.output / "environments" / FASTAI
    python, made = folder / "bin/python", folder / "made"
    if not made.exists():
        shutil.rmtree(folder, ignore_errors=True)
        case.call("fastai", [sys.executable, "-m", "venv", folder])
        (site,) = folder.glob("lib/python*/site-packages")
        (site / "needle.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
        case.call("fastai", [python, "-m", "pip", "install", "--quiet", FASTAI])
        made.touch()
    return python


def _train(name, python, case, seconds):
    """Let a program train the model that Needle ranks first."""
    if seconds is None:
        raise NeedleError(f"{case.name}: how long {name} may take is not known; run needle first")
    model = case.first_ranked()
    result = case.folder / f"{name}.json"
    job = case.folder / f"{name}.job.json"
    job.write_text(json.dumps(_job(case, model, seconds) | {"result": str(result)}), "utf-8")
    case.call(name, [python, HERE / f"{name}_training.py", job])
    found = json.loads(result.read_text("utf-8"))
    return {"model": model, "budget": seconds} | found | {
        "predicted": np.array(found["predicted"]),
        "test_accuracy": np.mean(found["predicted"] == case.task.labels("test")),
    }  # fmt: skip


def _job(case, model, seconds):
    """Tell a program all that it needs."""
    backbone, card = load_backbone(case.checkpoint(model))
    weights = case.folder / "weights.safetensors"
    save_file(
        {name: tensor.contiguous() for name, tensor in backbone.state_dict().items()}, weights
    )
    return {
        "pictures": str(_pictures(case)),
        "classes": [_folder(index) for index in range(case.task.classes)],
        "architecture": card["architecture"],
        "arguments": card["architecture_args"],
        # What timm calls the configuration of pre-trained weights.
        "pretrained": {
            "file": str(weights),
            **{key: card[key] for key in ("mean", "std", "interpolation", "crop_pct")},
        },
        "pixels": case.pixels,
        "seconds": seconds,
        "seed": case.seed,
        "threads": case.cores,
    }


def _folder(index):
    return f"{index:04d}"


def _pictures(case):
    """Write the split as PNGs in a folder for each class, numbered in the split's order."""
    folder = case.folder / "pictures"
    if folder.exists():
        return folder
    unfinished = folder.with_name(".pictures")
    shutil.rmtree(unfinished, ignore_errors=True)
    for split in SPLITS:
        for index, label in enumerate(case.task.labels(split)):
            file = unfinished / split / _folder(label) / f"{index:05d}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(case.task.picture(split, index)).save(file, compress_level=1)
    return unfinished.rename(folder)
