"""What an owner does with a chat that was handed over: answers in it, and gives it back.

Only a chat of the business file's `owner_chat_ids` gets here (`assistant.hand_off.desk`).
"""

from __future__ import annotations

from assistant.guided.actions import Verb, read
from assistant.guided.scene import Scene
from assistant.labels import one_line
from assistant.messages import Incoming, IncomingKind, Outgoing
from booking.hand_off import HandOff, HandOffEnd, Owner, TakenByAnother


async def thread_of(scene: Scene, incoming: Incoming) -> int | None:
    """Return the hand-off whose message an owner replies to.

    A message whose number isn't known (the answer to its sending was lost) is known by its button.

    Returns:
        Its id; None where the owner replies to nothing, or to something else.
    """
    replied = incoming.replied
    if replied is None:
        return None
    channel, chat_id = incoming.channel, incoming.chat_id
    found = await scene.ctx.store.run(
        scene.business,
        lambda uow: uow.hand_offs.of_message(channel, chat_id, replied.message_id),
    )
    if found is not None:
        return found.id
    presses = (read(action) for action in replied.actions)
    return next((p.hand_off for p in presses if p and p.verb is Verb.GIVE_BACK), None)


async def answer(scene: Scene, incoming: Incoming, hand_off_id: int) -> list[Outgoing]:
    """Send the customer what an owner wrote as a reply; that it was sent is an outbox row, too."""
    if incoming.kind is not IncomingKind.TEXT:
        return [Outgoing(text=scene.say("hand_off_owner_text_only"))]
    ctx = scene.ctx
    outcome = await ctx.store.run(
        scene.business,
        lambda uow: uow.hand_offs.answer(
            hand_off_id,
            _owner(scene),
            incoming.text,
            key=ctx.key,
            message_id=incoming.message_id,
        ),
    )
    if outcome is None:
        return [Outgoing(text=scene.say("hand_off_owner_gone"))]
    if isinstance(outcome, TakenByAnother):
        return [Outgoing(text=scene.say("hand_off_owner_anothers", owner=one_line(outcome.name)))]
    return []


async def give_back(scene: Scene, hand_off_id: int) -> list[Outgoing]:
    """Let the assistant answer again in a chat; that it does is told by outbox rows."""
    ctx = scene.ctx
    ended = await ctx.store.run(
        scene.business,
        lambda uow: uow.hand_offs.end(
            hand_off_id, HandOffEnd.OWNER, key=ctx.key, owner=_owner(scene)
        ),
    )
    return [Outgoing(text=scene.say("hand_off_owner_over"))] if ended is None else []


async def done(scene: Scene, incoming: Incoming) -> list[Outgoing]:
    """Answer /done: gives back the chat that is replied to, or the only one that the owner has."""
    replied = await thread_of(scene, incoming)
    if replied is not None:
        return await give_back(scene, replied)
    theirs = await chats_of(scene)
    if not theirs:
        return [Outgoing(text=scene.say("hand_off_owner_none"))]
    if len(theirs) == 1:
        return await give_back(scene, theirs[0].id)
    await scene.ctx.store.run(scene.business, lambda uow: uow.hand_offs.ask_which(_owner(scene)))
    return []


async def chats_of(scene: Scene) -> list[HandOff]:
    """Return the chats that an owner has taken, oldest first."""
    to = scene.ctx.reply_to
    return await scene.ctx.store.run(
        scene.business, lambda uow: uow.hand_offs.taken_by(to.channel, to.chat_id)
    )


def _owner(scene: Scene) -> Owner:
    me = scene.ctx.customer
    name = me.first_name or me.username or scene.business.name.get(scene.language)
    return Owner(scene.ctx.reply_to.channel, scene.ctx.reply_to.chat_id, one_line(name)[:64])
