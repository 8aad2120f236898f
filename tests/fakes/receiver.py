"""An HTTP server on loopback that takes what a program sends of itself, and judges it."""

from __future__ import annotations

import gzip
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar, Self

Answer = tuple[int, str, bytes]


class OddityError(Exception):
    """What came in would not be taken by the real thing.

    Args:
        status: that it answers with.
    """

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class Receiver(ABC):
    """Base of the fakes: keeps each body, and notes what the real one would refuse.

    Attributes:
        bodies: what came in, unpacked: for tests that look at all of it.
        oddities: why something was refused.
        down: while True everything is answered with 503.
    """

    most_bytes: ClassVar[int] = 1 << 20

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.oddities: list[str] = []
        self.down = False
        self.port = 0

    @abstractmethod
    def take(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """Judge a request.

        Args:
            headers: names in lower case.
            body: unpacked.

        Raises:
            OddityError: it would be refused.
        """

    @classmethod
    @contextmanager
    def in_thread(cls) -> Iterator[Self]:
        """Serve while the body runs."""
        receiver = cls()
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(receiver))
        receiver.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def waits_for(self, count: int, *, seconds: float = 15.0) -> None:
        """Wait until that many requests have come in."""
        deadline = time.monotonic() + seconds
        while len(self.bodies) < count:
            if time.monotonic() > deadline:
                raise AssertionError(f"{len(self.bodies)} of {count} came; odd: {self.oddities}")
            time.sleep(0.01)


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", "0")))
            try:
                answer = self._judged(headers, body)
            except OddityError as error:
                receiver.oddities.append(str(error))
                answer = error.status, "text/plain", str(error).encode()
            status, kind, content = answer
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _judged(self, headers: dict[str, str], body: bytes) -> Answer:
            if receiver.down:
                return 503, "text/plain", b"down"
            packing = headers.get("content-encoding", "identity")
            if packing == "gzip":
                body = gzip.decompress(body)
            elif packing != "identity":
                raise OddityError(415, f"packed as {packing}")
            if len(body) > receiver.most_bytes:
                raise OddityError(413, f"{len(body)} bytes")
            answer = receiver.take(self.path, headers, body)
            receiver.bodies.append(body)
            return answer

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler
