"""What comes in from a person and what goes out, in no channel's words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, field_validator

# Telegram's limit for callback_data, in bytes; kept for every channel.
MAX_ACTION_BYTES = 64


class Button(BaseModel):
    """A button under a message; `action` comes back when it's pressed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    action: str

    @field_validator("action")
    @classmethod
    def _fits(cls, action: str) -> str:
        if not 1 <= len(action.encode()) <= MAX_ACTION_BYTES:
            raise ValueError(f"an action has 1-{MAX_ACTION_BYTES} bytes")
        return action


class Elsewhere(BaseModel):
    """A message in another chat of the same channel."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    chat_id: int
    message_id: int


class Document(BaseModel):
    """A file that is sent.

    Args:
        name: what it is called, without a folder.
        content: text; it is sent as UTF-8.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    content: str


class Outgoing(BaseModel):
    """One message to a person.

    Args:
        text: plain text, or the model's Markdown when `markdown`.
        buttons: rows of buttons under the text.
        copy_of: a message that is shown again as it is, whatever it holds; then `text` stands for
            it where a channel can't do that.
        document: a file; `text` is its caption.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    markdown: bool = False
    copy_of: Elsewhere | None = None
    document: Document | None = None


# What `action` says of a MEMBERSHIP.
BLOCKED, UNBLOCKED = "blocked", "unblocked"


class IncomingKind(StrEnum):
    """What the person did."""

    TEXT = "text"
    COMMAND = "command"  # "/start", "/my" ...; `text` holds the arguments
    PRESS = "press"  # a button; `action` holds what it carries
    CONTACT = "contact"  # their own card; `text` holds the telephone number
    OTHER = "other"  # a sticker, a photo ...: answered with "please write"
    MEMBERSHIP = "membership"  # the bot was blocked or unblocked (`action`); nothing is answered


class Person(BaseModel):
    """Who writes, as the channel vouches for it. Identity comes from here and nowhere else."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    telegram_id: int
    username: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    language_code: str | None = None


class Replied(BaseModel):
    """The message that a person's message replies to.

    Args:
        message_id: its number in the same chat.
        actions: what its buttons carry; empty where the bot didn't send it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    message_id: int
    actions: tuple[str, ...] = ()


class File(BaseModel):
    """A file as the channel announces it.

    Args:
        file_id: by which the channel hands it out.
        size: bytes, where the channel says so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    file_id: str
    name: str
    size: int | None = None

    @property
    def is_text(self) -> bool:
        """Whether its name is that of a plain text."""
        return self.name.lower().endswith((".md", ".txt"))


class Voice(BaseModel):
    """A voice message as the channel announces it.

    Args:
        file_id: by which the channel hands it out.
        size: bytes, where the channel says so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    file_id: str
    seconds: int
    size: int | None = None


class Incoming(BaseModel):
    """One message of a person, or a burst of them joined by line breaks.

    Args:
        channel: "telegram:<bot id>" or "terminal".
        chat_id: where the answer goes.
        update_id: the channel's number of the (first) update; with the channel it names the turn
            and the idempotency keys of everything the turn writes.
        message_id: the channel's number of the (first) message, where it has one: an edit or a
            reply names it.
        is_correction: an edit of an earlier message of the person.
        parts: (update id, text) of each message of a burst; empty for a single message. An edit
            that came in time is a part without text: what it says stands in the message's part.
        person: who wrote.
        received_at: instant.
        replied: what it replies to.
        attached: (update id, message number) of each message of a burst that isn't text.
        voices: (update id, voice message) of those whose words aren't in the text yet.
        file: a file that was sent.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    channel: str
    chat_id: int
    update_id: int
    person: Person
    kind: IncomingKind
    text: str = ""
    command: str | None = None
    action: str | None = None
    message_id: int | None = None
    is_correction: bool = False
    received_at: dt.datetime
    parts: tuple[tuple[int, str], ...] = ()
    replied: Replied | None = None
    attached: tuple[tuple[int, int], ...] = ()
    voices: tuple[tuple[int, Voice], ...] = ()
    file: File | None = None

    @property
    def key(self) -> str:
        """What names the message in the idempotency keys of all that it leads to."""
        return f"{self.channel}:{self.chat_id}:{self.update_id}"

    def of(self, update_ids: Sequence[int]) -> Incoming:
        """Return the burst without the messages that aren't among `update_ids`."""
        kept = tuple(part for part in self.parts if part[0] in update_ids)
        if len(kept) == len(self.parts):
            return self
        return self.model_copy(
            update={
                "parts": kept,
                "text": joined(kept),
                "attached": tuple(each for each in self.attached if each[0] in update_ids),
                "voices": tuple(each for each in self.voices if each[0] in update_ids),
            }
        )

    def with_words(self, words: Mapping[int, str]) -> Incoming:
        """Return the message with what its voice messages say in the text, each in its place.

        Args:
            words: by update id; what couldn't be heard is left out.
        """
        parts = self.parts or ((self.update_id, self.text),)
        said = tuple((u, "\n".join(t for t in (text, words.get(u)) if t)) for u, text in parts)
        return self.model_copy(update={"parts": said, "text": joined(said), "voices": ()})


def joined(parts: Sequence[tuple[int, str]]) -> str:
    """Return the text of a burst."""
    return "\n".join(text for _, text in parts if text)
