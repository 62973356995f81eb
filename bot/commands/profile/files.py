"""/profile export and import: the profile as a file."""

from __future__ import annotations

import json

import discord

from bot.client import Interaction, whisper
from bot.documents.encodings import decode_text
from bot.documents.materials import describe_guess
from bot.errors import FileError, RefusedError
from bot.locales import localize, translate
from bot.moderation import iter_strings
from bot.replies.files import attachment
from bot.replies.ledger import export_json, label
from bot.requests.intake import clean_text
from personas.habits import split_profile

_MAX_BYTES = 64_000


async def send_file(interaction: Interaction) -> None:
    """Send the entries with the scope "everywhere" as a JSON file, privately."""
    known_profile, _ = await interaction.client.app.profiles.load_scoped(str(interaction.user.id))
    file = attachment("profile.json", export_json(known_profile))
    await interaction.response.send_message(file=file, ephemeral=True)


async def import_file(interaction: Interaction, file: discord.Attachment) -> None:
    """Import a file into the profile in use; fields that are not in it stay unchanged.

    Raises:
        QuillmateError: the file cannot be read, or is not a valid profile.
    """
    if file.size > _MAX_BYTES:
        message = "That file has {size:,} bytes; a profile can have at most {most:,}."
        raise RefusedError(message, size=file.size, most=_MAX_BYTES)
    try:
        decoded = decode_text(await file.read())
        data = json.loads(decoded.text)
    except (FileError, ValueError, RecursionError):
        raise RefusedError("That file is not JSON. /profile export gives you an example.") from None
    except discord.HTTPException:
        raise RefusedError("Discord no longer has that file. Attach it again.") from None
    values = {
        name: value
        for profile_part in split_profile(data)
        for name, value in profile_part.model_dump(mode="json").items()
    }
    for field, value in data.items():
        clean_text("\n".join(iter_strings(value)), "file", field)
    values = {name: value for name, value in values.items() if name in data}
    changes = await interaction.client.app.profiles.state(
        str(interaction.user.id), values, evidence=f"file:{interaction.id}"
    )
    locale = interaction.locale.value
    if not changes:
        await whisper(interaction, translate("I already know that.", locale))
        return
    names = ", ".join(label(entry.field, locale) for entry in changes)
    notes = (localize(note, locale) for note in describe_guess(decoded.guessed_encoding))
    await whisper(interaction, "\n".join([f"{translate('Imported', locale)}: {names}", *notes]))
