"""The list of downloads, and the program that fetches a dataset or explains."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from needle.tasks.vtab1k import downloads
from needle.tasks.vtab1k.downloads import DOWNLOADS, MANUAL, Download, size_of
from needle.tasks.vtab1k.registry import RAW

PROGRAM = Path(__file__).parents[3] / "workflow/scripts/fetch_dataset.py"
ALL = [download for files in DOWNLOADS.values() for download in files]


def run(*arguments):
    command = [sys.executable, PROGRAM, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.parametrize("download", ALL, ids=lambda download: download.file)
def test_each_download_is_checked_and_keeps_its_name(download):
    assert re.fullmatch(r"sha256:[0-9a-f]{64}|md5:[0-9a-f]{32}", download.checksum)
    assert download.url.split("?")[0].endswith(f"/{download.file}")
    assert download.size > 0


def test_one_mirror_folder_can_hold_all():
    assert len({download.file for download in ALL}) == len(ALL)


def test_every_dataset_that_has_a_reader_is_listed_once():
    assert not set(DOWNLOADS) & set(MANUAL)
    folders = {folder for _, folder in RAW.values()}
    assert {*DOWNLOADS, *MANUAL} == folders | {"caltech101"}


# Noted apart from the list, from tensorflow-datasets 4.9.10.
@pytest.mark.parametrize(
    ("dataset", "size"),
    [
        ("svhn", 246316178),
        ("dsprites", 28024106),
        ("smallnorb", 262778180),
        ("patch_camelyon", 8028222167),
        ("dtd", 625239812),
        ("oxford_flowers102", 344878000),
        ("oxford_iiit_pet", 811092049),
        ("eurosat", 94280567),
        ("clevr", 19021600724),
        ("dmlab", 3017022789),
        ("kitti", 12575610564),
    ],
)
def test_sizes(dataset, size):
    assert size_of(dataset) == size


@pytest.mark.parametrize(
    ("dataset", "module"),
    [("cifar100", "cifar"), ("eurosat", "eurosat"), ("dtd", "dtd"), ("clevr", "clevr")],
)
def test_addresses_are_those_of_torchvision(dataset, module):
    # Read, not imported: that takes seconds.
    package = importlib.util.find_spec("torchvision").submodule_search_locations[0]
    source = Path(package, f"datasets/{module}.py").read_text(encoding="utf-8")
    (download,) = DOWNLOADS[dataset]
    assert f'"{download.url}"' in source
    if download.checksum.startswith("md5:"):
        assert f'"{download.checksum[4:]}"' in source


def test_program_fetches_all_files_of_a_dataset(tmp_path, monkeypatch, capsys):
    mirror, folder = tmp_path / "mirror", tmp_path / "raw/toy"
    mirror.mkdir()
    (mirror / "a.bin").write_bytes(b"a")
    monkeypatch.syspath_prepend(PROGRAM.parent)
    import fetch_dataset

    toy = Download("https://host/a.bin", "a.bin", "md5:0cc175b9c0f1b6a831c399e269772661", 1)
    monkeypatch.setitem(downloads.DOWNLOADS, "toy", [toy])
    arguments = ["--dataset", "toy", "--folder", folder, "--mirror", mirror]
    monkeypatch.setattr(
        sys, "argv", ["", *map(str, arguments), "--output", str(folder / ".fetched")]
    )
    fetch_dataset.main()
    assert (folder / "a.bin").read_bytes() == b"a"
    assert (folder / ".fetched").read_text() == f"a.bin {toy.checksum}\n"


def test_program_says_what_to_get_by_hand(tmp_path):
    folder = tmp_path / "sun397"
    arguments = ["--dataset", "sun397", "--folder", folder, "--output", folder / ".fetched"]
    result = run(*arguments)
    assert result.returncode == 1
    assert re.fullmatch(
        r"error: \S+/sun397: empty, and sun397 cannot be fetched by a program: .* 404 .*\n",
        result.stderr,
    )
    folder.mkdir()
    (folder / "SUN397.tar.gz").touch()
    assert run(*arguments).returncode == 0
    assert (folder / ".fetched").read_text() == "SUN397.tar.gz\n"


def test_program_names_what_it_knows(tmp_path):
    result = run("--dataset", "mnist", "--folder", tmp_path, "--output", tmp_path / "stamp")
    assert result.stderr.startswith("error: dataset mnist: unknown; choose from caltech101, cifar")
