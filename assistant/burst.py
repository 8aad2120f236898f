"""Several messages sent in a row are one message: joined, and edited, before they are answered."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.messages import Incoming, IncomingKind, joined

Collected = tuple[Incoming, list[int]]
_JOINED = frozenset({IncomingKind.TEXT, IncomingKind.OTHER})


def merge_burst(collected: Sequence[Collected]) -> list[Collected]:
    """Join neighbouring messages of one person into one: one answer for a burst.

    What can't be read (stickers, the photos of an album) is answered once, and not at all where a
    text stands beside it. An edit of a message that is among them replaces its text; an edit of an
    older one, which was answered already, stays a message of its own.

    Args:
        collected: messages in the order they came, each with its inbox ids.
    """
    merged: list[Collected] = []
    # Where a text that may still be edited stands: message id -> (place in merged, place in parts).
    places: dict[tuple[int, int], tuple[int, int]] = {}
    for incoming, ids in collected:
        if incoming.kind not in _JOINED:
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
            first = {"parts": (_part(incoming),), "attached": _attached(incoming)}
            merged.append((incoming.model_copy(update=first), ids))
        if incoming.message_id is not None:
            places[who, incoming.message_id] = (len(merged) - 1, len(merged[-1][0].parts) - 1)
    return merged


def _part(incoming: Incoming) -> tuple[int, str]:
    return incoming.update_id, incoming.text if incoming.kind is IncomingKind.TEXT else ""


def _attached(incoming: Incoming) -> tuple[tuple[int, int], ...]:
    readable = incoming.kind is IncomingKind.TEXT and not incoming.voices
    if readable or incoming.message_id is None:
        return ()
    return ((incoming.update_id, incoming.message_id),)


def _continues(last: Incoming, incoming: Incoming) -> bool:
    return (
        last.kind in _JOINED
        and last.person.telegram_id == incoming.person.telegram_id
        and last.is_correction is incoming.is_correction
        # Replies to two messages may be meant for two people.
        and incoming.replied in (None, last.replied)
    )


def _joined(item: Collected, incoming: Incoming, ids: list[int]) -> Collected:
    last, before = item
    brought = {
        "attached": (*last.attached, *_attached(incoming)),
        "voices": (*last.voices, *incoming.voices),
    }
    last = last.model_copy(update=brought)
    item = last, before
    if last.kind is IncomingKind.OTHER and incoming.kind is IncomingKind.TEXT:
        # The text is what can be answered; the burst keeps the number of its first message.
        item = (
            incoming.model_copy(
                update={
                    "update_id": last.update_id,
                    "parts": last.parts,
                    **brought,
                    "replied": last.replied,
                }
            ),
            before,
        )
    elif last.kind is IncomingKind.OTHER:
        return last.model_copy(update={"parts": (*last.parts, _part(incoming))}), [*before, *ids]
    return _with_parts(item, (*last.parts, _part(incoming)), ids)


def _edited(item: Collected, place: int, edit: Incoming, ids: list[int]) -> Collected:
    parts = list(item[0].parts)
    parts[place] = (parts[place][0], edit.text)
    return _with_parts(item, (*parts, (edit.update_id, "")), ids)


def _with_parts(item: Collected, parts: tuple[tuple[int, str], ...], ids: list[int]) -> Collected:
    incoming, before = item
    changed = incoming.model_copy(update={"text": joined(parts), "parts": parts})
    return changed, [*before, *ids]
