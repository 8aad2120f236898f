"""A typed yes or no: whether it answers the open card, and what it does then."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.guided import offers
from assistant.guided.actions import Press, Verb
from assistant.guided.own import keep
from assistant.guided.presses import confirm
from assistant.guided.scene import Scene
from assistant.messages import Outgoing
from booking.draft import Draft
from db.repositories.outbox import OutboxKind

# Offers without a question mark. Rather one too many: the yes is then asked for once more.
_OFFERS = re.compile(
    r"[?？؟]|\b(?:"
    r"if you(?:['’]d)? (?:like|want|wish|prefer|need)|let me know|tell me|just say|shall i|should i"
    r"|would you|do you want|happy to|i can also"
    r"|если (?:хотите|нужно|надо|желаете|удобно)|дайте знать|скажите|напишите|могу также|хотите"
    r"|wenn sie|falls sie|sagen sie|geben sie|lassen sie|soll ich|möchten sie|gerne? auch"
    r"|si (?:quiere|quieres|lo desea|desea|prefiere|le parece)|d[ií]game|av[ií]seme|quiere que"
    r")\b",
    re.IGNORECASE,
)


def asks(text: str) -> bool:
    """Return whether a text holds a question or an offer, in any of the languages."""
    return _OFFERS.search(text) is not None


async def answer_card(
    scene: Scene, said: bool, draft: Draft, replied: Sequence[str] = ()
) -> list[Outgoing] | None:
    """Answer a typed yes or no; None where it answers no open card, nor the offer of a freed time.

    It answers the card only if that is the last question that was asked in the chat, or what the
    message replies to: a "yes" to another question must not book, and a "no" not give up a time.

    Args:
        draft: what is open now.
        replied: what the buttons of the message carry that it is a reply to.
    """
    ctx = scene.ctx
    passed = offers.passed_before(scene)
    if passed is not None:
        return passed
    # Where an outcome is recorded, the card was answered before a crash and is closed by now.
    if ctx.position not in ctx.recorded:
        if not draft.awaits_yes:
            return await offers.answer_typed(scene, said)
        yes = Press(Verb.YES, version=draft.version).encode()
        if yes not in replied and await _asked_since(scene, yes):
            return None
    return await (confirm(scene, draft.version) if said else keep(scene, draft.version))


async def _asked_since(scene: Scene, action: str) -> bool:
    """Return whether something else was asked after the card with that button, or none was shown.

    A text without a question ("A haircut is 35 EUR.") leaves the card's as the last one. What isn't
    an answer of the conversation (a reminder, a broadcast) asks for itself.

    Raises:
        DatabaseUnavailableError: the database is away.
    """
    ctx = scene.ctx
    said = await ctx.store.run(
        ctx.business, lambda uow: uow.last_word.since(ctx.reply_to, action, ctx.clock.now())
    )
    if said is None:
        return True
    return any(kind is not OutboxKind.MESSAGE or asks(text) for kind, text in said)
