"""The results as a Markdown page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmarks.booking.measure import Times
from benchmarks.report import Line, in_one_line, table
from benchmarks.soak.people import BOOK, LIST, MODEL_CALLS, TALK, TAP
from benchmarks.soak.run import ASSISTANT, Soaked

_NAMES = {
    TALK: "a question (1 model call)",
    LIST: "what is free (2 model calls, a listing)",
    BOOK: "a booking's card (1 model call, a held time)",
    TAP: "the tap on the card (no model call)",
}


def own_seconds(soaked: Soaked, kind: str) -> list[float]:
    """Return our own share of each answer's time: without the model's and without the burst's.

    Args:
        kind: of message; a tap waits for neither.
    """
    plan = soaked.plan
    waits = MODEL_CALLS[kind] * plan.model + (0.0 if kind == TAP else plan.burst)
    return [seconds - waits for seconds in soaked.talked["seconds"].get(kind, ())]


def lines(soaked: Soaked) -> list[Line]:
    """Return every number that has a goal, and those that are told for comparison."""
    talked, left = soaked.talked, soaked.left
    answered = sum(map(len, talked["seconds"].values()))
    lost, odd = talked["lost"], sum(talked["odd"].values())
    found = [
        Line("messages and taps answered", f"{answered:,}"),
        Line("lost: no answer within a minute", str(lost), "none", lost == 0),
        Line("answers of another kind than expected", str(odd), "none", odd == 0),
        Line("updates left unanswered", str(left.unanswered), "none", left.unanswered == 0),
        Line("messages left unsent", str(left.unsent), "none", left.unsent == 0),
        Line("messages that couldn't be sent", str(left.failed), "none", left.failed == 0),
        Line(
            "receipts shown / appointments in the book",
            f"{talked['booked']:,} / {left.confirmed:,}",
            "equal",
            talked["booked"] == left.confirmed,
        ),
        Line("overlapping appointments", str(left.overlaps), "none", left.overlaps == 0),
        Line(
            "what Telegram had to ignore",
            str(len(talked["oddities"])),
            "none",
            not talked["oddities"],
        ),
    ]
    everything = [own for kind in MODEL_CALLS for own in own_seconds(soaked, kind)]
    found += list(_latencies("all", everything))
    for kind, name in _NAMES.items():
        found += list(_latencies(name, own_seconds(soaked, kind)))
    found += [*_machine(soaked), *_throughput(soaked)]
    return found


def _latencies(name: str, seconds: list[float]) -> Iterator[Line]:
    if seconds:
        times = Times(tuple(seconds))
        yield Line(
            f"our own share of the wait, {name}: p50 / p95 / longest",
            f"{times.p50:,.0f} / {times.p95:,.0f} / {times.slowest:,.0f} ms",
        )


def _machine(soaked: Soaked) -> Iterator[Line]:
    first, last = soaked.samples[0], soaked.samples[-1]
    seconds = last.seconds - first.seconds
    for name in last.cpu_seconds:
        spent = last.cpu_seconds[name] - first.cpu_seconds[name]
        yield Line(f"CPU of {name}, share of one core", f"{spent / seconds:.0%}")
    spent = last.cpu_seconds[ASSISTANT] - first.cpu_seconds[ASSISTANT]
    yield Line(
        "the assistant's CPU of a turn, everything included",
        f"{spent / max(1, soaked.left.turns) * 1000:.1f} ms",
    )
    memory = [sample.memory_mb[ASSISTANT] for sample in soaked.samples]
    half = memory[len(memory) // 2]
    yield Line(
        "the assistant's memory: start / half-way / end / most",
        f"{memory[0]:.0f} / {half:.0f} / {memory[-1]:.0f} / {max(memory):.0f} MiB",
    )


def _throughput(soaked: Soaked) -> Iterator[Line]:
    seconds, ours, echo = soaked.plan.flood, soaked.flooded, soaked.echoed
    if ours is None or echo is None:
        return
    rate, ceiling = ours["answered"] / seconds, echo["answered"] / seconds
    yield Line("answers a second when nobody pauses, this assistant", f"{rate:.1f}")
    yield Line("the same, aiogram's echo bot (the ceiling)", f"{ceiling:.1f}")
    yield Line("lost while nobody paused", str(ours["lost"]), "none", ours["lost"] == 0)
    yield Line("the echo bot's memory", f"{echo['memory_mb']:.0f} MiB")


_ABOUT = """\
{chats} people in {chats} chats write for {minutes:g} minutes, {think:g} s after the last answer on
average: questions, what is free, bookings with a tap on the card. A strict fake of Telegram posts
what they write to the webhook, a strict fake of the provider answers after {model:g} s, and the
assistant is the whole program (`assistant run`) on an embedded PostgreSQL, row-level security and
all. People with their Telegram, the model's server, the assistant and PostgreSQL are processes of
their own, and all of them share this machine.

A person's wait is from writing to the answer on the screen. Our own share is what is left of it
without the model's time and without the {burst:g} s in which the assistant waits for more of a
message. Memory counts what is shared by its share (PSS).

The echo bot is aiogram's own webhook server with one handler that says the same again: no
database, no queue, no model. It answers from memory and loses what it holds when it is stopped;
its number is the ceiling of this load on this machine. The assistant keeps Telegram's limit of 30
messages a second, the echo bot doesn't.
"""


def markdown(
    soaked: Soaked,
    measured: Sequence[Line],
    versions: Sequence[tuple[str, str]],
    command: str,
    plot: str | None,
) -> str:
    """Return the whole page."""
    plan = soaked.plan
    about = _ABOUT.format(
        chats=plan.chats,
        minutes=plan.seconds / 60,
        think=plan.think,
        model=plan.model,
        burst=plan.burst,
    )
    text = [f"# {plan.chats} chats at once, measured", "", f"Printed by `{command}`.", "", about]
    text += [in_one_line(versions), "", *table(measured)]
    if soaked.talked["odd"]:
        text += ["", "Unexpected answers:", ""]
        text += [f"* {count} x {words}" for words, count in soaked.talked["odd"].items()]
    if soaked.complaints:
        text += ["", f"Logged as warnings or errors: {', '.join(soaked.complaints)}."]
    if plot is not None:
        text += ["", f"![Memory while people talk]({plot})"]
    return "\n".join(text) + "\n"
