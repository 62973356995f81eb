"""Shards: the parts of Discord's servers that one connection each serves, and which of them a process is to hold."""

from __future__ import annotations

import platform
import re
from dataclasses import dataclass

# A server is known by the time its id was made at, which is what stands above these bits.
_TIME_BITS = 22
_RANGE = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?/(\d{1,5})")
_BY_ORDINAL = re.compile(r"ordinal (\d{1,5})/(\d{1,5})")
_ORDINAL = re.compile(r"-(\d{1,5})$")
_FORM = 'should be such as "0-3/16", or "ordinal 4/16" for four of sixteen by the number that the host name ends in'


@dataclass(frozen=True, slots=True)
class Shards:
    """Shards from the first to the last, of so many."""

    first: int
    last: int
    count: int

    @property
    def ids(self) -> range:
        """Their numbers, from 0."""
        return range(self.first, self.last + 1)

    @property
    def names(self) -> list[str]:
        """What tells each of them, and of how many it is one, apart from others: "3/16"."""
        return [f"{one}/{self.count}" for one in self.ids]

    def __str__(self) -> str:
        return f"{self.first}-{self.last}/{self.count}" if self.first < self.last else f"{self.first}/{self.count}"

    def __contains__(self, guild_id: str) -> bool:
        """Whether they serve a server; direct messages, with no server's id, come to the first of all."""
        return (int(guild_id or 0) >> _TIME_BITS) % self.count in self.ids


def all_of(count: int) -> Shards:
    """All of so many shards."""
    return Shards(0, count - 1, count)


def parsed_shards(text: str, host: str = "") -> Shards | None:
    """The shards that a setting names, by the host's name where it goes by ordinals; None for all that Discord recommends.

    Raises:
        ValueError: it names none; the words tell how it should be.
    """
    text = " ".join(text.split())
    if not text:
        return None
    if found := _BY_ORDINAL.fullmatch(text):
        ordinal = _ORDINAL.search(host or platform.node().partition(".")[0])
        if ordinal is None:
            raise ValueError("goes by a host name that ends in a number, such as quillmate-2, and this one does not")
        each, count = int(found[1]), int(found[2])
        first = int(ordinal[1]) * each
        last = min(first + each, count) - 1
    elif found := _RANGE.fullmatch(text):
        first, last, count = int(found[1]), int(found[2] or found[1]), int(found[3])
    else:
        raise ValueError(_FORM)
    if not first <= last < count:
        raise ValueError(f"names no shard of {count}: they are counted from 0")
    return Shards(first, last, count)
