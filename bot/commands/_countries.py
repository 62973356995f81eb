"""Countries whose holidays are known: what they are called, which one is meant, and whose count where somebody is."""

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
_NOT_NAMED = (
    'I do not know the public holidays of "{name}". Type the name of a country or its two-letter code, such as DE.'
)


def country_name(code: str, locale: str) -> str:
    """What a country is called in a language; its code where that has no name for it."""
    try:
        return str(Locale(find_babel_locale(locale)).territories.get(code, code))
    except UnknownLocaleError:
        return code


def country_by_code(text: str) -> str:
    """The code of a country whose holidays are known, as it was chosen.

    Raises:
        RefusedError: there is none.
    """
    code = text.strip().upper()
    if code not in list_countries():
        raise RefusedError(_NO_COUNTRY, name=code[:60])
    return code


def country_in(text: str, locale: str) -> str:
    """The code of the country that somebody wrote, by its code or its name in their language or English; empty for nothing.

    Raises:
        RefusedError: no holidays are known of it.
    """
    wanted = " ".join(text.split()).casefold()
    if not wanted:
        return ""
    for code in list_countries():
        names = (code, country_name(code, locale), country_name(code, "en"))
        if wanted in {name.casefold() for name in names}:
            return code
    raise RefusedError(_NOT_NAMED, name=text.strip()[:60])


def place_of(interaction: Interaction) -> Request:
    """A request of whoever acts, where they do, without what it asks for."""
    thread = interaction.channel if isinstance(interaction.channel, discord.Thread) else None
    return Request(
        id=str(interaction.id), user_id=str(interaction.user.id), brief="", guild_id=str(interaction.guild_id or ""),
        channel_id=str(interaction.channel_id or ""), locale=interaction.locale.value,
        thread_of=str(thread.parent_id) if thread else "",
    )  # fmt: skip


async def country_of(interaction: Interaction, request: Request) -> str:
    """Whose holidays count: of the brand in use, else as the server is set, else of the person's profile or the server's language."""
    app = interaction.client.app
    brand = await app.brand_books.find_active(request)
    if brand is not None and brand.value.book.country:
        return brand.value.book.country
    if request.guild_id and (country := (await app.workspaces.load_settings(request.guild_id)).country):
        return country
    profile = await app.profiles.load(request.user_id)
    if found := find_region(locale=profile.locale, timezone=profile.timezone):
        return found
    language = interaction.guild.preferred_locale.value if interaction.guild else "en-US"
    return "" if language == "en-US" else find_region(locale=language)  # Which is what servers are that were never set.
