"""The scopes that a stated preference can apply to."""

from __future__ import annotations

from discord import app_commands

from bot.client import Interaction
from bot.errors import RefusedError
from bot.interactions import sharing
from personas.ledger import ME, channel, guild, with_brand
from personas.style import Brand
from storage.owned_items import OwnedItem

PLACES = [
    app_commands.Choice(name="everywhere", value="me"),
    app_commands.Choice(name="for the brand in use", value="brand"),
    app_commands.Choice(name="in this server", value="guild"),
    app_commands.Choice(name="in this channel", value="channel"),
]
_NO_SERVER = "This is not a server. Choose “everywhere” or “in this channel”."
_NO_BRAND = "No brand is in use here. Choose one with /brand use, or create one with /brand learn."


async def list_scopes(interaction: Interaction, place: str) -> tuple[str, ...]:
    """Return the scopes that apply for a choice of `PLACES`, the chosen one first.

    Raises:
        RefusedError: a server was chosen in direct messages, or a brand and none is in use.
    """
    if place == "me":
        return (ME,)
    brand_in_use = await find_brand_in_use(interaction)
    own_scopes = with_brand((ME,), brand_in_use.id if brand_in_use else "")
    if place == "brand":
        if brand_in_use is None:
            raise RefusedError(_NO_BRAND)
        return own_scopes
    if place == "guild" and interaction.guild_id is None:
        raise RefusedError(_NO_SERVER)
    all_scopes = (guild(interaction.guild_id), *own_scopes) if interaction.guild_id else own_scopes
    return all_scopes if place == "guild" else (channel(interaction.channel_id or 0), *all_scopes)


async def find_brand_in_use(interaction: Interaction) -> OwnedItem[Brand] | None:
    """Return the brand that the user has in use; None if there is none, it was deleted, or it may not be used here."""
    return await interaction.client.app.profiles.find_brand(str(interaction.user.id), sharing.list_scopes(interaction))


async def load_brand_names(interaction: Interaction) -> dict[str, str]:
    """Return the names of the brands that the user can use here, by scope."""
    profiles, user_id = interaction.client.app.profiles, str(interaction.user.id)
    return await profiles.list_brand_names(user_id, sharing.list_scopes(interaction))
