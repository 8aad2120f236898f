"""What is so in a generated turn: the calendar, the ledger, the customer's words.

Its own account of the truth, written without the check that it measures: `Backing` is only what
the check is told of it.
"""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from assistant.turn.grounding import Backing
from benchmarks.truth.grammar import CLAIMS, Act, Fill, Language, say
from booking.appointment import Appointment, Change
from booking.localtime import boundary, from_epoch, zone
from booking.status import AppointmentStatus

ZONE = "Europe/Berlin"
TODAY = dt.date(2026, 11, 21)
_OPENS, _CLOSES = dt.time(10), dt.time(20)
# How often a turn has done something when the model gets to speak.
_CHANGED = 0.15
_HALF_DAY_MINUTES = 720

Moment = tuple[dt.date, dt.time]


@dataclass(frozen=True, slots=True)
class World:
    """One turn.

    Args:
        offered: local dates and times that its last listing holds.
        standing: the customer's appointments from before.
        change: what the turn did, and to what time; None = nothing.
        handed_off, waiting: it called a human; it put the customer on the waiting list.
        said: the customer's message; `asked` is the time in it.
    """

    language: Language
    offered: tuple[Moment, ...] = ()
    standing: tuple[Moment, ...] = ()
    change: tuple[Change, Moment] | None = None
    handed_off: bool = False
    waiting: bool = False
    said: str = ""
    asked: Moment | None = None

    def known(self) -> list[Moment]:
        """Return every time that may be spoken of for some reason."""
        changed = [] if self.change is None else [self.change[1]]
        asked = [] if self.asked is None else [self.asked]
        return [*self.offered, *self.standing, *changed, *asked]

    def backing(self) -> Backing:
        """Return what the check is told."""
        rows = [self._row(n, moment) for n, moment in enumerate(self.standing, 1)]
        changes: frozenset[Change] = frozenset()
        if self.change is not None:
            changes = frozenset({self.change[0]})
        return Backing(
            changes=changes,
            changed=frozenset([self.change[1]] if self.change else []),
            appointments=tuple(rows),
            offered=frozenset(self.offered),
            said=self.said,
            opening=frozenset({_OPENS, _CLOSES}),
            handed_off=self.handed_off,
            waiting_list=self.waiting,
            today=TODAY,
        )

    def _row(self, number: int, moment: Moment) -> Appointment:
        day, time = moment
        start = from_epoch(boundary(day, time.hour * 60 + time.minute, zone(ZONE)))
        # A name that no template speaks of: rows are told apart by their times alone.
        return Appointment(
            id=number,
            business_id=1,
            customer_id=5,
            service_id=7,
            service_name={"en": "Visit"},
            staff_id=3,
            staff_name={"en": "Anna"},
            status=AppointmentStatus.CONFIRMED,
            starts_at=start,
            ends_at=start + dt.timedelta(minutes=45),
            zone=ZONE,
            duration_minutes=45,
            buffer_before_minutes=0,
            buffer_after_minutes=0,
            price_minor=3500,
            currency="EUR",
            resource_ids=(3,),
            notes=None,
            version=1,
            expires_at=None,
            created_at=start,
            updated_at=start,
        )


def any_world(language: Language, chance: random.Random) -> World:
    """Return a turn as they come, most of them having done nothing yet."""
    days = [TODAY + dt.timedelta(days=n) for n in range(1, 14)]
    offered: list[Moment] = []
    if chance.random() < 0.6:
        for day in chance.sample(days, chance.choice((1, 1, 2))):
            offered += [(day, _some_time(chance)) for _ in range(chance.randint(1, 4))]
    standing = []
    if chance.random() < 0.35:
        standing = [(chance.choice(days), _some_time(chance)) for _ in range(chance.choice((1, 2)))]
    change = None
    if chance.random() < _CHANGED:
        what = chance.choice((Change.BOOKED, Change.BOOKED, Change.MOVED, Change.CANCELLED))
        change = what, (chance.choice(days), _some_time(chance))
    world = World(
        language=language,
        offered=tuple(offered),
        standing=tuple(standing) if change is None else (),
        change=change,
        handed_off=chance.random() < 0.05,
        waiting=chance.random() < 0.05,
    )
    if chance.random() < 0.5:
        return world
    template = chance.choice(language.said)
    asked = chance.choice(days), _some_time(chance)
    speaker = Speaker(world, chance)
    said = say(template, speaker.filled(asked), chance)
    timed = any(f"{{{slot}}}" in template for slot in ("when", "on_when", "for_when"))
    return replace(world, said=said, asked=asked if timed else None)


def _some_time(chance: random.Random) -> dt.time:
    return dt.time(chance.randint(10, 19), chance.choice((0, 0, 15, 30, 30, 45)))


def strange(world: World, chance: random.Random) -> Moment:
    """Return a time that nothing in the world speaks of, in neither half of the day."""
    taken = {_clock(time) for _, time in world.known()} | {_clock(_OPENS), _clock(_CLOSES)}
    while True:
        time = dt.time(chance.randint(10, 19), chance.choice(range(0, 60, 5)))
        if _clock(time) not in taken:
            return TODAY + dt.timedelta(days=chance.randint(1, 13)), time


def wrong_day(moment: Moment, world: World, chance: random.Random) -> Moment:
    """Return the same time on a day that is none of the world's, by weekday or by number."""
    days = {day for day, _ in world.known()}
    free = [
        day
        for n in range(1, 14)
        if (day := TODAY + dt.timedelta(days=n)).weekday() not in {d.weekday() for d in days}
        and (day.day, day.month) not in {(d.day, d.month) for d in days}
    ]
    return (chance.choice(free), moment[1]) if free else strange(world, chance)


def _clock(time: dt.time) -> int:
    return (time.hour * 60 + time.minute) % _HALF_DAY_MINUTES


_SLOT = re.compile(r"{(\w+)}")
_TIMED = frozenset({"when", "on_when", "for_when", "acc_when", "time", "on", "other_time"})


_WITH_DATE = re.compile(r"{(?:when|on_when|for_when|acc_when)}")
_ALTERNATIVES = re.compile(r"\[[^\[\]]*\]")


class Speaker:
    """Puts times, names and prices into words."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self._world = world
        self._chance = chance

    def can_say(self, template: str, moment: Moment | None) -> bool:
        """Return whether there is something to put in every slot."""
        slots = set(_SLOT.findall(template))
        if slots & _TIMED and moment is None:
            return False
        if slots & {"offered", "on_offered", "offered_list"} and not self._world.offered:
            return False
        return "quote" not in slots or bool(self._world.said and "?" not in self._world.said)

    def filled(self, moment: Moment | None) -> Fill:
        """Return what fills slots, speaking of one time."""
        chance, world, language = self._chance, self._world, self._world.language

        def fill(slot: str) -> str:
            plain: dict[str, Callable[[], str]] = {
                "name": lambda: chance.choice(("Ann", "Tom", "Eva")),
                "service": lambda: chance.choice(language.services),
                "staff": lambda: chance.choice(language.staff),
                "minutes": lambda: str(chance.choice((30, 45, 60))),
                "price": lambda: chance.choice(("€35", "35 €", "35.00 EUR")),
                "address": lambda: chance.choice(("Linden 12", "Hauptstr. 5")),
                "phone": lambda: "+49 30 1234567",
                "number": lambda: str(chance.randint(1000, 9999)),
                "quote": lambda: world.said.strip(" .!"),
            }
            if slot in plain:
                return plain[slot]()
            if slot == "offered_list":
                return self._list()
            if slot in ("offered", "on_offered"):
                shown = chance.choice(world.offered)
                return self._timed("on_when" if slot == "on_offered" else "when", shown)
            assert moment is not None, slot
            if slot == "other_time":
                return self._timed("time", strange(world, chance))
            return self._timed(slot, moment)

        return fill

    def _list(self) -> str:
        chance, language = self._chance, self._world.language
        day = chance.choice(self._world.offered)[0]
        shown = [moment for moment in self._world.offered if moment[0] == day]
        times = [self._timed("time", moment) for moment in shown]
        listed = ", ".join(times[:-1]) + f" {language.or_} " + times[-1] if times[1:] else times[0]
        date = self._timed("date", shown[0])
        return chance.choice((f"{date}: {listed}", f"{date} - {listed}", f"{date}, {listed}"))

    def _timed(self, slot: str, moment: Moment) -> str:
        language, chance = self._world.language, self._chance
        day, time = moment
        tomorrow = day == TODAY + dt.timedelta(days=1)
        accusative = language.weekdays_on[day.weekday()].split(" ", 1)[-1]
        h12 = (time.hour - 1) % 12 + 1
        words = {
            "weekday": language.weekdays[day.weekday()],
            "weekday_on": language.weekdays_on[day.weekday()],
            "weekday_acc": accusative,
            "day": str(day.day),
            "month": language.months[day.month - 1],
            "number": f"{day.month:02d}",
            "tomorrow": language.tomorrow,
            "h": str(time.hour),
            "hh": f"{time.hour:02d}",
            "mm": f"{time.minute:02d}",
            "h12": str(h12),
            "half": "am" if time.hour < 12 else "pm",
        }
        forms: dict[str, Sequence[str]] = {
            "date": language.dates,
            "on": language.days_on,
            "accusative": language.accusatives,
            "time": language.times,
            "at": language.times_at,
            "when": language.when,
            "on_when": language.on_when,
            "for_when": language.for_when,
            "acc_when": language.acc_when,
        }

        def put(name: str) -> str:
            if name in words:
                return words[name]
            usable = [f for f in forms[name] if ("{tomorrow}" in f) <= tomorrow]
            return _SLOT.sub(lambda slot: put(slot[1]), chance.choice(usable))

        return put(slot)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a reply.

    Args:
        lie: it claims what isn't so.
    """

    act: Act
    text: str
    lie: bool


def honest(world: World, chance: random.Random) -> Sentence:
    """Return a sentence that may be said in this world."""
    acts = [Act.SMALL_TALK, Act.FACT, Act.CANNOT, Act.SMALL_TALK]
    if world.change is None:
        acts += [Act.ASK, Act.CONDITION, Act.TAKEN, Act.POLICY, Act.QUOTE, Act.OFFER, Act.OFFER]
        acts += [Act.HAS, Act.HAS] if world.standing else [Act.NOT_DONE]
    else:
        true = {
            Change.BOOKED: (Act.BOOKED, Act.BOOKED_BARE, Act.REMINDER),
            Change.MOVED: (Act.MOVED, Act.REMINDER),
            Change.CANCELLED: (Act.CANCELLED,),
        }
        acts += [*true[world.change[0]]] * 2
    acts += [Act.HANDED_OFF] * world.handed_off + [Act.WAITING] * world.waiting
    while True:
        act = chance.choice(acts)
        moment = _honest_moment(act, world, chance)
        if text := _said(act, moment, world, chance):
            return Sentence(act, text, lie=False)


def _honest_moment(act: Act, world: World, chance: random.Random) -> Moment | None:
    if act is Act.TAKEN:
        return strange(world, chance)
    if act is Act.HAS:
        return chance.choice(world.standing)
    if act in CLAIMS:
        return world.change[1] if world.change is not None else world.asked
    spoken = [*world.offered, *([world.asked] if world.asked else [])]
    return chance.choice(spoken) if spoken else None


def lie(world: World, chance: random.Random) -> Sentence:
    """Return a sentence that claims what isn't so in this world."""
    acts = [*CLAIMS - {Act.FAILED_BOOKING}]
    change = None if world.change is None else world.change[0]
    if change is Change.BOOKED:
        acts = [Act.FAILED_BOOKING, Act.MOVED, Act.CANCELLED, Act.FREE, Act.BOOKED, Act.HAS]
    elif change is Change.MOVED:
        acts = [Act.CANCELLED, Act.FREE, Act.MOVED, Act.WILL_CANCEL]
    elif change is Change.CANCELLED:
        acts = [Act.BOOKED, Act.MOVED, Act.WILL_BOOK, Act.FREE, Act.HAS]
    elif world.standing:
        # "You're booked" and "I'll remind you" may well be true of what stands.
        acts = [act for act in acts if act not in (Act.BOOKED_BARE, Act.REMINDER)]
    # "Done!" is true of a human that was called.
    called = world.handed_off or world.waiting
    not_lies = {
        Act.HANDED_OFF: world.handed_off,
        Act.WAITING: world.waiting,
        Act.BOOKED_BARE: called,
        Act.BOOKED: called,
    }
    acts = sorted(act for act in acts if not not_lies.get(act))
    while True:
        act = chance.choice(acts)
        moment = _lying_moment(act, world, chance)
        # Where something is so, only the wrong date and time make the lie: both are told.
        so = [*world.standing, *([world.change[1]] if world.change else [])]
        dated = bool(so) and act in (Act.BOOKED, Act.HAS, Act.MOVED)
        dated = dated or moment[1] in [time for _, time in world.known()]
        if text := _said(act, moment, world, chance, dated=dated):
            return Sentence(act, text, lie=True)


def _lying_moment(act: Act, world: World, chance: random.Random) -> Moment:
    true = [*world.standing, *([world.change[1]] if world.change else [])]
    if act in (Act.BOOKED, Act.HAS, Act.MOVED) and true:
        # Something stands: told with another time, or on another day.
        if chance.random() < 0.5:
            return wrong_day(chance.choice(true), world, chance)
        return strange(world, chance)
    if act is Act.FREE:
        asked = world.asked
        told = [time for _, time in (*world.offered, *world.standing)]
        if asked and asked[1] not in told and chance.random() < 0.3:
            return asked
        if world.offered and chance.random() < 0.3:
            return wrong_day(chance.choice(world.offered), world, chance)
        return strange(world, chance)
    # The likeliest lie names what was asked for or offered.
    spoken = [*world.offered, *([world.asked] if world.asked else [])]
    return chance.choice(spoken) if spoken and chance.random() < 0.8 else strange(world, chance)


def _said(
    act: Act,
    moment: Moment | None,
    world: World,
    chance: random.Random,
    *,
    dated: bool = False,
) -> str | None:
    speaker = Speaker(world, chance)
    usable = [t for t in world.language.acts[act] if speaker.can_say(t, moment)]
    if dated:
        # Whatever alternative is taken: outside of brackets there is one.
        usable = [t for t in usable if _WITH_DATE.search(_ALTERNATIVES.sub("", t))]
    if act is Act.FREE and moment == world.asked:
        # To ask for what the customer asked for is no offer.
        usable = [t for t in usable if "?" not in t]
    if not usable:
        return None
    return say(chance.choice(usable), speaker.filled(moment), chance)
