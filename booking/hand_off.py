"""A chat that a person of the business has in place of the assistant."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class HandOffReason(StrEnum):
    """Why a chat was handed to a person."""

    ASKED = "asked"  # the customer wants to talk to one
    UNCLEAR = "unclear"  # two questions in a row led nowhere
    MEDICAL = "medical"  # words of an emergency
    ABUSE = "abuse"  # words of violence, harassment or a threat
    RESUMED = "resumed"  # a person wrote again after the chat was given back


class HandOffEnd(StrEnum):
    """How the assistant came to answer again."""

    OWNER = "owner"  # a person gave the chat back
    CUSTOMER = "customer"  # the customer wanted the assistant back
    SILENCE = "silence"  # no person wrote for as long as the policy says
    UNREACHED = "unreached"  # no owner's chat could be told


class HandOff(BaseModel):
    """One chat handed to a person; open until `ended_at`.

    Args:
        channel, chat_id, language: the customer's chat and the words for it.
        asked_at: when it was handed over, an instant.
        quiet_since: when a person wrote last, or it was asked for; an instant.
        taken_by, taken_name: chat and name of the owner who answered first; None = nobody yet.
        ended_at: instant; None = a person has the chat.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)

    id: int
    customer_id: int
    channel: str
    chat_id: int
    language: str
    reason: HandOffReason
    asked_at: dt.datetime
    quiet_since: dt.datetime
    taken_by: int | None = None
    taken_name: str | None = None
    ended_at: dt.datetime | None = None
    ended_by: HandOffEnd | None = None

    @property
    def is_open(self) -> bool:
        """Whether a person has the chat."""
        return self.ended_at is None


@dataclass(frozen=True, slots=True)
class Asked:
    """A person was asked for.

    Args:
        hand_off: the open one; None = nobody can be asked.
        new: whether the owners were told by this.
    """

    hand_off: HandOff | None
    new: bool = False


@dataclass(frozen=True, slots=True)
class Owner:
    """An owner who writes: the chat that the channel vouches for, and how others read of them."""

    channel: str
    chat_id: int
    name: str


@dataclass(frozen=True, slots=True)
class Answered:
    """An owner's words are on their way to the customer, and the owner is told so."""

    hand_off: HandOff


@dataclass(frozen=True, slots=True)
class TakenByAnother:
    """Nothing was passed on: another owner has the chat."""

    name: str
