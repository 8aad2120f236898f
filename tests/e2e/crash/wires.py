"""What lies between a process and PostgreSQL and can be cut: then nothing comes through."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_HOST = re.compile(r"(?<=[?&]host=)/[^&]*")


class Wires:
    """Unix sockets in front of a server's.

    Args:
        url: of a database, over a Unix socket.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        found, port = _HOST.search(url), re.search(r"[?&]port=(\d+)", url)
        assert found is not None, "wires need a server with a Unix socket"
        assert port is not None
        self._name = f".s.PGSQL.{port[1]}"
        self._target = f"{found[0]}/{self._name}"
        self._loop = asyncio.new_event_loop()
        self._whole: dict[str, asyncio.Event] = {}
        self._pumps: set[asyncio.Task[None]] = set()

    def add(self) -> str:
        """Return the address of the database over a wire of its own."""
        folder = tempfile.mkdtemp(prefix="ba-w-")
        Path(folder).chmod(0o711)
        return asyncio.run_coroutine_threadsafe(self._add(folder), self._loop).result()

    async def _add(self, folder: str) -> str:
        url = _HOST.sub(folder, self._url)
        whole = self._whole[url] = asyncio.Event()
        whole.set()

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            there_reader, there_writer = await asyncio.open_unix_connection(self._target)
            for source, sink in ((reader, there_writer), (there_reader, writer)):
                pump = asyncio.create_task(_pump(source, sink, whole))
                self._pumps.add(pump)
                pump.add_done_callback(self._pumps.discard)

        await asyncio.start_unix_server(connected, f"{folder}/{self._name}")
        return url

    def cut(self, url: str) -> None:
        """Let nothing through any more."""
        self._loop.call_soon_threadsafe(self._whole[url].clear)

    def mend(self, url: str) -> None:
        """Let through what has gathered, and what comes."""
        self._loop.call_soon_threadsafe(self._whole[url].set)

    @contextmanager
    def in_thread(self) -> Iterator[Wires]:
        """Serve in a thread of its own."""
        thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()
            for url in self._whole:
                found = _HOST.search(url)
                assert found is not None
                shutil.rmtree(found[0])


async def _pump(
    source: asyncio.StreamReader, sink: asyncio.StreamWriter, whole: asyncio.Event
) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await source.read(65536):
            await whole.wait()
            sink.write(data)
            await sink.drain()
    await whole.wait()
    sink.close()
