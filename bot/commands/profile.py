"""/profile edit, show and forget: what the bot knows about a person, in that person's hands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Interaction, QuillmateBot, whisper
from bot.errors import sentence
from bot.locales import translate
from bot.replies.split import split
from bot.replies.views import PIECE, button_id, note_view
from personas.persona import known, persona
from personas.profile import CallToAction, Profile

# One field of a modal: the profile's field, its label, a hint, and whether it holds several entries, one a line.
_Field = tuple[str, str, str, bool]
SECTIONS: dict[str, tuple[_Field, ...]] = {
    "about you": (
        ("organisation", "Organisation", "Fern & Fog Coffee", False),
        ("role", "What you do", "owner of a neighbourhood café", False),
        ("audience", "Who reads what you write", "neighbours, dog walkers", False),
        ("facts", "Facts I may use, one a line", "open 7:30 to 15:00", True),
        ("call_to_action", "What readers should do: words, then a link", "Pop in before 3: fernandfog.example", False),
    ),
    "your voice": (
        ("tone", "How you sound, one a line", "warm", True),
        ("prefer_terms", "Words you like, one a line", "flat white", True),
        ("avoid_words", "Words to avoid, one a line", "artisan", True),
        ("reading_level", "Reading level: CEFR B1 or US grade 7", "CEFR B1", False),
        ("accessibility", "Access needs to keep in mind, one a line", "step-free entrance", True),
    ),
    "form": (
        ("output_language", "Language of results: a code such as en or es", "en", False),
        ("preferred_length", "Length: short, medium or long", "short", False),
        ("emoji", "Emoji: none, few or many", "few", False),
        ("timezone", "Time zone", "Europe/London", False),
        ("display_name", "What I call you", "Fern", False),
    ),
}
_PARAGRAPH, _LINE = 4000, 300
# How long a refused modal can be opened again.
_KEPT_SECONDS = 900.0
# Words, then an address where one stands at the end: "Pop in before 3: fernandfog.example/today".
_ACTION = re.compile(r"(.*?)[:\s]*((?:\S+://\S+|(?:[\w-]+\.)+[a-z]{2,}\S*)?)", re.DOTALL)


def shown(profile: Profile, name: str) -> str:
    """A field of a profile as its owner types it."""
    value = getattr(profile, name)
    if isinstance(value, tuple):
        return "\n".join(value)
    if isinstance(value, CallToAction):
        return ": ".join(filter(None, (value.text, value.link)))
    return value or ""


def typed(name: str, text: str, several: bool) -> Any:
    """The value of a field from what its owner typed."""
    text = text.strip()
    if name == "call_to_action":
        found = _ACTION.fullmatch(text)
        return {"text": found[1].strip(), "link": found[2] or ""} if found and text else None
    if several:
        return [line.strip(" -•") for line in text.splitlines() if line.strip(" -•")]
    return text


class ProfileModal(discord.ui.Modal):
    """One section of the profile, prefilled."""

    def __init__(self, section: str, filled: Mapping[str, str], locale: str) -> None:
        super().__init__(title=translate("Your profile", locale))
        self._section = section
        self._inputs: dict[str, discord.ui.TextInput[ProfileModal]] = {}
        for name, label, hint, several in SECTIONS[section]:
            style = discord.TextStyle.paragraph if several else discord.TextStyle.short
            most = _PARAGRAPH if several else _LINE
            field: discord.ui.TextInput[ProfileModal] = discord.ui.TextInput(
                custom_id=name,
                style=style,
                required=False,
                default=filled.get(name, "")[:most] or None,
                placeholder=hint,
                max_length=most,
            )
            self._inputs[name] = field
            self.add_item(discord.ui.Label(text=translate(label, locale)[:45], component=field))

    async def on_submit(self, interaction: Interaction, /) -> None:  # type: ignore[override]
        """Saves what was typed, on top of whatever the profile holds by then."""
        values = {
            name: typed(name, self._inputs[name].value, several) for name, _, _, several in SECTIONS[self._section]
        }
        # What was emptied goes back to its default.
        values = {name: Profile.model_fields[name].default if value == "" else value for name, value in values.items()}

        def change(profile: Profile) -> Profile:
            return Profile.of({**profile.model_dump(mode="json"), **values})

        await interaction.client.app.store.profiles.update(str(interaction.user.id), change)
        await whisper(interaction, translate("Saved. From now on I write with that in mind.", interaction.locale.value))

    async def on_error(self, interaction: Interaction, error: Exception, /) -> None:  # type: ignore[override]
        """Tells what was wrong, with a button that opens the modal again as it was filled in."""
        view, locale = note_view(sentence(error), wrong=True), interaction.locale.value
        filled = {name: field.value for name, field in self._inputs.items()}
        view.timeout = _KEPT_SECONDS
        view.add_item(discord.ui.ActionRow(EditAgain(self._section, filled, locale)))
        await interaction.response.send_message(view=view, ephemeral=True)


class EditAgain(discord.ui.Button[discord.ui.LayoutView]):
    """Opens a refused modal again, with what was typed into it."""

    def __init__(self, section: str, filled: Mapping[str, str], locale: str) -> None:
        super().__init__(label=translate("Edit again", locale), style=discord.ButtonStyle.primary)
        self._modal = (section, filled, locale)

    async def callback(self, interaction: Interaction) -> None:  # type: ignore[override]
        """Only the person who typed sees the button."""
        await interaction.response.send_modal(ProfileModal(*self._modal))


class ProfileCommands(commands.GroupCog, group_name="profile", group_description="What I know about you"):
    """The profile of whoever calls. There is no way to name another person."""

    def __init__(self, bot: QuillmateBot) -> None:
        self._profiles = bot.app.store.profiles

    @app_commands.command(name="edit", description="Tell me who you are, whom you write for and how you sound")
    @app_commands.describe(section="Which part of your profile")
    @app_commands.choices(section=[app_commands.Choice(name=name, value=name) for name in SECTIONS])
    async def edit(self, interaction: Interaction, section: str = "about you") -> None:
        """Opens the modal, prefilled."""
        profile = await self._profiles.get(str(interaction.user.id))
        filled = {name: shown(profile, name) for name, *_ in SECTIONS[section]}
        await interaction.response.send_modal(ProfileModal(section, filled, interaction.locale.value))

    @app_commands.command(name="show", description="See all I know about you")
    async def show(self, interaction: Interaction) -> None:
        """A private page of everything that is kept."""
        user_id, locale = str(interaction.user.id), interaction.locale.value
        profile, chosen = await self._profiles.with_persona(user_id)
        title = await _title_of(interaction, chosen) if chosen else ""
        counts = await interaction.client.app.store.generations.counts(user_id)
        first, *more = split(_page(profile, title, counts, locale), PIECE)
        await interaction.response.send_message(view=note_view(first), ephemeral=True)
        for piece in more:
            await interaction.followup.send(view=note_view(piece), ephemeral=True)

    @app_commands.command(name="forget", description="Delete all I know about you")
    async def forget(self, interaction: Interaction) -> None:
        """Asks once, then deletes."""
        view = note_view("Delete your profile, your results and your votes? This cannot be taken back.")
        row = discord.ui.ActionRow[discord.ui.LayoutView]()
        custom_id = button_id("forget", str(interaction.user.id))
        row.add_item(
            discord.ui.Button(label="Delete everything", style=discord.ButtonStyle.danger, custom_id=custom_id)
        )
        view.add_item(row)
        await interaction.response.send_message(view=view, ephemeral=True)


async def _title_of(interaction: Interaction, chosen: str) -> str:
    """What the persona in use is called, one that ships or an own one; empty when it is not there any more."""
    if known(chosen):
        return persona(chosen).title
    own = await interaction.client.app.store.personas.get(str(interaction.user.id), chosen)
    return own.value.title if own else ""


def _page(profile: Profile, title: str, counts: tuple[int, int], locale: str) -> str:
    lines = [f"### {translate('Your profile', locale)}"]
    for section, fields in SECTIONS.items():
        told = [(label, shown(profile, name).replace("\n", ", ")) for name, label, _, _ in fields]
        lines_of = [
            f"-# {translate(label, locale).split(':')[0].split(',')[0]}\n{value}" for label, value in told if value
        ]
        if lines_of:
            lines.append(f"**{translate(section.capitalize(), locale)}**\n" + "\n".join(lines_of))
    if profile.is_empty:
        lines.append(
            translate("Nothing yet. /profile edit takes a minute and makes everything I write more yours.", locale)
        )
    if title:
        lines.append(f"**{translate('Persona', locale)}**\n{title}")
    results, votes = counts
    lines.append(f"-# {translate('Results kept', locale)}: {results} · {translate('Votes', locale)}: {votes}")
    return discord.utils.escape_mentions("\n".join(lines))


async def setup(bot: QuillmateBot) -> None:
    """Adds the commands."""
    await bot.add_cog(ProfileCommands(bot))
