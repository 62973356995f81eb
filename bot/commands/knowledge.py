"""/knowledge: manages the documents that results draw on, the user's own and shared ones."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Interaction, QuillmateBot, whisper
from bot.documents.materials import DOCUMENTS, check_file
from bot.interactions.sharing import PLACES, WORKSPACE, ShareableItems, describe_scope, list_scopes, resolve_scope
from bot.locales import localize, translate, translate_plural
from bot.replies.ledger import plain
from bot.requests.intake import clean_brief
from storage.documents import Document
from storage.owned_items import OwnedItem

_MAX_PASSAGES, _MAX_EXCERPT_LENGTH = 3, 500


class KnowledgeCommands(
    commands.GroupCog, group_name="knowledge", group_description="Documents I draw on when I write"
):
    """Commands for the user's documents and those shared with the channel or server."""

    def __init__(self, bot: QuillmateBot) -> None:
        self._app = bot.app
        self._documents = ShareableItems(
            bot.app.knowledge.documents,
            _get_name,
            unknown_message='There is no document "{name}" here.',
            unowned_message='You have no document called "{name}".',
            empty_hint="Add the first with /knowledge add.",
        )

    @app_commands.command(name="add", description="Add a document for me to draw on")
    @app_commands.describe(
        file="A .pdf, .docx, .md, .txt, .html or .csv file",
        to="Who can use it, or the server that keeps it",
    )
    @app_commands.choices(to=PLACES)
    async def add(self, interaction: Interaction, file: discord.Attachment, to: str = "me") -> None:
        """Read, split and store a document, replacing one with the same name."""
        scope, locale = await resolve_scope(interaction, to), interaction.locale.value
        check_file(file.filename, file.size, file.content_type or "", DOCUMENTS)
        await interaction.response.defer(ephemeral=True, thinking=True)
        body, user_id = await file.read(), str(interaction.user.id)
        document, notes = await self._app.knowledge.add(
            user_id, scope, file.filename, body, file.content_type or "", give=to == WORKSPACE
        )
        confirmation = translate_plural(
            document.value.passages,
            "I have read {name} ({count} passage). When I use it, I'll name it as a source.",
            "I have read {name} ({count} passages). When I use it, I'll name it as a source.",
            locale,
        )
        name = plain(document.value.name)
        lines = [
            confirmation.format(name=name, count=document.value.passages),
            *(localize(note, locale) for note in notes),
        ]
        await whisper(interaction, "\n".join(lines))

    @app_commands.command(name="list", description="See the documents I draw on here")
    async def list_(self, interaction: Interaction) -> None:
        """List the names of the documents; the contents of other users' documents stay hidden."""
        locale = interaction.locale.value
        lines = [_format_line(document, locale) for document in await self._documents.list_all(interaction)]
        lines += [f"- {line}" for line in await self._documents.format_damaged_lines(interaction)]
        empty_text = translate("No documents yet. Add the first with /knowledge add.", locale)
        await whisper(interaction, "\n".join([f"### {translate('Documents', locale)}", *(lines or [empty_text])]))

    @app_commands.command(name="ask", description="See what the documents say about something")
    @app_commands.describe(question="What you want to know")
    async def ask(self, interaction: Interaction, question: app_commands.Range[str, 1, 300]) -> None:
        """Show the matching passages verbatim, without calling a model."""
        query, locale = clean_brief(question), interaction.locale.value
        await interaction.response.defer(ephemeral=True, thinking=True)
        passages = await self._app.knowledge.search(str(interaction.user.id), list_scopes(interaction), query)
        lines = [
            f"**{plain(passage.source)}**\n{plain(passage.text[:_MAX_EXCERPT_LENGTH])}"
            for passage in passages[:_MAX_PASSAGES]
        ]
        await whisper(interaction, "\n".join(lines) or translate("The documents say nothing about that.", locale))

    @app_commands.command(name="forget", description="Delete a document")
    @app_commands.describe(name="One of your documents, or one to remove from this server")
    async def forget(self, interaction: Interaction, name: str) -> None:
        """Delete a document of the user's own; managers of the server can also end the sharing of others."""
        confirmation = await self._documents.remove(interaction, name)
        await whisper(interaction, translate(confirmation, interaction.locale.value))

    @forget.autocomplete("name")
    async def _suggest_documents(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        return await self._documents.list_choices(interaction, current)


def _get_name(document: Document) -> str:
    return document.name


def _format_line(document: OwnedItem[Document], locale: str) -> str:
    pages = f" · {document.value.pages} {translate('pages', locale)}" if document.value.pages else ""
    scope = f" · {translate(describe_scope(document), locale)}" if describe_scope(document) else ""
    return f"- {plain(document.value.name)}{pages}{scope}"


async def setup(bot: QuillmateBot) -> None:
    """Add the commands."""
    await bot.add_cog(KnowledgeCommands(bot))
