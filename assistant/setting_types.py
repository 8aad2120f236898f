"""Types of settings: how their texts are read, and what is allowed."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, DirectoryPath, SecretStr
from pydantic.config import JsonDict

# What a bot token and a business's slug look like.
TOKEN = r"\d+:[\w-]+"
SLUG = r"[a-z0-9][a-z0-9-]{0,62}"


def lower(value: Any) -> Any:
    """Take capitals as small letters."""
    return value.strip().lower() if isinstance(value, str) else value


def none_word(value: Any) -> Any:
    """Take the word "none" for None: an empty variable means the default."""
    return None if isinstance(value, str) and value.strip().lower() in ("", "none") else value


def home(value: Any) -> Any:
    """Take ~ for the home folder."""
    return Path(value).expanduser() if isinstance(value, str) else value


def _url(value: str) -> str:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:  # its text repeats a part of the value
        raise ValueError("its host or port can't be read") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("not an address with http:// or https:// and a host")
    if port == 0 or re.search(r"\s", value):
        raise ValueError("there is a space in it, or port 0")
    if parts.username is not None or parts.password is not None:
        raise ValueError("a user and password can't be in it")
    if parts.query or parts.fragment:
        raise ValueError("nothing may come after ? or #")
    return value.rstrip("/")


def webhook(value: str) -> str:
    """Let through what Telegram calls: https://, and anything on this machine.

    Raises:
        ValueError: it calls nothing else.
    """
    parts = urlsplit(value)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise ValueError("Telegram calls https:// only")
    return value


def matching(pattern: str) -> AfterValidator:
    """Return what checks a secret against a pattern, without its surrounding spaces."""
    compiled = re.compile(pattern, re.ASCII)

    def check(secret: SecretStr) -> SecretStr:
        stripped = secret.get_secret_value().strip()
        if not compiled.fullmatch(stripped):
            raise ValueError("it doesn't look like that")
        return SecretStr(stripped)

    return AfterValidator(check)


def pairs_of(bots: str) -> list[tuple[str, str]]:
    """Return the slugs and tokens in `slug=token,slug=token`."""
    pairs = [pair.partition("=") for pair in bots.split(",") if pair.strip()]
    return [(slug.strip(), token.strip()) for slug, _, token in pairs]


def bot_pairs(secret: SecretStr) -> SecretStr:
    """Check `slug=token,slug=token`."""
    pairs = pairs_of(secret.get_secret_value())
    for slug, token in pairs:
        if not re.fullmatch(SLUG, slug) or not re.fullmatch(TOKEN, token, re.ASCII):
            raise ValueError("it doesn't look like that")
    if len({token.partition(":")[0] for _, token in pairs}) < len(pairs):
        raise ValueError("a bot is in it twice")
    return secret


def instant(value: Any) -> Any:
    """Read a date and time with its offset from UTC.

    Raises:
        ValueError: it is none; says why.
    """
    if isinstance(value, str):
        try:
            value = dt.datetime.fromisoformat(value.strip())
        except ValueError:
            raise ValueError("not a date and time that exists") from None
    if not isinstance(value, dt.datetime):
        raise ValueError("not a date and time")  # noqa: TRY004 - pydantic reports ValueErrors
    if value.tzinfo is None:
        raise ValueError("it has no UTC offset: add one, as in +01:00 or Z")
    return value


def ids(value: Any) -> Any:
    """Read numbers with commas between them.

    Raises:
        ValueError: not all of them are.
    """
    if not isinstance(value, str):
        return value
    parts = [part.strip() for part in value.split(",") if part.strip()]
    if not all(re.fullmatch(r"[0-9]{1,18}", part) for part in parts):
        raise ValueError("not all of them are numbers")
    return tuple(int(part) for part in parts)


Url = Annotated[str, AfterValidator(_url)]
Folder = Annotated[DirectoryPath, BeforeValidator(home)]
URL_WORDS: JsonDict = {"allowed": "an address such as https://example.org/path"}
FOLDER_WORDS: JsonDict = {"allowed": "a folder that exists"}
