"""What commands ask of a workspace: what is set for it, who may do what in it, and what is usual where somebody asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.admission.limits import Limits, RateLimiter, format_limits, parse_limits, refuse_higher
from bot.admission.quotas import Quota
from bot.content import Request, Usual
from bot.errors import RefusedError
from bot.store import Store
from personas.persona import NOBODY, load_builtin
from storage.owners import workspace
from storage.shielded import shielded

from .recording import Recorder
from .roles import Act, Member, Role, any_may, roles_of
from .settings import WorkspaceSettings, refused, usual

# What of the settings says who may do what.
_OF_ROLES = ("roles", "default_role")
# What somebody is told who may not do something.
_NOT_THEIRS = {
    Act.SEE: "Only members of this server can see that.",
    Act.MAKE: "You can only read in this server: in a direct message I write for everyone, here for editors and "
    "owners.",
    Act.FILE: "Only editors and owners can do that here.",
    Act.REVIEW: "Only reviewers and owners can decide that here.",
    Act.SETTLE: "Only owners can set that: people who can manage this server, and those they made owners.",
}


@dataclass(frozen=True, slots=True)
class Voices:
    """What a server has to write with, by id: its own personas and brands, and the personas that ship by their names."""

    personas: Mapping[str, str]
    brands: Mapping[str, str]
    shipped: Mapping[str, str]

    def persona(self, persona_id: str) -> str:
        """What a persona is called, empty where there is none of that id (any more)."""
        return self.personas.get(persona_id) or self.shipped.get(persona_id, "")


@dataclass(frozen=True, slots=True)
class Workspaces:
    """The workspaces of servers. The `gate` has the most that a server may allow itself to ask for."""

    store: Store
    rate_limiter: RateLimiter
    recorder: Recorder

    async def settings(self, guild_id: str) -> WorkspaceSettings:
        """What is set for a server."""
        return WorkspaceSettings.of(await self.store.workspace_settings.get(guild_id))

    async def unreadable(self, guild_id: str) -> bool:
        """Whether something is set for a server that cannot be read any more."""
        return await self.store.workspace_settings.damaged(guild_id)

    async def roles(self, guild_id: str, member: Member) -> frozenset[Role]:
        """What somebody is in a server."""
        if member.manages:
            return frozenset({Role.OWNER})
        settings = await self.settings(guild_id)
        return roles_of(member, settings.roles, settings.default_role)

    async def given_roles(self, guild_id: str, member: Member) -> frozenset[Role]:
        """What somebody is in a server by what they were given: who has no role is one to read along, whatever all others are."""
        return roles_of(member, (await self.settings(guild_id)).roles, Role.VIEWER)

    async def allow(self, guild_id: str, member: Member, act: Act) -> None:
        """Lets somebody go on who may do something in a server.

        Raises:
            RefusedError: they may not; the sentence says who may.
        """
        if not any_may(await self.roles(guild_id, member), act):
            raise _refused(await self.settings(guild_id), act)

    @shielded
    async def change(
        self, guild_id: str, member: Member, change: Callable[[WorkspaceSettings], WorkspaceSettings]
    ) -> WorkspaceSettings:
        """Changes what is set for a server, for an owner; gives what is set then.

        Raises:
            RefusedError: whoever asks is none, or the change cannot be made.
        """
        await self.allow(guild_id, member, Act.SETTLE)
        return await self._change(guild_id, member.user_id, change)

    async def _change(
        self, guild_id: str, user_id: str, change: Callable[[WorkspaceSettings], WorkspaceSettings]
    ) -> WorkspaceSettings:
        """Changes what is set for a server, and notes who did; nobody where that is the bot itself."""
        before: list[WorkspaceSettings] = []

        def changed(data: dict[str, Any]) -> dict[str, Any]:
            before[:] = [WorkspaceSettings.of(data)]
            return change(before[0]).as_json()

        async with self.recorder.acting(f"settings {workspace(guild_id)}") as note:
            after = WorkspaceSettings.of(await self.store.workspace_settings.change(guild_id, changed))
            old, new = before[0].as_json(), after.as_json()
            others = {name: [old[name], new[name]] for name in new if old[name] != new[name] and name != "step"}
            if "feed" in others:  # The audit is exported, and a secret stands nowhere else.
                others["feed"] = [bool(old["feed"]), bool(new["feed"])]
            roles: dict[str, Any] = {name: others.pop(name) for name in _OF_ROLES if name in others}
            if roles:
                await note(guild_id, "roles", user_id, details=roles)
            if others:
                await note(guild_id, "settings", user_id, details={"changed": sorted(others), **others})
        return after

    @shielded
    async def admitted(self, guild_id: str, member: Member, act: Act = Act.MAKE) -> tuple[Limits, Sequence[Quota]]:
        """How much a server lets be asked for, and its quotas, for somebody who may ask for texts there, or do something else.

        Raises:
            RefusedError: they may not.
        """
        async with self.store.database.reading():
            settings = await self.settings(guild_id)
            roles = roles_of(member, settings.roles, settings.default_role)
            if not any_may(roles, act):
                raise _refused(settings, act)
            return await self.limits(guild_id), settings.quotas

    async def limits(self, guild_id: str) -> Limits:
        """How much a server lets be asked for, beside what the operator does."""
        own = await self.store.retention.limits(guild_id)
        return parse_limits(own) if own else {}

    @shielded
    async def set_limits(self, guild_id: str, member: Member, limits: Limits) -> None:
        """Sets how much may be asked for in a server, for an owner.

        Raises:
            RefusedError: whoever asks is none, or that is more than the operator allows.
        """
        await self.allow(guild_id, member, Act.SETTLE)
        refuse_higher(limits, self.rate_limiter.operators)
        async with self.recorder.acting() as note:
            before = await self.store.retention.limits(guild_id)
            after = format_limits(limits) if limits else ""
            await self.store.retention.set_limits(guild_id, after)
            if after != before:
                await note(guild_id, "limits", member.user_id, details={"limits": [before, after]})

    async def voices(self, guild_id: str) -> Voices:
        """The personas and brands that a server can choose as its usual ones."""
        owner_id = workspace(guild_id)
        return Voices(
            {one.id: one.value.title for one in await self.store.personas.all(owner_id)},
            {one.id: one.value.name for one in await self.store.brands.all(owner_id)},
            {one.name: one.title for one in (*load_builtin().values(), NOBODY)},
        )

    async def usual(self, request: Request) -> Usual:
        """What is usual where a request is made; nothing in direct messages.

        A text of the team's that is written anew keeps its brand, also where its review is shown in another's channel.
        """
        if not request.guild_id:
            return Usual()
        found = usual(await self.settings(request.guild_id), request.channel_id, request.thread_of)
        if not request.revises:
            return found
        asset = await self.store.reviews.get(workspace(request.guild_id), request.revises.partition(":")[0])
        return replace(found, brand=asset.brand, of_channel=found.of_channel - {"brand"}) if asset else found

    @shielded
    async def let_go(self, guild_id: str, channel_id: str) -> None:
        """Forgets what is set for a channel that is no more."""
        known = await self.settings(guild_id)
        if channel_id in (*known.channels, known.review_channel):
            await self._change(guild_id, "", lambda settings: settings.having_no(channel_id))

    @shielded
    async def let_go_role(self, guild_id: str, role_id: str) -> None:
        """Forgets the quota of a role that is no more."""
        if any(one.role_id == role_id for one in (await self.settings(guild_id)).quotas):
            await self._change(guild_id, "", lambda settings: settings.without_role(role_id))


def _refused(settings: WorkspaceSettings, act: Act) -> RefusedError:
    """What is said to somebody who may not do something, and who can; of what owners alone or all members can that says it."""
    why = _NOT_THEIRS[act]
    return RefusedError(why) if act in (Act.SEE, Act.SETTLE) else refused(why, settings, act)
