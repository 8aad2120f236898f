"""What an admin wrote after `/prompt`, and how it becomes a draft."""

from __future__ import annotations

import dataclasses
import difflib

from assistant.prompts.loader import Prompt, PromptBook, version_of
from assistant.prompts.placeholders import PLACEHOLDERS

NAMES = tuple(PLACEHOLDERS)


def split_name(rest: str) -> tuple[str | None, str]:
    """Return the prompt that is named first, if one is, and what follows."""
    words = rest.split(maxsplit=1)
    if words and words[0].lower() in NAMES:
        return words[0].lower(), words[1] if len(words) > 1 else ""
    return None, rest


def split_version(rest: str) -> tuple[str | None, str | None, str]:
    """Return the prompt that is named, its version where one is ("system@3fa9..."), the rest."""
    first, _, after = rest.strip().partition(" ")
    name = first.lower().partition("@")[0]
    if "@" in first and name in NAMES:
        return name, first.lower(), after
    named, text = split_name(rest)
    return named, None, text


def with_front_matter(name: str, text: str, in_force: Prompt) -> str:
    """Return a text with the front matter of the version in force, if it has none of its own.

    Phones make other signs of the dashes.
    """
    if text.startswith("---"):
        return text
    languages = ", ".join(in_force.front_matter.languages)
    return f"---\nname: {name}\nversion: chat\nlanguages: [{languages}]\n---\n{text}"


def book_with(book: PromptBook, prompt: Prompt) -> PromptBook:
    """Return the prompts with one of them replaced."""
    return dataclasses.replace(book, **{prompt.front_matter.name: prompt})


def difference(name: str, source: str, in_force: Prompt) -> str:
    """Return what a text changes, as a unified diff; empty where it says the same."""
    lines = difflib.unified_diff(
        in_force.source.splitlines(),
        source.splitlines(),
        in_force.version,
        version_of(name, source),
        lineterm="",
        n=1,
    )
    return "\n".join(lines)
