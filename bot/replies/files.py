"""Files that go along with an answer."""

from __future__ import annotations

import io
import re

import discord


def attachment(name: str, body: bytes, description: str = "") -> discord.File:
    """A file to send, with what is told of it to those who do not see it."""
    return discord.File(io.BytesIO(body), filename=file_name(name), description=description or None)


def file_name(name: str) -> str:
    """A file's name, reduced to what every system takes."""
    return (re.sub(r"[^\w.-]+", "-", name).strip("-.") or "file")[-80:]
