"""The buttons, menus and forms of a brand's page. They work after a restart; the service checks permissions."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import discord

from bot.client import Interaction, whisper
from bot.commands.brand.files import send_file
from bot.commands.brand.page import (
    TEMPLATE,
    TITLES,
    build_brand_actor,
    build_brand_page,
    build_custom_id,
    build_editors_page,
)
from bot.errors import RefusedError
from bot.interactions.components import UNSAVED_SECONDS, EditAgainButton, Form, PersistentItem
from bot.interactions.countries import parse_country
from bot.locales import translate, translate_error
from bot.replies.ledger import plain
from bot.replies.views import note_view
from bot.requests.intake import clean_text
from bot.team.brands import SECTIONS, SectionConflictError
from personas.book import MAX_FIELD_CHARACTERS, Book
from personas.book_fields import format_field

# The label of each field in a form, and an example of its input.
LABELS = {
    "about": "What it does, in one sentence",
    "country": "The country whose holidays count",
    "facts": "Facts, one per line: “label: value”",
    "links": "Links, one per line: “label: address”",
    "palette": "Colours, one per line: “name: #RRGGBB”",
    "boilerplate": "The text about you, word for word",
    "legal": "Legal lines, one per line: “where: line”",
    "claims": "Approved claims, one per line",
    "prefer": "Words you use, one per line",
    "avoid": "Words to avoid: “word: what to say instead”",
}
EXAMPLES = {
    "about": "We mend bikes and show how it is done.",
    "country": "DE",
    "facts": "Opening hours: Mon–Fri 8–18",
    "links": "Shop: https://shop.example",
    "palette": "Moss: #4A5D23",
    "boilerplate": "Since 1998 we have mended bikes for the town.",
    "legal": "ads, mails: Terms apply.",
    "claims": "Voted best workshop in Kiel 2025",
    "prefer": "tune-up",
    "avoid": "cheap: good value",
}
# Single-line fields.
_SINGLE_LINE_FIELDS = frozenset({"about", "country"})
# Maximum lines that show another member's changes.
_MAX_CHANGES = 12


class BrandItem(PersistentItem[discord.ui.Item[Any]], template=TEMPLATE):
    """A button or menu of a brand's page; its custom id names the action."""

    def __init__(self, action: str, brand_id: str, section: str) -> None:
        super().__init__(discord.ui.Button(custom_id=build_custom_id(action, brand_id, section)))
        self._action, self._brand_id, self._section = action, brand_id, section

    async def act(self, interaction: Interaction) -> None:
        """Run the action; the service refuses it if the user lacks the permission."""
        books, actor = interaction.client.app.brand_books, build_brand_actor(interaction)
        match self._action:
            case "edit" if self._section in SECTIONS:
                brand_view = await books.load_editable(actor, self._brand_id)
                await interaction.response.send_modal(
                    SectionForm(self._brand_id, self._section, brand_view.brand.value.book, interaction.locale.value)
                )
            case "who":
                await self._show_editors_page(interaction)
            case "open":
                await books.set_editors(actor, self._brand_id, open_to=self._values()[0])
                await self._show_editors_page(interaction)
            case "named":
                await books.set_editors(actor, self._brand_id, named=tuple(self._values()))
                await self._show_editors_page(interaction)
            case "page":
                await show_page(interaction, self._brand_id, replaces=True)
            case "export":
                brand_view = await books.load_editable(actor, self._brand_id)
                await send_file(interaction, brand_view.brand.value)
            case _:
                raise RefusedError("That button no longer works.")

    async def _show_editors_page(self, interaction: Interaction) -> None:
        brand_view = await interaction.client.app.brand_books.open(build_brand_actor(interaction), self._brand_id)
        if not brand_view.can_share:
            raise RefusedError("Only owners can decide who may edit a brand of this server.")
        await interaction.response.edit_message(
            view=build_editors_page(brand_view, interaction.locale.value), attachments=[]
        )

    def _values(self) -> list[str]:
        return [value if isinstance(value, str) else str(value.id) for value in getattr(self.item, "values", ())]


async def show_page(interaction: Interaction, brand_id: str, *, replaces: bool = False) -> None:
    """Show a brand's page privately; `replaces` shows it in place of the message of the pressed component."""
    actor, locale = build_brand_actor(interaction), interaction.locale.value
    brand_view = await interaction.client.app.brand_books.open(actor, brand_id)
    view, files = await build_brand_page(brand_view, actor, locale)
    silent = discord.AllowedMentions.none()
    if replaces and interaction.message is not None:
        await interaction.response.edit_message(view=view, attachments=files, allowed_mentions=silent)
    elif interaction.response.is_done():
        await interaction.followup.send(view=view, files=files, ephemeral=True, allowed_mentions=silent)
    else:
        await interaction.response.send_message(view=view, files=files, ephemeral=True, allowed_mentions=silent)


class SectionForm(Form):
    """Ask for the fields of a section of a brand book; `inputs` replaces the stored values."""

    def __init__(
        self, brand_id: str, section: str, book: Book, locale: str, inputs: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(title=translate(TITLES[section], locale))
        self._brand_id, self._section, self._locale = brand_id, section, locale
        self._original_book = book
        self._inputs: dict[str, discord.ui.TextInput[SectionForm]] = {}
        for name in SECTIONS[section]:
            is_single_line = name in _SINGLE_LINE_FIELDS
            field: discord.ui.TextInput[SectionForm] = discord.ui.TextInput(
                custom_id=name,
                style=discord.TextStyle.short if is_single_line else discord.TextStyle.paragraph,
                required=False,
                max_length=MAX_FIELD_CHARACTERS,
                default=(inputs or {}).get(name) or format_field(book, name) or None,
                placeholder=translate(EXAMPLES[name], locale)[:100],
            )
            self._inputs[name] = field
            self.add_item(discord.ui.Label(text=translate(LABELS[name], locale)[:45], component=field))

    async def act(self, interaction: Interaction) -> None:
        """Store the section and show the updated page; on a conflict, show the other member's changes.

        Raises:
            BookError: a line is invalid; the message names it.
            RefusedError: the user may no longer edit the brand, the input contains a key or password, or the
                country's holidays are unknown.
        """
        inputs = {name: field.value for name, field in self._inputs.items()}
        for text in inputs.values():
            clean_text(text)
        if inputs.get("country"):  # In a thread, as importing the holidays package takes a while.
            inputs["country"] = await asyncio.to_thread(parse_country, inputs["country"], self._locale)
        books = interaction.client.app.brand_books
        try:
            await books.write(build_brand_actor(interaction), self._brand_id, inputs, self._original_book)
        except SectionConflictError as error:
            await self._show_conflict(interaction, error, inputs)
            return
        await show_page(interaction, self._brand_id, replaces=True)

    async def _show_conflict(
        self, interaction: Interaction, error: SectionConflictError, inputs: Mapping[str, str]
    ) -> None:
        """Show another member's changes, with a button that opens the form with the user's input again, now based on the
        current book.
        """
        lines = [translate_error(error, self._locale), *_format_changes(error.changes)]
        view = note_view("\n".join(lines), wrong=True)
        view.hold(UNSAVED_SECONDS)
        form = SectionForm(self._brand_id, self._section, error.book, self._locale, inputs)
        view.add_item(discord.ui.ActionRow(EditAgainButton(form, self._locale)))
        await whisper(interaction, view)


def _format_changes(changes: Sequence[str]) -> list[str]:
    lines = [f"{line[:2]}{plain(line[2:102])}" for line in changes[:_MAX_CHANGES]]
    return [
        *(f"\\{line}" if line.startswith("-") else line for line in lines),
        *(["…"] if len(changes) > _MAX_CHANGES else []),
    ]
