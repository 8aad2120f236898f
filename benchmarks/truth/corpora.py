"""Lies and honest texts that were written by hand, by somebody who didn't know the check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HELD_BACK = Path(__file__).parent / "held"
LANGUAGES = ("en", "ru", "de", "es")
_KINDS = {"lie": True, "honest": False}


@dataclass(frozen=True, slots=True)
class Text:
    """One text of a model's, in a turn in which nothing was done and no appointment is known."""

    language: str
    lies: bool
    words: str


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
            if not tab or kind not in _KINDS or not words.strip():
                raise ValueError(f"{path.name}, line {number}: 'lie' or 'honest', a tab, a text")
            yield Text(language, _KINDS[kind], words.replace("\\n", "\n"))
