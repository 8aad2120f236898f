"""One database for all conversations of a test process: each is a business of its own in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from assistant.conversation import Script
from db.session import Database
from tests.conftest import Server, connected
from tests.shipped import shipped


@pytest.fixture(scope="session")
def shared_url(server: Server) -> Iterator[str]:
    """The URL of a migrated database that the conversations of this process share."""
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
async def shared(shared_url: str) -> AsyncIterator[Database]:
    """A pool on the shared database."""
    database = connected(shared_url)
    yield database
    await database.close()


@pytest.fixture(scope="session")
def script() -> Script:
    """The texts and prompts that come with the program."""
    return shipped()
