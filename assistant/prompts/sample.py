"""A business straight from its file, for sizes and checks that need no database."""

from __future__ import annotations

from booking.business import STAFF, Business, Contact, LocalText, Policy, Resource, Service
from booking.business_file import WEEKDAYS, BusinessFile, local_text
from booking.money import to_minor


def sample_business(file: BusinessFile) -> Business:
    """Return what a file describes, with made-up ids: for prompts, not for bookings."""
    staff = {
        member.slug: Resource(id=n, slug=member.slug, kind=STAFF, name=local_text(member.name))
        for n, member in enumerate(file.staff, start=1)
    }
    return Business(
        id=1,
        slug=file.slug,
        name=local_text(file.name),
        zone=file.zone,
        languages=file.languages,
        hours={WEEKDAYS.index(day): ranges for day, ranges in file.hours.items()},
        policy=Policy(**dict(file.policy)),
        contact=Contact(**file.contact.model_dump()),
        address=_text(file.address),
        facts={topic: local_text(texts) for topic, texts in file.facts.items()},
        resources=tuple(staff.values()),
        services=tuple(
            Service(
                id=n,
                slug=service.slug,
                name=local_text(service.name),
                description=_text(service.description),
                duration_minutes=service.duration_minutes,
                price_minor=None
                if service.price is None
                else to_minor(service.price, service.currency or ""),
                currency=None if service.price is None else service.currency,
                approval_required=service.approval_required,
                resource_ids={STAFF: tuple(staff[slug].id for slug in service.staff)},
            )
            for n, service in enumerate(file.services, start=1)
        ),
    )


def _text(texts: dict[str, str] | None) -> LocalText | None:
    return None if texts is None else local_text(texts)
