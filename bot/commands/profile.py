"""/profile: what the bot knows about a person, where it comes from, and all that can be done about it by that person."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Interaction, QuillmateBot, whisper
from bot.errors import RefusedError, sentence
from bot.locales import translate
from bot.replies.files import attachment
from bot.replies.ledger import (
    FIELDS,
    SECTIONS,
    as_file,
    day,
    label,
    origin_in_words,
    place_in_words,
    plain,
    undo_button,
    value_in_words,
)
from bot.replies.split import split
from bot.replies.views import COLOURS, PIECE, ROOM, note_view
from personas.ledger import ME, Entry, Known, channel, guild
from personas.persona import known, persona
from personas.profile import CallToAction, Profile
from storage.profiles import Choices

from ._taste import harmless, show_why
from .privacy import ask_to_forget

_PARAGRAPH, _LINE = 4000, 300
# How long a refused modal can be opened again.
_KEPT_SECONDS = 900.0
# Words, then an address where one stands at the end: "Pop in before 3: fernandfog.example/today".
_ACTION = re.compile(r"(.*?)[:\s]*((?:\S+://\S+|(?:[\w-]+\.)+[a-z]{2,}\S*)?)", re.DOTALL)
WHERE = {"me": "everywhere", "guild": "in this server", "channel": "in this channel"}
_PAGE = 8
_MOST_PROFILES = 10
_MOST_BYTES = 64_000
_MAIN = "main"
_TEMPLATE = r"quillprofile:(?P<action>[a-z]+):(?P<of>[\w-]{0,40})"


def shown(profile: Profile, name: str) -> str:
    """A field of a profile as its owner types it."""
    return as_typed(profile.model_dump(mode="json")[name])


def as_typed(value: Any) -> str:
    """A field's value as its owner types it."""
    if isinstance(value, list | tuple):
        return "\n".join(map(str, value))
    if isinstance(value, CallToAction | dict):
        link = dict(value)
        return ": ".join(filter(None, (link.get("text"), link.get("link"))))
    return str(value or "")


def typed(name: str, text: str, several: bool) -> Any:
    """The value of a field from what its owner typed; what was emptied goes back to its default."""
    text = text.strip()
    if name == "call_to_action":
        found = _ACTION.fullmatch(text)
        return {"text": found[1].strip(), "link": found[2] or ""} if found and text else None
    if several:
        return [line.strip(" -•") for line in text.splitlines() if line.strip(" -•")]
    if not text and name in Profile.model_fields:
        return Profile.model_fields[name].default
    return text


def scopes_of(interaction: Interaction, where: str) -> tuple[str, ...]:
    """The scopes in force where somebody chose that something holds: "me", "guild" or "channel", that one first.

    Raises:
        RefusedError: there is no server here.
    """
    if where == "me":
        return (ME,)
    if where == "guild" and interaction.guild_id is None:
        raise RefusedError("This is no server. Choose everywhere or this channel.")
    around = (guild(interaction.guild_id), ME) if interaction.guild_id else (ME,)
    return around if where == "guild" else (channel(interaction.channel_id or 0), *around)


def filled_with(held: Known, names: Sequence[str]) -> dict[str, str]:
    """What holds of some fields, as it is typed."""
    fields = held.profile.model_dump(mode="json")
    others = {name: entry.value for name, entry in held.sources.items() if name not in fields}
    return {name: as_typed({**fields, **others}.get(name)) for name in names}


class ProfileModal(discord.ui.Modal):
    """Some fields of the profile, prefilled; what is changed holds in the first of the scopes."""

    def __init__(
        self, names: Sequence[str], filled: Mapping[str, str], locale: str, scopes: tuple[str, ...] = (ME,)
    ) -> None:
        super().__init__(title=translate("Your profile", locale))
        self._names, self._scopes = tuple(names), scopes
        self._inputs: dict[str, discord.ui.TextInput[ProfileModal]] = {}
        for name in names:
            _, words, hint, several = FIELDS[name]
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
            self.add_item(discord.ui.Label(text=translate(words, locale)[:45], component=field))

    async def on_submit(self, interaction: Interaction, /) -> None:  # type: ignore[override]
        """Saves what was changed, on top of whatever the profile holds by then."""
        values = {name: typed(name, harmless(self._inputs[name].value), FIELDS[name][3]) for name in self._names}
        await interaction.client.app.store.profiles.tell(str(interaction.user.id), values, self._scopes)
        await whisper(interaction, translate("Saved. From now on I write with that in mind.", interaction.locale.value))

    async def on_error(self, interaction: Interaction, error: Exception, /) -> None:  # type: ignore[override]
        """Tells what was wrong, with a button that opens the modal again as it was filled in."""
        view, locale = note_view(sentence(error), wrong=True), interaction.locale.value
        filled = {name: field.value for name, field in self._inputs.items()}
        view.timeout = _KEPT_SECONDS
        view.add_item(discord.ui.ActionRow(EditAgain(self._names, filled, locale, self._scopes)))
        await interaction.response.send_message(view=view, ephemeral=True)


class EditAgain(discord.ui.Button[discord.ui.LayoutView]):
    """Opens a refused modal again, with what was typed into it."""

    def __init__(self, names: Sequence[str], filled: Mapping[str, str], locale: str, scopes: tuple[str, ...]) -> None:
        super().__init__(label=translate("Edit again", locale), style=discord.ButtonStyle.primary)
        self._modal = (names, filled, locale, scopes)

    async def callback(self, interaction: Interaction) -> None:  # type: ignore[override]
        """Only the person who typed sees the button."""
        await interaction.response.send_modal(ProfileModal(*self._modal))


class ProfileButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=_TEMPLATE):
    """A button of the profile's own pages, which only its owner sees; it works after a restart."""

    def __init__(self, action: str, of: str = "", words: str = "", locale: str = "en") -> None:
        text = translate(words, locale) if words else None
        super().__init__(discord.ui.Button(label=text, custom_id=f"quillprofile:{action}:{of}"))
        self._action, self._of = action, of

    @classmethod
    async def from_custom_id(  # type: ignore[override]
        cls, _interaction: Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> ProfileButton:
        """The button that a custom id names."""
        made = cls(match["action"], match["of"])
        if isinstance(item, discord.ui.Button):
            made.item = item
        return made

    async def callback(self, interaction: Interaction) -> None:  # type: ignore[override]
        """Does what the button says; errors are told to whoever clicked."""
        try:
            await self._act(interaction)
        except Exception as error:
            await interaction.client.report(interaction, error)

    async def _act(self, interaction: Interaction) -> None:
        match self._action:
            case "edit" if self._of.replace("-", " ") in SECTIONS:
                await edit(interaction, [name for name, *_ in SECTIONS[self._of.replace("-", " ")]], (ME,))
            case "correct":
                await offer_fields(interaction)
            case "history":
                await show_history(interaction, int(self._of) if self._of.isdigit() else 0)
            case "export":
                await send_file(interaction)
            case "switch":
                await switch(interaction, self._of, known_only=True)
            case "profiles":
                await offer_profiles(interaction)
            case "pause" | "resume":
                await set_learning(interaction, self._action == "resume")
            case _:
                raise RefusedError("I do not know that button any more.")


class FieldMenu(discord.ui.DynamicItem[discord.ui.Select[Any]], template="quillcorrect"):
    """The menu of fields that can be corrected."""

    def __init__(self, held: Known | None = None, locale: str = "en") -> None:
        menu: discord.ui.Select[Any] = discord.ui.Select(
            custom_id="quillcorrect", placeholder=translate("What is wrong?", locale)
        )
        filled = filled_with(held, list(FIELDS)) if held else {}
        for name in sorted(FIELDS, key=lambda name: not filled.get(name)):
            text = ", ".join(filled.get(name, "").splitlines())[:100]
            menu.add_option(label=label(name, locale)[:100], value=name, description=text or None)
        super().__init__(menu)

    @classmethod
    async def from_custom_id(  # type: ignore[override]
        cls, _interaction: Interaction, _item: discord.ui.Item[Any], _match: re.Match[str], /
    ) -> FieldMenu:
        """The menu."""
        return cls()

    async def callback(self, interaction: Interaction) -> None:  # type: ignore[override]
        """Opens the field."""
        data: dict[str, Any] = dict(interaction.data or {})
        name = next(iter(data.get("values", ())), "")
        try:
            if name not in FIELDS:
                raise RefusedError("I do not know that field any more.")
            await edit(interaction, [name], (ME,))
        except Exception as error:
            await interaction.client.report(interaction, error)


async def edit(interaction: Interaction, names: Sequence[str], scopes: tuple[str, ...]) -> None:
    """Opens the modal of some fields, prefilled."""
    held, _ = await interaction.client.app.store.profiles.known(str(interaction.user.id), scopes)
    await interaction.response.send_modal(
        ProfileModal(names, filled_with(held, names), interaction.locale.value, scopes)
    )


async def offer_fields(interaction: Interaction) -> None:
    """Asks which field is to be corrected."""
    held, _ = await interaction.client.app.store.profiles.known(str(interaction.user.id))
    locale = interaction.locale.value
    view = note_view(translate("What is wrong?", locale))
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    row.add_item(FieldMenu(held, locale))
    view.add_item(row)
    await interaction.response.send_message(view=view, ephemeral=True)


async def show_history(interaction: Interaction, start: int = 0) -> None:
    """A page of the ledger, newest first: what held, where it came from, and what holds with a button that takes it back."""
    locale, profiles = interaction.locale.value, interaction.client.app.store.profiles
    user_id = str(interaction.user.id)
    using = (await profiles.choices(user_id)).profile
    entries = [one for one in await profiles.history(user_id) if one.profile == using]
    page = entries[start : start + _PAGE]
    view = discord.ui.LayoutView(timeout=None)
    container = discord.ui.Container[discord.ui.LayoutView](accent_colour=COLOURS["chat"])
    view.add_item(container)
    container.add_item(discord.ui.TextDisplay(f"### {translate('History', locale)}"))
    if not page:
        container.add_item(discord.ui.TextDisplay(translate("Nothing yet.", locale)))
    for entry in page:
        text = discord.ui.TextDisplay[discord.ui.LayoutView](_line_of(entry, locale))
        container.add_item(text if entry.ended_at else discord.ui.Section(text, accessory=undo_button(entry, locale)))
    if len(entries) > start + _PAGE:
        row = discord.ui.ActionRow[discord.ui.LayoutView]()
        row.add_item(ProfileButton("history", str(start + _PAGE), "Older", locale))
        view.add_item(row)
    await interaction.response.send_message(view=view, ephemeral=True)


def _line_of(entry: Entry, locale: str) -> str:
    value = plain(value_in_words(entry.value))
    value = value if len(value) <= 200 else value[:199] + "…"
    sure = f" · {entry.confidence:.0%}" if entry.origin == "learnt" else ""
    until = f" – {day(entry.ended_at)}" if entry.ended_at else ""
    source = origin_in_words(entry.origin, entry.evidence, locale)
    where = place_in_words(entry.scope, locale)
    head = f"{label(entry.field, locale)}: {value}"
    head = f"~~{head}~~" if entry.ended_at else f"**{head}**"
    return f"{head}\n-# {day(entry.created_at)}{until} · {source}{sure} · {where}"


async def send_file(interaction: Interaction) -> None:
    """The profile as JSON, to its owner alone."""
    profile = await interaction.client.app.store.profiles.get(str(interaction.user.id))
    file = attachment("profile.json", as_file(profile.model_dump(mode="json")))
    await interaction.response.send_message(file=file, ephemeral=True)


async def offer_profiles(interaction: Interaction) -> None:
    """Asks which profile is to be used."""
    locale = interaction.locale.value
    choices = await interaction.client.app.store.profiles.choices(str(interaction.user.id))
    view = note_view(translate("Which profile? /profile switch makes a new one.", locale))
    names = _names(choices)
    for start in range(0, len(names), 5):
        row = discord.ui.ActionRow[discord.ui.LayoutView]()
        for profile_id, name in list(names.items())[start : start + 5]:
            button = ProfileButton("switch", profile_id)
            button.item.label, button.item.disabled = name[:80], profile_id == choices.profile
            row.add_item(button)
        view.add_item(row)
    await interaction.response.send_message(view=view, ephemeral=True)


def _names(choices: Choices) -> dict[str, str]:
    """The names of all profiles by id; the first has none of its own."""
    return {"": _MAIN, **choices.profiles}


async def switch(interaction: Interaction, wanted: str, *, known_only: bool = False) -> None:
    """Uses a profile by its id, or by its name, which makes a new one where there is none.

    Raises:
        RefusedError: there is none of that id, or there are too many.
    """
    locale, user_id = interaction.locale.value, str(interaction.user.id)
    made = secrets.token_hex(4)

    def change(choices: Choices) -> Choices:
        names = _names(choices)
        if known_only:
            if wanted not in names:
                raise RefusedError("There is no such profile any more.")
            return replace(choices, profile=wanted)
        same = [one for one, name in names.items() if name.casefold() == wanted.casefold()]
        if same:
            return replace(choices, profile=same[0])
        if len(names) >= _MOST_PROFILES:
            raise RefusedError(
                f"You have {len(names)} profiles; at most {_MOST_PROFILES} fit. Use one of {', '.join(names.values())}."
            )
        return replace(choices, profile=made, profiles={**choices.profiles, made: wanted})

    chosen = await interaction.client.app.store.profiles.choose(user_id, change)
    said = "A new profile, in use from now on:" if chosen.profile == made else "In use from now on:"
    await whisper(interaction, f"{translate(said, locale)} {plain(_names(chosen)[chosen.profile])}")


async def set_learning(interaction: Interaction, on: bool) -> None:
    """Stops learning, or goes on with it."""
    locale = interaction.locale.value
    await interaction.client.app.store.profiles.choose(
        str(interaction.user.id), lambda choices: replace(choices, learning=on)
    )
    if on:
        await whisper(interaction, translate("I learn from what you do again.", locale))
        return
    view = note_view(translate("Paused: I learn nothing from what you do. What I know stays.", locale))
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    row.add_item(ProfileButton("resume", "", "Go on learning", locale))
    view.add_item(row)
    await interaction.response.send_message(view=view, ephemeral=True)


_WHERE = [app_commands.Choice(name=words, value=value) for value, words in WHERE.items()]


class ProfileCommands(commands.GroupCog, group_name="profile", group_description="What I know about you"):
    """The profile of whoever calls. There is no way to name another person."""

    def __init__(self, bot: QuillmateBot) -> None:
        self._store = bot.app.store
        self._profiles = bot.app.store.profiles

    @app_commands.command(name="edit", description="Tell me who you are, whom you write for and how you sound")
    @app_commands.describe(section="Which part of your profile", where="Where it holds")
    @app_commands.choices(section=[app_commands.Choice(name=name, value=name) for name in SECTIONS], where=_WHERE)
    async def edit(self, interaction: Interaction, section: str = "about you", where: str = "me") -> None:
        """Opens the modal, prefilled."""
        await edit(interaction, [name for name, *_ in SECTIONS[section]], scopes_of(interaction, where))

    @app_commands.command(name="correct", description="Put one thing right that I know about you")
    @app_commands.describe(field="What is wrong", value="What is right; empty opens it", where="Where it holds")
    @app_commands.choices(where=_WHERE)
    async def correct(
        self, interaction: Interaction, field: str | None = None, value: str | None = None, where: str = "me"
    ) -> None:
        """Corrects a field at once, opens it, or asks which one."""
        locale = interaction.locale.value
        if field is None:
            await offer_fields(interaction)
            return
        named = {label(name, locale).casefold(): name for name in FIELDS} | {name: name for name in FIELDS}
        name = named.get(field.strip().casefold())
        if name is None:
            raise RefusedError(f'I keep nothing called "{field[:40]}". Choose one of {", ".join(FIELDS)}.')
        scopes = scopes_of(interaction, where)
        if value is None:
            await edit(interaction, [name], scopes)
            return
        several = FIELDS[name][3]
        new = typed(name, harmless(value.replace(";", "\n") if several else value), several)
        made = await self._profiles.tell(str(interaction.user.id), {name: new}, scopes)
        if not made:
            await whisper(interaction, translate("That is what I know already.", locale))
            return
        said = f"{translate('Corrected', locale)}: {label(name, locale)} → {plain(value_in_words(new))}"
        await whisper(interaction, f"{said}\n-# {place_in_words(scopes[0], locale)}")

    @correct.autocomplete("field")
    async def _fields(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        words = {name: label(name, interaction.locale.value) for name in FIELDS}
        found = [name for name, shown in words.items() if current.casefold() in shown.casefold()]
        return [app_commands.Choice(name=words[name], value=name) for name in found][:25]

    @app_commands.command(name="show", description="See all I know about you")
    async def show(self, interaction: Interaction) -> None:
        """A private page of what is known here, with what can be done about it."""
        user_id, locale = str(interaction.user.id), interaction.locale.value
        held, choices = await self._profiles.known(user_id, scopes_of(interaction, "channel"))
        title = await _title_of(interaction, choices.persona) if choices.persona else ""
        counts = await self._store.generations.counts(user_id)
        first, *more = pages(held, choices, title, counts, locale)
        await interaction.response.send_message(view=first, ephemeral=True)
        for page in more:
            await interaction.followup.send(view=page, ephemeral=True)

    @app_commands.command(name="why", description="See what shaped your last result")
    async def why(self, interaction: Interaction) -> None:
        """The same as the newest result's own button."""
        found = await self._store.generations.latest(str(interaction.user.id))
        if not found:
            raise RefusedError("I have made nothing for you yet. Try /copy.")
        await show_why(interaction, found[0])

    @app_commands.command(name="history", description="See what I learnt or was told, and when")
    async def history(self, interaction: Interaction) -> None:
        """The ledger, newest first."""
        await show_history(interaction)

    @app_commands.command(name="export", description="Get your profile as a JSON file")
    async def export(self, interaction: Interaction) -> None:
        """The file, privately."""
        await send_file(interaction)

    @app_commands.command(name="import", description="Fill your profile from a JSON file")
    @app_commands.describe(file="A JSON file as /profile export gives it")
    async def import_(self, interaction: Interaction, file: discord.Attachment) -> None:
        """Takes what the file holds; fields that it does not name stay as they are."""
        if file.size > _MOST_BYTES:
            raise RefusedError(f"That file has {file.size:,} bytes; a profile fits {_MOST_BYTES:,}.")
        try:
            data = json.loads((await file.read()).decode("utf-8-sig"))
        except (ValueError, RecursionError):
            raise RefusedError("That file is no JSON. /profile export shows how one looks.") from None
        except discord.HTTPException:
            raise RefusedError("Discord does not have that file any more. Attach it again.") from None
        profile = Profile.of(data)
        harmless(json.dumps(data, ensure_ascii=False))
        values = {name: value for name, value in profile.model_dump(mode="json").items() if name in data}
        made = await self._profiles.tell(str(interaction.user.id), values, evidence=f"file:{interaction.id}")
        locale = interaction.locale.value
        if not made:
            await whisper(interaction, translate("That is what I know already.", locale))
            return
        names = ", ".join(label(entry.field, locale) for entry in made)
        await whisper(interaction, f"{translate('Imported', locale)}: {names}")

    @app_commands.command(name="switch", description="Use another of your profiles, or make a new one")
    @app_commands.describe(to="Its name, such as my café or my class")
    async def switch(self, interaction: Interaction, to: app_commands.Range[str, 1, 60]) -> None:
        """Uses the profile of that name, a new one where there is none."""
        name = harmless(to)
        if not name:
            raise RefusedError("Give the profile a name, such as my class.")
        await switch(interaction, name)

    @switch.autocomplete("to")
    async def _profiles_of(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        names = _names(await self._profiles.choices(str(interaction.user.id))).values()
        return [app_commands.Choice(name=name, value=name) for name in names if current.casefold() in name.casefold()]

    @app_commands.command(name="forget", description="Delete all that I keep of you")
    async def forget(self, interaction: Interaction) -> None:
        """The same as /privacy forget."""
        await ask_to_forget(interaction)

    @app_commands.command(name="pause", description="Stop learning from what you do")
    async def pause(self, interaction: Interaction) -> None:
        """Pauses learning, with a button that goes on with it."""
        await set_learning(interaction, False)


async def _title_of(interaction: Interaction, chosen: str) -> str:
    """What the persona in use is called, one that ships or an own one; empty when it is not there any more."""
    if known(chosen):
        return persona(chosen).title
    own = await interaction.client.app.store.personas.get(str(interaction.user.id), chosen)
    return own.value.title if own else ""


def pages(
    held: Known, choices: Choices, title: str, counts: tuple[int, int], locale: str
) -> list[discord.ui.LayoutView]:
    """What is known, a section each with its button, and below what can be done; over several pages where it is much.

    `title` is that of the persona in use.
    """
    using = _names(choices).get(choices.profile, _MAIN)
    heading = f"### {translate('Your profile', locale)}" + (f"\n-# {plain(using)}" if choices.profiles else "")
    results, votes = counts
    footer = f"-# {translate('Results kept', locale)}: {results} · {translate('Votes', locale)}: {votes}"
    if not choices.learning:
        footer += f" · {translate('Learning is paused', locale)}"
    parts = [(section, _section(section, held, locale)) for section in SECTIONS]
    others = []
    if "notes" in held.sources:
        others.append(_told("notes", held, locale))
    if title:
        others.append(f"**{translate('Persona', locale)}**\n{plain(title)}")
    text = "\n".join(filter(None, (*(words for _, words in parts), *others)))
    if not text:
        others = [
            translate("Nothing yet. /profile edit takes a minute and makes everything I write more yours.", locale)
        ]
    if len(text) > ROOM:
        first, *more = [note_view(piece) for piece in split("\n".join((heading, text, footer)), PIECE)]
        _actions(first, locale, choices)
        return [first, *more]
    view = discord.ui.LayoutView(timeout=None)
    container = discord.ui.Container[discord.ui.LayoutView](accent_colour=COLOURS["chat"])
    view.add_item(container)
    container.add_item(discord.ui.TextDisplay(heading))
    for section, words in parts:
        button = ProfileButton("edit", section.replace(" ", "-"), "Edit", locale)
        head = f"**{translate(section.capitalize(), locale)}**"
        if words or text:
            container.add_item(discord.ui.Section(discord.ui.TextDisplay(words or f"{head}\n–"), accessory=button))
    for words in others:
        container.add_item(discord.ui.TextDisplay(words))
    container.add_item(discord.ui.TextDisplay(footer))
    _actions(view, locale, choices)
    return [view]


def _actions(view: discord.ui.LayoutView, locale: str, choices: Choices) -> None:
    """What can be done about a profile."""
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    learning = ("pause", "Pause learning") if choices.learning else ("resume", "Go on learning")
    for action, words in (
        ("correct", "Correct"),
        ("history", "History"),
        ("export", "Export"),
        ("profiles", "Switch"),
        learning,
    ):
        row.add_item(ProfileButton(action, "", words, locale))
    view.add_item(row)


def _section(section: str, held: Known, locale: str) -> str:
    """What is known of a section's fields, empty where that is nothing."""
    names = [name for name, *_ in SECTIONS[section]]
    lines = [_told(name, held, locale) for name in names if name in held.sources and filled_with(held, [name])[name]]
    return f"**{translate(section.capitalize(), locale)}**\n" + "\n".join(lines) if lines else ""


def _told(name: str, held: Known, locale: str) -> str:
    """A field with its value, and where it comes from unless it was simply told for everywhere."""
    entry = held.sources.get(name)
    note = ""
    if entry is not None and (entry.origin != "told" or entry.scope != ME):
        note = f" · {origin_in_words(entry.origin, entry.evidence, locale)} · {place_in_words(entry.scope, locale)}"
    value = discord.utils.escape_mentions(filled_with(held, [name])[name].replace("\n", ", "))
    return f"-# {label(name, locale)}{note}\n{value}"


async def setup(bot: QuillmateBot) -> None:
    """Adds the commands, and makes the buttons of their pages work, old ones too."""
    bot.add_dynamic_items(ProfileButton, FieldMenu)
    await bot.add_cog(ProfileCommands(bot))
