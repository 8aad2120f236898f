"""What can go wrong with Telegram, in words for a person; free of aiogram."""

from __future__ import annotations


class TelegramTokenError(Exception):
    """Telegram doesn't accept the bot token; nothing helps but another token."""


MALFORMED_TOKEN = (
    "TELEGRAM_BOT_TOKEN is not a bot token: it must look like 123456789:AA... (a number, a colon,"
    " a secret, no spaces). Copy it again from @BotFather in Telegram: /mybots, the bot, API Token."
)
REFUSED_TOKEN = (
    "Telegram does not accept TELEGRAM_BOT_TOKEN: it was revoked or belongs to another server."
    " Take the present one from @BotFather in Telegram (/mybots, the bot, API Token) and check"
    " that the base URL of the Bot API is the right one."
)
OTHER_READER = (
    "another process is polling with the same bot token; stop it, or give each its own bot"
)
