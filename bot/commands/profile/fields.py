"""Fields as users type them, and the modal and menu that edit them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import discord

from bot.client import Interaction, whisper
from bot.commands._components import Form, PersistentItem
from bot.errors import RefusedError
from bot.locales import translate
from bot.replies.ledger import CHOICES, FIELDS, label
from bot.replies.views import note_view
from bot.requests.intake import harmless
from personas.ledger import ME, KnownProfile
from personas.profile import MAX_TEXT, CallToAction, Profile, strip_bullet

_PARAGRAPH, _LINE = 4000, 300
# Fields of words and short phrases, which users separate by commas or semicolons as well.
_WORDS, _SHORT = frozenset({"tone", "prefer_terms", "avoid_words"}), re.compile(r"[\n,;]")
# The last part of a text that may end with an address: "Pop in before 3: fernandfog.example/today". Longer ones are
# none.
_LAST = re.compile(r"(.*?):*((?:.+://.+|(?:[\w-]+\.)+[a-z]{2,}.*)?)")


def _parse_action(text: str) -> dict[str, str]:
    """Parse the words and the link of a call to action."""
    head, _, link_part = "".join(" " if character.isspace() else character for character in text).rpartition(" ")
    match = _LAST.fullmatch(link_part) if len(link_part) <= MAX_TEXT else None
    if not match:
        return {"text": text, "link": ""}
    text_part = text[: len(head) + len(text) - len(head) - len(link_part) + len(match[1])]
    return {"text": text_part.strip() if match[1] else text_part.rstrip(": \t\r\n").strip(), "link": match[2]}


def format_value(value: Any) -> str:
    """Return a field's value as users type it."""
    if isinstance(value, list | tuple):
        return "\n".join(map(str, value))
    if isinstance(value, CallToAction | dict):
        link = dict(value)
        return ": ".join(filter(None, (link.get("text"), link.get("link"))))
    return str(value or "")


def parse_value(name: str, text: str, several: bool) -> Any:
    """Parse the value of a field as typed; an emptied one gets its default."""
    text = text.strip()
    if name == "call_to_action":
        return _parse_action(text) if text else None
    if several:
        entries = _SHORT.split(text) if name in _WORDS else text.splitlines()
        return list(filter(None, map(strip_bullet, entries)))
    if not text and name in Profile.model_fields:
        return Profile.model_fields[name].default
    return text


def format_values(known_profile: KnownProfile, names: Sequence[str]) -> dict[str, str]:
    """Return the current values of some fields, as typed."""
    fields = known_profile.profile.model_dump(mode="json")
    others = {name: entry.value for name, entry in known_profile.sources.items() if name not in fields}
    return {name: format_value({**fields, **others}.get(name)) for name in names}


class ProfileModal(Form):
    """Some fields of the profile, prefilled; changes are stored in the first of the scopes."""

    def __init__(
        self, names: Sequence[str], filled: Mapping[str, str], locale: str, scopes: tuple[str, ...] = (ME,)
    ) -> None:
        super().__init__(title=translate("Your profile", locale))
        self._names, self._scopes = tuple(names), scopes
        self._inputs: dict[str, discord.ui.TextInput[ProfileModal]] = {}
        for name in names:
            _, title, hint, several = FIELDS[name]
            style = discord.TextStyle.paragraph if several else discord.TextStyle.short
            max_length = _PARAGRAPH if several else _LINE
            field: discord.ui.TextInput[ProfileModal] = discord.ui.TextInput(
                custom_id=name,
                style=style,
                required=False,
                default=filled.get(name, "")[:max_length] or None,
                placeholder=hint if name in CHOICES else translate(hint, locale),
                max_length=max_length,
            )
            self._inputs[name] = field
            self.add_item(discord.ui.Label(text=translate(title, locale)[:45], component=field))

    async def act(self, interaction: Interaction) -> None:
        """Save the changes, on top of the profile's current state."""
        values = {
            name: parse_value(name, harmless(self._inputs[name].value, field=name), FIELDS[name][3])
            for name in self._names
        }
        await interaction.client.app.profiles.state(str(interaction.user.id), values, self._scopes)
        await whisper(interaction, translate("Saved. From now on I write with that in mind.", interaction.locale.value))


class FieldMenu(PersistentItem[discord.ui.Select[Any]], template="quillcorrect"):
    """The menu of fields that can be corrected."""

    def __init__(self, known_profile: KnownProfile | None = None, locale: str = "en") -> None:
        menu: discord.ui.Select[Any] = discord.ui.Select(
            custom_id="quillcorrect", placeholder=translate("What is wrong?", locale)
        )
        filled = format_values(known_profile, list(FIELDS)) if known_profile else {}
        for name in sorted(FIELDS, key=lambda name: not filled.get(name)):
            text = ", ".join(filled.get(name, "").splitlines())[:100]
            menu.add_option(label=label(name, locale)[:100], value=name, description=text or None)
        super().__init__(menu)

    async def act(self, interaction: Interaction) -> None:
        """Open the field."""
        name = next(iter(self.item.values), "")
        if name not in FIELDS:
            raise RefusedError("That field no longer exists.")
        await open_fields_form(interaction, [name], (ME,))


async def open_fields_form(interaction: Interaction, names: Sequence[str], scopes: tuple[str, ...]) -> None:
    """Open the modal of some fields, prefilled."""
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
