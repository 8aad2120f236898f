"""What an exception of a call means: was it sent, is it worth another try. No texts, no tokens."""

from __future__ import annotations

import re

from aiogram.exceptions import (
    AiogramError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiohttp import ClientConnectorError, ConnectionTimeoutError, InvalidURL

from assistant.channel import (
    Delivery,
    OutcomeUnknown,
    Rejected,
    RetryLater,
    Sent,
    Unreachable,
)
from assistant.telegram.bot import UnreadableAnswerError

SERVER_PAUSE_SECONDS = 5.0
# A revoked token is put right by a person: messages wait for it instead of being lost.
TOKEN_PAUSE_SECONDS = 60.0
_GATEWAY_TIMEOUT = 504
# The request never left: https://docs.aiohttp.org/en/stable/client_reference.html#hierarchy
_NOT_SENT = (ClientConnectorError, ConnectionTimeoutError, InvalidURL)
# 400s that say that the person is gone; the server has no code for it, only these words.
_GONE = re.compile(
    r"chat not found|user not found|user is deactivated|bot was (kicked|blocked)"
    r"|have no rights to send|PEER_ID_INVALID|CHAT_WRITE_FORBIDDEN|USER_IS_BLOCKED"
    r"|INPUT_USER_DEACTIVATED",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"(?<!\w)'[^']*'|\"[^\"]*\"|\S*://\S*")
_TOKEN = re.compile(r"\d+:[\w-]{8,}")
_LONGEST = 160


def describe(error: BaseException) -> str:
    """Return a reason for logs and the outbox: no token, no address, nothing a customer wrote."""
    name = type(error).__name__
    if isinstance(error, UnreadableAnswerError):
        return f"{name} (status {error.status})"
    if isinstance(error, TelegramNetworkError):
        cause = error.__cause__
        return name if cause is None else f"{name} ({type(cause).__name__})"
    if isinstance(error, TelegramRetryAfter):
        return f"{name} ({error.retry_after} s)"
    if isinstance(error, TelegramAPIError):
        told = _TOKEN.sub("(token)", _QUOTED.sub("(...)", error.message))
        return f"{name}: {told[:_LONGEST]}"
    return name


def is_gone(error: AiogramError) -> bool:
    """Return whether the person can't be reached there any more."""
    if isinstance(error, TelegramForbiddenError):
        return True
    return isinstance(error, TelegramBadRequest) and _GONE.search(error.message) is not None


def is_token_refused(error: AiogramError) -> bool:
    """Return whether the token is the problem: a 404 is what a wrong shape of it gets."""
    return isinstance(error, TelegramUnauthorizedError | TelegramNotFound)


def outcome(error: AiogramError) -> Delivery:
    """Return what became of a message whose sending raised `error`."""
    reason = describe(error)
    if isinstance(error, UnreadableAnswerError):
        return _unreadable(error, reason)
    if isinstance(error, TelegramRetryAfter):
        return RetryLater(float(error.retry_after), reason, exact=True)
    if is_gone(error):
        return Unreachable(reason)
    if is_token_refused(error):
        return RetryLater(TOKEN_PAUSE_SECONDS, reason)
    # aiogram files a 413 under network errors.
    if isinstance(error, TelegramBadRequest | TelegramEntityTooLarge | TelegramMigrateToChat):
        return Rejected(reason)
    if isinstance(error, TelegramNetworkError) and not isinstance(error.__cause__, _NOT_SENT):
        return OutcomeUnknown(reason)
    return RetryLater(SERVER_PAUSE_SECONDS, reason)


def _unreadable(error: UnreadableAnswerError, reason: str) -> Delivery:
    if isinstance(error.result, dict):
        return Sent(error.result.get("message_id"))
    if error.status >= 500 and error.status != _GATEWAY_TIMEOUT:
        return RetryLater(SERVER_PAUSE_SECONDS, reason)
    return OutcomeUnknown(reason)
