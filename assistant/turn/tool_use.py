"""Carries out what the model calls in one turn: checked, capped, never the same call twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping

import structlog

from assistant.model.port import ToolCall
from assistant.recorder import Recorder, Stage, ToolOutcome
from assistant.turn.events import ToolFinished, ToolStarted, TurnEvent
from booking.refusals import Refusal, RefusalCode
from db.errors import DatabaseError
from tools.support.context import ToolContext
from tools.support.contract import (
    ArgumentProblem,
    Effect,
    HandedOff,
    Outcome,
    Proposed,
    Tool,
    ToolArgs,
    render,
)

logger = structlog.get_logger(__name__)

# Outcomes of a write tool that write nothing, or enter what they do themselves.
_NO_DEED = (ArgumentProblem, HandedOff, Proposed, Refusal)


class ToolUse:
    """The tools as one turn may use them.

    Args:
        tools: by name.
        max_writes: write tools carried out.
        tell: told when a tool starts and when it is done.
    """

    def __init__(
        self,
        ctx: ToolContext,
        tools: Mapping[str, Tool],
        recorder: Recorder,
        *,
        max_writes: int,
        tell: Callable[[TurnEvent], None],
    ) -> None:
        self._ctx = ctx
        self._tools = tools
        self._recorder = recorder
        self._max_writes = max_writes
        self._tell = tell
        self._done_before: dict[tuple[str, str], str] = {}
        self._uses: Counter[str] = Counter()
        self._writes = 0

    async def call(self, call: ToolCall) -> tuple[str, Outcome | None]:
        """Carry out a call.

        Returns:
            What the model reads, and the outcome if the tool ran.
        """
        tool = self._tools.get(call.name)
        if tool is None:
            # Not by the name that the model invented: there is no end of them.
            self._recorder.tool("unknown", ToolOutcome.BAD_ARGUMENTS)
            names = ", ".join(self._tools)
            return render(ArgumentProblem(error=f"no tool {call.name!r}; there are: {names}")), None
        key = (call.name, call.arguments)
        if key in self._done_before:
            return self._done_before[key], None
        args = tool.parse(call.arguments)
        if isinstance(args, ArgumentProblem):
            self._recorder.tool(tool.name, ToolOutcome.BAD_ARGUMENTS)
            return render(args), None
        refused = self._over_cap(tool)
        if refused is not None:
            return render(refused), None
        self._tell(ToolStarted(tool.name))
        with self._recorder.timed(Stage.TOOLS):
            outcome = await self._run(tool, args)
        self._tell(ToolFinished(tool.name))
        output = self._done_before[key] = render(outcome, self._ctx.business)
        return output, outcome

    def _over_cap(self, tool: Tool) -> ArgumentProblem | None:
        self._uses[tool.name] += 1
        writes = tool.effect is Effect.WRITE
        self._writes += writes
        over = writes and self._writes > self._max_writes
        if not over and self._uses[tool.name] <= tool.max_per_turn:
            return None
        return ArgumentProblem(
            error=f"{tool.name} was called too often for one message",
            next="Answer the customer with what you have.",
        )

    async def _run(self, tool: Tool, args: ToolArgs) -> Outcome:
        log = logger.bind(tool=tool.name, turn_id=self._ctx.turn_id)
        recorder, ledger = self._recorder, self._ctx.ledger
        entries = ledger.entries()
        try:
            async with asyncio.timeout(tool.timeout_seconds):
                outcome: Outcome = await tool.run(self._ctx, args)
        except TimeoutError:
            recorder.tool(tool.name, ToolOutcome.TIMEOUT)
            log.warning("tool_timeout")
            return Refusal(code=RefusalCode.TEMPORARILY_UNAVAILABLE)
        except DatabaseError as error:
            recorder.tool(tool.name, ToolOutcome.FAILED)
            log.error("tool_database_error", error=str(error))
            return Refusal(code=RefusalCode.TEMPORARILY_UNAVAILABLE)
        except Exception:  # a tool's bug must not take the turn down; the log has the detail
            recorder.tool(tool.name, ToolOutcome.FAILED)
            log.exception("tool_failed")
            return ArgumentProblem(
                error="the tool failed; nothing was changed",
                next="Say that this isn't possible right now.",
            )
        # A developer's tool enters nothing, but what it has written is no less so.
        if tool.effect is Effect.WRITE and not isinstance(outcome, _NO_DEED):
            ledger.other = ledger.other or ledger.entries() == entries
        refused = isinstance(outcome, Refusal)
        recorder.tool(tool.name, ToolOutcome.REFUSED if refused else ToolOutcome.OK)
        log.info(
            "tool_done",
            outcome=outcome.code.value if isinstance(outcome, Refusal) else "ok",
        )
        return outcome
