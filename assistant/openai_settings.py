"""Settings of the model: whom to ask, how long, and what it costs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings

from assistant.model.port import ModelSettings, Prices
from assistant.setting_types import URL_WORDS, Url, lower, matching, none_word


class OpenAISettings(BaseSettings):
    """The part of the settings that is about the model; see `assistant.settings.Settings`."""

    openai_api_key: Annotated[SecretStr, matching(r"[!-~]+")] | None = Field(
        default=None,
        description="The key of the model's provider. Empty = the guided flow answers, no model.",
        json_schema_extra={"allowed": "a key without spaces"},
    )
    openai_base_url: Url | None = Field(
        default=None,
        description="A server that speaks OpenAI's API. Empty = OpenAI.",
        json_schema_extra=URL_WORDS,
    )
    openai_model: str = Field(
        default="gpt-6-luna",
        min_length=1,
        description="The model that answers.",
        json_schema_extra={"allowed": "a model's name"},
    )
    openai_fallback_model: Annotated[str | None, BeforeValidator(none_word)] = Field(
        default="gpt-5.6-luna",
        description="Tried where the first is not found or keeps failing.",
        json_schema_extra={"allowed": "a model's name, or none"},
    )
    openai_transcribe_model: Annotated[str | None, BeforeValidator(none_word)] = Field(
        default="gpt-transcribe",
        description="What turns voice messages into text. none = customers are asked to write.",
        json_schema_extra={"allowed": "a model's name, or none"},
    )
    openai_api: Annotated[Literal["responses", "chat"], BeforeValidator(lower)] = Field(
        default="responses",
        description="The endpoint: Responses, or Chat Completions for compatible servers.",
    )
    openai_reasoning_effort: Annotated[
        Literal["none", "minimal", "low", "medium", "high", "xhigh", "max", "default"],
        BeforeValidator(lower),
    ] = Field(
        default="low",
        description="How long the model thinks before it answers; default = it is not told.",
    )
    openai_temperature: float | None = Field(
        default=None, ge=0, le=2, description="Sent to the model only when set."
    )
    openai_max_output_tokens: int = Field(
        default=1024, ge=16, le=32768, description="Bound of one answer, thinking included."
    )
    openai_attempt_timeout: float = Field(
        default=20, gt=0, le=600, description="Seconds for one attempt to reach the model."
    )
    openai_max_attempts: int = Field(
        default=3, ge=1, le=10, description="Attempts of one call, over both models."
    )

    openai_price_input: float | None = Field(
        default=None,
        ge=0,
        description="What a million input tokens cost; counted in the metrics once this and"
        " OPENAI_PRICE_OUTPUT are set.",
    )
    openai_price_cached: float | None = Field(
        default=None,
        ge=0,
        description="What a million cached input tokens cost. Empty = as much as the others.",
    )
    openai_price_output: float | None = Field(
        default=None, ge=0, description="What a million output tokens cost, thinking included."
    )
    openai_price_voice_minute: float | None = Field(
        default=None,
        ge=0,
        description="What a minute of voice messages costs. Empty = its tokens cost as much as the"
        " model's.",
    )

    def model_settings(self) -> ModelSettings | None:
        """Return how to reach the model; None without a key: the guided flow answers."""
        return None if self.openai_api_key is None else self.request_settings()

    def request_settings(self) -> ModelSettings:
        """Return how requests are built, with an empty key where there is none: for previews."""
        key, effort = self.openai_api_key, self.openai_reasoning_effort
        return ModelSettings(
            api_key="" if key is None else key.get_secret_value(),
            base_url=self.openai_base_url,
            model=self.openai_model,
            fallback_model=self.openai_fallback_model,
            api=self.openai_api,
            transcribe_model=self.openai_transcribe_model,
            attempt_timeout_seconds=self.openai_attempt_timeout,
            max_attempts=self.openai_max_attempts,
            temperature=self.openai_temperature,
            reasoning_effort=None if effort == "default" else effort,
        )

    def token_prices(self) -> Prices | None:
        """Return what a million tokens cost; None where that isn't set."""
        price, output = self.openai_price_input, self.openai_price_output
        if price is None or output is None:
            return None
        cached = self.openai_price_cached
        voice = self.openai_price_voice_minute
        return Prices(price, price if cached is None else cached, output, voice)
