"""The fonts in a figure's PDF."""

import io
import re
import zlib

import numpy as np
from fontTools.ttLib import TTFont
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont

from needle.figures.style import save


def test_a_pdf_has_the_outlines_of_its_letters_and_no_tables_of_layout(tmp_path):
    figure = Figure(layout="constrained")
    figure.subplots().set_title("Kendall's τ of AVATAR − office")
    save(figure, tmp_path / "figure.svg")
    whole, found = TTFont(findfont("DejaVu Sans")), set()
    for font in _fonts((tmp_path / "figure.pdf").read_bytes()):
        assert not {"GDEF", "GPOS", "GSUB", "MATH", "kern"} & set(font.keys())
        for letter, name in font.getBestCmap().items():
            expected = whole["glyf"][whole.getBestCmap()[letter]].getCoordinates(whole["glyf"])
            outline = font["glyf"][name].getCoordinates(font["glyf"])
            np.testing.assert_array_equal(outline[0], expected[0])
            found.add(chr(letter))
    assert set("KdτAV−o") <= found


def _fonts(pdf):
    """The TrueType fonts that are embedded."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    files = [zlib.decompress(stream) for stream in streams]
    return [TTFont(io.BytesIO(file)) for file in files if file.startswith(b"\0\1\0\0")]
