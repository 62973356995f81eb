"""/copy, /lesson and /image: the commands that make content."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import discord
from discord import app_commands

from bot.checks.language import NAMES, parse_language
from bot.client import Interaction, QuillmateBot
from bot.content import Request
from bot.errors import Phrase, RefusedError
from bot.kinds import find_kind, list_family_kinds
from bot.locales import translate
from bot.requests.intake import MAX_CHARACTERS, brief_of, short_text
from personas.profile import Length

from ._families import COMMANDS, FamilyCommand
from ._requests import USE_FILE, BriefModal, attached, generate_seed

_LENGTHS = [app_commands.Choice(name=name, value=name) for name in ("short", "medium", "long")]


def language_of(name: str | None) -> str:
    """The code of a language that somebody named, empty for none.

    Raises:
        RefusedError: it is not known.
    """
    if not name:
        return ""
    code = parse_language(name)
    if code is None:
        said = 'I do not know the language "{name}". I know {known}.'
        raise RefusedError(said, name=name[:40], known=[Phrase(one) for one in NAMES.values()])
    return code


def kind_in(name: str | None, family: str) -> str | None:
    """The kind of a family that somebody named, None for none.

    Raises:
        RefusedError: there is none of that name in the family.
    """
    if not name:
        return None
    kind = find_kind(name)
    if kind.family != family:
        known = [Phrase(one.title) for one in list_family_kinds(family)]
        said = "{kind} is not available with this command; choose from {known}."
        raise RefusedError(said, kind=Phrase(kind.title), known=known)
    return kind.name


async def make(
    interaction: Interaction,
    family: str,
    brief: str | None,
    *,
    kind: str | None = None,
    tone: str | None = None,
    audience: str | None = None,
    length: str | None = None,
    language: str | None = None,
    file: discord.Attachment | None = None,
) -> None:
    """Takes a request of a family; opens a modal when nothing was told to write from.

    Raises:
        QuillmateError: it is refused.
    """
    request = Request(
        id=str(interaction.id),
        user_id=str(interaction.user.id),
        brief="",
        kind=kind_in(kind, family),
        family=family,
        tone=short_text(tone, 100),
        audience=short_text(audience, 300),
        length=cast(Length | None, length),
        language=language_of(language),
        seed=generate_seed(),
    )
    if not (brief or "").strip() and file is None:
        await interaction.response.send_modal(BriefModal(request, interaction.locale.value))
        return
    text = brief_of(brief) if brief and brief.strip() else USE_FILE
    await interaction.client.take(interaction, replace(request, brief=text, file=attached(file)))


def command_for(shown: FamilyCommand) -> app_commands.Command[Any, ..., None]:
    """The slash command of a family."""

    @app_commands.command(name=shown.name, description=shown.description)
    @app_commands.describe(
        brief=shown.brief,
        kind=shown.kind,
        tone=shown.tone,
        audience=shown.audience,
        length="How long it should be",
        language=shown.language,
        file=shown.file,
    )
    @app_commands.choices(length=_LENGTHS)
    async def command(
        interaction: Interaction,
        brief: app_commands.Range[str, 0, MAX_CHARACTERS] | None = None,
        kind: str | None = None,
        tone: str | None = None,
        audience: str | None = None,
        length: str | None = None,
        language: str | None = None,
        file: discord.Attachment | None = None,
    ) -> None:
        await make(
            interaction,
            shown.family,
            brief,
            kind=kind,
            tone=tone,
            audience=audience,
            length=length,
            language=language,
            file=file,
        )

    @command.autocomplete("kind")
    async def kinds(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        wanted = current.casefold()
        titles = [(kind, translate(kind.title, interaction.locale.value)) for kind in list_family_kinds(shown.family)]
        found = [(kind, title) for kind, title in titles if wanted in f"{title} {kind.title} {kind.name}".casefold()]
        return [app_commands.Choice(name=title, value=kind.name) for kind, title in found][:25]

    return command


async def setup(bot: QuillmateBot) -> None:
    """Adds the commands."""
    for shown in COMMANDS:
        bot.tree.add_command(command_for(shown))
