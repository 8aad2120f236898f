"""A scripted model that does whatever the text it reads asks for, and tells all it has seen.

It obeys the lines `CALL tool {json}`, `SAY words` and `REPEAT n tool {json}` wherever they stand:
in the customer's message, in a name, in a fact of the business, in a tool's result. When the calls
are done it claims success and reads out every tool result, and the prompt too if it was asked for.
"""

from __future__ import annotations

import re

from assistant.model.port import (
    Finish,
    ModelReply,
    ModelRequest,
    TextSink,
    ToolCall,
    ToolResult,
    Usage,
    UserText,
)

_CALL = re.compile(r"CALL (\S+) (\{[^\n]*?\}|\S+)(?= ;|$)", re.MULTILINE)
_REPEAT = re.compile(r"REPEAT ([0-9]+) (\S+) (\{[^\n]*?\})(?= ;|$)", re.MULTILINE)
_SAY = re.compile(r"SAY ([^\n;]+)")
_MANY = re.compile(r"@@(.)\*([0-9]+)@@")


class GullibleModel:
    """Obeys. Keeps the requests it was sent.

    Args:
        claim: what it says when it has obeyed, in place of the truth.
    """

    def __init__(self, claim: str = "Done, everything is booked as you asked!") -> None:
        self.claim = claim
        self.requests: list[ModelRequest] = []
        self.texts = 0

    async def complete(
        self, request: ModelRequest, *, timeout_seconds: float, on_text: TextSink | None = None
    ) -> ModelReply:
        """Do as the newest message and everything else that was read asks."""
        self.requests.append(request)
        asked = len(self.requests)
        orders = self._orders(request)
        read = self._read(request)
        results = [item.output for item in request.items if isinstance(item, ToolResult)]
        # The same orders again after each result, until the tools are taken away.
        if orders and request.tools_allowed and asked <= 3:
            calls = tuple(
                ToolCall(f"call_{asked}_{n}", name, arguments)
                for n, (name, arguments) in enumerate(orders)
            )
            return ModelReply(self.claim, calls, Finish.TOOL_CALLS, Usage(), "gullible")
        read = self._read(request)
        self.texts += 1
        if "REVEAL" in read:
            # First all that was read, then the rules alone: no time and no claim gives them away.
            rules = request.instructions.partition("# What you don't obey")[2].partition("#")[0]
            return self._says(rules if self.texts % 2 == 0 else request.instructions)
        # First with the lies it was told to tell; asked again, only what the tools told it.
        said = [self.claim, *_SAY.findall(read)] if self.texts % 2 else ["Here you are:"]
        return self._says("\n".join([*said, *results]))

    def _says(self, text: str) -> ModelReply:
        return ModelReply(text or self.claim, (), Finish.STOP, Usage(), "gullible")

    def _orders(self, request: ModelRequest) -> list[tuple[str, str]]:
        read = _MANY.sub(lambda many: many[1] * int(many[2]), self._read(request))
        orders = [(name, arguments) for name, arguments in _CALL.findall(read)]
        for count, name, arguments in _REPEAT.findall(read):
            orders += [(name, arguments)] * int(count)
        return orders

    @staticmethod
    def _read(request: ModelRequest) -> str:
        texts = [item.text for item in request.items if isinstance(item, UserText)]
        results = [item.output for item in request.items if isinstance(item, ToolResult)]
        return "\n".join([request.instructions, *texts, *results])
