"""What a message asks for besides its first wish: seen to as soon as that one is settled.

"Cancel my haircut and book a beard trim on Friday": one card at a time waits for a yes. What comes
after it lies in the draft, and in the journaled outcome of what settled it, so that it comes up
again when a turn is handled again after a crash.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from assistant.guided.cards import noticed
from assistant.messages import Incoming, IncomingKind
from assistant.texts import Texts
from assistant.turn.answer import TurnAnswer
from tools.support.context import ToolContext

# With the business's switch to book at once several are seen to in one turn.
_MOST = 4
# Each of them has its own range of positions in the journal.
_RANGE = 1_000


async def see_to_the_rest(
    ctx: ToolContext,
    texts: Texts,
    incoming: Incoming,
    answer: TurnAnswer,
    answers: Callable[[Incoming], Awaitable[TurnAnswer]],
) -> TurnAnswer:
    """Return the answer to a message with what it, or the settled wish before, asked for besides.

    Args:
        answer: to what the message says.
        answers: answers a text of the customer.

    Raises:
        DatabaseUnavailableError: the database is away; handle the message again later.
        BurstGoesOnError: more was written while the model thought, and nothing was done yet.
    """
    for number in range(1, _MOST + 1):
        wish, ctx.ledger.next_wish = ctx.ledger.next_wish, None
        # While a person has the chat they see to it: they read the whole message.
        if wish is None or ctx.hand_off is not None:
            break
        if not (ctx.recorded or wish.is_fresh(ctx.clock.now(), ctx.business.zone)):
            break
        ctx.following, ctx.next_wish = wish, None
        ctx.begin, ctx.ledger.proposal = number * _RANGE, None
        alone = {"kind": IncomingKind.TEXT, "text": wish.text, "is_correction": False}
        more = await answers(incoming.model_copy(update=alone))
        more.outgoing = noticed(texts.say("next_wish_now", ctx.language), more.outgoing)
        answer = _joined(answer, more)
    return answer


def _joined(answer: TurnAnswer, more: TurnAnswer) -> TurnAnswer:
    return TurnAnswer(
        outgoing=[*answer.outgoing, *more.outgoing],
        items=[*answer.items, *more.items],
        outcome=more.outcome,
        usage=answer.usage + more.usage,
        model_calls=answer.model_calls + more.model_calls,
        model=more.model or answer.model,
    )
