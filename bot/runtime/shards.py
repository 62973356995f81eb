"""Shards: the parts of Discord's servers that one gateway connection serves, and which of them a process holds."""

from __future__ import annotations

import platform
import re
from dataclasses import dataclass

# An id's creation time is stored above these bits; Discord distributes servers by it.
_TIME_BITS = 22
_RANGE = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?/(\d{1,5})")
_BY_ORDINAL = re.compile(r"ordinal (\d{1,5})/(\d{1,5})")
_ORDINAL = re.compile(r"-(\d{1,5})$")
_FORM = 'should be such as "0-3/16", or "ordinal 4/16" for four of sixteen by the number that the host name ends in'


@dataclass(frozen=True, slots=True)
class Shards:
    """A range of shards, and the total count."""

    first: int
    last: int
    count: int

    @property
    def ids(self) -> range:
        """Their numbers, from 0."""
        return range(self.first, self.last + 1)

    @property
    def names(self) -> list[str]:
        """The names of the shards, with the total: "3/16"."""
        return [f"{one}/{self.count}" for one in self.ids]

    def __str__(self) -> str:
        return f"{self.first}-{self.last}/{self.count}" if self.first < self.last else f"{self.first}/{self.count}"

    def __contains__(self, guild_id: str) -> bool:
        """Return whether they serve a server; direct messages, without a server id, belong to the first shard."""
        return (int(guild_id or 0) >> _TIME_BITS) % self.count in self.ids


def build_all_shards(count: int) -> Shards:
    """Return all of `count` shards."""
    return Shards(0, count - 1, count)


def parse_shards(text: str, host: str = "") -> Shards | None:
    """Parse the shards of a setting, which may use the host name's ordinal; None for all that Discord recommends.

    Raises:
        ValueError: the text is malformed; the message describes the form.
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
