"""Where a person's things may be used: theirs alone, in a channel, in a server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import discord
from discord import app_commands

from bot.client import Interaction
from bot.content import Request
from bot.errors import Phrase, RefusedError
from personas.ledger import ME, channel, guild
from storage.owned import Owned, OwnedThings

Value = TypeVar("Value")

PLACES = [
    app_commands.Choice(name="only me", value="me"),
    app_commands.Choice(name="this channel", value="channel"),
    app_commands.Choice(name="this server", value="server"),
]
_MOST_OFFERED = 25


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


async def scope_for(interaction: Interaction, place: str) -> str:
    """The scope of a place that something is to be lent to.

    What is lent is read into the prompts of others, so it needs the leave of those who manage the place: their own act, or
    that they have let members lend to channels.

    Raises:
        RefusedError: the person may not lend there.
    """
    if place == "channel" and interaction.channel_id:
        if interaction.guild_id is None:
            raise RefusedError("Lending is for channels of a server, where somebody manages what is lent.")
        allowed = interaction.client.app.store.retention.lending_allowed
        if not manages(interaction) and not await allowed(str(interaction.guild_id)):
            raise RefusedError(
                "Only who may manage this server can lend something to its channels. They can let everybody: "
                "/privacy lending."
            )
        return channel(interaction.channel_id)
    if place == "server":
        if not manages(interaction):
            raise RefusedError(
                "Only who may manage this server can lend something to all of it. Lend it to this channel."
            )
        return guild(interaction.guild_id or 0)
    return ME


def where(scope: str) -> str:
    """A scope in words, empty for what is the owner's alone."""
    return {"channel": "in a channel", "guild": "in a server"}.get(scope.partition(":")[0], "")


def choices(names: Sequence[str], current: str) -> list[app_commands.Choice[str]]:
    """What autocompletion offers of some names."""
    wanted = current.strip().casefold()
    fitting = (name for name in dict.fromkeys(names) if wanted in name.casefold())
    return [app_commands.Choice(name=name[:100], value=name[:100]) for name in fitting][:_MOST_OFFERED]


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
        hint = Phrase("There are {names}.", names=names) if names else Phrase(self.first)
        missing = Phrase(self.unowned if own else self.unknown, name=name.strip()[:60])
        raise RefusedError("{missing} {hint}", missing=missing, hint=hint)

    async def offered(
        self, interaction: Interaction, current: str, *more: str, own: bool = False
    ) -> list[app_commands.Choice[str]]:
        """Their names for autocompletion, and more names after them."""
        return choices([*(self.naming(one.value) for one in await self.all(interaction, own=own)), *more], current)

    async def lend(self, interaction: Interaction, name: str, place: str) -> bool:
        """Lends the person's own thing of that name to a place, or takes it back; tells whether others can use it now.

        Raises:
            RefusedError: there is none of that name, or the person may not lend to that place.
        """
        scope, one = await scope_for(interaction, place), await self.named(interaction, name, own=True)
        await self.things.lend(str(interaction.user.id), one.id, scope)
        return scope != ME

    async def end_or_delete(self, interaction: Interaction, name: str) -> str:
        """Deletes the person's own thing of that name; for who manages the server, takes back what is lent to it.

        Gives the sentence that says what was done.

        Raises:
            RefusedError: there is no such thing, or it is not theirs to remove.
        """
        mine = await self.found(interaction, name, own=True)
        if mine and await self.things.delete(str(interaction.user.id), mine.id):
            return "Deleted."
        lent = await self.found(interaction, name)
        if lent and manages(interaction) and await self.things.take_back(lent.scope, lent.id):
            return "It is not used here any more; whoever lent it still has it."
        if lent:
            raise RefusedError("Only who lent that, or who manages this server, can take it back.")
        raise RefusedError('There is nothing called "{name}" here.', name=name.strip()[:60])
