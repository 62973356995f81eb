"""The buttons of plays. Users without a role are refused privately."""

from __future__ import annotations

from typing import Any

import discord

from bot.client import Interaction, build_member, whisper
from bot.errors import RefusedError
from bot.interactions.components import Form, PersistentItem, refuse_while_stopping
from bot.interactions.results import load_result
from bot.interactions.side_calls import require_within_limits, send_quota_notifications
from bot.interactions.stage.speaking import admit_turn, build_request
from bot.interactions.stage.start import get_user_language, parse_case, start_case
from bot.interactions.stage.views import advance, advance_uncounted
from bot.locales import translate
from bot.replies.files import attachment
from bot.replies.plays import lobby_view, paused_view, role_text, started_view, transcript_md
from bot.team.stage.plays import PlayView
from bot.team.stage.records import MAX_SPEECH_CHARACTERS

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
        """Run the button's action; the service refuses it to users who may not."""
        refuse_while_stopping(interaction)
        play_view = await _load_view(interaction, self._play_id)
        match self._action:
            case "say":
                await _ask_for_speech(interaction, play_view)
            case "hint":
                await _show_hint(interaction, play_view)
            case "pause" | "on":
                await _pause_play(interaction, play_view, resumes=self._action == "on")
            case "end":
                await _end_play(interaction, play_view)
            case "begin":
                await _begin_play(interaction, play_view)
            case "file":
                await _send_transcript(interaction, play_view)
            case "again":
                await _play_again(interaction, play_view)
            case _:
                await _take_role(interaction, play_view, int(self._action.removeprefix("role")))


class PlayCaseButton(
    PersistentItem[discord.ui.Button[Any]], template=r"quillplayfrom:(?P<mode>alone|all):(?P<generation_id>[\w-]{1,40})"
):
    """A button that plays the case of a result."""

    def __init__(self, mode: str, generation_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillplayfrom:{mode}:{generation_id}"))
        self._mode, self._result_id = mode, generation_id

    async def act(self, interaction: Interaction) -> None:
        """Start the play."""
        generation = await load_result(interaction, self._result_id)
        case = parse_case(generation.parts, get_user_language(interaction))
        await start_case(interaction, case, is_solo=self._mode == "alone")


class SpeechForm(Form):
    """Ask what a player says."""

    def __init__(self, play_id: str, role: str, locale: str) -> None:
        super().__init__(title=translate("Your answer", locale))
        self._play_id = play_id
        self.speech: discord.ui.TextInput[SpeechForm] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph, max_length=MAX_SPEECH_CHARACTERS
        )
        self.add_item(discord.ui.Label(text=role[:45] or "…", component=self.speech))

    async def act(self, interaction: Interaction) -> None:
        """Submit the speech; the answer is posted in the channel."""
        refuse_while_stopping(interaction)
        play_view, bot = await _load_view(interaction, self._play_id), interaction.client
        member = build_member(interaction.user)
        async with admit_turn(bot, play_view.record, member, str(interaction.id)) as notifications:
            play_view = await bot.app.plays.say(play_view, member.user_id, self.speech.value, visible=False)
            await interaction.response.defer()
            await advance(bot, play_view.record)
        await send_quota_notifications(interaction, notifications)


async def _load_view(interaction: Interaction, play_id: str) -> PlayView:
    guild_id, channel_id = str(interaction.guild_id or ""), str(interaction.channel_id or "")
    return await interaction.client.app.plays.load_view(play_id, guild_id, channel_id)


async def _ask_for_speech(interaction: Interaction, play_view: PlayView) -> None:
    interaction.client.app.plays.check_can_say(play_view, str(interaction.user.id))
    role = play_view.play.find_role(str(interaction.user.id)) or ""
    await interaction.response.send_modal(SpeechForm(play_view.record.id, role, interaction.locale.value))


async def _show_hint(interaction: Interaction, play_view: PlayView) -> None:
    _, hint = await interaction.client.app.plays.give_hint(play_view, str(interaction.user.id))
    await whisper(interaction, f"💡 {hint}" if hint else translate(_NO_HINT, interaction.locale.value))


async def _pause_play(interaction: Interaction, play_view: PlayView, *, resumes: bool) -> None:
    play_view = await interaction.client.app.plays.pause(play_view, str(interaction.user.id), resumes=resumes)
    view = paused_view(play_view.play, play_view.record.id, play_view.play.case.language)
    if resumes:
        await interaction.response.edit_message(view=view, allowed_mentions=_SILENT)
    else:
        await interaction.response.send_message(view=view, allowed_mentions=_SILENT)


async def _end_play(interaction: Interaction, play_view: PlayView) -> None:
    play_view = await interaction.client.app.plays.end(play_view, str(interaction.user.id))
    if play_view.play.state == "ended":
        view = started_view(play_view.play, play_view.play.case.language)
        await interaction.response.edit_message(view=view, allowed_mentions=_SILENT)
        return
    await interaction.response.defer()
    await advance_uncounted(interaction.client, play_view.record, str(interaction.user.id))


async def _begin_play(interaction: Interaction, play_view: PlayView) -> None:
    play_view = await interaction.client.app.plays.begin(play_view, str(interaction.user.id))
    view = started_view(play_view.play, play_view.play.case.language)
    await interaction.response.edit_message(view=view, allowed_mentions=_SILENT)
    await advance_uncounted(interaction.client, play_view.record, str(interaction.user.id))


async def _take_role(interaction: Interaction, play_view: PlayView, role_index: int) -> None:
    if role_index >= len(play_view.play.case.roles):
        raise RefusedError(_UNKNOWN)
    role = play_view.play.case.roles[role_index].name
    play_view = await interaction.client.app.plays.take_role(play_view, build_member(interaction.user), role)
    mentions = {player: f"<@{player}>" for player in play_view.play.players.values()}
    view = lobby_view(play_view.play, play_view.record.id, play_view.play.case.language, mentions)
    await interaction.response.edit_message(view=view, allowed_mentions=_SILENT)
    if play_view.play.find_role(str(interaction.user.id)) == role:
        await whisper(interaction, role_text(play_view.play, role, play_view.play.case.language))


async def _send_transcript(interaction: Interaction, play_view: PlayView) -> None:
    interaction.client.app.plays.check_is_player(play_view, str(interaction.user.id))
    body = transcript_md(play_view.play, play_view.play.case.language).encode()
    await interaction.response.send_message(file=attachment("play.md", body), ephemeral=True)


async def _play_again(interaction: Interaction, play_view: PlayView) -> None:
    plays, member = interaction.client.app.plays, build_member(interaction.user)
    plays.check_is_player(play_view, member.user_id)
    await require_within_limits(
        interaction.client, build_request(play_view.record, member.user_id, str(interaction.id)), member
    )
    new_play_view = await plays.restart(
        play_view.record.id, member, play_view.record.guild_id, play_view.record.channel_id
    )
    mentions = {member.user_id: f"<@{member.user_id}>"}
    view = lobby_view(new_play_view.play, new_play_view.record.id, new_play_view.play.case.language, mentions)
    await interaction.response.send_message(view=view, allowed_mentions=_SILENT)
