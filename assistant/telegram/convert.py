"""aiogram's types as `Incoming` and `Person`; no aiogram type goes any further than here."""

from __future__ import annotations

import re
from dataclasses import dataclass

from aiogram.enums import ChatMemberStatus, ContentType
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message, User

from assistant.messages import BLOCKED, UNBLOCKED, Incoming, IncomingKind, Person, Replied, Voice
from db.repositories.inbox import InboxMessage

# https://core.telegram.org/bots/features#commands; in a private chat a command is meant for this
# bot, whatever name stands behind the @.
_COMMAND = re.compile(r"/([a-zA-Z0-9_]{1,32})(?:@\w+)?(?:\s+(.*))?", re.DOTALL)
# What a person sends on purpose. The rest are notices of the app (a pinned message, a changed
# timer), which nobody expects an answer to.
_SENT_BY_PEOPLE = frozenset(
    {
        ContentType.UNKNOWN,
        ContentType.ANIMATION,
        ContentType.AUDIO,
        ContentType.CHECKLIST,
        ContentType.CONTACT,
        ContentType.DICE,
        ContentType.DOCUMENT,
        ContentType.GAME,
        ContentType.LIVE_PHOTO,
        ContentType.LOCATION,
        ContentType.PAID_MEDIA,
        ContentType.PHOTO,
        ContentType.POLL,
        ContentType.RICH_MESSAGE,
        ContentType.STICKER,
        ContentType.STORY,
        ContentType.VENUE,
        ContentType.VIDEO,
        ContentType.VIDEO_NOTE,
        ContentType.VOICE,
    }
)


@dataclass(frozen=True, slots=True)
class Command:
    """A command without slash and bot name, in small letters, and what stands behind it."""

    name: str
    arguments: str = ""


def parse_command(text: str) -> Command | None:
    """Return the command that a text is, if it is one."""
    found = _COMMAND.fullmatch(text.strip())
    return None if found is None else Command(found[1].lower(), (found[2] or "").strip())


def person_of(user: User) -> Person:
    """Return who writes."""
    return Person(
        telegram_id=user.id,
        username=user.username,
        first_name=user.first_name,
        last_name=user.last_name,
        language_code=user.language_code,
    )


def is_sent_by_a_person(message: Message) -> bool:
    """Return whether a message without text is one that a person meant to send."""
    return message.content_type in _SENT_BY_PEOPLE


def from_text(message: Message, person: Person, stored: InboxMessage) -> Incoming:
    """Return a text, new or edited."""
    edited = "edited_message" in stored.payload
    incoming = _said(message, person, stored, IncomingKind.TEXT, text=message.text or "")
    return incoming.model_copy(update={"is_correction": edited})


def from_command(
    message: Message, person: Person, stored: InboxMessage, command: Command
) -> Incoming:
    """Return a command, known or not."""
    return _said(
        message,
        person,
        stored,
        IncomingKind.COMMAND,
        text=command.arguments,
        command=command.name,
    )


def from_other(message: Message, person: Person, stored: InboxMessage) -> Incoming:
    """Return a sticker, a photo, a video ...; its caption is the text."""
    return _said(message, person, stored, IncomingKind.OTHER, text=message.caption or "")


def from_voice(message: Message, person: Person, stored: InboxMessage) -> Incoming:
    """Return a voice message: a text whose words are still to be heard."""
    assert message.voice is not None
    voice = Voice(
        file_id=message.voice.file_id,
        seconds=message.voice.duration,
        size=message.voice.file_size,
    )
    said = _said(message, person, stored, IncomingKind.TEXT, text=message.caption or "")
    return said.model_copy(update={"voices": ((stored.update_id, voice),)})


def from_contact(message: Message, person: Person, stored: InboxMessage) -> Incoming:
    """Return a contact card: a telephone number, where the card is the sender's own."""
    card = message.contact
    if card is None or card.user_id != person.telegram_id:
        return from_other(message, person, stored)
    return _said(message, person, stored, IncomingKind.CONTACT, text=card.phone_number)


def from_membership(change: ChatMemberUpdated, stored: InboxMessage) -> Incoming:
    """Return that a person has blocked the bot, or lets it write again."""
    gone = change.new_chat_member.status in (ChatMemberStatus.KICKED, ChatMemberStatus.LEFT)
    return _incoming(
        change.chat.id,
        person_of(change.from_user),
        stored,
        IncomingKind.MEMBERSHIP,
        action=BLOCKED if gone else UNBLOCKED,
    )


def from_press(query: CallbackQuery, person: Person, stored: InboxMessage) -> Incoming:
    """Return a press on a button."""
    # A message that has vanished leaves no chat; a private chat has its person's number.
    chat_id = query.message.chat.id if query.message else query.from_user.id
    return _incoming(chat_id, person, stored, IncomingKind.PRESS, action=query.data)


def _said(
    message: Message,
    person: Person,
    stored: InboxMessage,
    kind: IncomingKind,
    *,
    text: str,
    command: str | None = None,
) -> Incoming:
    incoming = _incoming(message.chat.id, person, stored, kind, text=text, command=command)
    numbered = {"message_id": message.message_id, "replied": _replied(message.reply_to_message)}
    return incoming.model_copy(update=numbered)


def _replied(message: Message | None) -> Replied | None:
    if message is None:
        return None
    author, keyboard = message.from_user, message.reply_markup
    # Whoever else's buttons these were: only a bot's own say what the program meant by them.
    ours = author is not None and author.is_bot and keyboard is not None
    actions = (
        tuple(b.callback_data for row in keyboard.inline_keyboard for b in row if b.callback_data)
        if ours and keyboard is not None
        else ()
    )
    return Replied(message_id=message.message_id, actions=actions)


def _incoming(
    chat_id: int,
    person: Person,
    stored: InboxMessage,
    kind: IncomingKind,
    *,
    text: str = "",
    command: str | None = None,
    action: str | None = None,
) -> Incoming:
    return Incoming(
        channel=stored.channel,
        chat_id=chat_id,
        update_id=stored.update_id,
        person=person,
        kind=kind,
        text=text,
        command=command,
        action=action,
        received_at=stored.received_at,
    )
