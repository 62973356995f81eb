"""Erasing the data of a user or of a server, after a confirmation."""

from __future__ import annotations

from typing import Any

import discord

from bot.client import Interaction, whisper
from bot.errors import RefusedError
from bot.interactions.components import PersistentItem
from bot.interactions.sharing import list_channel_ids, require_manager
from bot.locales import translate
from bot.replies.views import note_view

_ASK_USER = (
    "Delete everything I store about you: your profile, results, votes, files, scheduled posts and requests? "
    "This cannot be undone."
)
_GIVEN_NOTE = "What you gave to servers belongs to them and stays there, without your ID."
_FORGOTTEN = "Done. I no longer have any data about you."
_OVERWRITTEN_LATER = (
    "Done. I no longer have any data about you that I could read. Encrypted traces that nobody can read "
    "remain on my disk until they are overwritten; I check every hour and take care of that."
)

_ASK_SERVER = (
    "Delete everything that belongs to this server? That is its documents ({documents}), brands ({brands}), "
    "personas ({personas}), texts in the team's library ({assets}) and everything set with /settings, /limits "
    "and /privacy lending. What members lent goes back to them, and what they wrote stays theirs. This cannot be "
    "undone."
)
_SERVER_FORGOTTEN = "Done. I no longer have anything that belongs to this server."


async def confirm_forget(interaction: Interaction) -> None:
    """Ask the user to confirm the deletion of all their data."""
    locale, user_id = interaction.locale.value, str(interaction.user.id)
    has_given = await interaction.client.desk.privacy.has_given(user_id)
    given_note = f"\n-# {translate(_GIVEN_NOTE, locale)}" if has_given else ""
    view = note_view(translate(_ASK_USER, locale) + given_note)
    await _send_question(interaction, view, ForgetButton(user_id, locale))


async def confirm_forget_server(interaction: Interaction, guild_id: str) -> None:
    """Ask a manager of a server to confirm the deletion of all its own data."""
    locale, counts = interaction.locale.value, await interaction.client.app.servers.count_workspace_rows(guild_id)
    question = translate(_ASK_SERVER, locale)
    view = note_view(
        question.format(
            documents=counts["documents"],
            brands=counts["brands"],
            personas=counts["own_personas"],
            assets=counts["assets"],
        )
    )
    await _send_question(interaction, view, ForgetServerButton(guild_id, locale))


async def _send_question(
    interaction: Interaction, view: discord.ui.LayoutView, button: PersistentItem[discord.ui.Button[Any]]
) -> None:
    """Show the question privately, with the button below it."""
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    row.add_item(button)
    view.add_item(row)
    await interaction.response.send_message(view=view, ephemeral=True)


def _build_button(custom_id: str, locale: str) -> discord.ui.Button[Any]:
    label = translate("Delete everything", locale)
    return discord.ui.Button(label=label, style=discord.ButtonStyle.danger, custom_id=custom_id)


class ForgetButton(PersistentItem[discord.ui.Button[Any]], template=r"quillforget:(?P<user_id>\d{1,20})"):
    """A button that deletes all data of the user in its custom id, if that user presses it."""

    def __init__(self, user_id: str, locale: str = "en") -> None:
        super().__init__(_build_button(f"quillforget:{user_id}", locale))
        self._user_id = user_id

    async def act(self, interaction: Interaction) -> None:
        """Erase the data."""
        locale = interaction.locale.value
        if self._user_id != str(interaction.user.id):
            raise RefusedError("Only the person who asked for this can use this button.")
        await interaction.response.defer(ephemeral=True, thinking=True)
        erasure = await interaction.client.desk.privacy.forget(self._user_id)
        await whisper(interaction, translate(_FORGOTTEN if erasure.complete else _OVERWRITTEN_LATER, locale))


class ForgetServerButton(PersistentItem[discord.ui.Button[Any]], template=r"quillforgetserver:(?P<guild_id>\d{1,20})"):
    """A button that deletes all data of the server in its custom id, if a manager presses it there."""

    def __init__(self, guild_id: str, locale: str = "en") -> None:
        super().__init__(_build_button(f"quillforgetserver:{guild_id}", locale))
        self._guild_id = guild_id

    async def act(self, interaction: Interaction) -> None:
        """Erase the data."""
        locale = interaction.locale.value
        if require_manager(interaction, is_decision=True) != self._guild_id:
            raise RefusedError("This button belongs to another server.")
        await interaction.response.defer(ephemeral=True, thinking=True)
        channels = list_channel_ids(interaction.guild) if interaction.guild else []
        erasure = await interaction.client.desk.privacy.forget_workspace(self._guild_id, channels)
        await whisper(interaction, translate(_SERVER_FORGOTTEN if erasure.complete else _OVERWRITTEN_LATER, locale))
