"""The actions of a play's buttons. Users without a role in it are refused privately."""

from __future__ import annotations

from typing import Any

import discord

from bot.client import Interaction, build_member, whisper
from bot.commands._components import Form, PersistentItem, refuse_while_stopping
from bot.commands._results import load_result as kept_result
from bot.commands._side_calls import require_within_limits, send_quota_notifications
from bot.commands._stage.speaking import admit_turn, build_request
from bot.commands._stage.start import get_user_language, parse_case, start_case
from bot.commands._stage.views import advance, advance_uncounted, get_plays
from bot.errors import RefusedError
from bot.locales import translate
from bot.replies.files import attachment
from bot.replies.plays import lobby_view, paused_view, role_text, started_view, transcript_md
from bot.team.stage.plays import MAX_SPEECH_CHARACTERS, PlayView

_SILENT = discord.AllowedMentions.none()
_ID = r"(?P<play_id>[0-9a-f]{16})"
_NO_HINT = "There are no more hints for now."
_UNKNOWN = "That button no longer works."


class PlayButton(
    PersistentItem[discord.ui.Button[Any]],
    template=rf"quillplay:(?P<action>say|hint|pause|on|end|begin|file|again|role\d{{1,2}}):{_ID}",
):
    """A button of a play; its custom id names the action."""

    def __init__(self, action: str, play_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillplay:{action}:{play_id}"))
        self._action, self._play_id = action, play_id

    async def act(self, interaction: Interaction) -> None:
        """Run the button's action, for those who may."""
        refuse_while_stopping(interaction)
        seen = await _load_view(interaction, self._play_id)
        match self._action:
            case "say":
                await _ask_for_speech(interaction, seen)
            case "hint":
                await _show_hint(interaction, seen)
            case "pause" | "on":
                await _pause_play(interaction, seen, goes_on=self._action == "on")
            case "end":
                await _end_play(interaction, seen)
            case "begin":
                await _begin_play(interaction, seen)
            case "file":
                await _send_transcript(interaction, seen)
            case "again":
                await _play_again(interaction, seen)
            case _:
                await _take_role(interaction, seen, int(self._action.removeprefix("role")))


class PlayCaseButton(
    PersistentItem[discord.ui.Button[Any]], template=r"quillplayfrom:(?P<how>alone|all):(?P<generation_id>[\w-]{1,40})"
):
    """Plays the case of a result."""

    def __init__(self, how: str, generation_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillplayfrom:{how}:{generation_id}"))
        self._how, self._result_id = how, generation_id

    async def act(self, interaction: Interaction) -> None:
        """Start it."""
        generation = await kept_result(interaction, self._result_id)
        case = parse_case(generation.parts, get_user_language(interaction))
        await start_case(interaction, case, is_solo=self._how == "alone")


class SpeechForm(Form):
    """Ask what a player says."""

    def __init__(self, play_id: str, role: str, locale: str) -> None:
        super().__init__(title=translate("Your answer", locale))
        self._play_id = play_id
        self.said: discord.ui.TextInput[SpeechForm] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph, max_length=MAX_SPEECH_CHARACTERS
        )
        self.add_item(discord.ui.Label(text=role[:45] or "…", component=self.said))

    async def act(self, interaction: Interaction) -> None:
        """Submit it; the answer is posted in the channel."""
        refuse_while_stopping(interaction)
        seen, bot = await _load_view(interaction, self._play_id), interaction.client
        member = build_member(interaction.user)
        async with admit_turn(bot, seen.record, member, str(interaction.id)) as notes:
            seen = await get_plays(bot).say(seen, member.user_id, self.said.value, visible=False)
            await interaction.response.defer()
            await advance(bot, seen.record)
        await send_quota_notifications(interaction, notes)


async def _load_view(interaction: Interaction, play_id: str) -> PlayView:
    guild_id, channel_id = str(interaction.guild_id or ""), str(interaction.channel_id or "")
    return await get_plays(interaction.client).load_view(play_id, guild_id, channel_id)


async def _ask_for_speech(interaction: Interaction, seen: PlayView) -> None:
    get_plays(interaction.client).refuse_silent(seen, str(interaction.user.id))
    role = seen.play.role_of(str(interaction.user.id)) or ""
    await interaction.response.send_modal(SpeechForm(seen.record.id, role, interaction.locale.value))


async def _show_hint(interaction: Interaction, seen: PlayView) -> None:
    _, words = await get_plays(interaction.client).give_hint(seen, str(interaction.user.id))
    await whisper(interaction, f"💡 {words}" if words else translate(_NO_HINT, interaction.locale.value))


async def _pause_play(interaction: Interaction, seen: PlayView, *, goes_on: bool) -> None:
    seen = await get_plays(interaction.client).pause(seen, str(interaction.user.id), resumes=goes_on)
    view = paused_view(seen.play, seen.record.id, seen.play.case.language)
    if goes_on:
        await interaction.response.edit_message(view=view, allowed_mentions=_SILENT)
    else:
        await interaction.response.send_message(view=view, allowed_mentions=_SILENT)


async def _end_play(interaction: Interaction, seen: PlayView) -> None:
    seen = await get_plays(interaction.client).end(seen, str(interaction.user.id))
    if seen.play.state == "ended":
        view = started_view(seen.play, seen.play.case.language)
        await interaction.response.edit_message(view=view, allowed_mentions=_SILENT)
        return
    await interaction.response.defer()
    await advance_uncounted(interaction.client, seen.record, str(interaction.user.id))


async def _begin_play(interaction: Interaction, seen: PlayView) -> None:
    seen = await get_plays(interaction.client).begin(seen, str(interaction.user.id))
    view = started_view(seen.play, seen.play.case.language)
    await interaction.response.edit_message(view=view, allowed_mentions=_SILENT)
    await advance_uncounted(interaction.client, seen.record, str(interaction.user.id))


async def _take_role(interaction: Interaction, seen: PlayView, at: int) -> None:
    if at >= len(seen.play.case.roles):
        raise RefusedError(_UNKNOWN)
    role = seen.play.case.roles[at].name
    seen = await get_plays(interaction.client).take_role(seen, build_member(interaction.user), role)
    names = {player: f"<@{player}>" for player in seen.play.players.values()}
    view = lobby_view(seen.play, seen.record.id, seen.play.case.language, names)
    await interaction.response.edit_message(view=view, allowed_mentions=_SILENT)
    if seen.play.role_of(str(interaction.user.id)) == role:
        await whisper(interaction, role_text(seen.play, role, seen.play.case.language))


async def _send_transcript(interaction: Interaction, seen: PlayView) -> None:
    get_plays(interaction.client).refuse_strangers(seen, str(interaction.user.id))
    body = transcript_md(seen.play, seen.play.case.language).encode()
    await interaction.response.send_message(file=attachment("play.md", body), ephemeral=True)


async def _play_again(interaction: Interaction, seen: PlayView) -> None:
    plays, member = get_plays(interaction.client), build_member(interaction.user)
    plays.refuse_strangers(seen, member.user_id)
    await require_within_limits(
        interaction.client, build_request(seen.record, member.user_id, str(interaction.id)), member
    )
    fresh = await plays.again(seen.record.id, member, seen.record.guild_id, seen.record.channel_id)
    names = {member.user_id: f"<@{member.user_id}>"}
    view = lobby_view(fresh.play, fresh.record.id, fresh.play.case.language, names)
    await interaction.response.send_message(view=view, allowed_mentions=_SILENT)
