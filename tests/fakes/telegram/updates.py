"""The queue of updates: long polling, confirmation by offset, the types asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from .errors import bad_request, conflict
from .params import Params
from .signals import Deadline, Signal

ALL_TYPES = (
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "guest_message",
    "message_reaction",
    "message_reaction_count",
    "inline_query",
    "chosen_inline_result",
    "callback_query",
    "shipping_query",
    "pre_checkout_query",
    "purchased_paid_media",
    "poll",
    "poll_answer",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
    "managed_bot",
    "subscription",
    "stopped_message_generation",
)
_ONLY_WHEN_NAMED = {"chat_member", "message_reaction", "message_reaction_count"}
MAX_POLL_SECONDS = 50


@dataclass(frozen=True, eq=False)
class Update:
    """One update. `lane` is the queue in which the real server delivers it to a webhook."""

    update_id: int
    kind: str
    body: dict[str, Any]
    lane: tuple[str, int]
    again: bool = False

    def shape(self) -> dict[str, Any]:
        """The Update object of the Bot API."""
        return {"update_id": self.update_id, self.kind: self.body}


class Updates:
    """What waits for the bot."""

    def __init__(self, signal: Signal, oddities: list[str]) -> None:
        self.pending: list[Update] = []
        self.history: dict[int, Update] = {}
        self.allowed: list[str] | None = None
        self.webhook_url = ""
        self.closing = False
        self._signal = signal
        self._oddities = oddities
        self._poll = 0
        # Far from message and chat identifiers, so that a mix-up of the two shows.
        self._last_id = 500_000_000

    def add(self, kind: str, body: dict[str, Any], lane: tuple[str, int]) -> int | None:
        """Queue an update; its identifier, or None where the bot has not asked for this kind."""
        wanted = self.allowed or [t for t in ALL_TYPES if t not in _ONLY_WHEN_NAMED]
        if kind not in wanted:
            return None
        self._last_id += 1
        update = Update(self._last_id, kind, body, lane)
        self.pending.append(update)
        self.history[update.update_id] = update
        return update.update_id

    def redeliver(self, update_id: int) -> None:
        """Deliver an update again, whatever offset the bot has confirmed."""
        self.pending.append(replace(self.history[update_id], again=True))

    def discard(self, update: Update) -> None:
        """The update has been delivered."""
        self.pending = [waiting for waiting in self.pending if waiting is not update]

    def remember_allowed(self, params: Params) -> None:
        """Keep allowed_updates until it is sent again; an empty list means the default."""
        names = params.json("allowed_updates", "allowed_updates")
        if names is None:
            return
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise bad_request("can't parse allowed_updates: expected an Array of String")
        self._oddities.extend(
            f"allowed_updates: unknown type {name!r}" for name in names if name not in ALL_TYPES
        )
        self.allowed = [name for name in names if name in ALL_TYPES] or None

    async def poll(self, params: Params) -> list[dict[str, Any]]:
        """getUpdates: forget what is confirmed, then wait for something to give."""
        with self._signal.lock:
            if self.webhook_url:
                raise conflict(
                    "can't use getUpdates method while webhook is active; "
                    "use deleteWebhook to delete the webhook first"
                )
            offset = params.integer("offset")
            limit = params.integer("limit", 100)
            limit = limit if 1 <= limit <= 100 else 100
            deadline = Deadline(min(max(params.integer("timeout"), 0), MAX_POLL_SECONDS))
            self.remember_allowed(params)
            self._poll += 1
            mine = self._poll
            self._confirm(offset)
            self._signal.notify()
        while True:
            with self._signal.lock:
                version = self._signal.version
                if self.webhook_url:
                    raise conflict("terminated by setWebhook request")
                if self._poll != mine:
                    # As in the real server, the newer reader wins.
                    raise conflict(
                        "terminated by other getUpdates request; "
                        "make sure that only one bot instance is running"
                    )
                if self.pending or self.closing or not deadline.left():
                    return self._batch(limit)
            await self._signal.wait(version, deadline.left())

    def _confirm(self, offset: int) -> None:
        if offset > 0:
            self.pending = [u for u in self.pending if u.again or u.update_id >= offset]
        elif offset < 0:
            self.pending = self.pending[offset:]

    def _batch(self, limit: int) -> list[dict[str, Any]]:
        batch = sorted(self.pending, key=lambda u: u.update_id)[:limit]
        given_again = {id(update) for update in batch if update.again}
        self.pending = [u for u in self.pending if id(u) not in given_again]
        return [update.shape() for update in batch]
