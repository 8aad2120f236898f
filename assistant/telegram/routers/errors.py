"""Errors: logged by ids, then raised again, so that the worker decides about the lane."""

from __future__ import annotations

from typing import Any

import structlog
from aiogram import Router
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.types import ErrorEvent

from db.repositories.inbox import InboxMessage

log = structlog.get_logger()


async def log_error(event: ErrorEvent, stored: InboxMessage) -> Any:
    """Log which update failed. UNHANDLED makes aiogram raise the exception again."""
    log.warning(
        "telegram_update_failed",
        inbox_id=stored.id,
        update_id=stored.update_id,
        chat_id=stored.chat_id,
        error=type(event.exception).__name__,
    )
    return UNHANDLED


def build_router() -> Router:
    """Build the router of errors."""
    router = Router(name="errors")
    router.error.register(log_error)
    return router
