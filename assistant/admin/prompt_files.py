"""Prompts that admins send and are sent as files."""

from __future__ import annotations

import structlog

from assistant.messages import Document, File, Outgoing
from assistant.voice import DownloadError, Downloads

# A longer prompt would cost more with every message than it helps.
MAX_BYTES = 64 * 1024
MAX_MESSAGE = 4096  # characters that Telegram takes in one message

logger = structlog.get_logger(__name__)


def prompt_named(file: File) -> str | None:
    """Return the name before a text file's ending, in small letters; None for other files."""
    return file.name.lower().rpartition(".")[0] if file.is_text else None


async def text_of(file: File, downloads: Downloads | None) -> str | None:
    """Return a file's text.

    Args:
        downloads: the channel it came through; None = its files can't be fetched.

    Returns:
        None where it is too large, no UTF-8, or not to be had.
    """
    if downloads is None or (file.size or 0) > MAX_BYTES:
        return None
    try:
        text = (await downloads.download(file.file_id, max_bytes=MAX_BYTES)).decode("utf-8-sig")
    except (DownloadError, UnicodeDecodeError) as error:
        logger.warning("prompt_file_not_read", error=type(error).__name__)
        return None
    # Some binary files are UTF-8 as well; what holds a NUL can't be stored as text.
    return None if "\0" in text else text.replace("\r\n", "\n")


def as_message(text: str, name: str) -> Outgoing:
    """Return a text that fits into one message as that, a longer one as a file.

    Cut in parts it could be neither copied nor sent back.
    """
    if len(text.encode("utf-16-le")) // 2 <= MAX_MESSAGE:  # Telegram counts UTF-16 code units
        return Outgoing(text=text)
    return Outgoing(text="", document=Document(name=name, content=text))
