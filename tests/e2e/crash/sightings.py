"""When people saw which message."""

from __future__ import annotations

import itertools
import time
from collections import Counter

from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram.limits import FaultKind
from tests.fakes.telegram.world import Chat

# So long after a message was shown its outcome is on record, on a busy machine too.
_RECORDED_SECONDS = 30.0


class Sightings:
    """Watches what the bot shows.

    Args:
        telegram: where.
    """

    def __init__(self, telegram: FakeTelegram) -> None:
        self._telegram = telegram
        self._seen: dict[tuple[int, str], list[float]] = {}
        self.total = 0
        telegram.world.listeners.append(self._note)

    def _note(self, chat: Chat, line: str) -> None:
        if line.startswith("Bot #"):
            self.total += 1
            key = chat.id, chat.shown[-1].text
            self._seen.setdefault(key, []).append(time.monotonic())

    def needless(self, moments: list[float], meant: Counter[tuple[int, str]]) -> list[str]:
        """Return the repeats whose sender knew that the message had arrived.

        Args:
            moments: when something was done to processes: what they had in hand then they didn't
                know about.
            meant: how many messages of a chat say the same: whoever asks again is told again.
        """
        dropped = {
            (call.params.get("chat_id"), call.params.get("text"))
            for call in self._telegram.calls_of("sendMessage")
            if call.fault is not None and call.fault.kind is FaultKind.DROP_AFTER
        }
        return [
            f"message repeated in chat {key[0]} although its outcome was known: {key[1]!r}"
            for key, times in self._seen.items()
            if key not in dropped and len(times) > meant[key]
            for first, again in itertools.pairwise(times)
            if not any(first - 1 < m < min(again, first + _RECORDED_SECONDS) for m in moments)
        ]
