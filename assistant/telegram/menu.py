"""The menu of commands that Telegram shows beside the text field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiogram.types import BotCommand, BotCommandScopeChat

from assistant.telegram.faults import describe

log = structlog.get_logger()


async def publish_menu(
    bot: Bot,
    descriptions: Mapping[str, Mapping[str, str]],
    *,
    default_language: str,
    owners: Iterable[int] = (),
    theirs: Mapping[str, str],
) -> int:
    """Set the menu of each language, and the one for all others, where it isn't so already.

    Args:
        descriptions: two-letter language -> command without slash -> description.
        default_language: whose menu people of all other languages get.
        owners: chats that get a menu of their own. Telegram knows only those that have written to
            the bot; the others get theirs at a later start.
        theirs: the owners' menu, in the business's own language.

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
    for chat_id in owners:
        try:
            changed += await _publish(bot, None, theirs, BotCommandScopeChat(chat_id=chat_id))
        except AiogramError as error:
            log.info("telegram_owner_menu_failed", chat_id=chat_id, error=describe(error))
    return changed


async def _publish(
    bot: Bot,
    language: str | None,
    menu: Mapping[str, str],
    scope: BotCommandScopeChat | None = None,
) -> bool:
    present = await bot.get_my_commands(scope=scope, language_code=language)
    if [(each.command, each.description) for each in present] == list(menu.items()):
        return False
    await bot.set_my_commands(
        [BotCommand(command=name, description=text) for name, text in menu.items()],
        scope=scope,
        language_code=language,
    )
    return True
