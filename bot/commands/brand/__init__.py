"""/brand: how an organisation writes: its voice, learnt from samples, and its brand book, edited on a page."""

from __future__ import annotations

from typing import Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.admission.quotas import QuotaNotification
from bot.client import Interaction, QuillmateBot, whisper
from bot.commands._samples import (
    MAX_NAME,
    NONE,
    SampleModal,
    build_lendable_brands,
    find_name_in_use,
    format_brand,
    learn_sample,
    read_attachment,
)
from bot.commands._sharing import GIVEN_TO_SERVER, PLACES, WORKSPACE, describe_scope, find_by_name, is_manager
from bot.commands._side_calls import admit_side_call, send_quota_notifications
from bot.design.model_colours import choose_colours, find_chooser
from bot.design.palettes import MAX_GIVEN, MAX_READ, build_palette, find_colours
from bot.documents.materials import check_file
from bot.errors import RefusedError
from bot.generation.branding import list_legal_line_scopes
from bot.locales import localize, translate
from bot.replies.ledger import plain
from bot.replies.palette_page import list_colours
from bot.requests.intake import harmless
from personas.book import Book, merge_data
from personas.profile import clean_name
from personas.style import Brand, describe_style
from storage.owned_items import OwnedItem
from storage.owners import workspace
from storage.profiles import NO_BRAND

from .files import read_file, send_file, send_palette, send_sheet
from .forms import BrandItem, show_page
from .page import build_asker

# The name that selects a place's default brand.
DEFAULT = "default"


class BrandCommands(
    commands.GroupCog, group_name="brand", group_description="Your brand: its voice, its facts, its rules"
):
    """The user's brands, and those shared with the place."""

    def __init__(self, bot: QuillmateBot) -> None:
        self._profiles = bot.app.profiles
        self._brands, self._books = build_lendable_brands(bot.app.profiles), bot.app.brand_books

    @app_commands.command(name="learn", description="Learn a brand's voice from texts you have written")
    @app_commands.describe(
        name="What the brand is called", file="A .txt, .md, .pdf or .docx file; without one, I ask for a text"
    )
    async def learn_(
        self,
        interaction: Interaction,
        name: app_commands.Range[str, 1, MAX_NAME] | None = None,
        file: discord.Attachment | None = None,
    ) -> None:
        """Learn from a file, or open a modal to paste a text into."""
        name = name or await find_name_in_use(interaction)
        if file is None:
            await interaction.response.send_modal(SampleModal(name, interaction.locale.value))
            return
        check_file(file.filename, file.size, file.content_type or "")
        await interaction.response.defer(ephemeral=True, thinking=True)
        found = await read_attachment(file, interaction.user.id)
        await learn_sample(interaction, name, found.text, "file", found.notes)

    @app_commands.command(name="show", description="See how your brands sound")
    @app_commands.describe(name="A brand; if empty, all of them")
    async def show(self, interaction: Interaction, name: str | None = None) -> None:
        """Show the measurements, without the samples."""
        locale, user_id = interaction.locale.value, str(interaction.user.id)
        if name:
            shown = await self._brands.get(interaction, name)
            if shown.value.book.has_content:
                await show_page(interaction, shown.id)
                return
            await whisper(interaction, format_brand(shown.value, locale, is_own=shown.owner_id == user_id))
            return
        chosen, known = (await self._profiles.load_choices(user_id)).brand, await self._brands.list_all(interaction)
        lines = [_format_line(one, one.id == chosen, locale, own=one.owner_id == user_id) for one in known]
        lines += await self._brands.list_unreadable(interaction)
        none = translate("There is no brand yet. Use /brand learn to learn one from your texts.", locale)
        await whisper(interaction, "\n".join([f"### {translate('Brand voice', locale)}", *(lines or [none])]))

    @app_commands.command(name="use", description="Choose the brand whose voice I write in")
    @app_commands.describe(name="A brand, “none”, or “default” for the one set where you ask")
    async def use(self, interaction: Interaction, name: str) -> None:
        """Choose a brand for later requests."""
        user_id, locale = str(interaction.user.id), interaction.locale.value
        if name.strip().casefold() == NONE:
            await self._profiles.use_brand(user_id, NO_BRAND)
            await whisper(interaction, translate("From now on I write without a brand voice.", locale))
            return
        if name.strip().casefold() == DEFAULT and not await self._brands.find(interaction, name):
            await self._profiles.use_brand(user_id, "")
            message = (
                "From now on I use the brand that is set in the place where you ask, or none if none is set there."
            )
            await whisper(interaction, translate(message, locale))
            return
        chosen = await self._brands.get(interaction, name)
        await self._profiles.use_brand(user_id, chosen.id)
        await whisper(interaction, format_brand(chosen.value, locale, is_own=chosen.owner_id == user_id))

    @app_commands.command(name="make", description="Create a brand with facts, links, colours and legal lines")
    @app_commands.describe(name="What the brand is called")
    async def make(self, interaction: Interaction, name: app_commands.Range[str, 1, MAX_NAME]) -> None:
        """Create an empty one and open its page; for an existing one only the page."""
        made = await self._get_or_create(interaction, name)
        await show_page(interaction, made.id)

    @app_commands.command(name="edit", description="Edit the details of your brand or of a brand of this server")
    @app_commands.describe(name="A brand you may edit")
    async def edit(self, interaction: Interaction, name: str) -> None:
        """Open its page, for those who may edit it."""
        found = await self._brands.get(interaction, name)
        await self._books.load_editable(build_asker(interaction), found.id)
        await show_page(interaction, found.id)

    @app_commands.command(
        name="sheet", description="See a brand on one page: colours, readable combinations, words, links"
    )
    @app_commands.describe(name="A brand; if empty, the one in use")
    async def sheet(self, interaction: Interaction, name: str | None = None) -> None:
        """Show it privately, with its colours as CSS and design tokens."""
        found = await self._brands.get(interaction, name) if name else await self._get_shown_brand(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await send_sheet(interaction, found.value)

    async def _get_shown_brand(self, interaction: Interaction) -> OwnedItem[Brand]:
        """Return the brand in use, or the only one.

        Raises:
            RefusedError: there is none, or there are several and none is in use.
        """
        if used := await self._profiles.find_brand(str(interaction.user.id)):
            return used
        known = await self._brands.list_all(interaction)
        if len(known) > 1:
            raise RefusedError(
                "Which brand? Choose one of these: {names}.", names=sorted(one.value.name for one in known)
            )
        if not known:
            raise RefusedError("There is no brand yet. Use /brand learn to learn one from your texts.")
        return known[0]

    @app_commands.command(
        name="palette", description="Get colours that are readable together, from a mood, a trade or a colour"
    )
    @app_commands.describe(
        words="For example: warm, a bakery, #7A3E1D", keep="A brand you may edit; it gets this palette"
    )
    async def palette(
        self, interaction: Interaction, words: app_commands.Range[str, 1, MAX_READ], keep: str | None = None
    ) -> None:
        """Show it privately, with files for programs; store it in a brand if one is named."""
        words = harmless(words)
        brand = await self._brands.get(interaction, keep) if keep else None
        asker = build_asker(interaction)
        if brand is not None:
            await self._books.load_editable(asker, brand.id)
        engine, chosen, notes = find_chooser(interaction.client.app.engines), list[str](), list[QuotaNotification]()
        if engine is None or len(find_colours(words)) >= MAX_GIVEN:
            build_palette(words)  # Refused before the interaction is acknowledged.
            await interaction.response.defer(ephemeral=True, thinking=True)
        else:
            async with admit_side_call(interaction, "layout", engine) as notes:
                await interaction.response.defer(ephemeral=True, thinking=True)
                chosen = await choose_colours(words, engine)
        made = build_palette(words, interaction.locale.value.partition("-")[0], chosen)
        if brand is not None:
            colours = [str(colour) for colour in list_colours(made, interaction.locale.value)]
            await self._books.import_book(asker, brand.id, {"palette": colours})
        await send_palette(interaction, made, words, brand.value.name if brand else "")
        await send_quota_notifications(interaction, notes)

    @app_commands.command(name="export", description="Download a brand's details as a file")
    @app_commands.describe(name="A brand you may edit", form="JSON, or TOML to edit by hand")
    async def export(self, interaction: Interaction, name: str, form: Literal["json", "toml"] = "json") -> None:
        """Send the file privately."""
        found = await self._brands.get(interaction, name)
        opened = await self._books.load_editable(build_asker(interaction), found.id)
        await send_file(interaction, opened.brand.value, form)

    @app_commands.command(name="import", description="Fill in a brand from a JSON or TOML file")
    @app_commands.describe(
        file="A file in the format of /brand export", name="A brand you may edit; if empty, the one named in the file"
    )
    async def import_(self, interaction: Interaction, file: discord.Attachment, name: str | None = None) -> None:
        """Import the file; fields that it does not name are unchanged."""
        data = await read_file(file)
        wanted = name or str(data.get("name") or "")
        known = await self._brands.find(interaction, wanted) if wanted else None
        if known is None:
            _validate(data)  # Before a brand is created for it.
            known = await self._get_or_create(interaction, wanted)
        await self._books.import_book(build_asker(interaction), known.id, data)
        await show_page(interaction, known.id)

    async def _get_or_create(self, interaction: Interaction, name: str) -> OwnedItem[Brand]:
        """Return the user's own brand of that name, a new one if there is none.

        Raises:
            RefusedError: the name is not visible or reserved, or the maximum is reached.
        """
        name = clean_name(harmless(name))[:MAX_NAME]
        if not name or name.casefold() in (NONE, DEFAULT):
            raise RefusedError("A brand needs a name, such as the name of your shop.")
        known = await self._brands.find(interaction, name, own_only=True)
        return known or await self._profiles.brands.add(str(interaction.user.id), Brand(name=name, samples=()))

    @app_commands.command(name="lend", description="Let a channel or the server use your brand's voice")
    @app_commands.describe(name="One of your brands", to="Who may use it, or the server that should own it")
    @app_commands.choices(to=PLACES)
    async def lend(self, interaction: Interaction, name: str, to: str) -> None:
        """Share it, or withdraw it with "only me"."""
        if to == WORKSPACE:
            await self._copy_server_book(interaction, name)
        lent = await self._brands.lend(interaction, name, to)
        done = "It can be used there now. Your samples stay yours." if lent else "Only you can use it now."
        await whisper(interaction, translate(GIVEN_TO_SERVER if to == WORKSPACE else done, interaction.locale.value))

    async def _copy_server_book(self, interaction: Interaction, name: str) -> None:
        """Copy the book of the server's brand of that name into the user's own one, which replaces it and has none."""
        mine, server = await self._brands.find(interaction, name, own_only=True), workspace(interaction.guild_id or 0)
        if mine is None or mine.value.book.has_content or not is_manager(interaction):
            return
        theirs = [one for one in await self._brands.list_all(interaction) if one.owner_id == server]
        older = find_by_name(theirs, mine.value.name, lambda brand: brand.name)
        if older is not None:
            book = older.value.book
            await self._profiles.brands.change(
                mine.owner_id, mine.id, lambda brand: brand.model_copy(update={"book": book})
            )

    @app_commands.command(name="delete", description="Delete a brand and its samples")
    @app_commands.describe(name="One of your brands")
    async def delete(self, interaction: Interaction, name: str) -> None:
        """Delete it at once, with its samples."""
        done = await self._brands.remove(interaction, name)
        await whisper(interaction, translate(done, interaction.locale.value))

    @use.autocomplete("name")
    async def _suggest_usable(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        return await self._brands.list_choices(interaction, current, NONE, DEFAULT)

    @palette.autocomplete("keep")
    @edit.autocomplete("name")
    @export.autocomplete("name")
    @import_.autocomplete("name")
    @show.autocomplete("name")
    @delete.autocomplete("name")
    async def _suggest_visible(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        return await self._brands.list_choices(interaction, current)

    @learn_.autocomplete("name")
    @lend.autocomplete("name")
    async def _suggest_own(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        return await self._brands.list_choices(interaction, current, own_only=True)


def _format_line(one: OwnedItem[Brand], chosen: bool, locale: str, *, own: bool) -> str:
    marks = [
        translate("in use", locale) if chosen else "",
        translate(describe_scope(one), locale) if describe_scope(one) else "",
    ]
    told = f" ({', '.join(filter(None, marks))})" if any(marks) else ""
    return f"**{plain(one.value.name)}**{told}\n-# {_format_summary(one.value, locale, own=own)}"


def _format_summary(brand: Brand, locale: str, *, own: bool) -> str:
    return plain(
        localize(describe_style(brand.style, favourites=own), locale) if brand.style else brand.book.about or "…"
    )


def _validate(data: object) -> None:
    """Raise BookError for data that no brand can hold."""
    merge_data(Book(), data, list_legal_line_scopes())


async def setup(bot: QuillmateBot) -> None:
    """Add the commands, and make the components of brands' pages work, old ones too."""
    bot.add_dynamic_items(BrandItem)
    await bot.add_cog(BrandCommands(bot))
