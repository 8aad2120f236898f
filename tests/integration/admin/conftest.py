"""Fixtures of the tests about what admins edit."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from assistant.script import SHIPPED
from booking.business import Business
from db.store import Store
from tests.integration.admin.support import Chats, process


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped prompts."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "prompts"))


@pytest.fixture
def chats(store: Store, business: Business, folder: Path) -> Chats:
    """Chats over that folder."""
    return Chats(store, business, process(folder, store))
