"""The pretend world: people, chats, messages, files, and what one can see of them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .signals import Signal

Json = dict[str, Any]


@dataclass(frozen=True)
class Button:
    """One inline button as a person sees it; `data` or `url` according to what it does."""

    label: str
    data: str | None
    url: str | None = None


@dataclass(frozen=True)
class BotMessage:
    """A message of the bot as it stood at one moment.

    A press on it sends what its buttons said then, even if the bot has edited it since: that is
    the stale press of a person whose screen is behind. `entities` and `raw` are in the shapes of
    the Bot API; `rows` keeps the keyboard's layout; `reply_keyboard` holds the labels of a
    keyboard in place of the letters; `document` the bytes of a file; `edited` tells that this is
    the state after an edit.
    """

    chat_id: int
    message_id: int
    text: str
    entities: tuple[Json, ...]
    rows: tuple[tuple[Button, ...], ...]
    reply_keyboard: tuple[str, ...]
    document: bytes | None
    edited: bool
    raw: Json

    @property
    def buttons(self) -> tuple[Button, ...]:
        """All inline buttons in reading order."""
        return tuple(button for row in self.rows for button in row)

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the inline buttons in reading order."""
        return tuple(button.label for button in self.buttons)


@dataclass
class Message:
    """A stored message: what the API shows of it, and the keyboard that it does not show."""

    raw: Json
    by_bot: bool
    keyboard: Json | None = None
    document: bytes | None = None
    deleted: bool = False


@dataclass
class Chat:
    """One chat. `open` when the bot may write; `blocked` when the person has blocked it."""

    id: int
    shape: Json
    open: bool = False
    blocked: bool = False
    messages: dict[int, Message] = field(default_factory=dict)
    shown: list[BotMessage] = field(default_factory=list)
    notices: list[Json] = field(default_factory=list)
    drafts: list[Json] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    @property
    def private(self) -> bool:
        """Whether this is a chat with one person."""
        return bool(self.shape["type"] == "private")


@dataclass(frozen=True)
class StoredFile:
    """A file on the server, with the path under which it can be fetched."""

    file_id: str
    path: str
    content: bytes

    def shape(self) -> Json:
        """The File object of the Bot API."""
        return {
            "file_id": self.file_id,
            "file_unique_id": self.file_id[-8:],
            "file_size": len(self.content),
            "file_path": self.path,
        }


@dataclass
class Query:
    """A button press that waits for its answer. `pressed_at` in seconds of the limits' clock."""

    chat: Chat
    pressed_at: float
    answer: Json | None = None


def buttons_of(keyboard: Json | None) -> tuple[tuple[Button, ...], ...]:
    """The inline buttons of a stored keyboard, row by row."""
    return tuple(
        tuple(Button(b["text"], b.get("callback_data"), b.get("url")) for b in row)
        for row in (keyboard or {}).get("inline_keyboard", [])
    )


class World:
    """Everything that exists on the fake server. Change it with `signal.lock` held."""

    def __init__(self, bot_id: int, bot_username: str) -> None:
        self.signal = Signal()
        self.bot: Json = {
            "id": bot_id,
            "is_bot": True,
            "first_name": "Test bot",
            "username": bot_username,
        }
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, StoredFile] = {}
        self.queries: dict[str, Query] = {}
        self.listeners: list[Callable[[Chat, str], None]] = []
        self._message_id = 0
        self._serial = 0

    def serial(self) -> int:
        """The next number for anything that needs a name of its own."""
        self._serial += 1
        return self._serial

    def find_chat(self, chat: str) -> Chat | None:
        """A chat by its identifier or @username, as text."""
        if re.fullmatch(r"-?[0-9]{1,19}", chat):
            return self.chats.get(int(chat))
        names = (c for c in self.chats.values() if f"@{c.shape.get('username')}" == chat)
        return next(names, None)

    def store_file(self, folder: str, suffix: str, content: bytes) -> StoredFile:
        """Keep a file; it gets an identifier and a path."""
        number = self.serial()
        stored = StoredFile(f"FILE{number:012d}", f"{folder}/file_{number}{suffix}", content)
        self.files[stored.file_id] = stored
        return stored

    def new_message(self, chat: Chat, sender: Json, content: Json) -> Message:
        """Put a message into the chat; content in the shape of the Bot API."""
        self._message_id += 1
        raw = {
            "message_id": self._message_id,
            "from": sender,
            "chat": chat.shape,
            "date": int(time.time()),
            **content,
        }
        message = Message(raw, by_bot=sender is self.bot)
        chat.messages[self._message_id] = message
        return message

    def show(self, chat: Chat, message: Message, *, edited: bool = False) -> None:
        """Let the people in the chat see a new or edited message of the bot."""
        raw = message.raw
        keyboard = message.keyboard or {}
        rows = keyboard.get("keyboard", [])
        labels = tuple(b if isinstance(b, str) else b["text"] for row in rows for b in row)
        shown = BotMessage(
            chat_id=chat.id,
            message_id=raw["message_id"],
            text=str(raw.get("text") or raw.get("caption") or ""),
            entities=tuple(raw.get("entities") or raw.get("caption_entities") or ()),
            rows=buttons_of(message.keyboard),
            reply_keyboard=labels,
            document=message.document,
            edited=edited,
            raw=raw,
        )
        chat.shown.append(shown)
        extra = [f"[{button.label}]" for button in shown.buttons]
        extra += [f"({label})" for label in labels]
        kinds = ("document", "venue", "photo", "voice", "sticker", "contact")
        extra += [f"<{kind}>" for kind in kinds if kind in raw]
        verb = f"Bot edits #{raw['message_id']}" if edited else f"Bot #{raw['message_id']}"
        self.note(chat, f"{verb}: {shown.text}" + "".join(f"\n    {line}" for line in extra))

    def note(self, chat: Chat, line: str) -> None:
        """One more line of the chat's transcript."""
        chat.lines.append(line)
        for listener in self.listeners:
            listener(chat, line)
