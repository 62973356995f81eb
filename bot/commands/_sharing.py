"""Scopes of things and who owns them: private to a user, shared with a channel or a server, or given to a server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import discord
from discord import app_commands

from bot.client import Interaction
from bot.content import Request
from bot.errors import Phrase, RefusedError
from bot.locales import translate
from personas.ledger import ME, channel, guild
from storage.owned_items import OwnedItem, OwnedItemStore
from storage.owners import is_workspace, workspace

Value = TypeVar("Value")

PLACES = [
    app_commands.Choice(name="only me", value="me"),
    app_commands.Choice(name="this channel", value="channel"),
    app_commands.Choice(name="this server", value="server"),
    app_commands.Choice(name="this server, permanently", value="workspace"),
]
# The choice that gives a thing to the server, which owns it from then on.
WORKSPACE = "workspace"
GIVEN_TO_SERVER = (
    "It now belongs to this server and stays here even if you leave or ask me to forget you. People who can "
    "manage the server can delete it, and nobody can give it back to you."
)
_MAX_CHOICES = 25


def list_scopes(interaction: Interaction) -> tuple[str, ...]:
    """Return the scopes in force for an interaction, narrowest first."""
    place = Request(
        "",
        str(interaction.user.id),
        "",
        guild_id=str(interaction.guild_id or ""),
        channel_id=str(interaction.channel_id or ""),
    )
    return place.scopes


def list_channel_ids(server: discord.Guild) -> list[str]:
    """Return the ids of a server's channels and threads."""
    return [str(one.id) for one in (*server.channels, *server.threads)]


def is_manager(interaction: Interaction) -> bool:
    """Return whether the user may manage the server."""
    return bool(interaction.guild_id) and interaction.permissions.manage_guild


def require_manager(interaction: Interaction, *, is_decision: bool = False) -> str:
    """Return the id of the server, which the user must be able to manage.

    Raises:
        RefusedError: they may not, or it is no server.
    """
    if not is_manager(interaction):
        raise RefusedError(
            "Only people who can manage this server can decide that."
            if is_decision
            else "Only people who can manage this server can see that."
        )
    return str(interaction.guild_id)


async def resolve_scope(interaction: Interaction, place: str) -> str:
    """Return the scope of a place for sharing.

    Shared content is read into the prompts of other users, so it needs the consent of those who manage the place:
    their own action, or the setting that members may share with channels.

    Raises:
        RefusedError: the user may not share there.
    """
    if place == "channel" and interaction.channel_id:
        if interaction.guild_id is None:
            raise RefusedError("You can only lend things in a server, where somebody manages what is lent.")
        allowed = interaction.client.app.servers.is_lending_allowed
        if not is_manager(interaction) and not await allowed(str(interaction.guild_id)):
            raise RefusedError(
                "Only people who can manage this server can lend something to its channels. They can allow it "
                "for everybody with /privacy lending."
            )
        return channel(interaction.channel_id)
    if place == "server":
        if not is_manager(interaction):
            raise RefusedError(
                "Only people who can manage this server can lend something to the whole server. Lend it to this "
                "channel instead."
            )
        return guild(interaction.guild_id or 0)
    if place == WORKSPACE:
        if not is_manager(interaction):
            raise RefusedError(
                "Only people who can manage this server can give something to it. Lend it to this channel instead."
            )
        return workspace(interaction.guild_id or 0)
    return ME


def describe_scope(one: OwnedItem[Value]) -> str:
    """Return where a thing may be used, in words; empty if it is private."""
    if is_workspace(one.owner_id):
        return "belongs to this server"
    return {"channel": "in a channel", "guild": "in a server"}.get(one.scope.partition(":")[0], "")


def build_choices(names: Sequence[str], current: str) -> list[app_commands.Choice[str]]:
    """Return the autocomplete choices for some names."""
    query = current.strip().casefold()
    fitting = (name for name in dict.fromkeys(names) if query in name.casefold())
    return [app_commands.Choice(name=name[:100], value=name[:100]) for name in fitting][:_MAX_CHOICES]


def find_by_name(
    things: Sequence[OwnedItem[Value]], name: str, get_name: Callable[[Value], str]
) -> OwnedItem[Value] | None:
    """Find a thing by its exact name, else regardless of case; None if there is none."""
    query = name.strip()
    matches = [one for one in things if get_name(one.value).casefold() == query.casefold()]
    return next((one for one in matches if get_name(one.value) == query), matches[0] if matches else None)


@dataclass(frozen=True, slots=True)
class Shareable(Generic[Value]):
    """Things of one sort as commands use them, by name: the user's own first, then those shared with the place.

    `unknown` is the message for a missing `name`, `unowned` the one if it is not the user's own; `first` says how to
    make the first.
    """

    things: OwnedItemStore[Value]
    get_name: Callable[[Value], str]
    unknown: str
    unowned: str
    first: str

    async def list_all(self, interaction: Interaction, *, own: bool = False) -> list[OwnedItem[Value]]:
        """Return the user's things and, unless `own`, those shared with the place."""
        user_id = str(interaction.user.id)
        found = await self.things.list_all(user_id, () if own else list_scopes(interaction))
        return sorted(found, key=lambda one: one.owner_id != user_id)

    async def find(self, interaction: Interaction, name: str, *, own: bool = False) -> OwnedItem[Value] | None:
        """Find a thing by name, regardless of case; None if there is none."""
        return find_by_name(await self.list_all(interaction, own=own), name, self.get_name)

    async def get(self, interaction: Interaction, name: str, *, own: bool = False) -> OwnedItem[Value]:
        """Return the thing of that name.

        Raises:
            RefusedError: there is none; the message lists the existing ones.
        """
        things = await self.list_all(interaction, own=own)
        if found := find_by_name(things, name, self.get_name):
            return found
        names = [self.get_name(one.value) for one in things]
        hint = Phrase("Available: {names}.", names=names) if names else Phrase(self.first)
        reason = Phrase(self.unowned if own else self.unknown, name=name.strip()[:60])
        raise RefusedError("{missing} {hint}", missing=reason, hint=hint)

    async def list_choices(
        self, interaction: Interaction, current: str, *more: str, own: bool = False
    ) -> list[app_commands.Choice[str]]:
        """Return their names for autocomplete, followed by further names."""
        return build_choices(
            [*(self.get_name(one.value) for one in await self.list_all(interaction, own=own)), *more], current
        )

    async def lend(self, interaction: Interaction, name: str, place: str) -> bool:
        """Share the user's own thing with a place, or withdraw it; return whether others can use it now.

        A thing that a server shall own is given to it and replaces the server's thing of that name.

        Raises:
            RefusedError: there is none of that name, or the user may not share it there.
            StorageError: the server has reached the maximum.
        """
        scope, one = await resolve_scope(interaction, place), await self.get(interaction, name, own=True)
        user_id = str(interaction.user.id)
        if place == WORKSPACE:
            key = self.get_name(one.value).casefold()
            server_things = (thing for thing in await self.list_all(interaction) if thing.owner_id == scope)
            older = [thing.id for thing in server_things if self.get_name(thing.value).casefold() == key]
            await self.things.give(user_id, one.id, str(interaction.guild_id), older)
        else:
            await self.things.share(user_id, one.id, scope)
        return scope != ME

    async def remove(self, interaction: Interaction, name: str) -> str:
        """Delete the user's own thing; for managers of the server, delete the server's or withdraw a shared one.

        An unreadable thing is named by its id. Return the confirmation.

        Raises:
            RefusedError: there is no such thing, or the user may not remove it.
        """
        mine = await self.find(interaction, name, own=True)
        if mine and await self.things.delete(str(interaction.user.id), mine.id):
            return "Deleted."
        shared = await self.find(interaction, name)
        if shared and is_workspace(shared.owner_id):
            if not is_manager(interaction):
                raise RefusedError("That belongs to this server. Only people who can manage the server can delete it.")
            await self.things.delete(shared.owner_id, shared.id)
            return "Deleted."
        if shared and is_manager(interaction) and await self.things.unshare(shared.scope, shared.id):
            return "It is no longer used here; the person who lent it still has it."
        for owner_id in self._owners(interaction):
            if name.strip() in await self.things.list_damaged_ids(owner_id):
                await self.things.delete(owner_id, name.strip())
                return "Deleted."
        if shared:
            raise RefusedError("Only the person who lent it, or somebody who can manage this server, can take it back.")
        raise RefusedError('There is nothing called "{name}" here.', name=name.strip()[:60])

    async def list_unreadable(self, interaction: Interaction) -> list[str]:
        """Return a line for each unreadable thing of the user and, for managers, of the server."""
        line = translate(
            ("{name}: I cannot read this because somebody changed it in my database. You can only delete it."),
            interaction.locale.value,
        )
        ids = [one for owner_id in self._owners(interaction) for one in await self.things.list_damaged_ids(owner_id)]
        return [line.format(name=f"`{one}`") for one in ids]

    @staticmethod
    def _owners(interaction: Interaction) -> list[str]:
        """Return whose things the user may delete here."""
        own = [str(interaction.user.id)]
        return [*own, workspace(interaction.guild_id or 0)] if is_manager(interaction) else own
