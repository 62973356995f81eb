"""Tests of storage run on both databases: a file of SQLite's and a PostgreSQL server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from storage.crypto import Keyring
from storage.database import Database


@pytest.fixture
def file_url(tmp_path: Path) -> str:
    """The URL of a database file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'q.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database, of each kind in turn."""
    found: str = request.getfixturevalue("file_url" if request.param == "sqlite" else "postgres_url")
    return found


@pytest_asyncio.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """An open database with its tables, of each kind in turn."""
    async with Database(url, Keyring((b"k" * 32,))) as opened:
        yield opened
