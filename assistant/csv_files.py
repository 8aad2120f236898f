"""CSV as spreadsheets write and read it (RFC 4180, UTF-8), safe to open in one.

A spreadsheet runs a cell that begins with =, +, -, @ or a control character as a formula (OWASP,
"CSV injection"), so such a cell is written with an apostrophe before it and read back without it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

# A cell that has apostrophes before such a character gets one more, so that reading takes exactly
# one away: what was written is what is read.
_DANGEROUS = re.compile(r"'*[=+\-@\t\r\n]")
_GUARDED = re.compile(r"'+[=+\-@\t\r\n]")
_BOM = "\ufeff"


class CsvError(Exception):
    """The file is no CSV with the columns that are needed; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Line:
    """One record of a file.

    Args:
        number: of its first line as an editor counts them; the header is line 1.
        cells: by column; an empty cell is "".
    """

    number: int
    cells: Mapping[str, str]

    def get(self, column: str) -> str | None:
        """Return a cell without the spaces around it; None where it's empty or not there."""
        return self.cells.get(column, "").strip() or None


def write_csv(columns: Sequence[str], rows: Iterable[Mapping[str, object]], *, bom: bool) -> str:
    """Return rows as CSV with a header.

    Args:
        columns: in order; a row's missing or None value is an empty cell.
        bom: begin with a byte order mark, by which Excel knows UTF-8.
    """
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([guarded(row.get(column)) for column in columns])
    return (_BOM if bom else "") + sink.getvalue()


def guarded(value: object) -> str:
    """Return a cell's text, with an apostrophe before what a spreadsheet would run."""
    text = "" if value is None else str(value)
    return f"'{text}" if _DANGEROUS.match(text) else text


def _unguarded(text: str) -> str:
    return text[1:] if _GUARDED.match(text) else text


def read_csv(data: bytes, *, required: Sequence[str], known: Sequence[str]) -> list[Line]:
    """Read a file's records; lines without any text are left out.

    Args:
        data: UTF-8, with or without a byte order mark.
        required: columns that the header must have.
        known: all columns that it may have.

    Raises:
        CsvError: it isn't UTF-8, its quotes don't match, or its header isn't right.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CsvError(f"line {line}: not UTF-8 text; save the file as CSV in UTF-8") from None
    if "\0" in text:
        raise CsvError("there is a character NUL in it: this is no CSV file")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines: list[Line] = []
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        _check_header(header, required, known)
        before = reader.line_num
        for record in reader:
            number, before = before + 1, reader.line_num
            if not any(cell.strip() for cell in record):
                continue
            if len(record) != len(header):
                raise CsvError(
                    f"line {number}: {len(record)} cells under {len(header)} columns; a cell with a"
                    " comma in it needs quotes around it"
                )
            cells = map(_unguarded, record)
            lines.append(Line(number, dict(zip(header, cells, strict=True))))
    except csv.Error as error:
        raise CsvError(f"line {reader.line_num}: {error}") from None
    return lines


def _check_header(header: list[str], required: Sequence[str], known: Sequence[str]) -> None:
    if not header:
        raise CsvError(f"the file is empty; its first line names the columns: {', '.join(known)}")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise CsvError(f"line 1: the column {', '.join(twice)} is there twice")
    unknown = [name or "(no name)" for name in header if name not in known]
    if unknown:
        raise CsvError(
            f"line 1: there is no column {', '.join(unknown)}; there are: {', '.join(known)}"
        )
    missing = [name for name in required if name not in header]
    if missing:
        raise CsvError(f"line 1: the column {', '.join(missing)} is missing")
