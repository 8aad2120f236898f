"""Builds the model an assistant talks to from its settings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assistant.model.circuit import CircuitBreaker, OnChange
from assistant.model.port import Model, ModelReply, ModelRequest, ModelSettings, TextSink
from assistant.model.retry import RetryingModel

if TYPE_CHECKING:
    from assistant.model.transcription import Transcriber


@dataclass(frozen=True, slots=True)
class ModelConnection:
    """A model with everything around it, and the connections it holds.

    Args:
        circuit: the breaker in front; its `state` is for health checks.
        close: closes the HTTP connections.
        transcriber: for voice messages; None = they aren't transcribed.
    """

    circuit: CircuitBreaker
    close: Callable[[], Awaitable[None]]
    transcriber: Transcriber | None = None

    async def complete(
        self, request: ModelRequest, *, timeout_seconds: float, on_text: TextSink | None = None
    ) -> ModelReply:
        """Answer one request; see `Model.complete`."""
        return await self.circuit.complete(
            request, timeout_seconds=timeout_seconds, on_text=on_text
        )

    async def aclose(self) -> None:
        """Close the HTTP connections; the model can't be used after this."""
        await self.close()


def build_model(
    settings: ModelSettings, *, on_change: OnChange | None = None, http_client: Any = None
) -> ModelConnection:
    """Build breaker -> retries and fall-back -> adapter -> HTTP client.

    Args:
        settings: which model, how to reach it, how long to wait.
        on_change: told when the circuit opens and closes; see `CircuitBreaker`.
        http_client: instead of the SDK's own.

    Raises:
        ValueError: the settings hold no key.
    """
    # In here: the SDK takes half a second to import, and most commands need no model.
    from assistant.model.chat_completions import ChatCompletionsModel
    from assistant.model.openai_client import build_client
    from assistant.model.responses import ResponsesModel
    from assistant.model.transcription import Transcriber

    client = build_client(settings, http_client=http_client)
    adapter = ResponsesModel if settings.api == "responses" else ChatCompletionsModel

    def named(name: str) -> Model:
        return adapter(
            client,
            model=name,
            reasoning_effort=settings.reasoning_effort,
            temperature=settings.temperature,
        )

    fallback = settings.fallback_model
    retrying = RetryingModel(
        named(settings.model),
        named(fallback) if fallback and fallback != settings.model else None,
        max_attempts=settings.max_attempts,
        attempt_timeout_seconds=settings.attempt_timeout_seconds,
    )
    transcriber = None
    if settings.transcribe_model:
        transcriber = Transcriber(
            client,
            model=settings.transcribe_model,
            attempt_timeout_seconds=settings.attempt_timeout_seconds,
            max_attempts=settings.max_attempts,
        )
    circuit = CircuitBreaker(retrying, on_change=on_change)
    return ModelConnection(circuit, client.close, transcriber)
