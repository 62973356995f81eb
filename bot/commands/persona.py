"""/persona: chooses, creates and shares the voices to write in: built-in ones, the user's own, and shared ones."""

from __future__ import annotations

import asyncio
from typing import Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Interaction, QuillmateBot, whisper
from bot.documents.encodings import decode_text
from bot.documents.materials import describe_guess
from bot.errors import FileError, Phrase, RefusedError
from bot.interactions.components import UNSAVED_SECONDS, EditAgainButton, Form, ViewButton
from bot.interactions.sharing import (
    GIVEN_TO_SERVER,
    PLACES,
    WORKSPACE,
    ShareableItems,
    build_choices,
    describe_scope,
    find_by_name,
    is_manager,
)
from bot.interactions.stage.start import get_user_language, start_interview
from bot.interactions.stage.talking import InterviewButton, parse_card_description
from bot.locales import localize, translate
from bot.moderation import refuse
from bot.moderation.words import fold_name
from bot.replies.files import attachment
from bot.replies.gallery import render_gallery, render_portrait
from bot.replies.ledger import plain
from bot.replies.views import note_view
from bot.requests.intake import clean_text
from bot.simulation.interview import MAX_CARD_CHARACTERS, build_persona_card
from personas.card import MAX_BYTES, format_file_stem, read_card, to_json, to_png
from personas.persona import NOBODY, NONE, Persona, build_persona, find_persona, format_toml, load_builtin, parse_toml
from personas.profile import strip_bullet
from storage.owned_items import OwnedItem
from storage.owners import is_workspace

DEFAULT = "default"
_MAX_LIST_CHARACTERS = 1700
CardFormat = Literal["toml", "json", "json v2", "png"]


def format_persona(persona: Persona, locale: str) -> str:
    """Format a persona: its voice, what it does and does not do, and an example."""
    lines = [f"### {plain(persona.title)}", plain(persona.voice)]
    for label, traits in (
        ("Habits", persona.habits),
        ("What it likes to do", persona.do),
        ("What it never does", persona.dont),
    ):
        if traits:
            lines += [f"**{translate(label, locale)}**", *(f"- {plain(trait)}" for trait in traits)]
    for example in persona.examples[:1]:
        lines += [f"**{translate('How it writes', locale)}**", f"> {plain(example.text)}"]
    return "\n".join(lines)


class PersonaModal(Form):
    """Ask for the parts of a new voice."""

    def __init__(self, locale: str) -> None:
        super().__init__(title=translate("Your own voice", locale))
        self._inputs: dict[str, discord.ui.TextInput[PersonaModal]] = {}
        for name, label, max_length, is_required in (
            ("title", "Its name", 48, True),
            ("voice", "How it writes, in one or two sentences", 600, True),
            ("do", "What it likes to do, one per line", _MAX_LIST_CHARACTERS, False),
            ("dont", "What it never does, one per line", _MAX_LIST_CHARACTERS, False),
            ("example", "A text it could have written", 600, False),
        ):
            style = discord.TextStyle.short if name == "title" else discord.TextStyle.paragraph
            field: discord.ui.TextInput[PersonaModal] = discord.ui.TextInput(
                custom_id=name, style=style, required=is_required, max_length=max_length
            )
            self._inputs[name] = field
            self.add_item(discord.ui.Label(text=translate(label, locale), component=field))

    async def act(self, interaction: Interaction) -> None:
        """Store the voice and use it."""
        inputs = {name: clean_text(field.value) for name, field in self._inputs.items()}
        lines = {name: list(filter(None, map(strip_bullet, inputs[name].splitlines()))) for name in ("do", "dont")}
        examples = [{"text": inputs["example"]}] if inputs["example"] else []
        persona = build_persona({"title": inputs["title"], "voice": inputs["voice"], **lines, "examples": examples})
        await store_persona(interaction, persona, EditAgainButton(self, interaction.locale.value))


async def store_persona(interaction: Interaction, persona: Persona, *alternatives: ViewButton) -> None:
    """Store a voice of the user and use it from now on; if it would replace one with the same title, ask first.

    `alternatives` are further buttons below that question.

    Raises:
        RefusedError: a built-in voice has that title, or the title is reserved.
        StorageError: the user has the maximum number of voices.
    """
    folded_title = fold_name(persona.title)
    if any(folded_title in (fold_name(persona.title), fold_name(persona.name)) for persona in load_builtin().values()):
        raise RefusedError(
            "One of my built-in voices is already called {title}. Give yours another name.", title=persona.title
        )
    if folded_title == DEFAULT:
        raise RefusedError("That name is reserved for the voice that fits each kind. Give yours another name.")
    if folded_title in (NONE, fold_name(NOBODY.title)):
        raise RefusedError("That name is reserved for writing without a persona. Give yours another name.")
    existing = await _find_by_title(interaction, persona.title)
    if existing is None or existing.value == persona:
        await save_persona(interaction, persona)
        return
    locale = interaction.locale.value
    message = translate('You already have a voice called "{name}". Replace it? The old one cannot be restored.', locale)
    view = note_view(message.format(name=plain(existing.value.title)))
    view.hold(UNSAVED_SECONDS)
    view.add_item(discord.ui.ActionRow(ReplaceButton(persona, locale), *alternatives))
    await whisper(interaction, view)


async def save_persona(interaction: Interaction, persona: Persona) -> None:
    """Store a voice of the user, replacing one with the same title, and use it from now on.

    Raises:
        StorageError: the user has the maximum number of voices.
    """
    existing = await _find_by_title(interaction, persona.title)
    await interaction.client.app.profiles.save_persona(str(interaction.user.id), persona, existing)
    message = translate("From now on, this voice will write for you.", interaction.locale.value)
    await whisper(interaction, f"{message}\n{format_persona(persona, interaction.locale.value)}")


async def _find_by_title(interaction: Interaction, title: str) -> OwnedItem[Persona] | None:
    return find_by_name(
        await interaction.client.app.profiles.personas.list_all(str(interaction.user.id)), title, _get_title
    )


class ReplaceButton(ViewButton):
    """A button that replaces the user's voice with the same title. Only the user sees it."""

    def __init__(self, persona: Persona, locale: str) -> None:
        super().__init__(label=translate("Replace", locale), style=discord.ButtonStyle.danger)
        self._persona = persona

    async def act(self, interaction: Interaction) -> None:
        """Store the voice."""
        await save_persona(interaction, self._persona)


class PersonaCommands(commands.GroupCog, group_name="persona", group_description="The voice I write in"):
    """Commands that choose, make and share voices."""

    def __init__(self, bot: QuillmateBot) -> None:
        self._profiles = bot.app.profiles
        self._voices = ShareableItems(
            bot.app.profiles.personas,
            _get_title,
            unknown_message='There is no voice called "{name}" here.',
            unowned_message='You have no voice called "{name}".',
            empty_hint="Create one with /persona make.",
        )

    @app_commands.command(name="use", description="Choose the voice that writes for you")
    @app_commands.describe(name="A persona, “none”, or “default” for the best fit for each kind")
    async def use(self, interaction: Interaction, name: str) -> None:
        """Choose a persona, none, or the default of each kind."""
        user_id = str(interaction.user.id)
        if name.strip().casefold() == NONE:
            await self._profiles.use_persona(user_id, NONE)
            message = "From now on, I'll write without a persona, guided only by the kind of text and your profile."
            await whisper(interaction, translate(message, interaction.locale.value))
            return
        if name.strip().casefold() == DEFAULT:
            await self._profiles.use_persona(user_id, None)
            message = "From now on, I'll write each kind in the voice that fits it, or in the voice set where you ask."
            await whisper(interaction, translate(message, interaction.locale.value))
            return
        own_voice = await self._voices.find(interaction, name)
        persona = own_voice.value if own_voice else find_persona(name)
        await self._profiles.use_persona(user_id, own_voice.id if own_voice else persona.name)
        title, summary = (plain(translate(text, interaction.locale.value)) for text in (persona.title, persona.summary))
        message = translate("From now on, I'll write in this voice: {title}.", interaction.locale.value)
        await whisper(interaction, f"{message.format(title=title)} {summary}".strip())

    @app_commands.command(name="list", description="See all voices")
    async def list_(self, interaction: Interaction) -> None:
        """List all personas, one per line, the built-in ones first."""
        current = await self._profiles.get_persona(str(interaction.user.id))
        locale = interaction.locale.value
        in_use = f" ({translate('in use', locale)})"
        lines = [
            f"**{translate(persona.title, locale)}**{in_use if persona.name == current else ''}"
            f"\n-# {translate(persona.summary, locale)}"
            for persona in load_builtin().values()
        ]
        for item in await self._voices.list_all(interaction):
            scope = f" · {translate(describe_scope(item), interaction.locale.value)}" if describe_scope(item) else ""
            mark = in_use if item.id == current else ""
            lines.append(
                f"**{plain(item.value.title)}**{mark}{scope}\n-# {plain(item.value.summary or item.value.voice[:100])}"
            )
        lines += await self._voices.format_damaged_lines(interaction)
        await whisper(interaction, "\n".join([f"### {translate('Personas', locale)}", *lines]))

    @app_commands.command(name="gallery", description="See a picture of my built-in voices")
    async def gallery(self, interaction: Interaction) -> None:
        """Show the gallery in an ephemeral message."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        locale = interaction.locale.value
        body = await asyncio.to_thread(render_gallery, list(load_builtin().values()), locale)
        titles = ", ".join(translate(persona.title, locale) for persona in load_builtin().values())
        await interaction.followup.send(file=attachment("personas.png", body, titles), ephemeral=True)

    @app_commands.command(name="show", description="See how a voice writes")
    @app_commands.describe(name="A persona")
    async def show(self, interaction: Interaction, name: str) -> None:
        """Show what a persona does and does not do."""
        await whisper(interaction, format_persona(await self._find(interaction, name), interaction.locale.value))

    @app_commands.command(name="interview", description="Interview a made-up person: I answer from their card")
    @app_commands.describe(who="A persona, or someone in your audience: Marta, 41, runs a café; counts every euro")
    async def interview(self, interaction: Interaction, who: app_commands.Range[str, 1, MAX_CARD_CHARACTERS]) -> None:
        """Start an interview with a persona or with the described person."""
        language = get_user_language(interaction)
        own_voice = await self._voices.find(interaction, who)
        persona = (
            own_voice.value
            if own_voice
            else next((persona for persona in load_builtin().values() if _has_name(persona, who)), None)
        )
        card = build_persona_card(persona, language) if persona else parse_card_description(who, language)
        await start_interview(interaction, card)

    @app_commands.command(name="make", description="Create your own voice")
    async def make(self, interaction: Interaction) -> None:
        """Open the form of a new voice."""
        await interaction.response.send_modal(PersonaModal(interaction.locale.value))

    @app_commands.command(
        name="import", description="Import a voice from a file: TOML, or a Character Card (JSON or PNG)"
    )
    @app_commands.describe(file="A .toml, .json or .png file")
    async def import_(self, interaction: Interaction, file: discord.Attachment) -> None:
        """Read, validate and store a persona from a file."""
        if file.size > MAX_BYTES:
            message = "That file is {size:.1f} MB; the maximum is {most}."
            raise FileError(message, size=file.size / 1024 / 1024, most=MAX_BYTES // 1024 // 1024)
        ending = file.filename.rpartition(".")[2].lower()
        if ending not in ("toml", "json", "png"):
            raise FileError("I accept personas as .toml files and Character Cards as .json or .png files.")
        await interaction.response.defer(ephemeral=True, thinking=True)
        body = await file.read()
        persona, notes = await asyncio.to_thread(_parse_file, ending, body)
        refuse(str(persona.model_dump()), source="file")
        await store_persona(interaction, persona)
        if notes:
            locale = interaction.locale.value
            await whisper(interaction, "\n".join(localize(note, locale) for note in notes))

    @app_commands.command(name="export", description="Export a voice as a file")
    @app_commands.describe(name="A persona", form="A Character Card (png or json) or TOML to edit")
    async def export(self, interaction: Interaction, name: str, form: CardFormat = "png") -> None:
        """Send a persona as a file in an ephemeral message. Other users' voices cannot be exported; the server's own can be,
        by managers.
        """
        own_voice = await self._voices.find(interaction, name)
        is_servers_voice = own_voice and is_workspace(own_voice.owner_id) and is_manager(interaction)
        if own_voice and own_voice.owner_id != str(interaction.user.id) and not is_servers_voice:
            raise RefusedError("Only the person who made that voice can export it.")
        persona = own_voice.value if own_voice else find_persona(name)
        await interaction.response.defer(ephemeral=True, thinking=True)
        body, ending = await asyncio.to_thread(_render_file, persona, form)
        await interaction.followup.send(file=attachment(f"{format_file_stem(persona)}.{ending}", body), ephemeral=True)

    @app_commands.command(name="lend", description="Let a channel or the server use one of your voices")
    @app_commands.describe(name="One of your voices", to="Who can use it, or the server that should own it")
    @app_commands.choices(to=PLACES)
    async def lend(self, interaction: Interaction, name: str, to: str) -> None:
        """Share a voice, or withdraw it with "only me"."""
        is_shared = await self._voices.move_to_scope(interaction, name, to)
        said = "It can now be used there with /persona use." if is_shared else "Only you can use it now."
        await whisper(interaction, translate(GIVEN_TO_SERVER if to == WORKSPACE else said, interaction.locale.value))

    @app_commands.command(name="delete", description="Delete one of your voices")
    @app_commands.describe(name="One of your voices")
    async def delete(self, interaction: Interaction, name: str) -> None:
        """Delete a voice immediately; kinds use their default voices again."""
        said = await self._voices.remove(interaction, name)
        await whisper(interaction, translate(said, interaction.locale.value))

    @use.autocomplete("name")
    async def _suggest_names(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        return [*await self._list_choices(interaction, current), *build_choices([DEFAULT, NONE], current)][:25]

    @interview.autocomplete("who")
    @show.autocomplete("name")
    @export.autocomplete("name")
    async def _suggest_known(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        return (await self._list_choices(interaction, current))[:25]

    @lend.autocomplete("name")
    async def _suggest_own(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        return await self._voices.list_choices(interaction, current, own_only=True)

    @delete.autocomplete("name")
    async def _suggest_visible(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        return await self._voices.list_choices(interaction, current)

    async def _list_choices(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        choices = await self._voices.list_choices(interaction, current)
        query = current.casefold()
        fitting = (persona for persona in load_builtin().values() if query in persona.title.casefold())
        return [*choices, *(app_commands.Choice(name=persona.title, value=persona.name) for persona in fitting)]

    async def _find(self, interaction: Interaction, name: str) -> Persona:
        own_voice = await self._voices.find(interaction, name)
        return own_voice.value if own_voice else find_persona(name)


def _has_name(persona: Persona, name: str) -> bool:
    return name.strip().casefold() in (persona.name, persona.title.casefold())


def _get_title(persona: Persona) -> str:
    return persona.title


def _parse_file(ending: str, body: bytes) -> tuple[Persona, list[Phrase]]:
    """Parse a persona from a file; return it with notes for its owner on how the file was read."""
    if ending == "png":
        return read_card(body), []
    try:
        decoded = decode_text(body)
    except FileError:  # The caller decides what it should be.
        return parse_toml(body.decode("utf-8", "replace")) if ending == "toml" else read_card(body), []
    persona = parse_toml(decoded.text) if ending == "toml" else read_card(decoded.text.encode("utf-8"))
    return persona, list(describe_guess(decoded.guessed_encoding))


def _render_file(persona: Persona, form: CardFormat) -> tuple[bytes, str]:
    match form:
        case "toml":
            return format_toml(persona).encode("utf-8"), "toml"
        case "png":
            return to_png(persona, render_portrait(persona)), "png"
        case _:
            return to_json(persona, 2 if form == "json v2" else 3), "json"


async def setup(bot: QuillmateBot) -> None:
    """Add the commands, and make the buttons of interviews work, old ones too."""
    bot.add_dynamic_items(InterviewButton)
    await bot.add_cog(PersonaCommands(bot))
