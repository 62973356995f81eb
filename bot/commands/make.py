"""/copy, /lesson and /image: the commands that make content."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import Any, cast

import discord
from discord import app_commands

from bot.checks.language import NAMES, wanted_language
from bot.client import Interaction, QuillmateBot
from bot.content import Attached, Request
from bot.errors import Phrase, RefusedError
from bot.kinds import kind_named, of_family
from bot.locales import translate
from bot.materials import check
from personas.profile import Length

from ._components import Form
from ._intake import MOST_CHARACTERS, brief_of, told

USE_FILE = "Use the material."
# What a brief of a family may be, in the form that asks for one.
_PLACEHOLDERS = {
    "marketing": "We close on Monday, back on Tuesday.",
    "education": "The water cycle, for grade 5.",
    "image": "A red fox in the snow at dawn.",
}
_LENGTHS = [app_commands.Choice(name=name, value=name) for name in ("short", "medium", "long")]


def new_seed() -> int:
    """A seed that a person can type again."""
    return secrets.randbelow(100_000)


def attached(file: discord.Attachment | None) -> Attached | None:
    """Where an attachment's text can be read from.

    Raises:
        FileError: it is of a type that cannot be read, or too large.
    """
    if file is None:
        return None
    content_type = file.content_type or ""
    check(file.filename, file.size, content_type)
    return Attached(file.filename, file.url, content_type)


def language_of(name: str | None) -> str:
    """The code of a language that somebody named, empty for none.

    Raises:
        RefusedError: it is not known.
    """
    if not name:
        return ""
    code = wanted_language(name)
    if code is None:
        said = 'I do not know the language "{name}". I know {known}.'
        raise RefusedError(said, name=name[:40], known=", ".join(NAMES.values()))
    return code


def kind_in(name: str | None, family: str) -> str | None:
    """The kind of a family that somebody named, None for none.

    Raises:
        RefusedError: there is none of that name in the family.
    """
    if not name:
        return None
    kind = kind_named(name)
    if kind.family != family:
        known = [Phrase(one.title) for one in of_family(family)]
        said = "{kind} is not made with this command; it makes {known}."
        raise RefusedError(said, kind=Phrase(kind.title), known=known)
    return kind.name


class BriefModal(Form):
    """Asks for what a command was not told."""

    def __init__(self, request: Request, locale: str) -> None:
        super().__init__(title=translate("What shall I make?", locale))
        self._request = request
        self.brief: discord.ui.TextInput[BriefModal] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph,
            max_length=4000,
            placeholder=translate(_PLACEHOLDERS.get(request.family, _PLACEHOLDERS["marketing"]), locale),
        )
        self.audience: discord.ui.TextInput[BriefModal] = discord.ui.TextInput(
            required=False, max_length=300, default=request.audience or None
        )
        self.add_item(discord.ui.Label(text=translate("Brief", locale), component=self.brief))
        self.add_item(
            discord.ui.Label(text=translate("For whom (if not as in your profile)", locale), component=self.audience)
        )

    async def act(self, interaction: Interaction) -> None:
        """Takes the brief."""
        audience = told(self.audience.value, 300)
        request = replace(self._request, id=str(interaction.id), brief=brief_of(self.brief.value), audience=audience)
        await interaction.client.take(interaction, request)


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
        tone=told(tone, 100),
        audience=told(audience, 300),
        length=cast(Length | None, length),
        language=language_of(language),
        seed=new_seed(),
    )
    if not (brief or "").strip() and file is None:
        await interaction.response.send_modal(BriefModal(request, interaction.locale.value))
        return
    text = brief_of(brief) if brief and brief.strip() else USE_FILE
    await interaction.client.take(interaction, replace(request, brief=text, file=attached(file)))


@dataclass(frozen=True, slots=True)
class FamilyCommand:
    """A command that makes the kinds of one family; the sentences are what Discord shows beside it and its options."""

    name: str
    family: str
    description: str
    brief: str
    kind: str
    tone: str
    audience: str
    language: str
    file: str


COMMANDS = (
    FamilyCommand(
        name="copy",
        family="marketing",
        description="Write marketing copy: posts, ads, emails",
        brief="What it should say, in your own words",
        kind="What to write; I find out when you leave it out",
        tone="How it should sound, such as warm or matter-of-fact",
        audience="Who will read it, if not as in your profile",
        language="The language to write in",
        file="A .txt, .md, .pdf or .docx file to write from",
    ),
    FamilyCommand(
        name="lesson",
        family="education",
        description="Make teaching material: lesson plans, explanations, quizzes",
        brief="What it should teach, in your own words",
        kind="What to make; I find out when you leave it out",
        tone="How it should sound, such as playful or calm",
        audience="Who will learn from it, if not as in your profile",
        language="The language to write in",
        file="A .txt, .md, .pdf or .docx file to write from",
    ),
    FamilyCommand(
        name="image",
        family="image",
        description="Write a prompt for an image model",
        brief="What should be seen, and for which model if you know it",
        kind="What to make; I find out when you leave it out",
        tone="The mood, such as calm or festive",
        audience="Who will see it, if not as in your profile",
        language="The language of the words around the prompt",
        file="A .txt, .md, .pdf or .docx file to draw from",
    ),
)


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
        brief: app_commands.Range[str, 0, MOST_CHARACTERS] | None = None,
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
        titles = [(kind, translate(kind.title, interaction.locale.value)) for kind in of_family(shown.family)]
        found = [(kind, title) for kind, title in titles if wanted in f"{title} {kind.title} {kind.name}".casefold()]
        return [app_commands.Choice(name=title, value=kind.name) for kind, title in found][:25]

    return command


async def setup(bot: QuillmateBot) -> None:
    """Adds the commands."""
    for shown in COMMANDS:
        bot.tree.add_command(command_for(shown))
