"""Takes secrets out of text that people or log files get to see."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from urllib.parse import quote

MASK = "***"
# Below this length a value may also be an ordinary word: it is masked only where it stands alone.
_DISTINCTIVE = 8

# What looks like a secret is one, whether or not this process was configured with it.
_LOOKS_SECRET = re.compile(
    r"\d{3,}(?::|%3A)[A-Za-z0-9_-]{30,}"  # a bot token, as Telegram writes it or quoted in a URL
    r"|\bsk-[A-Za-z0-9_-]{8,}"  # an OpenAI key
    r"|(?<=\bBearer )[^\s'\"]+"
)
# Bounded, so that a long text without an end of the login costs nothing.
_URL_LOGIN = re.compile(r"(?<=://)(?:[^\s'\"<>]{0,200}:[^\s'\"<>]{0,200}|[^\s/'\"<>]{0,200})@")


def mask_patterns(text: str) -> str:
    """Replace what looks like a token, a key or a login in a URL."""
    return _URL_LOGIN.sub(f"{MASK}@", _LOOKS_SECRET.sub(MASK, text))


def masker(secrets: Iterable[str]) -> Callable[[str], str]:
    """Return a function that replaces these secrets, and all that looks like one, in a text.

    Args:
        secrets: the configured values; they are also found as a URL or a `repr` writes them.
    """
    written: set[str] = set()
    for secret in secrets:
        if secret.strip():
            written |= {secret, quote(secret, safe=""), quote(secret), repr(secret)[1:-1]}
    if not written:
        return mask_patterns
    # The longest first: a secret may begin with another one.
    ordered = sorted(written, key=len, reverse=True)
    known = re.compile("|".join(_whole(value) for value in ordered))
    return lambda text: mask_patterns(known.sub(MASK, text))


def _whole(secret: str) -> str:
    if len(secret) >= _DISTINCTIVE:
        return re.escape(secret)
    return rf"(?<!\w){re.escape(secret)}(?!\w)"
