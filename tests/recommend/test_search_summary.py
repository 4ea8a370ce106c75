"""What the terminal shows of a search."""

import pytest

from needle.base.csv_files import write_table
from needle.base.run_tables import read_table
from needle.recommend.search_summary import search_summary
from recommended import UNKNOWN, ranking


def long_ranking():
    table = ranking()
    table["model"] = [
        f"vit_base_patch16_224.augreg2_in21k_ft_in1k_{'x' * 30}_{n}" for n in range(6)
    ]
    table["license"] = "NVIDIA Source Code License for something"
    return table


@pytest.mark.parametrize("table", [ranking(), long_ranking()], ids=["short", "long"])
def test_no_line_is_wider_than_the_terminal(table):
    text = search_summary(table, ["linear", "knn"], "hybrid-linear", 3, ["Data", "  mine"])
    assert "\n\nData\n  mine\n\n" in text
    lines = text.splitlines()
    assert max(len(line) for line in lines) <= 100
    assert "\N{NO-BREAK SPACE}" not in text
    for model in table["model"][table["picked"]]:
        assert any(line.startswith(f"  {model}") for line in lines)
        assert any(line.startswith("*") and model[-9:] in line for line in lines)


def test_the_text_says_why_there_are_fewer_picks_than_the_budget():
    table = ranking(budget=2)
    text = search_summary(table, ["linear", "knn"], "hybrid-linear", 7, [])
    assert "search picks 2 of 5 models (B = 7)" in text
    assert "\n\nThe budget allows 7 models, but only 5 may take part.\n\n" in text


def test_what_is_known_of_no_model_is_no_column(tmp_path):
    table = ranking().assign(license="", **UNKNOWN)
    write_table(tmp_path / "ranking.csv", table)
    text = search_summary(read_table(tmp_path / "ranking.csv"), ["linear"], "linear", 3, [])
    assert text.splitlines()[2].split() == ["rank", "model", "Linear"]
