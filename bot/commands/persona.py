"""/persona: the voices that write: those that ship, the user's own, and shared ones."""

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
from bot.locales import localize, translate
from bot.moderation import refuse
from bot.moderation.words import fold_name
from bot.replies.files import attachment
from bot.replies.gallery import render_gallery, render_portrait
from bot.replies.ledger import plain
from bot.replies.views import note_view
from bot.requests.intake import harmless
from bot.simulation.interview import MAX_CARD_CHARACTERS, build_persona_card
from personas.card import MAX_BYTES, format_file_stem, read_card, to_json, to_png
from personas.persona import NOBODY, NONE, Persona, build_persona, find_persona, format_toml, load_builtin, parse_toml
from personas.profile import strip_bullet
from storage.owned_items import OwnedItem
from storage.owners import is_workspace

from ._components import UNSAVED_SECONDS, EditAgainButton, Form, ViewButton
from ._sharing import (
    GIVEN_TO_SERVER,
    PLACES,
    WORKSPACE,
    Shareable,
    build_choices,
    describe_scope,
    find_by_name,
    is_manager,
)
from ._stage.start import get_user_language, start_interview
from ._stage.talking import InterviewButton, parse_card_description

DEFAULT = "default"
_PARAGRAPH = 1700
CardForm = Literal["toml", "json", "json v2", "png"]


def format_persona(known: Persona, locale: str) -> str:
    """Return what a persona does and does not do."""
    lines = [f"### {plain(known.title)}", plain(known.voice)]
    for label, told in (
        ("Habits", known.habits),
        ("What it likes to do", known.do),
        ("What it never does", known.dont),
    ):
        if told:
            lines += [f"**{translate(label, locale)}**", *(f"- {plain(line)}" for line in told)]
    for example in known.examples[:1]:
        lines += [f"**{translate('How it writes', locale)}**", f"> {plain(example.text)}"]
    return "\n".join(lines)


class PersonaModal(Form):
    """Ask for a voice of the user's own."""

    def __init__(self, locale: str) -> None:
        super().__init__(title=translate("Your own voice", locale))
        self._inputs: dict[str, discord.ui.TextInput[PersonaModal]] = {}
        for name, label, most, needed in (
            ("title", "Its name", 48, True),
            ("voice", "How it writes, in one or two sentences", 600, True),
            ("do", "What it likes to do, one per line", _PARAGRAPH, False),
            ("dont", "What it never does, one per line", _PARAGRAPH, False),
            ("example", "A text it could have written", 600, False),
        ):
            style = discord.TextStyle.short if name == "title" else discord.TextStyle.paragraph
            field: discord.ui.TextInput[PersonaModal] = discord.ui.TextInput(
                custom_id=name, style=style, required=needed, max_length=most
            )
            self._inputs[name] = field
            self.add_item(discord.ui.Label(text=translate(label, locale), component=field))

    async def act(self, interaction: Interaction) -> None:
        """Store the voice and use it."""
        typed = {name: harmless(field.value) for name, field in self._inputs.items()}
        lines = {name: list(filter(None, map(strip_bullet, typed[name].splitlines()))) for name in ("do", "dont")}
        examples = [{"text": typed["example"]}] if typed["example"] else []
        made = build_persona({"title": typed["title"], "voice": typed["voice"], **lines, "examples": examples})
        await store_persona(interaction, made, EditAgainButton(self, interaction.locale.value))


async def store_persona(interaction: Interaction, made: Persona, *ways: ViewButton) -> None:
    """Store a user's own voice and use it from then on; ask first if it would replace another of the same title.

    `ways` are other buttons that answer the question.

    Raises:
        RefusedError: a shipped voice has that title.
        StorageError: the maximum is reached.
    """
    looks = fold_name(made.title)
    if any(looks in (fold_name(one.title), fold_name(one.name)) for one in load_builtin().values()):
        raise RefusedError(
            "One of my built-in voices is already called {title}. Give yours another name.", title=made.title
        )
    if looks == DEFAULT:
        raise RefusedError("That name is reserved for the voice that fits each kind. Give yours another name.")
    if looks in (NONE, fold_name(NOBODY.title)):
        raise RefusedError("That name is reserved for writing without a persona. Give yours another name.")
    older = await _find_by_title(interaction, made.title)
    if older is None or older.value == made:
        await save_persona(interaction, made)
        return
    locale = interaction.locale.value
    said = translate('You already have a voice called "{name}". Replace it? The old one cannot be restored.', locale)
    view = note_view(said.format(name=plain(older.value.title)))
    view.hold(UNSAVED_SECONDS)
    view.add_item(discord.ui.ActionRow(ReplaceButton(made, locale), *ways))
    await whisper(interaction, view)


async def save_persona(interaction: Interaction, made: Persona) -> None:
    """Store a user's own voice, replacing their own one of the same title, and use it from then on.

    Raises:
        StorageError: the maximum is reached.
    """
    older = await _find_by_title(interaction, made.title)
    await interaction.client.app.profiles.save_persona(str(interaction.user.id), made, older)
    said = translate("From now on this voice writes for you.", interaction.locale.value)
    await whisper(interaction, f"{said}\n{format_persona(made, interaction.locale.value)}")


async def _find_by_title(interaction: Interaction, title: str) -> OwnedItem[Persona] | None:
    return find_by_name(
        await interaction.client.app.profiles.personas.list_all(str(interaction.user.id)), title, _get_title
    )


class ReplaceButton(ViewButton):
    """Replaces the user's own voice of the same title. Only its author sees the button."""

    def __init__(self, made: Persona, locale: str) -> None:
        super().__init__(label=translate("Replace", locale), style=discord.ButtonStyle.danger)
        self._made = made

    async def act(self, interaction: Interaction) -> None:
        """Store it."""
        await save_persona(interaction, self._made)


class PersonaCommands(commands.GroupCog, group_name="persona", group_description="The voice I write in"):
    """Choosing, making and sharing voices."""

    def __init__(self, bot: QuillmateBot) -> None:
        self._profiles = bot.app.profiles
        self._voices = Shareable(
            bot.app.profiles.personas,
            _get_title,
            unknown='There is no voice called "{name}" here.',
            unowned='You have no voice called "{name}".',
            first="Create one with /persona make.",
        )

    @app_commands.command(name="use", description="Choose the voice that writes for you")
    @app_commands.describe(name="A persona; default for the one that fits each kind, none to write without one")
    async def use(self, interaction: Interaction, name: str) -> None:
        """Choose a persona, none, or the default of each kind."""
        user_id = str(interaction.user.id)
        if name.strip().casefold() == NONE:
            await self._profiles.use_persona(user_id, NONE)
            said = "From now on I write without a persona: each text follows its kind and your profile."
            await whisper(interaction, translate(said, interaction.locale.value))
            return
        if name.strip().casefold() == DEFAULT:
            await self._profiles.use_persona(user_id, None)
            said = (
                "From now on I write each kind in the voice that fits it, or in the voice set for the place "
                "where you ask."
            )
            await whisper(interaction, translate(said, interaction.locale.value))
            return
        own = await self._voices.find(interaction, name)
        chosen = own.value if own else find_persona(name)
        await self._profiles.use_persona(user_id, own.id if own else chosen.name)
        title, summary = (plain(translate(text, interaction.locale.value)) for text in (chosen.title, chosen.summary))
        said = translate("From now on I write in this voice: {title}.", interaction.locale.value)
        await whisper(interaction, f"{said.format(title=title)} {summary}".strip())

    @app_commands.command(name="list", description="See all voices")
    async def list_(self, interaction: Interaction) -> None:
        """List all personas with a line each, the shipped ones first."""
        chosen = await self._profiles.get_persona(str(interaction.user.id))
        locale = interaction.locale.value
        in_use = f" ({translate('in use', locale)})"
        lines = [
            f"**{translate(known.title, locale)}**{in_use if known.name == chosen else ''}\n-# {translate(known.summary, locale)}"
            for known in load_builtin().values()
        ]
        for one in await self._voices.list_all(interaction):
            place = f" · {translate(describe_scope(one), interaction.locale.value)}" if describe_scope(one) else ""
            mark = in_use if one.id == chosen else ""
            lines.append(
                f"**{plain(one.value.title)}**{mark}{place}\n-# {plain(one.value.summary or one.value.voice[:100])}"
            )
        lines += await self._voices.list_unreadable(interaction)
        await whisper(interaction, "\n".join([f"### {translate('Personas', locale)}", *lines]))

    @app_commands.command(name="gallery", description="See a picture of my built-in voices")
    async def gallery(self, interaction: Interaction) -> None:
        """Show the picture privately."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        locale = interaction.locale.value
        body = await asyncio.to_thread(render_gallery, list(load_builtin().values()), locale)
        titles = ", ".join(translate(one.title, locale) for one in load_builtin().values())
        await interaction.followup.send(file=attachment("personas.png", body, titles), ephemeral=True)

    @app_commands.command(name="show", description="See how a voice writes")
    @app_commands.describe(name="A persona")
    async def show(self, interaction: Interaction, name: str) -> None:
        """Show what a persona does and does not do."""
        await whisper(interaction, format_persona(await self._find(interaction, name), interaction.locale.value))

    @app_commands.command(name="interview", description="Interview somebody made up: I answer only from their card")
    @app_commands.describe(who="A persona, or somebody in your audience: Marta, 41, runs a café; counts every euro")
    async def interview(self, interaction: Interaction, who: app_commands.Range[str, 1, MAX_CARD_CHARACTERS]) -> None:
        """Open a thread with the card of a voice, or of the described persona."""
        language = get_user_language(interaction)
        own = await self._voices.find(interaction, who)
        known = own.value if own else next((one for one in load_builtin().values() if _has_name(one, who)), None)
        card = build_persona_card(known, language) if known else parse_card_description(who, language)
        await start_interview(interaction, card)

    @app_commands.command(name="make", description="Create your own voice")
    async def make(self, interaction: Interaction) -> None:
        """Open the modal."""
        await interaction.response.send_modal(PersonaModal(interaction.locale.value))

    @app_commands.command(
        name="import", description="Import a voice from a file: TOML, or a Character Card (JSON or PNG)"
    )
    @app_commands.describe(file="A .toml, .json or .png file")
    async def import_(self, interaction: Interaction, file: discord.Attachment) -> None:
        """Read, check and store it."""
        if file.size > MAX_BYTES:
            too_large = "That file is {size:.1f} MB; the maximum is {most}."
            raise FileError(too_large, size=file.size / 1024 / 1024, most=MAX_BYTES // 1024 // 1024)
        ending = file.filename.rpartition(".")[2].lower()
        if ending not in ("toml", "json", "png"):
            raise FileError("I accept personas as .toml files and Character Cards as .json or .png files.")
        await interaction.response.defer(ephemeral=True, thinking=True)
        body = await file.read()
        made, notes = await asyncio.to_thread(_parse_file, ending, body)
        refuse(str(made.model_dump()), source="file")
        await store_persona(interaction, made)
        if notes:
            locale = interaction.locale.value
            await whisper(interaction, "\n".join(localize(note, locale) for note in notes))

    @app_commands.command(name="export", description="Export a voice as a file")
    @app_commands.describe(name="A persona", form="A Character Card (png or json) or TOML to edit")
    async def export(self, interaction: Interaction, name: str, form: CardForm = "png") -> None:
        """Send the file privately; only the owner of a shared one can export it.

        The server's own can be exported by its managers.
        """
        own = await self._voices.find(interaction, name)
        theirs = own and is_workspace(own.owner_id) and is_manager(interaction)
        if own and own.owner_id != str(interaction.user.id) and not theirs:
            raise RefusedError("Only the person who made that voice can export it.")
        known = own.value if own else find_persona(name)
        await interaction.response.defer(ephemeral=True, thinking=True)
        body, ending = await asyncio.to_thread(_render_file, known, form)
        await interaction.followup.send(file=attachment(f"{format_file_stem(known)}.{ending}", body), ephemeral=True)

    @app_commands.command(name="lend", description="Let a channel or the server use one of your voices")
    @app_commands.describe(name="One of your voices", to="Who may use it, or the server that should own it")
    @app_commands.choices(to=PLACES)
    async def lend(self, interaction: Interaction, name: str, to: str) -> None:
        """Share it, or withdraw it with "only me"."""
        lent = await self._voices.lend(interaction, name, to)
        said = "It can now be used there with /persona use." if lent else "Only you can use it now."
        await whisper(interaction, translate(GIVEN_TO_SERVER if to == WORKSPACE else said, interaction.locale.value))

    @app_commands.command(name="delete", description="Delete one of your voices")
    @app_commands.describe(name="One of your voices")
    async def delete(self, interaction: Interaction, name: str) -> None:
        """Delete it at once; kinds use their default voices again."""
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
        return await self._voices.list_choices(interaction, current, own=True)

    @delete.autocomplete("name")
    async def _suggest_visible(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        return await self._voices.list_choices(interaction, current)

    async def _list_choices(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        own = await self._voices.list_choices(interaction, current)
        wanted = current.casefold()
        fitting = (known for known in load_builtin().values() if wanted in known.title.casefold())
        return [*own, *(app_commands.Choice(name=known.title, value=known.name) for known in fitting)]

    async def _find(self, interaction: Interaction, name: str) -> Persona:
        own = await self._voices.find(interaction, name)
        return own.value if own else find_persona(name)


def _has_name(one: Persona, name: str) -> bool:
    return name.strip().casefold() in (one.name, one.title.casefold())


def _get_title(one: Persona) -> str:
    return one.title


def _parse_file(ending: str, body: bytes) -> tuple[Persona, list[Phrase]]:
    """Return a persona from a file, and what its owner should know about how it was read."""
    if ending == "png":
        return read_card(body), []
    try:
        found = decode_text(body)
    except FileError:  # The caller decides what it should be.
        return parse_toml(body.decode("utf-8", "replace")) if ending == "toml" else read_card(body), []
    one = parse_toml(found.text) if ending == "toml" else read_card(found.text.encode("utf-8"))
    return one, list(describe_guess(found.guessed_encoding))


def _render_file(known: Persona, form: CardForm) -> tuple[bytes, str]:
    match form:
        case "toml":
            return format_toml(known).encode("utf-8"), "toml"
        case "png":
            return to_png(known, render_portrait(known)), "png"
        case _:
            return to_json(known, 2 if form == "json v2" else 3), "json"


async def setup(bot: QuillmateBot) -> None:
    """Add the commands, and make the buttons of interviews work, old ones too."""
    bot.add_dynamic_items(InterviewButton)
    await bot.add_cog(PersonaCommands(bot))
