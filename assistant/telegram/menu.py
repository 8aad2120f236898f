"""The menu of commands that Telegram shows beside the text field."""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiogram.types import BotCommand

from assistant.telegram.faults import describe

log = structlog.get_logger()


async def publish_menu(
    bot: Bot, descriptions: Mapping[str, Mapping[str, str]], *, default_language: str
) -> int:
    """Set the menu of each language, and the one for all others, where it isn't so already.

    Args:
        descriptions: two-letter language -> command without slash -> description.
        default_language: whose menu people of all other languages get.

    Returns:
        How many menus were changed. A failure is logged and the menu stays as it is: people can
        type commands without it.
    """
    wanted: dict[str | None, Mapping[str, str]] = {None: descriptions[default_language]}
    wanted.update(descriptions)
    changed = 0
    for language, menu in wanted.items():
        try:
            changed += await _publish(bot, language, menu)
        except AiogramError as error:
            log.warning("telegram_menu_failed", language=language, error=describe(error))
    return changed


async def _publish(bot: Bot, language: str | None, menu: Mapping[str, str]) -> bool:
    present = await bot.get_my_commands(language_code=language)
    if [(each.command, each.description) for each in present] == list(menu.items()):
        return False
    await bot.set_my_commands(
        [BotCommand(command=name, description=text) for name, text in menu.items()],
        language_code=language,
    )
    return True
