"""Raw updates, stored before they are acknowledged, and the lanes in which they are worked off.

One chat is one lane. A worker leases a lane, answers its messages in order, and gives it back. What
a dead worker held is freed by others (`db.repositories.leavings`).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, case, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.notices import INBOX, notice
from db.queue_models import InboxRow, LaneRow

# For a worker that lives but is cut off; one whose process is dead loses its lanes at once.
LEASE_SECONDS = 15.0
# However long a burst goes on, it is answered so long after its first message.
BURST_LIMIT_SECONDS = 6.0


@dataclass(frozen=True, slots=True)
class InboxMessage:
    """A stored update, raw: parsing is the worker's business."""

    id: int
    business_id: int
    channel: str
    chat_id: int
    update_id: int
    payload: dict[str, Any]
    received_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Lane:
    """A leased chat; `lease` proves that it's still ours."""

    channel: str
    chat_id: int
    business_id: int
    lease: str


# MATERIALIZED: as a plain sub-select the planner may run it once for every lane, and each run
# would lease another one.
_CLAIM_LANES = text(
    """
    WITH head AS MATERIALIZED (
        SELECT channel, chat_id FROM lanes
        WHERE ready_at <= clock_timestamp() AND channel = ANY(:channels)
          AND (CAST(:chat_id AS bigint) IS NULL OR chat_id = :chat_id)
          AND lease IS NULL
        ORDER BY ready_at LIMIT :most FOR UPDATE SKIP LOCKED
    )
    UPDATE lanes SET lease = gen_random_uuid(), holder = :holder, waiting_since = NULL,
           leased_until = clock_timestamp() + make_interval(secs => :seconds)
    FROM head WHERE lanes.channel = head.channel AND lanes.chat_id = head.chat_id
    RETURNING lanes.channel, lanes.chat_id, lanes.business_id, lanes.lease
    """
)


class InboxRepository:
    """Updates and lanes of all businesses; needs a worker's session (`worker=True`)."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def store(
        self,
        business_id: int,
        channel: str,
        chat_id: int,
        update_id: int,
        payload: dict[str, Any],
        *,
        received_at: dt.datetime,
        quiet_seconds: float = 0.0,
    ) -> bool:
        """Store an update and make its lane ready.

        Args:
            received_at: instant.
            quiet_seconds: how long the lane waits for more of a burst before it's worked off, at
                most `BURST_LIMIT_SECONDS` after the first of them; 0 = it is worked off at once,
                with what came before.

        Returns:
            False where the update was there already: it is being sent again.
        """
        stored = await self._session.scalar(
            insert(InboxRow)
            .values(
                business_id=business_id,
                channel=channel,
                chat_id=chat_id,
                update_id=update_id,
                payload=payload,
                received_at=received_at,
                joins_burst=quiet_seconds > 0,
            )
            .on_conflict_do_nothing(index_elements=["channel", "update_id"])
            .returning(InboxRow.id)
        )
        if stored is None:
            return False
        now = func.clock_timestamp()
        ready = now + _seconds(quiet_seconds)
        since = func.coalesce(LaneRow.waiting_since, now)
        # What is due already (a press came before this text) isn't put off again.
        due = and_(LaneRow.lease.is_(None), LaneRow.ready_at <= now)
        await self._session.execute(
            insert(LaneRow)
            .values(
                channel=channel,
                chat_id=chat_id,
                business_id=business_id,
                ready_at=ready,
                waiting_since=now,
            )
            .on_conflict_do_update(
                index_elements=["channel", "chat_id"],
                set_={
                    "waiting_since": since,
                    "ready_at": case(
                        (due, LaneRow.ready_at),
                        else_=func.least(ready, since + _seconds(BURST_LIMIT_SECONDS)),
                    ),
                },
            )
            .returning(notice(INBOX, channel))
        )
        return True

    async def claim_lane(
        self, channels: list[str], *, chat_id: int | None = None, holder: int | None = None
    ) -> Lane | None:
        """Lease the lane that has waited longest; arguments as in `claim_lanes`.

        Returns:
            None where none is ready.
        """
        lanes = await self.claim_lanes(channels, chat_id=chat_id, holder=holder, most=1)
        return lanes[0] if lanes else None

    async def claim_lanes(
        self,
        channels: list[str],
        *,
        chat_id: int | None = None,
        holder: int | None = None,
        most: int,
    ) -> list[Lane]:
        """Lease the lanes that have waited longest.

        Args:
            channels: whose lanes.
            chat_id: one chat only.
            holder: the process's sign of life (`db.presence`); None = the lease alone counts.
            most: how many at most.
        """
        rows = await self._session.execute(
            _CLAIM_LANES,
            {
                "seconds": LEASE_SECONDS,
                "channels": channels,
                "chat_id": chat_id,
                "holder": holder,
                "most": most,
            },
        )
        return [Lane(row.channel, row.chat_id, row.business_id, str(row.lease)) for row in rows]

    async def burst_goes_on(self, channel: str, chat_id: int, after_id: int) -> bool:
        """Return whether the next open update of a chat belongs to the burst that ends before it.

        Args:
            after_id: id of the burst's newest update so far.
        """
        found = await self._session.scalar(
            select(InboxRow.joins_burst)
            .where(
                InboxRow.channel == channel,
                InboxRow.chat_id == chat_id,
                InboxRow.state == "new",
                InboxRow.id > after_id,
            )
            .order_by(InboxRow.id)
            .limit(1)
        )
        return bool(found)

    async def written_between(
        self, channel: str, chat_id: int, since: dt.datetime, until: dt.datetime
    ) -> int:
        """Return how many messages of a chat were received in a time; presses are none.

        Args:
            since: instant, exclusive.
            until: instant, inclusive: after a clock was set back there are later ones.
        """
        found = await self._session.scalar(
            select(func.count()).where(
                InboxRow.channel == channel,
                InboxRow.chat_id == chat_id,
                InboxRow.received_at > since,
                InboxRow.received_at <= until,
                ~InboxRow.payload.has_key("callback_query"),  # Telegram's
                InboxRow.payload["kind"].astext.is_distinct_from("press"),  # the terminal's
            )
        )
        return int(found or 0)

    async def seconds_to_next(self, channels: list[str]) -> float | None:
        """Return how long until a lane may be claimed (0 or less = now); None if none waits."""
        next_at = func.min(LaneRow.ready_at)
        found = await self._session.scalar(
            select(func.extract("epoch", next_at - func.clock_timestamp())).where(
                LaneRow.ready_at.is_not(None),
                LaneRow.lease.is_(None),
                LaneRow.channel.in_(channels),
            )
        )
        return None if found is None else float(found)

    async def next_update_id(self, channel: str) -> int:
        """Return a number for the next update of a channel that doesn't number them itself."""
        last = await self._session.scalar(
            select(func.max(InboxRow.update_id)).where(InboxRow.channel == channel)
        )
        return int(last or 0) + 1

    async def renew(self, lane: Lane) -> bool:
        """Extend a lease; False where it was lost."""
        renewed = await self._session.scalar(
            update(LaneRow)
            .where(*_leased(lane))
            .values(leased_until=func.clock_timestamp() + _seconds(LEASE_SECONDS))
            .returning(LaneRow.chat_id)
        )
        return renewed is not None

    async def messages(self, lane: Lane) -> list[InboxMessage]:
        """Return the lane's open updates in the order they came in."""
        rows = await self._session.scalars(
            select(InboxRow)
            .where(
                InboxRow.channel == lane.channel,
                InboxRow.chat_id == lane.chat_id,
                InboxRow.state == "new",
            )
            .order_by(InboxRow.id)
            .limit(100)
        )
        return [
            InboxMessage(
                id=row.id,
                business_id=row.business_id,
                channel=row.channel,
                chat_id=row.chat_id,
                update_id=row.update_id,
                payload=row.payload,
                received_at=row.received_at,
            )
            for row in rows
        ]

    async def done(self, message_ids: list[int]) -> None:
        """Mark updates as answered, in the transaction that writes the answer."""
        await self._session.execute(
            update(InboxRow).where(InboxRow.id.in_(message_ids)).values(state="done")
        )

    async def set_aside(self, message_ids: list[int], error: str) -> bool:
        """Put updates aside that can't be handled; they stay for a person to look at.

        Args:
            error: a short reason without the customer's text.

        Returns:
            False where that was done already.
        """
        moved = await self._session.scalars(
            update(InboxRow)
            .where(InboxRow.id.in_(message_ids), InboxRow.state == "new")
            .values(state="set_aside", error=error)
            .returning(InboxRow.id)
        )
        return bool(moved.all())

    async def release(self, lane: Lane, *, retry_after_seconds: float = 0.0) -> None:
        """Give a lane back: ready again if updates are open, else asleep.

        Args:
            retry_after_seconds: leave it asleep that long: what it needs is away.
        """
        open_updates = (
            select(InboxRow.id)
            .where(
                InboxRow.channel == lane.channel,
                InboxRow.chat_id == lane.chat_id,
                InboxRow.state == "new",
            )
            .exists()
        )
        later = func.clock_timestamp() + _seconds(retry_after_seconds)
        # The row is locked first: an update that is being stored in this chat waits, then sets
        # the lane ready after us; one stored before is seen by the second statement.
        await self._session.execute(select(LaneRow.chat_id).where(*_leased(lane)).with_for_update())
        has_more = bool(await self._session.scalar(select(open_updates)))
        values: dict[str, Any] = {"lease": None, "leased_until": None, "holder": None}
        if not has_more:
            values |= {"ready_at": None, "waiting_since": None}
        elif retry_after_seconds:
            values["ready_at"] = later
        await self._session.execute(update(LaneRow).where(*_leased(lane)).values(**values))


def _seconds(seconds: float) -> Any:
    return func.make_interval(0, 0, 0, 0, 0, 0, seconds)


def _leased(lane: Lane) -> tuple[Any, ...]:
    return (
        LaneRow.channel == lane.channel,
        LaneRow.chat_id == lane.chat_id,
        LaneRow.lease == lane.lease,
    )
