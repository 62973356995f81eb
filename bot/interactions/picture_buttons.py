"""The buttons below a generated picture: vary, change a part, upscale, outpaint. Each submits a request."""

from __future__ import annotations

import discord

from bot.client import Interaction
from bot.content import Alteration, Content
from bot.engines.images import MAX_PICTURE_BYTES, EditWay
from bot.errors import RefusedError
from bot.images.studio import EDIT_UNSUPPORTED, PICTURE_EXPIRED, file_name
from bot.interactions.components import Form
from bot.interactions.requests import submit_once
from bot.locales import translate
from bot.replies.result_views import choose_picture_view
from bot.requests.changes import build_alteration_request
from bot.requests.intake import clean_text
from storage.generations import Generation

# Maximum characters of the descriptions of a part and of its replacement.
_MAX_PART_CHARACTERS, _MAX_REPLACEMENT_CHARACTERS = 100, 400
# Maximum pictures per result that a button can refer to.
_MAX_PICTURES = 5


async def alter_picture(interaction: Interaction, generation: Generation, action: EditWay, number: int) -> None:
    """Apply a button's action to a picture of the user's own result; ask for what the action needs.

    `number` counts from 1; with 0 the user is asked which picture, if there are several.

    Raises:
        RefusedError: the drawing engine does not support it, or the picture is no longer stored.
    """
    if action not in interaction.client.app.studio.list_edit_ways(Content(generation.text, generation.parts)):
        raise RefusedError(EDIT_UNSUPPORTED)
    names = await restore_pictures(interaction, generation)
    locale = interaction.locale.value
    if number == 0 and len(names) > 1:
        await interaction.response.send_message(
            view=choose_picture_view(action, len(names), generation.id, locale), ephemeral=True
        )
        return
    source = names[max(0, number - 1)] if number <= len(names) else None
    if source is None:
        raise RefusedError(PICTURE_EXPIRED)
    if action == "change":
        await interaction.response.send_modal(PartModal(generation, source, locale))
        return
    request = build_alteration_request(generation, str(interaction.id), Alteration(action, source))
    await submit_once(interaction, request, f"{action}:{source}")


async def restore_pictures(interaction: Interaction, generation: Generation) -> list[str | None]:
    """Return the storage names of a result's pictures, in order, with None for a missing one that another follows.

    Pictures are deleted after a day; a missing one is restored from the message's attachments, if it is among them.

    Raises:
        RefusedError: none of them is available.
    """
    owner_id = generation.user_id
    stored_names = set(await interaction.client.app.studio.pictures.list_names(owner_id))
    file_names = [file_name(generation.id, number) for number in range(1, _MAX_PICTURES + 1)]
    attachments = (
        {attachment.filename: attachment for attachment in interaction.message.attachments}
        if interaction.message
        else {}
    )
    available_names = list[str | None]()
    for number, name in enumerate(file_names, 1):
        attachment = attachments.get(f"{generation.kind}-{number}.png")
        is_available = name in stored_names or (
            attachment is not None and await _restore_picture(interaction, owner_id, name, attachment)
        )
        available_names.append(name if is_available else None)
    while available_names and available_names[-1] is None:
        available_names.pop()
    if not available_names:
        raise RefusedError(PICTURE_EXPIRED)
    return available_names


async def _restore_picture(interaction: Interaction, owner_id: str, name: str, attachment: discord.Attachment) -> bool:
    """Store a picture again from the attachment of one of the bot's messages; return whether it could be read."""
    if attachment.size > MAX_PICTURE_BYTES:
        return False
    try:
        await interaction.client.app.studio.pictures.save(owner_id, name, await attachment.read())
    except discord.HTTPException:
        return False
    return True


class PartModal(Form):
    """Ask which part of a picture to change, and into what."""

    def __init__(self, generation: Generation, source: str, locale: str) -> None:
        super().__init__(title=translate("Change a part of the picture", locale))
        self._generation, self._source = generation, source
        self.part: discord.ui.TextInput[PartModal] = discord.ui.TextInput(
            max_length=_MAX_PART_CHARACTERS, placeholder=translate("the sky", locale)
        )
        self.replacement: discord.ui.TextInput[PartModal] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph,
            max_length=_MAX_REPLACEMENT_CHARACTERS,
            placeholder=translate("dark storm clouds", locale),
        )
        self.add_item(discord.ui.Label(text=translate("Which part", locale), component=self.part))
        self.add_item(discord.ui.Label(text=translate("What it should become", locale), component=self.replacement))

    async def act(self, interaction: Interaction) -> None:
        """Submit the change."""
        from bot.images.alteration import check_alteration  # Imported on first use, as the image libraries take memory.

        engine = interaction.client.app.studio.engine
        if engine is None:
            raise RefusedError(EDIT_UNSUPPORTED)
        part, replacement = clean_text(self.part.value), clean_text(self.replacement.value)
        check_alteration(
            "change", part, engine.traits, has_finder=interaction.client.app.studio.part_finder is not None
        )
        alteration = Alteration("change", self._source, part, replacement)
        await interaction.client.take(
            interaction, build_alteration_request(self._generation, str(interaction.id), alteration)
        )
