"""What people write in the cells of a table, and the line that says what to write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from needle.base.errors import NeedleError
from needle.scores.cells import check_text, read_list, read_number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_is_read(value):
    assert read_number("x", repr(value)) == value


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("81.2±0.3", "write the mean alone"),
        ("81.2 +/- 0.3", "write the mean alone"),
        ("81.2+-.3", "write the mean alone"),
        ("81.2 (0.3)", "write the mean alone"),
        ("81,2 ± 0,3", "write the mean alone"),
        ("81.2%", "without the sign, and unit: percent"),
        ("81,2 %", "without the sign, and unit: percent"),
        ("0,81", "a point instead of the comma"),
        ("-1,5", "a point instead of the comma"),
        ("1,234.5", "the digits alone"),
        ("1.234,5", "the digits alone"),
        ("85 000 000", "the digits alone"),
        ("85'000'000", "the digits alone"),
        ("85M", "all its digits"),
        ("85.8 m", "all its digits"),
        ("\u22121.5", "a plain -"),
        ("–1.5", "a plain -"),
        ("-", "leave a missing value empty"),
        ("—", "leave a missing value empty"),
        ("N/A", "leave a missing value empty"),
        ("nan", "leave a missing value empty"),
        ("Infinity", "leave a missing value empty"),
        ("OOM", "leave a missing value empty"),
        ("", "leave a missing value empty"),
    ],
)
def test_what_is_no_number_gets_advice_that_helps(text, advice):
    with pytest.raises(NeedleError) as caught:
        read_number("a.csv: line 2: linear of a on t", text)
    message = str(caught.value)
    assert message.startswith(f"a.csv: line 2: linear of a on t: {text!r} is not a number; ")
    assert advice in message.rpartition("is not a number")[2]
    assert "\n" not in message


def test_lists_are_separated_by_semicolons():
    assert read_list("x", "expert; medical ;;") == ["expert", "medical"]
    assert read_list("x", "a b|c/d") == ["a b|c/d"]
    assert read_list("x", "") == []


@pytest.mark.parametrize("text", ["expert, medical", "a,b;c", "['expert']", '["a", "b"]', "[]"])
def test_lists_of_other_forms_are_refused(text):
    with pytest.raises(NeedleError, match=r"line 2: tags of a: .*separate names by ;"):
        read_list("m.csv: line 2: tags of a", text)


def test_a_text_may_be_anything_that_can_be_shown():
    for text in (
        "{x}",
        "$a$",
        "50 %",
        "a\nb",
        "a\r\tb",
        "写真 \u2028 👩🏽‍🔬",
        "<b>&",
        "-x",
        "\\",
        "'\"",
    ):
        check_text("x", text)
    for text in ("a\0", "\x1b[31m", "a\x7f"):
        with pytest.raises(NeedleError, match="cannot be seen"):
            check_text("a.csv: line 2", text)
