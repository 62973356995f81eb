"""Files that go along with an answer."""

from __future__ import annotations

import io
import re

import discord

# What Discord takes as the text in a picture's place.
MAX_ALT = 1_024


def attachment(name: str, body: bytes, description: str = "") -> discord.File:
    """A file to send, with as much of what is told of it to those who do not see it as Discord takes."""
    told = description if len(description) <= MAX_ALT else f"{description[: MAX_ALT - 1]}…"
    return discord.File(io.BytesIO(body), filename=file_name(name), description=told or None)


def file_name(name: str) -> str:
    """A file's name, reduced to what every system takes."""
    return (re.sub(r"[^\w.-]+", "-", name).strip("-.") or "file")[-80:]
