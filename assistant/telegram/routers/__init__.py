"""Routers by topic. A router belongs to one dispatcher, so each is built by a function."""

from __future__ import annotations

from aiogram import Dispatcher

from assistant.telegram.routers import commands, errors, others, people, presses, texts


def build_dispatcher() -> Dispatcher:
    """Build the dispatcher: private chats with people only, topics in the order they are tried."""
    dispatcher = Dispatcher(disable_fsm=True)
    dispatcher.message.filter(people.writing)
    dispatcher.edited_message.filter(people.correcting)
    dispatcher.callback_query.filter(people.pressing)
    dispatcher.include_routers(
        errors.build_router(),
        commands.build_router(),
        presses.build_router(),
        texts.build_router(),
        others.build_router(),
    )
    return dispatcher
