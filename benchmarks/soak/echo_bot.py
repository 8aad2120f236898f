"""The ceiling: aiogram's own webhook server with a handler that only echoes.

No database, no queue, no model, nothing kept: a message that comes while it restarts is lost, and
an answer that isn't sent is too. Only its speed is of interest here.
"""

from __future__ import annotations

import argparse

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Message
from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application
from aiohttp import web


async def echo(message: Message) -> None:
    """Say the same."""
    await message.answer(message.text or "?")


def main() -> None:
    """Serve until a signal."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak.echo_bot")
    parser.add_argument("telegram", help="base URL of the Bot API")
    parser.add_argument("token")
    parser.add_argument("port", type=int)
    options = parser.parse_args()
    session = AiohttpSession(api=TelegramAPIServer.from_base(options.telegram))
    bot, dispatcher = Bot(options.token, session=session), Dispatcher()
    dispatcher.message.register(echo)
    url = f"http://127.0.0.1:{options.port}/hook"

    async def listen(bot: Bot) -> None:
        await bot.set_webhook(url, secret_token="echo", max_connections=40)
        print("ready", flush=True)

    dispatcher.startup.register(listen)
    app = web.Application()
    SimpleRequestHandler(dispatcher, bot, secret_token="echo").register(app, path="/hook")
    setup_application(app, dispatcher, bot=bot)
    web.run_app(app, host="127.0.0.1", port=options.port, print=None, access_log=None)


if __name__ == "__main__":
    main()
