"""The same shop with pydantic-ai, as its documentation builds it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from openai import AsyncOpenAI
from pydantic_ai import Agent
from pydantic_ai import Tool as FunctionTool
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models.openai import OpenAIResponsesModel, OpenAIResponsesModelSettings
from pydantic_ai.providers.openai import OpenAIProvider

from assistant.model.port import AssistantText, Item, ToolCall, ToolResult, UserText
from benchmarks.conversation.party import API_KEY, expect_booked
from benchmarks.conversation.scene import MAX_OUTPUT_TOKENS, MODEL, Scene, history
from tools.support.contract import Tool, ToolArgs


class WithPydanticAI:
    """An agent with three tools, run once for each message."""

    def __init__(self, client: AsyncOpenAI) -> None:
        self._client = client
        self._scene = scene = Scene.load()
        self._history: list[ModelMessage] = []
        settings = OpenAIResponsesModelSettings(
            max_tokens=MAX_OUTPUT_TOKENS,
            parallel_tool_calls=False,
            openai_store=False,
            openai_reasoning_effort="low",
            openai_prompt_cache_key=scene.prompt.version,
        )
        model = OpenAIResponsesModel(MODEL, provider=OpenAIProvider(openai_client=client))
        self._agent = Agent(
            model,
            instructions=scene.prompt.text,
            model_settings=settings,
            tools=[
                FunctionTool.from_schema(
                    self._function(tool), tool.name, tool.description, dict(tool.parameters)
                )
                for tool in scene.tools
            ],
        )

    def _function(self, tool: Tool) -> Callable[..., Awaitable[str]]:
        async def call(**arguments: Any) -> str:
            # The library has parsed the JSON; the model of the arguments is checked as elsewhere.
            args: ToolArgs = tool.arguments.model_validate(arguments)
            return self._scene.carry_out(args)

        return call

    async def prepare(self, turns: int, bookings: int) -> None:
        """Keep the history as the library's messages."""
        self._history = list(_messages(history(turns)))

    async def book(self, number: int) -> str:
        """Run the agent on the newest message."""
        before = self._scene.calendar.booked
        result = await self._agent.run(self._scene.envelope(number), message_history=self._history)
        expect_booked(self._scene.calendar.booked - before)
        return str(result.output)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()


def _messages(items: Sequence[Item]) -> list[ModelMessage]:
    written: list[ModelMessage] = []
    names: dict[str, str] = {}
    for item in items:
        match item:
            case UserText(text):
                written.append(ModelRequest(parts=[UserPromptPart(content=text)]))
            case AssistantText(text):
                written.append(ModelResponse(parts=[TextPart(content=text)]))
            case ToolCall(call_id, name, arguments):
                names[call_id] = name
                call = ToolCallPart(tool_name=name, args=arguments, tool_call_id=call_id)
                written.append(ModelResponse(parts=[call]))
            case ToolResult(call_id, output):
                answer = ToolReturnPart(
                    tool_name=names[call_id], content=output, tool_call_id=call_id
                )
                written.append(ModelRequest(parts=[answer]))
    return written


async def open_with_pydantic_ai(base_url: str, http_client: Any = None) -> WithPydanticAI:
    """Make it; see `Opener`."""
    client = AsyncOpenAI(api_key=API_KEY, base_url=base_url, max_retries=0, http_client=http_client)
    return WithPydanticAI(client)
