"""What keeps a process from starting."""

from __future__ import annotations


class StartError(Exception):
    """The process can't start; the message says why and what to do."""
