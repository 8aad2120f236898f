"""Speech as text, by the provider's transcription endpoint.

Importing this module imports `openai`, like `assistant.model.openai_client`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import openai
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    wait_exponential_jitter,
)

from assistant.model.openai_client import attempt_bound, clean, model_error, protocol_error
from assistant.model.port import RETRIED, ModelError, ModelErrorKind, Transcript, Usage

# Only these take lists of languages and keywords; the others take one language and a prompt
# (openai/types/audio/transcription_create_params.py).
_TAKES_LISTS = "gpt-transcribe"
_MOST_NAMES = 60
# OpenAI's models hear a token in each 100 ms.
_TOKENS_A_SECOND = 10
# What such an endpoint tells the format by. Telegram's voice messages are Opus in Ogg.
_JITTER = wait_exponential_jitter(multiplier=0.3, max=2.0)
_FILE_NAME, _FILE_TYPE = "voice.ogg", "audio/ogg"


class Transcriber:
    """Turns voice messages into text.

    Args:
        client: from `build_client`.
        model: its name.
        attempt_timeout_seconds: bound of one attempt.
        max_attempts: as many are made where that can help.
    """

    def __init__(
        self,
        client: openai.AsyncOpenAI,
        *,
        model: str,
        attempt_timeout_seconds: float = 20.0,
        max_attempts: int = 2,
    ) -> None:
        self._client = client
        self._model = model
        self._attempt_timeout_seconds = attempt_timeout_seconds
        self._max_attempts = max_attempts

    async def transcribe(
        self,
        audio: bytes,
        *,
        languages: Sequence[str],
        names: Sequence[str],
        timeout_seconds: float,
    ) -> Transcript:
        """Return what is said.

        Args:
            audio: Opus in Ogg, as Telegram has it.
            languages: ISO 639-1 codes of what may be spoken, the likeliest first.
            names: of services and people that may be said.
            timeout_seconds: bound of all attempts together.

        Raises:
            ModelError: it couldn't be had.
        """
        try:
            async with asyncio.timeout(timeout_seconds):
                async for attempt in AsyncRetrying(
                    stop=stop_after_attempt(self._max_attempts),
                    wait=_pause,
                    retry=retry_if_exception(_helps),
                    reraise=True,
                ):
                    with attempt:
                        return await self._once(audio, languages, names)
        except TimeoutError:
            pass
        raise ModelError(ModelErrorKind.TIMEOUT, f"no transcript within {timeout_seconds:.1f} s")

    async def _once(
        self, audio: bytes, languages: Sequence[str], names: Sequence[str]
    ) -> Transcript:
        try:
            async with attempt_bound(self._attempt_timeout_seconds):
                found = await self._client.audio.transcriptions.create(
                    file=(_FILE_NAME, audio, _FILE_TYPE),
                    model=self._model,
                    timeout=self._attempt_timeout_seconds,
                    **self._hints(languages, names),
                )
            text = getattr(found, "text", None)
            if isinstance(text, str):
                usage = _usage(getattr(found, "usage", None))
                return Transcript(clean(text).strip(), usage, self._model)
            raise protocol_error("the transcript is no text")
        except (openai.OpenAIError, ValueError) as exc:
            failure = model_error(exc, api_key=self._client.api_key)
        # Raised out here so that no traceback carries the SDK's error, which holds the request.
        raise failure

    def _hints(self, languages: Sequence[str], names: Sequence[str]) -> dict[str, Any]:
        known = list(dict.fromkeys(names))[:_MOST_NAMES]
        hints: dict[str, Any] = {}
        if self._model.startswith(_TAKES_LISTS):
            hints = {"languages": list(dict.fromkeys(languages)), "keywords": known}
        else:
            hints = {"language": next(iter(languages), ""), "prompt": ", ".join(known)}
        return {name: value for name, value in hints.items() if value}


def _usage(told: object) -> Usage:
    """Return the tokens that were billed; a provider that bills time tells seconds instead."""
    seconds = getattr(told, "seconds", None)
    if isinstance(seconds, int | float):
        return Usage(input_tokens=round(max(seconds, 0) * _TOKENS_A_SECOND))
    counts = (getattr(told, name, None) for name in ("input_tokens", "output_tokens"))
    asked, answered = (n if isinstance(n, int) and n > 0 else 0 for n in counts)
    return Usage(input_tokens=asked, output_tokens=answered)


def _pause(state: RetryCallState) -> float:
    """Return the seconds before the next attempt: as many as the provider asks for, or a few."""
    error = None if state.outcome is None else state.outcome.exception()
    asked = error.retry_after if isinstance(error, ModelError) else None
    return _JITTER(state) if asked is None else asked


def _helps(error: BaseException) -> bool:
    return isinstance(error, ModelError) and error.kind in RETRIED
