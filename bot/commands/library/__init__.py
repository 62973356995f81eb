"""/library: search in the user's results and the server's assets by words, meaning and filters; and the menu entry that
saves a result to the team's library.
"""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Interaction, QuillmateBot, whisper
from bot.commands.library.listing import (
    MAX_WORDS,
    LibraryQuery,
    PageButton,
    SearchButton,
    StarredButton,
    build_page_view,
    clean_search_words,
)
from bot.errors import RefusedError
from bot.interactions.library import (
    EntryButton,
    VersionsButton,
    get_kind_title,
    get_library,
    give_to_library,
    load_viewer,
)
from bot.interactions.results import find_result_id
from bot.interactions.samples import build_lendable_brands
from bot.interactions.sharing import build_choices
from bot.kinds import load_kinds
from storage.assets import STATUSES
from storage.entries import EntryFilter

_MAX_SUGGESTIONS = 25
_STATUSES = [app_commands.Choice(name=name, value=name) for name in STATUSES]
_AGES = [
    app_commands.Choice(name=name, value=days)
    for name, days in (("a week", 7), ("a month", 30), ("three months", 91), ("a year", 365))
]


class LibraryCommand(commands.Cog):
    """The command that searches the user's and the server's library."""

    def __init__(self, bot: QuillmateBot) -> None:
        self._brands = build_lendable_brands(bot.app.profiles)

    @app_commands.command(name="library", description="Find what I made for you and what your team has saved")
    @app_commands.describe(
        words="Words it contains, or what it is about",
        kind="What kind of result it is",
        brand="The brand it was written for",
        status="Its status; if empty, everything that is not archived",
        author="Who added it to the team's library",
        since="Maximum age",
        collection="The collection it is in",
    )
    @app_commands.choices(status=_STATUSES)
    @app_commands.choices(since=_AGES)
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
        """Show the first page of matches privately."""
        entry_filter = EntryFilter(
            kind=_parse_kind(kind, interaction.locale.value),
            brand=(await self._brands.get(interaction, brand)).id if brand else "",
            status=status or "",
            author=str(author.id) if author else "",
            collection=await _find_collection_id(interaction, collection),
        )
        search = LibraryQuery(str(interaction.user.id), clean_search_words(words or ""), entry_filter, since or 0)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await whisper(interaction, await build_page_view(interaction, search))

    @library.autocomplete("kind")
    async def _suggest_kinds(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        query, locale = current.strip().casefold(), interaction.locale.value
        titles = ((get_kind_title(name, locale), name) for name in load_kinds())
        choices = [app_commands.Choice(name=title, value=name) for title, name in titles if query in title.casefold()]
        return choices[:_MAX_SUGGESTIONS]

    @library.autocomplete("brand")
    async def _suggest_brands(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        return await self._brands.list_choices(interaction, current)

    @library.autocomplete("collection")
    async def _suggest_collections(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        collections = await get_library(interaction).list_collections(await load_viewer(interaction))
        return build_choices([collection.name for collection in collections], current)


def _parse_kind(name: str | None, locale: str) -> str:
    """Return the kind with a name or a title; empty without a name.

    Raises:
        RefusedError: there is no such kind.
    """
    if not name:
        return ""
    query = name.strip().casefold()
    for kind_name in load_kinds():
        if query in (kind_name, get_kind_title(kind_name, locale).casefold()):
            return kind_name
    raise RefusedError('There is no kind called "{name}". /help lists them.', name=name.strip()[:60])


async def _find_collection_id(interaction: Interaction, name: str | None) -> str:
    """Return the id of the collection with a name; empty without a name. The user's own collections take precedence over
    the team's.

    Raises:
        RefusedError: there is no such collection.
    """
    if not name:
        return ""
    collections = await get_library(interaction).list_collections(await load_viewer(interaction))
    own_first = sorted(collections, key=lambda collection: collection.owner_id != str(interaction.user.id))
    for collection in own_first:
        if collection.name.casefold() == name.strip().casefold():
            return collection.id
    raise RefusedError('There is no collection called "{name}" here.', name=name.strip()[:60])


@app_commands.context_menu(name="Save to the team's library")
async def keep_in_library(interaction: Interaction, message: discord.Message) -> None:
    """Give the result in a message to the server's library."""
    is_own_message = interaction.client.user is not None and message.author.id == interaction.client.user.id
    generation_id = find_result_id(message) if is_own_message else None
    if generation_id is None:
        raise RefusedError("That message does not show one of my results.")
    await give_to_library(interaction, generation_id)


async def setup(bot: QuillmateBot) -> None:
    """Add the command and the menu entry for messages, and register the buttons of lists, so that old ones work, too."""
    bot.add_dynamic_items(PageButton, SearchButton, StarredButton, EntryButton, VersionsButton)
    bot.tree.add_command(keep_in_library)
    await bot.add_cog(LibraryCommand(bot))
