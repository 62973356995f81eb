"""/brand: a voice learnt from samples, shown before it is kept, and in use from then on."""

from __future__ import annotations

from dataclasses import replace

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Interaction, QuillmateBot, whisper
from bot.documents.materials import check
from bot.locales import said, translate
from bot.replies.ledger import plain
from personas.style import Brand, description
from storage.owned import Owned
from storage.profiles import NO_BRAND

from ._lending import GIVEN, PLACES, WORKSPACE, where
from ._samples import LONGEST_NAME, NONE, SampleModal, brands_of, learn, name_in_use, sheet, text_of

# The name that goes back to the brand that is usual in a place.
DEFAULT = "default"


class BrandCommands(commands.GroupCog, group_name="brand", group_description="The voice of your brand"):
    """Brands of whoever calls, and those lent to the place they call from."""

    def __init__(self, bot: QuillmateBot) -> None:
        self._store = bot.app.store
        self._brands = brands_of(bot.app.store)

    @app_commands.command(name="learn", description="Learn a brand's voice from texts you have written")
    @app_commands.describe(
        name="What the brand is called", file="A .txt, .md, .pdf or .docx file; without, I ask for a text"
    )
    async def learn_(
        self,
        interaction: Interaction,
        name: app_commands.Range[str, 1, LONGEST_NAME] | None = None,
        file: discord.Attachment | None = None,
    ) -> None:
        """Learns from a file, or opens a modal to paste a text into."""
        name = name or await name_in_use(interaction)
        if file is None:
            await interaction.response.send_modal(SampleModal(name, interaction.locale.value))
            return
        check(file.filename, file.size, file.content_type or "")
        await interaction.response.defer(ephemeral=True, thinking=True)
        found = await text_of(file, interaction.user.id)
        await learn(interaction, name, found.text, "file", found.notes)

    @app_commands.command(name="show", description="See how your brands sound")
    @app_commands.describe(name="A brand; all when you leave it out")
    async def show(self, interaction: Interaction, name: str | None = None) -> None:
        """What was measured, without the samples."""
        locale, user_id = interaction.locale.value, str(interaction.user.id)
        if name:
            shown = await self._brands.named(interaction, name)
            await whisper(interaction, sheet(shown.value, locale, own=shown.owner_id == user_id))
            return
        chosen, known = (await self._store.profiles.choices(user_id)).brand, await self._brands.all(interaction)
        lines = [_line(one, one.id == chosen, locale, own=one.owner_id == user_id) for one in known]
        lines += await self._brands.unreadable(interaction)
        none = translate("No brand yet. /brand learn listens to texts of yours.", locale)
        await whisper(interaction, "\n".join([f"### {translate('Brand voice', locale)}", *(lines or [none])]))

    @app_commands.command(name="use", description="Choose the brand whose voice I write in")
    @app_commands.describe(name="A brand, none, or default for the one that is set where you ask")
    async def use(self, interaction: Interaction, name: str) -> None:
        """Chooses a brand for all that follows."""
        user_id, locale = str(interaction.user.id), interaction.locale.value
        if name.strip().casefold() == NONE:
            await self._store.profiles.choose(user_id, lambda known: replace(known, brand=NO_BRAND))
            await whisper(interaction, translate("From now on no brand's voice is used.", locale))
            return
        if name.strip().casefold() == DEFAULT and not await self._brands.found(interaction, name):
            await self._store.profiles.choose(user_id, lambda known: replace(known, brand=""))
            said = "From now on the brand is used that is set where you ask, and none where nothing is."
            await whisper(interaction, translate(said, locale))
            return
        chosen = await self._brands.named(interaction, name)
        await self._store.profiles.choose(user_id, lambda known: replace(known, brand=chosen.id))
        await whisper(interaction, sheet(chosen.value, locale, own=chosen.owner_id == user_id))

    @app_commands.command(name="lend", description="Let a channel or the server use your brand's voice")
    @app_commands.describe(name="A brand of yours", to="Who may use it, or the server that is to keep it")
    @app_commands.choices(to=PLACES)
    async def lend(self, interaction: Interaction, name: str, to: str) -> None:
        """Lends, or takes back with "only me"."""
        lent = await self._brands.lend(interaction, name, to)
        done = "It can be used there now. Your samples stay yours." if lent else "Only you can use it now."
        await whisper(interaction, translate(GIVEN if to == WORKSPACE else done, interaction.locale.value))

    @app_commands.command(name="delete", description="Delete a brand with its samples")
    @app_commands.describe(name="A brand of yours")
    async def delete(self, interaction: Interaction, name: str) -> None:
        """Deletes it at once, with its samples."""
        done = await self._brands.end_or_delete(interaction, name)
        await whisper(interaction, translate(done, interaction.locale.value))

    @use.autocomplete("name")
    async def _usable(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        return await self._brands.offered(interaction, current, NONE, DEFAULT)

    @show.autocomplete("name")
    @delete.autocomplete("name")
    async def _seen(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        return await self._brands.offered(interaction, current)

    @learn_.autocomplete("name")
    @lend.autocomplete("name")
    async def _of_mine(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        return await self._brands.offered(interaction, current, own=True)


def _line(one: Owned[Brand], chosen: bool, locale: str, *, own: bool) -> str:
    marks = [
        translate("in use", locale) if chosen else "",
        translate(where(one), locale) if where(one) else "",
    ]
    told = f" ({', '.join(filter(None, marks))})" if any(marks) else ""
    return f"**{plain(one.value.name)}**{told}\n-# {_short(one.value, locale, own=own)}"


def _short(brand: Brand, locale: str, *, own: bool) -> str:
    return plain(said(description(brand.style, favourites=own), locale)) if brand.style else "…"


async def setup(bot: QuillmateBot) -> None:
    """Adds the commands."""
    await bot.add_cog(BrandCommands(bot))
