"""What this turn's text may claim: taken from the ledger, never from the model."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from booking.appointment import Appointment, Change
from booking.business import Business
from booking.localtime import to_local
from tools.support.context import ToolContext


@dataclass(frozen=True, slots=True)
class Backing:
    """What a text may claim.

    Args:
        changes: what this turn's ledger has committed; normally empty when the model speaks.
        changed: (local date, wall time) of the rows that were changed, before and after; where it
            is known, a change backs no other time.
        proposal: a card that asks for a yes was shown in this turn.
        appointments: the customer's upcoming ones as this turn knows them.
        offered: (local date, wall time) of the last listings and of a refusal's alternatives;
            without a date, of any.
        said: the customer's own words of this turn; times in them may be echoed.
        opening: wall times at which the business opens, closes or pauses.
        handed_off: a human was asked for in this turn, or has the chat.
        waiting_list: the customer was put on the waiting list in this turn.
        saved: their contact data was changed in this turn.
        other: a tool did something in this turn that only it knows how to tell.
        today: the business's local date now; without it "tomorrow" may be any day.
    """

    changes: frozenset[Change] = frozenset()
    changed: frozenset[tuple[dt.date, dt.time]] = frozenset()
    proposal: bool = False
    appointments: tuple[Appointment, ...] = ()
    offered: frozenset[tuple[dt.date | None, dt.time]] = frozenset()
    said: str = ""
    opening: frozenset[dt.time] = frozenset()
    handed_off: bool = False
    waiting_list: bool = False
    saved: bool = False
    other: bool = False
    today: dt.date | None = None

    @property
    def idle(self) -> bool:
        """Return whether this turn has done nothing."""
        told = self.handed_off or self.waiting_list or self.saved or self.other
        return not (self.changes or told)


def backing_of(ctx: ToolContext, said: str) -> Backing:
    """Return what the ledger backs.

    Args:
        said: the customer's own words of this turn; times in them may be echoed.
    """
    ledger, zone = ctx.ledger, ctx.business.zone
    offers = [offer for listing in ledger.listings for offer in listing.offers]
    offers += [offer for refusal in ledger.refusals for offer in refusal.alternatives]
    offered = {_wall(offer.starts_at, zone) for offer in offers}
    for refusal in ledger.refusals:
        instants = (*refusal.candidates, *([refusal.earliest] if refusal.earliest else []))
        offered |= {_wall(instant, zone) for instant in instants}
    changed = {_wall(done.appointment.starts_at, zone) for done in ledger.done}
    changed |= {
        _wall(done.previous_starts_at, zone) for done in ledger.done if done.previous_starts_at
    }
    return Backing(
        changes=frozenset(done.change for done in ledger.done),
        changed=frozenset(changed),
        proposal=ledger.proposal is not None,
        appointments=ledger.appointments,
        offered=frozenset(offered),
        said=said,
        handed_off=ledger.handed_off,
        waiting_list=ledger.waiting,
        saved=ledger.saved,
        other=ledger.other,
        opening=_opening(ctx.business),
        today=ctx.today,
    )


def _wall(instant: dt.datetime, zone: str) -> tuple[dt.date, dt.time]:
    local = to_local(instant, zone)
    return local.date(), local.time().replace(second=0, microsecond=0)


def _opening(business: Business) -> frozenset[dt.time]:
    weeks = [business.hours, *(r.hours for r in business.resources if r.hours is not None)]
    ranges = [interval for week in weeks for day in week.values() for interval in day]
    ranges += [interval for day in business.exceptions.values() for interval in day]
    minutes = {minute for interval in ranges for minute in (interval.opens, interval.closes)}
    return frozenset(dt.time(minute // 60 % 24, minute % 60) for minute in minutes)
