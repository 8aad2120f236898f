"""The same shop with openai-agents, as its documentation builds it; tracing is off."""

from __future__ import annotations

from typing import Any

from agents import Agent, FunctionTool, ModelSettings, OpenAIResponsesModel, RunConfig, Runner
from openai import AsyncOpenAI
from openai.types.shared import Reasoning

from assistant.model.bodies import input_items
from benchmarks.conversation.party import API_KEY, expect_booked
from benchmarks.conversation.scene import MAX_OUTPUT_TOKENS, MODEL, Scene, history
from tools.support.contract import Tool


class WithOpenAIAgents:
    """An agent with three function tools, run once for each message."""

    def __init__(self, client: AsyncOpenAI) -> None:
        self._client = client
        self._scene = scene = Scene.load()
        self._history: list[Any] = []
        settings = ModelSettings(
            max_tokens=MAX_OUTPUT_TOKENS,
            parallel_tool_calls=False,
            store=False,
            reasoning=Reasoning(effort="low"),
            extra_args={"prompt_cache_key": scene.prompt.version},
        )
        self._agent = Agent(
            name="booking",
            instructions=scene.prompt.text,
            model=OpenAIResponsesModel(MODEL, client),
            model_settings=settings,
            tools=[self._function_tool(tool) for tool in scene.tools],
        )
        self._config = RunConfig(tracing_disabled=True)

    def _function_tool(self, tool: Tool) -> FunctionTool:
        async def invoke(_context: Any, arguments: str) -> str:
            return self._scene.answer(tool.name, arguments)

        return FunctionTool(
            name=tool.name,
            description=tool.description,
            params_json_schema=tool.parameters,
            on_invoke_tool=invoke,
        )

    async def prepare(self, turns: int, bookings: int) -> None:
        """Keep the history as the library's input items."""
        self._history = input_items(history(turns))

    async def book(self, number: int) -> str:
        """Run the agent on the newest message."""
        before = self._scene.calendar.booked
        newest: Any = {"role": "user", "content": self._scene.envelope(number)}
        result = await Runner.run(
            self._agent, [*self._history, newest], max_turns=6, run_config=self._config
        )
        expect_booked(self._scene.calendar.booked - before)
        return str(result.final_output)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()


async def open_with_openai_agents(base_url: str, http_client: Any = None) -> WithOpenAIAgents:
    """Make it; see `Opener`."""
    client = AsyncOpenAI(api_key=API_KEY, base_url=base_url, max_retries=0, http_client=http_client)
    return WithOpenAIAgents(client)
