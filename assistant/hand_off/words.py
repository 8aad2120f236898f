"""What customers and owners read of a hand-off, put into words by code."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from assistant.guided.actions import Press, Verb
from assistant.guided.cards import menu_rows
from assistant.guided.scene import Scene
from assistant.labels import customer_label, one_line
from assistant.messages import Button, Elsewhere, Outgoing
from assistant.receipts import appointment_lines
from assistant.texts import Texts
from booking.appointment import Appointment
from booking.business import Business
from booking.hand_off import HandOffEnd, HandOffReason
from db.repositories.customers import Customer
from tools.support.contract import HandedOff
from tools.support.outcomes import HandOffState

_OWNER_HEADLINES: Mapping[HandOffReason, str] = {
    HandOffReason.ASKED: "hand_off_owner_asked",
    HandOffReason.UNCLEAR: "hand_off_owner_unclear",
    HandOffReason.MEDICAL: "hand_off_owner_medical",
    HandOffReason.ABUSE: "hand_off_owner_abuse",
}
_OWNER_ENDS: Mapping[HandOffEnd, str] = {
    HandOffEnd.CUSTOMER: "hand_off_owner_back_customer",
    HandOffEnd.SILENCE: "hand_off_owner_back_silence",
}
_BEFORE: Mapping[HandOffReason, str] = {
    HandOffReason.MEDICAL: "hand_off_medical",
    HandOffReason.UNCLEAR: "hand_off_unclear",
}


def asked(scene: Scene, outcome: HandedOff) -> Outgoing:
    """Return what the customer is told when a person was asked for: what happens now."""
    lines = [scene.say(_BEFORE[outcome.reason])] if outcome.reason in _BEFORE else []
    if outcome.state is HandOffState.NOBODY:
        lines.append(scene.say("hand_off_nobody"))
        lines += _contact(scene.business, scene.texts, scene.language)
        return Outgoing(text="\n".join(lines), buttons=menu_rows(scene))
    status = with_a_person(scene, new=outcome.state is HandOffState.ASKED)
    return status.model_copy(update={"text": "\n".join([*lines, status.text])})


def with_a_person(scene: Scene, *, new: bool = False) -> Outgoing:
    """Return that a person has the chat, and how the customer gets the assistant back.

    Args:
        new: whether that is so from now on.
    """
    key = "hand_off_asked" if new else "hand_off_with_a_person"
    text = scene.say(key, business=one_line(scene.business.name.get(scene.language)))
    return Outgoing(text=text, buttons=((scene.button("button_bot", Verb.BOT),),))


def give_back_button(texts: Texts, language: str, hand_off_id: int) -> Button:
    """Return the owner's button that lets the assistant answer again."""
    action = Press(Verb.GIVE_BACK, hand_off=hand_off_id).encode()
    return Button(label=texts.say("button_give_back", language), action=action)


def to_customer(payload: Mapping[str, Any], business: Business, texts: Texts) -> Outgoing:
    """Put an outbox row to a customer into words; see `db.repositories.hand_off_news`."""
    language = payload["language"]
    name = one_line(business.name.get(language))
    if payload["what"] == "person":
        header = texts.say(
            "hand_off_person", language, name=one_line(payload["name"]), business=name
        )
        return Outgoing(text=f"{header}\n{payload['text']}")
    ended_by = HandOffEnd(payload["ended_by"])
    if ended_by is HandOffEnd.UNREACHED:
        contact = _contact(business, texts, language)
        return Outgoing(text="\n".join([texts.say("hand_off_unreached", language), *contact]))
    lines = [texts.say("hand_off_back", language)]
    if ended_by is HandOffEnd.SILENCE:
        lines.insert(0, texts.say("hand_off_silence", language, business=name))
    return Outgoing(text="\n".join(lines))


def to_owner(
    payload: Mapping[str, Any],
    customer: Customer,
    business: Business,
    texts: Texts,
    *,
    now: dt.datetime,
    chat_id: int,
) -> Outgoing:
    """Put an outbox row to an owner into words; see `db.repositories.hand_off_news`.

    Args:
        now: instant; decides whether a year is told.
        chat_id: the owner's.
    """
    language = business.languages[0]
    who = one_line(customer_label(customer))
    match payload["what"]:
        case "asked":
            rows = [Appointment.model_validate(row) for row in payload["appointments"]]
            headline = _OWNER_HEADLINES[HandOffReason(payload["reason"])]
            text = "\n".join(
                [
                    texts.say(headline, language, customer=who),
                    *_upcoming(rows, texts, language, now),
                    texts.say("hand_off_owner_how", language),
                ]
            )
        case "transcript":
            title = texts.say("hand_off_owner_transcript", language)
            text = "\n".join([title, *_spoken(payload["lines"], customer, texts, language)])
        case "said":
            lines = _spoken(payload["lines"], customer, texts, language)
            if payload.get("edited"):
                lines.insert(0, texts.say("hand_off_owner_edited", language))
            text = "\n".join(lines)
        case "attached":
            text = texts.say("hand_off_owner_attached", language, customer=_short(customer))
        case "taken":
            owner = one_line(payload["name"])
            text = texts.say("hand_off_owner_taken", language, owner=owner, customer=who)
        case "passed":
            key = "hand_off_owner_yours" if payload["taken"] else "hand_off_owner_passed"
            text = texts.say(key, language, customer=who)
        case "which":
            text = texts.say("hand_off_owner_which", language, customer=who)
        case _:
            text = _ended(payload, who, texts, language, chat_id)
    buttons: tuple[tuple[Button, ...], ...] = ()
    if payload["what"] != "ended":
        buttons = ((give_back_button(texts, language, payload["hand_off"]),),)
    copied = None
    if payload["what"] == "attached":
        copied = Elsewhere(chat_id=payload["chat"], message_id=payload["message"])
    return Outgoing(text=text, buttons=buttons, copy_of=copied)


def _ended(payload: Mapping[str, Any], who: str, texts: Texts, language: str, chat_id: int) -> str:
    ended_by = HandOffEnd(payload["ended_by"])
    if payload["by"] == chat_id:
        return texts.say("hand_off_owner_back", language, customer=who)
    if ended_by in _OWNER_ENDS:
        return texts.say(_OWNER_ENDS[ended_by], language, customer=who)
    owner = one_line(payload["name"] or "?")
    return texts.say("hand_off_owner_back_by", language, owner=owner, customer=who)


def _upcoming(
    rows: Sequence[Appointment], texts: Texts, language: str, now: dt.datetime
) -> list[str]:
    if not rows:
        return [texts.say("hand_off_owner_none_upcoming", language)]
    title = texts.say("hand_off_owner_upcoming", language)
    return [title, *appointment_lines(rows, language=language, texts=texts, now=now)]


def _spoken(
    lines: Sequence[Sequence[str]], customer: Customer, texts: Texts, language: str
) -> list[str]:
    bot = texts.say("hand_off_assistant", language)
    return [f"{_short(customer) if who == 'customer' else bot}: {said}" for who, said in lines]


def _short(customer: Customer) -> str:
    name = customer.preferred_name or customer.first_name or customer.username or f"#{customer.id}"
    return one_line(name)[:32]


def _contact(business: Business, texts: Texts, language: str) -> list[str]:
    contact = business.contact.first()
    if contact is None:
        return [texts.say("refusal_contact_unknown", language)]
    return [texts.say("refusal_contact", language, contact=one_line(contact))]
