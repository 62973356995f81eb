"""Homework: a quiz that a teacher sets, and that each pupil gets in a private thread."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any

import aiohttp
import discord

from bot.client import Interaction, QuillmateBot, build_member, whisper
from bot.commands.quiz.homework_progress import (
    MAX_SELECTED_PUPILS,
    build_progress_view,
    confirm_withdraw_view,
    send_table,
)
from bot.commands.quiz.sources import Quiz
from bot.commands.quiz.views import build_run_view, format_due_line
from bot.errors import QuillmateError, RefusedError
from bot.interactions.components import PersistentItem, refuse_while_stopping
from bot.interactions.periodic import PeriodicCog
from bot.interactions.posts.planning import build_actor
from bot.interactions.questions import build_framed_view
from bot.locales import localize, translate, translate_plural
from bot.replies.ledger import plain
from bot.replies.traffic import use_call
from bot.replies.views import note_view
from bot.team.calendar import moments
from bot.team.calendar.recurrence import to_instant
from bot.team.classroom.quiz_run import Run, create_run
from bot.team.classroom.self_paced_quizzes import MAX_PUPILS
from storage.errors import PausedError
from storage.games import StoredGame

log = logging.getLogger(__name__)

LOOK_SECONDS = 60.0
_SILENT = discord.AllowedMentions.none()
_HOMEWORK = r"(?P<homework_id>[0-9a-f]{16})"
# Pause between two new threads, as Discord limits how many a channel may get per minute.
PAUSE_SECONDS = 1.0
_RECURRING = "Homework is due only once. Write a single time, such as Friday 18:00."
_NOT_HERE = "Homework can only be set in a channel of a server that I was added to."
_UNREACHED = (
    "I cannot create a private thread for you here or message you directly. Ask somebody who manages the server."
)
_ALREADY_GIVEN = "You already have your questions: {place}"
_BEING_GIVEN = "Your questions are already on their way; you pressed the button twice."


async def parse_due(interaction: Interaction, text: str) -> Any:
    """Parse a due time in the user's own words.

    Raises:
        RefusedError: the text describes no time, or a recurring one.
    """
    app = interaction.client.app
    zone = await app.calendar.find_zone(await build_actor(interaction))
    parsed_time = moments.parse_time(text, zone.name, app.self_paced_quizzes.clock(), interaction.locale.value)
    if parsed_time.rule:
        raise RefusedError(_RECURRING)
    return to_instant(parsed_time.start, parsed_time.tzinfo)


async def set_homework(
    interaction: Interaction, quiz: Quiz, due_text: str, pupils: discord.Role | discord.Member | None
) -> None:
    """Set a quiz as homework: assign it to a member, post a button for the members of a role, or ask for the pupils.

    Raises:
        RefusedError: the user may not set homework, or it cannot be set here.
    """
    refuse_while_stopping(interaction)
    guild_id = str(interaction.guild_id or "")
    if interaction.guild is None or interaction.client.get_guild(interaction.guild.id) is None:
        raise RefusedError(_NOT_HERE)
    locale = interaction.locale.value
    role_id = str(pupils.id) if isinstance(pupils, discord.Role) else ""
    run = create_run(
        quiz.title,
        quiz.items,
        locale=locale,
        skipped=quiz.skipped,
        due_at=await parse_due(interaction, due_text),
        role_id=role_id,
    )
    quizzes = interaction.client.app.self_paced_quizzes
    homework = await quizzes.set_homework(guild_id, str(interaction.channel_id), build_member(interaction.user), run)
    if isinstance(pupils, discord.Role):
        await interaction.response.send_message(view=homework_view(run, homework.id), allowed_mentions=_SILENT)
        return
    if pupils is None:
        await interaction.response.send_message(
            view=choose_pupils_view(run, homework.id, locale), ephemeral=True, allowed_mentions=_SILENT
        )
        return
    await interaction.response.defer(ephemeral=True, thinking=True)
    await _assign_to_members(interaction, homework, [pupils])


def homework_view(run: Run, homework_id: str) -> discord.ui.LayoutView:
    """Build the public message of homework, with a button that gives pupils their questions."""
    locale = run.locale
    count = translate_plural(len(run.items), "{count} question", "{count} questions", locale).format(
        count=len(run.items)
    )
    for_whom = translate("For {role}: press the button, and I will ask you in your own thread.", locale)
    lines = [
        f"### 📚 {plain(run.title)}",
        f"{count}. {format_due_line(run, locale)}",
        for_whom.format(role=f"<@&{run.role_id}>"),
    ]
    button: discord.ui.Button[Any] = discord.ui.Button(
        label=translate("Get my questions", locale),
        emoji="✏️",
        style=discord.ButtonStyle.primary,
        custom_id=f"quillhomework:take:{homework_id}:0",
    )
    return build_framed_view(["\n".join(lines)], [[button]])


def choose_pupils_view(run: Run, homework_id: str, locale: str) -> discord.ui.LayoutView:
    """Build the menu in which a teacher chooses the pupils."""
    message = translate(
        "Choose up to {most} pupils. Each gets a private thread with the questions and is only notified of being "
        "added to it.",
        locale,
    )
    menu: discord.ui.UserSelect[Any] = discord.ui.UserSelect(
        custom_id=f"quillhomeworkfor:{homework_id}",
        min_values=1,
        max_values=MAX_SELECTED_PUPILS,
        placeholder=translate("Choose pupils", locale),
    )
    text = f"### 📚 {plain(run.title)}\n{format_due_line(run, locale)}\n{message.format(most=MAX_SELECTED_PUPILS)}"
    return build_framed_view([text], [[menu]])


class PupilsMenu(PersistentItem[discord.ui.UserSelect[Any]], template=rf"quillhomeworkfor:{_HOMEWORK}"):
    """The menu in which a teacher chooses pupils."""

    def __init__(self, homework_id: str) -> None:
        super().__init__(discord.ui.UserSelect(custom_id=f"quillhomeworkfor:{homework_id}"))
        self._homework_id = homework_id

    async def act(self, interaction: Interaction) -> None:
        """Assign the homework to the chosen members."""
        refuse_while_stopping(interaction)
        quizzes = interaction.client.app.self_paced_quizzes
        homework, _, _ = await quizzes.load_progress(
            self._homework_id, str(interaction.guild_id or ""), build_member(interaction.user)
        )
        await interaction.response.defer()
        members = [member for member in self.item.values if isinstance(member, discord.Member)]
        await _assign_to_members(interaction, homework, members)


async def _assign_to_members(interaction: Interaction, homework: StoredGame, members: list[discord.Member]) -> None:
    """Assign homework to members one by one, then show the progress, with those for whom it failed."""
    failures: list[str] = []
    for number, member in enumerate([member for member in members if not member.bot][:MAX_PUPILS]):
        if number:
            await asyncio.sleep(PAUSE_SECONDS)
        reason = await _assign_to_member(interaction, homework, member)
        if reason:
            failures.append(f"<@{member.id}>: {reason}")
    locale = interaction.locale.value
    view = await build_progress_view(interaction, homework.id, 0, "\n".join(failures))
    if interaction.response.type is discord.InteractionResponseType.deferred_message_update:
        await interaction.edit_original_response(view=view, allowed_mentions=_SILENT)
    else:
        await whisper(interaction, view)
    log.info("homework assigned", extra={"pupils": len(members) - len(failures), "locale": locale})


async def _assign_to_member(interaction: Interaction, homework: StoredGame, member: discord.Member) -> str:
    """Assign homework to a member; return why that failed, empty if it did not."""
    locale = interaction.locale.value
    try:
        _, already_given = await give_homework(interaction.client, homework, member)
    except PausedError:
        return translate("has paused me, so I cannot save anything", locale)
    except RefusedError as error:
        return localize(error.phrase, locale)
    return translate("already has it", locale) if already_given else ""


async def give_homework(bot: QuillmateBot, homework: StoredGame, member: discord.Member) -> tuple[str, bool]:
    """Give homework to a member, in a private thread or, if none can be created, in a direct message.

    Return a link to the questions, empty while an earlier press is being handled, and whether the member already had them.

    Raises:
        PausedError: the member has paused storage.
        RefusedError: the member cannot be reached, or the homework has the maximum number of pupils.
    """
    quizzes = bot.app.self_paced_quizzes
    copy = await quizzes.hand_out(homework, str(member.id))
    if copy is None:
        copy = await quizzes.find_copy(homework.id, str(member.id))
        return f"<#{copy.channel_id}>" if copy is not None and copy.channel_id else "", True
    run = Run.from_json(homework.value)
    view = build_run_view(run, copy.id, run.locale)
    try:
        message = await _post_in_thread(bot, homework, member, run, view) or await _send_direct(member, view)
    except BaseException:  # Including cancellation: questions without a message cannot be answered.
        await quizzes.discard(copy)
        raise
    if message is None:
        await quizzes.discard(copy)
        raise RefusedError(_UNREACHED)
    await quizzes.record_copy_message(copy, str(message.channel.id), str(message.id))
    return f"<#{message.channel.id}>", False


async def _post_in_thread(
    bot: QuillmateBot, homework: StoredGame, member: discord.Member, run: Run, view: discord.ui.LayoutView
) -> discord.Message | None:
    """Post the questions in a new private thread of a pupil; return None if it cannot be created."""
    current_channel = member.guild.get_channel_or_thread(int(homework.channel_id))
    channel = current_channel.parent if isinstance(current_channel, discord.Thread) else current_channel
    if not isinstance(channel, discord.TextChannel):
        return None
    permissions = channel.permissions_for(member.guild.me)
    if not (permissions.create_private_threads and permissions.send_messages_in_threads):
        return None
    if not channel.permissions_for(member).view_channel:
        return None
    call = await bot.app.pacer.turn(bot.app.pacer.post_window(channel.id))
    try:
        with use_call(call):
            thread = await channel.create_thread(
                name=f"{run.title[:70]} · {member.display_name}"[:100],
                type=discord.ChannelType.private_thread,
                invitable=False,
            )
        message = await thread.send(view=view, allowed_mentions=_SILENT)
        await thread.add_user(member)
    except discord.HTTPException as error:
        log.info("no private thread", extra={"status": error.status, "code": error.code})
        return None
    finally:
        bot.app.pacer.mark_answered(call)
    return message


async def _send_direct(member: discord.Member, view: discord.ui.LayoutView) -> discord.Message | None:
    try:
        return await member.send(view=view, allowed_mentions=_SILENT)
    except discord.HTTPException:
        return None


class HomeworkButton(
    PersistentItem[discord.ui.Button[Any]],
    template=rf"quillhomework:(?P<action>[a-z]+):{_HOMEWORK}:(?P<page>-?\d{{1,3}})",
):
    """A button of homework: pupils get their questions, teachers see the progress or withdraw the homework."""

    def __init__(self, action: str, homework_id: str, page: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillhomework:{action}:{homework_id}:{page}"))
        self._action, self._homework_id, self._page = action, homework_id, int(page)

    async def act(self, interaction: Interaction) -> None:
        """Run the button's action; the service refuses it to members who may not."""
        refuse_while_stopping(interaction)
        quizzes, locale = interaction.client.app.self_paced_quizzes, interaction.locale.value
        guild_id, member = str(interaction.guild_id or ""), build_member(interaction.user)
        match self._action:
            case "take":
                homework = await quizzes.take_homework(self._homework_id, guild_id, member)
                assert isinstance(interaction.user, discord.Member)
                await interaction.response.defer(ephemeral=True, thinking=True)
                link, already_given = await give_homework(interaction.client, homework, interaction.user)
                message = (
                    _ALREADY_GIVEN
                    if already_given and link
                    else _BEING_GIVEN
                    if already_given
                    else "Here are your questions: {place}"
                )
                text = translate(message, locale).format(place=link)
                await whisper(interaction, note_view(text, locale=locale))
            case "page":
                view = await build_progress_view(interaction, self._homework_id, self._page)
                await interaction.response.edit_message(view=view, allowed_mentions=_SILENT)
            case "csv":
                await send_table(interaction, self._homework_id)
            case "back":
                _, run, pupils = await quizzes.load_progress(self._homework_id, guild_id, member)
                await interaction.response.edit_message(
                    view=confirm_withdraw_view(run, pupils, self._homework_id, locale)
                )
            case "sure":
                await quizzes.withdraw_homework(self._homework_id, guild_id, member)
                text = translate("The homework has been withdrawn, and all its answers are deleted.", locale)
                await interaction.response.edit_message(view=note_view(text, locale=locale))
            case _:
                raise RefusedError("That button no longer works.")


class Reminders(PeriodicCog):
    """Reminds pupils of homework in their threads, with silent messages."""

    SECONDS = LOOK_SECONDS

    async def run_once(self) -> None:
        """Send the due reminders."""
        bot = self._bot
        try:
            if bot.stopping or not await bot.desk.answers.holds_lease():
                return
            for copy, run in await bot.app.self_paced_quizzes.take_reminders():
                if copy.channel_id and bot.serves(copy.guild_id):
                    await self._remind(copy, run)
        except QuillmateError as error:
            log.warning("reminders of homework could not be sent: %s", type(error).__name__)
        except Exception:  # The loop continues.
            log.exception("reminders of homework could not be sent")

    async def _remind(self, copy: StoredGame, run: Run) -> None:
        text = (
            f"⏰ {translate('You have not finished your homework yet.', run.locale)} {format_due_line(run, run.locale)}"
        )
        call = await self._bot.app.pacer.turn(self._bot.app.pacer.post_window(int(copy.channel_id)))
        with contextlib.suppress(discord.HTTPException, aiohttp.ClientError, OSError), use_call(call):
            channel = self._bot.get_partial_messageable(int(copy.channel_id))
            await channel.send(view=note_view(text, locale=run.locale), allowed_mentions=_SILENT, silent=True)
        self._bot.app.pacer.mark_answered(call)
