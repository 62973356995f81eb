"""What the bot remembers, opened together."""

from __future__ import annotations

from typing import Self

from storage.database import Database
from storage.generations import Generations
from storage.profiles import Profiles


class Store:
    """The database and what it holds. Use as `async with Store(url) as store:`."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self.profiles = Profiles(self.database)
        self.generations = Generations(self.database)

    async def __aenter__(self) -> Self:
        await self.database.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.database.__aexit__(*exc)
