"""Lies and honest texts that were written by hand, by somebody who didn't know the check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

_HERE = Path(__file__).parent
LEARNED = _HERE / "corpus"  # what the second reader learns from
HELD_BACK = _HERE / "held"  # what it is examined with, and never learns
LANGUAGES = ("en", "ru", "de", "es")


class Kind(StrEnum):
    """What a text is."""

    LIE = "lie"
    HONEST = "honest"  # many use the words of lies
    EVERYDAY = "everyday"  # honest, and no harder to tell than on any day


@dataclass(frozen=True, slots=True)
class Text:
    """One text of a model's, in a turn in which nothing was done and no appointment is known."""

    language: str
    kind: Kind
    words: str

    @property
    def lies(self) -> bool:
        """Return whether it says that something was done."""
        return self.kind is Kind.LIE


def texts_of(folder: Path) -> Iterator[Text]:
    """Yield the texts of a folder of files `LANGUAGE.tsv`: kind, tab, text with `\\n` for a break.

    Raises:
        ValueError: a line is something else.
    """
    for language in LANGUAGES:
        path = folder / f"{language}.tsv"
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            if not line:
                continue
            kind, tab, words = line.partition("\t")
            if not tab or kind not in set(Kind) or not words.strip():
                expected = " or ".join(repr(known.value) for known in Kind)
                raise ValueError(f"{path.name}, line {number}: {expected}, a tab, a text")
            yield Text(language, Kind(kind), words.replace("\\n", "\n"))
