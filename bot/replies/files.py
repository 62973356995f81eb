"""Files that go along with an answer."""

from __future__ import annotations

import io
import re

import discord


def attachment(name: str, body: bytes) -> discord.File:
    """A file to send; its name is reduced to what every system takes."""
    safe = re.sub(r"[^\w.-]+", "-", name).strip("-.") or "file"
    return discord.File(io.BytesIO(body), filename=safe[-80:])
