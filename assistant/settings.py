"""All that can be configured, read from the environment and `.env`. See `.env.example`."""

from __future__ import annotations

import datetime as dt
import os
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

from dotenv import dotenv_values
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    FilePath,
    SecretStr,
    ValidationError,
)
from pydantic_settings import NoDecode, SettingsConfigDict

from assistant import settings_help
from assistant.openai_settings import OpenAISettings
from assistant.setting_types import (
    FOLDER_WORDS,
    SLUG,
    TOKEN,
    URL_WORDS,
    Folder,
    Url,
    bot_pairs,
    home,
    ids,
    instant,
    lower,
    matching,
    pairs_of,
    webhook,
)
from assistant.settings_help import SettingsError, wrong_settings
from db.settings import DatabaseSettings

__all__ = ["Settings", "SettingsError", "env_example", "get_settings", "load_settings"]

EXAMPLE_BUSINESS = Path(__file__).resolve().parents[1] / "examples" / "barber.yaml"
_ENV_FILE = Path(".env")


class Settings(OpenAISettings, DatabaseSettings):
    """The settings of one process; a field's name in capitals is its environment variable.

    Build it with `load_settings`, whose errors are for people and hold no secrets.
    """

    model_config = SettingsConfigDict(str_strip_whitespace=True)

    telegram_bot_token: Annotated[SecretStr, matching(TOKEN)] | None = Field(
        default=None,
        description="The token that @BotFather gives. Empty = the assistant talks in the terminal.",
        json_schema_extra={"allowed": "a bot token: digits, a colon, letters, digits, _ and -"},
    )
    telegram_bots: Annotated[SecretStr, AfterValidator(bot_pairs)] | None = Field(
        default=None,
        description="More bots, served by the same process: the business and the token of each.",
        json_schema_extra={"allowed": "slug=token, with commas between them, each bot once"},
    )
    telegram_api_base_url: Url = Field(
        default="https://api.telegram.org",
        description="The Bot API server; change it for a server of your own.",
        json_schema_extra=URL_WORDS,
    )
    telegram_webhook_url: Annotated[Url, AfterValidator(webhook)] | None = Field(
        default=None,
        description="Where Telegram delivers updates: the address that leads to"
        " ASSISTANT_HTTP_PORT. Empty = they are fetched by long polling.",
        json_schema_extra={"allowed": "an https:// address such as https://example.org/path"},
    )
    telegram_webhook_secret: Annotated[SecretStr, matching(r"[\w-]{1,256}")] | None = Field(
        default=None,
        description="Sent by Telegram with each update, so that nobody else can post one. Empty ="
        " made from the token. With several bots each gets one of its own, made from both.",
        json_schema_extra={"allowed": "1 to 256 letters, digits, _ and -"},
    )

    telegram_messages_per_second: int = Field(
        default=30,
        ge=1,
        le=1000,
        description="To all chats together, over all processes. Telegram takes 30, more of those"
        " who pay for it.",
    )

    turn_timeout: float = Field(
        default=45, gt=0, le=600, description="Seconds for all the work on one message."
    )
    turn_max_model_calls: int = Field(
        default=6, ge=1, le=20, description="Calls of the model for one message."
    )
    turn_max_tokens: int = Field(
        default=60_000,
        ge=1000,
        description="The model's tokens for one message; then it must answer with what it has.",
    )
    turn_streaming: bool = Field(
        default=True,
        description="Show the beginning of an answer while the model writes the rest of it.",
    )
    turn_history_turns: int = Field(
        default=20, ge=0, le=200, description="Earlier turns that the model is reminded of."
    )

    limit_messages_per_minute: int = Field(
        default=20, ge=0, le=10_000, description="Messages of one customer; 0 = any number."
    )
    limit_customer_tokens_per_day: int = Field(
        default=200_000,
        ge=0,
        description="The model's tokens for one customer; then the guided flow. 0 = no limit.",
    )
    limit_business_tokens_per_day: int = Field(
        default=5_000_000,
        ge=0,
        description="The model's tokens for all customers of a business. 0 = no limit.",
    )

    assistant_business: str | None = Field(
        default=None,
        pattern=f"^{SLUG}$",
        description="The business to serve. Empty = the default one of the database.",
        json_schema_extra={"allowed": "a slug: small letters, digits and -, at most 63"},
    )
    assistant_business_file: Annotated[FilePath, BeforeValidator(home)] | None = Field(
        default=None,
        description="Loaded where the database holds no business yet. Empty = the example shop.",
        json_schema_extra={"allowed": "a file that exists"},
    )
    assistant_data_dir: Annotated[Path, BeforeValidator(home)] = Field(
        default=Path(".data"),
        description="Where the embedded PostgreSQL keeps its data.",
        json_schema_extra={"allowed": "a folder; it is made if it isn't there"},
    )
    assistant_postgres_bin: Folder | None = Field(
        default=None,
        description="The folder of PostgreSQL's programs. Empty = they are searched for.",
        json_schema_extra=FOLDER_WORDS,
    )
    assistant_prompts_dir: Folder | None = Field(
        default=None,
        description="Prompts and phrases of your own. Empty = those that come with the program.",
        json_schema_extra=FOLDER_WORDS,
    )
    assistant_now: Annotated[dt.datetime, BeforeValidator(instant)] | None = Field(
        default=None,
        description="Pretend that it is this moment; the clock moves on from there.",
        json_schema_extra={"allowed": "a date and time with offset: 2026-11-21T09:00:00+01:00"},
    )
    assistant_admin_ids: Annotated[tuple[int, ...], NoDecode, BeforeValidator(ids)] = Field(
        default=(),
        description="Telegram ids of those who may administer the assistant.",
        json_schema_extra={"allowed": "numbers with commas between them"},
    )
    assistant_burst_seconds: float = Field(
        default=1.2, ge=0, le=10, description="Wait for more before short messages are answered."
    )

    assistant_http_host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Where the health checks, the metrics and the webhook are listened for.",
        json_schema_extra={"allowed": "an address of this machine; 0.0.0.0 = all of them"},
    )
    assistant_http_port: int = Field(
        default=0,
        ge=0,
        le=65535,
        description="The port of it, while the assistant serves Telegram. 0 = none of them.",
    )

    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(lower)] = (
        Field(default="info", description="The least important that is logged.")
    )
    log_format: Annotated[Literal["auto", "console", "json"], BeforeValidator(lower)] = Field(
        default="auto", description="auto = for people on a terminal, JSON elsewhere."
    )

    sentry_dsn: (
        Annotated[SecretStr, matching(r"https?://[^\s:@/]+(:[^\s@/]+)?@[^\s@/]+/[^\s@]+")] | None
    ) = Field(
        default=None,
        description="Where errors are reported, without anything of customers. Empty = nowhere.",
        json_schema_extra={"allowed": "the DSN that Sentry shows: https://key@host/project"},
    )
    sentry_level: Annotated[Literal["warning", "error"], BeforeValidator(lower)] = Field(
        default="error", description="The least important line of the log that is reported."
    )
    sentry_environment: str = Field(
        default="production",
        min_length=1,
        description="Which installation the reports are from.",
        json_schema_extra={"allowed": "a name"},
    )

    otel_exporter_otlp_endpoint: Url | None = Field(
        default=None,
        description="Where traces are sent by OTLP over HTTP, without any content; /v1/traces is"
        " added. Empty = nowhere.",
        json_schema_extra={"allowed": "an address such as http://127.0.0.1:4318"},
    )
    otel_exporter_otlp_headers: (
        Annotated[SecretStr, matching(r"[^\s=,]+=[^=,]+(,[^\s=,]+=[^=,]+)*")] | None
    ) = Field(
        default=None,
        description="Headers sent with them, a key for instance.",
        json_schema_extra={"allowed": "name=value, with commas between them"},
    )
    otel_service_name: str = Field(
        default="booking-assistant",
        min_length=1,
        description="The name of this service in the traces.",
        json_schema_extra={"allowed": "a name"},
    )

    @property
    def business_file(self) -> Path:
        """The file to load where the database holds no business."""
        return self.assistant_business_file or EXAMPLE_BUSINESS

    def bots(self) -> list[tuple[str | None, str]]:
        """Return the business's slug (None = the default one) and the token of each bot."""
        first, more = self.telegram_bot_token, self.telegram_bots
        bots: list[tuple[str | None, str]] = []
        if first is not None:
            bots.append((self.assistant_business, first.get_secret_value()))
        return bots + list(pairs_of("" if more is None else more.get_secret_value()))

    def otel_headers(self) -> dict[str, str]:
        """Return the headers for the collector, percent-decoded as OpenTelemetry writes them."""
        given = self.otel_exporter_otlp_headers
        pairs = [] if given is None else given.get_secret_value().split(",")
        split = (pair.partition("=") for pair in pairs)
        return {name.strip().lower(): unquote(value.strip()) for name, _, value in split}

    def secret_values(self) -> tuple[str, ...]:
        """Return all that must not be logged; the parts of a secret that are secrets too."""
        secrets = []
        for name, info in type(self).model_fields.items():
            value = getattr(self, name)
            if settings_help.is_secret(info) and value is not None:
                secrets.append(value.get_secret_value())
        for _, token in self.bots():
            secrets += [token, token.partition(":")[2]]
        if self.database_url is not None:
            password = urlsplit(self.database_url_str).password
            secrets += [password, unquote(password)] if password else []
        secrets += self.otel_headers().values()
        return tuple(dict.fromkeys(secrets))

    @classmethod
    def unknown_variables(cls, env_file: Path | None = _ENV_FILE) -> list[str]:
        """Return a warning for each variable that looks misspelt; see `settings_help`."""
        in_file = dotenv_values(env_file) if env_file is not None and env_file.is_file() else {}
        return settings_help.unknown_variables(cls, in_file, os.environ)


def load_settings(*, env_file: Path | None = _ENV_FILE, **overrides: Any) -> Settings:
    """Read the settings.

    Args:
        env_file: read beside the environment, which wins; None = the environment only.
        overrides: fields by name, winning over both; None = not overridden.

    Raises:
        SettingsError: a value that isn't allowed, or a file that can't be read.
        TypeError: an override that is no setting.
    """
    if unknown := overrides.keys() - Settings.model_fields.keys():
        raise TypeError(f"not a setting: {', '.join(sorted(unknown))}")
    given = {name: value for name, value in overrides.items() if value is not None}
    # Raised outside the except blocks: pydantic's error, which holds the values, isn't chained.
    try:
        lines = settings_help.unreadable_lines(env_file) if env_file and env_file.is_file() else []
        if lines:
            raise SettingsError(
                reason=f"{env_file}, line {lines[0]} can't be read: write NAME=value. A value with"
                " spaces, # or quotes in it stands in quotes, and they have to be closed."
            )
        return Settings(_env_file=env_file, **given)
    except ValidationError as error:
        wrong = SettingsError(wrong_settings(Settings, error.errors(include_url=False)))
    except UnicodeDecodeError:
        wrong = SettingsError(reason=f"{env_file} can't be read: it isn't UTF-8 text.")
    except OSError as error:
        wrong = SettingsError(reason=f"{env_file} can't be read: {error.strerror}.")
    raise wrong


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Return the settings of this process, read once.

    Raises:
        SettingsError: a value that isn't allowed.
    """
    return load_settings()


def env_example() -> str:
    """Return the text of `.env.example`."""
    return settings_help.env_example(Settings)


if __name__ == "__main__":
    print(env_example(), end="")
