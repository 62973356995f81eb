"""Files attached to an answer."""

from __future__ import annotations

import io
import re

import discord

# Discord's limit for alternative text.
from bot.markup import shorten

MAX_ALT = 1_024


def attachment(name: str, body: bytes, description: str = "") -> discord.File:
    """Build a file to send, with its alternative text cut to Discord's limit."""
    return discord.File(io.BytesIO(body), filename=file_name(name), description=shorten(description, MAX_ALT) or None)


def file_name(name: str) -> str:
    """Return a file name that every system accepts."""
    return (re.sub(r"[^\w.-]+", "-", name).strip("-.") or "file")[-80:]
