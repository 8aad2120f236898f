"""How much one customer may write, and what the model may cost: counted in the database.

The counts are queries over the inbox and the turns, so that they hold across processes and
restarts. Presses on buttons are never held back: a confirmation isn't dropped.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from assistant.messages import Outgoing
from assistant.texts import Texts
from assistant.turn.answer import TurnAnswer
from booking.localtime import day_bounds, zone
from db.store import UnitOfWork
from tools.support.context import ToolContext

TOO_MANY = "too_many_messages"
_WINDOW = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class UsageLimits:
    """What is allowed; 0 = any amount.

    Args:
        messages_per_minute: of one customer.
        customer_tokens_per_day: of the model for one customer, input and output together, in a
            business-local day.
        business_tokens_per_day: the same for all customers of a business. What turns at work will
            use is reckoned in, in whichever process they are: many at once don't overshoot it, but
            the last one that may begin may end above it.
    """

    messages_per_minute: int = 20
    customer_tokens_per_day: int = 200_000
    business_tokens_per_day: int = 5_000_000

    async def held_back(self, ctx: ToolContext, texts: Texts) -> TurnAnswer | None:
        """Return the answer to one message too many: a word the first time, then silence.

        Returns:
            None while the customer is within the limit.

        Raises:
            DatabaseUnavailableError: the database is away.
        """
        if not self.messages_per_minute:
            return None
        now, to = ctx.clock.now(), ctx.reply_to
        # What another process has stored may be a little ahead of this one's clock.
        since, until = now - _WINDOW, now + _WINDOW

        async def look(uow: UnitOfWork) -> tuple[int, bool]:
            written = await uow.inbox.written_between(to.channel, to.chat_id, since, until)
            if written <= self.messages_per_minute:
                return written, False
            told = await uow.usage.ended_so(ctx.customer.id, TOO_MANY, since, until)
            return written, told

        written, told = await ctx.store.run(ctx.business, look)
        if written <= self.messages_per_minute:
            return None
        word = [] if told else [Outgoing(text=texts.say(TOO_MANY, ctx.language))]
        return TurnAnswer(outgoing=word, outcome=TOO_MANY)

    async def is_spent(self, ctx: ToolContext) -> bool:
        """Return whether today's tokens of the customer or of the business are used up.

        If not, some are held for this turn, until it ends: the model may be asked.

        Raises:
            DatabaseUnavailableError: the database is away.
        """
        since, _ = day_bounds(ctx.today, zone(ctx.business.zone))

        async def look(uow: UnitOfWork) -> bool:
            own, whole = self.customer_tokens_per_day, self.business_tokens_per_day
            if own and await uow.usage.tokens_since(since, ctx.customer.id) >= own:
                return True
            if not whole or ctx.turn_id is None:
                return False
            return not await uow.usage.reserve_tokens(ctx.turn_id, whole, since)

        return await ctx.store.run(ctx.business, look)
