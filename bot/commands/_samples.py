"""A brand's voice learnt from samples: measured, shown, and stored when its owner says so."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import discord

from bot.checks.language import identify_language
from bot.client import Interaction, whisper
from bot.documents.materials import FileText, check_file, read_material
from bot.errors import Phrase, RefusedError
from bot.locales import localize, translate, translate_plural
from bot.moderation import Source
from bot.people.profiles import Profiles
from bot.replies.ledger import plain
from bot.replies.views import note_view
from bot.requests.intake import harmless
from personas.profile import clean_name
from personas.style import FEATURES, MIN_SAMPLE_WORDS, Brand, Style, add_samples, describe_style

from ._components import KEPT_SECONDS, Form, Pressed
from ._lending import Lendable

NONE = "none"
FIRST_NAME = "My brand"
MAX_NAME, _TEXT = 48, 4000
# Features whose numbers mean nothing to users; the description covers them.
_IN_WORDS = ("rhythm", "formality")


def sheet(brand: Brand, locale: str, *, own: bool = True) -> str:
    """Return a brand's voice: in words, then its measurements.

    For others than its owner (`own`) without any words of the samples, which stay private.
    """
    lines = [f"### {translate('Brand voice', locale)}: {plain(brand.name)}"]
    if brand.style is None:
        words = sum(len(text.split()) for text in brand.samples)
        need = translate_plural(
            words,
            "I need at least {least} words to learn a voice; so far there is {words}. Add another sample.",
            "I need at least {least} words to learn a voice; so far there are {words}. Add another sample.",
            locale,
        )
        lines.append(need.format(least=MIN_SAMPLE_WORDS, words=words))
    else:
        in_words = plain(localize(describe_style(brand.style, favourites=own), locale))
        lines += [in_words, _measured(brand.style, locale)]
    return "\n".join(lines)


def _measured(style: Style, locale: str) -> str:
    shown = []
    for name, one in FEATURES.items():
        if name in _IN_WORDS:
            continue
        value = style.values.get(name, 0.0)
        told = Phrase("{label} {value:.1f} {unit}", label=Phrase(one.label), value=value, unit=Phrase(one.unit))
        shown.append(localize(told, locale))
    return f"-# {' · '.join(shown)} · {style.words} {translate('words', locale)}"


class Learnt(discord.ui.LayoutView):
    """A voice that was just learnt, shown before it is stored."""

    def __init__(self, brand: Brand, locale: str) -> None:
        super().__init__(timeout=KEPT_SECONDS)
        for item in note_view(sheet(brand, locale)).children:
            self.add_item(item)
        row = discord.ui.ActionRow[discord.ui.LayoutView]()
        row.add_item(Save(brand, locale))
        self.add_item(row)


class Save(Pressed):
    """Store a voice and use it. Only the owner of the samples sees the button."""

    def __init__(self, brand: Brand, locale: str) -> None:
        super().__init__(label=translate("Save", locale), style=discord.ButtonStyle.primary)
        self._brand, self._saving = brand, asyncio.Lock()

    async def act(self, interaction: Interaction) -> None:
        """Store it; a second press changes nothing, and samples saved since it was shown stay."""
        async with self._saving:
            brand_id = await self._kept(interaction)
        await interaction.client.app.profiles.use_brand(str(interaction.user.id), brand_id)
        saved = "Saved. From now on I write in this brand's voice."
        await whisper(interaction, translate(saved, interaction.locale.value))

    async def _kept(self, interaction: Interaction) -> str:
        """Return the id of the brand, which holds the shown samples and those saved meanwhile."""
        brands, user_id = interaction.client.app.profiles.brands, str(interaction.user.id)
        known = await brands_of(interaction.client.app.profiles).found(interaction, self._brand.name, own=True)
        if known is None:
            return (await brands.add(user_id, self._brand)).id
        if set(self._brand.samples) <= set(known.value.samples):
            return known.id
        brand = await asyncio.to_thread(_with, known.value, self._brand.samples)
        return known.id if await brands.put(user_id, known.id, brand) else (await brands.add(user_id, brand)).id


class SampleModal(Form):
    """Ask for a text to learn from."""

    def __init__(self, name: str, locale: str) -> None:
        super().__init__(title=translate("A sample of your brand", locale))
        self.name: discord.ui.TextInput[SampleModal] = discord.ui.TextInput(max_length=MAX_NAME, default=name)
        self.text: discord.ui.TextInput[SampleModal] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph, max_length=_TEXT
        )
        self.add_item(discord.ui.Label(text=translate("Name of the brand", locale), component=self.name))
        self.add_item(discord.ui.Label(text=translate("Texts that sound like you", locale), component=self.text))

    async def act(self, interaction: Interaction) -> None:
        """Show what was learnt."""
        await learn(interaction, self.name.value, self.text.value)


async def learn(
    interaction: Interaction, name: str, text: str, source: Source = "message", notes: Sequence[Phrase] = ()
) -> None:
    """Measure a sample together with those of the brand of that name, and show the outcome.

    `notes` describe how its file was read.

    Raises:
        QuillmateError: there is nothing to measure, or the maximum is reached.
    """
    name, text = clean_name(harmless(name))[:MAX_NAME], harmless(text, source)
    if not text:
        raise RefusedError("I found no text in that to learn from. Try another text or file.")
    if not name or name.casefold() == NONE:
        raise RefusedError("A brand needs a name, such as the name of your shop.")
    known = await brands_of(interaction.client.app.profiles).found(interaction, name, own=True)
    before = known.value if known else Brand(name=name, samples=())
    await whisper(interaction, Learnt(await asyncio.to_thread(_with, before, [text]), interaction.locale.value))
    if notes:
        await whisper(interaction, "\n".join(localize(note, interaction.locale.value) for note in notes))


def _with(brand: Brand, samples: Sequence[str]) -> Brand:
    """Return the brand with further samples, measured in their common language."""
    return add_samples(brand, samples, identify_language("\n".join([*brand.samples, *samples])) or "en")


async def text_of(file: discord.Attachment, user_id: int) -> FileText:
    """Return the text of a user's attached file.

    Raises:
        FileError: its type cannot be read, or it is too large, damaged or empty.
    """
    check_file(file.filename, file.size, file.content_type or "")
    return await read_material(file.filename, await file.read(), file.content_type or "", user_id=str(user_id))


async def name_in_use(interaction: Interaction) -> str:
    """Return the name of the user's own brand in use; the first brand's if there is none."""
    found = await interaction.client.app.profiles.find_brand(str(interaction.user.id))
    return found.value.name if found else FIRST_NAME


def _naming(brand: Brand) -> str:
    return brand.name


def brands_of(profiles: Profiles) -> Lendable[Brand]:
    return Lendable(
        profiles.brands,
        _naming,
        unknown='There is no brand called "{name}" here.',
        unowned='You have no brand called "{name}".',
        first="Create the first one with /brand learn.",
    )
