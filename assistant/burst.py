"""Several messages sent in a row are one message: joined, and edited, before they are answered."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.messages import Incoming, IncomingKind, joined

Collected = tuple[Incoming, list[int]]


def merge_burst(collected: Sequence[Collected]) -> list[Collected]:
    """Join neighbouring texts of one person into one message: one answer for a burst.

    An edit of a message that is among them replaces its text; an edit of an older one, which was
    answered already, stays a message of its own.

    Args:
        collected: messages in the order they came, each with its inbox ids.
    """
    merged: list[Collected] = []
    # Where a text that may still be edited stands: message id -> (place in merged, place in parts).
    places: dict[tuple[int, int], tuple[int, int]] = {}
    for incoming, ids in collected:
        if incoming.kind is not IncomingKind.TEXT:
            merged.append((incoming, ids))
            continue
        who = incoming.person.telegram_id
        known = None if incoming.message_id is None else places.get((who, incoming.message_id))
        if incoming.is_correction and known is not None:
            merged[known[0]] = _edited(merged[known[0]], known[1], incoming, ids)
            continue
        if merged and _continues(merged[-1][0], incoming):
            merged[-1] = _joined(merged[-1], incoming, ids)
        else:
            parts = ((incoming.update_id, incoming.text),)
            merged.append((incoming.model_copy(update={"parts": parts}), ids))
        if incoming.message_id is not None:
            places[who, incoming.message_id] = (len(merged) - 1, len(merged[-1][0].parts) - 1)
    return merged


def _continues(last: Incoming, incoming: Incoming) -> bool:
    return (
        last.kind is IncomingKind.TEXT
        and last.person.telegram_id == incoming.person.telegram_id
        and last.is_correction is incoming.is_correction
    )


def _joined(last: Collected, incoming: Incoming, ids: list[int]) -> Collected:
    return _with_parts(last, (*last[0].parts, (incoming.update_id, incoming.text)), ids)


def _edited(item: Collected, place: int, edit: Incoming, ids: list[int]) -> Collected:
    parts = list(item[0].parts)
    parts[place] = (parts[place][0], edit.text)
    return _with_parts(item, (*parts, (edit.update_id, "")), ids)


def _with_parts(item: Collected, parts: tuple[tuple[int, str], ...], ids: list[int]) -> Collected:
    incoming, before = item
    changed = incoming.model_copy(update={"text": joined(parts), "parts": parts})
    return changed, [*before, *ids]
