"""The choices behind the button Play…: how to play a case, and whether to play a quiz here, practise it or learn it."""

from __future__ import annotations

import discord

from bot.client import Interaction
from bot.errors import RefusedError
from bot.locales import translate
from bot.replies.views import Layout, note_view
from bot.team.library.library import Viewer
from bot.team.workspace.roles import Permission, any_has_permission

_ASK_QUIZ_MODE = (
    "I can ask these questions here against the clock, for everybody in this channel, or just you in a direct "
    "message without a time limit. Or I can teach you: with hints, and each question comes back when it is time "
    "to review it."
)
_ASK_CASE_MODE = (
    "We play in a thread, and I take the roles that nobody else takes: you answer, the clock runs, and at the "
    "end I tell you what you achieved. If you play alone, only you can see it; with others, everybody here can "
    "take a role."
)


_NOTHING_FOR_VIEWER = (
    "There is no such quiz or deck for you here. You can only read in this server, so make one in a direct message "
    "with me, where /lesson is open to you, or ask an editor here to save one to the team's library."
)


def build_missing_error(message: str, viewer: Viewer, **values: str) -> RefusedError:
    """Build the error for a missing source of questions, with a hint on how to make one. Viewers, who may not make any, get a
    different hint.
    """
    if viewer.guild_id and not any_has_permission(viewer.roles, Permission.MAKE):
        return RefusedError(_NOTHING_FOR_VIEWER)
    return RefusedError(message, **values)


def quiz_modes_view(generation_id: str, locale: str, *, in_server: bool) -> Layout:
    """Build the choice of how to play the quiz of a result."""
    view = note_view(translate(_ASK_QUIZ_MODE, locale), locale=locale)
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    if in_server:
        row.add_item(_build_button("here", translate("Play here", locale), "🎮", generation_id))
    row.add_item(_build_button("alone", translate("Practise alone", locale), "✏️", generation_id))
    row.add_item(_build_button("learn", translate("Learn it", locale), "🎓", generation_id))
    view.add_item(row)
    return view


def _build_button(
    mode: str, label: str, emoji: str, generation_id: str, *, prefix: str = "quillquizfrom"
) -> discord.ui.Button[discord.ui.LayoutView]:
    return discord.ui.Button(label=label, emoji=emoji, custom_id=f"{prefix}:{mode}:{generation_id}")


def case_modes_view(generation_id: str, locale: str, *, in_server: bool) -> Layout:
    """Build the choice of how to play the case of a result."""
    view = note_view(translate(_ASK_CASE_MODE, locale), locale=locale)
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    row.add_item(_build_button("alone", translate("Play alone", locale), "🎭", generation_id, prefix="quillplayfrom"))
    if in_server:
        row.add_item(
            _build_button("all", translate("Play with others", locale), "👥", generation_id, prefix="quillplayfrom")
        )
    view.add_item(row)
    return view


async def ask_mode(interaction: Interaction, generation_id: str, *, is_case: bool = False) -> None:
    """Ask the user privately how to play a result."""
    build_view = case_modes_view if is_case else quiz_modes_view
    view = build_view(generation_id, interaction.locale.value, in_server=interaction.guild_id is not None)
    await interaction.response.send_message(view=view, ephemeral=True)
