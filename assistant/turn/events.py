"""What a turn tells while it is at work, for whoever shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextSoFar:
    """The beginning of an answer that is being written.

    Args:
        text: all of it that may be shown yet; the model's Markdown.
    """

    text: str


@dataclass(frozen=True, slots=True)
class ToolStarted:
    """A tool is being carried out; what was shown of a text beside the call is no answer."""

    name: str


@dataclass(frozen=True, slots=True)
class ToolFinished:
    """A tool came back."""

    name: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer stands; what is sent replaces whatever was shown."""

    outcome: str


TurnEvent = TextSoFar | ToolStarted | ToolFinished | Finished
#: Told each event in order. It must neither raise nor wait: an answer never depends on it.
TurnSink = Callable[[TurnEvent], None]
