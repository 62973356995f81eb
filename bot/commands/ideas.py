"""/ideas: suggestions for the next texts, each with a button that requests it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Interaction, QuillmateBot, build_member, whisper
from bot.interactions.components import PersistentItem
from bot.interactions.countries import build_empty_request, find_country
from bot.interactions.posts.planned import format_day
from bot.interactions.posts.planning import build_actor, build_visibility_check
from bot.interactions.requests import generate_seed
from bot.kinds import find_kind
from bot.locales import localize, translate
from bot.replies.ledger import plain
from bot.replies.views import COLOURS, Layout
from bot.requests.intake import clean_brief
from bot.team.ideas import Idea, IdeaContext, build_request
from bot.team.workspace.roles import Permission

_NO_IDEAS = (
    "I have no ideas for this channel yet. I get them from holidays, days without a post, what you liked and the "
    "facts of a brand. Set a country with /settings, schedule posts with /schedule, and use 👍 to tell me what "
    "you like."
)
_HINT = "When you choose one, I make it as if you had asked for it here, and everybody in this channel can see it."


class IdeasCommand(commands.Cog):
    """The command for ideas for a channel."""

    def __init__(self, bot: QuillmateBot) -> None:
        self._bot = bot

    @app_commands.command(
        name="ideas", description="Get ideas for what to make next, based on your calendar and what did well"
    )
    async def ideas(self, interaction: Interaction) -> None:
        """Show the ideas in an ephemeral message."""
        if interaction.guild_id:
            await self._bot.app.workspaces.require(
                str(interaction.guild_id), build_member(interaction.user), Permission.SEE
            )
        await interaction.response.defer(ephemeral=True, thinking=True)
        ideas = await self._bot.app.ideas.list_ideas(await build_idea_context(interaction))
        await whisper(interaction, build_ideas_view(ideas, interaction.locale.value))


class IdeaButton(PersistentItem[discord.ui.Button[Any]], template=r"quillidea:(?P<key>[\w.-]{1,90})"):
    """The button that requests an idea."""

    def __init__(self, key: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillidea:{key}"))
        self._key = key

    async def act(self, interaction: Interaction) -> None:
        """Submit the idea as a request of the user."""
        context = await build_idea_context(interaction)
        idea = await interaction.client.app.ideas.find_idea(context, self._key)
        brief = clean_brief(localize(idea.brief, interaction.locale.value))
        await interaction.client.take(interaction, build_request(idea, context.request, brief))


async def build_idea_context(interaction: Interaction) -> IdeaContext:
    """Build the context of ideas: the actor, an empty request in their channel, and the country whose holidays apply."""
    actor, locale = await build_actor(interaction), interaction.locale.value
    request = replace(build_empty_request(interaction), seed=generate_seed())
    country = await find_country(interaction, request)
    return IdeaContext(
        actor, request, build_visibility_check(interaction), lambda day: format_day(day, locale), country
    )


def build_ideas_view(ideas: Sequence[Idea], locale: str) -> Layout:
    """Build the list of ideas, each with its button."""
    view, container = Layout(), discord.ui.Container[Any](accent_colour=COLOURS["chat"])
    container.add_item(discord.ui.TextDisplay(f"### {translate('Ideas', locale)}"))
    for idea in ideas:
        kind = translate(find_kind(idea.kind).title, locale)
        reason, brief = localize(idea.reason, locale), localize(idea.brief, locale)
        button: discord.ui.Button[Any] = discord.ui.Button(
            label=translate("Make it", locale), style=discord.ButtonStyle.primary, custom_id=f"quillidea:{idea.key}"
        )
        text = f"**{plain(reason)}**\n{kind}: {plain(brief)}"
        container.add_item(discord.ui.Section(discord.ui.TextDisplay(text), accessory=button))
    container.add_item(discord.ui.TextDisplay(f"-# {translate(_HINT if ideas else _NO_IDEAS, locale)}"))
    view.add_item(container)
    return view


async def setup(bot: QuillmateBot) -> None:
    """Add the command, and register its buttons so that those in old messages still work."""
    bot.add_dynamic_items(IdeaButton)
    await bot.add_cog(IdeasCommand(bot))
