"""The bot object: one HTTP session, time-outs, and answers that can't be read told apart."""

from __future__ import annotations

import json
from typing import Any, cast

from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import PRODUCTION, TelegramAPIServer
from aiogram.exceptions import AiogramError, ClientDecodeError
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.utils.token import TokenValidationError
from aiohttp import ClientTimeout

from assistant.telegram.problems import MALFORMED_TOKEN, TelegramTokenError

REQUEST_SECONDS = 30.0
# Also bounds the wait for a free connection. A time-out while connecting is one of the few
# failures of which it's certain that nothing was sent, so it gets a bound of its own.
CONNECT_SECONDS = 10.0


class UnreadableAnswerError(AiogramError):
    """An answer that isn't the Bot API's: a proxy's page, or a shape this version doesn't know.

    Args:
        status: of the HTTP answer; 0 where it is not known.
        result: what the Bot API returned, where it said that the call succeeded.
    """

    def __init__(self, status: int, result: Any = None) -> None:
        # The body stays out: it can hold what customers wrote.
        super().__init__(f"an answer with status {status} that is not the Bot API's")
        self.status = status
        self.result = result


class ApiSession(AiohttpSession):
    """aiogram's session with a bound for connecting, and without bodies in its exceptions."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        # pydantic keeps `Response[Message]` and the like only weakly: unless somebody holds them,
        # each answer after a garbage collection builds them again, which takes milliseconds.
        self._shapes: dict[Any, Any] = {}

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: int | None = None,  # noqa: ASYNC109 aiogram's signature
    ) -> TelegramType:
        """Call the Bot API.

        Args:
            timeout: seconds for the whole call; the session's by default.

        Raises:
            UnreadableAnswerError: see there.
            TelegramAPIError: the Bot API refused, or the network failed.
        """
        limits = ClientTimeout(
            total=self.timeout if timeout is None else timeout, connect=CONNECT_SECONDS
        )
        try:
            # aiogram hands this on to aiohttp, which takes a number or a ClientTimeout.
            return await super().make_request(bot, method, timeout=cast(int, limits))
        except UnicodeDecodeError:
            raise UnreadableAnswerError(0) from None

    async def close(self) -> None:
        """Close the connections.

        aiogram then waits for TLS to say goodbye, which a server on loopback has no part in.
        """
        if self.api.base.startswith("https:") or self._session is None:
            await super().close()
        else:
            await self._session.close()

    def check_response(
        self, bot: Bot, method: TelegramMethod[TelegramType], status_code: int, content: str
    ) -> Response[TelegramType]:
        """Read an answer; see `make_request` for the errors."""
        returned: Any = method.__returning__
        if returned not in self._shapes:
            self._shapes[returned] = Response[returned]
        try:
            return super().check_response(bot, method, status_code, content)
        except (ClientDecodeError, TypeError):
            # TypeError: aiogram looks into the description of a 5xx, which proxies leave out.
            raise UnreadableAnswerError(status_code, _succeeded(status_code, content)) from None


def _succeeded(status: int, content: str) -> Any:
    if status != 200:
        return None
    try:
        answer = json.loads(content)
    except ValueError:
        return None
    return answer.get("result") if isinstance(answer, dict) and answer.get("ok") is True else None


def build_bot(token: str, base_url: str | None = None) -> Bot:
    """Build the bot; nothing is sent yet.

    Args:
        base_url: of the Bot API server; Telegram's own by default.

    Raises:
        TelegramTokenError: the token can't be one.
    """
    api = PRODUCTION if base_url is None else TelegramAPIServer.from_base(base_url)
    session = ApiSession(api=api, timeout=REQUEST_SECONDS)
    try:
        return Bot(
            token, session=session, default=DefaultBotProperties(link_preview_is_disabled=True)
        )
    except TokenValidationError:
        raise TelegramTokenError(MALFORMED_TOKEN) from None
