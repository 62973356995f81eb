"""Where things may be used and whose they are: a person's alone, lent to a channel or a server, or given to a server."""

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
from storage.owned import Owned, OwnedThings
from storage.owners import is_workspace, workspace

Value = TypeVar("Value")

PLACES = [
    app_commands.Choice(name="only me", value="me"),
    app_commands.Choice(name="this channel", value="channel"),
    app_commands.Choice(name="this server", value="server"),
    app_commands.Choice(name="this server, permanently", value="workspace"),
]
# The place that a thing is given to and not lent: it is the server's own then.
WORKSPACE = "workspace"
GIVEN = (
    "It now belongs to this server and stays here even if you leave or ask me to forget you. People who can "
    "manage the server can delete it, and nobody can give it back to you."
)
_MAX_OFFERED = 25


def scopes_of(interaction: Interaction) -> tuple[str, ...]:
    """The scopes in force where somebody acts, the narrowest first."""
    place = Request("", str(interaction.user.id), "", guild_id=str(interaction.guild_id or ""),
                    channel_id=str(interaction.channel_id or ""))  # fmt: skip
    return place.scopes


def channels_of(server: discord.Guild) -> list[str]:
    """The ids of a server's channels and threads."""
    return [str(one.id) for one in (*server.channels, *server.threads)]


def manages(interaction: Interaction) -> bool:
    """Whether the person who acts may manage the server they act in."""
    return bool(interaction.guild_id) and interaction.permissions.manage_guild


def managed(interaction: Interaction, *, decides: bool = False) -> str:
    """The id of the server where somebody acts who may manage it.

    Raises:
        RefusedError: they may not, or are in no server.
    """
    if not manages(interaction):
        raise RefusedError(
            "Only people who can manage this server can decide that."
            if decides
            else "Only people who can manage this server can see that."
        )
    return str(interaction.guild_id)


async def scope_for(interaction: Interaction, place: str) -> str:
    """The scope of a place that something is to be lent to.

    What is lent is read into the prompts of others, so it needs the leave of those who manage the place: their own act, or
    that they have let members lend to channels.

    Raises:
        RefusedError: the person may not lend there.
    """
    if place == "channel" and interaction.channel_id:
        if interaction.guild_id is None:
            raise RefusedError("You can only lend things in a server, where somebody manages what is lent.")
        allowed = interaction.client.app.servers.is_lending_allowed
        if not manages(interaction) and not await allowed(str(interaction.guild_id)):
            raise RefusedError(
                "Only people who can manage this server can lend something to its channels. They can allow it "
                "for everybody with /privacy lending."
            )
        return channel(interaction.channel_id)
    if place == "server":
        if not manages(interaction):
            raise RefusedError(
                "Only people who can manage this server can lend something to the whole server. Lend it to this "
                "channel instead."
            )
        return guild(interaction.guild_id or 0)
    if place == WORKSPACE:
        if not manages(interaction):
            raise RefusedError(
                "Only people who can manage this server can give something to it. Lend it to this channel instead."
            )
        return workspace(interaction.guild_id or 0)
    return ME


def where(one: Owned[Value]) -> str:
    """Where a thing may be used, in words; empty for what is its owner's alone."""
    if is_workspace(one.owner_id):
        return "belongs to this server"
    return {"channel": "in a channel", "guild": "in a server"}.get(one.scope.partition(":")[0], "")


def choices(names: Sequence[str], current: str) -> list[app_commands.Choice[str]]:
    """What autocompletion offers of some names."""
    wanted = current.strip().casefold()
    fitting = (name for name in dict.fromkeys(names) if wanted in name.casefold())
    return [app_commands.Choice(name=name[:100], value=name[:100]) for name in fitting][:_MAX_OFFERED]


def called(things: Sequence[Owned[Value]], name: str, naming: Callable[[Value], str]) -> Owned[Value] | None:
    """The first thing of exactly that name, else the first whatever its case; None when there is none."""
    wanted = name.strip()
    same = [one for one in things if naming(one.value).casefold() == wanted.casefold()]
    return next((one for one in same if naming(one.value) == wanted), same[0] if same else None)


@dataclass(frozen=True, slots=True)
class Lendable(Generic[Value]):
    """Things of one kind as commands deal with them, by name: a person's own first, then those lent to the place.

    `unknown` says that there is none called `name` here, `unowned` that none of those is the person's own; `first` says how
    the first is made.
    """

    things: OwnedThings[Value]
    naming: Callable[[Value], str]
    unknown: str
    unowned: str
    first: str

    async def all(self, interaction: Interaction, *, own: bool = False) -> list[Owned[Value]]:
        """What the person has and, unless only `own` is asked for, what is lent to the place."""
        user_id = str(interaction.user.id)
        found = await self.things.all(user_id, () if own else scopes_of(interaction))
        return sorted(found, key=lambda one: one.owner_id != user_id)

    async def found(self, interaction: Interaction, name: str, *, own: bool = False) -> Owned[Value] | None:
        """The one of that name, whatever its case; None when there is none."""
        return called(await self.all(interaction, own=own), name, self.naming)

    async def named(self, interaction: Interaction, name: str, *, own: bool = False) -> Owned[Value]:
        """The one of that name.

        Raises:
            RefusedError: there is none; the sentence says which there are.
        """
        known = await self.all(interaction, own=own)
        if found := called(known, name, self.naming):
            return found
        names = [self.naming(one.value) for one in known]
        hint = Phrase("Available: {names}.", names=names) if names else Phrase(self.first)
        missing = Phrase(self.unowned if own else self.unknown, name=name.strip()[:60])
        raise RefusedError("{missing} {hint}", missing=missing, hint=hint)

    async def offered(
        self, interaction: Interaction, current: str, *more: str, own: bool = False
    ) -> list[app_commands.Choice[str]]:
        """Their names for autocompletion, and more names after them."""
        return choices([*(self.naming(one.value) for one in await self.all(interaction, own=own)), *more], current)

    async def lend(self, interaction: Interaction, name: str, place: str) -> bool:
        """Lends the person's own thing of that name to a place, or takes it back; tells whether others can use it now.

        What the server is to keep is given to it, in the place of what it has of that name.

        Raises:
            RefusedError: there is none of that name, or the person may not lend to that place.
            StorageError: the server has as many as are kept.
        """
        scope, one = await scope_for(interaction, place), await self.named(interaction, name, own=True)
        user_id = str(interaction.user.id)
        if place == WORKSPACE:
            called_so = self.naming(one.value).casefold()
            theirs = (known for known in await self.all(interaction) if known.owner_id == scope)
            older = [known.id for known in theirs if self.naming(known.value).casefold() == called_so]
            await self.things.give(user_id, one.id, str(interaction.guild_id), older)
        else:
            await self.things.lend(user_id, one.id, scope)
        return scope != ME

    async def end_or_delete(self, interaction: Interaction, name: str) -> str:
        """Deletes the person's own thing of that name; for who manages the server, what is its own, or takes back what is lent.

        A thing that cannot be read has its id for a name. Gives the sentence that says what was done.

        Raises:
            RefusedError: there is no such thing, or it is not theirs to remove.
        """
        mine = await self.found(interaction, name, own=True)
        if mine and await self.things.delete(str(interaction.user.id), mine.id):
            return "Deleted."
        lent = await self.found(interaction, name)
        if lent and is_workspace(lent.owner_id):
            if not manages(interaction):
                raise RefusedError("That belongs to this server. Only people who can manage the server can delete it.")
            await self.things.delete(lent.owner_id, lent.id)
            return "Deleted."
        if lent and manages(interaction) and await self.things.take_back(lent.scope, lent.id):
            return "It is no longer used here; the person who lent it still has it."
        for owner_id in self._owners(interaction):
            if name.strip() in await self.things.damaged(owner_id):
                await self.things.delete(owner_id, name.strip())
                return "Deleted."
        if lent:
            raise RefusedError("Only the person who lent it, or somebody who can manage this server, can take it back.")
        raise RefusedError('There is nothing called "{name}" here.', name=name.strip()[:60])

    async def unreadable(self, interaction: Interaction) -> list[str]:
        """A line for each thing of the person's, and for who manages the server of the server's, that cannot be read."""
        told = translate(("{name}: I cannot read this because somebody changed it in my database. You can only "
                         "delete it."),
                         interaction.locale.value)  # fmt: skip
        ids = [one for owner_id in self._owners(interaction) for one in await self.things.damaged(owner_id)]
        return [told.format(name=f"`{one}`") for one in ids]

    @staticmethod
    def _owners(interaction: Interaction) -> list[str]:
        """Whose things the person may delete here."""
        own = [str(interaction.user.id)]
        return [*own, workspace(interaction.guild_id or 0)] if manages(interaction) else own
