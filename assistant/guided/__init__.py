"""The guided flow: booking by buttons and plain dates, without a model."""

from assistant.guided.cards import card_message, refusal_message, slot_buttons
from assistant.guided.flow import GuidedFlow
from assistant.guided.listing import Target

__all__ = [
    "GuidedFlow",
    "Target",
    "card_message",
    "refusal_message",
    "slot_buttons",
]
