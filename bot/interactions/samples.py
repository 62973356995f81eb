"""Learning the voice of a brand from samples: it is measured, shown, and stored once its owner confirms."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import discord

from bot.checks.language import identify_language
from bot.client import Interaction, whisper
from bot.documents.materials import FileText, check_file, read_material
from bot.errors import Phrase, RefusedError
from bot.interactions.components import UNSAVED_SECONDS, Form, ViewButton
from bot.interactions.sharing import ShareableItems
from bot.locales import localize, translate, translate_plural
from bot.moderation import Source
from bot.people.profiles import Profiles
from bot.replies.ledger import plain
from bot.replies.views import note_view
from bot.requests.intake import clean_text
from personas.profile import clean_name
from personas.style import FEATURES, MIN_SAMPLE_WORDS, Brand, Style, add_samples, describe_style

NONE = "none"
FIRST_NAME = "My brand"
MAX_NAME_CHARACTERS, _MAX_TEXT_CHARACTERS = 48, 4000
# Features whose numbers mean nothing to users; the description puts them in words.
_HIDDEN_FEATURES = ("rhythm", "formality")


def format_brand(brand: Brand, locale: str, *, is_own: bool = True) -> str:
    """Format the voice of a brand: a description and measurements.

    Unless `is_own`, the description contains no words from the samples, which are private to the owner.
    """
    lines = [f"### {translate('Brand voice', locale)}: {plain(brand.name)}"]
    if brand.style is None:
        word_count = sum(len(text.split()) for text in brand.samples)
        message = translate_plural(
            word_count,
            "I need at least {least} words to learn a voice; so far there is {words}. Add another sample.",
            "I need at least {least} words to learn a voice; so far there are {words}. Add another sample.",
            locale,
        )
        lines.append(message.format(least=MIN_SAMPLE_WORDS, words=word_count))
    else:
        description = plain(localize(describe_style(brand.style, favourites=is_own), locale))
        lines += [description, _format_measurements(brand.style, locale)]
    return "\n".join(lines)


def _format_measurements(style: Style, locale: str) -> str:
    parts = []
    for name, feature in FEATURES.items():
        if name in _HIDDEN_FEATURES:
            continue
        value = style.values.get(name, 0.0)
        phrase = Phrase(
            "{label} {value:.1f} {unit}", label=Phrase(feature.label), value=value, unit=Phrase(feature.unit)
        )
        parts.append(localize(phrase, locale))
    return f"-# {' · '.join(parts)} · {style.words} {translate('words', locale)}"


class LearntVoiceView(discord.ui.LayoutView):
    """Shows a newly learnt voice, with a button that stores it."""

    def __init__(self, brand: Brand, locale: str) -> None:
        super().__init__(timeout=UNSAVED_SECONDS)
        for item in note_view(format_brand(brand, locale)).children:
            self.add_item(item)
        row = discord.ui.ActionRow[discord.ui.LayoutView]()
        row.add_item(SaveVoiceButton(brand, locale))
        self.add_item(row)


class SaveVoiceButton(ViewButton):
    """A button that stores a voice and selects it. Only the owner of the samples sees it."""

    def __init__(self, brand: Brand, locale: str) -> None:
        super().__init__(label=translate("Save", locale), style=discord.ButtonStyle.primary)
        self._brand, self._lock = brand, asyncio.Lock()

    async def act(self, interaction: Interaction) -> None:
        """Store the voice; pressing the button twice has no further effect."""
        async with self._lock:
            brand_id = await self._save(interaction)
        await interaction.client.app.profiles.use_brand(str(interaction.user.id), brand_id)
        message = "Saved. From now on, I'll write in this brand's voice."
        await whisper(interaction, translate(message, interaction.locale.value))

    async def _save(self, interaction: Interaction) -> str:
        """Store the brand with its samples and those stored in the meantime; return its id."""
        brands, user_id = interaction.client.app.profiles.brands, str(interaction.user.id)
        stored_brand = await build_lendable_brands(interaction.client.app.profiles).find(
            interaction, self._brand.name, own_only=True
        )
        if stored_brand is None:
            return (await brands.add(user_id, self._brand)).id
        if set(self._brand.samples) <= set(stored_brand.value.samples):
            return stored_brand.id
        brand = await asyncio.to_thread(_add_samples, stored_brand.value, self._brand.samples)
        return (
            stored_brand.id
            if await brands.put(user_id, stored_brand.id, brand)
            else (await brands.add(user_id, brand)).id
        )


class SampleModal(Form):
    """Ask for a text to learn from."""

    def __init__(self, name: str, locale: str) -> None:
        super().__init__(title=translate("Text sample for your brand", locale))
        self.name: discord.ui.TextInput[SampleModal] = discord.ui.TextInput(
            max_length=MAX_NAME_CHARACTERS, default=name
        )
        self.text: discord.ui.TextInput[SampleModal] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph, max_length=_MAX_TEXT_CHARACTERS
        )
        self.add_item(discord.ui.Label(text=translate("Name of the brand", locale), component=self.name))
        self.add_item(discord.ui.Label(text=translate("Texts that sound like you", locale), component=self.text))

    async def act(self, interaction: Interaction) -> None:
        """Measure the sample and show the voice."""
        await learn_sample(interaction, self.name.value, self.text.value)


async def learn_sample(
    interaction: Interaction, name: str, text: str, source: Source = "message", notes: Sequence[Phrase] = ()
) -> None:
    """Measure a sample together with those of the brand with the same name, and show the voice.

    `notes` are about how the file of the sample was read.

    Raises:
        QuillmateError: there is nothing to measure, or the brand has the maximum number of samples.
    """
    name, text = clean_name(clean_text(name))[:MAX_NAME_CHARACTERS], clean_text(text, source)
    if not text:
        raise RefusedError("I found no text in that to learn from. Try another text or file.")
    if not name or name.casefold() == NONE:
        raise RefusedError("A brand needs a name, such as the name of your shop.")
    stored_brand = await build_lendable_brands(interaction.client.app.profiles).find(interaction, name, own_only=True)
    brand = stored_brand.value if stored_brand else Brand(name=name, samples=())
    await whisper(
        interaction, LearntVoiceView(await asyncio.to_thread(_add_samples, brand, [text]), interaction.locale.value)
    )
    if notes:
        await whisper(interaction, "\n".join(localize(note, interaction.locale.value) for note in notes))


def _add_samples(brand: Brand, samples: Sequence[str]) -> Brand:
    """Return the brand with further samples, measured again; the language is identified from all samples."""
    return add_samples(brand, samples, identify_language("\n".join([*brand.samples, *samples])) or "en")


async def read_attachment(file: discord.Attachment, user_id: int) -> FileText:
    """Return the text of a user's attached file.

    Raises:
        FileError: its type cannot be read, or it is too large, damaged or empty.
    """
    check_file(file.filename, file.size, file.content_type or "")
    return await read_material(file.filename, await file.read(), file.content_type or "", user_id=str(user_id))


async def find_name_in_use(interaction: Interaction) -> str:
    """Return the name of the user's own brand in use, or the name of a first brand if there is none."""
    brand = await interaction.client.app.profiles.find_brand(str(interaction.user.id))
    return brand.value.name if brand else FIRST_NAME


def _get_name(brand: Brand) -> str:
    return brand.name


def build_lendable_brands(profiles: Profiles) -> ShareableItems[Brand]:
    """Return a user's brands as things that can be lent to a server."""
    return ShareableItems(
        profiles.brands,
        _get_name,
        unknown_message='There is no brand called "{name}" here.',
        unowned_message='You have no brand called "{name}".',
        empty_hint="Create the first one with /brand learn.",
    )
