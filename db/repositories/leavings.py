"""What was left behind: by dead workers and senders, and by a server's clock that was set back.

A killed process's sign of life is gone (`db.presence`), and what it held is free at once. One that
is only cut off, or hangs, still gives it: others take over what they have seen unchanged for long
enough. They count that time themselves, since the server's clock can be set: then nothing that is
held looks older than it is, and what a dead one held isn't held for longer.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import case, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.presence import LIVING
from db.queue_models import LaneRow, OutboxRow

_UNKNOWN = "outcome unknown: its sender died"


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease as it is seen: a renewal makes another one of it."""

    lease: str
    leased_until: dt.datetime


@dataclass(frozen=True, slots=True)
class InHand:
    """A message that somebody is sending, as it is seen: another attempt is another one."""

    id: int
    attempts: int


# SKIP LOCKED: a lane that is being claimed just now is nobody's leavings.
_FREE_DEAD = text(
    f"""
    WITH living AS MATERIALIZED ({LIVING}),
    dead AS MATERIALIZED (
        SELECT channel, chat_id FROM lanes
        WHERE ready_at IS NOT NULL AND channel = ANY(:channels)
          AND holder IS NOT NULL AND holder NOT IN (SELECT objid FROM living)
          AND (CAST(:witness AS bigint) IS NULL OR :witness IN (SELECT objid FROM living))
        FOR UPDATE SKIP LOCKED
    )
    UPDATE lanes SET lease = NULL, leased_until = NULL, holder = NULL
    FROM dead WHERE lanes.channel = dead.channel AND lanes.chat_id = dead.chat_id
    RETURNING lanes.chat_id
    """
)
_REQUEUE_DEAD = text(
    f"""
    WITH living AS MATERIALIZED ({LIVING}),
    left_over AS MATERIALIZED (
        SELECT id FROM outbox
        WHERE channel = ANY(:channels) AND state = 'sending'
          AND holder IS NOT NULL AND holder NOT IN (SELECT objid FROM living)
          AND (CAST(:witness AS bigint) IS NULL OR :witness IN (SELECT objid FROM living))
        FOR UPDATE SKIP LOCKED
    )
    UPDATE outbox SET holder = NULL, error = '{_UNKNOWN}',
           state = CASE WHEN kind = 'broadcast' THEN 'failed' ELSE 'queued' END
    FROM left_over WHERE outbox.id = left_over.id RETURNING outbox.id
    """
)
# A lane is put off by seconds, and only reminders and reviews are written for later: what is
# further away than that waits since before the clock was set back, and would for as long as that.
_MEND_LANES = text(
    """
    WITH put_off AS MATERIALIZED (
        SELECT channel, chat_id FROM lanes
        WHERE ready_at > clock_timestamp() + interval '1 minute' AND channel = ANY(:channels)
        FOR UPDATE SKIP LOCKED
    )
    UPDATE lanes SET ready_at = clock_timestamp(), waiting_since = NULL
    FROM put_off WHERE lanes.channel = put_off.channel AND lanes.chat_id = put_off.chat_id
    RETURNING lanes.chat_id
    """
)
_MEND_OUTBOX = text(
    """
    WITH put_off AS MATERIALIZED (
        SELECT id FROM outbox
        WHERE channel = ANY(:channels) AND state = 'queued' AND priority <> 1 AND due_at > :now
          AND attempts = 0 AND created_at > clock_timestamp() + interval '1 minute'
        UNION ALL
        SELECT id FROM outbox
        WHERE attempted_at > clock_timestamp() + interval '1 minute'
          AND channel = ANY(:channels) AND state = 'queued' AND due_at > :now
    )
    UPDATE outbox SET due_at = :now FROM put_off
    WHERE outbox.id = put_off.id AND outbox.state = 'queued' RETURNING outbox.id
    """
)


class LeavingsRepository:
    """Takes up what nobody looks after any more; needs a worker's session (`worker=True`)."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def free_dead(self, channels: list[str], *, witness: int | None = None) -> list[int]:
        """Take the lanes back that dead processes held, and return their chats.

        Args:
            witness: the sign of life of who asks: while that one isn't seen either, the server was
                restarted, and nobody is called dead. None = without one.
        """
        rows = await self._session.execute(_FREE_DEAD, {"channels": channels, "witness": witness})
        return [row.chat_id for row in rows]

    async def leases(self, channels: list[str]) -> list[Lease]:
        """Return the leases that there are, whoever has them."""
        rows = await self._session.execute(
            select(LaneRow.lease, LaneRow.leased_until).where(
                LaneRow.ready_at.is_not(None),
                LaneRow.lease.is_not(None),
                LaneRow.channel.in_(channels),
            )
        )
        return [Lease(str(row.lease), row.leased_until) for row in rows]

    async def free_silent(self, silent: list[Lease]) -> list[int]:
        """Take the lanes back whose leases weren't renewed, and return their chats.

        Args:
            silent: as they were seen; one that was renewed since is left alone.
        """
        freed: list[int] = []
        for each in silent:
            found = await self._session.scalars(
                update(LaneRow)
                .where(LaneRow.lease == each.lease, LaneRow.leased_until == each.leased_until)
                .values(lease=None, leased_until=None, holder=None)
                .returning(LaneRow.chat_id)
            )
            freed += found.all()
        return freed

    async def requeue_dead(self, channels: list[str], *, witness: int | None = None) -> list[int]:
        """Queue again what dead senders had in hand, and return the ids.

        Whether it arrived can't be known: it may come twice, and a broadcast is not sent again.

        Args:
            witness: as in `free_dead`.
        """
        rows = await self._session.execute(
            _REQUEUE_DEAD, {"channels": channels, "witness": witness}
        )
        return [row.id for row in rows]

    async def in_hand(self, channels: list[str]) -> list[InHand]:
        """Return what is being sent, by whomever."""
        rows = await self._session.execute(
            select(OutboxRow.id, OutboxRow.attempts).where(
                OutboxRow.channel.in_(channels), OutboxRow.state == "sending"
            )
        )
        return [InHand(row.id, row.attempts) for row in rows]

    async def requeue_silent(self, silent: list[InHand]) -> list[int]:
        """Queue again what has been in hand for too long, like a dead sender's."""
        again = case((OutboxRow.kind == "broadcast", "failed"), else_="queued")
        requeued: list[int] = []
        for each in silent:
            found = await self._session.scalars(
                update(OutboxRow)
                .where(
                    OutboxRow.id == each.id,
                    OutboxRow.attempts == each.attempts,
                    OutboxRow.state == "sending",
                )
                .values(state=again, holder=None, error=_UNKNOWN)
                .returning(OutboxRow.id)
            )
            requeued += found.all()
        return requeued

    async def mend_lanes(self, channels: list[str]) -> list[int]:
        """Make ready what waits only since the server's clock was set back; return the chats."""
        rows = await self._session.execute(_MEND_LANES, {"channels": channels})
        return [row.chat_id for row in rows]

    async def mend_outbox(self, channels: list[str], now: dt.datetime) -> list[int]:
        """Make due what waits only since the server's clock was set back; return the ids.

        Reminders and reviews are for a time of the calendar: they wait for it, unless one was tried
        already.

        Args:
            now: instant by which messages are due.
        """
        rows = await self._session.execute(_MEND_OUTBOX, {"channels": channels, "now": now})
        return [row.id for row in rows]
