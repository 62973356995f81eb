"""/brand: a voice learnt from samples, shown before it is kept, and in use from then on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import discord
from discord import app_commands
from discord.ext import commands

from bot.checks.language import language
from bot.client import Interaction, QuillmateBot, whisper
from bot.errors import Phrase, RefusedError
from bot.locales import said, translate, translate_one
from bot.materials import Reading, check, read_material
from bot.moderation import Source
from bot.replies.ledger import plain
from bot.replies.views import note_view
from bot.store import Store
from personas.profile import clean_name
from personas.style import FEATURES, LEAST_SAMPLE_WORDS, Brand, Style, description, with_samples
from storage.owned import Owned

from ._components import KEPT_SECONDS, Form, Pressed
from ._intake import harmless
from ._lending import GIVEN, PLACES, WORKSPACE, Lendable, where

NONE = "none"
FIRST_NAME = "My brand"
_NAME, _TEXT = 48, 4000
# Features whose measures say nothing to people; the words of the description do.
_IN_WORDS = ("rhythm", "formality")


def sheet(brand: Brand, locale: str, *, own: bool = True) -> str:
    """What is known of a brand's voice: in words, then what can be counted of it.

    Of one that is not the reader's `own` without any word of its samples, which stay their owner's.
    """
    lines = [f"### {translate('Brand voice', locale)}: {plain(brand.name)}"]
    if brand.style is None:
        words = sum(len(text.split()) for text in brand.samples)
        need = translate_one(
            words,
            "I need {least} words to hear a voice; there is {words}. Add another sample.",
            "I need {least} words to hear a voice; there are {words}. Add another sample.",
            locale,
        )
        lines.append(need.format(least=LEAST_SAMPLE_WORDS, words=words))
    else:
        in_words = plain(said(description(brand.style, favourites=own), locale))
        lines += [in_words, _measured(brand.style, locale)]
    return "\n".join(lines)


def _measured(style: Style, locale: str) -> str:
    shown = []
    for name, one in FEATURES.items():
        if name in _IN_WORDS:
            continue
        value = style.values.get(name, 0.0)
        told = Phrase("{label} {value:.1f} {unit}", label=Phrase(one.label), value=value, unit=Phrase(one.unit))
        shown.append(said(told, locale))
    return f"-# {' · '.join(shown)} · {style.words} {translate('words', locale)}"


class Learnt(discord.ui.LayoutView):
    """A voice that was just learnt, to look at before it is kept."""

    def __init__(self, brand: Brand, locale: str) -> None:
        super().__init__(timeout=KEPT_SECONDS)
        for item in note_view(sheet(brand, locale)).children:
            self.add_item(item)
        row = discord.ui.ActionRow[discord.ui.LayoutView]()
        row.add_item(Save(brand, locale))
        self.add_item(row)


class Save(Pressed):
    """Keeps a voice and uses it. Only the person who gave the samples sees the button."""

    def __init__(self, brand: Brand, locale: str) -> None:
        super().__init__(label=translate("Save", locale), style=discord.ButtonStyle.primary)
        self._brand, self._saving = brand, asyncio.Lock()

    async def act(self, interaction: Interaction) -> None:
        """Keeps it; pressed twice it is kept once, and what was saved since it was shown stays."""
        store, user_id = interaction.client.app.store, str(interaction.user.id)
        async with self._saving:
            brand_id = await self._kept(interaction)
        await store.profiles.choose(user_id, lambda known: replace(known, brand=brand_id))
        saved = "Saved. From now on I write in this brand's voice."
        await whisper(interaction, translate(saved, interaction.locale.value))

    async def _kept(self, interaction: Interaction) -> str:
        """The id of the brand, which holds the samples that are shown and those that it has by now."""
        brands, user_id = interaction.client.app.store.brands, str(interaction.user.id)
        known = await _brands(interaction.client.app.store).found(interaction, self._brand.name, own=True)
        if known is None:
            return (await brands.add(user_id, self._brand)).id
        if set(self._brand.samples) <= set(known.value.samples):
            return known.id
        brand = await asyncio.to_thread(_with, known.value, self._brand.samples)
        return known.id if await brands.put(user_id, known.id, brand) else (await brands.add(user_id, brand)).id


class SampleModal(Form):
    """Asks for a text to learn from."""

    def __init__(self, name: str, locale: str) -> None:
        super().__init__(title=translate("A sample of your brand", locale))
        self.name: discord.ui.TextInput[SampleModal] = discord.ui.TextInput(max_length=_NAME, default=name)
        self.text: discord.ui.TextInput[SampleModal] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph, max_length=_TEXT
        )
        self.add_item(discord.ui.Label(text=translate("Name of the brand", locale), component=self.name))
        self.add_item(discord.ui.Label(text=translate("Texts that sound like you", locale), component=self.text))

    async def act(self, interaction: Interaction) -> None:
        """Shows what was learnt."""
        await learn(interaction, self.name.value, self.text.value)


async def learn(
    interaction: Interaction, name: str, text: str, source: Source = "message", notes: Sequence[Phrase] = ()
) -> None:
    """Measures a sample together with those that the brand of that name has, and shows what was found.

    `notes` tell how its file was read.

    Raises:
        QuillmateError: there is nothing to measure, or more than is kept.
    """
    name, text = clean_name(harmless(name))[:_NAME], harmless(text, source)
    if not text:
        raise RefusedError("There is no text in that to learn from.")
    if not name or name.casefold() == NONE:
        raise RefusedError("A brand needs a name, such as the one of your shop.")
    known = await _brands(interaction.client.app.store).found(interaction, name, own=True)
    before = known.value if known else Brand(name=name, samples=())
    await whisper(interaction, Learnt(await asyncio.to_thread(_with, before, [text]), interaction.locale.value))
    if notes:
        await whisper(interaction, "\n".join(said(note, interaction.locale.value) for note in notes))


def _with(brand: Brand, samples: Sequence[str]) -> Brand:
    """The brand with further samples, measured in the language that all of them are in."""
    return with_samples(brand, samples, language("\n".join([*brand.samples, *samples])) or "en")


async def text_of(file: discord.Attachment, user_id: int) -> Reading:
    """The text of an attached file of somebody's.

    Raises:
        FileError: it is of a type that cannot be read, too large, damaged or empty.
    """
    check(file.filename, file.size, file.content_type or "")
    return await read_material(file.filename, await file.read(), file.content_type or "", user_id=str(user_id))


async def name_in_use(interaction: Interaction) -> str:
    """The name of the person's own brand in use; that of a first one where there is none."""
    user_id = str(interaction.user.id)
    chosen = (await interaction.client.app.store.profiles.choices(user_id)).brand
    found = await interaction.client.app.store.brands.get(user_id, chosen) if chosen else None
    return found.value.name if found else FIRST_NAME


def _naming(brand: Brand) -> str:
    return brand.name


def _brands(store: Store) -> Lendable[Brand]:
    return Lendable(
        store.brands,
        _naming,
        unknown='There is no brand "{name}" here.',
        unowned='There is no brand "{name}" of yours.',
        first="/brand learn makes the first.",
    )


class BrandCommands(commands.GroupCog, group_name="brand", group_description="The voice of your brand"):
    """Brands of whoever calls, and those lent to the place they call from."""

    def __init__(self, bot: QuillmateBot) -> None:
        self._store = bot.app.store
        self._brands = _brands(bot.app.store)

    @app_commands.command(name="learn", description="Learn a brand's voice from texts you have written")
    @app_commands.describe(
        name="What the brand is called", file="A .txt, .md, .pdf or .docx file; without, I ask for a text"
    )
    async def learn_(
        self,
        interaction: Interaction,
        name: app_commands.Range[str, 1, _NAME] | None = None,
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
    @app_commands.describe(name="A brand, or none")
    async def use(self, interaction: Interaction, name: str) -> None:
        """Chooses a brand for all that follows."""
        user_id, locale = str(interaction.user.id), interaction.locale.value
        if name.strip().casefold() == NONE:
            await self._store.profiles.choose(user_id, lambda known: replace(known, brand=""))
            await whisper(interaction, translate("From now on no brand's voice is used.", locale))
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
        return await self._brands.offered(interaction, current, NONE)

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
