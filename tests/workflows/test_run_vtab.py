"""Published weights and real images through the real rules, and the full benchmark as planned."""

import numpy as np
import pandas as pd
import pytest
import timm
import torch
import torchvision
from PIL import Image
from safetensors.torch import save_file

from needle.base.tensors import read_card
from needle.models.backbones import build
from needle.tasks.task_file import Task
from published import BIT, CARD, bit_archive, trained
from workflow import copy_project, planned, snakemake

CONFIG = "tests/config/vtab.yaml"
LISTS = {"train800": 12, "val200": 6, "test": 9}


def save_image(path, number, size):
    path.parent.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(number)
    Image.fromarray(generator.integers(0, 256, (*size, 3), dtype=np.uint8)).save(path)


def make_images(folder):
    """The community's folder with a task under its alias, and a folder of classes."""
    for split, count in LISTS.items():
        lines = []
        for number in range(count):
            name = f"images/{split}/{number:06d}.jpg"
            save_image(folder / "vtab-1k/cifar" / name, number, (16, 16))
            lines.append(f"{name} {number % 3}\n")
        (folder / f"vtab-1k/cifar/{split}.txt").write_text("".join(lines))
    for split, count in {"train": 4, "val": 2, "test": 3}.items():
        for kind in ("cat", "dog"):
            for number in range(count):
                save_image(
                    folder / f"pets/{split}/{kind}/{number}.png",
                    [*f"{split} {kind}".encode(), number],
                    (80, 72),
                )


def make_weights(folder):
    """One file of each family: timm's, torchvision's, BiT's and a nested one of one's own."""
    torch.manual_seed(0)
    for name in ("mirror", "weights"):
        (folder / name).mkdir()
    hub = trained(CARD).state_dict()
    save_file({k: t.contiguous() for k, t in hub.items()}, folder / "mirror/resnet10t.hub.bin")
    resnet = torchvision.models.resnet18().state_dict()
    torch.save(resnet, folder / "mirror/resnet18.torchvision.bin")
    np.savez(folder / "weights/bit.npz", **bit_archive(trained(BIT)))
    trunk = {f"_feature_blocks.{k}": t for k, t in build(CARD).state_dict().items()}
    nested = {"classy_state_dict": {"base_model": {"model": {"trunk": trunk}}}}
    torch.save(nested, folder / "weights/local.torch")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = copy_project(tmp_path_factory.mktemp("vtab"))
    make_images(folder)
    make_weights(folder)
    result = snakemake(folder, config=CONFIG)
    assert result.returncode == 0, result.stdout
    return folder


def test_four_families_of_weights_are_scored_on_two_sources_of_tasks(finished):
    scores = pd.read_csv(finished / "results/vtab/scores.csv")
    pairs = set(zip(scores["model"], scores["task"], strict=True))
    models = {"resnet10t.hub", "resnet18.torchvision", "resnetv2.bit", "resnet10t.local"}
    everything = {(m, t) for m in models for t in ("cifar100", "pets")}
    assert pairs == everything - {("resnetv2.bit", "cifar100")}
    assert scores["value"].between(0, 1).all()
    assert planned(finished, config=CONFIG) == {}


def test_a_model_that_saw_a_task_is_left_out_visibly(finished):
    headline = (finished / "results/vtab/tables/headline.txt").read_text()
    assert "resnetv2.bit: left out on cifar100 (the model has seen the task's data)" in headline
    picks = pd.read_csv(finished / "results/vtab/picks.csv")
    chosen = picks[picks["task"] == "cifar100"]
    assert "resnetv2.bit" not in set(chosen["model"])


def test_task_files_say_where_they_are_from(finished):
    tasks = finished / "resources/tasks"
    path = tasks / "vtab1k_folder/cifar100-64px.safetensors"
    card = read_card(path)
    assert card["source"] == "vtab1k_folder"
    assert "JPEG" in card["note"]
    assert card["resize"] == "asymmetric"
    assert len(card["sha256"]) == 64
    images, labels = Task(path).split("train")
    assert images.shape == (12, 3, 16, 16)  # native, enlarged on the device
    assert labels.tolist() == [number % 3 for number in range(12)]
    pets = Task(tasks / "imagefolder/pets-64px.safetensors")
    assert pets.card["classes"] == ["cat", "dog"]
    assert pets.card["resize"] == "half_pixel"
    assert pets.split("test")[0].shape == (6, 3, 64, 64)


def test_checkpoints_say_where_they_are_from(finished):
    card = read_card(finished / "resources/checkpoints/families/resnet18.torchvision.safetensors")
    assert card["source"] == "https://example.org/resnet18.pth"
    assert len(card["source_sha256"]) == 64
    assert card["params"] == sum(
        p.numel() for p in timm.create_model("resnet18", num_classes=0).parameters()
    )


def test_weights_that_do_not_fit_stop_before_anything_is_scored(finished, tmp_path):
    zoo = (finished / "tests/config/vtab_zoo.yaml").read_text()
    (finished / "tests/config/wrong_zoo.yaml").write_text(
        zoo.replace("zoo: families", "zoo: wrong").replace(
            "trunk\n", "trunk\n      drop: [fc, layer4]\n"
        )
    )
    config = (finished / CONFIG).read_text()
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(config.replace("vtab_zoo", "wrong_zoo").replace("run: vtab", "run: wrong"))
    target = "resources/checkpoints/wrong/resnet10t.local.safetensors"
    result = snakemake(finished, "--", target, config=str(wrong))
    assert result.returncode != 0
    assert "lacks" in result.stdout
    assert "weights of resnet10t" in result.stdout
    assert not (finished / target).exists()


def test_the_full_benchmark_is_planned(finished):
    jobs = planned(finished, config="config/vtab1k.yaml")
    pairs = dict.fromkeys(("embed", "quick_proxies", "linear", "finetune"), 46 * 19)
    assert {rule: jobs[rule] for rule in pairs} == pairs
    assert jobs["fetch_weights"] == jobs["convert_weights"] == 46
    assert jobs["decode_task"] == 19
    assert jobs["fetch_dataset"] == 15  # CLEVR, dSprites and smallNORB serve two tasks each
