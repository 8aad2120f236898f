"""Outbox rows in words: rendered when they are sent, from what is in the book by then."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from assistant import receipts
from assistant.guided.actions import Press, Verb
from assistant.hand_off import words as hand_off
from assistant.labels import customer_label
from assistant.messages import Button, Document, Outgoing
from assistant.texts import Texts
from assistant.waiting_offers import offer_message
from booking.appointment import Appointment, Change
from booking.business import Business
from booking.status import AppointmentStatus
from db.repositories.customers import Customer
from db.repositories.forgetting import EXPECTED, ForgettingRepository
from db.repositories.outbox import OutboxKind, OutboxMessage
from db.store import Store, UnitOfWork

# The business's own no: the customer is left with nothing, and may want another time.
_LET_DOWN = (Change.CANCELLED, Change.DECLINED, Change.EXPIRED)
_STANDS = (
    AppointmentStatus.PENDING,
    AppointmentStatus.CONFIRMED,
    AppointmentStatus.COMPLETED,
    AppointmentStatus.NO_SHOW,
)
_HAS_BEEN = (AppointmentStatus.CONFIRMED, AppointmentStatus.COMPLETED)


class NotReachableError(Exception):
    """What comes unasked isn't even tried where the chat is known to take no messages."""


class OvertakenError(Exception):
    """A reminder isn't sent where a nearer one of the same appointment is."""


class Renderer:
    """Puts outbox rows into words.

    Args:
        store: the database.
        texts: words of receipts, reminders and notices.
    """

    def __init__(self, store: Store, texts: Texts) -> None:
        self._store = store
        self._texts = texts
        self._ways: Mapping[
            OutboxKind, Callable[[Business, OutboxMessage], Awaitable[Outgoing | None]]
        ] = {
            OutboxKind.RECEIPT: self._receipt,
            OutboxKind.OWNER_NOTICE: self._owner_notice,
            OutboxKind.UNREACHABLE: self._unreachable,
            OutboxKind.REMINDER: self._reminder,
            OutboxKind.REVIEW: self._review,
            OutboxKind.UNANSWERED: self._unanswered,
            OutboxKind.WAITLIST_OFFER: self._waitlist_offer,
            OutboxKind.BROADCAST: self._broadcast,
            OutboxKind.CALENDAR: self._calendar,
            OutboxKind.PRIVACY: self._privacy,
            OutboxKind.HAND_OFF: self._hand_off,
            OutboxKind.OWNER_HAND_OFF: self._owner_hand_off,
        }

    async def render(self, message: OutboxMessage) -> Outgoing | None:
        """Return what is to be sent; None where it is not wanted any more.

        Raises:
            NotReachableError: the customer's chat takes no messages.
            OvertakenError: another one takes its place.
            DatabaseUnavailableError: the database is away.
        """
        if message.kind is OutboxKind.MESSAGE:
            return Outgoing.model_validate(message.payload)
        business = await self._store.business(message.business_id)
        return await self._ways[message.kind](business, message)

    async def _receipt(self, business: Business, message: OutboxMessage) -> Outgoing | None:
        change, appointment, previous_starts_at = _changed(message)
        language = message.payload["language"]
        text = receipts.receipt(
            change,
            appointment,
            business=business,
            language=language,
            texts=self._texts,
            now=self._store.clock.now(),
            previous_starts_at=previous_starts_at,
        )
        buttons: tuple[Button, ...] = ()
        if appointment.status is AppointmentStatus.CONFIRMED:
            keys = (("button_calendar", Verb.CALENDAR),)
            buttons = (*self._buttons(appointment, language, keys), *self._map(business, language))
        elif change in _LET_DOWN and appointment.cancelled_by != "customer":
            buttons = (self._again(appointment, language, "button_other_times"),)
        return Outgoing(text=text, buttons=(buttons,) if buttons else ())

    async def _calendar(self, business: Business, message: OutboxMessage) -> Outgoing | None:
        row = await self._appointment(business, message.appointment_id)
        if row is None:
            return None
        # Slow to import, and few processes ever send one.
        from assistant.ics import appointment_ics

        language = message.payload["language"]
        key = "calendar_changed" if message.payload["changed"] else "calendar_file"
        if row.status not in _STANDS:
            key = "calendar_cancelled"
        return Outgoing(
            text=self._texts.say(key, language),
            document=Document(
                name=f"appointment-{row.id}.ics",
                content=appointment_ics(row, business, language).decode(),
            ),
        )

    async def _privacy(self, business: Business, message: OutboxMessage) -> Outgoing | None:
        customer_id, language = message.payload["customer_id"], message.payload["language"]
        if message.payload["what"] == EXPECTED:
            return Outgoing(text=self._texts.say("forget_expected", language))

        async def read(uow: UnitOfWork) -> dict[str, Any] | None:
            forgetting = ForgettingRepository(uow.session, business, self._store.clock)
            return await forgetting.own_data(customer_id)

        held = await self._store.run(business, read)
        if held is None:
            return None
        return Outgoing(
            text=self._texts.say("my_data", language),
            document=Document(
                name="my-data.json",
                content=json.dumps(
                    {"business": business.slug, **held}, ensure_ascii=False, indent=2
                ),
            ),
        )

    async def _owner_notice(self, business: Business, message: OutboxMessage) -> Outgoing | None:
        change, appointment, previous_starts_at = _changed(message)
        if change not in receipts.OWNER_CHANGES:
            return None
        customer = await self._customer(business, appointment.customer_id)
        text = receipts.owner_notice(
            change,
            appointment,
            customer=customer_label(customer),
            business=business,
            texts=self._texts,
            now=self._store.clock.now(),
            previous_starts_at=previous_starts_at,
        )
        if change is not Change.REQUESTED:
            return Outgoing(text=text)
        keys = (("button_approve", Verb.APPROVE), ("button_decline", Verb.DECLINE))
        buttons = self._buttons(appointment, business.languages[0], keys)
        return Outgoing(text=text, buttons=(buttons,))

    async def _unreachable(self, business: Business, message: OutboxMessage) -> Outgoing | None:
        customer_id = message.payload["customer_id"]
        customer = await self._customer(business, customer_id)
        if customer is None or customer.unreachable_since is None:
            return None  # back again by now, or erased
        rows = await self._store.run(
            business,
            lambda uow: uow.appointments.get_customer_appointments(customer_id, upcoming=True),
        )
        text = receipts.unreachable_notice(
            rows,
            customer=customer_label(customer),
            untold=message.payload["untold"],
            business=business,
            texts=self._texts,
            now=self._store.clock.now(),
        )
        return Outgoing(text=text)

    async def _reminder(self, business: Business, message: OutboxMessage) -> Outgoing | None:
        row = await self._appointment(business, message.appointment_id)
        now = self._store.clock.now()
        if row is None or row.status is not AppointmentStatus.CONFIRMED or row.starts_at <= now:
            return None
        if _is_of_another_start(row, message):
            return None
        customer = await self._reachable(business, row.customer_id)
        starts_at = message.payload.get("starts_at")
        if await self._store.run(
            business, lambda uow: uow.unanswered.is_overtaken(row.id, starts_at, message.due_at)
        ):
            raise OvertakenError
        language = message.payload["language"]
        text = receipts.reminder_text(
            row,
            business=business,
            language=language,
            texts=self._texts,
            now=now,
            customer_zone=customer.zone,
        )
        keys = (
            ("button_confirm", Verb.ACKNOWLEDGE),
            ("button_move", Verb.MOVE),
            ("button_cancel_appointment", Verb.CANCEL),
        )
        rows = (self._buttons(row, language, keys), self._map(business, language))
        return Outgoing(text=text, buttons=tuple(buttons for buttons in rows if buttons))

    async def _review(self, business: Business, message: OutboxMessage) -> Outgoing | None:
        row = await self._appointment(business, message.appointment_id)
        if row is None or row.status not in _HAS_BEEN:
            return None
        await self._reachable(business, row.customer_id)
        language = message.payload["language"]
        text = receipts.review_request(business, language=language, texts=self._texts)
        return Outgoing(text=text, buttons=((self._again(row, language, "button_book_again"),),))

    async def _unanswered(self, business: Business, message: OutboxMessage) -> Outgoing | None:
        told = set(message.payload["appointments"])
        found = await self._store.run(business, lambda uow: uow.unanswered.listed())
        still = [each for each in found if each.appointment.id in told]
        if not still:
            return None  # answered, moved or cancelled by now
        language = business.languages[0]
        text = receipts.unanswered_list(
            still, language=language, texts=self._texts, now=self._store.clock.now()
        )
        label = self._texts.say("button_unanswered", language)
        show = Button(label=label, action=Press(Verb.UNANSWERED).encode())
        return Outgoing(text=text, buttons=((show,),))

    async def _waitlist_offer(self, business: Business, message: OutboxMessage) -> Outgoing | None:
        number = Appointment.model_validate(message.payload["appointment"]).id
        terms = await self._store.run(business, lambda uow: uow.waitlist.terms_of_offer(number))
        if terms is None:
            return None  # answered, given back or over
        customer = await self._reachable(business, terms.held.customer_id)
        return offer_message(
            terms,
            business=business,
            language=message.payload["language"],
            texts=self._texts,
            now=self._store.clock.now(),
            customer_zone=customer.zone,
        )

    async def _broadcast(self, business: Business, message: OutboxMessage) -> Outgoing | None:
        # A private chat has its person's number.
        customer = await self._store.run(
            business, lambda uow: uow.customers.get_customer_by_telegram_id(message.chat_id)
        )
        if customer is None or customer.broadcasts_stopped_at is not None:
            return None  # erased, or stopped since it was queued
        if customer.unreachable_since is not None:
            raise NotReachableError
        outgoing = Outgoing.model_validate(message.payload)
        language = self._texts.resolve(customer.language or business.languages[0])
        label = self._texts.say("button_stop_broadcasts", language)
        stop = Button(label=label, action=Press(Verb.STOP_BROADCASTS).encode())
        return outgoing.model_copy(update={"buttons": (*outgoing.buttons, (stop,))})

    async def _hand_off(self, business: Business, message: OutboxMessage) -> Outgoing | None:
        return hand_off.to_customer(message.payload, business, self._texts)

    async def _owner_hand_off(self, business: Business, message: OutboxMessage) -> Outgoing | None:
        customer = await self._customer(business, message.payload["customer"])
        if customer is None:
            return None
        return hand_off.to_owner(
            message.payload,
            customer,
            business,
            self._texts,
            now=self._store.clock.now(),
            chat_id=message.chat_id,
        )

    def _again(self, row: Appointment, language: str, key: str) -> Button:
        """Return the button that books the same service with the same person once more."""
        again = Press(Verb.SERVICE, service=row.service_id)
        if row.staff_id is not None:
            again = Press(Verb.STAFF, service=row.service_id, staff=row.staff_id)
        return Button(label=self._texts.say(key, language), action=again.encode())

    def _map(self, business: Business, language: str) -> tuple[Button, ...]:
        """Return the button that shows the way; none where nobody has told the place."""
        if business.location is None:
            return ()
        label = self._texts.say("button_map", language)
        return (Button(label=label, action=Press(Verb.MAP).encode()),)

    def _buttons(
        self, row: Appointment, language: str, keys: Iterable[tuple[str, Verb]]
    ) -> tuple[Button, ...]:
        return tuple(
            Button(
                label=self._texts.say(key, language),
                action=Press(verb, appointment=row.id, version=row.version).encode(),
            )
            for key, verb in keys
        )

    async def _appointment(
        self, business: Business, appointment_id: int | None
    ) -> Appointment | None:
        if appointment_id is None:
            return None
        return await self._store.run(
            business, lambda uow: uow.appointments.get_appointment_by_id(appointment_id)
        )

    async def _reachable(self, business: Business, customer_id: int) -> Customer:
        customer = await self._customer(business, customer_id)
        if customer is None or customer.unreachable_since is not None:
            raise NotReachableError
        return customer

    async def _customer(self, business: Business, customer_id: int) -> Customer | None:
        return await self._store.run(
            business, lambda uow: uow.customers.get_customer_by_id(customer_id)
        )


def _changed(message: OutboxMessage) -> tuple[Change, Appointment, dt.datetime | None]:
    appointment = Appointment.model_validate(message.payload["appointment"])
    previous = message.payload.get("previous_starts_at")
    return (
        Change(message.payload["change"]),
        appointment,
        dt.datetime.fromisoformat(previous) if previous else None,
    )


def _is_of_another_start(row: Appointment, message: OutboxMessage) -> bool:
    """Return whether the appointment was moved while this was on its way: the new time has its own.

    What an older version of the program has planned names no start.
    """
    planned = message.payload.get("starts_at")
    return planned is not None and row.starts_at != dt.datetime.fromisoformat(planned)
