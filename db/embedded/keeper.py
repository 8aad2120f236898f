"""The process that owns the server: postgres lives exactly as long as somebody uses it.

Run by path as a program of its own (`python -I -S keeper.py ...`), in its own session, so that
Ctrl-C in a terminal reaches neither it nor postgres. Imports are few: it starts in milliseconds.

Arguments: the file of the users' lock, the descriptor of the server's lock (postgres inherits it,
so that the lock lasts as long as any process of the server), the descriptor of the keeper's own
lock, uid and gid of the server's account (-1: stay), a socket folder to remove at the end (may be
empty), and the command of postgres.
"""

import _thread
import fcntl
import os
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType

# Within the 5 seconds that the last user waits: a fast shutdown is tried, then an immediate one,
# after which the next start replays the log.
FAST_SHUTDOWN_SECONDS = 3.5
_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> int:
    """Starts postgres, waits until the last user has left or postgres has ended, and cleans up.

    Args:
        arguments: as listed at the top of this file.

    Returns:
        The exit status of this program.
    """
    users_lock, server_fd, keeper_fd, uid, gid, socket_dir, *command = arguments
    if os.fork():
        return 0  # the starter waits for this one only; its child belongs to nobody
    os.chdir("/")
    users = os.open(users_lock, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    os.set_inheritable(int(keeper_fd), False)
    os.set_inheritable(int(server_fd), True)
    die_with_parent = _parent_death_signal()
    keeper = os.getpid()
    server = os.fork()
    if server == 0:
        try:
            if int(uid) >= 0:
                os.setgroups([])
                os.setgid(int(gid))
                os.setuid(int(uid))
            # After the change of user, which would clear it.
            die_with_parent()
            if os.getppid() == keeper:
                os.umask(0o077)
                os.execv(command[0], command)
        except OSError as error:  # goes to the log, whose end the starter shows
            os.write(2, f"keeper: {command[0]} cannot be run: {error}\n".encode())
        finally:
            os._exit(127)
    os.close(int(server_fd))  # from here on it is held by the processes of the server alone
    for ignored in (signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)

    def terminated(_number: int, _frame: FrameType | None) -> None:
        _thread.start_new_thread(_shut_down, (server,))

    signal.signal(signal.SIGTERM, terminated)
    _thread.start_new_thread(_shut_down_when_unused, (users, server))
    os.waitpid(server, 0)
    if socket_dir:
        try:
            os.rmdir(socket_dir)  # noqa: PTH106 -- pathlib is slow to import
        except OSError as error:
            print(f"keeper: {socket_dir} stays: {error}", file=sys.stderr)
    return 0


def _shut_down_when_unused(users: int, server: int) -> None:
    # Granted when no user is left; the kernel gives up the share of one that was killed. Held
    # until the end, so that a user who comes meanwhile waits and then finds no server.
    fcntl.flock(users, fcntl.LOCK_EX)
    _shut_down(server)


def _shut_down(server: int) -> None:
    os.kill(server, signal.SIGINT)
    time.sleep(FAST_SHUTDOWN_SECONDS)
    os.kill(server, signal.SIGQUIT)


def _parent_death_signal() -> Callable[[], object]:
    """Prepares the call that makes Linux stop postgres when this process is killed."""
    if sys.platform != "linux":
        return lambda: None
    try:
        import ctypes
    except ImportError:  # Python built without libffi: the next start ends the orphan
        return lambda: None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(_PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)


if __name__ == "__main__":
    status = main(sys.argv[1:])
    sys.stderr.flush()
    # No clean-up of the interpreter: the thread may still hold its lock.
    os._exit(status)
