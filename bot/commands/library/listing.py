"""The list of library entries; the custom ids in its message hold the query."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import discord

from bot.client import Interaction
from bot.errors import RefusedError
from bot.interactions.components import Form, PersistentItem
from bot.interactions.library import (
    NOT_YOURS,
    build_action_id,
    format_small_print,
    get_kind_title,
    get_library,
    load_viewer,
)
from bot.interactions.review import STATUS_NAMES, Button
from bot.locales import translate
from bot.reading.titles import find_title
from bot.replies.ledger import plain
from bot.replies.views import COLOURS, ActionRow, Layout
from bot.team.library.library import LibraryPage
from storage.assets import STATUSES
from storage.entries import ALL, EntryFilter, LibraryEntry

MAX_WORDS = 60
_SILENT = discord.AllowedMentions.none()


@dataclass(frozen=True, slots=True)
class LibraryQuery:
    """The query of a list: a user's search words and filters. It is stored in the custom ids of two buttons of the list, so
    that it survives a restart: the words in `quillsearch:`, the filters in `quillstarred:`.
    """

    user_id: str
    words: str = ""
    entry_filter: EntryFilter = ALL
    days: int = 0

    def build_search_id(self) -> str:
        """Return the custom id that holds the user and the words."""
        return f"quillsearch:{self.user_id}:{self.words}"

    def build_filters_id(self) -> str:
        """Return the custom id that holds the filters."""
        entry_filter = self.entry_filter
        status = str(STATUSES.index(entry_filter.status)) if entry_filter.status else ""
        parts = (
            entry_filter.kind,
            status,
            entry_filter.author,
            entry_filter.brand,
            str(self.days or ""),
            entry_filter.collection,
            "1" if entry_filter.starred else "",
        )
        return f"quillstarred:{'.'.join(parts)}"

    @classmethod
    def of(cls, message: discord.Message | None, user_id: int) -> Self:
        """Read the query from the message of a list.

        Raises:
            RefusedError: the list is another user's, or the message has none.
        """
        component_text = str([component.to_dict() for component in message.components]) if message else ""
        search_id = re.search(r"quillsearch:(\d{1,20}):([^'\"]{0,60})", component_text)
        filters = re.search(r"quillstarred:([\w.-]{0,90})", component_text)
        parts = filters[1].split(".") if filters else []
        if not search_id or len(parts) != 7:
            raise RefusedError("I no longer have that list. Open a new one with /library.")
        if search_id[1] != str(user_id):
            raise RefusedError(NOT_YOURS)
        kind, status, author, brand, days, collection, starred = parts
        entry_filter = EntryFilter(
            kind, brand, STATUSES[int(status)] if status else "", author, None, collection, bool(starred)
        )
        return cls(search_id[1], search_id[2], entry_filter, int(days or 0))

    def build_filters(self) -> EntryFilter:
        """Return the filter, with the number of days converted to a time."""
        since = datetime.now(UTC) - timedelta(days=self.days) if self.days else None
        return replace(self.entry_filter, since=since)


def clean_search_words(words: str) -> str:
    """Put the words on one line, without quotation marks and truncated, so that they fit into a custom id."""
    return " ".join(re.sub(r"['\"\\]", " ", words).split())[:MAX_WORDS].strip()


async def build_page_view(interaction: Interaction, query: LibraryQuery, number: int = 0) -> discord.ui.LayoutView:
    """Build a page of the list."""
    locale, viewer = interaction.locale.value, await load_viewer(interaction)
    page = await get_library(interaction).load_page(
        viewer, query.words, query.build_filters(), number, language=locale.partition("-")[0]
    )
    box = discord.ui.Container[discord.ui.LayoutView](accent_colour=COLOURS["chat"])
    box.add_item(discord.ui.TextDisplay(_format_heading(query, page, locale)))
    for entry in page.entries:
        button: Button = discord.ui.Button(label=translate("Open", locale), custom_id=build_action_id("open", entry))
        box.add_item(discord.ui.Section(discord.ui.TextDisplay(_format_line(entry, locale)), accessory=button))
    if not page.entries:
        box.add_item(discord.ui.TextDisplay(translate(_choose_empty_text(query), locale)))
    view = Layout()
    view.add_item(box)
    view.add_item(_build_navigation(query, page, locale))
    return view


def _choose_empty_text(query: LibraryQuery) -> str:
    if query.words or query.entry_filter != ALL or query.days:
        return "No matches. Try other words or fewer filters."
    return (
        "Nothing here yet. This is where you'll find what I make for you and what members save to the team's library."
    )


def _format_heading(query: LibraryQuery, page: LibraryPage, locale: str) -> str:
    parts = [f"“{plain(query.words)}”"] if query.words else []
    parts += [get_kind_title(query.entry_filter.kind, locale)] if query.entry_filter.kind else []
    parts += [translate(STATUS_NAMES[query.entry_filter.status], locale)] if query.entry_filter.status else []
    parts += [f"<@{query.entry_filter.author}>"] if query.entry_filter.author else []
    parts += ["★"] if query.entry_filter.starred else []
    parts.append(translate("page {number}", locale).format(number=page.number + 1))
    return f"### {translate('Library', locale)}\n-# {' · '.join(parts)}"


def _format_line(entry: LibraryEntry, locale: str) -> str:
    title = entry.title or find_title(entry.text, entry.parts)
    return f"**{plain(title)}**\n-# {format_small_print(entry, locale)}"


def _build_navigation(query: LibraryQuery, page: LibraryPage, locale: str) -> ActionRow:
    """Build the row of buttons that turn pages, change the search words, and filter by star."""
    row = ActionRow()
    number = page.number
    row.add_item(discord.ui.Button(label="◀", custom_id=f"quillpage:{max(0, number - 1)}:back", disabled=not number))
    row.add_item(discord.ui.Button(label="▶", custom_id=f"quillpage:{number + 1}:on", disabled=not page.has_more))
    row.add_item(discord.ui.Button(label=translate("Search…", locale), emoji="🔎", custom_id=query.build_search_id()))
    toggle_label = "Show all" if query.entry_filter.starred else "Starred"
    row.add_item(
        discord.ui.Button(label=translate(toggle_label, locale), emoji="⭐", custom_id=query.build_filters_id())
    )
    return row


class PageButton(PersistentItem[discord.ui.Button[Any]], template=r"quillpage:(?P<number>\d{1,6}):(?P<way>back|on)"):
    """A button that turns to a page of the list."""

    def __init__(self, number: str, way: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillpage:{number}:{way}"))
        self._number = int(number)

    async def act(self, interaction: Interaction) -> None:
        """Show the page in place of the current one."""
        await _show_list(interaction, LibraryQuery.of(interaction.message, interaction.user.id), self._number)


class SearchButton(
    PersistentItem[discord.ui.Button[Any]], template=r"quillsearch:(?P<user_id>\d{1,20}):(?P<words>.{0,60})"
):
    """A button that asks for search words."""

    def __init__(self, user_id: str, words: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillsearch:{user_id}:{words}"))

    async def act(self, interaction: Interaction) -> None:
        """Open the modal."""
        query = LibraryQuery.of(interaction.message, interaction.user.id)
        await interaction.response.send_modal(SearchModal(query, interaction.locale.value))


class SearchModal(Form):
    """Ask for search words; without any, the full list is shown."""

    def __init__(self, query: LibraryQuery, locale: str) -> None:
        super().__init__(title=translate("Search the library", locale))
        self._search = query
        self.words: discord.ui.TextInput[SearchModal] = discord.ui.TextInput(
            required=False, max_length=MAX_WORDS, default=query.words or None
        )
        self.add_item(
            discord.ui.Label(text=translate("Words in it, or what it is about", locale), component=self.words)
        )

    async def act(self, interaction: Interaction) -> None:
        """Show the matches."""
        await _show_list(interaction, replace(self._search, words=clean_search_words(self.words.value)))


class StarredButton(PersistentItem[discord.ui.Button[Any]], template=r"quillstarred:(?P<filters>[\w.-]{0,90})"):
    """A button that toggles between starred and all entries."""

    def __init__(self, filters: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillstarred:{filters}"))

    async def act(self, interaction: Interaction) -> None:
        """Show the other entries."""
        query = LibraryQuery.of(interaction.message, interaction.user.id)
        await _show_list(
            interaction,
            replace(query, entry_filter=replace(query.entry_filter, starred=not query.entry_filter.starred)),
        )


async def _show_list(interaction: Interaction, query: LibraryQuery, number: int = 0) -> None:
    """Show a page in place of the current one. The interaction is acknowledged first, as indexing new results may take a
    while.
    """
    await interaction.response.defer()
    view = await build_page_view(interaction, query, number)
    await interaction.edit_original_response(view=view, allowed_mentions=_SILENT)
