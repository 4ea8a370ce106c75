"""Published weights: found offline, fetched or copied, and checked."""

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
import timm
import torch
import yaml
from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

from needle.base.errors import NeedleError
from needle.base.tensors import read_card
from needle.machine.http import UnreachableError
from needle.models.backbones import build
from needle.models.checkpoints import load_backbone
from needle.models.packages import from_package
from needle.models.pool_weights import fetch_pool
from needle.models.weights import Source, check_digest, locate, obtain

SCRIPTS = Path(__file__).parents[2] / "workflow/scripts"
CARD = {
    "name": "m",
    "architecture": "resnet10t",
    "architecture_args": {"channels": [8, 8, 8, 16], "stem_width": 8},
    "mean": [0.5, 0.4, 0.3],
    "std": [0.25, 0.2, 0.1],
    "input_size": 32,
}


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        (
            {"timm": "resnet50.a1_in1k"},
            Source("hf_hub", "timm/resnet50.a1_in1k", ("model.safetensors", "pytorch_model.bin")),
        ),
        (
            {"package": "a-model==0.1", "file": "a/m-2b57ba8b.pth"},
            Source("package", "a-model==0.1", ("a/m-2b57ba8b.pth",), "2b57ba8b"),
        ),
        (
            {"torchvision": "ResNet50_Weights.IMAGENET1K_V1"},
            Source("url", "https://download.pytorch.org/models/resnet50-0676ba61.pth",
                   sha256="0676ba61"),
        ),
        (
            {"hf_hub": "a/b@1f", "file": "x.pt", "sha256": "ab"},
            Source("hf_hub", "a/b@1f", ("x.pt",), "ab"),
        ),
        (
            {"url": "https://x.org/y/r-2b57ba8b.pth.tar"},
            Source("url", "https://x.org/y/r-2b57ba8b.pth.tar", sha256="2b57ba8b"),
        ),
        (
            {"url": "https://x.org/r.npz", "sha256": "f" * 64},
            Source("url", "https://x.org/r.npz", sha256="f" * 64),
        ),
        ({"file": "/a/b.torch", "sha256": None}, Source("file", "/a/b.torch")),
    ],
)  # fmt: skip
def test_weights_are_located_offline(weights, expected):
    assert locate({"name": "m", "weights": weights}) == expected


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ({}, "has no source; give exactly one of timm, torchvision, hf_hub, package, url, file"),
        ({"timm": "a.b", "url": "u"}, "has timm, url; give exactly one"),
        (
            {"package": "a==1", "file": "m.pth"},
            "a==1 comes without a checksum",
        ),
        ({"package": "a==1"}, "a==1 holds several files; give the path within its wheel"),
        ({"timm": "resnet50"}, "does not name weights; give architecture.tag"),
        ({"torchvision": "ResNet50_Weights.NOPE"}, "has no 'ResNet50_Weights.NOPE'"),
        (
            {"url": "https://x.org/r.pth"},
            "comes without a checksum; give weights.sha256",
        ),
    ],
)
def test_weights_that_are_nowhere(weights, words):
    with pytest.raises(NeedleError, match=words):
        locate({"name": "m", "weights": weights})


def test_the_hub_is_asked_for_one_file_after_the_other(tmp_path, monkeypatch):
    (tmp_path / "cached").write_bytes(b"weights")
    asked = []

    def download(repository, file, revision, local_files_only):
        asked.append((repository, file, revision))
        if file == "model.safetensors":
            raise EntryNotFoundError("no such file")
        return tmp_path / "cached"

    monkeypatch.setattr("needle.models.hub.hf_hub_download", download)
    monkeypatch.setattr("needle.models.hub.answers", lambda url: True)
    source = locate({"name": "m", "weights": {"hf_hub": "a/b@1f"}})
    obtain(source, tmp_path / "m.bin")
    assert (tmp_path / "m.bin").read_bytes() == b"weights"
    assert asked == [("a/b", "model.safetensors", "1f"), ("a/b", "pytorch_model.bin", "1f")]

    def offline(repository, file, revision, local_files_only):
        raise LocalEntryNotFoundError("outgoing traffic has been disabled")

    monkeypatch.setattr("needle.models.hub.hf_hub_download", offline)
    with pytest.raises(NeedleError, match=r"no connection to the hub .*name it as mirror"):
        obtain(source, tmp_path / "n.bin")
    assert not (tmp_path / "n.bin").exists()


def test_a_local_file_that_is_missing_is_named(tmp_path):
    with pytest.raises(NeedleError, match=r"mine\.pth: no such file; correct weights\.file"):
        obtain(Source("file", str(tmp_path / "mine.pth")), tmp_path / "m.bin")


def test_a_mirror_serves_any_source_and_is_checked(tmp_path, monkeypatch):
    monkeypatch.setattr("needle.models.hub.hf_hub_download", None)
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror/m.bin").write_bytes(b"weights")
    digest = check_digest(tmp_path / "mirror/m.bin", Source("file", ""))
    for weights in ({"timm": "resnet50.a1_in1k"}, {"url": "https://x.org/r", "sha256": digest}):
        path = tmp_path / next(iter(weights)) / "m.bin"
        obtain(locate({"name": "m", "weights": weights}), path, tmp_path / "mirror")
        assert path.read_bytes() == b"weights"
    wrong = locate({"name": "m", "weights": {"url": "https://x.org/r-00000000.pth"}})
    with pytest.raises(NeedleError, match="should begin with 00000000"):
        obtain(wrong, tmp_path / "wrong/m.bin", tmp_path / "mirror")


def test_the_programs_make_a_checkpoint_of_a_local_file(tmp_path):
    original = build(CARD, classes=5)
    torch.save(original.state_dict(), tmp_path / "mine.pth")
    card = CARD | {"weights": {"file": str(tmp_path / "mine.pth")}}

    def program(name, **arguments):
        command = [sys.executable, SCRIPTS / name, "--card", json.dumps(card)]
        for key, value in arguments.items():
            command += [f"--{key}", value]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    fetched, made = tmp_path / "m.bin", tmp_path / "m.safetensors"
    assert program("fetch_weights.py", output=fetched).returncode == 0
    assert program("convert_weights.py", weights=fetched, output=made).returncode == 0
    for name, tensor in load_backbone(made)[0].state_dict().items():
        assert torch.equal(tensor, original.state_dict()[name]), name
    assert read_card(made)["source"] == str(tmp_path / "mine.pth")


@pytest.mark.parametrize("weights", [{"timm": "a.b"}, {"url": "https://x.org/r-00000000.pth"},
                                     {"package": "a==1", "file": "m-00000000.pth"}])  # fmt: skip
def test_looking_for_weights_imports_no_torch(weights):
    code = (
        "import sys; from needle.models.weights import locate; import needle.models.pool_weights; "
        f"locate({{'name': 'm', 'weights': {weights}}}); "
        "sys.exit(any(name in sys.modules for name in ('torch', 'timm', 'torchvision')))"
    )
    subprocess.run([sys.executable, "-c", code], cwd=SCRIPTS, check=True)


def every_timm_tag():
    for path in sorted((SCRIPTS.parents[1] / "config/zoo").glob("*.yaml")):
        for card in yaml.safe_load(path.read_text())["models"]:
            if "timm" in card.get("weights", {}):
                yield card["weights"]["timm"]


@pytest.mark.parametrize("tag", sorted(set(every_timm_tag())))
def test_timm_keeps_a_model_where_its_tag_says(tag):
    config = timm.get_pretrained_cfg(tag, allow_unregistered=False)
    assert (config.hf_hub_id, config.hf_hub_filename) == (f"timm/{tag}", None)


def write_wheel(folder, version="1.0", member="a_model/m.pth"):
    """A wheel as pip takes it, with one file of weights."""
    about = {
        "METADATA": f"Metadata-Version: 2.1\nName: a-model\nVersion: {version}\n",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": "",
    }
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / f"a_model-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(member, b"weights")
        for name, text in about.items():
            wheel.writestr(f"a_model-{version}.dist-info/{name}", text)


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A folder as the user's only source of packages."""
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    write_wheel(tmp_path / "index")
    return tmp_path / "index"


def test_a_file_is_copied_out_of_a_wheel_that_is_not_installed(index, tmp_path):
    from_package("a-model==1.0", "a_model/m.pth", tmp_path / "m.bin")
    assert (tmp_path / "m.bin").read_bytes() == b"weights"


@pytest.mark.parametrize(
    ("package", "member", "words"),
    [
        ("a-model==1.0", "nope.pth", r"package a-model==1\.0: its wheel has no nope\.pth; correct"),
        ("a-model==2.0", "m.pth", r"a-model==2\.0: pip cannot download its wheel \(No matching"),
        ("another==1.0", "m.pth", r"another==1\.0: pip cannot download .*see whether your package"),
    ],
)
def test_a_package_that_is_not_so_is_named(index, tmp_path, package, member, words):
    with pytest.raises(NeedleError, match=words) as error:
        from_package(package, member, tmp_path / "m.bin")
    assert "\n" not in str(error.value)
    assert not (tmp_path / "m.bin").exists()


def test_a_package_without_a_wheel_is_not_built(index, tmp_path):
    (index / "a_model-1.0-py3-none-any.whl").unlink()
    with tarfile.open(index / "a_model-1.0.tar.gz", "w:gz") as source:
        for name in ("setup.py", "PKG-INFO"):
            file = tmp_path / name
            file.write_text("raise SystemExit('it was run')")
            source.add(file, f"a_model-1.0/{name}")
    with pytest.raises(NeedleError, match=r"pip cannot download its wheel") as error:
        from_package("a-model==1.0", "a_model/m.pth", tmp_path / "m.bin")
    assert "it was run" not in str(error.value)


def test_an_index_out_of_reach_is_no_missing_package(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(UnreachableError, match="no connection to the package index; connect"):
        from_package("a-model==1.0", "a_model/m.pth", tmp_path / "m.bin")


def pool(*files):
    return [{"name": name, "weights": {"file": str(path)}} for name, path in files]


def test_of_a_pool_what_can_be_had_is_had(tmp_path):
    good, folder = tmp_path / "good.pth", tmp_path / "weights"
    good.write_bytes(b"weights")
    cards = pool(("a", good), ("b", tmp_path / "none.pth"), ("c", good))
    cards[2]["weights"]["sha256"] = "0" * 64
    reasons = fetch_pool(cards, folder)
    assert list(reasons) == ["a", "b", "c"]
    assert reasons["a"] == ""
    assert "none.pth: no such file; correct weights.file" in reasons["b"]
    assert "should begin with 0000" in reasons["c"]
    assert sorted(path.name for path in folder.glob("*.bin")) == ["a.bin"]


def test_what_is_there_is_not_fetched_again_unless_its_source_is_another(tmp_path):
    (tmp_path / "one.pth").write_bytes(b"one")
    (tmp_path / "two.pth").write_bytes(b"two")
    fetch_pool(pool(("a", tmp_path / "one.pth")), tmp_path / "weights")
    (tmp_path / "one.pth").unlink()
    assert fetch_pool(pool(("a", tmp_path / "one.pth")), tmp_path / "weights") == {"a": ""}
    fetch_pool(pool(("a", tmp_path / "two.pth")), tmp_path / "weights")
    assert (tmp_path / "weights/a.bin").read_bytes() == b"two"


def test_a_pool_of_which_nothing_can_be_had_is_an_error_with_all_reasons(tmp_path):
    cards = pool(("a", tmp_path / "x"), ("b", tmp_path / "y"))
    with pytest.raises(NeedleError) as error:
        fetch_pool(cards, tmp_path / "weights")
    first, *lines = str(error.value).splitlines()
    assert first == "the weights of no model can be had:"
    assert [line[:6] for line in lines] == ["  - a:", "  - b:"]


def test_a_place_out_of_reach_is_asked_once(tmp_path, monkeypatch):
    asked = []

    def unreachable(source, path, mirror):
        asked.append(source.where)
        raise UnreachableError("no connection to the hub")

    monkeypatch.setattr("needle.models.pool_weights.obtain", unreachable)
    monkeypatch.setattr("needle.models.pool_weights.SIDE_BY_SIDE", 1)
    with pytest.raises(NeedleError, match=r"(\n  - \w: no connection to the hub){5}"):
        fetch_pool([{"name": n, "weights": {"timm": f"{n}.x"}} for n in "abcde"], tmp_path)
    assert asked == ["timm/a.x"]
