"""What every party is given: one shop, one prompt, one history, three tools over one calendar.

The calendar is in memory, so that what is measured is the way between the customer's words and the
tool, not the tool. The tools' names, descriptions, schemas and argument models are the product's.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path

from assistant.business_files import read_business_file
from assistant.model.port import AssistantText, Item, ToolCall, ToolResult, UserText
from assistant.prompts.loader import RenderedPrompt
from assistant.prompts.render import envelope, system_prompt
from assistant.prompts.sample import sample_business
from assistant.script import SHIPPED, Script
from booking.appointment import Appointment
from booking.business import Business, Service
from booking.localtime import resolve_wall
from booking.status import AppointmentStatus
from tools import create_appointment, get_available_slots, get_customer
from tools.support.context import ToolContext
from tools.support.contract import ArgumentProblem, Outcome, Proposed, Tool, ToolArgs, render
from tools.support.ledger import Proposal
from tools.support.proposals import CARD_NEXT, DONE_NEXT
from tools.support.registry import discover
from tools.support.say import Day, facts, when

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "barber.yaml"
# A Saturday morning in Berlin.
NOW = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
FIRST = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)
MODEL = "gpt-6-luna"
MAX_OUTPUT_TOKENS = 1024
NAMED_TOOLS = ("create_appointment", "get_available_slots", "get_customer")
_WISH = "THE WISH"
_LISTED = ("Tue 2026-11-24", "Wed 2026-11-25", "Thu 2026-11-26")
_MORNING, _AFTERNOON = "10:00 10:30 11:00 11:30 12:00", "15:00 15:30 16:00 16:30"


def label_of(number: int, business: Business) -> str:
    """Return the time that booking `number` asks for, none twice: "Tue 2026-11-24 10:00"."""
    # Every minute is a start here: this calendar only refuses what is taken.
    return when(FIRST + dt.timedelta(minutes=number), business)


def wish(label: str) -> str:
    """Return what the customer writes; the server's script reads the time out of it."""
    return f"Hi! I'd like a haircut on {label}, please. Anyone will do."


class Calendar:
    """What is taken, in memory; it can't be taken again.

    Attributes:
        booked: how many appointments are confirmed.
    """

    def __init__(self, business: Business) -> None:
        self._business = business
        self._taken: dict[dt.datetime, Appointment] = {}
        self.booked = 0

    def take(self, service: Service, label: str, status: AppointmentStatus) -> Appointment:
        """Take a time.

        Args:
            label: weekday, date and time on the business's clock: "Tue 2026-11-24 10:00".

        Raises:
            ValueError: it is taken, or no time at all.
        """
        _, date, time = label.split()
        starts_at = resolve_wall(
            dt.date.fromisoformat(date), dt.time.fromisoformat(time), self._business.zone
        )
        if not isinstance(starts_at, dt.datetime) or starts_at in self._taken:
            raise ValueError(f"{label} can't be had")
        staff = self._business.staff_of(service)[0]
        held = AppointmentStatus.HELD
        taken = self._taken[starts_at] = Appointment(
            id=len(self._taken) + 1,
            business_id=self._business.id,
            customer_id=1,
            service_id=service.id,
            service_name=dict(service.name.by_language),
            staff_id=staff.id,
            staff_name=dict(staff.name.by_language),
            status=status,
            starts_at=starts_at,
            ends_at=starts_at + dt.timedelta(minutes=service.duration_minutes),
            zone=self._business.zone,
            duration_minutes=service.duration_minutes,
            buffer_before_minutes=0,
            buffer_after_minutes=0,
            price_minor=service.price_minor,
            currency=service.currency,
            resource_ids=(staff.id,),
            notes=None,
            version=1,
            expires_at=NOW + dt.timedelta(minutes=10) if status is held else None,
            created_at=NOW,
            updated_at=NOW,
        )
        self.booked += status is AppointmentStatus.CONFIRMED
        return taken

    def confirm(self, held: Appointment) -> Appointment:
        """Book what is held."""
        update = {"status": AppointmentStatus.CONFIRMED, "version": 2, "expires_at": None}
        booked = self._taken[held.starts_at] = held.model_copy(update=update)
        self.booked += 1
        return booked


@dataclasses.dataclass(frozen=True, slots=True)
class Scene:
    """The shop that all parties serve.

    Args:
        prompt: the static part of each request.
        around: the newest message with a mark where the wish goes; written once, so that nobody's
            booking is charged for its template.
        tools: the product's three named tools, as they are declared.
    """

    business: Business
    script: Script
    prompt: RenderedPrompt
    around: str
    tools: tuple[Tool, ...]
    calendar: Calendar

    @classmethod
    def load(cls) -> Scene:
        """Read the example shop and the shipped prompts."""
        business = sample_business(read_business_file(EXAMPLE))
        script, registry = Script.load(SHIPPED), discover()
        return cls(
            business=business,
            script=script,
            prompt=system_prompt(business, script.prompts),
            around=envelope(
                _WISH,
                book=script.prompts,
                business=business,
                now=NOW,
                customer_name="Ada",
                customer_language="en",
            ),
            tools=tuple(registry[name] for name in NAMED_TOOLS),
            calendar=Calendar(business),
        )

    def envelope(self, number: int) -> str:
        """Return the newest message of booking `number`: the facts of the moment and the wish."""
        return self.around.replace(_WISH, wish(label_of(number, self.business)))

    def service(self, slug: str) -> Service:
        """Return a service by its slug."""
        return next(service for service in self.business.services if service.slug == slug)

    def listing(self, args: ToolArgs) -> Outcome:
        """Answer `get_available_slots`."""
        assert isinstance(args, get_available_slots.Args)
        return get_available_slots.Slots(
            service=args.service,
            staff=args.staff,
            days=[Day(day=day, morning=_MORNING, afternoon=_AFTERNOON) for day in _LISTED],
            next="Offer 3-5 of these; buttons with them are added.",
        )

    def customer(self) -> Outcome:
        """Answer `get_customer`."""
        return get_customer.CustomerFacts(
            name="Ada", phone=None, email=None, language="en", upcoming_appointments=0
        )

    def answer(self, name: str, raw: str) -> str:
        """Carry out a call as a bot without a card does: what is asked for is booked at once.

        Args:
            raw: the arguments, JSON as the model wrote it; checked by the tool's own model.

        Returns:
            What the model reads.
        """
        tool = next(tool for tool in self.tools if tool.name == name)
        args = tool.parse(raw)
        if isinstance(args, ArgumentProblem):
            return render(args)
        return self.carry_out(args)

    def carry_out(self, args: ToolArgs) -> str:
        """Do what checked arguments ask for; returns what the model reads."""
        return render(self._outcome(args))

    def _outcome(self, args: ToolArgs) -> Outcome:
        if isinstance(args, get_available_slots.Args):
            return self.listing(args)
        if not isinstance(args, create_appointment.Args):
            return self.customer()
        taken = self.calendar.take(
            self.service(args.service), args.when, AppointmentStatus.CONFIRMED
        )
        return Proposed(state="booked", appointment=facts(taken, self.business), next=DONE_NEXT)

    def hold(self, args: create_appointment.Args) -> Appointment:
        """Take a time for some minutes, as the product's tool does."""
        return self.calendar.take(self.service(args.service), args.when, AppointmentStatus.HELD)


def waiting(held: Appointment, business: Business, proposal: Proposal) -> Proposed:
    """Return what the product's tool answers with a held time: a card is to be shown."""
    return Proposed(
        state="waiting_for_confirmation",
        appointment=facts(held, business),
        proposal=proposal,
        next=CARD_NEXT,
    )


def batched_turns(turns: int) -> Iterator[list[Item]]:
    """Yield earlier turns, oldest first: a question, a listing, its result, an answer.

    Four messages a turn; 20 turns are as many as the product keeps by default.
    """
    for number in range(turns):
        call_id = f"call_{number:04d}"
        day = _LISTED[number % len(_LISTED)]
        arguments = {"service": "haircut", "when": day, "staff": None}
        result = {
            "service": "haircut",
            "days": [{"day": day, "morning": _MORNING, "afternoon": _AFTERNOON}],
            "next": "Offer 3-5 of these; buttons with them are added.",
        }
        yield [
            UserText(f"What is free on {day} for a haircut, and how much is it? ({number})"),
            ToolCall(call_id, "get_available_slots", json.dumps(arguments)),
            ToolResult(call_id, json.dumps(result, separators=(",", ":"))),
            AssistantText(
                f"On {day} there are 10:00, 11:30, 15:00 and 16:30; a haircut takes 45 minutes"
                " and costs 35 euros. Which one suits you?"
            ),
        ]


def history(turns: int) -> list[Item]:
    """Return the messages of `batched_turns` in one list."""
    return [item for turn in batched_turns(turns) for item in turn]


Run = Callable[[ToolContext, ToolArgs], Awaitable[Outcome]]


def with_runs(tools: tuple[Tool, ...], runs: Mapping[str, Run]) -> list[Tool]:
    """Return tools whose schemas stay and whose work is another."""
    return [dataclasses.replace(tool, run=runs[tool.name]) for tool in tools]
