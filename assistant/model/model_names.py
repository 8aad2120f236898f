"""What a model's name says about the fields its endpoint takes."""

from __future__ import annotations

import re

_GPT = re.compile(r"(?:ft:|openai/)?gpt-(\d+)(?:\.(\d+))?(?![\d.])")
_OPENAI = re.compile(r"(?:ft:|openai/)?(?:gpt-\d|chatgpt-|o\d)")


def is_openai(model: str) -> bool:
    """Whether the name is one of OpenAI's own models, which take OpenAI's newer fields."""
    return _OPENAI.match(model) is not None


def reasons(model: str) -> bool:
    """Whether the model takes a reasoning effort: gpt-5 and later."""
    return _version(model) >= (5, 0)


def needs_effort_none_with_tools(model: str) -> bool:
    """Whether Chat Completions refuses tools beside reasoning: gpt-5.6 and later.

    Their answer otherwise is 400 "Function tools with reasoning_effort are not supported".
    """
    return _version(model) >= (5, 6)


def _version(model: str) -> tuple[int, int]:
    found = _GPT.match(model)
    return (int(found[1]), int(found[2] or 0)) if found else (0, 0)
