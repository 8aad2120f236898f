"""The Telegram channel: what the worker and the sender ask of it."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import structlog
from aiogram import Bot, Dispatcher
from aiogram.enums import ChatAction
from aiogram.exceptions import AiogramError
from aiogram.types import Update
from aiogram.types.update import UpdateTypeLookupError
from aiogram.utils.backoff import BackoffConfig
from aiohttp import ClientError
from pydantic import ValidationError

from assistant.channel import Delivery, Handler, UnparsableError
from assistant.drafts import DraftPace
from assistant.messages import Outgoing
from assistant.telegram.bot import build_bot
from assistant.telegram.faults import describe
from assistant.telegram.formatting import MAX_TEXT, plain
from assistant.telegram.intake import BURST_SECONDS, Intake
from assistant.telegram.menu import publish_menu
from assistant.telegram.polling import PAUSES, Poller
from assistant.telegram.routers import build_dispatcher
from assistant.telegram.sender import Sender
from assistant.telegram.updates import REFUSED
from assistant.telegram.webhook import WATCH_SECONDS, Webhook
from assistant.voice import DownloadError
from db.clock import Clock
from db.repositories.inbox import InboxMessage
from db.repositories.pace import Pace
from db.store import Store

log = structlog.get_logger()

# https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
PACE = Pace(per_second=30, chat_seconds=1.0, group_per_minute=20)
# Telegram's own limit is about one message a second in a chat; a faster answer needs no draft.
DRAFT_PACE = DraftPace(after_seconds=1.0, every_seconds=1.0)
# A sign that somebody is writing is worthless once it is late, and must not hold the answer up.
_SIGN_SECONDS = 2
_DOWNLOAD_SECONDS = 20


class TelegramChannel:
    """One bot as a channel; see `assistant.channel.Channel`.

    Args:
        bot: built by `build_bot`.
        allowed_hosts: where links in Markdown may lead; None: anywhere on the web.
        pace: how fast messages may be sent.
    """

    def __init__(
        self, bot: Bot, *, allowed_hosts: frozenset[str] | None = None, pace: Pace = PACE
    ) -> None:
        self.name = f"telegram:{bot.id}"
        self.bot = bot
        self.pace = pace
        self.draft_pace = DRAFT_PACE
        self._dispatcher: Dispatcher = build_dispatcher()
        self._sender = Sender(bot, allowed_hosts=allowed_hosts)

    async def dispatch(self, message: InboxMessage, handler: Handler) -> bool:
        """Turn a stored update into an `Incoming` and let `handler` answer it.

        Returns:
            False where there is nothing to answer.

        Raises:
            UnparsableError: this version can't read the update.
        """
        update = self._parse(message)
        try:
            # Before aiogram does: it would print the whole of an unknown kind as a warning.
            _ = update.event_type
        except UpdateTypeLookupError:
            return False
        # Not feed_raw_update: that one logs exceptions with their texts. aiogram needs the name
        # "handler" for itself.
        response = await self._dispatcher.feed_update(
            self.bot, update, conversation=handler, stored=message
        )
        return response is True

    def _parse(self, message: InboxMessage) -> Update:
        if REFUSED in message.payload:
            raise UnparsableError("the database refused this update; it is kept as a string")
        try:
            return Update.model_validate(message.payload, context={"bot": self.bot})
        except ValidationError as error:
            # Where, not what: the values are the customer's.
            first = error.errors(include_input=False, include_url=False)[0]
            where = ".".join(str(step) for step in first["loc"])
            raise UnparsableError(f"{where}: {first['type']}") from None

    async def typing(self, chat_id: int) -> None:
        """Show that an answer is being written; never raises for the network or Telegram."""
        try:
            await self.bot.send_chat_action(
                chat_id, ChatAction.TYPING, request_timeout=_SIGN_SECONDS
            )
        except AiogramError as error:
            log.debug("telegram_typing_failed", chat_id=chat_id, error=describe(error))

    def takes_drafts(self, chat_id: int) -> bool:
        """Return whether it is a private chat: Telegram shows drafts nowhere else."""
        return chat_id > 0

    async def draft(self, chat_id: int, draft_id: int, text: str) -> bool:
        """Show the beginning of an answer in a private chat; never raises, like `typing`.

        Args:
            draft_id: not 0; the same one replaces what was shown before.
            text: Markdown, shown plain; its end is shown where it's too long.

        Returns:
            False where Telegram didn't take it: an answer isn't worth a second try.
        """
        shown = plain(text).text[-MAX_TEXT:]
        try:
            await self.bot.send_message_draft(
                chat_id, draft_id, text=shown, parse_mode=None, request_timeout=_SIGN_SECONDS
            )
        except AiogramError as error:
            log.debug("telegram_draft_failed", chat_id=chat_id, error=describe(error))
            return False
        return True

    async def send(self, chat_id: int, outgoing: Outgoing, *, first_attempt: bool) -> Delivery:
        """Send one message; never raises for what Telegram or the network does."""
        return await self._sender.send(chat_id, outgoing, first_attempt=first_attempt)

    async def download(self, file_id: str, *, max_bytes: int) -> bytes:
        """Return a file that somebody sent; see `assistant.voice.Downloads`."""
        try:
            # https://core.telegram.org/bots/api#getfile: the path is good for an hour.
            file = await self.bot.get_file(file_id, request_timeout=_DOWNLOAD_SECONDS)
            if file.file_path is None or (file.file_size or 0) > max_bytes:
                raise DownloadError("the file is too big")
            into = io.BytesIO()
            async with asyncio.timeout(_DOWNLOAD_SECONDS):
                await self.bot.download_file(file.file_path, into, timeout=_DOWNLOAD_SECONDS)
        except AiogramError as error:
            raise DownloadError(describe(error)) from None
        # The address holds the token: what aiohttp says of it must not get anywhere.
        except (ClientError, TimeoutError, OSError) as error:
            raise DownloadError(type(error).__name__) from None
        return into.getvalue()

    async def publish_menu(
        self,
        descriptions: Mapping[str, Mapping[str, str]],
        *,
        default_language: str,
        owners: Iterable[int] = (),
        theirs: Mapping[str, str] | None = None,
    ) -> int:
        """Set the menus of commands that differ; see `assistant.telegram.menu`."""
        return await publish_menu(
            self.bot,
            descriptions,
            default_language=default_language,
            owners=owners,
            theirs=theirs or {},
        )

    @property
    def allowed_updates(self) -> list[str]:
        """The kinds of updates that a router asks for."""
        return self._dispatcher.resolve_used_update_types()

    def poller(
        self,
        store: Store,
        business_id: int,
        clock: Clock,
        *,
        burst_seconds: float = BURST_SECONDS,
        on_stored: Callable[[], None] | None = None,
    ) -> Poller:
        """Return the poller of this bot.

        Args:
            burst_seconds: how long a chat is left alone after a text, as more may follow.
            on_stored: called after each commit, to wake this process's worker.
        """
        return Poller(
            self.bot,
            store,
            business_id,
            self.name,
            clock,
            allowed_updates=self.allowed_updates,
            burst_seconds=burst_seconds,
            on_stored=on_stored,
        )

    def webhook(
        self,
        store: Store,
        business_id: int,
        clock: Clock,
        base_url: str,
        *,
        secret: str | None = None,
        burst_seconds: float = BURST_SECONDS,
        on_stored: Callable[[], None] | None = None,
        watch_seconds: float = WATCH_SECONDS,
        pauses: BackoffConfig = PAUSES,
    ) -> Webhook:
        """Return the webhook of this bot; it is set and served by whoever holds it.

        Args:
            base_url: the public address that leads to this process.
            secret: see `Webhook`; also for `watch_seconds` and `pauses`.
            burst_seconds: how long a chat is left alone after a text, as more may follow.
            on_stored: called after each commit, to wake this process's worker.
        """
        intake = Intake(
            self.bot,
            store,
            business_id,
            self.name,
            clock,
            burst_seconds=burst_seconds,
            on_stored=on_stored,
        )
        return Webhook(
            intake,
            base_url,
            secret=secret,
            allowed_updates=self.allowed_updates,
            watch_seconds=watch_seconds,
            pauses=pauses,
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self.bot.session.close()


def build_channel(
    token: str,
    *,
    base_url: str | None = None,
    allowed_hosts: frozenset[str] | None = None,
    messages_per_second: int = PACE.per_second,
) -> TelegramChannel:
    """Build the channel of a bot; nothing is sent yet.

    Args:
        token: the bot's, from @BotFather.
        base_url: of the Bot API server; Telegram's own by default.
        allowed_hosts: where links in Markdown may lead; None: anywhere on the web.
        messages_per_second: to all chats together.

    Raises:
        TelegramTokenError: the token can't be one.
    """
    pace = replace(PACE, per_second=messages_per_second)
    return TelegramChannel(build_bot(token, base_url), allowed_hosts=allowed_hosts, pace=pace)
