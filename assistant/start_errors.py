"""What keeps a process from starting."""

from __future__ import annotations


class StartError(Exception):
    """The process can't start; the message says why and what to do."""


class UnknownBusinessError(StartError):
    """The business that was named isn't there; the message tells those that are."""
