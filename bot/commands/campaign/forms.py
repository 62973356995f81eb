"""The forms of campaigns: a new one, and the brief of an existing one."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.client import Interaction, whisper
from bot.commands.campaign.making import CampaignMaking
from bot.commands.campaign.openers import (
    CANNOT_OPEN,
    NOWHERE,
    ThreadParent,
    get_campaigns,
    get_guild_and_member,
    require_can_open_threads,
)
from bot.commands.campaign.threads import CampaignThreads
from bot.commands.campaign.views import brief_changed_view
from bot.errors import Phrase, RefusedError
from bot.generation.diff import diff_texts
from bot.interactions.components import UNSAVED_SECONDS, EditAgainButton, Form, refuse_while_stopping
from bot.interactions.requests import generate_seed
from bot.kinds.campaign import list_places
from bot.locales import localize, translate, translate_error
from bot.replies.reasons import format_changes
from bot.replies.views import note_view
from bot.requests.campaign_writing import ThreadGoneError
from bot.requests.campaigns import IMAGE_PROMPTS, MAX_PLACES, find_requested_places
from bot.requests.intake import clean_brief, clean_text
from bot.team.review.service import ConflictError
from storage.campaigns import Campaign

MAX_BRIEF = 4000
# Maximum characters of the changes shown above a button.
_MAX_CHANGES_CHARACTERS = 1200
_NO_PLACES = "Neither your brief nor the menu says what the campaign should include. Choose it in the menu."
_STARTED = "Your campaign is here: {thread}"


class NewForm(Form):
    """Ask for the brief and the contents of a new campaign."""

    def __init__(self, brief: str, selected_places: Sequence[str], channel_id: int, locale: str) -> None:
        super().__init__(title=translate("A new campaign", locale))
        self._channel_id = channel_id
        self.brief: discord.ui.TextInput[NewForm] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph, default=brief or None, max_length=MAX_BRIEF
        )
        self.add_item(
            discord.ui.Label(text=translate("What it is for, who it is for and when", locale), component=self.brief)
        )
        place_titles = {
            **list_places(locale.partition("-")[0]),
            IMAGE_PROMPTS: translate("Prompts for pictures", locale),
        }
        self.places: discord.ui.Select[NewForm] = discord.ui.Select(
            required=False, min_values=0, max_values=MAX_PLACES + 1
        )
        for name, title in place_titles.items():
            self.places.add_option(label=title[:100], value=name, default=name in selected_places)
        label, hint = translate("What it should include", locale), translate("If empty, what the brief names", locale)
        self.add_item(discord.ui.Label(text=label, description=hint, component=self.places))

    async def act(self, interaction: Interaction) -> None:
        """Start the campaign."""
        refuse_while_stopping(interaction)
        brief = clean_text(clean_brief(self.brief.value))
        places = list(self.places.values) or find_requested_places(brief)
        if not set(places) - {IMAGE_PROMPTS}:
            raise RefusedError(_NO_PLACES)
        await _open_campaign(interaction, brief, places, self._channel_id)


async def _open_campaign(interaction: Interaction, brief: str, places: Sequence[str], channel_id: int) -> None:
    """Store a campaign, open its thread, and start writing it."""
    campaigns, making = get_campaigns(interaction), CampaignMaking.of(interaction.client)
    guild_id, member = get_guild_and_member(interaction)
    server = interaction.guild
    channel = server.get_channel(channel_id) if server else None
    if not isinstance(channel, ThreadParent) or server is None or not isinstance(interaction.user, discord.Member):
        raise RefusedError(NOWHERE)
    require_can_open_threads(channel, interaction.user, server.me)
    campaign_id = str(interaction.id)
    making.opening.add(campaign_id)
    try:
        await interaction.response.defer(ephemeral=True, thinking=True)
        campaign = await campaigns.begin(
            campaign_id,
            guild_id,
            member,
            brief,
            places,
            channel_id=str(channel_id),
            locale=interaction.locale.value,
            seed=generate_seed(),
        )
        try:
            campaign = await CampaignThreads.of(interaction.client).open(campaign)
        except (ThreadGoneError, RefusedError):
            await campaigns.drop(campaign)
            raise RefusedError(CANNOT_OPEN) from None
    finally:
        making.opening.discard(campaign_id)
    await whisper(interaction, localize(Phrase(_STARTED, thread=f"<#{campaign.thread_id}>"), interaction.locale.value))
    await making.run_once()


class BriefForm(Form):
    """Ask for the new brief of a campaign. `campaign` has the brief as of the opening of the form; `input_text` replaces it in
    the input.
    """

    def __init__(self, campaign: Campaign, locale: str, input_text: str = "") -> None:
        super().__init__(title=translate("Change the brief", locale))
        self._campaign = campaign
        self.brief: discord.ui.TextInput[BriefForm] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph, default=(input_text or campaign.brief)[:MAX_BRIEF], max_length=MAX_BRIEF
        )
        self.add_item(
            discord.ui.Label(text=translate("What it is for, who it is for and when", locale), component=self.brief)
        )

    async def act(self, interaction: Interaction) -> None:
        """Change the brief, list the texts that become stale, and offer to rewrite them; on a conflict, show what changed."""
        brief, campaign, locale = (
            clean_text(clean_brief(self.brief.value)),
            self._campaign,
            interaction.locale.value,
        )
        await interaction.response.defer(ephemeral=True, thinking=True)
        try:
            overview = await get_campaigns(interaction).change_brief(
                *get_guild_and_member(interaction), campaign.id, campaign.version, brief
            )
        except ConflictError as error:
            await self._show_conflict(interaction, error, brief)
            return
        changes = format_changes(diff_texts(campaign.brief, brief))
        await whisper(interaction, brief_changed_view(overview, changes, locale))

    async def _show_conflict(self, interaction: Interaction, error: ConflictError, brief: str) -> None:
        """Show how another member changed the brief, with a button that opens the form with the user's input again, now based
        on the current brief.
        """
        locale = interaction.locale.value
        current = await get_campaigns(interaction).get_for_editing(
            *get_guild_and_member(interaction), self._campaign.id
        )
        changes = format_changes(diff_texts(self._campaign.brief, current.brief))
        view = note_view(
            f"{translate_error(error, locale)}\n{changes[:_MAX_CHANGES_CHARACTERS]}", wrong=True, locale=locale
        )
        view.hold(UNSAVED_SECONDS)
        view.add_item(discord.ui.ActionRow(EditAgainButton(BriefForm(current, locale, brief), locale)))
        await whisper(interaction, view)
