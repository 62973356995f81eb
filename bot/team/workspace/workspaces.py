"""The service for workspaces: settings, permissions, limits and defaults."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.admission.limits import Limits, RateLimiter, format_limits, parse_limits, refuse_higher
from bot.admission.quotas import Quota
from bot.content import Defaults, Request
from bot.errors import RefusedError
from bot.store import Store
from personas.persona import NOBODY, load_builtin
from storage.owners import workspace
from storage.shielding import shield

from .recorder import Recorder
from .roles import Member, Permission, Role, any_has_permission, resolve_roles
from .settings import WorkspaceSettings, build_refusal, resolve_defaults

# Settings that define permissions.
_ROLE_FIELDS = ("roles", "default_role")
# The refusal for each missing permission.
_REFUSAL_TEXTS = {
    Permission.SEE: "Only members of this server can see that.",
    Permission.MAKE: "In this server I write only for editors and owners. In direct messages, I write for everyone.",
    Permission.FILE: "Only editors and owners can do that here.",
    Permission.REVIEW: "Only reviewers and owners can decide that here.",
    Permission.CONFIGURE: "Only owners can set that: people who can manage this server, and those they made owners.",
}


@dataclass(frozen=True, slots=True)
class PersonaAndBrandTitles:
    """The titles of a server's own personas and brands by id, and those of the built-in personas by name."""

    personas: Mapping[str, str]
    brands: Mapping[str, str]
    builtin_personas: Mapping[str, str]

    def find_persona_title(self, persona_id: str) -> str:
        """Return the title of a persona, empty if it does not exist."""
        return self.personas.get(persona_id) or self.builtin_personas.get(persona_id, "")


@dataclass(frozen=True, slots=True)
class Workspaces:
    """The workspaces of servers. `rate_limiter` holds the operator's limits, which a server cannot exceed."""

    store: Store
    rate_limiter: RateLimiter
    recorder: Recorder

    async def load_settings(self, guild_id: str) -> WorkspaceSettings:
        """Return the settings of a server."""
        return WorkspaceSettings.from_json(await self.store.workspace_settings.get(guild_id))

    async def has_unreadable_settings(self, guild_id: str) -> bool:
        """Return whether a server's stored settings cannot be read."""
        return await self.store.workspace_settings.is_damaged(guild_id)

    async def find_roles(self, guild_id: str, member: Member) -> frozenset[Role]:
        """Return the roles of a member in a server."""
        if member.manages:
            return frozenset({Role.OWNER})
        settings = await self.load_settings(guild_id)
        return resolve_roles(member, settings.roles, settings.default_role)

    async def has_assigned_permission(self, guild_id: str, member: Member, permission: Permission) -> bool:
        """Return whether a role assigned to a member gives them a permission, not merely the server's default role."""
        assigned_roles = resolve_roles(member, (await self.load_settings(guild_id)).roles, Role.VIEWER)
        return any_has_permission(assigned_roles, permission)

    async def require(self, guild_id: str, member: Member, permission: Permission) -> None:
        """Check that a member has a permission in a server.

        Raises:
            RefusedError: the member lacks the permission; the message lists who has it.
        """
        if not any_has_permission(await self.find_roles(guild_id, member), permission):
            raise _build_permission_refusal(await self.load_settings(guild_id), permission)

    @shield
    async def change(
        self, guild_id: str, member: Member, change: Callable[[WorkspaceSettings], WorkspaceSettings]
    ) -> WorkspaceSettings:
        """Change the settings of a server on behalf of an owner, and return the new settings.

        Raises:
            RefusedError: the member is not an owner, or the change is invalid.
        """
        await self.require(guild_id, member, Permission.CONFIGURE)
        return await self._change(guild_id, member.user_id, change)

    async def _change(
        self, guild_id: str, user_id: str, change: Callable[[WorkspaceSettings], WorkspaceSettings]
    ) -> WorkspaceSettings:
        """Change the settings of a server and record the change in the audit log; `user_id` is empty for the bot itself."""
        before: list[WorkspaceSettings] = []

        def apply_change(data: dict[str, Any]) -> dict[str, Any]:
            before[:] = [WorkspaceSettings.from_json(data)]
            return change(before[0]).to_json()

        async with self.recorder.transaction(f"settings {workspace(guild_id)}") as record:
            after = WorkspaceSettings.from_json(await self.store.workspace_settings.change(guild_id, apply_change))
            old, new = before[0].to_json(), after.to_json()
            changed_fields = {name: [old[name], new[name]] for name in new if old[name] != new[name] and name != "step"}
            if "feed" in changed_fields:
                # The audit log can be exported, so record only whether the feed secret is set.
                changed_fields["feed"] = [bool(old["feed"]), bool(new["feed"])]
            roles: dict[str, Any] = {name: changed_fields.pop(name) for name in _ROLE_FIELDS if name in changed_fields}
            if roles:
                await record(guild_id, "roles", user_id, details=roles)
            if changed_fields:
                await record(
                    guild_id, "settings", user_id, details={"changed": sorted(changed_fields), **changed_fields}
                )
        return after

    @shield
    async def load_limits_and_quotas(
        self, guild_id: str, member: Member, permission: Permission = Permission.MAKE
    ) -> tuple[Limits, Sequence[Quota]]:
        """Return the limits and quotas of a server, for a member who has a permission there.

        Raises:
            RefusedError: the member lacks the permission.
        """
        async with self.store.database.share_read():
            settings = await self.load_settings(guild_id)
            roles = resolve_roles(member, settings.roles, settings.default_role)
            if not any_has_permission(roles, permission):
                raise _build_permission_refusal(settings, permission)
            return await self.load_limits(guild_id), settings.quotas

    async def load_limits(self, guild_id: str) -> Limits:
        """Return the limits that the owners of a server have set."""
        server_limits = await self.store.retention.get_limits(guild_id)
        return parse_limits(server_limits) if server_limits else {}

    @shield
    async def set_limits(self, guild_id: str, member: Member, limits: Limits) -> None:
        """Set the limits of a server on behalf of an owner.

        Raises:
            RefusedError: the member is not an owner, or a limit exceeds the operator's.
        """
        await self.require(guild_id, member, Permission.CONFIGURE)
        refuse_higher(limits, self.rate_limiter.operator_limits)
        async with self.recorder.transaction() as record:
            old_limits = await self.store.retention.get_limits(guild_id)
            new_limits = format_limits(limits) if limits else ""
            await self.store.retention.set_limits(guild_id, new_limits)
            if new_limits != old_limits:
                await record(guild_id, "limits", member.user_id, details={"limits": [old_limits, new_limits]})

    async def load_persona_and_brand_titles(self, guild_id: str) -> PersonaAndBrandTitles:
        """Return the titles of the personas and brands that a server can choose as its defaults."""
        owner_id = workspace(guild_id)
        return PersonaAndBrandTitles(
            {persona.id: persona.value.title for persona in await self.store.personas.list_all(owner_id)},
            {brand.id: brand.value.name for brand in await self.store.brands.list_all(owner_id)},
            {persona.name: persona.title for persona in (*load_builtin().values(), NOBODY)},
        )

    async def load_defaults(self, request: Request) -> Defaults:
        """Return the channel and server defaults that apply to a request; none in direct messages.

        A rewrite of a team's text keeps the brand of that text, whatever the channel's brand is.
        """
        if not request.guild_id:
            return Defaults()
        defaults = resolve_defaults(await self.load_settings(request.guild_id), request.channel_id, request.thread_of)
        if not request.revises:
            return defaults
        asset = await self.store.reviews.get(workspace(request.guild_id), request.revises.partition(":")[0])
        return replace(defaults, brand=asset.brand, of_channel=defaults.of_channel - {"brand"}) if asset else defaults

    @shield
    async def remove_channel_settings(self, guild_id: str, channel_id: str) -> None:
        """Remove the settings of a deleted channel."""
        settings = await self.load_settings(guild_id)
        if channel_id in (*settings.channels, settings.review_channel):
            await self._change(guild_id, "", lambda settings: settings.without_channel(channel_id))

    @shield
    async def remove_role_quotas(self, guild_id: str, role_id: str) -> None:
        """Remove the quotas of a deleted Discord role."""
        if any(quota.role_id == role_id for quota in (await self.load_settings(guild_id)).quotas):
            await self._change(guild_id, "", lambda settings: settings.without_role_quotas(role_id))


def _build_permission_refusal(settings: WorkspaceSettings, permission: Permission) -> RefusedError:
    """Build the refusal of an action, listing who has the permission unless the message itself says so."""
    message = _REFUSAL_TEXTS[permission]
    return (
        RefusedError(message)
        if permission in (Permission.SEE, Permission.CONFIGURE)
        else build_refusal(message, settings, permission)
    )
