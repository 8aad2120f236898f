"""A chat whose prompts are edited while it goes on."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from sqlalchemy import text

from assistant.admin.alerts import AdminAlerts
from assistant.admin.prompts import PromptAdmin
from assistant.conversation import Conversation
from assistant.editions import Editions
from assistant.messages import File, Incoming, IncomingKind, Person
from assistant.model.port import ModelSettings
from assistant.preview import Preview
from assistant.turn.answer import TurnLimits
from assistant.turn.engine import TurnEngine
from assistant.voice import DownloadError
from booking.business import Business
from db.store import Store
from tests.fakes.model import ScriptedModel, says
from tools.support.registry import discover

ADMIN, STRANGER, OTHER_ADMIN = 7, 8, 9
CHANNEL = "telegram:1"


def process(folder: Path, store: Store, **timing: float) -> Editions:
    """The editions of one process, which looks at the folder on every turn."""
    editions = Editions(folder, **{"poll_seconds": 0.0, "settle_seconds": 0.0, **timing})
    editions.connect(store, AdminAlerts(store, [ADMIN]).broken_prompts)
    return editions


class Chats:
    """Chats with one process of the assistant. `requests` are those that the model got."""

    def __init__(self, store: Store, business: Business, editions: Editions) -> None:
        self.store, self.business = store, business
        self.model = ScriptedModel([])
        registry, limits = discover(), TurnLimits()
        preview = Preview(ModelSettings(api_key=""), registry, limits, history_turns=20)
        engine = TurnEngine(self.model, registry, editions.latest.texts, limits)
        self.conversation = Conversation(
            store,
            {CHANNEL: business.id},
            editions,
            engine,
            admin=PromptAdmin([ADMIN, OTHER_ADMIN], preview, {CHANNEL: self}),
        )
        self.update_id = 1000 * id(self) % 10**9
        self.files: dict[str, bytes] = {}

    async def download(self, file_id: str, *, max_bytes: int) -> bytes:
        """Hand out a file that was sent."""
        if len(self.files[file_id]) > max_bytes:
            raise DownloadError("too large")
        return self.files[file_id]

    async def sends(self, name: str, content: bytes, who: int = ADMIN, **more: Any) -> str:
        """Send a file and return what comes back."""
        self.files[name] = content
        chat = more.get("chat_id")
        incoming = self.incoming("", who, chat).model_copy(
            update={"kind": IncomingKind.OTHER, "file": File(file_id=name, name=name)}
        )
        await self.conversation.handle(incoming, inbox_ids=[])
        return "\n".join(await self.told(incoming.chat_id))

    async def says(self, message: str, who: int = STRANGER, *, chat_id: int | None = None) -> str:
        """Send a message or command and return what comes back."""
        incoming = self.incoming(message, who, chat_id)
        if incoming.kind is IncomingKind.TEXT:
            self.model.steps.append(says("How can I help you?"))
        await self.conversation.handle(incoming, inbox_ids=[])
        return "\n".join(await self.told(incoming.chat_id))

    def incoming(self, message: str, who: int, chat_id: int | None = None) -> Incoming:
        """The next update of a chat."""
        self.update_id += 1
        command, _, argument = message[1:].partition(" ")
        said: dict[str, Any] = {"kind": IncomingKind.TEXT, "text": message}
        if message.startswith("/"):
            said = {"kind": IncomingKind.COMMAND, "command": command, "text": argument}
        return Incoming(
            channel=CHANNEL,
            chat_id=chat_id or who,
            update_id=self.update_id,
            person=Person(telegram_id=who, first_name="Ada", language_code="en"),
            received_at=self.store.clock.now(),
            **said,
        )

    async def told(self, chat_id: int) -> list[str]:
        """Take what waits to be sent to a chat."""
        async with self.store.worker() as session:
            rows = await session.execute(
                text(
                    "UPDATE outbox SET state = 'sent' WHERE state = 'queued' AND chat_id = :chat"
                    " RETURNING id, concat(payload->>'text', payload->'document'->>'content')"
                ),
                {"chat": chat_id},
            )
            return [row[1] for row in sorted(rows.all())]

    async def rows(self, statement: str) -> list[Any]:
        """Read a column of the business's rows."""
        async with self.store.database.transaction(self.business.id, worker=True) as session:
            return list(await session.scalars(text(statement)))


def edit(file: Path, old: str, new: str) -> None:
    """Change a file, and its time of change for certain."""
    source = file.read_text("utf-8")
    assert old in source
    stat = file.stat()
    file.write_text(source.replace(old, new, 1), encoding="utf-8")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns + 10**9))


def age(folder: Path, *, hours: float) -> None:
    """Let all files of a folder be that old."""
    then = time.time() - hours * 3600
    for path in folder.rglob("*.*"):
        os.utime(path, (then, then))
