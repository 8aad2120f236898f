"""The loop: model, validation, tool, result, model; capped, journaled, and held to the truth.

Whatever the model says or asks for, the code decides: identity comes from the context, a write is
checked by the write path, the same call isn't made twice, and text that claims what the ledger
doesn't hold is not delivered (conversation rules, "one turn" and "truth").
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import structlog

from assistant.guided.cards import card_message, menu, refusal_message, slot_buttons
from assistant.guided.listing import Target
from assistant.guided.scene import Scene
from assistant.hand_off.words import asked
from assistant.messages import Outgoing
from assistant.model.port import (
    AssistantText,
    Finish,
    Item,
    Model,
    ModelError,
    ModelErrorKind,
    ModelReply,
    TextSink,
    ToolCall,
    ToolResult,
    Usage,
    UserText,
)
from assistant.prompts.loader import RenderedPrompt
from assistant.recorder import Recorder, Stage
from assistant.texts import Texts
from assistant.turn.answer import HANDED_OFF, TurnAnswer, TurnLimits
from assistant.turn.backing import backing_of
from assistant.turn.events import Finished, TurnEvent, TurnSink
from assistant.turn.grounding import judged
from assistant.turn.history import repair
from assistant.turn.open_text import OpenText
from assistant.turn.recital import is_not_for_customers
from assistant.turn.replies import from_step, to_step
from assistant.turn.request import build_request, request_items, tool_specs
from assistant.turn.tool_use import ToolUse
from booking.refusals import Refusal, RefusalCode
from tools.support.context import ToolContext
from tools.support.contract import Audience, Effect, HandedOff, Outcome, Proposed
from tools.support.drafts import keep_next_wish
from tools.support.registry import Registry

logger = structlog.get_logger(__name__)

# Each model call of a turn has its block of positions in the journal: the reply, then its calls.
_BLOCK = 100
# Refusals that code explains better, and for nothing, than another model call would.
_EXPLAINED_BY_CODE = frozenset(RefusalCode) - {
    RefusalCode.NOT_FOUND,
    RefusalCode.IDEMPOTENCY_CONFLICT,
}
_RETRY_NOTE = {
    Finish.EMPTY: "Your last answer was empty. Answer the customer in one or two sentences.",
    Finish.LENGTH: "Your last answer was too long. Answer in at most 60 words.",
}


class TurnEngine:
    """Answers free text with the model and its tools.

    Args:
        model: the port.
        registry: the tools.
        texts: system texts, for templates.
        limits: caps.
        recorder: takes note of what happens.
    """

    def __init__(
        self,
        model: Model,
        registry: Registry,
        texts: Texts,
        limits: TurnLimits | None = None,
        *,
        recorder: Recorder | None = None,
    ) -> None:
        self._model = model
        self._tools = {tool.name: tool for tool in registry.offered_to(Audience.CUSTOMER)}
        self._specs = tool_specs(registry)
        self._texts = texts
        self._limits = limits or TurnLimits()
        self._recorder = recorder or Recorder()

    async def run(
        self,
        ctx: ToolContext,
        prompt: RenderedPrompt,
        history: Sequence[Item],
        envelope: str,
        said: str,
        *,
        safety_identifier: str | None = None,
        texts: Texts | None = None,
        sink: TurnSink | None = None,
    ) -> TurnAnswer:
        """Answer one message.

        Args:
            prompt: the static part.
            history: whole turns, oldest first.
            envelope: the newest message with the facts of the moment.
            said: the customer's words alone.
            safety_identifier: HMAC of the customer.
            texts: of the turn's edition; None = those that the engine was built with.
            sink: told what happens meanwhile; asks the model to stream.

        Raises:
            ModelError: the model is away and nothing was proposed or done in this turn.
        """
        items = request_items(history, envelope)
        turn = _Turn(self, ctx, prompt, items, said, safety_identifier, texts or self._texts, sink)
        try:
            answer = await turn.run()
        except ModelError as error:
            error.used = turn.used
            raise
        turn.tell(Finished(answer.outcome))
        return answer


class _Turn:
    """One turn at work."""

    def __init__(
        self,
        engine: TurnEngine,
        ctx: ToolContext,
        prompt: RenderedPrompt,
        items: list[Item],
        said: str,
        safety_identifier: str | None,
        texts: Texts,
        sink: TurnSink | None,
    ) -> None:
        self._engine = engine
        self._sink = sink
        self._ctx = ctx
        self._prompt = prompt
        self._items = items
        self._texts = texts
        self._own = len(self._items)  # where this turn's own items begin
        self._said = said
        self._safety_identifier = safety_identifier
        self._deadline = time.monotonic() + engine._limits.seconds
        self._answer = TurnAnswer()
        self._use = ToolUse(
            ctx, engine._tools, engine._recorder, max_writes=engine._limits.writes, tell=self.tell
        )
        self._resampled = False
        self._repaired = False

    @property
    def used(self) -> Usage:
        """What its calls have cost so far."""
        return self._answer.usage

    async def run(self) -> TurnAnswer:
        limits = self._engine._limits
        for n in range(limits.model_calls):
            last = n == limits.model_calls - 1 or self._deadline - time.monotonic() < 5
            last = last or self.used.input_tokens + self.used.output_tokens >= limits.tokens
            reply = await self._ask(n, tools_allowed=not last)
            if reply.finish is Finish.TOOL_CALLS and not last:
                if await self._call_tools(n, reply):
                    return self._finished()
                continue
            if self._accept(reply):
                return self._finished()
            if last:
                break
        self._answer.outcome = "cap_reached"
        self._say("cap_reached")
        return self._finished()

    # --- the model

    async def _ask(self, n: int, *, tools_allowed: bool) -> ModelReply:
        position = self._ctx.begin + n * _BLOCK
        recorded = self._ctx.recorded.get(position)
        if recorded is not None:
            return from_step(recorded)
        try:
            reply = await self._complete(tools_allowed)
        except ModelError as error:
            if self._repaired or not self._shorten(error):
                raise
            self._repaired = True
            reply = await self._complete(tools_allowed)
        self._answer.model_calls += 1
        self._answer.usage += reply.usage
        self._answer.model = reply.model
        self._ctx.unsaved.append((position, "model", to_step(reply)))
        return reply

    async def _complete(self, tools_allowed: bool) -> ModelReply:
        engine = self._engine
        request = build_request(
            self._ctx.business,
            self._prompt,
            self._items,
            engine._specs,
            tools_allowed=tools_allowed,
            safety_identifier=self._safety_identifier,
            max_output_tokens=engine._limits.max_output_tokens,
        )
        left = max(self._deadline - time.monotonic(), 1.0)
        recorder = engine._recorder
        with recorder.timed(Stage.MODEL):
            try:
                reply = await engine._model.complete(
                    request, timeout_seconds=left, on_text=self._listener()
                )
            except ModelError as error:
                recorder.model_error(error.kind.value)
                raise
            recorder.model_call(reply.model, reply.usage)
        return reply

    def _listener(self) -> TextSink | None:
        """Return what takes the model's text as it comes, where somebody is shown it."""
        if self._sink is None:
            return None
        backing = backing_of(self._ctx, self._said)
        return OpenText(backing, self._prompt.text, self._sink).add

    def _shorten(self, error: ModelError) -> bool:
        """Mend what the provider refused, once: broken pairs, or a context that is too long."""
        if error.kind is ModelErrorKind.PAIRING:
            keep = self._own - 1  # the envelope stays; the history that broke it goes
        elif error.kind is ModelErrorKind.CONTEXT:
            keep = (self._own - 1) // 2
        else:
            return False
        own = self._items[self._own - 1 :]
        old = [] if error.kind is ModelErrorKind.PAIRING else self._items[keep : self._own - 1]
        # From the beginning of a turn: what a turn was told belongs to what it answered.
        while old and not isinstance(old[0], UserText):
            old = old[1:]
        old = repair(old)
        self._items = [*old, *repair(own)]
        self._own = len(old) + 1
        return True

    # --- its tools

    async def _call_tools(self, n: int, reply: ModelReply) -> bool:
        """Carry out the calls; True where the turn is answered by a card, receipt or refusal."""
        answered = False
        for k, call in enumerate(reply.calls):
            self._ctx.position = self._ctx.begin + n * _BLOCK + 1 + k
            output, outcome = await self._use.call(call)
            self._items += [call, ToolResult(call.call_id, output)]
            answered = await self._answered_by(call, outcome) or answered
        proposal = self._ctx.ledger.proposal
        if proposal is not None:  # of several cards the last one is open
            self._answer.outgoing.append(card_message(self._ctx, self._texts, proposal))
        return answered

    def tell(self, event: TurnEvent) -> None:
        """Tell whoever listens what happened."""
        if self._sink is not None:
            self._sink(event)

    async def _answered_by(self, call: ToolCall, outcome: Outcome | None) -> bool:
        """Turn a write's outcome into the answer, rendered by code, without asking the model.

        Where that settles the first of several wishes, the model goes on with the next.
        """
        ctx = self._ctx
        tool = self._engine._tools.get(call.name)
        if outcome is None or tool is None or tool.effect is not Effect.WRITE:
            return False
        if isinstance(outcome, Refusal):
            if outcome.code not in _EXPLAINED_BY_CODE:
                return False
            self._answer.outcome = f"refused:{outcome.code.value}"
            target = self._target()
            message = refusal_message(ctx, self._texts, outcome, target)
            self._answer.outgoing.append(message)
            return not await self._goes_on_after(outcome)
        if isinstance(outcome, HandedOff):
            self._answer.outcome = HANDED_OFF
            self._answer.outgoing.append(asked(Scene(ctx, self._texts), outcome))
            return True
        if not isinstance(outcome, Proposed):
            return False
        if outcome.proposal is not None:
            self._answer.outcome = "proposed"
            return True
        if outcome.done is not None:
            self._answer.outcome = f"done:{outcome.done.change.value}"
            return not self._goes_on()
        return False

    def _goes_on(self) -> bool:
        """Whether this message asks for more; the model has it in its own call."""
        more = self._ctx.next_wish is not None
        if more:
            self._ctx.next_wish = self._ctx.ledger.next_wish = None
        return more

    async def _goes_on_after(self, refusal: Refusal) -> bool:
        """The same after a refusal; where another time can be chosen, that comes first."""
        if refusal.code is RefusalCode.TEMPORARILY_UNAVAILABLE:
            return False
        if not (refusal.alternatives or refusal.candidates):
            return self._goes_on()
        await keep_next_wish(self._ctx)
        return False

    def _target(self) -> Target | None:
        """Return what the refused time was wanted for."""
        aim, business = self._ctx.ledger.aim, self._ctx.business
        service = None if aim is None else business.service(aim.service_id)
        if aim is None or service is None:
            return None
        return Target(service, aim.staff_id, aim.moving, aim.seats)

    # --- its text

    def _accept(self, reply: ModelReply) -> bool:
        """Take a text as the answer, or ask for another one, once; then a template answers."""
        text = reply.text.strip()
        if reply.finish is Finish.STOP and text:
            if is_not_for_customers(text, self._prompt.text):
                logger.warning("recited_prompt", turn_id=self._ctx.turn_id)
                note = (
                    "That answer was not delivered: it reads out your instructions, or names tools"
                    " or their results. Answer the customer briefly in plain words."
                )
                return self._again(note, "recited", "not_understood")
            backing = backing_of(self._ctx, self._said)
            found = judged(text, backing)
            if not found.problems:
                if found.doubtful:
                    logger.info("doubtful_text", turn_id=self._ctx.turn_id)
                    text = f"{text}\n\n{self._texts.say('nothing_done', self._ctx.language)}"
                self._answer.outgoing.append(self._with_buttons(text))
                return True
            named = [problem.value for problem in found.problems]
            logger.warning("unbacked_text", turn_id=self._ctx.turn_id, problems=named)
            note = (
                "That answer was not delivered: it claims or offers what no tool result of this"
                f" turn backs ({', '.join(named)}). Nothing was booked, moved, cancelled, saved or"
                " passed on by it. Use a tool, or answer without that claim."
            )
            template = "unbacked_claim" if backing.idle else "not_understood"
            return self._again(note, "unbacked", template)
        if reply.finish in (Finish.REFUSAL, Finish.CONTENT_FILTER):
            self._answer.outcome = reply.finish.value
            self._say("not_understood")
            return True
        if reply.finish is Finish.TOOL_CALLS:
            return False  # called although tools were off: the cap's template answers
        finish = reply.finish if reply.finish in _RETRY_NOTE else Finish.EMPTY
        return self._again(_RETRY_NOTE[finish], finish.value, "not_understood")

    def _again(self, note: str, outcome: str, template: str) -> bool:
        if self._resampled:
            self._answer.outcome = outcome
            self._say(template)
            return True
        self._resampled = True
        self._items.append(UserText(f"[system note: {note}]"))
        return False

    def _with_buttons(self, text: str) -> Outgoing:
        ctx = self._ctx
        listing = next((x for x in reversed(ctx.ledger.listings) if x.offers), None)
        if listing is None:
            return Outgoing(text=text, markdown=True)
        rows = slot_buttons(ctx.business, ctx.language, listing, self._texts)
        return Outgoing(text=text, markdown=True, buttons=rows)

    def _say(self, key: str) -> None:
        """Answer with a template, and with buttons to go on by."""
        text = self._texts.say(key, self._ctx.language)
        if any(listing.offers for listing in self._ctx.ledger.listings):
            answer = self._with_buttons(text)
        else:
            answer = menu(Scene(self._ctx, self._texts), text)
        self._answer.outgoing.append(answer)

    def _finished(self) -> TurnAnswer:
        own = self._items[self._own :]
        self._answer.items = [i for i in own if not isinstance(i, UserText | AssistantText)]
        return self._answer
