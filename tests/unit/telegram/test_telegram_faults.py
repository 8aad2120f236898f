"""What each failure of a call means, and that no reason gives anything away."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
from aiogram.exceptions import (
    AiogramError,
    RestartingTelegram,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import SendMessage
from aiohttp import (
    ClientConnectorDNSError,
    ClientOSError,
    ClientPayloadError,
    ConnectionTimeoutError,
    ServerDisconnectedError,
    SocketTimeoutError,
)
from aiohttp.client_reqrep import ConnectionKey

from assistant.channel import OutcomeUnknown, Rejected, RetryLater, Sent, Unreachable
from assistant.telegram.bot import UnreadableAnswerError, build_bot
from assistant.telegram.faults import describe, outcome
from assistant.telegram.problems import TelegramTokenError

METHOD = SendMessage(chat_id=42, text="my private words")
TOKEN = "4242:very-secret-token"


def network(cause: Exception) -> TelegramNetworkError:
    error = TelegramNetworkError(METHOD, f"at https://api.telegram.org/bot{TOKEN}/sendMessage")
    error.__cause__ = cause
    return error


def refusal(kind: type[Any], message: str) -> AiogramError:
    error: AiogramError = kind(METHOD, message)
    return error


KEY = ConnectionKey("api.telegram.org", 443, True, True, None, None, None)


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (TelegramRetryAfter(METHOD, "Too Many Requests", 17), RetryLater),
        (refusal(TelegramForbiddenError, "Forbidden: bot was blocked by the user"), Unreachable),
        (refusal(TelegramForbiddenError, "Forbidden: user is deactivated"), Unreachable),
        (refusal(TelegramBadRequest, "Bad Request: chat not found"), Unreachable),
        (refusal(TelegramBadRequest, "Bad Request: PEER_ID_INVALID"), Unreachable),
        (refusal(TelegramBadRequest, "Bad Request: BUTTON_DATA_INVALID"), Rejected),
        (TelegramMigrateToChat(METHOD, "upgraded", -1005), Rejected),
        (refusal(TelegramEntityTooLarge, "Request Entity Too Large"), Rejected),
        (refusal(TelegramUnauthorizedError, "Unauthorized"), RetryLater),
        (refusal(TelegramNotFound, "Not Found"), RetryLater),
        (refusal(TelegramConflictError, "Conflict"), RetryLater),
        (refusal(TelegramServerError, "Internal Server Error"), RetryLater),
        (refusal(RestartingTelegram, "restart"), RetryLater),
        (network(ClientConnectorDNSError(KEY, OSError(1, "refused"))), RetryLater),
        (network(ConnectionTimeoutError("connecting")), RetryLater),
        (network(ServerDisconnectedError()), OutcomeUnknown),
        (network(ClientOSError(104, "reset")), OutcomeUnknown),
        (network(ClientPayloadError("cut")), OutcomeUnknown),
        (network(SocketTimeoutError("reading")), OutcomeUnknown),
        (network(TimeoutError()), OutcomeUnknown),
        (UnreadableAnswerError(502), RetryLater),
        (UnreadableAnswerError(504), OutcomeUnknown),  # it may have gone through behind the proxy
        (UnreadableAnswerError(200), OutcomeUnknown),
        (UnreadableAnswerError(200, {"message_id": 8}), Sent),
        (UnreadableAnswerError(0), OutcomeUnknown),
    ],
)
def test_what_became_of_the_message(error: AiogramError, meaning: type[Any]) -> None:
    delivery = outcome(error)
    assert type(delivery) is meaning
    if isinstance(delivery, Sent):
        assert delivery.message_id == 8
    else:
        assert TOKEN not in delivery.reason
        assert "private words" not in delivery.reason


def test_the_servers_pause_is_kept_to_the_second() -> None:
    delivery = outcome(TelegramRetryAfter(METHOD, "Too Many Requests", 17))
    assert isinstance(delivery, RetryLater)
    assert delivery.after_seconds == 17.0


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (
            "Bad Request: entity URL 'https://x.example/me' is invalid",
            "TelegramBadRequest: Bad Request: entity URL (...) is invalid",
        ),
        (
            "Bad Request: can't parse entities: Can't find end",
            "TelegramBadRequest: Bad Request: can't parse entities: Can't find end",
        ),
        (f"see http://h/bot{TOKEN}/x or {TOKEN}", "TelegramBadRequest: see (...) or (token)"),
    ],
)
def test_reasons_name_the_problem_and_nothing_else(message: str, reason: str) -> None:
    assert describe(TelegramBadRequest(METHOD, message)) == reason


@pytest.mark.parametrize("token", ["", "abc", "12 34:abc", ":abc", "12:", "twelve:abc"])
def test_a_malformed_token(token: str) -> None:
    with pytest.raises(TelegramTokenError, match=r"TELEGRAM_BOT_TOKEN.*@BotFather"):
        build_bot(token)


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (502, "<html>my private words</html>"),
        (502, '{"ok": false}'),
        (502, '{"error": "my private words"}'),
        (200, "[]"),
        (200, '{"ok": true, "result": "my private words"}'),
    ],
)
async def test_an_unreadable_answer_is_not_repeated(status: int, content: str) -> None:
    bot = build_bot(TOKEN)
    with pytest.raises(UnreadableAnswerError) as caught:
        bot.session.check_response(bot, METHOD, status, content)
    assert caught.value.status == status
    assert "private words" not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_the_shape_of_an_answer_is_built_once() -> None:
    bot = build_bot(TOKEN)
    seen: list[weakref.ref[type[Any]]] = []
    for _ in range(2):
        answer = bot.session.check_response(bot, METHOD, 200, '{"ok":true,"result":null}')
        seen.append(weakref.ref(type(answer)))
        del answer
        gc.collect()
    first, second = (shape() for shape in seen)
    assert first is second is not None
