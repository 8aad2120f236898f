"""A pretend person with a phone: writes, presses, waits for what the bot says."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .entities import utf16_length
from .limits import MAX_TEXT, Limits
from .signals import Deadline
from .updates import Updates
from .world import BotMessage, Chat, Json, Message, Query, World

Wanted = str | re.Pattern[str] | Callable[[BotMessage], bool] | None

_COMMAND = re.compile(r"(?<!\S)/[a-zA-Z0-9_]{1,32}(?:@[a-zA-Z0-9_]{3,32})?(?![a-zA-Z0-9_/@])")


@dataclass(frozen=True)
class Sent:
    """What a person sent. A text over the limit goes out in parts, as real clients do it.

    `update_ids` leaves out what the bot has not asked for.
    """

    message_ids: tuple[int, ...]
    update_ids: tuple[int, ...]

    @property
    def message_id(self) -> int:
        """Identifier of the first part."""
        return self.message_ids[0]

    @property
    def update_id(self) -> int:
        """Update of the first part."""
        return self.update_ids[0]


@dataclass(frozen=True)
class Press:
    """A press on a button; `update_id` is None where the bot has not asked for presses."""

    callback_query_id: str
    update_id: int | None
    data: str


class Group:
    """A supergroup with the bot in it."""

    def __init__(self, world: World, chat_id: int, title: str) -> None:
        if chat_id >= 0:
            raise ValueError("the chat_id of a group is negative")
        shape = {"id": chat_id, "type": "supergroup", "title": title}
        with world.signal.lock:
            self.chat = world.chats.setdefault(chat_id, Chat(chat_id, shape, open=True))


class Person:
    """One person; safe to use from any thread and any event loop."""

    def __init__(self, world: World, updates: Updates, limits: Limits, user: Json) -> None:
        self.user = user
        self._limits = limits
        self._world = world
        self._updates = updates
        self._seen: dict[int, int] = {}
        names = ("id", "first_name", "last_name", "username")
        shape = {name: user[name] for name in names if name in user}
        self.chat = Chat(user["id"], {**shape, "type": "private"})
        world.chats[self.chat.id] = self.chat

    @property
    def name(self) -> str:
        """The first name, as the transcript shows it."""
        return str(self.user["first_name"])

    # What a person does

    def says(
        self, text: str, *, in_group: Group | None = None, reply_to: BotMessage | Sent | None = None
    ) -> Sent:
        """Send a text. Raises ValueError for one that no client would send.

        Arguments: the message that is replied to, the bot's or one's own, in the same chat.
        """
        if not text.strip():
            raise ValueError("a person can't send an empty message")
        text = text.strip()
        parts = [text[at : at + MAX_TEXT] for at in range(0, len(text), MAX_TEXT)]
        replied = self._replied(reply_to)
        sent = [self._send({**_text_content(part), **replied}, part, in_group) for part in parts]
        return Sent(
            tuple(number for number, _ in sent),
            tuple(update for _, update in sent if update is not None),
        )

    def sends_voice(self, content: bytes, seconds: int) -> Sent:
        """Send a voice message of so many seconds; the bytes can be fetched through getFile."""
        shape = self._file("voice", ".oga", content)
        voice = {**shape, "duration": seconds, "mime_type": "audio/ogg"}
        return _one(self._send({"voice": voice}, f"<voice, {seconds} s>", None))

    def sends_file(self, name: str, content: bytes, caption: str | None = None) -> Sent:
        """Send a document; the bytes can be fetched through getFile."""
        shape = self._file("documents", f"_{name}", content)
        shown: Json = {"document": {**shape, "file_name": name, "mime_type": "text/markdown"}}
        if caption:
            shown["caption"] = caption
        return _one(self._send(shown, f"<file {name}>", None))

    def sends_photo(self, caption: str | None = None) -> Sent:
        """Send a photo, with or without words."""
        shape = self._file("photos", ".jpg", b"\xff\xd8\xff\xe0 not a real picture")
        content: Json = {"photo": [{**shape, "width": 90, "height": 60}]}
        if caption:
            content["caption"] = caption
        return _one(self._send(content, f"<photo> {caption or ''}".rstrip(), None))

    def sends_contact(self, phone_number: str, *, user_id: int | None = None) -> Sent:
        """Send a card: one's own, or with another `user_id` somebody else's (0: no account)."""
        owner = self.user["id"] if user_id is None else user_id
        contact: Json = {"phone_number": phone_number, "first_name": self.name}
        if owner:
            contact["user_id"] = owner
        return _one(self._send({"contact": contact}, f"<contact {phone_number}>", None))

    def sends_sticker(self, emoji: str = "👍") -> Sent:
        """Send a sticker."""
        shape = self._file("stickers", ".webp", b"not a real sticker")
        flags = {"is_animated": False, "is_video": False, "width": 512, "height": 512}
        sticker = {**shape, **flags, "type": "regular", "emoji": emoji}
        return _one(self._send({"sticker": sticker}, f"<sticker {emoji}>", None))

    def edits(self, message: Sent | int, text: str) -> int | None:
        """Change the text of one's own message; the identifier of the update."""
        number = message if isinstance(message, int) else message.message_id
        with self._world.signal.lock:
            chat, stored = self._find(number)
            if stored.by_bot or "text" not in stored.raw:
                raise ValueError(f"message #{number} is not one that {self.name} can edit")
            kept = {k: v for k, v in stored.raw.items() if k not in {"text", "entities"}}
            stored.raw = {**kept, **_text_content(text), "edit_date": int(time.time())}
            self._world.note(chat, f"{self.name} edits #{number}: {text}")
            return self._queue("edited_message", stored.raw, ("chat", chat.id))

    def presses(self, message: BotMessage, button: str | int) -> Press:
        """Press an inline button, by its label or its place counted from 0.

        The button is looked for in the message as it was shown when it was received, so that a
        press after an edit is a stale press. Raises ValueError where there is no such button.
        """
        buttons = message.buttons
        if isinstance(button, int):
            found = buttons[button : button + 1] if button >= 0 else ()
        else:
            found = tuple(b for b in buttons if b.label == button)
        if len(found) != 1:
            raise ValueError(f"{len(found)} buttons {button!r} among {message.labels}")
        data = found[0].data
        if data is None:
            raise ValueError(f"the button {found[0].label!r} sends nothing to the bot")
        with self._world.signal.lock:
            chat, stored = self._find(message.message_id)
            query_id = str(7_000_000_000 + self._world.serial())
            gone = {"chat": chat.shape, "message_id": message.message_id, "date": 0}
            body = {
                "id": query_id,
                "from": self.user,
                "chat_instance": str(chat.id),
                "message": gone if stored.deleted else stored.raw,
                "data": data,
            }
            self._world.queries[query_id] = Query(chat, self._limits.clock())
            self._world.note(chat, f"{self.name} presses [{found[0].label}]")
            update_id = self._queue("callback_query", body, ("user", self.user["id"]))
            return Press(query_id, update_id, data)

    def blocks(self) -> int | None:
        """Block the bot: it gets a my_chat_member update if it asks for these, and 403."""
        return self._member("member", "kicked")

    def unblocks(self) -> int | None:
        """Let the bot write again."""
        return self._member("kicked", "member")

    # What a person sees

    async def waits_for(
        self,
        wanted: Wanted = None,
        timeout: float = 30.0,  # noqa: ASYNC109 the test's patience
        *,
        in_group: Group | None = None,
    ) -> BotMessage:
        """The next message or edit of the bot, not seen before, that matches.

        Arguments: a regular expression searched for in the text, or a function of the message,
        or None for any; patience in seconds. What came before the match counts as seen too.
        Raises AssertionError with the transcript of the chat when nothing came.
        """
        chat = in_group.chat if in_group else self.chat
        deadline = Deadline(timeout)
        while True:
            with self._world.signal.lock:
                version = self._world.signal.version
                if found := self._next(chat, wanted):
                    return found
            if not deadline.left():
                raise AssertionError(self._complaint(chat, wanted, timeout))
            await self._world.signal.wait(version, deadline.left())

    def waits_for_sync(
        self, wanted: Wanted = None, timeout: float = 30.0, *, in_group: Group | None = None
    ) -> BotMessage:
        """The same for a test without an event loop; the server must run in a thread."""
        chat = in_group.chat if in_group else self.chat
        deadline = Deadline(timeout)
        while True:
            with self._world.signal.lock:
                version = self._world.signal.version
                if found := self._next(chat, wanted):
                    return found
            if not deadline.left():
                raise AssertionError(self._complaint(chat, wanted, timeout))
            self._world.signal.wait_sync(version, deadline.left())

    def answer_to(self, press: Press) -> Json | None:
        """What the bot answered to a press (`text`, `show_alert`), or None as yet."""
        with self._world.signal.lock:
            query = self._world.queries.get(press.callback_query_id)
            return query.answer if query else None

    def unseen(self) -> list[BotMessage]:
        """Messages and edits of the bot that nothing has waited for yet."""
        with self._world.signal.lock:
            return self.chat.shown[self._seen.get(self.chat.id, 0) :]

    def last(self) -> BotMessage:
        """The newest message or edit of the bot, seen or not."""
        with self._world.signal.lock:
            if not self.chat.shown:
                raise AssertionError(f"the bot has said nothing to {self.name}")
            return self.chat.shown[-1]

    def transcript(self) -> str:
        """The chat so far as text."""
        with self._world.signal.lock:
            return "\n".join(self.chat.lines)

    # Inside

    def _find(self, message_id: int) -> tuple[Chat, Message]:
        for chat in self._world.chats.values():
            if message_id in chat.messages and (chat is self.chat or not chat.private):
                return chat, chat.messages[message_id]
        raise ValueError(f"{self.name} sees no message #{message_id}")

    def _next(self, chat: Chat, wanted: Wanted) -> BotMessage | None:
        seen = self._seen.get(chat.id, 0)
        for index in range(seen, len(chat.shown)):
            message = chat.shown[index]
            if _matches(wanted, message):
                self._seen[chat.id] = index + 1
                return message
        return None

    def _complaint(self, chat: Chat, wanted: Wanted, timeout: float) -> str:
        with self._world.signal.lock:
            lines = "\n".join(chat.lines) or "(nothing was said)"
        return f"{self.name} waited {timeout:g} s for {wanted!r} in vain. The chat:\n{lines}"

    def _replied(self, message: BotMessage | Sent | None) -> Json:
        """What a message has that replies: the other one, without what that replied to."""
        if message is None:
            return {}
        with self._world.signal.lock:
            _, stored = self._find(message.message_id)
            kept = {k: v for k, v in stored.raw.items() if k != "reply_to_message"}
            return {"reply_to_message": kept}

    def _file(self, folder: str, suffix: str, content: bytes) -> Json:
        with self._world.signal.lock:
            shape = self._world.store_file(folder, suffix, content).shape()
        return {name: value for name, value in shape.items() if name != "file_path"}

    def _send(self, content: Json, line: str, group: Group | None) -> tuple[int, int | None]:
        with self._world.signal.lock:
            chat = group.chat if group else self.chat
            if chat.blocked:
                raise ValueError(f"{self.name} has blocked the bot and must unblock it first")
            chat.open = True
            message = self._world.new_message(chat, self.user, content)
            self._world.note(chat, f"{self.name}: {line}")
            update_id = self._queue("message", message.raw, ("chat", chat.id))
            return message.raw["message_id"], update_id

    def _queue(self, kind: str, body: Json, lane: tuple[str, int]) -> int | None:
        update_id = self._updates.add(kind, body, lane)
        self._world.signal.notify()
        return update_id

    def _member(self, before: str, after: str) -> int | None:
        with self._world.signal.lock:
            self.chat.blocked = after == "kicked"
            bot = self._world.bot
            body = {
                "chat": self.chat.shape,
                "from": self.user,
                "date": int(time.time()),
                "old_chat_member": _membership(bot, before),
                "new_chat_member": _membership(bot, after),
            }
            self._world.note(self.chat, f"{self.name}'s chat with the bot: {after}")
            return self._queue("my_chat_member", body, ("chat", self.chat.id))


def _membership(user: Json, status: str) -> Json:
    return {"user": user, "status": status, **({"until_date": 0} if status == "kicked" else {})}


def _one(sent: tuple[int, int | None]) -> Sent:
    return Sent((sent[0],), () if sent[1] is None else (sent[1],))


def _text_content(text: str) -> dict[str, Any]:
    entities = [
        {
            "type": "bot_command",
            "offset": utf16_length(text[: match.start()]),
            "length": utf16_length(match[0]),
        }
        for match in _COMMAND.finditer(text)
    ]
    return {"text": text, **({"entities": entities} if entities else {})}


def _matches(wanted: Wanted, message: BotMessage) -> bool:
    if wanted is None:
        return True
    if isinstance(wanted, str | re.Pattern):
        return re.search(wanted, message.text) is not None
    return wanted(message)
