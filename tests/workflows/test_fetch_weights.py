"""Published weights through the real rules, without a mirror, from a network that fails as it does.

The hub is a server on this machine, named by HF_ENDPOINT as users name mirrors of the hub.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from PIL import Image
from safetensors.torch import save

from hub import serve
from needle.models.backbones import build
from needle.models.checkpoints import load_backbone
from workflow import ROOT, copy_project
from workflow import snakemake as run_snakemake

pytestmark = pytest.mark.slow

CONFIG = "tests/config/photographs.yaml"
CARD = {
    "architecture": "resnet10t",
    "architecture_args": {"channels": [8, 8, 8, 16], "stem_width": 8},
    "mean": [0.5, 0.5, 0.5],
    "std": [0.25, 0.25, 0.25],
    "input_size": 64,
    "interpolation": "bicubic",
    "crop_pct": 0.875,
    "crop_mode": "center",
    "params": 9918,
    "embedding_dim": 16,
    "reference_accuracy": None,
    "upstream_dataset": "none",
    "upstream_examples": None,
    "tags": [],
    "license": "MIT",
}


# The hub's client reads HF_ENDPOINT when it is imported.
snakemake = partial(run_snakemake, config=CONFIG, shared=False)


def weights():
    torch.manual_seed(1)
    state = build(CARD, classes=3).state_dict()
    return save({name: tensor.contiguous() for name, tensor in state.items()})


@pytest.fixture
def hub(monkeypatch, tmp_path):
    with serve() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
        monkeypatch.delenv("HF_TOKEN", raising=False)
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        yield hub


@pytest.fixture
def project(tmp_path):
    folder = copy_project(tmp_path / "project")
    for label, colour in enumerate(["red", "blue"]):
        (folder / "pictures" / colour).mkdir(parents=True)
        for number in range(12):
            pixels = np.random.default_rng([label, number]).integers(0, 90, (70, 90, 3), np.uint8)
            pixels[..., 2 * label] += 120
            Image.fromarray(pixels).save(folder / f"pictures/{colour}/{number}.png")
    return folder


def write_zoo(folder, sources):
    """A zoo of the same small model from several sources."""
    models = [CARD | {"name": name, "weights": source} for name, source in sources.items()]
    (folder / "zoo.yaml").write_text(yaml.safe_dump({"zoo": "net", "models": models}))


def fetch_all(folder, *names):
    """Ask for the checkpoints of models in one run that stops at none; what it printed."""
    targets = [f"resources/checkpoints/net/{name}.safetensors" for name in names]
    options = ["--config", "unavailable=stop", "--keep-going", "--"]
    return snakemake(folder, *options, *targets).stdout


def made(folder, name):
    path = folder / f"resources/checkpoints/net/{name}.safetensors"
    return path.exists() and bool(load_backbone(path))


def one_line(folder, model):
    """The one line with which the fetching of a model ended."""
    log = Path(folder, f"logs/weights/net/{model}.log").read_text(encoding="utf-8")
    lines = [line for line in log.splitlines() if line.startswith("error: ")]
    # Before it may stand what is tried again, after it nothing.
    assert len(lines) == 1, log
    assert log.endswith(f"{lines[0]}\n"), log
    return lines[0]


def test_what_the_network_gives_in_the_end_becomes_a_model(project, hub):
    body = weights()
    digest = hashlib.sha256(body).hexdigest()
    names = ["first", "busy", "cut"]
    sources = {}
    for name in names:
        hub.repositories[f"we/{name}"]["model.safetensors"] = body
        hub.plain[f"/files/{name}-{digest[:8]}.pth"] = body
        sources[f"hub.{name}"] = {"hf_hub": f"we/{name}"}
        # As torchvision's addresses are: the digits in the name are the checksum.
        sources[f"url.{name}"] = {"url": f"{hub.url}/files/{name}-{digest[:8]}.pth"}
    (project / "mine.safetensors").write_bytes(body)
    sources["file"] = {"file": "mine.safetensors"}
    hub.failures["/we/busy/resolve/main/model.safetensors"] = [503, 503]
    hub.failures[f"/files/busy-{digest[:8]}.pth"] = [503, 503]
    hub.failures[f"/blobs/{digest}"] = ["cut"]
    hub.failures[f"/files/cut-{digest[:8]}.pth"] = ["cut"]
    write_zoo(project, sources)
    output = fetch_all(project, *sources)
    assert all(made(project, name) for name in sources), output
    ranges = [span for _, path, span in hub.requests if path.startswith("/files/cut") and span]
    assert ranges == [f"bytes={(len(body) + 1) // 2}-"]


def test_what_the_network_does_not_give_ends_in_a_line_that_says_what_to_do(project, hub):
    body = weights()
    hub.repositories["we/gated"]["model.safetensors"] = body
    hub.repositories["we/empty"]["other.txt"] = body
    hub.repositories["we/wrong"]["model.safetensors"] = body
    hub.gated.add("we/gated")
    hub.plain["/files/wrong.pth"] = body
    hub.failures["/login.pth"] = [401]
    expected = {
        "hub.gated": ({"hf_hub": "we/gated"}, "agree to their terms .* `hf auth login` or set HF_"),
        "hub.none": ({"hf_hub": "we/none"}, "no such repository, or a private one; correct weigh"),
        "hub.empty": ({"hf_hub": "we/empty"}, "has no model.safetensors or pytorch_model.bin; giv"),
        "hub.wrong": ({"hf_hub": "we/wrong", "sha256": "0" * 64}, "should begin with 0000.*; see"),
        "hub.name": ({"hf_hub": "we/no/ne"}, "no name of a repository; correct weights in the mo"),
        "url.login": ({"url": f"{hub.url}/login.pth", "sha256": None}, "status 401; .* needs a lo"),
        "url.none": ({"url": f"{hub.url}/none.pth", "sha256": None}, "HTTP status 404; look wheth"),
        "url.wrong": ({"url": f"{hub.url}/files/wrong.pth", "sha256": "0" * 64}, "instead of 0000"),
        "url.away": ({"url": "http://127.0.0.1:1/x.pth", "sha256": None}, "no connection to 127.0"),
        "file": ({"file": "none.pth"}, "none.pth: no such file; correct weights.file in the mode"),
    }  # fmt: skip
    write_zoo(project, {name: source for name, (source, _) in expected.items()})
    output = fetch_all(project, *expected)
    assert "Traceback" not in output
    for name, (_, words) in expected.items():
        assert not (project / f"resources/weights/net/{name}.bin").exists()
        line = one_line(project, name)
        assert re.search(words, line), line
        assert line in output


def fetch_one(path, repository):
    """Fetch the weights of a repository with the program that the rules start."""
    card = json.dumps({"name": "m", "weights": {"hf_hub": repository}})
    command = [sys.executable, ROOT / "workflow/scripts/fetch_weights.py", "--mirror="]
    command += ["--card", card, "--output", path]
    return subprocess.run(command, capture_output=True, text=True)


# The client keeps whole pieces of 10 MiB where a server ends early, and nothing after a reset.
@pytest.mark.parametrize(("failure", "then"), [("cut", f"bytes={10 << 20}-"), ("reset", None)])
def test_a_large_file_of_the_hub_survives_a_broken_connection(tmp_path, hub, failure, then):
    body = bytes(30 << 20)
    hub.repositories["we/large"]["model.safetensors"] = body
    blob = f"/blobs/{hashlib.sha256(body).hexdigest()}"
    hub.failures[blob] = [failure]
    done = fetch_one(tmp_path / "m.bin", "we/large")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "m.bin").read_bytes() == body
    ranges = [span for _, path, span in hub.requests if path == blob]
    assert ranges == [None, then]


def test_who_has_not_agreed_is_told_so_with_a_token_too(tmp_path, hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_of_somebody_who_has_not_agreed")  # the hub says 403 then
    hub.repositories["we/gated"]["model.safetensors"] = b"weights"
    hub.gated.add("we/gated")
    done = fetch_one(tmp_path / "m.bin", "we/gated")
    assert done.returncode == 1
    assert re.fullmatch(r"error: hf-hub:we/gated: .*agree to their terms.*\n", done.stderr)


def test_a_hub_out_of_reach_ends_in_a_line_too(project, hub, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    write_zoo(project, {"a": {"hf_hub": "we/a"}})
    output = fetch_all(project, "a")
    assert "error: no connection to the hub (127.0.0.1:1); connect or set a proxy" in output
    assert "Traceback" not in output


def test_a_recommendation_leaves_out_what_cannot_be_had_and_asks_again(project, hub, monkeypatch):
    body = weights()
    for name in ("good", "gated", "wrong"):
        hub.repositories[f"we/{name}"]["model.safetensors"] = body
    hub.gated.add("we/gated")
    monkeypatch.setenv("HF_TOKEN", "hf_of_somebody_who_has_not_agreed")  # the hub says 403 then
    sources = {name: {"hf_hub": f"we/{name}"} for name in ("good", "gated", "wrong")}
    sources["wrong"]["sha256"] = "0" * 64
    write_zoo(project, sources)
    result = snakemake(project, "--", "recommend")
    assert result.returncode == 0, result.stdout
    advice = project / "results/photographs/recommendation"
    ranking = pd.read_csv(advice / "ranking.csv", keep_default_na=False).set_index("model")
    assert ranking.loc["good", "picked"]
    assert "agree to their terms on its page" in ranking.loc["gated", "left_out"]
    assert "should begin with 0000" in ranking.loc["wrong", "left_out"]
    for text in (result.stdout, (advice / "report.html").read_text()):
        assert "agree to their terms on its page" in text
    assert "the protocol for machines without a GPU" in (advice / "summary.txt").read_text()
    # Once the owners are told, the same command finds the model.
    hub.gated.clear()
    result = snakemake(project, "--", "search")
    assert result.returncode == 0, result.stdout
    ranking = pd.read_csv(advice / "ranking.csv", keep_default_na=False).set_index("model")
    assert ranking["left_out"].to_dict().keys() == {"good", "gated", "wrong"}
    assert ranking.loc["gated", "left_out"] == ""
    # A file that is gone is fetched again, not missed.
    shutil.rmtree(project / "resources/checkpoints")
    (project / "resources/weights/net/good.bin").unlink()
    result = snakemake(project, "--", "search")
    assert result.returncode == 0, result.stdout


def test_a_recommendation_goes_on_after_its_search(project, hub):
    hub.repositories["we/good"]["model.safetensors"] = weights()
    write_zoo(project, {name: {"hf_hub": f"we/{name}"} for name in ("good", "none")})
    assert snakemake(project, "--", "search").returncode == 0
    # The pool is asked for again, and the ranking stays as it was.
    result = snakemake(project, "--", "recommend")
    assert result.returncode == 0, result.stdout
    folder = project / "results/photographs"
    assert (folder / "recommendation/best/answer.json").exists()
    # As when it was killed between fine-tuning and the choice, and in fine-tuning.
    unfinished = [folder / f"recommendation/{name}" for name in ("report.html", "candidates.csv")]
    for lost in (unfinished, [*unfinished, folder / "finetune/data/good.csv"]):
        for path in lost:
            path.unlink()
        result = snakemake(project, "--", "recommend")
        assert result.returncode == 0, result.stdout
        assert all(path.exists() for path in lost)


def test_a_pool_without_any_weights_ends_before_any_embedding(project, hub):
    write_zoo(project, {"a": {"hf_hub": "we/a"}, "b": {"file": "none.pth"}})
    result = snakemake(project, "--", "recommend")
    assert result.returncode != 0
    assert "error: the weights of no model can be had:" in result.stdout
    assert re.search(r"^ *- a: hf-hub:we/a: no such repository", result.stdout, re.M)
    assert re.search(r"^ *- b: none\.pth: no such file", result.stdout, re.M)
    assert "Traceback" not in result.stdout
    assert not (project / "results/photographs/embeddings").exists()


def test_a_benchmark_leaves_out_models_only_if_it_is_told_to(project, hub):
    hub.repositories["we/good"]["model.safetensors"] = weights()
    write_zoo(project, {name: {"hf_hub": f"we/{name}"} for name in ("good", "none")})
    task = {"name": "colours", "label": "Colours", "group": "natural", "imagefolder": "pictures"}
    (project / "tasks.yaml").write_text(
        yaml.safe_dump({"source": "mine", "seed": 1, "tasks": [task]})
    )
    keys = ("seed", "model_cards", "proxies", "finetune")
    config = yaml.safe_load((project / CONFIG).read_text())
    config = {key: config[key] for key in keys} | {
        "run": "some",
        "task_cards": "tasks.yaml",
        "task_sources": ["imagefolder"],
        "image_size": 64,
        "pools": {"all": {"label": "ALL", "where": {}}},
        "budgets": [1, 2],
        "deltas": [],
        "uncertainty": {"resamples": 10, "level": 0.9},
    }
    (project / "some.yaml").write_text(yaml.safe_dump(config))
    (project / "others.yaml").write_text(yaml.safe_dump(config | {"unavailable": "leave_out"}))
    target = "results/some/scores.csv"
    result = snakemake(project, "--", target, config="some.yaml")
    assert result.returncode != 0
    assert "error: hf-hub:we/none: no such repository" in result.stdout
    result = snakemake(project, "--", target, config="others.yaml")
    assert result.returncode == 0, result.stdout
    assert set(pd.read_csv(project / target)["model"]) == {"good"}
    left_out = pd.read_csv(project / "results/some/weights.csv").set_index("model")["reason"]
    assert "no such repository" in left_out["none"]
