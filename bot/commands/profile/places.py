"""Where something that is told holds."""

from __future__ import annotations

from discord import app_commands

from bot.client import Interaction
from bot.errors import RefusedError
from personas.ledger import ME, channel, guild

PLACES = [
    app_commands.Choice(name="everywhere", value="me"),
    app_commands.Choice(name="in this server", value="guild"),
    app_commands.Choice(name="in this channel", value="channel"),
]


def scopes_of(interaction: Interaction, where: str) -> tuple[str, ...]:
    """The scopes in force where somebody chose that something holds: "me", "guild" or "channel", that one first.

    Raises:
        RefusedError: there is no server here.
    """
    if where == "me":
        return (ME,)
    if where == "guild" and interaction.guild_id is None:
        raise RefusedError("This is no server. Choose everywhere or this channel.")
    around = (guild(interaction.guild_id), ME) if interaction.guild_id else (ME,)
    return around if where == "guild" else (channel(interaction.channel_id or 0), *around)
