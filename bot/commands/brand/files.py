"""Files of brands: export and import of the brand book (without samples), brand sheets and palettes."""

from __future__ import annotations

import asyncio
import json
import tomllib
from typing import Any

import discord

from bot.client import Interaction
from bot.design.palettes import Palette, render_gpl
from bot.design.palettes import render_css as render_palette_css
from bot.documents.encodings import decode_text
from bot.errors import FileError, RefusedError
from bot.locales import translate
from bot.moderation import iter_strings
from bot.replies.brand_sheet import describe_sheet, format_css, format_tokens, sheet_picture
from bot.replies.files import attachment
from bot.replies.ledger import plain
from bot.replies.palette_page import format_palette, list_colours, palette_page
from bot.replies.views import COLOURS, Layout
from bot.requests.intake import clean_text
from personas.book_fields import format_toml, to_data
from personas.style import Brand

MAX_BYTES = 64_000
# Maximum characters of the description above a palette, and of the text below a brand sheet.
_MAX_TITLE_CHARACTERS, _MAX_SHEET_CHARACTERS = 120, 3_500


async def send_file(interaction: Interaction, brand: Brand, form: str = "json") -> None:
    """Send a brand's book as a JSON or TOML file, privately."""
    data = {"name": brand.name, **to_data(brand.book)}
    text = format_toml(data) if form == "toml" else json.dumps(data, ensure_ascii=False, indent=2) + "\n"
    file = attachment(f"{brand.name}.{form}", text.encode("utf-8"))
    await interaction.response.send_message(file=file, ephemeral=True)


async def send_sheet(interaction: Interaction, brand: Brand) -> None:
    """Send a brand on one page privately, and its colours, if any, as files."""
    locale, book = interaction.locale.value, brand.book
    body = await asyncio.to_thread(sheet_picture, brand.name, book, locale)
    description = describe_sheet(brand.name, book, locale)
    files = [attachment("brand-sheet.png", body, description)]
    if book.palette:
        files.append(attachment("colours.css", format_css(book.palette).encode()))
        files.append(attachment("colours.tokens.json", format_tokens(book.palette).encode()))
    view, frame = Layout(), discord.ui.Container[discord.ui.LayoutView](accent_colour=COLOURS["image"])
    frame.add_item(discord.ui.MediaGallery(discord.MediaGalleryItem(files[0].uri, description=files[0].description)))
    frame.add_item(discord.ui.TextDisplay(plain(description)[:_MAX_SHEET_CHARACTERS]))
    for file in files[1:]:
        frame.add_item(discord.ui.File(file.uri))
    view.add_item(frame)
    await interaction.followup.send(
        view=view, files=files, ephemeral=True, allowed_mentions=discord.AllowedMentions.none()
    )


async def send_palette(interaction: Interaction, palette: Palette, description: str, brand_name: str) -> None:
    """Send a palette privately: as a picture, as text, and as files for design programs."""
    locale = interaction.locale.value
    body, text = await asyncio.to_thread(palette_page, palette, locale), format_palette(palette, locale)
    title = description.split("\n")[0][:_MAX_TITLE_CHARACTERS]
    files = [
        attachment("palette.png", body, text.replace("**", "")),
        attachment("palette.css", render_palette_css(palette).encode()),
        attachment("palette.gpl", render_gpl(palette, title).encode()),
        attachment("palette.tokens.json", format_tokens(list_colours(palette, locale)).encode()),
    ]
    understood_line = translate("What I understood: {words}", locale).format(words=", ".join(palette.understood))
    lines = [f"### {translate('Palette', locale)}", f"> {plain(title)}", f"-# {plain(understood_line)}"]
    if brand_name:
        lines.append(translate("This is now the palette of {name}.", locale).format(name=plain(brand_name)))
    view, frame = Layout(), discord.ui.Container[discord.ui.LayoutView](accent_colour=COLOURS["image"])
    frame.add_item(discord.ui.TextDisplay("\n".join(lines)))
    frame.add_item(discord.ui.MediaGallery(discord.MediaGalleryItem(files[0].uri, description=files[0].description)))
    # Not escaped, as the text is the bot's own and its Markdown is intended.
    frame.add_item(discord.ui.TextDisplay(text))
    for file in files[1:]:
        frame.add_item(discord.ui.File(file.uri))
    view.add_item(frame)
    await interaction.followup.send(
        view=view, files=files, ephemeral=True, allowed_mentions=discord.AllowedMentions.none()
    )


async def read_file(file: discord.Attachment) -> dict[str, Any]:
    """Read the data of a brand from a JSON or TOML file.

    Raises:
        RefusedError: the file cannot be read, or contains a key or password.
    """
    if file.size > MAX_BYTES:
        raise RefusedError(
            "That file has {size:,} bytes; the limit for a brand is {most:,}.", size=file.size, most=MAX_BYTES
        )
    try:
        text = decode_text(await file.read()).text
        data = tomllib.loads(text) if file.filename.casefold().endswith(".toml") else json.loads(text)
    except (FileError, ValueError, RecursionError):
        raise RefusedError(
            "That file is neither JSON nor TOML. Use /brand export to see what one looks like."
        ) from None
    except discord.HTTPException:
        raise RefusedError("Discord no longer has that file. Attach it again.") from None
    if not isinstance(data, dict):
        raise RefusedError("That file does not contain a brand. Use /brand export to see what one looks like.")
    clean_text("\n".join(iter_strings(data)), "file")
    return data
