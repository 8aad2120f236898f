"""Taking messages from the outbox in order, at the pace that their channel keeps to."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a channel takes messages, counted over all processes.

    Args:
        per_second: messages to all chats together in any second.
        chat_seconds: from the end of a message to a chat until the next one to it.
        group_per_minute: messages to one group (a negative chat id) in any minute.
    """

    per_second: int = 30
    chat_seconds: float = 1.0
    group_per_minute: int = 20


# The head of each chat's queue: due, and nothing before it in the same chat is due or being tried
# again: a message that waits for its next attempt is not overtaken.
# MATERIALIZED: as a plain sub-select the planner may run it more than once, past the limit.
# `attempted_at` is when the last attempt ended, or began while it is under way: whenever in between
# the channel took the message, it is counted for long enough. now() is the transaction's start,
# before it waited for other senders: at worst it counts for a little longer. What was attempted
# later than now was so before the clock was set back: it would count until then.
CLAIM = text(
    """
    WITH recent AS MATERIALIZED (
        SELECT chat_id, attempted_at FROM outbox
        WHERE attempted_at > now() - interval '1 minute' AND attempted_at <= clock_timestamp()
          AND channel = :channel
          AND (chat_id < 0 OR attempted_at > now() - make_interval(secs => :window))
    ), resting AS MATERIALIZED (
        SELECT chat_id FROM recent
        WHERE attempted_at > now() - make_interval(secs => :chat_seconds)
        UNION ALL
        SELECT chat_id FROM recent WHERE chat_id < 0
        GROUP BY chat_id HAVING count(*) >= :group_per_minute
    ), head AS MATERIALIZED (
        SELECT o.id FROM outbox o
        WHERE o.channel = :channel AND o.state = 'queued' AND o.due_at <= :now
          AND (:timers OR o.priority <> 1)
          AND (CAST(:chat_id AS bigint) IS NULL OR o.chat_id = :chat_id)
          AND o.chat_id NOT IN (SELECT chat_id FROM resting)
          AND NOT EXISTS (
            SELECT 1 FROM outbox p
            WHERE p.channel = o.channel AND p.chat_id = o.chat_id
              AND (p.state = 'sending' OR (p.state = 'queued'
                   AND (p.due_at <= :now OR p.attempts > 0)
                   AND (p.priority, p.id) < (o.priority, o.id)))
          )
        ORDER BY o.priority, o.due_at, o.id
        LIMIT (SELECT greatest(0, least(:limit, :per_second - count(*))) FROM recent
               WHERE attempted_at > now() - interval '1 second')
        FOR UPDATE OF o SKIP LOCKED
    )
    UPDATE outbox SET state = 'sending', attempts = attempts + 1, holder = :holder,
           attempted_at = clock_timestamp()
    FROM head WHERE outbox.id = head.id
    RETURNING outbox.id, business_id, channel, chat_id, kind, payload, appointment_id,
              coalesce(waiting_since, due_at) AS due_at, attempts, unknown_outcomes, trace
    """
)
UNPACED = Pace(per_second=1_000_000, chat_seconds=0.0, group_per_minute=1_000_000)

NEXT = text(
    """
    SELECT (SELECT extract(epoch FROM due_at - :now) FROM outbox
            WHERE channel = :channel AND state = 'queued' AND due_at > :now
            ORDER BY due_at LIMIT 1) AS due_in,
           EXISTS (SELECT FROM outbox
            WHERE channel = :channel AND state = 'queued' AND due_at <= :now) AS is_due,
           (SELECT extract(epoch FROM attempted_at - clock_timestamp()) FROM outbox
            WHERE channel = :channel AND attempted_at > now() - make_interval(secs => :window)
              AND attempted_at <= clock_timestamp()
            ORDER BY attempted_at LIMIT 1) AS rests
    """
)
