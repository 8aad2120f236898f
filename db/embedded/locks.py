"""Locks between processes, which the kernel gives back when their holder ends."""

import fcntl
import os
import time
from pathlib import Path

from db.embedded.account import open_private
from db.embedded.binaries import EmbeddedUnavailable

POLL_SECONDS = 0.01


def try_lock(path: Path, kind: int) -> int | None:
    """Takes a lock without waiting.

    Args:
        path: the file of the lock, made when missing.
        kind: `fcntl.LOCK_SH` or `fcntl.LOCK_EX`.

    Returns:
        The descriptor that holds it and that no later program inherits; None when it is taken.
    """
    fd = open_private(path, os.O_RDWR)
    try:
        fcntl.flock(fd, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    except BaseException:
        os.close(fd)
        raise
    return fd


def probe(path: Path, kind: int) -> bool:
    """Whether a lock could be taken at this moment."""
    fd = try_lock(path, kind)
    if fd is None:
        return False
    os.close(fd)
    return True


def wait_for_lock(path: Path, kind: int, deadline: float) -> int:
    """Takes a lock, waiting until a moment of the monotonic clock.

    Raises:
        EmbeddedUnavailable: it is still taken then.
    """
    while (fd := try_lock(path, kind)) is None:
        pause(deadline, f"Another process keeps {path}", path.parent)
    return fd


def unlock(fd: int) -> None:
    """Gives a lock back."""
    # By name, since a process forked in between may have a copy of the descriptor.
    fcntl.flock(fd, fcntl.LOCK_UN)
    os.close(fd)


def pause(deadline: float, trouble: str, home: Path) -> None:
    """Waits one step, unless the deadline is over.

    Args:
        deadline: a moment of the monotonic clock.
        trouble: what is being waited out, as the beginning of a sentence.
        home: the data folder concerned.

    Raises:
        EmbeddedUnavailable: the deadline is over.
    """
    if time.monotonic() > deadline:
        raise EmbeddedUnavailable(
            f"{trouble}. The log is {home / 'postgres.log'}. Try again, end the processes that "
            f"use {home}, or set another data folder."
        )
    time.sleep(POLL_SECONDS)
