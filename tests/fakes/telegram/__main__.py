"""Talk to a bot by hand: `python -m tests.fakes.telegram`.

Start the bot with the printed settings, then type. A line is a message, `!2` presses the second
button of the newest message with buttons. What the bot does is printed as it happens.
"""

from __future__ import annotations

import argparse
import sys
import time

from .client import Person
from .server import DEFAULT_TOKEN, FakeTelegram
from .world import BotMessage, Chat


def _newest_with_buttons(person: Person) -> BotMessage | None:
    shown = [message for message in person.chat.shown if message.buttons]
    return shown[-1] if shown else None


def _act(person: Person, line: str) -> None:
    """One typed line; raises ValueError with what is wrong with it."""
    if not line.startswith("!"):
        person.says(line)
        return
    message = _newest_with_buttons(person)
    if message is None or not line[1:].isdigit():
        raise ValueError("no buttons to press" if message is None else "write ! and a number")
    person.presses(message, int(line[1:]) - 1)


def main() -> None:
    """Serve until the input ends."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.telegram")
    parser.add_argument("--port", type=int, default=0, help="port on loopback (default: any)")
    parser.add_argument("--token", default=DEFAULT_TOKEN)
    parser.add_argument("--id", type=int, default=1001, help="Telegram id of the person you play")
    parser.add_argument("--name", default="You")
    parser.add_argument("--language", default="en")
    parser.add_argument("--linger", type=float, default=0.0, help="seconds after end of input")
    options = parser.parse_args()

    def show(chat: Chat, line: str) -> None:
        if line.startswith("Bot") or not sys.stdin.isatty():
            print(line, flush=True)

    with FakeTelegram.in_thread(options.token, port=options.port) as server:
        print(f"TELEGRAM_API_BASE_URL={server.base_url}")
        print(f"TELEGRAM_BOT_TOKEN={server.token}", flush=True)
        person = server.person(options.id, options.name, options.language)
        server.world.listeners.append(show)
        try:
            for line in filter(str.strip, sys.stdin):
                try:
                    _act(person, line.strip())
                except ValueError as problem:
                    print(f"({problem})", flush=True)
            time.sleep(options.linger)
        except KeyboardInterrupt:
            print()
        for oddity in server.oddities:
            print(f"(ignored by Telegram: {oddity})")


if __name__ == "__main__":
    main()
