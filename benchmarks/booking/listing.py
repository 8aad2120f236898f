"""Listing free times: against the size of history, and beside what one would write first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from benchmarks.booking import data, first_draft
from benchmarks.booking.measure import Times, statements, timed
from booking.business import Business, Service
from booking.engine import nearest_offers
from booking.refusals import Offer
from db.store import Store, UnitOfWork

Draft = Callable[[UnitOfWork, Service, dt.date, dt.date, dt.datetime], Awaitable[list[dt.datetime]]]

TODAY = data.NOW.date()


@dataclass(frozen=True, slots=True)
class Listing:
    """What was measured at one size of history.

    Args:
        past: past appointments.
        month_of_ten: 30 days x 10 staff x a step of 15 minutes.
        next_free: the next free times, looked for in 3 days x 10 staff.
        staff: people of the business.
        month_of_everybody: 30 days x all of them.
        per_day, everything: the same as `month_of_ten`, as one would write it first.
        queries: statements of one listing that read rows.
        listed: how many starts a listing found.
    """

    past: int
    staff: int
    month_of_ten: Times
    next_free: Times
    month_of_everybody: Times
    per_day: Times
    everything: Times
    queries: int
    listed: int


@dataclass(frozen=True, slots=True)
class Place:
    """A database with so many past appointments.

    Args:
        customer_id: somebody new, who asks for the listings.
    """

    past: int
    store: Store
    business: Business
    customer_id: int

    def listing(self, service: Service, days: int) -> Callable[[int], Awaitable[list[Offer]]]:
        """Return what lists the free times of the next days, today included.

        In a transaction of its own, with the customer's limits, as the assistant asks for it.
        """
        last = TODAY + dt.timedelta(days=days - 1)

        async def run(_number: int) -> list[Offer]:
            return await self.store.run(
                self.business,
                lambda uow: uow.appointments.get_available_slots(
                    TODAY, last_date=last, service=service.id, customer_id=self.customer_id
                ),
            )

        return run

    def next_free(self, service: Service) -> Callable[[int], Awaitable[object]]:
        """Return what finds the next free times."""
        listing = self.listing(service, 3)

        async def run(number: int) -> object:
            return nearest_offers(await listing(number), data.NOW)

        return run

    def drafted(self, draft: Draft) -> Callable[[int], Awaitable[list[dt.datetime]]]:
        """Return what lists 30 days of the ten people as one would write it first."""
        last = TODAY + dt.timedelta(days=29)
        ten = self.business.services[0]

        async def run(_number: int) -> list[dt.datetime]:
            return await self.store.run(
                self.business, lambda uow: draft(uow, ten, TODAY, last, data.NOW)
            )

        return run


async def measure_listing(places: Sequence[Place], repeats: int) -> list[Listing]:
    """Measure the listings on each size of history, the sizes in turn.

    Args:
        repeats: of the engine's listings; what is slow is repeated less.

    Raises:
        RuntimeError: a first draft lists other starts than the engine; then they can't be compared.
    """
    queries, listed = [], []
    for place in places:
        with statements(place.store.database) as noted:
            offers = await place.listing(place.business.services[0], 30)(0)
        queries.append(noted.queries)
        listed.append([offer.starts_at for offer in offers])
        for draft in _DRAFTS:
            if await place.drafted(draft)(0) != listed[-1]:
                raise RuntimeError(f"{draft.__name__} lists other starts than the engine")
    few = max(2, repeats // 30)
    services = [place.business.services for place in places]
    month = await timed(
        [p.listing(ten, 30) for p, (ten, _) in zip(places, services, strict=True)], repeats
    )
    soon = await timed(
        [p.next_free(ten) for p, (ten, _) in zip(places, services, strict=True)], repeats
    )
    everybody = await timed(
        [p.listing(all_, 30) for p, (_, all_) in zip(places, services, strict=True)],
        max(3, repeats // 4),
    )
    per_day, everything = [
        await timed([place.drafted(draft) for place in places], few, warm_up=1) for draft in _DRAFTS
    ]
    return [
        Listing(
            past=place.past,
            staff=len(place.business.resources),
            month_of_ten=month[n],
            next_free=soon[n],
            month_of_everybody=everybody[n],
            per_day=per_day[n],
            everything=everything[n],
            queries=queries[n],
            listed=len(listed[n]),
        )
        for n, place in enumerate(places)
    ]


_DRAFTS: tuple[Draft, ...] = (first_draft.query_per_day_and_person, first_draft.fetch_everything)
