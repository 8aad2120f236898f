"""Who is silent is found by one's own count of seconds."""

from __future__ import annotations

from assistant.silence import Silence


class Count:
    """A count of seconds that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_what_stands_still_for_long_enough_is_silent() -> None:
    count = Count()
    silence: Silence[str] = Silence(15.0, monotonic=count)
    for second in range(15):
        assert silence.look(["still", f"renewed {second}"]) == []
        count.seconds += 1
    assert silence.look(["still", "renewed 15"]) == ["still"]
    assert silence.look([]) == []
    assert silence.look(["still"]) == []  # it was away in between: another one


def test_who_was_stopped_itself_starts_anew() -> None:
    count = Count()
    silence: Silence[str] = Silence(15.0, monotonic=count)
    silence.look(["held"])
    count.seconds += 3600  # SIGSTOP, a suspended machine: the holder may have been as well
    assert silence.look(["held"]) == []
