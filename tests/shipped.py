"""The texts and prompts that come with the program: read once for all tests of a process."""

from __future__ import annotations

from functools import cache

from assistant.script import SHIPPED, Script


@cache
def shipped() -> Script:
    """Return them; nobody changes a script."""
    return Script.load(SHIPPED)
