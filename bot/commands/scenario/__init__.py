"""/scenario: plays a case in a thread, in turns or against the clock, with a debrief."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from bot.client import Interaction, QuillmateBot
from bot.commands.scenario.actions import PlayButton, PlayCaseButton
from bot.commands.scenario.pending_plays import PendingPlays
from bot.content import Request
from bot.interactions.library import get_library, load_viewer
from bot.interactions.requests import generate_seed
from bot.interactions.stage.start import get_user_language, parse_case, start_case
from bot.reading.titles import find_title
from bot.requests.intake import clean_brief
from bot.simulation.case import MAX_MINUTES, Case, find_builtin_case, load_builtin_cases
from storage.entries import LibraryEntry

_MAX_CHOICES, _MAX_SCANNED_RESULTS = 25, 50
_MAX_BRIEF = 1_000


class ScenarioCommands(
    commands.GroupCog, group_name="scenario", group_description="Play through a case, with a debrief"
):
    """Commands that play cases: built-in ones, the user's and the team's own, or new ones made from a brief."""

    @app_commands.command(
        name="play", description="Play a case in a thread: I play the others and tell you how you did"
    )
    @app_commands.describe(
        case="A built-in case, one of yours, or what it should be about in your own words",
        with_others="Let others take roles too; if empty, you play on your own",
        minutes="Play against the clock, in minutes, instead of in turns",
    )
    async def play(
        self,
        interaction: Interaction,
        case: app_commands.Range[str, 1, _MAX_BRIEF],
        with_others: bool = False,
        minutes: app_commands.Range[int, 0, MAX_MINUTES] = 0,
    ) -> None:
        """Open a thread with the case. If there is no such case, treat the words as a brief and make one; its result has a button
        to play it.
        """
        language = get_user_language(interaction)
        found_case = find_builtin_case(case, language) or await _find_own_case(interaction, case, language)
        if found_case is not None:
            await start_case(interaction, found_case.with_minutes(minutes), is_solo=not with_others)
            return
        request = Request(
            id=str(interaction.id),
            user_id=str(interaction.user.id),
            brief=clean_brief(case),
            kind="scenario",
            family="data",
            seed=generate_seed(),
        )
        await interaction.client.take(interaction, request)

    @play.autocomplete("case")
    async def _suggest_cases(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        query, language = current.strip().casefold(), get_user_language(interaction)
        builtin_cases = [
            (case_by_language.get(language, case_by_language["en"]).title, name)
            for name, case_by_language in load_builtin_cases().items()
        ]
        own_cases = [
            (entry.title or find_title(entry.text, entry.parts), f"{entry.owner_id}/{entry.id}")
            for entry in await _list_own_cases(interaction)
        ]
        matching_cases = [
            choice for choice in [*builtin_cases, *own_cases] if query in choice[0].casefold() and choice[0]
        ]
        return [
            app_commands.Choice(name=title[:100], value=name[:100]) for title, name in matching_cases[:_MAX_CHOICES]
        ]


async def _list_own_cases(interaction: Interaction) -> list[LibraryEntry]:
    library, viewer = get_library(interaction), await load_viewer(interaction)
    return await library.list_of_kind(viewer, "scenario", _MAX_SCANNED_RESULTS)


async def _find_own_case(interaction: Interaction, name: str, language: str) -> Case | None:
    """Return the case with a title or key among the user's results and the team's library; None if there is none."""
    query = name.strip().casefold()
    for entry in await _list_own_cases(interaction):
        title = entry.title or find_title(entry.text, entry.parts)
        if query in (f"{entry.owner_id}/{entry.id}".casefold(), title.casefold()):
            return parse_case(entry.parts, language)
    return None


async def setup(bot: QuillmateBot) -> None:
    """Add the command, register its buttons, so that old ones work, too, and start to watch plays."""
    bot.add_dynamic_items(PlayButton, PlayCaseButton)
    await bot.add_cog(ScenarioCommands())
    await bot.add_cog(PendingPlays(bot))
