"""The webhook: Telegram posts updates here; they are stored, and only then acknowledged.

The path is opaque and the secret header is compared in constant time: aiogram's own request handler
for several bots checks neither, so that anybody could post invented updates.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramRetryAfter
from aiogram.types import WebhookInfo
from aiogram.utils.backoff import Backoff, BackoffConfig
from aiohttp import hdrs, web

from assistant.health import Check
from assistant.telegram.faults import describe, is_token_refused
from assistant.telegram.intake import Intake
from assistant.telegram.polling import PAUSES
from assistant.telegram.problems import REFUSED_TOKEN, TelegramTokenError
from assistant.telegram.updates import update_id_of
from db.errors import DatabaseError

log = structlog.get_logger()

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
# Updates that Telegram delivers at once, over all processes behind the address. Its own default.
MAX_CONNECTIONS = 40
# Telegram gives up on an answer after about a minute; it is told before that to come again.
STORE_SECONDS = 10.0
RETRY_AFTER_SECONDS = 2
# How often it's looked whether the webhook is still this one.
WATCH_SECONDS = 60.0
# Trouble that Telegram reports is news for so long after its last failure.
_RECENT_SECONDS = 300.0


def derived_secret(token: str) -> str:
    """Return the secret of a bot for which none is set: the same one in every process."""
    return hmac.digest(token.encode(), b"webhook secret", hashlib.sha256).hex()


def own_secret(token: str, chosen: str) -> str:
    """Return the secret of one of several bots that a secret was chosen for: each has its own."""
    return hmac.digest(token.encode(), f"webhook secret {chosen}".encode(), hashlib.sha256).hex()


def opaque_name(token: str, secret: str) -> str:
    """Return the last part of the webhook's path: says nothing about the token.

    The secret goes into it, as Telegram doesn't tell which secret it was given: a webhook with
    another secret has another address, and so is found to differ and set again.
    """
    return hmac.digest(token.encode(), f"webhook path {secret}".encode(), hashlib.sha256).hex()[:40]


class Webhook:
    """Receives the updates of one bot. Any number of processes may share one address.

    Args:
        intake: where the updates go.
        base_url: the public address, without the path that is added here.
        secret: sent by Telegram with each update; made from the token by default.
        allowed_updates: the kinds to ask for, by their names in the Bot API.
        watch_seconds: between looks at what Telegram has set.
        pauses: between attempts to set it.
    """

    def __init__(
        self,
        intake: Intake,
        base_url: str,
        *,
        secret: str | None = None,
        allowed_updates: list[str],
        watch_seconds: float = WATCH_SECONDS,
        pauses: BackoffConfig = PAUSES,
    ) -> None:
        self._intake = intake
        self._bot: Bot = intake.bot
        self._secret = secret or derived_secret(self._bot.token)
        self.name = opaque_name(self._bot.token, self._secret)
        self.url = f"{base_url}/telegram/{self.name}"
        self._allowed_updates = allowed_updates
        self._watch_seconds = watch_seconds
        self._backoff = Backoff(pauses)
        self._state = Check(False, "the webhook is not set yet")

    def check(self) -> Check:
        """Say what Telegram thinks of the webhook; serious until it was set once."""
        return self._state

    # --- what Telegram posts

    async def receive(self, request: web.Request) -> web.Response:
        """Take one update: 200 once it is stored, 503 while it can't be."""
        if not _same(request.headers.get(SECRET_HEADER, ""), self._secret):
            log.warning("telegram_webhook_wrong_secret", channel=self._intake.channel_name)
            raise web.HTTPForbidden
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType
        try:
            update = _decoded(await request.read())
        except ConnectionError:  # broken off by a proxy or by Telegram, which brings it again
            log.info("telegram_webhook_broken_off", channel=self._intake.channel_name)
            raise web.HTTPBadRequest from None
        if update is None:
            log.error("telegram_update_without_number", channel=self._intake.channel_name)
            raise web.HTTPBadRequest
        try:
            async with asyncio.timeout(STORE_SECONDS):
                await self._intake.take([update])
        except (DatabaseError, TimeoutError) as error:
            log.warning(
                "telegram_inbox_unavailable",
                channel=self._intake.channel_name,
                update_id=update["update_id"],
                error=str(error) or type(error).__name__,
            )
            return web.Response(status=503, headers={hdrs.RETRY_AFTER: str(RETRY_AFTER_SECONDS)})
        self._intake.answer_press(update)
        return web.Response()

    async def aclose(self) -> None:
        """Let what is under way end; the webhook stays set: Telegram keeps what comes meanwhile."""
        await self._intake.finish_presses()

    # --- what Telegram is told

    async def run(self, stop: asyncio.Event) -> None:
        """Set the webhook, and again whenever somebody changed it, until `stop` is set.

        Raises:
            TelegramTokenError: Telegram doesn't accept the token.
        """
        while not stop.is_set():
            try:
                pause = await self._look()
            except AiogramError as error:
                pause = self._failed(error)
            try:
                await asyncio.wait_for(stop.wait(), pause)
            except TimeoutError:
                continue

    async def _look(self) -> float:
        info = await self._bot.get_webhook_info()
        if self._differs(info):
            # What people wrote while nobody listened is kept: nothing pending is dropped.
            await self._bot.set_webhook(
                self.url,
                secret_token=self._secret,
                allowed_updates=self._allowed_updates,
                max_connections=MAX_CONNECTIONS,
            )
            log.info("telegram_webhook_set", channel=self._intake.channel_name)
            self._state = Check(True, "set")
        else:
            self._state = _trouble(info) or Check(True, "set")
        self._backoff.reset()
        return self._watch_seconds

    def _differs(self, info: WebhookInfo) -> bool:
        return (
            info.url != self.url
            or set(info.allowed_updates or ()) != set(self._allowed_updates)
            or info.max_connections != MAX_CONNECTIONS
        )

    def _failed(self, error: AiogramError) -> float:
        if is_token_refused(error):
            raise TelegramTokenError(REFUSED_TOKEN) from None
        pause = (
            float(error.retry_after)
            if isinstance(error, TelegramRetryAfter)
            else max(next(self._backoff), 0.0)
        )
        log.warning(
            "telegram_webhook_unknown",
            channel=self._intake.channel_name,
            error=describe(error),
            pause_seconds=round(pause, 1),
        )
        if self._state.serious and not self._state.ok:
            self._state = Check(False, f"the webhook can't be set: {describe(error)}")
        else:  # it was set: updates come in without our asking
            self._state = Check(False, f"Telegram can't be asked: {describe(error)}", serious=False)
        return pause


def _same(given: str, wanted: str) -> bool:
    """Compare in a time that doesn't tell how much of it was right; `given` may be any bytes."""
    return hmac.compare_digest(given.encode(errors="surrogateescape"), wanted.encode())


def _decoded(body: bytes) -> dict[str, Any] | None:
    """Return the update in a body; None where there is none that could be stored."""
    try:
        update = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return update if update_id_of(update) is not None else None


def _trouble(info: WebhookInfo) -> Check | None:
    """Return what keeps Telegram from delivering, if it lately failed and updates wait."""
    failed = info.last_error_date
    if failed is None or not info.pending_update_count:
        return None
    if time.time() - failed.timestamp() > _RECENT_SECONDS:
        return None
    return Check(
        False,
        f"{info.pending_update_count} updates wait; Telegram says: {info.last_error_message}",
        serious=False,
    )


def add_routes(app: web.Application, webhooks: list[Webhook]) -> None:
    """Let an application receive the updates of some bots.

    Whatever stands before "/telegram/" is taken: some proxies pass a prefix on, others cut it off.
    """

    async def receive(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        for webhook in webhooks:
            if _same(name, webhook.name):
                return await webhook.receive(request)
        raise web.HTTPNotFound

    async def close(_: web.Application) -> None:
        for webhook in webhooks:
            await webhook.aclose()

    app.router.add_post("/{prefix:(?:.*/)?}telegram/{name}", receive)
    # Not on_shutdown: that one runs before open requests have ended.
    app.on_cleanup.append(close)
