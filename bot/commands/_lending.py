"""Where a person's things may be used: theirs alone, in a channel, in a server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from discord import app_commands

from bot.client import Interaction
from bot.content import Request
from bot.errors import RefusedError
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


def manages(interaction: Interaction) -> bool:
    """Whether the person who acts may manage the server they act in."""
    return bool(interaction.guild_id) and interaction.permissions.manage_guild


def scope_for(interaction: Interaction, place: str) -> str:
    """The scope of a place that something is to be lent to.

    Raises:
        RefusedError: it is the server, and the person does not manage one here.
    """
    if place == "channel" and interaction.channel_id:
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
    """The first thing of a name, whatever its case; None when there is none."""
    wanted = name.strip().casefold()
    return next((one for one in things if naming(one.value).casefold() == wanted), None)


async def end_or_delete(
    interaction: Interaction, things: OwnedThings[Value], name: str, naming: Callable[[Value], str]
) -> str:
    """Deletes the person's own thing of that name; for who manages the server, takes back what is lent to it.

    Gives the sentence that says what was done.

    Raises:
        RefusedError: there is no such thing, or it is not theirs to remove.
    """
    user_id, here = str(interaction.user.id), scopes_of(interaction)
    mine = called([one for one in await things.all(user_id) if one.user_id == user_id], name, naming)
    if mine and await things.delete(user_id, mine.id):
        return "Deleted."
    lent = called(await things.all(user_id, here), name, naming)
    if lent and manages(interaction) and await things.take_back(lent.scope, lent.id):
        return "It is not used here any more; whoever lent it still has it."
    if lent:
        raise RefusedError("Only who lent that, or who manages this server, can take it back.")
    raise RefusedError(f'There is nothing called "{name.strip()[:60]}" here.')
