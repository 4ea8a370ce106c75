"""The exported models are loaded by their own library and by predict.py, and say the same."""

import json
import re
import runpy
import sys

import numpy as np
import pytest
import timm
import torch
import torchvision
from PIL import Image
from safetensors.torch import load_file

from exported import ABOUT, CARD, CLASSES, card_of, logits_of, member, most_likely, said_by
from needle.base.csv_files import write_rows
from needle.recommend.best.export import export
from needle.tasks.task_file import Task, write_task

SIZE = 32
ARCHITECTURES = [
    ("resnet10t", CARD["architecture_args"]),
    ("test_byobnet", {}),
    ("test_vit", {"img_size": SIZE}),
    ("test_vit", {"dynamic_img_size": True}),  # its own size is 160
    ("mobilenetv4_conv_small_035", {}),  # widens its features before the head
    ("torchvision:googlenet", {}),
    ("torchvision:mobilenet_v3_small", {}),  # its last linear layer lies deeper
]


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


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


@pytest.fixture(scope="module")
def task(pictures):
    return Task(pictures / "task.safetensors")


def run_readme(folder):
    """Run the README's one block of Python."""
    (code,) = re.findall(r"```python\n(.*?)```", (folder / "README.md").read_text(), re.S)
    (folder / "code.py").write_text(code)
    return runpy.run_path(str(folder / "code.py"))


@pytest.fixture
def fresh_modules(monkeypatch):
    """As in a program of its own: nothing is imported as predict yet, and no path is added."""
    monkeypatch.setattr(sys, "path", sys.path.copy())
    monkeypatch.delitem(sys.modules, "predict", raising=False)
    yield
    sys.modules.pop("predict", None)


@pytest.mark.parametrize(("name", "arguments"), ARCHITECTURES)
@pytest.mark.usefixtures("fresh_modules")
def test_it_comes_back_as_it_was(pictures, task, tmp_path, monkeypatch, capsys, name, arguments):
    model, card = member(task, card_of(name, arguments))
    expected = said_by([(model, card, 1.0)], 2.0, task)
    assert len(set(most_likely(expected))) == 3
    best = tmp_path / "it's #1"
    export(best, [(model, card, 1.0)], 2.0, task, ABOUT)
    assert {path.name for path in best.iterdir()} == {
        "model.safetensors", "config.json", "answer.json", "predict.py", "README.md"}  # fmt: skip

    monkeypatch.chdir(tmp_path)
    Image.open(pictures / "7.png").save("picture.jpg", "PNG")
    used = run_readme(best)
    assert capsys.readouterr().out == f"{most_likely(expected)[7]} {expected[7].max():.1%}\n"
    found = used["answer"].predict([pictures / f"{number}.png" for number in range(12)])
    assert np.allclose(found, expected, atol=1e-5)

    # Without predict.py, by the library that has the architecture.
    if library := name.rpartition(":")[0]:
        config = json.loads((best / "config.json").read_text())
        create = getattr(torchvision.models, name.removeprefix(f"{library}:"))
        fresh = create(num_classes=3, **config["model_args"]).eval()
        fresh.load_state_dict(load_file(best / "model.safetensors"))
    else:
        fresh = timm.create_model(f"local-dir:{best}", pretrained=True).eval()
    logits = logits_of(fresh, card, task)
    assert torch.allclose(logits, logits_of(model, card, task), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["resnet10t", "torchvision:googlenet"])
def test_the_configuration_tells_the_facts(task, tmp_path, name):
    arguments = CARD["architecture_args"] if name == "resnet10t" else {}
    model, card = member(task, card_of(name, arguments))
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


@pytest.mark.parametrize(
    ("others", "title"),
    [
        ({"run": {"repeat": 0}}, "resnet10t.test, fine-tuned on Birds"),
        ({}, "resnet10t.test, frozen, with a head tuned on Birds"),
        ({"soup": [{}, {}]}, "resnet10t.test, a soup of 2 models fine-tuned on Birds"),
    ],
)
def test_the_readme_tells_the_facts(task, tmp_path, others, title):
    model, card = member(task, {key: CARD[key] for key in CARD if key != "run"} | others)
    export(tmp_path / "best", [(model, card, 1.0)], 1.234, task, ABOUT)
    text = (tmp_path / "best/README.md").read_text()
    assert text.startswith(f"# {title}\n")
    assert text.index("python predict.py pictures/ > predictions.csv") < text.index("```python")
    for fact in (
        "| Test accuracy | 90.0 % (59.6 to 98.2 %) |",
        "| Test AUROC | – (no eel) |",
        "95 % intervals",
        "| Measured on | 12 images",
        "the temperature 1.23",
        "| resnet10t.test (resnet10t), ",
        "| CC-BY-NC-4.0 | ImageNet-1k | 12,345 |",
        "for 3 classes",
        "32 x 32 pixels",
    ):
        assert fact in text


def test_an_ensemble_is_a_folder_for_each_member(task, tmp_path):
    members = [(*member(task, card_of("test_vit", {"img_size": SIZE}), 1), 0.75),
               (*member(task, CARD, 2), 0.25)]  # fmt: skip
    best = tmp_path / "best"
    export(best, [(*members[1][:2], 1.0)], 1.0, task, ABOUT)  # an earlier answer
    export(best, members, 0.5, task, ABOUT)
    files = {str(path.relative_to(best)) for path in best.rglob("*") if path.is_file()}
    assert files == {"answer.json", "predict.py", "README.md"} | {
        f"members/{number}/{name}" for number in (1, 2)
        for name in ("model.safetensors", "config.json")}  # fmt: skip
    answer = json.loads((best / "answer.json").read_text())
    assert answer["classes"] == CLASSES
    assert answer["temperature"] == 0.5
    assert answer["pictures"] == {"square": SIZE}
    assert [(one["folder"], one["weight"]) for one in answer["members"]] == [
        ("members/1", 0.75), ("members/2", 0.25)]  # fmt: skip
    assert answer["members"][0]["preprocessing"] == {
        "input_size": [3, 32, 32], "interpolation": "bilinear", "crop_mode": "squash",
        "crop_pct": 1.0, "mean": CARD["mean"], "std": CARD["std"]}  # fmt: skip
    fresh = timm.create_model(f"local-dir:{best}/members/2", pretrained=True).eval()
    model, card, _ = members[1]
    assert torch.allclose(logits_of(fresh, card, task), logits_of(model, card, task), atol=1e-4)
    text = (best / "README.md").read_text()
    assert text.startswith("# Birds: an ensemble of 2 models\n")
    assert "| `members/1` | 0.75 | resnet10t.test (test_vit), fine-tuned |" in text
