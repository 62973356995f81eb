"""Where an answer goes, as plain data that survives a restart, and in which language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import discord

from bot.checks.language import identify_language
from bot.locales import LANGUAGES


@dataclass(frozen=True, slots=True)
class Address:
    """The destination of an answer: a deferred interaction (it has a token), or a message to reply to.

    Ids are snowflakes, `created` is in seconds since 1970. `locale` is the reader's. `part` numbers the further messages of an
    answer that consists of several.
    """

    user_id: int
    channel_id: int
    created: float
    locale: str = "en"
    message_id: int = 0
    application_id: int = 0
    token: str = ""
    part: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return plain data; ids as text, for readers that lose the last digits of large numbers."""
        data = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: str(value) if name.endswith("_id") else value for name, value in data.items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Address:
        """Restore an address from `to_json`."""
        known: dict[str, Any] = {key: int(value) if key.endswith("_id") else value for key, value in data.items()}
        return cls(**known)


def find_server_locale(message: discord.Message) -> str:
    """Return the locale of a message's server; for a direct message English."""
    return message.guild.preferred_locale.value if message.guild else "en"


def find_locale(message: discord.Message, after: str = "") -> str:
    """Return the locale to answer a message in: its own language, or that of the text it continues, else its server's.

    Discord sends no user locale with messages, and most servers were never set to theirs.
    """
    found, server = identify_language(message.content) or identify_language(after), find_server_locale(message)
    return found if found in ("en", *LANGUAGES) and found != server.partition("-")[0] else server
