"""The exported model is loaded by timm, or as its README says, and predicts the same."""

import json
import re
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
import timm
import torch
from PIL import Image

from needle.base.csv_files import write_rows
from needle.finetuning.best_weights import BestWeights, load_finetuned
from needle.finetuning.resume import FinishedRuns
from needle.models.backbones import build, forward_all
from needle.models.views import view_of
from needle.recommend.answer.predictions import named, predict
from needle.recommend.export import export
from needle.tasks.task_file import Task, write_task

PROGRAM = Path(__file__).parents[2] / "workflow/scripts/choose_best.py"
SIZE = 32
CLASSES = ["naïve café", "o'brien <b>", "中文"]
CARD = {
    "name": "resnet10t.test",
    "architecture": "resnet10t",
    "architecture_args": {"channels": [8, 8, 16, 16], "stem_width": 8},
    "mean": [0.5, 0.4, 0.3],
    "std": [0.25, 0.2, 0.1],
    "license": "CC-BY-NC-4.0",
    "upstream_dataset": "ImageNet-1k",
    "params": 12345,
}
ABOUT = {
    "level": 0.95,
    "measures": [
        {"measure": "accuracy", "value": 0.9, "low": 0.596, "high": 0.982, "reason": ""},
        {"measure": "auroc", "value": None, "low": None, "high": None, "reason": "no eel"},
    ],
}
ARCHITECTURES = [
    ("resnet10t", CARD["architecture_args"]),
    ("test_byobnet", {}),
    ("test_vit", {"img_size": SIZE}),
    ("test_vit", {"dynamic_img_size": True}),  # its own size is 160
    ("mobilenetv4_conv_small_035", {}),  # widens its features before the head
    ("torchvision:googlenet", {}),
]


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def architecture(name, arguments):
    return CARD | {"architecture": name, "architecture_args": arguments}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """A task file, and the pictures of its test set: smooth and not square, kept without loss."""
    folder = tmp_path_factory.mktemp("pictures")
    generator = np.random.default_rng(0)
    images = np.empty((12, 3, SIZE, SIZE), np.uint8)
    for number in range(len(images)):
        small = generator.integers(0, 256, (5, 4, 3), dtype=np.uint8)
        picture = Image.fromarray(small).resize((60, 45), Image.Resampling.BICUBIC)
        picture.save(folder / f"{number}.png")
        square = picture.resize((SIZE, SIZE), Image.Resampling.BILINEAR)
        images[number] = np.asarray(square).transpose(2, 0, 1)
    splits = dict.fromkeys(("train", "val", "test"), (images, np.arange(12) % 3))
    card = {"name": "data", "label": "Birds", "classes": CLASSES}
    write_task(folder / "task.safetensors", splits, card, SIZE)
    write_rows(
        folder / "examples.csv",
        [
            {"split": split, "path": f"{number}.png", "label": CLASSES[number % 3]}
            for split in splits
            for number in range(12)
        ],
    )
    return folder


def finetuned(folder, task, card, seed=0):
    """A model with random weights, saved as a job of fine-tuning does and read again."""
    folder.mkdir(exist_ok=True)
    torch.manual_seed(seed)
    model = build(card, len(CLASSES))
    head = model.get_classifier()
    torch.nn.init.normal_(head.weight)
    torch.nn.init.zeros_(head.bias)
    for module in model.modules():
        if isinstance(module, torch.nn.Conv2d):  # else little of the picture comes through
            torch.nn.init.kaiming_normal_(module.weight)
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.running_mean, -0.1, 0.1)
    # Logits of mean 0 and variance 1, so that the model tells the pictures apart.
    logits = forward_all(model, torch.from_numpy(task.split("test")[0]), card, 12)
    with torch.no_grad():
        head.bias -= logits.mean(dim=0)
        head.bias /= logits.std(dim=0)
        head.weight /= logits.std(dim=0)[:, None]
    output, weights = (folder / f"{card['name']}{suffix}" for suffix in (".csv", ".safetensors"))
    with FinishedRuns(output, {}) as runs:
        seen = card | {"preprocessing": view_of(task, card).preprocessing()}
        best = BestWeights(output, weights, seen, task, runs)
        row = {"repeat": 0, "learning_rate": 0.1, "val_accuracy": 0.5, "diverged": False}
        best.keep(row, model)
        best.finish()
    return weights


def logits_of(model, preprocess, pictures):
    images = [preprocess(Image.open(pictures / f"{number}.png")) for number in range(12)]
    with torch.inference_mode():
        return model(torch.stack(images))


def run_readme(folder):
    """Run the README's one block of code."""
    (code,) = re.findall(r"```python\n(.*?)```", (folder / "README.md").read_text(), re.S)
    (folder / "code.py").write_text(code)
    return runpy.run_path(str(folder / "code.py"))


@pytest.mark.parametrize(("name", "arguments"), ARCHITECTURES)
def test_it_comes_back_as_it_was(pictures, tmp_path, monkeypatch, capsys, name, arguments):
    task = Task(pictures / "task.safetensors")
    model, card = load_finetuned(finetuned(tmp_path, task, architecture(name, arguments)))
    expected = named(predict(model, card, task, "test", 5), task.labels("test"), CLASSES)
    assert expected["predicted"].nunique() == 3
    best = tmp_path / "it's #1"
    export(best, [(model, card, 1.0)], 1.0, task, ABOUT)
    assert {path.name for path in best.iterdir()} == {
        "model.safetensors", "config.json", "README.md"}  # fmt: skip

    monkeypatch.chdir(tmp_path)
    Image.open(pictures / "7.png").save("picture.jpg", "PNG")
    monkeypatch.setattr(sys, "path", sys.path.copy())
    used = run_readme(best)
    assert capsys.readouterr().out == (
        f"{expected['predicted'][7]} {expected['confidence'][7]:.1%}\n"
    )
    fresh = used["model"]
    if ":" not in name:
        fresh = timm.create_model(f"local-dir:{best}", pretrained=True).eval()
    found = logits_of(fresh, used["preprocess"], pictures)
    exact = logits_of(model, used["preprocess"], pictures)
    assert torch.allclose(found, exact, rtol=1e-4, atol=1e-4)
    assert [used["names"][index] for index in found.argmax(dim=1)] == expected["predicted"].tolist()
    confidences = found.softmax(dim=1).max(dim=1).values.numpy()
    assert np.allclose(confidences, expected["confidence"], atol=1e-4)


@pytest.mark.parametrize("name", ["resnet10t", "torchvision:googlenet"])
def test_the_configuration_tells_the_facts(pictures, tmp_path, name):
    task = Task(pictures / "task.safetensors")
    arguments = CARD["architecture_args"] if name == "resnet10t" else {}
    model, card = load_finetuned(finetuned(tmp_path, task, architecture(name, arguments)))
    export(tmp_path / "best", [(model, card, 1.0)], 1.0, task, ABOUT)
    config = json.loads((tmp_path / "best/config.json").read_text())
    assert config["architecture"] == name
    assert config["label_names"] == CLASSES
    assert arguments.items() <= config["model_args"].items()
    assert config["model_card"]["name"] == "resnet10t.test"
    about = config["pretrained_cfg"]
    expected = {"input_size": [3, 32, 32], "interpolation": "bilinear", "crop_mode": "squash",
                "crop_pct": 1.0, "mean": CARD["mean"], "std": CARD["std"],
                "license": "CC-BY-NC-4.0"}  # fmt: skip
    assert {key: about[key] for key in expected} == expected
    # Not those of the weights that timm would have fetched for the architecture.
    assert not about.get("tag")
    assert not about.get("origin_url")


def test_the_readme_tells_the_facts(pictures, tmp_path):
    task = Task(pictures / "task.safetensors")
    model, card = load_finetuned(finetuned(tmp_path, task, CARD))
    export(tmp_path / "best", [(model, card, 1.0)], 1.0, task, ABOUT)
    text = (tmp_path / "best/README.md").read_text()
    assert text.startswith("# resnet10t.test, fine-tuned on Birds\n")
    for fact in (
        "| Test accuracy | 90.0 % (59.6 to 98.2 %) |",
        "| Test AUROC | – (no eel) |",
        "95 % intervals",
        "| Measured on | 12 images",
        "| Fine-tuned from | resnet10t.test (resnet10t) |",
        "| Licence of that model | CC-BY-NC-4.0 |",
        "| Upstream data | ImageNet-1k |",
        "for 3 classes",
        "32 x 32 pixels",
    ):
        assert fact in text
