"""Files attached to an answer."""

from __future__ import annotations

import io
import re

import discord

# Discord's limit for alternative text.
MAX_ALT = 1_024


def attachment(name: str, body: bytes, description: str = "") -> discord.File:
    """Build a file to send, with its alternative text cut to Discord's limit."""
    alt = description if len(description) <= MAX_ALT else f"{description[: MAX_ALT - 1]}…"
    return discord.File(io.BytesIO(body), filename=file_name(name), description=alt or None)


def file_name(name: str) -> str:
    """Return a file name that every system accepts."""
    return (re.sub(r"[^\w.-]+", "-", name).strip("-.") or "file")[-80:]
