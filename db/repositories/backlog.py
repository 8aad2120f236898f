"""What waits in the queues and what was done today; reads that stay cheap however much waits."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# More waiting rows than this are not counted: by then the number doesn't matter any more.
COUNTED = 10_000
_RECENT_ROWS = 10_000
_TODAYS_TURNS = 50_000


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue.

    Args:
        depth: rows that wait, at most `COUNTED`.
        oldest_seconds: how long the oldest of the counted ones has been waiting; 0 where none.
    """

    depth: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits.

    Args:
        inbox: updates that are not answered.
        outbox: messages that are due and not sent, those between two attempts included; those that
            are due later don't wait, and a broadcast takes as long as the channel's pace makes it.
        reminders: the reminders among them.
    """

    inbox: Queue
    outbox: Queue
    reminders: Queue


@dataclass(frozen=True, slots=True)
class Mishaps:
    """What went wrong among the newest rows of the queues.

    Args:
        set_aside: updates that could not be handled.
        unsent: messages that were given up.
    """

    set_aside: int
    unsent: int


@dataclass(frozen=True, slots=True)
class TurnTotals:
    """A business's turns since an instant."""

    turns: int
    model_calls: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int


# Each sub-select reads an index of waiting rows alone and stops at the limit. What an attempt has
# put off still waits, though its next one lies ahead: an outage must not look like an empty queue.
_BACKLOG = text(
    """
    WITH waiting AS (
        SELECT received_at AS since FROM inbox
        WHERE state = 'new' AND (CAST(:business AS bigint) IS NULL OR business_id = :business)
        ORDER BY channel, chat_id, id LIMIT :counted
    ), fresh AS (
        SELECT due_at AS since, kind FROM outbox
        WHERE state = 'queued' AND due_at <= :now AND waiting_since IS NULL
          AND kind <> 'broadcast'
          AND (CAST(:business AS bigint) IS NULL OR business_id = :business)
        ORDER BY due_at LIMIT :counted
    ), put_off AS (
        SELECT waiting_since AS since, kind FROM outbox
        WHERE waiting_since IS NOT NULL AND state IN ('queued', 'sending')
          AND kind <> 'broadcast'
          AND (CAST(:business AS bigint) IS NULL OR business_id = :business)
        ORDER BY waiting_since LIMIT :counted
    ), due AS (
        SELECT * FROM fresh UNION ALL SELECT * FROM put_off LIMIT :counted
    )
    SELECT (SELECT count(*) FROM waiting) AS inbox,
           (SELECT min(since) FROM waiting) AS inbox_since,
           (SELECT count(*) FROM due) AS outbox,
           (SELECT min(since) FROM due) AS outbox_since,
           (SELECT count(*) FROM due WHERE kind = 'reminder') AS reminders,
           (SELECT min(since) FROM due WHERE kind = 'reminder') AS reminders_since
    """
)
_MISHAPS = text(
    """
    SELECT (SELECT count(*) FROM inbox WHERE state = 'set_aside' AND received_at >= :since
              AND id > (SELECT coalesce(max(id), 0) FROM inbox) - :rows
              AND (CAST(:business AS bigint) IS NULL OR business_id = :business)) AS set_aside,
           (SELECT count(*) FROM outbox WHERE state = 'failed' AND due_at >= :since
              AND id > (SELECT coalesce(max(id), 0) FROM outbox) - :rows
              AND (CAST(:business AS bigint) IS NULL OR business_id = :business)) AS unsent
    """
)
_TURNS = text(
    """
    SELECT count(*) AS turns, coalesce(sum(model_calls), 0) AS model_calls,
           coalesce(sum(input_tokens), 0) AS input_tokens,
           coalesce(sum(cached_tokens), 0) AS cached_tokens,
           coalesce(sum(output_tokens), 0) AS output_tokens
    FROM (SELECT * FROM turns WHERE business_id = :business ORDER BY id DESC LIMIT :newest) newest
    WHERE started_at >= :since
    """
)


class BacklogRepository:
    """Reads the queues of one business, or with a worker's session of all.

    Args:
        session: the caller opened it for that business, or as a worker.
        business_id: whose queues; None = all that the session may see.
    """

    def __init__(self, session: AsyncSession, business_id: int | None = None) -> None:
        self._session = session
        self._business_id = business_id

    async def backlog(self, now: dt.datetime) -> Backlog:
        """Return what waits at an instant."""
        given = {"business": self._business_id, "now": now, "counted": COUNTED}
        row = (await self._session.execute(_BACKLOG, given)).one()
        return Backlog(
            inbox=_queue(row.inbox, row.inbox_since, now),
            outbox=_queue(row.outbox, row.outbox_since, now),
            reminders=_queue(row.reminders, row.reminders_since, now),
        )

    async def mishaps(self, since: dt.datetime) -> Mishaps:
        """Return what went wrong since an instant, among the newest rows."""
        given = {"business": self._business_id, "since": since, "rows": _RECENT_ROWS}
        row = (await self._session.execute(_MISHAPS, given)).one()
        return Mishaps(row.set_aside, row.unsent)

    async def turns(self, since: dt.datetime) -> TurnTotals:
        """Add up the newest turns of the business since an instant.

        Raises:
            ValueError: no business was named; turns are seen by one business at a time.
        """
        if self._business_id is None:
            raise ValueError("turns are added up for one business")
        given = {"business": self._business_id, "since": since, "newest": _TODAYS_TURNS}
        row = (await self._session.execute(_TURNS, given)).one()
        return TurnTotals(*(int(value) for value in row))


def _queue(depth: int, since: dt.datetime | None, now: dt.datetime) -> Queue:
    # A clock that was set back must not make an age negative.
    age = 0.0 if since is None else max(0.0, (now - since).total_seconds())
    return Queue(depth, age)
