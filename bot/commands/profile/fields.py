"""The text form of profile fields, and the form and menu that edit them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import discord

from bot.client import Interaction, whisper
from bot.errors import RefusedError
from bot.interactions.components import Form, PersistentItem
from bot.locales import translate
from bot.replies.ledger import CHOICES, FIELDS, label
from bot.replies.views import note_view
from bot.requests.intake import clean_text
from personas.ledger import ME, KnownProfile
from personas.profile import MAX_TEXT, CallToAction, Profile, strip_bullet

# Maximum characters of multi-line and single-line inputs.
_MAX_PARAGRAPH_CHARACTERS, _MAX_LINE_CHARACTERS = 4000, 300
# Fields of words and short phrases, whose entries may be separated by commas or semicolons, too.
_SHORT_ENTRY_FIELDS, _SHORT_ENTRY_SEPARATOR = frozenset({"tone", "prefer_terms", "avoid_words"}), re.compile(r"[\n,;]")
# Splits the last word of a call to action into text and address: "Pop in before 3: fernandfog.example/today".
_ACTION_END = re.compile(r"(.*?):*((?:.+://.+|(?:[\w-]+\.)+[a-z]{2,}.*)?)")


def _parse_action(text: str) -> dict[str, str]:
    """Parse a call to action into its text and its link. A last word longer than MAX_TEXT is not a link."""
    leading_text, _, link_part = "".join(" " if character.isspace() else character for character in text).rpartition(
        " "
    )
    match = _ACTION_END.fullmatch(link_part) if len(link_part) <= MAX_TEXT else None
    if not match:
        return {"text": text, "link": ""}
    text_part = text[: len(leading_text) + len(text) - len(leading_text) - len(link_part) + len(match[1])]
    return {"text": text_part.strip() if match[1] else text_part.rstrip(": \t\r\n").strip(), "link": match[2]}


def format_value(value: Any) -> str:
    """Format the value of a field as users type it."""
    if isinstance(value, list | tuple):
        return "\n".join(map(str, value))
    if isinstance(value, CallToAction | dict):
        action = dict(value)
        return ": ".join(filter(None, (action.get("text"), action.get("link"))))
    return str(value or "")


def parse_value(name: str, text: str, is_list: bool) -> Any:
    """Parse the value of a field as users type it; an empty one becomes the field's default. `is_list` marks fields that have
    several entries.
    """
    text = text.strip()
    if name == "call_to_action":
        return _parse_action(text) if text else None
    if is_list:
        entries = _SHORT_ENTRY_SEPARATOR.split(text) if name in _SHORT_ENTRY_FIELDS else text.splitlines()
        return list(filter(None, map(strip_bullet, entries)))
    if not text and name in Profile.model_fields:
        return Profile.model_fields[name].default
    return text


def format_values(known_profile: KnownProfile, names: Sequence[str]) -> dict[str, str]:
    """Format the current values of some fields as users type them."""
    fields = known_profile.profile.model_dump(mode="json")
    habits = {name: entry.value for name, entry in known_profile.sources.items() if name not in fields}
    return {name: format_value({**fields, **habits}.get(name)) for name in names}


class ProfileModal(Form):
    """Ask for some fields of the profile, prefilled; changes are stored in the first of the scopes."""

    def __init__(
        self, names: Sequence[str], current_values: Mapping[str, str], locale: str, scopes: tuple[str, ...] = (ME,)
    ) -> None:
        super().__init__(title=translate("Your profile", locale))
        self._names, self._scopes = tuple(names), scopes
        self._inputs: dict[str, discord.ui.TextInput[ProfileModal]] = {}
        for name in names:
            _, title, hint, is_list = FIELDS[name]
            style = discord.TextStyle.paragraph if is_list else discord.TextStyle.short
            max_length = _MAX_PARAGRAPH_CHARACTERS if is_list else _MAX_LINE_CHARACTERS
            field: discord.ui.TextInput[ProfileModal] = discord.ui.TextInput(
                custom_id=name,
                style=style,
                required=False,
                default=current_values.get(name, "")[:max_length] or None,
                placeholder=hint if name in CHOICES else translate(hint, locale),
                max_length=max_length,
            )
            self._inputs[name] = field
            self.add_item(discord.ui.Label(text=translate(title, locale)[:45], component=field))

    async def act(self, interaction: Interaction) -> None:
        """Save the changes, on top of the profile's current state."""
        values = {
            name: parse_value(name, clean_text(self._inputs[name].value, field=name), FIELDS[name][3])
            for name in self._names
        }
        await interaction.client.app.profiles.state(str(interaction.user.id), values, self._scopes)
        await whisper(
            interaction, translate("Saved. From now on, I'll write with that in mind.", interaction.locale.value)
        )


class FieldMenu(PersistentItem[discord.ui.Select[Any]], template="quillcorrect"):
    """The menu of fields that can be corrected."""

    def __init__(self, known_profile: KnownProfile | None = None, locale: str = "en") -> None:
        menu: discord.ui.Select[Any] = discord.ui.Select(
            custom_id="quillcorrect", placeholder=translate("What is wrong?", locale)
        )
        current_values = format_values(known_profile, list(FIELDS)) if known_profile else {}
        for name in sorted(FIELDS, key=lambda name: not current_values.get(name)):
            text = ", ".join(current_values.get(name, "").splitlines())[:100]
            menu.add_option(label=label(name, locale)[:100], value=name, description=text or None)
        super().__init__(menu)

    async def act(self, interaction: Interaction) -> None:
        """Open the form of the field."""
        name = next(iter(self.item.values), "")
        if name not in FIELDS:
            raise RefusedError("That field no longer exists.")
        await open_fields_form(interaction, [name], (ME,))


async def open_fields_form(interaction: Interaction, names: Sequence[str], scopes: tuple[str, ...]) -> None:
    """Open the form of some fields, prefilled."""
    known_profile, _ = await interaction.client.app.profiles.load_scoped(str(interaction.user.id), scopes)
    await interaction.response.send_modal(
        ProfileModal(names, format_values(known_profile, names), interaction.locale.value, scopes)
    )


async def ask_for_field(interaction: Interaction) -> None:
    """Ask which field to correct."""
    known_profile, _ = await interaction.client.app.profiles.load_scoped(str(interaction.user.id))
    locale = interaction.locale.value
    view = note_view(translate("What is wrong?", locale))
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    row.add_item(FieldMenu(known_profile, locale))
    view.add_item(row)
    await interaction.response.send_message(view=view, ephemeral=True)
