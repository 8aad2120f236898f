"""What is done with a message before, and after, the assistant answers it by itself.

Before: an owner's reply goes to the customer; while a person has a chat, what the customer writes
goes to that person; words of an emergency call one. After: where two questions in a row led
nowhere, a person is called in place of a third one.
"""

from __future__ import annotations

from assistant.guided.actions import Verb, read
from assistant.guided.owner import is_owner
from assistant.guided.scene import Scene
from assistant.hand_off import owners
from assistant.hand_off.alarms import Alarms
from assistant.hand_off.customers import back_to_bot, call_a_person
from assistant.hand_off.words import with_a_person
from assistant.messages import Incoming, IncomingKind, Outgoing
from assistant.texts import Texts
from assistant.turn.answer import HANDED_OFF, TurnAnswer
from booking.hand_off import HandOff, HandOffReason
from tools.support.context import ToolContext

UNCLEAR = "unclear"
WITH_A_PERSON = "with_a_person"
OWNER_ANSWER = "owner_answer"
# Stamps of turns whose answer only asked, or asked again.
_LED_NOWHERE = frozenset({UNCLEAR, "unbacked", "recited", "empty", "length", "cap_reached"})
_CLARIFICATIONS = 2
# Positions in the journal, between the model's calls and the guided flow's.
_ALARMED, _UNDERSTOOD_NOTHING, _WANTED = 9_001, 9_002, 9_003
_AFTER = {_UNDERSTOOD_NOTHING: HandOffReason.UNCLEAR, _WANTED: HandOffReason.ASKED}


async def owner_writes(ctx: ToolContext, texts: Texts, incoming: Incoming) -> TurnAnswer | None:
    """Pass on what an owner writes as a reply; None where they write for themselves.

    Raises:
        DatabaseUnavailableError: nothing was passed on; handle the message again later.
    """
    scene = Scene(ctx, texts)
    if incoming.kind not in (IncomingKind.TEXT, IncomingKind.OTHER) or not is_owner(scene):
        return None
    thread = await owners.thread_of(scene, incoming)
    if thread is not None:
        out = await owners.answer(scene, incoming, thread)
        return TurnAnswer(outgoing=out, outcome=OWNER_ANSWER)
    if not await owners.chats_of(scene):
        return None
    how = Outgoing(text=scene.say("hand_off_owner_reply"))
    return TurnAnswer(outgoing=[how], outcome=OWNER_ANSWER)


async def before(
    ctx: ToolContext, texts: Texts, alarms: Alarms, incoming: Incoming
) -> TurnAnswer | None:
    """Answer what isn't the assistant's to answer.

    Returns:
        The answer (with nothing in it where the assistant is silent), or None: go on.

    Raises:
        DatabaseUnavailableError: as in `owner_writes`.
    """
    scene = Scene(ctx, texts)
    for position, reason in _AFTER.items():
        if position in ctx.recorded:  # handled again after a crash
            return await _call(scene, reason, position)
    if incoming.kind is IncomingKind.COMMAND:
        return await _command(scene, incoming)
    if incoming.kind is IncomingKind.PRESS:
        return await _press(scene, incoming)
    # A turn that the assistant began to answer before a crash is answered to its end.
    current = None if ctx.recorded else ctx.hand_off
    alarm = alarms.in_text(incoming.text)
    if current is not None and await _passed_on(ctx, current, incoming):
        silent = alarm is not HandOffReason.MEDICAL
        out = [] if silent else [Outgoing(text=scene.say("hand_off_medical"))]
        return TurnAnswer(outgoing=out, outcome=WITH_A_PERSON)
    return None if alarm is None else await _call(scene, alarm, _ALARMED)


async def after(ctx: ToolContext, texts: Texts, answer: TurnAnswer) -> TurnAnswer:
    """Return the answer to a text, or that a person was called in its place.

    Raises:
        DatabaseUnavailableError: as in `before`.
    """
    if ctx.ledger.wants_a_person:
        return await _call(Scene(ctx, texts), HandOffReason.ASKED, _WANTED)
    if ctx.ledger.unclear:
        answer.outcome = UNCLEAR
    if answer.outcome not in _LED_NOWHERE:
        return answer
    # A question that is asked again was no riddle's sign when it was asked first.
    before_this = _CLARIFICATIONS - ctx.ledger.asked_before
    recent = await ctx.store.run(
        ctx.business,
        lambda uow: uow.usage.recent_outcomes(ctx.customer.id, before_this),
    )
    if len(recent) < before_this or not _LED_NOWHERE.issuperset(recent):
        return answer
    called = await _call(Scene(ctx, texts), HandOffReason.UNCLEAR, _UNDERSTOOD_NOTHING)
    answer.outgoing, answer.outcome = called.outgoing, called.outcome
    return answer


async def _command(scene: Scene, incoming: Incoming) -> TurnAnswer | None:
    match incoming.command:
        case "human":
            out = await call_a_person(scene, HandOffReason.ASKED)
        case "bot":
            out = await back_to_bot(scene)
        case "done" if is_owner(scene):
            out = await owners.done(scene, incoming)
        case "start" | "help" if scene.ctx.hand_off is not None:
            out = [with_a_person(scene)]
        case _:
            return None
    return TurnAnswer(outgoing=out, outcome="command")


async def _press(scene: Scene, incoming: Incoming) -> TurnAnswer | None:
    press = read(incoming.action or "")
    if press is None or press.verb not in (Verb.BOT, Verb.GIVE_BACK):
        return None
    back = press.verb is Verb.BOT
    if not back and not is_owner(scene):
        return None  # to whoever isn't one, there is no such button
    out = await (back_to_bot(scene) if back else owners.give_back(scene, press.hand_off))
    return TurnAnswer(outgoing=out, outcome="press")


async def _passed_on(ctx: ToolContext, current: HandOff, incoming: Incoming) -> bool:
    """Pass a customer's message on; False where the chat was given back in the meantime."""
    is_text, number = incoming.kind is IncomingKind.TEXT, incoming.message_id
    attached = [each for _, each in incoming.attached]
    if not is_text and not attached and number is not None:
        attached = [number]  # a card is part of no burst
    return await ctx.store.run(
        ctx.business,
        lambda uow: uow.hand_offs.pass_on(
            current.id,
            incoming.text if is_text else "",  # a copy brings its own caption
            key=ctx.message_key,
            attached=attached,
            edited=incoming.is_correction,
        ),
    )


async def _call(scene: Scene, reason: HandOffReason, position: int) -> TurnAnswer:
    scene.ctx.position = position
    out = await call_a_person(scene, reason)
    # An entry in the ledger, or that nobody can be called: either way the customer was told.
    told = not scene.ctx.ledger.refusals
    return TurnAnswer(outgoing=out, outcome=HANDED_OFF if told else "unavailable")
