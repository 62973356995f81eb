"""/campaign: a plan and all its texts from one brief, posted in a thread for review, with a board that shows their
status.
"""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from bot.client import Interaction, QuillmateBot
from bot.commands.campaign.buttons import (
    CampaignButton,
    PagesButton,
    RedoButton,
    ask_for_brief,
    send_archive,
    show_list,
)
from bot.commands.campaign.forms import MAX_BRIEF, NewForm
from bot.commands.campaign.making import CampaignMaking
from bot.commands.campaign.openers import (
    ThreadParent,
    find_campaign,
    find_parent_channel,
    get_campaigns,
    get_guild_and_member,
    require_permissions,
)
from bot.commands.campaign.threads import CampaignThreads
from bot.errors import RefusedError
from bot.interactions.sharing import build_choices
from bot.kinds.campaign import list_places
from bot.requests.campaigns import find_requested_places
from bot.requests.intake import clean_brief, clean_text
from bot.team.workspace.roles import Permission

_MAX_SEARCHED_CAMPAIGNS = 100
_NO_SUCH_PLACE = "I do not know any of these channels. Choose from these: {known}."


@app_commands.guild_only()
class CampaignCommands(
    commands.GroupCog, group_name="campaign", group_description="A plan and all its texts from one brief"
):
    """Commands for the campaigns of a server."""

    @app_commands.command(name="new", description="Start a campaign: a plan and all its texts from one brief")
    @app_commands.describe(
        brief="What it is for, who it is for and when; you can also fill this in later in the form",
        channels="What it should include, such as Instagram, email, landing page; if empty, what the brief names",
        where="The channel or forum for its thread; if empty, this channel",
    )
    async def new(
        self,
        interaction: Interaction,
        brief: app_commands.Range[str, 0, MAX_BRIEF] | None = None,
        channels: app_commands.Range[str, 0, 300] | None = None,
        where: ThreadParent | None = None,
    ) -> None:
        """Open the form of a new campaign, with the places of `channels`, or else of the brief, already selected."""
        await require_permissions(interaction, Permission.FILE, Permission.MAKE)
        parent_channel = find_parent_channel(interaction, where)
        text = clean_text(clean_brief(brief)) if brief and brief.strip() else ""
        places = find_requested_places(channels or text)
        if channels and not places:
            raise RefusedError(_NO_SUCH_PLACE, known=list(list_places().values()))
        await interaction.response.send_modal(NewForm(text, places, parent_channel.id, interaction.locale.value))

    @app_commands.command(
        name="brief", description="Change the brief of a campaign and see which texts it makes outdated"
    )
    @app_commands.describe(campaign="Which campaign; if empty, the one in this thread")
    async def brief(self, interaction: Interaction, campaign: str | None = None) -> None:
        """Open the form of the campaign's brief."""
        await ask_for_brief(interaction, (await find_campaign(interaction, campaign)).id)

    @app_commands.command(name="show", description="See this server's campaigns and their status")
    async def show(self, interaction: Interaction) -> None:
        """Show the newest campaigns privately."""
        await show_list(interaction, 0)

    @app_commands.command(
        name="zip", description="Download a campaign as one .zip: plan, texts, prompts, pictures, board"
    )
    @app_commands.describe(campaign="Which campaign; if empty, the one in this thread")
    async def archive(self, interaction: Interaction, campaign: str | None = None) -> None:
        """Send the archive privately."""
        await send_archive(interaction, (await find_campaign(interaction, campaign)).id)

    @brief.autocomplete("campaign")
    @archive.autocomplete("campaign")
    async def _suggest_titles(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        try:
            campaigns = await get_campaigns(interaction).list_all(*get_guild_and_member(interaction))
        except RefusedError:
            return []
        return build_choices([campaign.title for campaign in campaigns[:_MAX_SEARCHED_CAMPAIGNS]], current)


async def setup(bot: QuillmateBot) -> None:
    """Add the commands and the cogs that write and show campaigns, and register the buttons, so that old ones work, too."""
    bot.add_dynamic_items(CampaignButton, RedoButton, PagesButton)
    await bot.add_cog(CampaignThreads(bot))
    await bot.add_cog(CampaignMaking(bot))
    await bot.add_cog(CampaignCommands())
