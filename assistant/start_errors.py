"""What keeps a process from starting."""

from __future__ import annotations


class StartError(Exception):
    """The process can't start; the message says why and what to do."""


class UnknownBusinessError(StartError):
    """The business that was named isn't there; the message tells those that are."""


def told_in_a_sentence() -> tuple[type[Exception], ...]:
    """Return what can go wrong without a defect of ours: its message is for people."""
    from assistant.prompts.loader import PromptError
    from assistant.script import ScriptError
    from assistant.telegram.problems import TelegramTokenError
    from db.backup import BackupError
    from db.embedded import EmbeddedUnavailable
    from db.errors import DatabaseError
    from tools.support.schema import ToolContractError

    return (
        StartError,
        EmbeddedUnavailable,
        DatabaseError,
        BackupError,
        TelegramTokenError,
        PromptError,
        ScriptError,
        ToolContractError,
    )
