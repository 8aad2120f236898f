"""The guided flow: the conversation by buttons and plain dates that needs no model.

It answers every command and press, and free text when there is no model. Each message makes at most
one journaled write, so that a message handled again after a crash is answered from its outcome.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence

from assistant.guided import agenda, broadcasts, owner, presses, privacy, reading, time_off
from assistant.guided.actions import read
from assistant.guided.card_answers import answer_card
from assistant.guided.cards import card_message, menu, noticed
from assistant.guided.own import cancel_one, open_draft, show_own
from assistant.guided.scene import Scene
from assistant.guided.several import yes_and
from assistant.guided.typed import yes_or_no
from assistant.guided.vocabulary import Words, shipped_words
from assistant.messages import Outgoing
from assistant.texts import Texts
from assistant.voice import MAX_SECONDS
from booking.appointment import Change
from tools.support.contact import read_phone
from tools.support.context import ToolContext
from tools.support.contract import Proposed
from tools.support.outcomes import from_journal

_NUMBER = re.compile(r"#?\s*([0-9]{1,18})", re.ASCII)
_OWNERS: Mapping[str, Callable[[Scene, Words, str], Awaitable[list[Outgoing]]]] = {
    "unanswered": lambda scene, _words, _argument: owner.show_unanswered(scene),
    "day": agenda.day_said,
    "off": time_off.said,
}


class GuidedFlow:
    """Answers without a model. Keeps nothing in memory: the draft is in the database.

    Args:
        texts: what is said.
        words: what typed words mean; None = the lists that come with the program.
    """

    def __init__(self, texts: Texts, words: Words | None = None) -> None:
        self._texts = texts
        self._words = words or shipped_words()

    async def command(self, ctx: ToolContext, command: str, argument: str) -> list[Outgoing]:
        """Answer a command.

        Args:
            command: without its slash: start, help, my, cancel, book, services, stop, privacy, the
                owners' day, off and unanswered; any other is answered with help.
            argument: what stood behind it: with cancel an appointment's number, with book what is
                wanted, with day and off when.

        Raises:
            DatabaseUnavailableError: what is open could not be read; nothing was changed.
        """
        scene = Scene(ctx, self._texts)
        before = self._answered_before(scene)
        if before is not None:
            return before
        match command:
            case "start":
                return await presses.start(scene)
            case "my":
                return await show_own(scene)
            case "unanswered" | "day" | "off" if owner.is_owner(scene):
                return await _OWNERS[command](scene, self._words, argument)
            case "privacy":
                return await privacy.show(scene)
            case "stop":
                return await broadcasts.stop(scene)
            case "services":
                return [presses.services(scene)]
            case "book":
                if argument.strip():
                    return await self.text(ctx, argument)
                return await presses.book(scene)
            case "cancel":
                number = _NUMBER.fullmatch(argument.strip())
                chosen = None if number is None else int(number[1])
                return await cancel_one(scene, await open_draft(ctx), number=chosen)
        return [menu(scene, scene.say("help"))]

    async def press(self, ctx: ToolContext, action: str) -> list[Outgoing]:
        """Answer a press of a button.

        Args:
            action: what the button carries; untrusted: it may be old, foreign or made up.

        Raises:
            DatabaseUnavailableError: as in `command`.
        """
        scene = Scene(ctx, self._texts)
        before = self._answered_before(scene)
        if before is not None:
            return before
        press = read(action)
        if press is None:
            return [menu(scene, scene.say("unknown_button"))]
        return await presses.answer(scene, press)

    async def text(
        self, ctx: ToolContext, text: str, *, model_away: bool = False
    ) -> list[Outgoing]:
        """Answer free text.

        Args:
            text: any length, any characters.
            model_away: whether to say that no model could be asked.

        Raises:
            DatabaseUnavailableError: as in `command`.
        """
        scene = Scene(ctx, self._texts)
        messages = self._answered_before(scene)
        if messages is None:
            messages = await reading.answer(scene, self._words, text)
        return noticed(scene.say("model_away") if model_away else None, messages)

    async def answer_to_card(
        self, ctx: ToolContext, text: str, replied: Sequence[str] = ()
    ) -> list[Outgoing] | None:
        """Answer a bare typed yes or no to the open card; a wish behind a yes comes after it.

        Args:
            replied: what the buttons of the message carry that it is a reply to.

        Returns:
            What to say; None where the text says anything else, no card is open, or another thing
            was said since.

        Raises:
            DatabaseUnavailableError: as in `command`.
        """
        scene = Scene(ctx, self._texts)
        said = yes_or_no(text, self._words)
        wish = yes_and(scene, self._words, text) if said is None else None
        if said is None and wish is None:
            return None
        before = self._answered_before(scene)
        if before is not None:
            return before
        draft = await open_draft(ctx)
        if wish is not None:
            kept = [] if draft.next_wish is None else [draft.next_wish.text]
            ctx.wishes_next("\n".join([*kept, wish]))
        answer = await answer_card(scene, said is not False, draft, replied)
        if answer is None:
            ctx.next_wish = None  # it is read as a whole, by whoever answers
        return answer

    def other(self, ctx: ToolContext, *, speaks: bool = False) -> list[Outgoing]:
        """Answer what can be neither read nor heard: stickers, photos, videos.

        Args:
            speaks: whether a voice message would do.
        """
        scene = Scene(ctx, self._texts)
        return [menu(scene, scene.say("please_write_or_speak" if speaks else "please_write"))]

    def unheard(self, ctx: ToolContext, why: str) -> list[Outgoing]:
        """Answer a voice message that couldn't be heard.

        Args:
            why: key of the text that says so.
        """
        scene = Scene(ctx, self._texts)
        values = {"count": MAX_SECONDS // 60} if why == "voice_too_long" else {}
        return [menu(scene, scene.say(why, **values))]

    async def contact(self, ctx: ToolContext, phone: str) -> list[Outgoing]:
        """Save the telephone number of the customer's own contact card.

        Raises:
            DatabaseUnavailableError: nothing was saved.
        """
        scene = Scene(ctx, self._texts)
        try:
            number = read_phone(f"+{phone.lstrip('+')}", ctx.business)
        except ValueError:
            return [menu(scene, scene.say("contact_not_saved"))]
        await ctx.store.run(
            ctx.business, lambda uow: uow.customers.update_customer(ctx.customer.id, phone=number)
        )
        return [menu(scene, scene.say("contact_saved", phone=number))]

    def _answered_before(self, scene: Scene) -> list[Outgoing] | None:
        """Return the answer to a message whose write was committed before a crash.

        The write has changed what is open, so reading the message again could mean something else;
        a card or a receipt follows from the outcome alone. Refusals and closed cards don't: those
        go the whole way again and meet the recorded outcome there.
        """
        ctx = scene.ctx
        if ctx.position not in ctx.recorded:
            return None
        outcome = from_journal(ctx.recorded[ctx.position])
        if not isinstance(outcome, Proposed):
            return None
        if outcome.proposal is not None:
            ctx.ledger.proposal = outcome.proposal
            return [card_message(ctx, self._texts, outcome.proposal)]
        if outcome.done is None:
            return []
        ctx.ledger.done.append(outcome.done)
        ctx.ledger.next_wish = outcome.next_wish
        if outcome.done.change in (Change.APPROVED, Change.DECLINED):
            return [owner.decided(scene, outcome.done)]
        return []
