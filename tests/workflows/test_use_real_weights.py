"""Real weights, as the rules get and convert them, on pictures that every installation has.

They come from the package index, and where it cannot be reached these tests are skipped.
"""

import json
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import skimage.data
import timm
import torch
import yaml
from PIL import Image
from sklearn.datasets import load_sample_image

from needle.base.errors import NeedleError
from needle.models.backbones import normalise
from needle.models.checkpoints import load_backbone, load_source_head
from needle.models.convert import convert
from needle.models.inputs import INPUT
from needle.models.state_dicts import read_state
from needle.models.views import OwnView
from needle.recommend.best.predict import Answer
from workflow import ROOT, copy_project, snakemake

pytestmark = pytest.mark.slow

CARDS = [
    card
    for card in yaml.safe_load((ROOT / "config/zoo/photos.yaml").read_text())["models"]
    if "package" in card["weights"]
]
TENSORS = {"efficientnet_lite0.in1k": 296, "efficientnet_lite1.in1k": 386,
           "efficientnet_lite2.in1k": 386}  # fmt: skip
CATS = {"tabby", "tiger cat", "Persian cat", "Siamese cat", "Egyptian cat"}
PICTURES = {
    "chelsea": (skimage.data.chelsea, CATS),
    "coffee": (skimage.data.coffee, {"espresso"}),
    "china": (lambda: load_sample_image("china.jpg"), {"palace", "monastery"}),
}


def program(name, card, **arguments):
    command = [sys.executable, ROOT / f"workflow/scripts/{name}.py", "--card", json.dumps(card)]
    command += [f"--{key}={value}" for key, value in arguments.items()]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The three files as fetched, and the checkpoints made of them."""
    folder = tmp_path_factory.mktemp("weights")
    for card in CARDS:
        fetched, made = folder / f"{card['name']}.bin", folder / f"{card['name']}.safetensors"
        done = program("fetch_weights", card, mirror="", output=fetched)
        if "no connection to the package index" in done.stderr:
            pytest.skip("the package index cannot be reached")
        assert done.returncode == 0, done.stderr
        done = program("convert_weights", card, weights=fetched, output=made)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(params=CARDS, ids=lambda card: card["name"])
def card(request):
    return request.param


def synset_names(index):
    info = timm.data.ImageNetInfo()
    return set(info.index_to_description(index).split(", "))


@pytest.mark.parametrize("picture", PICTURES)
def test_a_picture_is_called_what_a_person_would_call_it(folder, card, picture):
    load, names = PICTURES[picture]
    path = folder / f"{card['name']}.safetensors"
    model, known = load_backbone(path)
    weight, bias = load_source_head(path)
    image = OwnView(*(known[key] for key in INPUT))([np.asarray(load())], "cpu")
    with torch.inference_mode():
        logits = model.eval()(normalise(image, known)) @ weight.T + bias
    assert synset_names(logits.argmax().item()) & names


def test_every_tensor_of_the_file_is_taken(folder, card):
    """timm's model has them in the same order, so they can be compared without any names."""
    state = read_state(folder / f"{card['name']}.bin")
    assert len(state) == TENSORS[card["name"]]
    model = timm.create_model(card["architecture"])
    backbone, _ = load_backbone(folder / f"{card['name']}.safetensors")
    mine = backbone.state_dict()
    for (name, expected), tensor in zip(model.state_dict().items(), state.values(), strict=True):
        assert expected.shape == tensor.shape
        if name in mine and not name.endswith("num_batches_tracked"):
            assert torch.equal(mine[name], tensor), name
    assert mine.keys() == {name for name in model.state_dict() if "classifier" not in name}


def test_other_weights_than_those_of_the_fingerprint_are_refused(folder, card):
    _, converted = load_backbone(folder / f"{card['name']}.safetensors")
    assert converted["fingerprint"]["mean"] == pytest.approx(card["fingerprint"]["mean"], rel=1e-3)
    first, *rest = card["fingerprint"]["first"]
    other = card | {"fingerprint": card["fingerprint"] | {"first": [first + 0.1, *rest]}}
    with pytest.raises(NeedleError, match="these are other weights"):
        convert(other, folder / f"{card['name']}.bin")


def save_crops(folder):
    """Photographs of three things: crops of three pictures, none of them square."""
    generator = np.random.default_rng(0)
    for name in ("chelsea", "coffee", "rocket"):
        picture = Image.fromarray(getattr(skimage.data, name)())
        (folder / name).mkdir(parents=True)
        for number in range(12):
            width, height = generator.integers((150, 120), (300, 200))
            left = generator.integers(0, picture.width - width)
            top = generator.integers(0, picture.height - height)
            crop = picture.crop((left, top, left + width, top + height))
            crop.save(folder / name / f"{number:02d}.png")


def test_photographs_get_an_answer_from_the_models_that_can_be_had(folder, tmp_path):
    project = copy_project(tmp_path / "project")
    save_crops(project / "pictures")
    config = yaml.safe_load((project / "config/photos.yaml").read_text())
    config["finetune_on_processor"] = {"steps": 4, "pixels": 64, "learning_rates": [0.001]}
    (project / "config/quick.yaml").write_text(yaml.safe_dump(config))
    result = snakemake(
        project, "--config", "data=pictures", "--", "recommend", config="config/quick.yaml"
    )
    assert result.returncode == 0, result.stdout
    advice = project / "results/pictures/recommendation"
    ranking = pd.read_csv(advice / "ranking.csv", keep_default_na=False).set_index("model")
    had = ranking[ranking["left_out"] == ""]
    assert {card["name"] for card in CARDS} <= set(had.index)
    assert (had["linear_scaled"].astype(float) > 0.8).all()
    report = (advice / "report.html").read_text()
    assert all(model in report for model in had.index)
    left_out = ranking["left_out"][ranking["left_out"] != ""]
    if left_out.str.contains("no connection to the hub").any():
        assert len(left_out) == 20
    for model, reason in left_out.items():
        assert model in result.stdout
        assert re.search("connect|log in|mirror", reason)
    predictions = pd.read_csv(advice / "predictions.csv")
    answer = Answer(advice / "best")
    found = answer.predict([project / "pictures" / path for path in predictions["path"]])
    names = [answer.classes[index] for index in found.argmax(axis=1)]
    assert names == predictions["predicted"].tolist()
    assert np.allclose(found.max(axis=1), predictions["confidence"], rtol=0, atol=1e-5)
