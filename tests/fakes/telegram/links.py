"""Which links Telegram accepts in texts and under buttons."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_SCHEMES = {"http", "https", "tg", "ton", "tonsite"}


def check_link(url: str) -> tuple[str, str | None]:
    """The link as given, and what is wrong with it (None: nothing).

    Source: the link check of TDLib: a missing scheme means http, a host needs a dot or is an
    address in brackets, tg and ton links are taken as they are.
    """
    url = url.strip()
    if not url:
        return url, "URL must be non-empty"
    match = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):(?!\d)", url)
    if match and match[1].lower() not in _SCHEMES:
        return url, "Unsupported URL protocol"
    scheme = match[1].lower() if match else "http"
    if scheme in {"tg", "ton"}:
        return url, None
    try:
        host = urlsplit(url if match else f"http://{url}").hostname or ""
    except ValueError:
        return url, "Wrong HTTP URL"
    if not host:
        return url, "URL host is empty"
    if re.search(r"[\s<>\"]", url) or not (re.search(r"[^.]\.[^.]", host) or ":" in host):
        return url, "Wrong HTTP URL"
    return url, None
