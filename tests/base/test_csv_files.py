"""Texts of the user's come back from a table as they were."""

import csv

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from needle.base.csv_files import write_rows, write_table
from needle.base.run_tables import read_table, read_tables

# All that a name of a file or a cell of a table may hold; what looks like a missing value, too.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
ODD = st.sampled_from(
    ["\r", "a\rb", "\r\n", 'x"\n', "nan", "NA", "-1", "=1", "{x}", "$x$", "é\u2028"]
)


@given(rows=st.lists(st.tuples(TEXTS | ODD, TEXTS | ODD), min_size=1))
def test_any_text_comes_back(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("tables") / "table.csv"
    table = pd.DataFrame(rows, columns=["label", "model"])
    for write, content in ((write_rows, table.to_dict("records")), (write_table, table)):
        write(path, content)
        pd.testing.assert_frame_equal(read_table(path), table, check_dtype=False)
        with open(path, newline="", encoding="utf-8") as file:
            assert [tuple(row.values()) for row in csv.DictReader(file)] == rows


def test_lines_end_with_a_newline_alone(tmp_path):
    for write in (write_rows, lambda path, rows: write_table(path, pd.DataFrame(rows))):
        write(tmp_path / "table.csv", [{"a": "x", "b": 1}, {"a": "y\rz", "b": 0.5}])
        text = (tmp_path / "table.csv").read_bytes()
        assert text.startswith(b"a,b\nx,1")
        assert text.count(b"\n") == 3
        assert b'"y\rz"' in text


def test_an_empty_table_among_others_changes_no_type(tmp_path):
    written = [pd.DataFrame({"pool": ["a", "1"], "budget": [1, 2]}), pd.DataFrame({"pool": ["b"]})]
    written[1] = written[1].iloc[:0].assign(budget=[])
    paths = [tmp_path / f"{number}.csv" for number in range(2)]
    for path, table in zip(paths, written, strict=True):
        write_table(path, table)
    for order in (paths, paths[::-1]):
        pd.testing.assert_frame_equal(read_tables(order), read_table(paths[0]))
    assert list(read_tables(paths[1:]).columns) == ["pool", "budget"]
