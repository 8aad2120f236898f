"""Something changed: woken from any thread, waited for in any event loop or thread."""

from __future__ import annotations

import asyncio
import threading
import time


class Signal:
    """A counter of changes under one lock.

    Every change of the pretend world happens with `lock` held and ends with `notify`. A waiter
    notes `version` first, looks, and waits only for a later version, so that no change is missed.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.version = 0
        self._condition = threading.Condition(self.lock)
        self._events: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    def notify(self) -> None:
        """Wake everybody who waits."""
        with self._condition:
            self.version += 1
            self._condition.notify_all()
            for loop, event in self._events:
                loop.call_soon_threadsafe(event.set)

    async def wait(self, version: int, timeout: float | None) -> None:  # noqa: ASYNC109 one waiter
        """Wait until the version is another one, or for so many seconds."""
        entry = (asyncio.get_running_loop(), asyncio.Event())
        with self.lock:
            if self.version != version:
                return
            self._events.add(entry)
        try:
            async with asyncio.timeout(timeout):
                await entry[1].wait()
        except TimeoutError:
            return
        finally:
            with self.lock:
                self._events.discard(entry)

    def wait_sync(self, version: int, timeout: float) -> None:
        """The same for a thread without an event loop."""
        with self._condition:
            self._condition.wait_for(lambda: self.version != version, timeout)


class Deadline:
    """So many seconds from now, on the monotonic clock."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left, 0.0 when over."""
        return max(0.0, self._at - time.monotonic())
