"""The terminal as a channel: one message a line, buttons as numbers, from a keyboard or a pipe."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator, Callable

from pydantic import ValidationError

from assistant.app import App
from assistant.channel import Delivery, Handler, Sent, UnparsableError
from assistant.drafts import DraftPace
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
        live: writes to a terminal whose cursor can go back; None = there is none.
    """

    pace = None
    # There is no round trip, and the text is to be seen growing.
    draft_pace = DraftPace(after_seconds=0.0, every_seconds=0.0)

    def __init__(
        self,
        name: str,
        write: Callable[[str], None],
        live: Callable[[str], None] | None = None,
    ) -> None:
        self.name = name
        self._write = write
        self._live = live
        self._growing = ""
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

    def takes_drafts(self, chat_id: int) -> bool:
        """Return whether somebody looks at a terminal."""
        return self._live is not None

    async def draft(self, chat_id: int, draft_id: int, text: str) -> bool:
        """Print what was added to a growing text; one that goes on otherwise takes its place."""
        if self._live is None:
            return False
        if not text.startswith(self._growing):
            self._take_back()
        self._live(text[len(self._growing) :] if self._growing else f"\n{text}")
        self._growing = text
        return True

    def _take_back(self) -> None:
        """Wipe a growing text off the screen: what is sent stands there alone."""
        if self._live is None or not self._growing:
            return
        width = shutil.get_terminal_size().columns
        rows = sum(1 + max(0, len(row) - 1) // width for row in self._growing.split("\n"))
        # To the line above the text's first one, and clear from there.
        self._live(f"\x1b[{rows}F\x1b[J")
        self._growing = ""

    async def send(self, chat_id: int, outgoing: Outgoing, *, first_attempt: bool) -> Delivery:
        """Print a message and its buttons."""
        self._take_back()
        self._write(f"\n{outgoing.text}")
        if outgoing.document is not None:
            self._write(f"📎 {outgoing.document.name}")
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
    interactive = sys.stdin.isatty()
    live = _write_at_once if interactive and sys.stdout.isatty() else None
    channel = TerminalChannel(f"terminal:{business.slug}", write, live)
    session = _Session(app, business, channel, telegram_id, write)
    async with app.presence.kept():  # what a killed terminal had in hand is free at once
        await session.catch_up()
        await session.enter("/start")
        async for line in _lines(interactive, write):
            if line.strip():
                await session.enter(line)
    write("\n" + app.script.texts.say("terminal_goodbye", business.languages[0]))


def _write_at_once(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


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
