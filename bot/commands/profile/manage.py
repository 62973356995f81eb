"""/profile rename and delete: managing the user's profiles."""

from __future__ import annotations

import discord

from bot.client import Interaction, whisper
from bot.commands.profile.buttons import build_button
from bot.locales import translate
from bot.people.profiles import list_profile_names
from bot.replies.ledger import plain
from bot.replies.views import note_view

_CONFIRM_DELETE = (
    'Delete the profile "{name}"? This deletes what I know about you in it, its history, your votes on its '
    "results, and the persona and brand chosen for it. The results stay, but no longer belong to a profile. This "
    "cannot be undone."
)
_IN_USE = 'It is in use; "{name}" will take its place.'


async def rename_profile(interaction: Interaction, name: str, new_name: str) -> None:
    """Rename a profile; the first can be renamed, too.

    Raises:
        RefusedError: there is no profile with that name, or another one has the new name.
    """
    await interaction.client.app.profiles.rename(str(interaction.user.id), name, new_name)
    message = translate('The profile "{name}" is now called "{to}".', interaction.locale.value)
    await whisper(interaction, message.format(name=plain(name), to=plain(new_name)))


async def confirm_delete(interaction: Interaction, name: str) -> None:
    """Ask for confirmation before a profile is deleted, and list what is deleted with it.

    Raises:
        RefusedError: there is no profile with that name, or it is the first one.
    """
    locale = interaction.locale.value
    profile_id, choices = await interaction.client.app.profiles.get_deletable(str(interaction.user.id), name)
    names = list_profile_names(choices)
    lines = [translate(_CONFIRM_DELETE, locale).format(name=plain(names[profile_id]))]
    if profile_id == choices.profile:
        lines.append(translate(_IN_USE, locale).format(name=plain(names[""])))
    view = note_view("\n".join(lines))
    label = translate('Delete "{name}"', locale).format(name=names[profile_id])
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    row.add_item(build_button("delete", profile_id, label[:80], discord.ButtonStyle.danger))
    view.add_item(row)
    await interaction.response.send_message(view=view, ephemeral=True)


async def delete_profile(interaction: Interaction, profile_id: str) -> None:
    """Delete a profile of the user, by its id.

    Raises:
        RefusedError: there is no profile with that id.
    """
    locale = interaction.locale.value
    remaining = await interaction.client.app.profiles.delete(str(interaction.user.id), profile_id)
    parts = (
        translate("Deleted.", locale),
        translate("Now in use:", locale),
        plain(list_profile_names(remaining)[remaining.profile]),
    )
    await whisper(interaction, " ".join(parts))
