"""A strict stand-in for the Telegram Bot API, with pretend people who use the bot."""

from .client import Group, Person, Press, Sent
from .limits import Fault, Limits
from .server import DEFAULT_TOKEN, Call, FakeTelegram
from .world import BotMessage, Button

__all__ = [
    "DEFAULT_TOKEN",
    "BotMessage",
    "Button",
    "Call",
    "FakeTelegram",
    "Fault",
    "Group",
    "Limits",
    "Person",
    "Press",
    "Sent",
]
