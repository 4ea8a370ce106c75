"""model.onnx says what torch says, of any number of pictures; if not, there is no answer."""

import json

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from exported import ABOUT, CARD, CLASSES, card_of, logits_of, member, said_by
from needle.base.errors import NeedleError
from needle.recommend.best import onnx_file
from needle.recommend.best.export import export
from needle.tasks.task_file import Task, write_task

SIZE = 32


@pytest.fixture(scope="module")
def task(tmp_path_factory):
    path = tmp_path_factory.mktemp("task") / "task.safetensors"
    generator = torch.Generator().manual_seed(1)
    small = torch.rand((12, 3, 4, 4), generator=generator)
    images = (255 * torch.nn.functional.interpolate(small, (SIZE, SIZE))).to(torch.uint8).numpy()
    card = {"name": "data", "label": "Birds", "classes": CLASSES}
    splits = dict.fromkeys(("train", "val", "test"), (images, np.arange(12) % 3))
    write_task(path, splits, card, SIZE)
    return Task(path)


def said_by_onnx(path, squares):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (found,) = session.run(["probabilities"], {"pixels": squares})
    return found


@pytest.mark.parametrize("batch", [1, 5, 12])
def test_it_takes_any_number_of_pictures(model, task, batch):
    folder, members = model
    squares = task.images("test", 0, batch)
    found = said_by_onnx(folder / "model.onnx", squares)
    assert np.allclose(found, said_by(members, 1.7, task)[:batch], rtol=0, atol=1e-4)


@pytest.fixture(scope="module")
def model(task, tmp_path_factory):
    folder = tmp_path_factory.mktemp("answer") / "best"
    members = [(*member(task, CARD), 1.0)]
    export(folder, members, 1.7, task, ABOUT, onnx=True)
    return folder, members


def test_it_is_one_file_that_the_readme_describes(model):
    folder, _ = model
    files = {path.name for path in folder.iterdir()}
    assert files == {
        "model.onnx", "model.safetensors", "config.json", "answer.json", "predict.py", "README.md",
    }  # fmt: skip
    onnx.checker.check_model(folder / "model.onnx")
    text = (folder / "README.md").read_text()
    assert "uint8 squares (N, 3, 32, 32)" in text
    assert "none differed from torch by more than\n" in text


def test_members_of_an_ensemble_say_what_is_averaged(task, tmp_path):
    members = [(*member(task, card_of("test_vit", {"dynamic_img_size": True}), 1), 0.6),
               (*member(task, card_of("torchvision:mobilenet_v3_small", {}), 2), 0.4)]  # fmt: skip
    export(tmp_path / "best", members, 1.7, task, ABOUT, onnx=True)
    for number, (model, card, _) in enumerate(members, 1):
        found = said_by_onnx(tmp_path / f"best/members/{number}/model.onnx",
                             task.images("test", 0, 12))  # fmt: skip
        expected = logits_of(model, card, task).softmax(dim=1)
        assert np.allclose(found, expected, rtol=0, atol=1e-4)


def test_what_differs_is_an_error_and_the_earlier_answer_stays(task, tmp_path, monkeypatch):
    members = [(*member(task, CARD), 1.0)]
    export(tmp_path / "best", members, 2.5, task, ABOUT)
    monkeypatch.setattr(onnx_file, "_write", lambda path, whole, *_: path.write_bytes(b"no model"))
    with pytest.raises(NeedleError, match=r"model resnet10t\.test: cannot be written for ONNX"):
        export(tmp_path / "best", members, 1.0, task, ABOUT, onnx=True)
    monkeypatch.setattr(onnx_file, "_write", lambda *_: None)
    monkeypatch.setattr(onnx_file, "_largest_difference", lambda *_: 2e-4)
    with pytest.raises(NeedleError, match=r"differs by 2\.0e-04 in ONNX, above 0\.0001"):
        export(tmp_path / "best", members, 1.0, task, ABOUT, onnx=True)
    assert json.loads((tmp_path / "best/answer.json").read_text())["temperature"] == 2.5
    assert [path.name for path in tmp_path.iterdir()] == ["best"]
