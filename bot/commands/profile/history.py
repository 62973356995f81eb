"""/profile history: all entries of the ledger; current ones have a button that undoes them."""

from __future__ import annotations

from collections.abc import Mapping

import discord

from bot.client import Interaction
from bot.commands.profile.buttons import build_button
from bot.commands.profile.places import load_brand_names
from bot.locales import translate
from bot.markup import shorten
from bot.replies.ledger import build_undo_button, day, format_origin, format_place, format_value, label, plain
from bot.replies.views import COLOURS, Layout
from personas.ledger import Entry

_ENTRIES_PER_PAGE, _MAX_VALUE_CHARACTERS = 8, 200


async def show_history(interaction: Interaction, start: int = 0) -> None:
    """Show a page of the ledger from an offset, newest first: values, origins, and a button to undo each current entry."""
    locale = interaction.locale.value
    entries = await interaction.client.app.profiles.load_history(str(interaction.user.id))
    brand_names = await load_brand_names(interaction)
    page = entries[start : start + _ENTRIES_PER_PAGE]
    view = Layout()
    container = discord.ui.Container[discord.ui.LayoutView](accent_colour=COLOURS["chat"])
    view.add_item(container)
    container.add_item(discord.ui.TextDisplay(f"### {translate('History', locale)}"))
    if not page:
        container.add_item(discord.ui.TextDisplay(translate("Nothing yet.", locale)))
    for entry in page:
        text_display = discord.ui.TextDisplay[discord.ui.LayoutView](_format_entry(entry, locale, brand_names))
        container.add_item(
            text_display
            if entry.ended_at
            else discord.ui.Section(text_display, accessory=build_undo_button(entry, locale))
        )
    if len(entries) > start + _ENTRIES_PER_PAGE:
        row = discord.ui.ActionRow[discord.ui.LayoutView]()
        row.add_item(build_button("history", str(start + _ENTRIES_PER_PAGE), translate("Older", locale)))
        view.add_item(row)
    await interaction.response.send_message(view=view, ephemeral=True)


def _format_entry(entry: Entry, locale: str, brand_names: Mapping[str, str]) -> str:
    value = shorten(plain(format_value(entry.value, entry.field, locale)), _MAX_VALUE_CHARACTERS)
    confidence = f" · {entry.confidence:.0%}" if entry.origin == "learnt" else ""
    end_date = f" – {day(entry.ended_at)}" if entry.ended_at else ""
    source = format_origin(entry.origin, entry.evidence, locale)
    place = format_place(entry.scope, locale, brand_names)
    heading = f"{label(entry.field, locale)}: {value}"
    heading = f"~~{heading}~~" if entry.ended_at else f"**{heading}**"
    return f"{heading}\n-# {day(entry.created_at)}{end_date} · {source}{confidence} · {place}"
