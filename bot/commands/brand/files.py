"""/brand export and import: what a brand holds as a file to edit. Its samples stay."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import discord

from bot.client import Interaction
from bot.commands._intake import harmless
from bot.documents.encodings import decoded
from bot.errors import FileError, RefusedError
from bot.moderation import strings
from bot.replies.files import attachment
from personas.book import as_data, as_toml
from personas.style import Brand

MOST_BYTES = 64_000


async def send_file(interaction: Interaction, brand: Brand, form: str = "json") -> None:
    """A brand's book as JSON or TOML, to whoever asked alone."""
    data = {"name": brand.name, **as_data(brand.book)}
    text = as_toml(data) if form == "toml" else json.dumps(data, ensure_ascii=False, indent=2) + "\n"
    file = attachment(f"{brand.name}.{form}", text.encode("utf-8"))
    await interaction.response.send_message(file=file, ephemeral=True)


async def read_file(file: discord.Attachment) -> dict[str, Any]:
    """What a file says of a brand.

    Raises:
        RefusedError: it cannot be read, or holds what may not be kept.
    """
    if file.size > MOST_BYTES:
        raise RefusedError("That file has {size:,} bytes; a brand fits {most:,}.", size=file.size, most=MOST_BYTES)
    try:
        text = decoded(await file.read()).text
        data = tomllib.loads(text) if file.filename.casefold().endswith(".toml") else json.loads(text)
    except (FileError, ValueError, RecursionError):
        raise RefusedError("That file is no JSON and no TOML. /brand export shows how one looks.") from None
    except discord.HTTPException:
        raise RefusedError("Discord does not have that file any more. Attach it again.") from None
    if not isinstance(data, dict):
        raise RefusedError("That file holds no brand. /brand export shows how one looks.")
    harmless("\n".join(strings(data)), "file")
    return data
