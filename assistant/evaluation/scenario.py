"""What a scenario file may say. Unknown keys are refused, so that a typo can't weaken a check.

A file of `conversations/` holds a list of scenarios. Local times are wall-clock in the business's
zone ("2026-11-24 10:00"). `$name` in a text, a label or a tool's arguments stands for the number of
the appointment that the scenario calls so.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, model_validator

from assistant.model.port import Finish, ModelErrorKind
from booking.status import AppointmentStatus


class Bucket(StrEnum):
    """What a scenario is about."""

    HAPPY = "happy"
    CORRECTION = "correction"
    CANCELLATION = "cancellation"
    MOVE = "move"
    DIGRESSION = "digression"
    NOTHING_FREE = "nothing_free"
    SLOT_LOST = "slot_lost"
    RELATIVE_DATES = "relative_dates"
    BURST = "burst"
    VOICE = "voice"
    STUBBORN = "stubborn"
    OTHER_LANGUAGE = "other_language"
    IDENTITY_ATTACK = "identity_attack"
    INJECTION = "injection"
    HAND_OFF = "hand_off"
    LIMITS = "limits"
    CLOSED_DAY = "closed_day"


def _wall(value: object) -> object:
    if isinstance(value, str) and len(value) != len("2026-11-24 10:00"):
        raise ValueError(f'write a local time as "2026-11-24 10:00", not {value!r}')
    return value


Wall = Annotated[dt.datetime, BeforeValidator(_wall)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PersonFile(_Strict):
    """Somebody with a chat.

    Args:
        telegram_id: None = given out by the runner; an owner's is in `owner_chat_ids`.
        known: whether they are a customer before the first turn; `phone` and the like need it.
    """

    telegram_id: int | None = None
    first_name: str | None = None
    last_name: str | None = None
    username: str | None = None
    phone: str | None = None
    email: str | None = None
    language: str = "en"
    known: bool = True


class AppointmentFile(_Strict):
    """A row that is there before the first turn, made by the write path.

    Args:
        booked_at: local time of the booking; None = the scenario's `now`.
    """

    name: Name
    customer: Name
    service: str
    start: Wall
    staff: str
    notes: str | None = None
    booked_at: Wall | None = None


class BlockFile(_Strict):
    """Blocked time of a staff member; `until` is exclusive."""

    staff: str
    since: Wall
    until: Wall


class CallFile(_Strict):
    """One tool call of the scripted model; `arguments` as text may be anything at all."""

    tool: str
    arguments: dict[str, Any] | str = Field(default_factory=dict)


class ReplyFile(_Strict):
    """One reply of the scripted model: a text, calls (with or without a text), or a failure."""

    say: str = ""
    calls: tuple[CallFile, ...] = ()
    finish: Finish | None = None
    fails: ModelErrorKind | None = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if self.fails is not None and (self.say or self.calls or self.finish):
            raise ValueError("a reply that fails says and calls nothing")
        if not (self.say or self.calls or self.finish or self.fails):
            raise ValueError("a reply says, calls or fails; an empty one is `finish: empty`")
        return self


class SpokenFile(_Strict):
    """A voice message in a burst: what is said in it."""

    voice: str


class TurnFile(_Strict):
    """What one person does, what the scripted model answers, and what comes back.

    Args:
        who: the person.
        text, burst, voice, command, press: exactly one. `burst` are messages sent within a moment;
            `voice` is what is said (nothing = not a word to be made out); `command` is written
            without its slash; `press` is (a part of) a button's label.
        seconds: how long the voice message is.
        reply_to: (a part of) the newest message of theirs that holds it and is replied to.
        back: how many messages with such a button are passed over, newest first: an old button.
        wait_minutes: how long the clock moves on before.
        blocks: time that is blocked before.
        model: the scripted model's replies to this turn, in order; all of them must be used.
        hears: what the person's messages of this turn hold, each somewhere.
        offers: labels (or parts) of buttons that they bring.
        never: what none of them holds.
        silent: nothing comes back, not even a word.
        others_hear: what others are sent because of it, person by person, each somewhere.
    """

    who: Name
    text: str | None = None
    burst: tuple[str | SpokenFile, ...] = ()
    voice: str | None = None
    command: str | None = None
    press: str | None = None
    seconds: int = 3
    reply_to: str | None = None
    back: int = 0
    wait_minutes: int = 0
    blocks: tuple[BlockFile, ...] = ()
    model: tuple[ReplyFile, ...] = ()
    hears: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    silent: bool = False
    others_hear: dict[Name, tuple[str, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _does_one_thing(self) -> Self:
        ways = (self.text, self.burst or None, self.voice, self.command, self.press)
        if sum(way is not None for way in ways) != 1:
            raise ValueError("a turn has exactly one of text, burst, voice, command, press")
        return self


class RowFile(_Strict):
    """One appointment at the end. `notes` and `price_minor` are compared where they're told."""

    customer: Name
    service: str
    status: AppointmentStatus
    start: Wall
    staff: str | None
    notes: str | None = None


class EndFile(_Strict):
    """How the conversation must have ended.

    Args:
        rows: all appointments of the business, exactly, in any order.
        path: the tools that were carried out, in order, each with what came of it:
            "create_appointment card", "get_available_slots ok", "... refused:slot_taken",
            "... problem", "... done:booked", "... crashed".
        outcomes: the stamp of each turn, in order.
        hand_offs: whose chats were handed to a person, in order, with the reason and who has it,
            or how it ended: "ada asked", "ada asked olga", "ada unclear olga ended:owner".
        heard: what was transcribed and kept in the journal, in order.
        model_calls: how often the model was asked in all.
        untouched: people whose data must be the same, byte by byte; who takes no turn is so anyway.
        never: what nobody's messages may hold.
        never_read: what no tool result and no prompt may show the model.
    """

    rows: tuple[RowFile, ...]
    path: tuple[str, ...]
    outcomes: tuple[str, ...] | None = None
    hand_offs: tuple[str, ...] = ()
    heard: tuple[str, ...] = ()
    model_calls: int
    untouched: tuple[Name, ...] = ()
    never: tuple[str, ...] = ()
    never_read: tuple[str, ...] = ()


class Scenario(_Strict):
    """One conversation.

    Args:
        example: an example file's name.
        business: what differs from the example: mappings are merged, all else is replaced.
        now: the pinned clock, local to the business.
        without_model: there is no model; the guided flow answers.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    bucket: Bucket
    about: str
    example: Literal["barber"] = "barber"
    business: dict[str, Any] = Field(default_factory=dict)
    now: Wall
    people: dict[Name, PersonFile]
    appointments: tuple[AppointmentFile, ...] = ()
    blocks: tuple[BlockFile, ...] = ()
    without_model: bool = False
    turns: Annotated[tuple[TurnFile, ...], Field(min_length=1)]
    ends: EndFile

    @model_validator(mode="after")
    def _people_are_known(self) -> Self:
        named = [turn.who for turn in self.turns]
        named += [a.customer for a in self.appointments]
        named += [row.customer for row in self.ends.rows]
        named += self.ends.untouched
        named += [name for turn in self.turns for name in turn.others_hear]
        strangers = set(named) - set(self.people)
        if strangers:
            raise ValueError(f"nobody is called {', '.join(sorted(strangers))}")
        if self.without_model and any(turn.model for turn in self.turns):
            raise ValueError("without a model there are no replies of it")
        return self


_FILE = TypeAdapter(list[Scenario])
# The suite that comes with the program's checkout.
CONVERSATIONS = Path(__file__).resolve().parents[2] / "tests" / "scenarios" / "conversations"


def load(folder: Path = CONVERSATIONS) -> list[Scenario]:
    """Return the scenarios of a folder, in the order of file names.

    Raises:
        ValueError: a file breaks the schema, or an id is used twice.
    """
    found: list[Scenario] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            found += _FILE.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
        except (ValueError, OSError, yaml.YAMLError, RecursionError) as error:
            raise ValueError(f"{path.name}: {error}") from None
    ids = [scenario.id for scenario in found]
    twice = {name for name in ids if ids.count(name) > 1}
    if twice:
        raise ValueError(f"used twice: {', '.join(sorted(twice))}")
    return found
