"""The buttons of campaigns, and actions that the commands share: changing the brief, rewriting, the list, the archive."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import discord

from bot.client import Interaction, whisper
from bot.commands.campaign.forms import BriefForm
from bot.commands.campaign.making import CampaignMaking
from bot.commands.campaign.openers import get_campaigns, get_guild_and_member
from bot.commands.campaign.threads import load_assignee_names
from bot.commands.campaign.views import CAMPAIGNS_PER_PAGE, build_board_table, list_view, render_board
from bot.errors import Phrase, RefusedError
from bot.interactions.components import PersistentItem, refuse_while_stopping
from bot.locales import localize, translate
from bot.replies.files import attachment, file_name
from bot.requests.campaign_files import build_archive
from bot.requests.campaigns import CampaignOverview
from bot.team.workspace.audit import AuditFilter

_SILENT = discord.AllowedMentions.none()
_REWRITING = "Texts being rewritten: {count}. Approved versions are kept."
_RETRYING = "I am trying again: {count}"
_TOO_LARGE = (
    "The archive is {size} MB, but this server accepts at most {most} MB. Download the texts one by one from /library."
)


class CampaignButton(
    PersistentItem[discord.ui.Button[Any]], template=r"quillcampaign:(?P<action>[a-z]{1,8}):(?P<campaign_id>\d{1,20})"
):
    """A button of a campaign."""

    def __init__(self, action: str, campaign_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillcampaign:{action}:{campaign_id}"))
        self._action, self._campaign_id = action, campaign_id

    async def act(self, interaction: Interaction) -> None:
        """Run the action; the service refuses it if the user lacks the permission."""
        refuse_while_stopping(interaction)
        match self._action:
            case "brief":
                await ask_for_brief(interaction, self._campaign_id)
            case "redo":
                await _rewrite(interaction, self._campaign_id)
            case "retry":
                await interaction.response.defer(ephemeral=True, thinking=True)
                count = await get_campaigns(interaction).retry(*get_guild_and_member(interaction), self._campaign_id)
                await _confirm_and_start(interaction, Phrase(_RETRYING, count=count))
            case "zip":
                await send_archive(interaction, self._campaign_id)
            case _:
                raise RefusedError("That button no longer works.")


class RedoButton(
    PersistentItem[discord.ui.Button[Any]], template=r"quillcampaignredo:(?P<number>\d{1,3}):(?P<campaign_id>\d{1,20})"
):
    """The button that requests the rewrite of one stale text."""

    def __init__(self, number: str, campaign_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillcampaignredo:{number}:{campaign_id}"))
        self._number, self._campaign_id = int(number), campaign_id

    async def act(self, interaction: Interaction) -> None:
        """Request the rewrite."""
        refuse_while_stopping(interaction)
        await _rewrite(interaction, self._campaign_id, [self._number])


class PagesButton(
    PersistentItem[discord.ui.Button[Any]], template=r"quillcampaigns:(?P<number>\d{1,4}):(?P<way>back|on)"
):
    """A button that turns the page of the list of campaigns."""

    def __init__(self, number: str, way: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillcampaigns:{number}:{way}"))
        self._number = int(number)

    async def act(self, interaction: Interaction) -> None:
        """Show the other page in place of the current one."""
        await show_list(interaction, self._number, replace=True)


async def _rewrite(interaction: Interaction, campaign_id: str, numbers: Sequence[int] | None = None) -> None:
    await interaction.response.defer(ephemeral=True, thinking=True)
    requested_numbers = await get_campaigns(interaction).request_rewrites(
        *get_guild_and_member(interaction), campaign_id, numbers
    )
    await _confirm_and_start(interaction, Phrase(_REWRITING, count=len(requested_numbers)))


async def _confirm_and_start(interaction: Interaction, message: Phrase) -> None:
    """Confirm privately, and start the work now instead of at the next check."""
    await whisper(interaction, localize(message, interaction.locale.value))
    await CampaignMaking.of(interaction.client).run_once()


async def ask_for_brief(interaction: Interaction, campaign_id: str) -> None:
    """Open the form of a campaign's brief; refused if the user may not change it."""
    campaign = await get_campaigns(interaction).get_for_editing(*get_guild_and_member(interaction), campaign_id)
    await interaction.response.send_modal(BriefForm(campaign, interaction.locale.value))


async def show_list(interaction: Interaction, number: int, *, replace: bool = False) -> None:
    """Show a page of the server's campaigns in an ephemeral message; `replace` edits the current page instead."""
    campaigns, locale = get_campaigns(interaction), interaction.locale.value
    all_campaigns = await campaigns.list_all(*get_guild_and_member(interaction))
    page_count = max(1, -(-len(all_campaigns) // CAMPAIGNS_PER_PAGE))
    number = min(number, page_count - 1)
    first = number * CAMPAIGNS_PER_PAGE
    page_campaigns = all_campaigns[first : first + CAMPAIGNS_PER_PAGE]
    overviews = [await campaigns.build_overview(campaign) for campaign in page_campaigns]
    view = list_view(overviews, number, page_count, locale)
    if replace:
        await interaction.response.edit_message(view=view, allowed_mentions=_SILENT)
    else:
        await whisper(interaction, view)


async def send_archive(interaction: Interaction, campaign_id: str) -> None:
    """Send the archive privately; for the server's owners it includes the audit log."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    bot, locale, (guild_id, member) = interaction.client, interaction.locale.value, get_guild_and_member(interaction)
    overview = await get_campaigns(interaction).get_overview(guild_id, member, campaign_id)
    names = await load_assignee_names(bot, overview)
    picture = await render_board(overview, names, locale)
    audit = b"".join(await _export_audit(interaction, overview))
    table = build_board_table(overview, names, locale)
    body = await asyncio.to_thread(build_archive, overview, table, picture, audit, locale)
    max_bytes = interaction.guild.filesize_limit if interaction.guild else len(body)
    if len(body) > max_bytes:
        raise RefusedError(_TOO_LARGE, size=len(body) // 1_000_000 + 1, most=max_bytes // 1_000_000)
    name = f"{file_name(overview.campaign.title)[:60]}.zip"
    alt = translate("The campaign as one archive", locale)
    await interaction.followup.send(file=attachment(name, body, alt), ephemeral=True, allowed_mentions=_SILENT)


async def _export_audit(interaction: Interaction, overview: CampaignOverview) -> list[bytes]:
    """Export the audit entries of a campaign and its texts for the server's owners; empty for other members."""
    guild_id, member = get_guild_and_member(interaction)
    subject_ids = [overview.campaign.id, *(item.piece.asset_id for item in overview.items if item.piece.asset_id)]
    try:
        return [
            await interaction.client.app.auditing.export(guild_id, member, "jsonl", AuditFilter(subject_id))
            for subject_id in subject_ids
        ]
    except RefusedError:
        return []
