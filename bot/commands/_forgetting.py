"""Forgetting a person: asked once more, then all that is kept of them is deleted."""

from __future__ import annotations

from typing import Any

import discord

from bot.client import Interaction, whisper
from bot.errors import RefusedError
from bot.locales import translate
from bot.replies.views import note_view

from ._components import Found

_ASKED = "Delete all that I keep of you: profile, results, votes, files, requests? This cannot be taken back."
_FORGOTTEN = "Forgotten: I keep nothing of you any more."
_OVERWRITTEN_LATER = (
    "Forgotten: I keep nothing of you any more and can open nothing of it. Scrambled traces that nobody can read lie on my disk "
    "until they are overwritten. I look every hour and see to it."
)


async def ask_to_forget(interaction: Interaction) -> None:
    """Asks whoever acts whether all that is kept of them shall be deleted."""
    locale = interaction.locale.value
    view = note_view(translate(_ASKED, locale))
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    row.add_item(ForgetButton(str(interaction.user.id), locale))
    view.add_item(row)
    await interaction.response.send_message(view=view, ephemeral=True)


class ForgetButton(Found[discord.ui.Button[Any]], template=r"quillforget:(?P<user_id>\d{1,20})"):
    """Deletes all that is kept of the person whose id it carries, when that person presses it."""

    def __init__(self, user_id: str, locale: str = "en") -> None:
        super().__init__(
            discord.ui.Button(
                label=translate("Delete everything", locale),
                style=discord.ButtonStyle.danger,
                custom_id=f"quillforget:{user_id}",
            )
        )
        self._user_id = user_id

    async def act(self, interaction: Interaction) -> None:
        """Forgets."""
        locale = interaction.locale.value
        if self._user_id != str(interaction.user.id):
            raise RefusedError("This button is not yours.")
        await interaction.response.defer(ephemeral=True, thinking=True)
        erasure = await interaction.client.desk.privacy.forget(self._user_id)
        await whisper(interaction, translate(_FORGOTTEN if erasure.complete else _OVERWRITTEN_LATER, locale))
