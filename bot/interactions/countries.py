"""Countries with known holidays: formatting, parsing, and finding the one that applies to a user."""

from __future__ import annotations

import discord
from babel import Locale, UnknownLocaleError

from bot.client import Interaction
from bot.content import Request
from bot.errors import RefusedError
from bot.locales import find_babel_locale
from bot.moderation.helplines import find_region
from bot.team.calendar.occasions import list_countries

_NO_COUNTRY = 'I do not know the public holidays of "{name}". Choose a country from the list.'
_UNKNOWN_COUNTRY = (
    'I do not know the public holidays of "{name}". Type the name of a country or its two-letter code, such as DE.'
)


def format_country(code: str, locale: str) -> str:
    """Return the name of a country in a language, or its code if the language has no name for it."""
    try:
        return str(Locale(find_babel_locale(locale)).territories.get(code, code))
    except UnknownLocaleError:
        return code


def parse_country_code(text: str) -> str:
    """Return the code of a country with known holidays.

    Raises:
        RefusedError: its holidays are unknown.
    """
    code = text.strip().upper()
    if code not in list_countries():
        raise RefusedError(_NO_COUNTRY, name=code[:60])
    return code


def parse_country(text: str, locale: str) -> str:
    """Parse a country, given by its code or its name in the user's language or English; empty for empty text.

    Raises:
        RefusedError: its holidays are unknown.
    """
    query = " ".join(text.split()).casefold()
    if not query:
        return ""
    for code in list_countries():
        names = (code, format_country(code, locale), format_country(code, "en"))
        if query in {name.casefold() for name in names}:
            return code
    raise RefusedError(_UNKNOWN_COUNTRY, name=text.strip()[:60])


def build_empty_request(interaction: Interaction) -> Request:
    """Build a request without a brief, with the user, server and channel of an interaction."""
    thread = interaction.channel if isinstance(interaction.channel, discord.Thread) else None
    return Request(
        id=str(interaction.id),
        user_id=str(interaction.user.id),
        brief="",
        guild_id=str(interaction.guild_id or ""),
        channel_id=str(interaction.channel_id or ""),
        locale=interaction.locale.value,
        thread_of=str(thread.parent_id) if thread else "",
    )


async def find_country(interaction: Interaction, request: Request) -> str:
    """Return the code of the country whose holidays apply, empty if unknown. The active brand takes precedence, then the
    server's settings, the user's profile, and the server's language.
    """
    app = interaction.client.app
    brand = await app.brand_books.find_active(request)
    if brand is not None and brand.value.book.country:
        return brand.value.book.country
    if request.guild_id and (country := (await app.workspaces.load_settings(request.guild_id)).country):
        return country
    profile = await app.profiles.load(request.user_id)
    if country_code := find_region(locale=profile.locale, timezone=profile.timezone):
        return country_code
    language = interaction.guild.preferred_locale.value if interaction.guild else "en-US"
    return (
        "" if language == "en-US" else find_region(locale=language)
    )  # Discord's default for servers that have not set a language.
