"""The page of a brand: its sections (with edit buttons for those who may edit), its colours as a picture, and its editors."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import discord

from bot.client import Interaction, build_member
from bot.interactions.countries import format_country
from bot.interactions.samples import format_brand
from bot.interactions.sharing import list_scopes
from bot.locales import translate
from bot.markup import shorten
from bot.replies.files import attachment
from bot.replies.ledger import plain
from bot.replies.palette import describe_palette, palette_picture
from bot.replies.views import COLOURS, Layout
from bot.team.brands import SECTIONS, BrandActor, BrandView
from personas.book import Book
from personas.book_fields import format_field

# A component's action, brand, and section.
TEMPLATE = r"quillbrand:(?P<action>[a-z-]+):(?P<brand_id>[0-9a-f]{16}):(?P<section>[a-z]{0,20})"
TITLES = {
    "facts": "Facts",
    "links": "Links",
    "palette": "Palette",
    "boilerplate": "About us",
    "legal": "Legal lines",
    "claims": "Approved claims",
    "words": "Words",
}
# The hint of an empty section.
HINTS = {
    "facts": "What texts may say about you, such as opening hours.",
    "links": "The only addresses that texts may link to.",
    "palette": "Your colours, for pictures and layouts.",
    "boilerplate": "A fixed text about you, for press releases and whenever a brief asks for it.",
    "legal": "Lines that must appear word for word. If a text lacks one, I add it below.",
    "claims": "The only claims that texts may make about quality, price or health.",
    "words": "What you say, and what you never say.",
}
# Maximum lines and characters of a section, and characters of a line: the page has to fit into one message.
_MAX_LINES, _MAX_SECTION_CHARACTERS, _MAX_LINE_CHARACTERS = 5, 330, 90
_MAX_ALT_CHARACTERS = 1_024
PICTURE_FILE_NAME = "palette.png"


def build_custom_id(action: str, brand_id: str, section: str = "") -> str:
    """Return the custom id of a component of a brand's page."""
    return f"quillbrand:{action}:{brand_id}:{section}"


def build_brand_actor(interaction: Interaction) -> BrandActor:
    """Build the actor of an interaction: the member, the server, and the scopes of the channel."""
    return BrandActor(build_member(interaction.user), str(interaction.guild_id or ""), list_scopes(interaction))


async def build_brand_page(brand_view: BrandView, actor: BrandActor, locale: str) -> tuple[Layout, list[discord.File]]:
    """Build the page of a brand as a user may see it, with the picture of its palette if it has one."""
    brand = brand_view.brand.value
    colours, files = brand.book.palette, list[discord.File]()
    if colours:
        body = await asyncio.to_thread(palette_picture, colours, locale)
        files.append(attachment(PICTURE_FILE_NAME, body, describe_palette(colours, locale)[:_MAX_ALT_CHARACTERS]))
    return build_page_layout(brand_view, actor, files, locale), files


def build_page_layout(
    brand_view: BrandView, actor: BrandActor, pictures: Sequence[discord.File], locale: str
) -> Layout:
    """Build the page's layout around its pictures, with buttons if the user may edit the brand."""
    brand, brand_id = brand_view.brand.value, brand_view.brand.id
    layout = Layout()
    frame = discord.ui.Container[discord.ui.LayoutView](accent_colour=COLOURS["chat"])
    layout.add_item(frame)
    is_own = brand_view.brand.owner_id == actor.member.user_id
    heading = format_brand(brand, locale, is_own=is_own) if brand.samples or brand.style else f"### {plain(brand.name)}"
    frame.add_item(discord.ui.TextDisplay(heading))
    for section in SECTIONS:
        section_text = f"**{translate(TITLES[section], locale)}**\n{format_section(brand.book, section, locale)}"
        if brand_view.can_edit:
            edit_button = _build_button("edit", brand_id, section, translate("Edit", locale))
            frame.add_item(discord.ui.Section(discord.ui.TextDisplay(section_text), accessory=edit_button))
        elif any(format_field(brand.book, name) for name in SECTIONS[section]):
            frame.add_item(discord.ui.TextDisplay(section_text))
        if section == "palette" and pictures:
            items = [discord.MediaGalleryItem(picture.uri, description=picture.description) for picture in pictures]
            frame.add_item(discord.ui.MediaGallery(*items))
    if brand_view.is_shared:
        editors_text = f"**{translate('Who can edit', locale)}**\n{format_editors(brand.book, locale)}"
        if brand_view.can_share:
            edit_button = _build_button("who", brand_id, "", translate("Edit", locale))
            frame.add_item(discord.ui.Section(discord.ui.TextDisplay(editors_text), accessory=edit_button))
        else:
            frame.add_item(discord.ui.TextDisplay(editors_text))
    if brand_view.can_edit:
        layout.add_item(discord.ui.ActionRow(_build_button("export", brand_id, "", translate("Export", locale))))
    return layout


def format_section(book: Book, section: str, locale: str) -> str:
    """Format the first lines of a section, or its hint if it is empty."""
    lines = list[str]()
    for name in SECTIONS[section]:
        lines += [_format_line(name, line, locale) for line in format_field(book, name).split("\n") if line]
    if not lines:
        return f"-# {translate(HINTS[section], locale)}"
    visible_lines, remaining_characters = list[str](), _MAX_SECTION_CHARACTERS
    for line in lines[:_MAX_LINES]:
        remaining_characters -= len(line)
        if remaining_characters < 0 and visible_lines:
            break
        visible_lines.append(line)
    if hidden_count := len(lines) - len(visible_lines):
        visible_lines.append(f"-# {translate('and {count} more', locale).format(count=hidden_count)}")
    return "\n".join(visible_lines)


def _format_line(name: str, line: str, locale: str) -> str:
    if name == "country":
        return f"{translate('Holidays of', locale)}: {format_country(line, locale)}"
    short_line = shorten(line, _MAX_LINE_CHARACTERS)
    if name == "avoid":
        term, _, replacement = short_line.partition(": ")
        return f"✗ {plain(term)} → {plain(replacement)}" if replacement else f"✗ {plain(term)}"
    return plain(short_line)


def format_editors(book: Book, locale: str) -> str:
    """Format the editors of a server's brand; users as mentions."""
    editors = [translate("Owners", locale)]
    editors += [translate("Editors", locale)] if book.open_to == "editors" else []
    return ", ".join([*editors, *(f"<@{user_id}>" for user_id in book.named)])


def build_editors_page(brand_view: BrandView, locale: str) -> Layout:
    """Build the menus that choose the editors of a server's brand besides the server's owners."""
    book, brand_id = brand_view.brand.value.book, brand_view.brand.id
    layout = Layout()
    frame = discord.ui.Container[discord.ui.LayoutView](accent_colour=COLOURS["chat"])
    layout.add_item(frame)
    title = translate("Who can edit", locale)
    frame.add_item(
        discord.ui.TextDisplay(f"### {plain(brand_view.brand.value.name)}\n**{title}**\n{format_editors(book, locale)}")
    )
    labels = (("owners", translate("Owners only", locale)), ("editors", translate("Owners and editors", locale)))
    options = [discord.SelectOption(label=label, value=value, default=value == book.open_to) for value, label in labels]
    frame.add_item(
        discord.ui.ActionRow(discord.ui.Select(custom_id=build_custom_id("open", brand_id), options=options))
    )
    user_select: discord.ui.UserSelect[discord.ui.LayoutView] = discord.ui.UserSelect(
        custom_id=build_custom_id("named", brand_id),
        placeholder=translate("Other people who can edit it", locale),
        min_values=0,
        max_values=25,
        default_values=[discord.SelectDefaultValue.from_user(discord.Object(int(user_id))) for user_id in book.named],
    )
    frame.add_item(discord.ui.ActionRow(user_select))
    layout.add_item(discord.ui.ActionRow(_build_button("page", brand_id, "", translate("Back", locale))))
    return layout


def _build_button(action: str, brand_id: str, section: str, label: str) -> discord.ui.Button[discord.ui.LayoutView]:
    return discord.ui.Button(
        label=label, style=discord.ButtonStyle.secondary, custom_id=build_custom_id(action, brand_id, section)
    )
