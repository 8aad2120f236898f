"""From one message of a person to the answer in the outbox, in few transactions.

Opening a turn, what its tools write, and its end are a transaction each; a crash between any two of
them leads, when the message is handled again, to the same answer and no second booking.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import structlog
from structlog.contextvars import bind_contextvars

from assistant.admin.prompts import PromptAdmin
from assistant.burst import unless_it_goes_on
from assistant.drafts import Drafts
from assistant.editions import Scripts
from assistant.guided.flow import GuidedFlow
from assistant.hand_off import desk
from assistant.hand_off.unclear import asks_again
from assistant.limits import UsageLimits
from assistant.messages import BLOCKED, Incoming, IncomingKind, Outgoing
from assistant.model.port import ModelError, Usage
from assistant.next_wishes import see_to_the_rest
from assistant.prompts.loader import PromptError
from assistant.recorder import Recorder, Stage
from assistant.remembering import remember
from assistant.script import Script
from assistant.signs import Signs
from assistant.turn.answer import TurnAnswer
from assistant.turn.memory import digest_of
from assistant.turn.request import read_opening
from assistant.turn_start import open_turn
from assistant.voice import STEP, Listener, read_back
from booking.business import Business
from db.repositories.conversations import TurnSummary
from db.repositories.outbox import OutboxKind, ReplyTo
from db.store import Store, UnitOfWork
from tools.support.context import ToolContext

if TYPE_CHECKING:  # a process without a model doesn't need it, and it takes long to load
    from assistant.turn.engine import TurnEngine

__all__ = ["Conversation", "Script"]

logger = structlog.get_logger(__name__)

# In front of what the model reads of a message, inside the fence: the customer's own doing.
_CORRECTED = "(edited: this replaces an earlier message of mine)"
_FOLLOWS = "(the rest of an earlier message of mine, now that its first part is settled)"
# Longer texts are no request for an appointment; they are answered without the model.
MAX_TEXT = 2000
# Positions in the journal of what the guided flow writes: apart from those of the model's calls.
_FLOW_POSITION = 10_001
# The same, where the model was asked first and was away.
_TAKEN_OVER = 20_001
_ADMIN = "admin"
# Stamps of texts that the guided flow answered, in the model's place or without one.
_WITHOUT_MODEL = frozenset({"guided", "model_away", "tokens_spent"})
# Who writes again after so long has forgotten the apology.
_OUTAGE = dt.timedelta(hours=6)


class Conversation:
    """Answers messages: `assistant.channel.Handler`.

    Args:
        store: the database.
        businesses: channel name -> business id.
        scripts: texts, prompts and word lists; each turn keeps to one edition of them.
        engine: the model's turn; None = there is no model, the guided flow answers.
        admin: answers the admins' own commands; None = there are none.
        history_turns: earlier turns that the model is reminded of.
        limits: how much may be written, and what the model may cost.
        listener: hears voice messages; None = nobody does.
        drafts: show answers while they are written; None = the model isn't asked to stream.
        signs: show that an answer is written; None = nothing is shown.
        recorder: takes note of what happens.
    """

    def __init__(
        self,
        store: Store,
        businesses: Mapping[str, int],
        scripts: Scripts,
        engine: TurnEngine | None = None,
        *,
        admin: PromptAdmin | None = None,
        history_turns: int = 20,
        limits: UsageLimits | None = None,
        listener: Listener | None = None,
        drafts: Drafts | None = None,
        signs: Signs | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        self._store = store
        self._businesses = businesses
        self._scripts = scripts
        self._engine = engine
        self._admin = admin
        self._history_turns = history_turns
        self._limits = limits or UsageLimits()
        self._listener = listener or Listener({}, None)
        self._drafts = drafts or Drafts({})
        self._signs = signs or Signs({})
        self._recorder = recorder or Recorder()

    async def handle(self, incoming: Incoming, *, inbox_ids: Sequence[int]) -> None:
        """Answer a message (or burst) and mark its inbox rows done with the answer.

        Raises:
            DatabaseUnavailableError: nothing was lost; handle it again later.
            BurstGoesOnError: more was written while the model thought, and nothing was done yet.
        """
        business = await self._store.business(self._businesses[incoming.channel])
        if incoming.kind is IncomingKind.MEMBERSHIP:
            await self._note_membership(business, incoming, list(inbox_ids))
            return
        script = await self._scripts.of(business)
        self._recorder.stage(Stage.QUEUE_WAIT, self._age(incoming))
        with self._recorder.timed(Stage.DATABASE):
            customer, turn, hand_off = await open_turn(self._store, business, script, incoming)
        if turn.update_ids != tuple(u for u, _ in incoming.parts) and incoming.parts:
            # Found again after a crash: what came later stays in the inbox for the next turn.
            kept = [n for n, (u, _) in enumerate(incoming.parts) if u in turn.update_ids]
            inbox_ids = [inbox_ids[n] for n in kept]
            incoming = incoming.of(turn.update_ids)
        if turn.state == "done":
            await self._store.run(business, lambda uow: uow.inbox.done(list(inbox_ids)))
            return
        language = script.texts.resolve(
            customer.language or incoming.person.language_code or business.languages[0]
        )
        ctx = ToolContext(
            store=self._store,
            business=business,
            customer=customer,
            language=language,
            reply_to=ReplyTo(incoming.channel, incoming.chat_id, language),
            message_key=incoming.key,
            said=incoming.text[:MAX_TEXT],
            hand_off=hand_off,
            turn_id=turn.id,
            attempt=turn.attempt,
            position=_FLOW_POSITION,
            recorded={s.position: s.payload for s in turn.steps if s.kind != STEP},
            heard={s.payload["update_id"]: s.payload["text"] for s in turn.steps if s.kind == STEP},
        )
        # The worker takes these off again; a failure that it logs still has them.
        bind_contextvars(turn_id=turn.id, channel=incoming.channel, chat_id=incoming.chat_id)
        newest = max(inbox_ids, default=0)
        answer = await self._answer(ctx, script, incoming, newest)
        answer = await see_to_the_rest(
            ctx, script.texts, incoming, answer, self._answers_next(ctx, script, answer, newest)
        )
        with self._recorder.timed(Stage.DATABASE):
            await self._finish(ctx, script, incoming, answer, list(inbox_ids))
        self._recorder.turn(incoming.kind.value, answer.outcome, self._age(incoming))
        for refusal in ctx.ledger.refusals:
            self._recorder.refusal(refusal.code.value)
        logger.info(
            "turn_done",
            kind=incoming.kind.value,
            outcome=answer.outcome,
            model_calls=answer.model_calls,
        )

    async def _note_membership(
        self, business: Business, incoming: Incoming, inbox_ids: list[int]
    ) -> None:
        async def work(uow: UnitOfWork) -> None:
            note = uow.reach.lose if incoming.action == BLOCKED else uow.reach.regain
            await note(incoming.channel, incoming.chat_id)
            await uow.inbox.done(inbox_ids)

        await self._store.run(business, work)
        logger.info("membership", action=incoming.action)

    def _age(self, incoming: Incoming) -> float:
        """How many seconds ago the message came in."""
        return (self._store.clock.now() - incoming.received_at).total_seconds()

    async def _answer(
        self, ctx: ToolContext, script: Script, incoming: Incoming, newest: int
    ) -> TurnAnswer:
        flow = GuidedFlow(script.texts, script.intents)
        told = await desk.owner_writes(ctx, script.texts, incoming)
        if told is not None:
            return told
        if incoming.voices and (ctx.hand_off is None or ctx.recorded):
            return await self._answer_voice(ctx, script, incoming, newest)
        # While a person has the chat a typed yes is an answer to them: only buttons are for cards.
        if incoming.kind is IncomingKind.TEXT and (ctx.hand_off is None or ctx.recorded):
            replied = incoming.replied.actions if incoming.replied is not None else ()
            card = await flow.answer_to_card(ctx, incoming.text, replied)
            if card is not None:
                return TurnAnswer(outgoing=card, outcome="card_answer")
        # What was begun before a crash is ended; a press is never held back.
        if incoming.kind is not IncomingKind.PRESS and not ctx.recorded:
            held_back = await self._limits.held_back(ctx, script.texts)
            if held_back is not None:
                return held_back
        self._signs.show(ctx, incoming)
        told = await desk.before(ctx, script.texts, script.alarms, incoming)
        if told is not None:
            return told
        match incoming.kind:
            case IncomingKind.COMMAND:
                if self._admin is not None:
                    shown = await self._admin.command(ctx, incoming, script)
                    if shown is not None:
                        return TurnAnswer(outgoing=shown, outcome=_ADMIN)
                out = await flow.command(ctx, incoming.command or "", incoming.text)
                return TurnAnswer(outgoing=out, outcome="command")
            case IncomingKind.PRESS:
                out = await flow.press(ctx, incoming.action or "")
                return TurnAnswer(outgoing=out, outcome="press")
            case IncomingKind.OTHER:
                if self._admin is not None:
                    shown = await self._admin.file(ctx, incoming, script)
                    if shown is not None:
                        return TurnAnswer(outgoing=shown, outcome=_ADMIN)
                out = flow.other(ctx, speaks=self._listener.hears)
                return TurnAnswer(outgoing=out, outcome="not_text")
            case IncomingKind.CONTACT:
                return TurnAnswer(
                    outgoing=await flow.contact(ctx, incoming.text), outcome="contact"
                )
            case IncomingKind.MEMBERSHIP:
                raise ValueError("a membership has no turn")  # see `handle`
            case IncomingKind.TEXT:
                answer = await self._answer_text(ctx, script, flow, incoming, newest)
                return await desk.after(ctx, script.texts, answer)

    def _answers_next(
        self, ctx: ToolContext, script: Script, first: TurnAnswer, newest: int
    ) -> Callable[[Incoming], Awaitable[TurnAnswer]]:
        """Return what answers a wish that comes after the one that was answered first."""
        flow = GuidedFlow(script.texts, script.intents)

        async def answer(incoming: Incoming) -> TurnAnswer:
            ctx.position = _TAKEN_OVER + ctx.begin
            if first.outcome in _WITHOUT_MODEL:
                out = await flow.text(ctx, incoming.text)
                told = TurnAnswer(outgoing=out, outcome=first.outcome)
            else:
                told = await self._answer_text(ctx, script, flow, incoming, newest)
            return await desk.after(ctx, script.texts, told)

        return answer

    async def _answer_voice(
        self, ctx: ToolContext, script: Script, incoming: Incoming, newest: int
    ) -> TurnAnswer:
        """Answer what a voice message says as a text; where it can't be heard, say so."""
        held_back = None if ctx.recorded else await self._limits.held_back(ctx, script.texts)
        if held_back is not None:
            return held_back
        self._signs.show(ctx, incoming)
        spent = not ctx.recorded and await self._limits.is_spent(ctx)
        heard = await (Listener({}, None) if spent else self._listener).hear(ctx, incoming)
        ctx.said, ctx.words = heard.incoming.text[:MAX_TEXT], heard.words
        flow, unheard = GuidedFlow(script.texts, script.intents), heard.unheard
        if unheard is not None and not ctx.said:
            answer = TurnAnswer(outgoing=flow.unheard(ctx, unheard), outcome=unheard)
        else:
            answer = await self._answer(ctx, script, heard.incoming, newest)
            if unheard is not None:
                answer.outgoing.insert(0, Outgoing(text=flow.unheard(ctx, unheard)[0].text))
        answer.usage += heard.usage
        return answer

    async def _answer_text(
        self, ctx: ToolContext, script: Script, flow: GuidedFlow, incoming: Incoming, newest: int
    ) -> TurnAnswer:
        text = incoming.text
        wordless = not any(char.isalnum() for char in text)
        if self._engine is None or len(text) > MAX_TEXT or wordless:
            return TurnAnswer(outgoing=await flow.text(ctx, text), outcome="guided")
        if not ctx.recorded and await self._limits.is_spent(ctx):
            return await self._take_over(ctx, flow, text, "tokens_spent")
        used = Usage()
        # A turn that the flow had taken over before a crash is the flow's to end.
        if _TAKEN_OVER + ctx.begin not in ctx.recorded:
            try:
                asking = self._ask_model(self._engine, ctx, script, incoming)
                return await unless_it_goes_on(asking, ctx, newest)
            except ModelError as error:
                logger.warning("model_away", kind=error.kind.value, status=error.status)
                used = error.used
            except PromptError as error:
                logger.error("prompt_not_rendered", error=str(error))
        answer = await self._take_over(ctx, flow, text, "model_away")
        answer.usage += used
        return answer

    async def _take_over(
        self, ctx: ToolContext, flow: GuidedFlow, text: str, outcome: str
    ) -> TurnAnswer:
        """Let the guided flow answer in the model's place, with one apology for an outage."""
        ctx.position = _TAKEN_OVER + ctx.begin
        since = ctx.clock.now() - _OUTAGE
        told = await self._store.run(
            ctx.business,
            lambda uow: uow.usage.model_was_away(ctx.customer.id, since=since),
        )
        out = await flow.text(ctx, text, model_away=not told)
        return TurnAnswer(outgoing=out, outcome=outcome)

    async def _ask_model(
        self, engine: TurnEngine, ctx: ToolContext, script: Script, incoming: Incoming
    ) -> TurnAnswer:
        text = incoming.text
        with self._recorder.timed(Stage.DATABASE):
            opening = await self._store.run(
                ctx.business,
                lambda uow: read_opening(
                    uow,
                    "\n".join(filter(None, (_how_said(ctx, incoming), text))),
                    customer=ctx.customer,
                    language=ctx.language,
                    prompts=script.prompts,
                    clock=ctx.clock,
                    history_turns=self._history_turns,
                ),
            )
        ctx.ledger.appointments = opening.appointments
        async with self._drafts.of(incoming) as sink:
            answer = await engine.run(
                ctx,
                opening.prompt,
                opening.history,
                opening.envelope,
                text,
                safety_identifier=opening.safety_identifier,
                texts=script.texts,
                sink=sink,
            )
        ctx.ledger.unclear = ctx.ledger.asked_before = asks_again(answer, opening.history)
        return answer

    async def _finish(
        self,
        ctx: ToolContext,
        script: Script,
        incoming: Incoming,
        answer: TurnAnswer,
        inbox_ids: list[int],
    ) -> None:
        """Save the conversation, the reply and the stamp, and mark the updates answered."""
        turn_id = ctx.turn_id
        assert turn_id is not None
        summary = TurnSummary(
            outcome=answer.outcome,
            prompt_version=script.prompts.version if answer.model_calls else None,
            model=answer.model,
            model_calls=answer.model_calls,
            input_tokens=answer.usage.input_tokens,
            cached_tokens=answer.usage.cached_tokens,
            output_tokens=answer.usage.output_tokens,
            digest=digest_of(ctx.ledger, answer.items, ctx.business, ctx.language),
        )
        # Prompts that admins look at and write, and what owners answer customers, are no
        # conversation that the model should see.
        remembered = answer.outcome not in (_ADMIN, desk.OWNER_ANSWER)

        async def work(uow: UnitOfWork) -> None:
            if not await uow.conversations.finish_turn(turn_id, summary, attempt=ctx.attempt):
                return  # another worker finished it, or has taken it over and will
            if remembered:
                await remember(uow, ctx, script.texts, incoming, answer)
            for outgoing in read_back(script.texts, ctx.language, ctx.words, answer.outgoing):
                await self._enqueue(uow, ctx, outgoing)
            await uow.inbox.done(inbox_ids)

        await self._store.run(ctx.business, work)

    @staticmethod
    async def _enqueue(uow: UnitOfWork, ctx: ToolContext, outgoing: Outgoing) -> None:
        await uow.outbox.enqueue(
            ctx.business.id,
            ctx.reply_to,
            OutboxKind.MESSAGE,
            outgoing.model_dump(mode="json"),
            due_at=ctx.clock.now(),
        )


def _how_said(ctx: ToolContext, incoming: Incoming) -> str:
    """Return what the model is told of how a message came, besides its words."""
    if ctx.following is not None:
        return _FOLLOWS
    return _CORRECTED if incoming.is_correction else ""
