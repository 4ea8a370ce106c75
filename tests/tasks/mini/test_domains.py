"""The upstream domains: form, determinism and what their classes are."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from needle.tasks.mini import domains, natural
from needle.tasks.mini.domains import CLASSES, render_domain
from needle.tasks.mini.glyphs import glyph_bank

SCRIPTS = Path(domains.__file__).parents[3]


def digest(*arrays):
    return hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()


def test_class_counts():
    assert CLASSES == {"glyph": 39, "texture": 40, "shape": 32, "lines": 24, "photo": 40}


@pytest.mark.parametrize("name", CLASSES)
def test_form_and_determinism(name):
    images, labels = render_domain(name, 700, seed=3)
    assert images.shape == (700, 3, 32, 32)
    assert images.dtype == np.uint8
    assert images.flags.c_contiguous
    assert labels.dtype == np.int64
    assert set(labels) == set(range(CLASSES[name]))
    assert images.std(axis=(1, 2, 3)).mean() > 10
    render_domain(name, 10, seed=4)
    again = render_domain(name, 700, seed=3)
    assert digest(images, labels) == digest(*again)


@pytest.mark.parametrize("name", CLASSES)
def test_seeds_and_splits_differ(name):
    draws = [
        render_domain(name, 20, seed=0),
        render_domain(name, 20, seed=1),
        render_domain(name, 20, seed=0, split="test"),
    ]
    assert len({digest(images) for images, _ in draws}) == 3
    assert len({digest(labels) for _, labels in draws}) == 3


def test_same_bytes_in_another_process():
    code = (
        "import hashlib\n"
        "from needle.tasks.mini.domains import render_domain\n"
        "from needle.tasks.mini.tasks import render_task\n"
        "arrays = [*render_domain('lines', 30, seed=5), *render_task('dspr_ori', 5)['val']]\n"
        "print(hashlib.sha256(b''.join(a.tobytes() for a in arrays)).hexdigest())\n"
    )
    outputs = set()
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONPATH": str(SCRIPTS), "PYTHONHASHSEED": hash_seed}
        run = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, check=True
        )
        outputs.add(run.stdout)
    assert len(outputs) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("glyphs", 3, 0), "glyph, texture, shape, lines, photo"),
        (("glyph", 3, 0, "val"), "train, test"),
        (("glyph", 0, 0), "positive"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        render_domain(*arguments)


@pytest.mark.parametrize(
    ("characters", "fonts"),
    [
        (domains.LETTERS, domains.LETTER_FONTS),
        (tuple(natural._GREEK), natural._SYMBOL_FONTS),
    ],
)
def test_every_font_has_every_character(characters, fonts):
    bank = glyph_bank(characters, fonts)
    for font in range(len(fonts)):
        tiles = bank[:, font].reshape(len(characters), -1)
        # A missing character is drawn as the same box as any other missing one.
        assert len(np.unique(tiles, axis=0)) == len(characters)
        assert tiles.sum(axis=1).min() > 50
    border = np.ones((64, 64), bool)
    border[1:-1, 1:-1] = False
    assert bank[..., border].max() == 0


def test_no_symbol_is_an_upstream_letter():
    assert set(natural._GREEK).isdisjoint(domains.LETTERS)
    assert len(natural.SYMBOLS) == 12


def test_silhouettes_differ_in_every_pose():
    amplitudes, phases = domains._silhouettes()
    angles = np.linspace(0, 2 * np.pi, 180, endpoint=False)
    waves = np.cos(domains._HARMONICS[:, None] * angles + phases[..., None])
    radius = 1 + (amplitudes[..., None] * waves).sum(axis=1)
    turned = np.stack([np.roll(radius, step, axis=1) for step in range(180)])
    for one in range(len(radius)):
        others = np.delete(turned, one, axis=1)
        assert np.abs(others - radius[one]).mean(axis=2).min() > 0.04
