"""The state that the pages of /setup and /settings are built from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.admission.limits import Limits, combine_limits
from bot.client import Interaction
from bot.team.workspace.settings import WorkspaceSettings
from bot.team.workspace.workspaces import PersonaAndBrandTitles


@dataclass(frozen=True, slots=True)
class WorkspaceState:
    """A server's settings, and what the menus offer: its personas and brands, role names by id, and the ids of the roles that
    the bot may mention. `own_limits` are the limits that the server has set, `limits` those in force. `unreadable` means that
    the stored settings cannot be decrypted.
    """

    settings: WorkspaceSettings
    voices: PersonaAndBrandTitles
    own_limits: Limits
    limits: Limits
    roles: Mapping[str, str]
    mentionable: frozenset[str]
    unreadable: bool
    locale: str
    currency: str = "USD"


async def load_state(interaction: Interaction) -> WorkspaceState:
    """Load the state of the server of an interaction."""
    workspaces, guild_id = interaction.client.app.workspaces, str(interaction.guild_id)
    server_limits, server = await workspaces.load_limits(guild_id), interaction.guild
    can_mention_all = server is not None and server.me.guild_permissions.mention_everyone
    return WorkspaceState(
        await workspaces.load_settings(guild_id),
        await workspaces.load_persona_and_brand_titles(guild_id),
        server_limits,
        combine_limits(workspaces.rate_limiter.operator_limits, server_limits),
        {str(role.id): role.name for role in server.roles} if server else {},
        frozenset(str(role.id) for role in server.roles if can_mention_all or role.mentionable)
        if server
        else frozenset(),
        await workspaces.has_unreadable_settings(guild_id),
        interaction.locale.value,
        interaction.client.app.settings.currency,
    )
