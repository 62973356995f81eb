"""Where an answer goes, as plain data that survives a restart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Address:
    """The place of an answer: a deferred interaction (it has a token), or a message that is replied to.

    Ids are snowflakes, `created` is in seconds since 1970. `locale` is the reader's.
    """

    user_id: int
    channel_id: int
    created: float
    locale: str = "en"
    message_id: int = 0
    application_id: int = 0
    token: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain data; ids as text, for readers that lose the last digits of large numbers."""
        return {key: str(value) if key.endswith("_id") else value for key, value in asdict(self).items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Address:
        """The address that `to_json` gave."""
        known: dict[str, Any] = {key: int(value) if key.endswith("_id") else value for key, value in data.items()}
        return cls(**known)
