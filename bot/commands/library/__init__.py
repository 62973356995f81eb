"""/library: one's own results and the server's assets, found by words, meaning and filters; Keep in the team's library."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Interaction, QuillmateBot, whisper
from bot.commands._lending import choices
from bot.commands._library import EntryButton, VersionsButton, keep, kind_title, library_of, viewer_of
from bot.commands._results import generation_in
from bot.commands._samples import brands_of
from bot.errors import RefusedError
from bot.kinds import load_kinds
from storage.assets import STATUSES
from storage.entries import EntryFilter

from .listing import MAX_WORDS, LibrarySearch, PageButton, SearchButton, StarredButton, page_view, searchable

_MAX_OFFERED = 25
_STATUSES = [app_commands.Choice(name=name, value=name) for name in STATUSES]
_SINCE = [
    app_commands.Choice(name=name, value=days)
    for name, days in (("a week", 7), ("a month", 30), ("three months", 91), ("a year", 365))
]


class LibraryCommand(commands.Cog):
    """The library of whoever calls, and of the server they call from."""

    def __init__(self, bot: QuillmateBot) -> None:
        self._brands = brands_of(bot.app.profiles)

    @app_commands.command(name="library", description="Find what I made for you, and what your team keeps")
    @app_commands.describe(
        words="Words it contains, or what it is about",
        kind="What kind of result it is",
        brand="The brand it was written for",
        status="Its status; leave it out for everything that is not archived",
        author="Who added it to the team's library",
        since="Maximum age",
        collection="The collection it is in",
    )
    @app_commands.choices(status=_STATUSES)
    @app_commands.choices(since=_SINCE)
    async def library(
        self,
        interaction: Interaction,
        words: app_commands.Range[str, 1, MAX_WORDS] | None = None,
        kind: str | None = None,
        brand: str | None = None,
        status: str | None = None,
        author: discord.User | None = None,
        since: int | None = None,
        collection: str | None = None,
    ) -> None:
        """Shows a page of it to whoever calls alone."""
        wanted = EntryFilter(
            kind=_kind_in(kind, interaction.locale.value),
            brand=(await self._brands.named(interaction, brand)).id if brand else "",
            status=status or "",
            author=str(author.id) if author else "",
            collection=await _collection_in(interaction, collection),
        )
        asked = LibrarySearch(str(interaction.user.id), searchable(words or ""), wanted, since or 0)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await whisper(interaction, await page_view(interaction, asked))

    @library.autocomplete("kind")
    async def _kinds(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        wanted, locale = current.strip().casefold(), interaction.locale.value
        titles = ((kind_title(name, locale), name) for name in load_kinds())
        fitting = [app_commands.Choice(name=title, value=name) for title, name in titles if wanted in title.casefold()]
        return fitting[:_MAX_OFFERED]

    @library.autocomplete("brand")
    async def _known_brands(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        return await self._brands.offered(interaction, current)

    @library.autocomplete("collection")
    async def _collections(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        known = await library_of(interaction).list_collections(await viewer_of(interaction))
        return choices([one.name for one in known], current)


def _kind_in(name: str | None, locale: str) -> str:
    """The kind of that name or title, empty for none.

    Raises:
        RefusedError: there is none.
    """
    if not name:
        return ""
    wanted = name.strip().casefold()
    for known in load_kinds():
        if wanted in (known, kind_title(known, locale).casefold()):
            return known
    raise RefusedError('There is no kind called "{name}". /help lists them.', name=name.strip()[:60])


async def _collection_in(interaction: Interaction, name: str | None) -> str:
    """The id of the collection of that name, empty where none is named; the person's own goes before the team's.

    Raises:
        RefusedError: there is none.
    """
    if not name:
        return ""
    known = await library_of(interaction).list_collections(await viewer_of(interaction))
    own_first = sorted(known, key=lambda one: one.owner_id != str(interaction.user.id))
    for one in own_first:
        if one.name.casefold() == name.strip().casefold():
            return one.id
    raise RefusedError('There is no collection called "{name}" here.', name=name.strip()[:60])


@app_commands.context_menu(name="Save to the team's library")
async def keep_in_library(interaction: Interaction, message: discord.Message) -> None:
    """Gives the result that a message shows to the server's library."""
    mine = interaction.client.user is not None and message.author.id == interaction.client.user.id
    generation_id = generation_in(message) if mine else None
    if generation_id is None:
        raise RefusedError("That message does not show one of my results.")
    await keep(interaction, generation_id)


async def setup(bot: QuillmateBot) -> None:
    """Adds the command and the entry of messages, and makes old lists work."""
    bot.add_dynamic_items(PageButton, SearchButton, StarredButton, EntryButton, VersionsButton)
    bot.tree.add_command(keep_in_library)
    await bot.add_cog(LibraryCommand(bot))
