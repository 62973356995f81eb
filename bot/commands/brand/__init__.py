"""/brand: a brand's voice, learnt from samples, and its brand book, edited on a page."""

from __future__ import annotations

from typing import Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.admission.quotas import QuotaNotification
from bot.client import Interaction, QuillmateBot, whisper
from bot.commands.brand.files import read_file, send_file, send_palette, send_sheet
from bot.commands.brand.forms import BrandItem, show_page
from bot.commands.brand.page import build_brand_actor
from bot.design.model_colours import choose_colours, find_chooser
from bot.design.palettes import MAX_INPUT_CHARACTERS, MAX_USER_COLOURS, build_palette, find_colours
from bot.documents.materials import check_file
from bot.errors import RefusedError
from bot.generation.branding import list_legal_line_scopes
from bot.interactions.samples import (
    MAX_NAME_CHARACTERS,
    NONE,
    SampleModal,
    build_lendable_brands,
    find_name_in_use,
    format_brand,
    learn_sample,
    read_attachment,
)
from bot.interactions.sharing import GIVEN_TO_SERVER, PLACES, WORKSPACE, describe_scope, find_by_name, is_manager
from bot.interactions.side_calls import admit_side_call, send_quota_notifications
from bot.locales import localize, translate
from bot.replies.ledger import plain
from bot.replies.palette_page import list_colours
from bot.requests.intake import clean_text
from personas.book import Book
from personas.book_fields import merge_data
from personas.profile import clean_name
from personas.style import Brand, describe_style
from storage.choices import NO_BRAND
from storage.owned_items import OwnedItem
from storage.owners import workspace

# The name that selects the default brand of the channel or server.
DEFAULT = "default"


class BrandCommands(
    commands.GroupCog, group_name="brand", group_description="Your brand: its voice, its facts, its rules"
):
    """Commands for the user's brands and those shared with the channel or server."""

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
        name: app_commands.Range[str, 1, MAX_NAME_CHARACTERS] | None = None,
        file: discord.Attachment | None = None,
    ) -> None:
        """Learn a voice from a file, or open a modal to paste a text into."""
        name = name or await find_name_in_use(interaction)
        if file is None:
            await interaction.response.send_modal(SampleModal(name, interaction.locale.value))
            return
        check_file(file.filename, file.size, file.content_type or "")
        await interaction.response.defer(ephemeral=True, thinking=True)
        file_text = await read_attachment(file, interaction.user.id)
        await learn_sample(interaction, name, file_text.text, "file", file_text.notes)

    @app_commands.command(name="show", description="See how your brands sound")
    @app_commands.describe(name="A brand; if empty, all of them")
    async def show(self, interaction: Interaction, name: str | None = None) -> None:
        """Show how brands sound, without their samples; for a brand with a book, show its page."""
        locale, user_id = interaction.locale.value, str(interaction.user.id)
        if name:
            item = await self._brands.get(interaction, name)
            if item.value.book.has_content:
                await show_page(interaction, item.id)
                return
            await whisper(interaction, format_brand(item.value, locale, is_own=item.owner_id == user_id))
            return
        chosen_id, items = (await self._profiles.load_choices(user_id)).brand, await self._brands.list_all(interaction)
        lines = [_format_line(item, item.id == chosen_id, locale, is_own=item.owner_id == user_id) for item in items]
        lines += await self._brands.format_damaged_lines(interaction)
        empty_text = translate("There is no brand yet. Use /brand learn to learn one from your texts.", locale)
        await whisper(interaction, "\n".join([f"### {translate('Brand voice', locale)}", *(lines or [empty_text])]))

    @app_commands.command(name="use", description="Choose the brand whose voice I write in")
    @app_commands.describe(name="A brand, “none”, or “default” for the one set where you ask")
    async def use(self, interaction: Interaction, name: str) -> None:
        """Choose a brand for later requests."""
        user_id, locale = str(interaction.user.id), interaction.locale.value
        if name.strip().casefold() == NONE:
            await self._profiles.use_brand(user_id, NO_BRAND)
            await whisper(interaction, translate("From now on, I'll write without a brand voice.", locale))
            return
        if name.strip().casefold() == DEFAULT and not await self._brands.find(interaction, name):
            await self._profiles.use_brand(user_id, "")
            message = "From now on, I'll use the brand that is set where you ask, or no brand if none is set there."
            await whisper(interaction, translate(message, locale))
            return
        item = await self._brands.get(interaction, name)
        await self._profiles.use_brand(user_id, item.id)
        await whisper(interaction, format_brand(item.value, locale, is_own=item.owner_id == user_id))

    @app_commands.command(name="make", description="Create a brand with facts, links, colours and legal lines")
    @app_commands.describe(name="What the brand is called")
    async def make(self, interaction: Interaction, name: app_commands.Range[str, 1, MAX_NAME_CHARACTERS]) -> None:
        """Open the page of a brand, which is created if it does not exist."""
        item = await self._get_or_create(interaction, name)
        await show_page(interaction, item.id)

    @app_commands.command(name="edit", description="Edit the details of your brand or of a brand of this server")
    @app_commands.describe(name="A brand you can edit")
    async def edit(self, interaction: Interaction, name: str) -> None:
        """Open the page of a brand that the user may edit."""
        item = await self._brands.get(interaction, name)
        await self._books.load_editable(build_brand_actor(interaction), item.id)
        await show_page(interaction, item.id)

    @app_commands.command(
        name="sheet", description="See a brand on one page: colours, readable combinations, words, links"
    )
    @app_commands.describe(name="A brand; if empty, the one in use")
    async def sheet(self, interaction: Interaction, name: str | None = None) -> None:
        """Show the brand sheet privately, with the colours as CSS and design tokens."""
        item = await self._brands.get(interaction, name) if name else await self._get_brand_for_sheet(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await send_sheet(interaction, item.value)

    async def _get_brand_for_sheet(self, interaction: Interaction) -> OwnedItem[Brand]:
        """Return the brand in use, or the only visible one.

        Raises:
            RefusedError: there is no brand, or there are several and none is in use.
        """
        if brand_in_use := await self._profiles.find_brand(str(interaction.user.id)):
            return brand_in_use
        items = await self._brands.list_all(interaction)
        if len(items) > 1:
            raise RefusedError(
                "Which brand? Choose one of these: {names}.", names=sorted(item.value.name for item in items)
            )
        if not items:
            raise RefusedError("There is no brand yet. Use /brand learn to learn one from your texts.")
        return items[0]

    @app_commands.command(
        name="palette", description="Get colours that are readable together, from a mood, a trade or a colour"
    )
    @app_commands.describe(
        words="For example: warm, a bakery, #7A3E1D", keep="A brand you can edit; it gets this palette"
    )
    async def palette(
        self, interaction: Interaction, words: app_commands.Range[str, 1, MAX_INPUT_CHARACTERS], keep: str | None = None
    ) -> None:
        """Show a palette privately, with files for design programs; `keep` also stores it in a brand."""
        words = clean_text(words)
        brand = await self._brands.get(interaction, keep) if keep else None
        actor = build_brand_actor(interaction)
        if brand is not None:
            await self._books.load_editable(actor, brand.id)
        engine = find_chooser(interaction.client.app.engines)
        model_colours, notifications = list[str](), list[QuotaNotification]()
        if engine is None or len(find_colours(words)) >= MAX_USER_COLOURS:
            build_palette(words)  # Raises for a description without colours before the interaction is acknowledged.
            await interaction.response.defer(ephemeral=True, thinking=True)
        else:
            async with admit_side_call(interaction, "layout", engine) as notifications:
                await interaction.response.defer(ephemeral=True, thinking=True)
                model_colours = await choose_colours(words, engine)
        palette = build_palette(words, interaction.locale.value.partition("-")[0], model_colours)
        if brand is not None:
            colours = [str(colour) for colour in list_colours(palette, interaction.locale.value)]
            await self._books.import_book(actor, brand.id, {"palette": colours})
        await send_palette(interaction, palette, words, brand.value.name if brand else "")
        await send_quota_notifications(interaction, notifications)

    @app_commands.command(name="export", description="Download a brand's details as a file")
    @app_commands.describe(name="A brand you can edit", form="JSON, or TOML to edit by hand")
    async def export(self, interaction: Interaction, name: str, form: Literal["json", "toml"] = "json") -> None:
        """Send the brand's book as a file, privately."""
        item = await self._brands.get(interaction, name)
        brand_view = await self._books.load_editable(build_brand_actor(interaction), item.id)
        await send_file(interaction, brand_view.brand.value, form)

    @app_commands.command(name="import", description="Fill in a brand from a JSON or TOML file")
    @app_commands.describe(
        file="A file in the format of /brand export", name="A brand you can edit; if empty, the one named in the file"
    )
    async def import_(self, interaction: Interaction, file: discord.Attachment, name: str | None = None) -> None:
        """Import the file; fields that are not in it stay unchanged."""
        data = await read_file(file)
        brand_name = name or str(data.get("name") or "")
        item = await self._brands.find(interaction, brand_name) if brand_name else None
        if item is None:
            _validate(data)  # Before a brand is created for the data.
            item = await self._get_or_create(interaction, brand_name)
        await self._books.import_book(build_brand_actor(interaction), item.id, data)
        await show_page(interaction, item.id)

    async def _get_or_create(self, interaction: Interaction, name: str) -> OwnedItem[Brand]:
        """Return the user's own brand of a name, created if it does not exist.

        Raises:
            RefusedError: the name is empty or reserved, or the user has the maximum number of brands.
        """
        name = clean_name(clean_text(name))[:MAX_NAME_CHARACTERS]
        if not name or name.casefold() in (NONE, DEFAULT):
            raise RefusedError("A brand needs a name, such as the name of your shop.")
        item = await self._brands.find(interaction, name, own_only=True)
        return item or await self._profiles.brands.add(str(interaction.user.id), Brand(name=name, samples=()))

    @app_commands.command(name="lend", description="Let a channel or the server use your brand's voice")
    @app_commands.describe(name="One of your brands", to="Who can use it, or the server that should own it")
    @app_commands.choices(to=PLACES)
    async def lend(self, interaction: Interaction, name: str, to: str) -> None:
        """Share a brand, give it to the server, or stop sharing it with "only me"."""
        if to == WORKSPACE:
            await self._copy_server_book(interaction, name)
        is_shared = await self._brands.move_to_scope(interaction, name, to)
        confirmation = "It can now be used there. Your samples stay yours." if is_shared else "Only you can use it now."
        await whisper(
            interaction, translate(GIVEN_TO_SERVER if to == WORKSPACE else confirmation, interaction.locale.value)
        )

    async def _copy_server_book(self, interaction: Interaction, name: str) -> None:
        """Copy the book of the server's brand of the same name into the user's brand, which is about to replace it. Does
        nothing if the user's brand has a book itself.
        """
        own_item = await self._brands.find(interaction, name, own_only=True)
        if own_item is None or own_item.value.book.has_content or not is_manager(interaction):
            return
        server_items = [
            item
            for item in await self._brands.list_all(interaction)
            if item.owner_id == workspace(interaction.guild_id or 0)
        ]
        server_item = find_by_name(server_items, own_item.value.name, lambda brand: brand.name)
        if server_item is not None:
            book = server_item.value.book
            await self._profiles.brands.change(
                own_item.owner_id, own_item.id, lambda brand: brand.model_copy(update={"book": book})
            )

    @app_commands.command(name="delete", description="Delete a brand and its samples")
    @app_commands.describe(name="One of your brands")
    async def delete(self, interaction: Interaction, name: str) -> None:
        """Delete the brand and its samples without confirmation."""
        confirmation = await self._brands.remove(interaction, name)
        await whisper(interaction, translate(confirmation, interaction.locale.value))

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


def _format_line(item: OwnedItem[Brand], is_chosen: bool, locale: str, *, is_own: bool) -> str:
    labels = [
        translate("in use", locale) if is_chosen else "",
        translate(describe_scope(item), locale) if describe_scope(item) else "",
    ]
    suffix = f" ({', '.join(filter(None, labels))})" if any(labels) else ""
    return f"**{plain(item.value.name)}**{suffix}\n-# {_format_summary(item.value, locale, is_own=is_own)}"


def _format_summary(brand: Brand, locale: str, *, is_own: bool) -> str:
    return plain(
        localize(describe_style(brand.style, favourites=is_own), locale) if brand.style else brand.book.about or "…"
    )


def _validate(data: object) -> None:
    """Raise BookError if the data are not valid for a brand book."""
    merge_data(Book(), data, list_legal_line_scopes())


async def setup(bot: QuillmateBot) -> None:
    """Add the commands, and register the components of brand pages, so that old pages work, too."""
    bot.add_dynamic_items(BrandItem)
    await bot.add_cog(BrandCommands(bot))
