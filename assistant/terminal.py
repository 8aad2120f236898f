"""The terminal as a channel: one message a line, buttons as numbers, from a keyboard or a pipe."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable

from pydantic import ValidationError

from assistant.app import App
from assistant.channel import Delivery, Handler, Sent, UnparsableError
from assistant.messages import Button, Incoming, IncomingKind, Outgoing, Person
from booking.business import Business
from db.errors import DatabaseUnavailableError
from db.repositories.inbox import InboxMessage, InboxRepository

PROMPT = "> "
# A line may be longer than any message that is answered; the rest of it isn't kept in memory.
_MAX_LINE = 1 << 20


class TerminalChannel:
    """Prints what is sent, numbers its buttons, and reads typed lines as messages.

    Args:
        name: the channel's name.
        write: prints a text.
    """

    pace = None

    def __init__(self, name: str, write: Callable[[str], None]) -> None:
        self.name = name
        self._write = write
        self._buttons: list[Button] = []
        self._fresh = True

    def begin_turn(self) -> None:
        """Let the next buttons be numbered from 1 again."""
        self._fresh = True

    def read(self, line: str) -> tuple[IncomingKind, dict[str, str | None]]:
        """Return what a typed line means: a command, the number of a button, or a text."""
        text = line.strip()
        if text.startswith("/") and len(text) > 1:
            command, _, argument = text[1:].partition(" ")
            return IncomingKind.COMMAND, {"command": command.lower(), "text": argument.strip()}
        if text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= len(self._buttons):
            return IncomingKind.PRESS, {"action": self._buttons[int(text[:4]) - 1].action}
        return IncomingKind.TEXT, {"text": text}

    async def dispatch(self, message: InboxMessage, handler: Handler) -> bool:
        """Hand a stored line to `handler`."""
        try:
            incoming = Incoming.model_validate(message.payload)
        except ValidationError as error:
            raise UnparsableError(f"{error.error_count()} fields can't be read") from None
        await handler.handle(incoming, inbox_ids=[message.id])
        return True

    async def typing(self, chat_id: int) -> None:
        """Nothing to show: the answer comes at once, or the cursor waits."""

    async def send(self, chat_id: int, outgoing: Outgoing, *, first_attempt: bool) -> Delivery:
        """Print a message and its buttons."""
        self._write(f"\n{outgoing.text}")
        if outgoing.buttons and self._fresh:
            self._buttons, self._fresh = [], False
        for row in outgoing.buttons:
            self._write("  " + "   ".join(self._numbered(button) for button in row))
        return Sent()

    def _numbered(self, button: Button) -> str:
        self._buttons.append(button)
        return f"[{len(self._buttons)}] {button.label}"


async def chat(
    app: App, business: Business, *, telegram_id: int, write: Callable[[str], None]
) -> None:
    """Talk in the terminal until the input ends.

    Args:
        business: whose customer one is.
        telegram_id: who one is.
        write: prints a text.
    """
    channel = TerminalChannel(f"terminal:{business.slug}", write)
    session = _Session(app, business, channel, telegram_id, write)
    async with app.presence.kept():  # what a killed terminal had in hand is free at once
        await session.catch_up()
        await session.enter("/start")
        interactive = sys.stdin.isatty()
        async for line in _lines(interactive, write):
            if line.strip():
                await session.enter(line)
    write("\n" + app.script.texts.say("terminal_goodbye", business.languages[0]))


class _Session:
    """One person at the terminal."""

    def __init__(
        self,
        app: App,
        business: Business,
        channel: TerminalChannel,
        telegram_id: int,
        write: Callable[[str], None],
    ) -> None:
        self._app = app
        self._business = business
        self._channel = channel
        self._person = Person(telegram_id=telegram_id)
        self._write = write
        self._worker, self._sender = app.pipeline({channel.name: (channel, business)})

    async def enter(self, line: str) -> None:
        """Send one line and print the answers; a database that is away is told, nothing lost."""
        for attempt in (1, 2):
            try:
                await self._store(line)
                await self.catch_up()
            except DatabaseUnavailableError:
                if attempt == 1 and await self._app.revive_database():
                    continue
                language = self._business.languages[0]
                self._write("\n" + self._app.script.texts.say("temporarily_unavailable", language))
            return

    async def catch_up(self) -> None:
        """Answer what is open in this chat and print what is due."""
        chat_id, name = self._person.telegram_id, self._channel.name
        await self._worker.drain(name, chat_id)
        await self._sender.send_due(name, chat_id=chat_id)

    async def _store(self, line: str) -> None:
        kind, content = self._channel.read(line)
        self._channel.begin_turn()
        name, chat_id, now = (
            self._channel.name,
            self._person.telegram_id,
            self._app.store.clock.now(),
        )
        async with self._app.store.worker() as session:
            inbox = InboxRepository(session)
            incoming = Incoming(
                channel=name,
                chat_id=chat_id,
                update_id=await inbox.next_update_id(name),
                person=self._person,
                kind=kind,
                received_at=now,
                **{key: value for key, value in content.items() if value is not None},
            )
            payload = incoming.model_dump(mode="json")
            await inbox.store(
                self._business.id, name, chat_id, incoming.update_id, payload, received_at=now
            )


async def _lines(interactive: bool, write: Callable[[str], None]) -> AsyncIterator[str]:
    """Yield the lines of standard input without blocking the loop."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=_MAX_LINE)
    try:
        transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
        )
    except ValueError:  # a regular file can't be polled, but it doesn't block either
        for line in sys.stdin:
            yield line
        return
    try:
        while True:
            if interactive:
                sys.stdout.write(f"\n{PROMPT}")
                sys.stdout.flush()
            raw = await reader.readline()
            if not raw:
                return
            yield raw.decode("utf-8", errors="replace")
    finally:
        transport.close()
