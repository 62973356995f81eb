"""Scopes and owners of items: private to a user, shared with a channel or a server, or owned by a server."""

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
from personas.ledger import ME
from personas.ledger import channel as channel_scope
from personas.ledger import guild as guild_scope
from storage.owned_items import OwnedItem, OwnedItemStore
from storage.owners import is_workspace
from storage.owners import workspace as workspace_scope

Value = TypeVar("Value")

PLACES = [
    app_commands.Choice(name="only me", value="me"),
    app_commands.Choice(name="this channel", value="channel"),
    app_commands.Choice(name="this server", value="server"),
    app_commands.Choice(name="this server, permanently", value="workspace"),
]
# The choice that transfers an item to the server.
WORKSPACE = "workspace"
GIVEN_TO_SERVER = (
    "It now belongs to this server and stays here even if you leave or ask me to forget you. People who can "
    "manage the server can delete it, and nobody can give it back to you."
)
_MAX_CHOICES = 25


def list_scopes(interaction: Interaction) -> tuple[str, ...]:
    """Return the scopes in force for an interaction, narrowest first."""
    request = Request(
        "",
        str(interaction.user.id),
        "",
        guild_id=str(interaction.guild_id or ""),
        channel_id=str(interaction.channel_id or ""),
    )
    return request.scopes


def list_channel_ids(server: discord.Guild) -> list[str]:
    """Return the ids of a server's channels and threads."""
    return [str(channel.id) for channel in (*server.channels, *server.threads)]


def is_manager(interaction: Interaction) -> bool:
    """Return whether the user may manage the server."""
    return bool(interaction.guild_id) and interaction.permissions.manage_guild


def require_manager(interaction: Interaction, *, is_decision: bool = False) -> str:
    """Return the id of the server after checking that the user can manage it.

    `is_decision`: the error speaks of deciding instead of seeing.

    Raises:
        RefusedError: the user cannot manage it, or the interaction is not in a server.
    """
    if not is_manager(interaction):
        raise RefusedError(
            "Only people who can manage this server can decide that."
            if is_decision
            else "Only people who can manage this server can see that."
        )
    return str(interaction.guild_id)


async def resolve_scope(interaction: Interaction, place: str) -> str:
    """Return the scope for a choice of `PLACES`.

    Shared content ends up in other users' prompts, so only managers may share, unless they have allowed all members to share
    with channels.

    Raises:
        RefusedError: the user may not share there.
    """
    if place == "channel" and interaction.channel_id:
        if interaction.guild_id is None:
            raise RefusedError("You can lend things only in a server, where somebody can manage what is lent.")
        servers = interaction.client.app.servers
        if not is_manager(interaction) and not await servers.is_sharing_allowed(str(interaction.guild_id)):
            raise RefusedError(
                "Only people who can manage this server can lend things to its channels. They can allow "
                "everybody to lend with /privacy lending."
            )
        return channel_scope(interaction.channel_id)
    if place == "server":
        if not is_manager(interaction):
            raise RefusedError(
                "Only people who can manage this server can lend something to the whole server. Lend it to this "
                "channel instead."
            )
        return guild_scope(interaction.guild_id or 0)
    if place == WORKSPACE:
        if not is_manager(interaction):
            raise RefusedError(
                "Only people who can manage this server can give something to it. Lend it to this channel instead."
            )
        return workspace_scope(interaction.guild_id or 0)
    return ME


def describe_scope(item: OwnedItem[Value]) -> str:
    """Describe where an item may be used; empty if it is private."""
    if is_workspace(item.owner_id):
        return "belongs to this server"
    return {"channel": "in a channel", "guild": "in a server"}.get(item.scope.partition(":")[0], "")


def build_choices(names: Sequence[str], current: str) -> list[app_commands.Choice[str]]:
    """Build the autocomplete choices: the names that contain the current input."""
    query = current.strip().casefold()
    matching_names = (name for name in dict.fromkeys(names) if query in name.casefold())
    return [app_commands.Choice(name=name[:100], value=name[:100]) for name in matching_names][:_MAX_CHOICES]


def find_by_name(
    items: Sequence[OwnedItem[Value]], name: str, get_name: Callable[[Value], str]
) -> OwnedItem[Value] | None:
    """Return the item with a name, preferring an exact match to one that ignores case; None if there is none."""
    query = name.strip()
    matches = [item for item in items if get_name(item.value).casefold() == query.casefold()]
    return next((item for item in matches if get_name(item.value) == query), matches[0] if matches else None)


@dataclass(frozen=True, slots=True)
class ShareableItems(Generic[Value]):
    """Access to items of one type by name: the user's own, and those shared with the channel or server.

    `unknown_message` and `unowned_message` are for when there is no item with the name, or none of the user's own; `empty_hint` is
    for when there are no items at all.
    """

    items: OwnedItemStore[Value]
    get_name: Callable[[Value], str]
    unknown_message: str
    unowned_message: str
    empty_hint: str

    async def list_all(self, interaction: Interaction, *, own_only: bool = False) -> list[OwnedItem[Value]]:
        """Return the user's items and, unless `own_only`, those shared here."""
        user_id = str(interaction.user.id)
        items = await self.items.list_all(user_id, () if own_only else list_scopes(interaction))
        return sorted(items, key=lambda item: item.owner_id != user_id)

    async def find(self, interaction: Interaction, name: str, *, own_only: bool = False) -> OwnedItem[Value] | None:
        """Return the item with a name, ignoring case; None if there is none."""
        return find_by_name(await self.list_all(interaction, own_only=own_only), name, self.get_name)

    async def get(self, interaction: Interaction, name: str, *, own_only: bool = False) -> OwnedItem[Value]:
        """Return the item with a name, ignoring case.

        Raises:
            RefusedError: there is no such item; the message lists the existing ones.
        """
        items = await self.list_all(interaction, own_only=own_only)
        if match := find_by_name(items, name, self.get_name):
            return match
        names = [self.get_name(item.value) for item in items]
        hint = Phrase("Available: {names}.", names=names) if names else Phrase(self.empty_hint)
        reason = Phrase(self.unowned_message if own_only else self.unknown_message, name=name.strip()[:60])
        raise RefusedError("{missing} {hint}", missing=reason, hint=hint)

    async def list_choices(
        self, interaction: Interaction, current: str, *extra_names: str, own_only: bool = False
    ) -> list[app_commands.Choice[str]]:
        """Build the autocomplete choices: the names of the items, then `extra_names`."""
        return build_choices(
            [
                *(self.get_name(item.value) for item in await self.list_all(interaction, own_only=own_only)),
                *extra_names,
            ],
            current,
        )

    async def move_to_scope(self, interaction: Interaction, name: str, place: str) -> bool:
        """Share the user's own item with a place, or make it private; return whether others can use it now.

        For `WORKSPACE` the item is transferred to the server and replaces the server's item of the same name.

        Raises:
            RefusedError: the user has no item with that name, or may not share it there.
            StorageError: the server has the maximum number of items.
        """
        scope, own_item = await resolve_scope(interaction, place), await self.get(interaction, name, own_only=True)
        user_id = str(interaction.user.id)
        if place == WORKSPACE:
            key = self.get_name(own_item.value).casefold()
            server_items = (item for item in await self.list_all(interaction) if item.owner_id == scope)
            replaced_ids = [item.id for item in server_items if self.get_name(item.value).casefold() == key]
            await self.items.give(user_id, own_item.id, str(interaction.guild_id), replaced_ids)
        else:
            await self.items.share(user_id, own_item.id, scope)
        return scope != ME

    async def remove(self, interaction: Interaction, name: str) -> str:
        """Delete the user's own item.

        Managers of the server can also delete the server's items and stop other users' items being shared here.
        For a damaged item, `name` is its id. Return the confirmation message.

        Raises:
            RefusedError: there is no such item, or the user may not remove it.
        """
        own_item = await self.find(interaction, name, own_only=True)
        if own_item and await self.items.delete(str(interaction.user.id), own_item.id):
            return "Deleted."
        shared_item = await self.find(interaction, name)
        if shared_item and is_workspace(shared_item.owner_id):
            if not is_manager(interaction):
                raise RefusedError("That belongs to this server. Only people who can manage the server can delete it.")
            await self.items.delete(shared_item.owner_id, shared_item.id)
            return "Deleted."
        if shared_item and is_manager(interaction) and await self.items.unshare(shared_item.scope, shared_item.id):
            return "It is no longer used here; the person who lent it still has it."
        for owner_id in self._list_owner_ids(interaction):
            if name.strip() in await self.items.list_damaged_ids(owner_id):
                await self.items.delete(owner_id, name.strip())
                return "Deleted."
        if shared_item:
            raise RefusedError("Only the person who lent it, or somebody who can manage this server, can take it back.")
        raise RefusedError('There is nothing called "{name}" here.', name=name.strip()[:60])

    async def format_damaged_lines(self, interaction: Interaction) -> list[str]:
        """Format a line for each damaged item of the user and, for managers, of the server."""
        line = translate(
            ("{name}: I cannot read this because somebody changed it in my database. You can only delete it."),
            interaction.locale.value,
        )
        damaged_ids = [
            damaged_id
            for owner_id in self._list_owner_ids(interaction)
            for damaged_id in await self.items.list_damaged_ids(owner_id)
        ]
        return [line.format(name=f"`{item_id}`") for item_id in damaged_ids]

    @staticmethod
    def _list_owner_ids(interaction: Interaction) -> list[str]:
        """Return the ids of the owners whose items the user may delete here."""
        owner_ids = [str(interaction.user.id)]
        return [*owner_ids, workspace_scope(interaction.guild_id or 0)] if is_manager(interaction) else owner_ids
