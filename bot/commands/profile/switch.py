"""/profile switch and pause: choosing the profile in use, and pausing learning."""

from __future__ import annotations

import discord

from bot.client import Interaction, whisper
from bot.commands.profile.buttons import build_button
from bot.locales import translate
from bot.people.profiles import list_profile_names
from bot.replies.ledger import plain
from bot.replies.views import note_view


async def ask_for_profile(interaction: Interaction) -> None:
    """Show a button for each profile, to choose the one to use."""
    locale = interaction.locale.value
    choices = await interaction.client.app.profiles.load_choices(str(interaction.user.id))
    view = note_view(translate("Which profile? /profile switch creates a new one.", locale))
    names = list_profile_names(choices)
    for start in range(0, len(names), 5):
        row = discord.ui.ActionRow[discord.ui.LayoutView]()
        for profile_id, name in list(names.items())[start : start + 5]:
            button = build_button("switch", profile_id, name[:80])
            button.disabled = profile_id == choices.profile
            row.add_item(button)
        view.add_item(row)
    await interaction.response.send_message(view=view, ephemeral=True)


async def switch_profile(interaction: Interaction, name_or_id: str, *, known_only: bool = False) -> None:
    """Use the profile with an id or a name. Unless `known_only`, a profile with an unknown name is created.

    Raises:
        RefusedError: there is no such profile and `known_only` is set, or the user has the maximum number.
    """
    locale, user_id = interaction.locale.value, str(interaction.user.id)
    choices, is_new = await interaction.client.app.profiles.use(user_id, name_or_id, by_id=known_only)
    message = "New profile, now in use:" if is_new else "Now in use:"
    await whisper(interaction, f"{translate(message, locale)} {plain(list_profile_names(choices)[choices.profile])}")


async def set_learning(interaction: Interaction, is_on: bool) -> None:
    """Pause or resume learning."""
    locale = interaction.locale.value
    await interaction.client.app.profiles.set_learning(str(interaction.user.id), on=is_on)
    if is_on:
        await whisper(interaction, translate("I am learning from what you do again.", locale))
        return
    view = note_view(translate("Paused: I have stopped learning from what you do. I keep what I already know.", locale))
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    row.add_item(build_button("resume", "", translate("Resume learning", locale)))
    view.add_item(row)
    await interaction.response.send_message(view=view, ephemeral=True)
