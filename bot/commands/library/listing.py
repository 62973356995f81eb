"""The list of a library; its message holds the state of its buttons."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import discord

from bot.client import Interaction
from bot.commands._components import Form, PersistentItem
from bot.commands._library import (
    NOT_YOURS,
    build_action_id,
    format_small_print,
    get_kind_title,
    get_library,
    load_viewer,
)
from bot.commands._review import STATUS_NAMES, Button
from bot.errors import RefusedError
from bot.locales import translate
from bot.replies.ledger import plain
from bot.replies.views import COLOURS, ActionRow, Layout
from bot.team.library.library import LibraryPage
from bot.team.titles import title_of
from storage.assets import STATUSES
from storage.entries import ALL, EntryFilter, LibraryEntry

MAX_WORDS = 60
_SILENT = discord.AllowedMentions.none()


@dataclass(frozen=True, slots=True)
class LibrarySearch:
    """A search of a user. It is stored in the custom ids of two of the list's buttons, so that it survives a restart:
    `quillsearch:` has the words, `quillstarred:` the filters.
    """

    user_id: str
    words: str = ""
    wanted: EntryFilter = ALL
    days: int = 0

    def build_search_id(self) -> str:
        """Return the custom id that holds the user and the words."""
        return f"quillsearch:{self.user_id}:{self.words}"

    def build_filters_id(self) -> str:
        """Return the custom id that holds the filters."""
        entry_filter = self.wanted
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
        """Return the search of the list in a message.

        Raises:
            RefusedError: it is another user's, or there is none.
        """
        component_text = str([component.to_dict() for component in message.components]) if message else ""
        searched = re.search(r"quillsearch:(\d{1,20}):([^'\"]{0,60})", component_text)
        filters = re.search(r"quillstarred:([\w.-]{0,90})", component_text)
        parts = filters[1].split(".") if filters else []
        if not searched or len(parts) != 7:
            raise RefusedError("I no longer have that list. Open a new one with /library.")
        if searched[1] != str(user_id):
            raise RefusedError(NOT_YOURS)
        kind, status, author, brand, days, collection, starred = parts
        entry_filter = EntryFilter(
            kind, brand, STATUSES[int(status)] if status else "", author, None, collection, bool(starred)
        )
        return cls(searched[1], searched[2], entry_filter, int(days or 0))

    def build_filters(self) -> EntryFilter:
        """Return the filters, with the number of days as a moment."""
        since = datetime.now(UTC) - timedelta(days=self.days) if self.days else None
        return replace(self.wanted, since=since)


def clean_search_words(words: str) -> str:
    """Return the words in one line, as they fit into a custom id."""
    return " ".join(re.sub(r"['\"\\]", " ", words).split())[:MAX_WORDS].strip()


async def build_page_view(interaction: Interaction, search: LibrarySearch, number: int = 0) -> discord.ui.LayoutView:
    """Build a page of the list."""
    locale, viewer = interaction.locale.value, await load_viewer(interaction)
    page = await get_library(interaction).load_page(
        viewer, search.words, search.build_filters(), number, language=locale.partition("-")[0]
    )
    box = discord.ui.Container[discord.ui.LayoutView](accent_colour=COLOURS["chat"])
    box.add_item(discord.ui.TextDisplay(_format_heading(search, page, locale)))
    for entry in page.entries:
        button: Button = discord.ui.Button(label=translate("Open", locale), custom_id=build_action_id("open", entry))
        box.add_item(discord.ui.Section(discord.ui.TextDisplay(_format_line(entry, locale)), accessory=button))
    if not page.entries:
        box.add_item(discord.ui.TextDisplay(translate(_format_no_results(search), locale)))
    view = Layout()
    view.add_item(box)
    view.add_item(_build_navigation(search, page, locale))
    return view


def _format_no_results(search: LibrarySearch) -> str:
    if search.words or search.wanted != ALL or search.days:
        return "No matches. Try other words or fewer filters."
    return "Nothing here yet. This is where you find what I make for you and what members keep in the team's library."


def _format_heading(search: LibrarySearch, page: LibraryPage, locale: str) -> str:
    parts = [f"“{plain(search.words)}”"] if search.words else []
    parts += [get_kind_title(search.wanted.kind, locale)] if search.wanted.kind else []
    parts += [translate(STATUS_NAMES[search.wanted.status], locale)] if search.wanted.status else []
    parts += [f"<@{search.wanted.author}>"] if search.wanted.author else []
    parts += ["★"] if search.wanted.starred else []
    parts.append(translate("page {number}", locale).format(number=page.number + 1))
    return f"### {translate('Library', locale)}\n-# {' · '.join(parts)}"


def _format_line(entry: LibraryEntry, locale: str) -> str:
    title = entry.title or title_of(entry.text, entry.parts)
    return f"**{plain(title)}**\n-# {format_small_print(entry, locale)}"


def _build_navigation(search: LibrarySearch, page: LibraryPage, locale: str) -> ActionRow:
    """Build the row that turns pages, asks for other words, and filters starred entries."""
    row = ActionRow()
    number = page.number
    row.add_item(discord.ui.Button(label="◀", custom_id=f"quillpage:{max(0, number - 1)}:back", disabled=not number))
    row.add_item(discord.ui.Button(label="▶", custom_id=f"quillpage:{number + 1}:on", disabled=not page.has_more))
    row.add_item(discord.ui.Button(label=translate("Search…", locale), emoji="🔎", custom_id=search.build_search_id()))
    all_or_starred = "Show all" if search.wanted.starred else "Starred"
    row.add_item(
        discord.ui.Button(label=translate(all_or_starred, locale), emoji="⭐", custom_id=search.build_filters_id())
    )
    return row


class PageButton(PersistentItem[discord.ui.Button[Any]], template=r"quillpage:(?P<number>\d{1,6}):(?P<way>back|on)"):
    """Turns to a page of its list."""

    def __init__(self, number: str, way: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillpage:{number}:{way}"))
        self._number = int(number)

    async def act(self, interaction: Interaction) -> None:
        """Replace the shown page."""
        await _show_list(interaction, LibrarySearch.of(interaction.message, interaction.user.id), self._number)


class SearchButton(
    PersistentItem[discord.ui.Button[Any]], template=r"quillsearch:(?P<user_id>\d{1,20}):(?P<words>.{0,60})"
):
    """Asks for search words."""

    def __init__(self, user_id: str, words: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillsearch:{user_id}:{words}"))

    async def act(self, interaction: Interaction) -> None:
        """Open the modal."""
        search = LibrarySearch.of(interaction.message, interaction.user.id)
        await interaction.response.send_modal(SearchModal(search, interaction.locale.value))


class SearchModal(Form):
    """Ask for words, none for the full list."""

    def __init__(self, search: LibrarySearch, locale: str) -> None:
        super().__init__(title=translate("Search the library", locale))
        self._search = search
        self.words: discord.ui.TextInput[SearchModal] = discord.ui.TextInput(
            required=False, max_length=MAX_WORDS, default=search.words or None
        )
        self.add_item(discord.ui.Label(text=translate("Words, or what it is about", locale), component=self.words))

    async def act(self, interaction: Interaction) -> None:
        """Search."""
        await _show_list(interaction, replace(self._search, words=clean_search_words(self.words.value)))


class StarredButton(PersistentItem[discord.ui.Button[Any]], template=r"quillstarred:(?P<filters>[\w.-]{0,90})"):
    """Toggles between starred entries and all."""

    def __init__(self, filters: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillstarred:{filters}"))

    async def act(self, interaction: Interaction) -> None:
        """Show them."""
        search = LibrarySearch.of(interaction.message, interaction.user.id)
        await _show_list(interaction, replace(search, wanted=replace(search.wanted, starred=not search.wanted.starred)))


async def _show_list(interaction: Interaction, search: LibrarySearch, number: int = 0) -> None:
    """Replace the shown page. Acknowledged first, as many new results may have to be indexed."""
    await interaction.response.defer()
    view = await build_page_view(interaction, search, number)
    await interaction.edit_original_response(view=view, allowed_mentions=_SILENT)
