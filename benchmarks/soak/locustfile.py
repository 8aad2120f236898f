"""Load on a deployment of your own: people who write, through its webhook, as Telegram posts them.

    pip install locust
    export SOAK_WEBHOOK_SECRET=...   # what TELEGRAM_WEBHOOK_SECRET is set to
    locust -f benchmarks/soak/locustfile.py --host https://example.org/telegram/NAME

The host is the whole address that Telegram posts to: `getWebhookInfo` of the Bot API tells it. What
is measured is how long the assistant takes to store an update and acknowledge it. The answers go to
chats that don't exist, and Telegram refuses them: run it against a deployment of its own, whose
`TELEGRAM_API_BASE_URL` is a pretend Telegram (`python -m tests.fakes.telegram`), with a model that
costs nothing (or without a key: then the guided flow answers).
"""

from __future__ import annotations

import itertools
import os
import random
import time
from typing import Any

from locust import HttpUser, between, task

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
# Far above what real updates and people have, so that nobody real is written for.
_UPDATES = itertools.count(2_000_000_000 + int(time.time()) % 100_000_000)
_PEOPLE = itertools.count(7_900_000_001)


class Customer(HttpUser):
    """One person: writes, and waits some seconds before writing again."""

    wait_time = between(5, 60)

    def on_start(self) -> None:
        """Become somebody nobody has seen before."""
        self.number = next(_PEOPLE)
        self.messages = itertools.count(1)
        self.client.headers[SECRET_HEADER] = os.environ["SOAK_WEBHOOK_SECRET"]

    @task(2)
    def asks(self) -> None:
        """Ask something that needs no calendar."""
        self._writes("Can I pay by card?", "question")

    @task(1)
    def looks(self) -> None:
        """Ask what is free."""
        day = random.choice(("tomorrow", "on Tuesday", "next week"))
        self._writes(f"What is free {day}?", "what is free")

    @task(1)
    def books(self) -> None:
        """Ask for a time; the card is left to run out."""
        hour = random.randint(10, 17)
        self._writes(f"A haircut on Thursday at {hour}:00, please.", "booking")

    def _writes(self, text: str, name: str) -> None:
        person = {"id": self.number, "is_bot": False, "first_name": "Load"}
        message: dict[str, Any] = {
            "message_id": next(self.messages),
            "from": {**person, "language_code": "en"},
            "chat": {"id": self.number, "type": "private", "first_name": "Load"},
            "date": int(time.time()),
            "text": text,
        }
        self.client.post("", json={"update_id": next(_UPDATES), "message": message}, name=name)
