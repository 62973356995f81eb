"""/audit: shows owners the audit log of their server page by page, exports it, and verifies it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Interaction, QuillmateBot, build_member, whisper
from bot.errors import Phrase, RefusedError
from bot.interactions.components import PersistentItem
from bot.interactions.review import format_event
from bot.interactions.sharing import build_choices
from bot.locales import localize, translate
from bot.replies.files import attachment
from bot.replies.ledger import plain
from bot.replies.views import COLOURS, Layout
from bot.team.review.steps import Step
from bot.team.workspace.audit import OF_CAMPAIGNS, OF_POSTS, PAGE, AuditFilter
from bot.team.workspace.roles import Permission
from storage.audit import AuditEntry

_TEMPLATE = (
    r"quillaudit:(?P<action>newer|older|jsonl|csv|check)"
    r":(?P<before_number>\d{0,9}):(?P<asset_id>\w{0,40}):(?P<user_id>\d{0,20})"
)
_SILENT = discord.AllowedMentions.none()
_MAX_SUGGESTIONS, _SHORT_HASH_LENGTH = 100, 12
# Audited actions on texts.
_TEXT_ACTIONS = (*(step.value for step in Step), "keep", "stale", "amiss", "redone")
_UNAVAILABLE = "no longer available"
_NO_ENTRIES = "There are no entries for that yet."
_INTACT = (
    "All entries are unchanged ({count}). The hash of the last one is {hash}. Write it down to compare it "
    "with a later check."
)
_BROKEN = (
    "Entry {number} does not match the one before it: either it was changed or an entry was deleted. All "
    "entries before it are intact."
)


class AuditCommand(commands.Cog):
    """The command that shows the audit log."""

    @app_commands.command(name="audit", description="See who did what in this server, and when")
    @app_commands.describe(asset="A text of the team's library", person="Who did it")
    @app_commands.guild_only()
    async def audit(
        self, interaction: Interaction, asset: str | None = None, person: discord.User | None = None
    ) -> None:
        """Show the newest entries in an ephemeral message."""
        await _require_owner(interaction)
        asset_id = await _find_asset_id(interaction, asset) if asset else ""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await whisper(
            interaction, await _build_page(interaction, AuditFilter(asset_id, str(person.id) if person else ""))
        )

    @audit.autocomplete("asset")
    async def _suggest_texts(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        try:
            await _require_owner(interaction)
        except RefusedError:
            return []
        return build_choices([title for _, title in await _list_titles(interaction)], current)


async def _require_owner(interaction: Interaction) -> None:
    """Raise RefusedError unless the user is an owner of the server."""
    member = build_member(interaction.user)
    await interaction.client.app.workspaces.require(str(interaction.guild_id), member, Permission.CONFIGURE)


async def _list_titles(interaction: Interaction) -> Sequence[tuple[str, str]]:
    """Return the ids and titles of the team's newest texts."""
    assets = await interaction.client.app.auditing.list_newest_texts(str(interaction.guild_id), _MAX_SUGGESTIONS)
    return [(asset.id, asset.title or asset.id) for asset in assets]


async def _find_asset_id(interaction: Interaction, title_or_id: str) -> str:
    """Return the id of the text with a title. An id is returned unchanged, since entries may be about a deleted text.

    Raises:
        RefusedError: there is no such text.
    """
    query = title_or_id.strip().casefold()
    for asset_id, title in await _list_titles(interaction):
        if query in (asset_id, title.casefold(), title[:100].casefold()):
            return asset_id
    if query.isalnum() and len(query) <= 40:
        return query
    raise RefusedError('There is nothing called "{name}" here.', name=title_or_id.strip()[:60])


async def _build_page(interaction: Interaction, filters: AuditFilter, before_number: int | None = None) -> Layout:
    """Build a page of entries, newest first; `before_number` starts it at older entries."""
    locale, guild_id = interaction.locale.value, str(interaction.guild_id)
    member = build_member(interaction.user)
    entries = await interaction.client.app.auditing.load_page(guild_id, member, filters, before_number)
    page_entries, titles = entries[:PAGE], await _load_titles(interaction, entries[:PAGE])
    box = discord.ui.Container[discord.ui.LayoutView](accent_colour=COLOURS["chat"])
    lines = [_format_entry(entry, titles, locale) for entry in page_entries] or [translate(_NO_ENTRIES, locale)]
    box.add_item(discord.ui.TextDisplay("\n".join([f"### {translate('Audit log', locale)}", *lines])))
    last_number = page_entries[-1].number if len(entries) > PAGE else 0
    view = Layout()
    view.add_item(box)
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    buttons = (
        ("newer", translate("Newest", locale), "⏫", 0, before_number is None),
        ("older", translate("Older", locale), "▶️", last_number, not last_number),
        ("jsonl", translate("Export (.jsonl)", locale), "📄", 0, not page_entries),
        ("csv", translate("Export (.csv)", locale), "📊", 0, not page_entries),
        ("check", translate("Check", locale), "🔏", 0, False),
    )
    for action, label, emoji, number, is_disabled in buttons:
        custom_id = f"quillaudit:{action}:{number or ''}:{filters.about}:{filters.user_id}"
        row.add_item(discord.ui.Button(label=label, emoji=emoji, custom_id=custom_id, disabled=is_disabled))
    view.add_item(row)
    return view


async def _load_titles(interaction: Interaction, entries: Sequence[AuditEntry]) -> Mapping[str, str]:
    """Return the titles of the entries' subjects by id, without those of deleted subjects."""
    return await interaction.client.app.auditing.load_titles(str(interaction.guild_id), entries)


def _format_entry(entry: AuditEntry, titles: Mapping[str, str], locale: str) -> str:
    """Format an entry as two lines: actor and action; then number, time, subject, and the beginning of its hash."""
    text = format_event(entry, locale)
    subject = _format_subject(entry, titles, locale)
    time = f"<t:{int(_get_timestamp(entry))}:f>"
    details = " · ".join(filter(None, (f"#{entry.number}", time, subject, f"`{entry.hash[:_SHORT_HASH_LENGTH]}`")))
    return f"{text[:1].upper()}{text[1:]}\n-# {details}"


def _format_subject(entry: AuditEntry, titles: Mapping[str, str], locale: str) -> str:
    """Format the subject of an entry: its title and, for a scheduled post, the time it is due."""
    title = f"“{plain(titles[entry.about])}”" if titles.get(entry.about) else ""
    if entry.act in OF_POSTS and entry.details.get("due"):
        due_time = f"<t:{int(datetime.fromisoformat(str(entry.details['due'])).timestamp())}:f>"
        return " · ".join(filter(None, (title, translate("scheduled for {when}", locale).format(when=due_time))))
    if title or not entry.about or entry.act not in (*OF_POSTS, *OF_CAMPAIGNS, *_TEXT_ACTIONS):
        return title
    return translate(_UNAVAILABLE, locale)


def _get_timestamp(entry: AuditEntry) -> float:
    return datetime.fromisoformat(entry.at).timestamp()


class AuditButton(PersistentItem[discord.ui.Button[Any]], template=_TEMPLATE):
    """A button of a page of the audit log; its custom id has the filters."""

    def __init__(self, action: str, before_number: str, asset_id: str, user_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillaudit:{action}:{before_number}:{asset_id}:{user_id}"))
        self._action, self._before_number, self._filters = (
            action,
            int(before_number or 0) or None,
            AuditFilter(asset_id, user_id),
        )

    async def act(self, interaction: Interaction) -> None:
        """Turn the page, send the file, or verify the log; requires an owner."""
        await _require_owner(interaction)
        auditing, guild_id = interaction.client.app.auditing, str(interaction.guild_id)
        member = build_member(interaction.user)
        match self._action:
            case "newer" | "older":
                await interaction.response.defer()
                view = await _build_page(interaction, self._filters, self._before_number)
                await interaction.edit_original_response(view=view, allowed_mentions=_SILENT)
            case "jsonl" | "csv" as form:
                await interaction.response.defer(ephemeral=True, thinking=True)
                body = await auditing.export(guild_id, member, form, self._filters)
                await interaction.followup.send(file=attachment(f"audit.{form}", body), ephemeral=True)
            case _:
                await interaction.response.defer(ephemeral=True, thinking=True)
                verification = await auditing.verify(guild_id, member)
                message = Phrase(_INTACT, count=verification.entries, hash=f"`{verification.hash}`")
                if verification.broken is not None:
                    message = Phrase(_BROKEN, number=verification.broken)
                await whisper(
                    interaction, localize(message, interaction.locale.value), wrong=verification.broken is not None
                )


async def setup(bot: QuillmateBot) -> None:
    """Add the command, and register its buttons, so that old ones work, too."""
    bot.add_dynamic_items(AuditButton)
    await bot.add_cog(AuditCommand())
