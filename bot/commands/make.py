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
from bot.interactions.families import COMMANDS, FamilyCommand
from bot.interactions.requests import USE_FILE, BriefModal, check_attachment, generate_seed
from bot.kinds import find_kind, list_family_kinds
from bot.locales import translate
from bot.requests.intake import MAX_CHARACTERS, clean_brief, clean_option
from personas.profile import Length

_LENGTHS = [app_commands.Choice(name=name, value=name) for name in ("short", "medium", "long")]


def parse_language_option(name: str | None) -> str:
    """Return the code of a language by its name; empty for an empty name.

    Raises:
        RefusedError: the language is unknown.
    """
    if not name:
        return ""
    code = parse_language(name)
    if code is None:
        message = 'I do not know the language "{name}". I know {known}.'
        raise RefusedError(message, name=name[:40], known=[Phrase(language_name) for language_name in NAMES.values()])
    return code


def parse_kind(name: str | None, family: str) -> str | None:
    """Return the name of a kind after checking that it belongs to the family; None for an empty name.

    Raises:
        RefusedError: the family has no such kind.
    """
    if not name:
        return None
    kind = find_kind(name)
    if kind.family != family:
        titles = [Phrase(kind.title) for kind in list_family_kinds(family)]
        message = "{kind} is not available with this command; choose from {known}."
        raise RefusedError(message, kind=Phrase(kind.title), known=titles)
    return kind.name


async def make_content(
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
    """Submit a request of a family; without a brief or a file, ask for the brief first.

    Raises:
        QuillmateError: the request is refused.
    """
    request = Request(
        id=str(interaction.id),
        user_id=str(interaction.user.id),
        brief="",
        kind=parse_kind(kind, family),
        family=family,
        tone=clean_option(tone, 100),
        audience=clean_option(audience, 300),
        length=cast(Length | None, length),
        language=parse_language_option(language),
        seed=generate_seed(),
    )
    if not (brief or "").strip() and file is None:
        await interaction.response.send_modal(BriefModal(request, interaction.locale.value))
        return
    text = clean_brief(brief) if brief and brief.strip() else USE_FILE
    await interaction.client.take(interaction, replace(request, brief=text, file=check_attachment(file)))


def build_command(family_command: FamilyCommand) -> app_commands.Command[Any, ..., None]:
    """Build the slash command of a family."""

    @app_commands.command(name=family_command.name, description=family_command.description)
    @app_commands.describe(
        brief=family_command.brief,
        kind=family_command.kind,
        tone=family_command.tone,
        audience=family_command.audience,
        length="How long it should be",
        language=family_command.language,
        file=family_command.file,
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
        await make_content(
            interaction,
            family_command.family,
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
        query = current.casefold()
        titles = [
            (kind, translate(kind.title, interaction.locale.value)) for kind in list_family_kinds(family_command.family)
        ]
        matches = [(kind, title) for kind, title in titles if query in f"{title} {kind.title} {kind.name}".casefold()]
        return [app_commands.Choice(name=title, value=kind.name) for kind, title in matches][:25]

    return command


async def setup(bot: QuillmateBot) -> None:
    """Add the commands."""
    for family_command in COMMANDS:
        bot.tree.add_command(build_command(family_command))
