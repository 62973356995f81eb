"""What the pages of a workspace show, gathered once."""

from __future__ import annotations

from dataclasses import dataclass

from bot.admission.limits import Limits, stricter
from bot.client import Interaction
from bot.team.workspace.settings import WorkspaceSettings
from bot.team.workspace.workspaces import Voices


@dataclass(frozen=True, slots=True)
class State:
    """What is set for a server and what can be: its voices, the ids of its roles, and the limits it has set and that are in force."""

    settings: WorkspaceSettings
    voices: Voices
    own_limits: Limits
    limits: Limits
    role_ids: frozenset[str]
    unreadable: bool
    locale: str


async def state_of(interaction: Interaction) -> State:
    """What is set for the server where somebody acts."""
    workspaces, guild_id = interaction.client.app.workspaces, str(interaction.guild_id)
    own = await workspaces.limits(guild_id)
    return State(
        await workspaces.settings(guild_id),
        await workspaces.voices(guild_id),
        own,
        stricter(workspaces.gate.operators, own),
        frozenset(str(role.id) for role in interaction.guild.roles) if interaction.guild else frozenset(),
        await workspaces.unreadable(guild_id),
        interaction.locale.value,
    )
