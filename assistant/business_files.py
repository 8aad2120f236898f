"""Reads the file that describes a business, and says in plain words what is wrong with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from assistant import toml_tree, yaml_tree
from assistant.business_mistakes import in_words
from assistant.yaml_tree import DocumentError, Place, Tree
from booking.business_checks import Finding, reference_mistakes, warnings
from booking.business_file import BusinessFile
from booking.localtime import local_date

# A hundred times what a large business has; more would keep the reader busy for minutes.
_MOST_BYTES = 500_000


class BusinessFileError(Exception):
    """The file can't be read as a business; each line of the message is one mistake."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to tell about a line of a file; as a string it starts with `path:line:column:`."""

    path: Path
    place: Place
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.place.line}:{self.place.column}: {self.message}"


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that was looked at.

    Args:
        file: what it describes; None where there are mistakes.
        mistakes: what has to be changed, in the order of the lines.
        warnings: what is allowed but rarely meant, in the same order.
    """

    file: BusinessFile | None
    mistakes: tuple[Remark, ...]
    warnings: tuple[Remark, ...]


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise BusinessFileError(f"{path} can't be read: {error.strerror}") from None
    if len(data) > _MOST_BYTES:
        raise BusinessFileError(
            f"{path} has more than {_MOST_BYTES:,} bytes: is it the right file?"
        )
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise BusinessFileError(f"{path} is not UTF-8 text") from None


def is_toml(path: Path) -> bool:
    """Return whether a file is called a TOML file."""
    return path.suffix.casefold() == ".toml"


def check_business_file(path: Path, now: dt.datetime | None = None) -> Checked:
    """Read a business file and find all that is wrong or odd in it.

    Args:
        path: the file; TOML where it is called so, else YAML.
        now: instant, for the warnings about dates that are past; None = no such warnings.

    Raises:
        BusinessFileError: it can't be read at all.
    """
    text = _text(path)
    try:
        tree = toml_tree.parse(text) if is_toml(path) else yaml_tree.parse(text)
    except DocumentError as error:
        mistake = Remark(path, error.place or Place(1, 1), str(error))
        return Checked(None, (mistake,), ())
    mistakes = [
        Remark(path, place, f"{key!r} is here a second time; the first is in line {line}")
        for place, key, line in tree.duplicates
    ]
    file = None
    if tree.data is None:
        mistakes.append(Remark(path, Place(1, 1), "the file describes nothing"))
    else:
        found = reference_mistakes(tree.data)
        try:
            file = BusinessFile.model_validate(tree.data)
        except ValidationError as error:
            told = (in_words(detail) for detail in error.errors(include_url=False))
            found += [finding for finding in told if finding is not None]
        mistakes += _remarks(path, tree, found)
    odd = warnings(tree.data, _today(tree.data, now))
    return Checked(
        None if mistakes else file, _sorted(mistakes), _sorted(_remarks(path, tree, odd))
    )


def read_business_file(path: Path) -> BusinessFile:
    """Read and validate a business file (YAML or TOML).

    Raises:
        BusinessFileError: it isn't there, can't be read, or describes no business.
    """
    checked = check_business_file(path)
    if checked.file is None:
        raise BusinessFileError("\n".join(str(mistake) for mistake in checked.mistakes))
    return checked.file


def _remarks(path: Path, tree: Tree, found: Iterable[Finding]) -> list[Remark]:
    remarks = []
    for finding in found:
        place = tree.place(finding.location, at_key=finding.at_key)
        where = f"{finding.path}: " if finding.location else ""
        remarks.append(Remark(path, place, where + finding.message))
    return remarks


def _sorted(remarks: Iterable[Remark]) -> tuple[Remark, ...]:
    return tuple(sorted(remarks, key=lambda r: (r.place.line, r.place.column, r.message)))


def _today(document: object, now: dt.datetime | None) -> dt.date:
    """Return the business's date, or the first of all where there is no now or no such zone."""
    name = document.get("zone") if isinstance(document, dict) else None
    if now is None or not isinstance(name, str):
        return dt.date.min
    try:
        return local_date(now, name)
    except ValueError:
        return now.date()
