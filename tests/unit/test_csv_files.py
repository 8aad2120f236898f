"""CSV: what is written is read back, a spreadsheet runs nothing, and mistakes are placed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.csv_files import CsvError, guarded, read_csv, write_csv

COLUMNS = ("key", "notes")
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
TRICKY = st.text(st.sampled_from("=+-@\t\r\n'\",;é "), max_size=6)


def read(text: str) -> list[tuple[int, dict[str, str]]]:
    found = read_csv(text.encode(), required=("key",), known=COLUMNS)
    return [(line.number, dict(line.cells)) for line in found]


@given(st.lists(st.tuples(TEXTS | TRICKY, TEXTS | TRICKY), max_size=5), st.booleans())
def test_what_is_written_is_read_back(cells: list[tuple[str, str]], bom: bool) -> None:
    rows = [{"key": f"k{key}", "notes": notes} for key, notes in cells]
    found = read(write_csv(COLUMNS, rows, bom=bom))
    assert [cells for _, cells in found] == rows


@given(st.sampled_from("=+-@\t\r\n"), TEXTS)
def test_no_cell_begins_with_what_a_spreadsheet_runs(first: str, rest: str) -> None:
    assert guarded(first + rest) == f"'{first}{rest}"


@pytest.mark.parametrize(
    "value", ["=1+1", "+49 30 1", "-1", "@x", "\tx", "\rx", "'=x", "''+1", "'a"]
)
def test_a_guard_is_taken_away_exactly_once(value: str) -> None:
    [(_, cells)] = read(write_csv(COLUMNS, [{"key": "k", "notes": value}], bom=False))
    assert cells["notes"] == value


def test_plain_cells_are_left_alone() -> None:
    assert write_csv(COLUMNS, [{"key": "Ada", "notes": None}], bom=False) == "key,notes\r\nAda,\r\n"


def test_lines_are_counted_as_an_editor_does() -> None:
    text = 'key,notes\na,"two\nlines"\n\nb,x\n'
    assert [(n, cells["key"]) for n, cells in read(text)] == [(2, "a"), (5, "b")]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the file is empty"),
        (b"notes\nx\n", "line 1: the column key is missing"),
        (b"key,colour\nx,y\n", "line 1: there is no column colour; there are: key, notes"),
        (b"key,key\nx,y\n", "line 1: the column key is there twice"),
        (b"key,notes\nx\n", "line 2: 1 cells under 2 columns"),
        (b'key,notes\na,b\nx,"y\n', "line 3: unexpected end of data"),
        (b"key,notes\na,b\nc,\xff\n", "line 3: not UTF-8 text"),
        (b"key\nx\0y\n", "NUL"),
    ],
)
def test_a_file_that_is_none_is_told_with_its_line(data: bytes, said: str) -> None:
    with pytest.raises(CsvError, match=said):
        read_csv(data, required=("key",), known=COLUMNS)
