"""What an owner does with a chat that was handed over: answers in it, and gives it back.

Only a chat of the business file's `owner_chat_ids` can do either; the channel vouches for it.
"""

from __future__ import annotations

from assistant.guided.actions import Verb, read
from assistant.guided.cards import Scene
from assistant.hand_off.words import give_back_button
from assistant.labels import customer_label, one_line
from assistant.messages import Incoming, IncomingKind, Outgoing
from booking.hand_off import HandOff, HandOffEnd
from db.repositories.customers import Customer
from db.repositories.hand_offs import Answered, Owner, TakenByAnother
from db.store import UnitOfWork

_Written = tuple[Answered | TakenByAnother | None, Customer | None]


def is_owner(scene: Scene) -> bool:
    """Return whether the message came from an owner's chat."""
    return scene.ctx.reply_to.chat_id in scene.business.owner_chat_ids


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
    """Send the customer what an owner wrote as a reply."""
    if incoming.kind is not IncomingKind.TEXT:
        return [Outgoing(text=scene.say("hand_off_owner_text_only"))]
    ctx = scene.ctx
    owner = _owner(scene)

    async def work(uow: UnitOfWork) -> _Written:
        outcome = await uow.hand_offs.answer(
            hand_off_id, owner, incoming.text, key=ctx.key, message_id=incoming.message_id
        )
        if not isinstance(outcome, Answered):
            return outcome, None
        return outcome, await uow.customers.get_customer_by_id(outcome.hand_off.customer_id)

    outcome, customer = await ctx.store.run(scene.business, work)
    if outcome is None:
        return [Outgoing(text=scene.say("hand_off_owner_gone"))]
    if isinstance(outcome, TakenByAnother):
        return [Outgoing(text=scene.say("hand_off_owner_anothers", owner=one_line(outcome.name)))]
    key = "hand_off_owner_yours" if outcome.taken else "hand_off_owner_passed"
    button = give_back_button(scene.texts, scene.language, outcome.hand_off.id)
    text = scene.say(key, customer=one_line(customer_label(customer)))
    return [Outgoing(text=text, buttons=((button,),))]


async def give_back(scene: Scene, hand_off_id: int) -> list[Outgoing]:
    """Let the assistant answer again in a chat."""
    if not is_owner(scene):
        return [Outgoing(text=scene.say("admins_only"))]
    ctx = scene.ctx
    owner = _owner(scene)

    async def work(uow: UnitOfWork) -> tuple[HandOff | None, Customer | None]:
        ended = await uow.hand_offs.end(hand_off_id, HandOffEnd.OWNER, key=ctx.key, owner=owner)
        if ended is None:
            return None, None
        return ended, await uow.customers.get_customer_by_id(ended.customer_id)

    ended, customer = await ctx.store.run(scene.business, work)
    if ended is None:
        return [Outgoing(text=scene.say("hand_off_owner_over"))]
    who = one_line(customer_label(customer))
    return [Outgoing(text=scene.say("hand_off_owner_back", customer=who))]


async def done(scene: Scene, incoming: Incoming) -> list[Outgoing]:
    """Answer /done: gives back the chat that is replied to, or the only one that the owner has."""
    if not is_owner(scene):
        return [Outgoing(text=scene.say("admins_only"))]
    replied = await thread_of(scene, incoming)
    if replied is not None:
        return await give_back(scene, replied)
    theirs = await chats_of(scene, incoming)
    if not theirs:
        return [Outgoing(text=scene.say("hand_off_owner_none"))]
    if len(theirs) == 1:
        return await give_back(scene, theirs[0][0].id)
    rows = tuple(
        (
            give_back_button(scene.texts, scene.language, hand_off.id).model_copy(
                update={"label": one_line(customer_label(customer))[:60]}
            ),
        )
        for hand_off, customer in theirs
    )
    return [Outgoing(text=scene.say("hand_off_owner_which"), buttons=rows)]


async def chats_of(scene: Scene, incoming: Incoming) -> list[tuple[HandOff, Customer | None]]:
    """Return the chats that an owner has taken, with whose they are, oldest first."""

    async def work(uow: UnitOfWork) -> list[tuple[HandOff, Customer | None]]:
        taken = await uow.hand_offs.taken_by(incoming.channel, incoming.chat_id)
        return [(each, await uow.customers.get_customer_by_id(each.customer_id)) for each in taken]

    return await scene.ctx.store.run(scene.business, work)


def how_to_answer(scene: Scene, theirs: list[tuple[HandOff, Customer | None]]) -> list[Outgoing]:
    """Return that words are passed on as replies only: said to one who wrote without replying."""
    names = ", ".join(one_line(customer_label(customer)) for _, customer in theirs)
    return [Outgoing(text=scene.say("hand_off_owner_reply", customer=names))]


def _owner(scene: Scene) -> Owner:
    me = scene.ctx.customer
    name = me.first_name or me.username or scene.business.name.get(scene.language)
    return Owner(scene.ctx.reply_to.channel, scene.ctx.reply_to.chat_id, one_line(name)[:64])
