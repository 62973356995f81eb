"""The buttons and forms of courses. A course is visible only to its user, in a server and in direct messages."""

from __future__ import annotations

import asyncio
from typing import Any

import discord

from bot.client import Interaction, whisper
from bot.commands.learn.sources import build_result_lesson, find_lesson
from bot.commands.learn.views import MAX_LISTED_OBJECTIVES, confirm_delete_view, course_view, progress_view
from bot.content import Request
from bot.errors import RefusedError
from bot.exports._drawing import render_png
from bot.interactions.components import Form, PersistentItem, refuse_while_stopping
from bot.interactions.questions import AnswerInputs
from bot.interactions.requests import generate_seed
from bot.interactions.results import load_result
from bot.interactions.sharing import list_scopes
from bot.locales import translate
from bot.replies.files import attachment
from bot.replies.views import note_view
from bot.requests.intake import clean_brief
from bot.team.classroom.bkt import MASTERY_THRESHOLD
from bot.team.classroom.board import WIDTH, MasteryBar, draw_bars
from bot.team.classroom.course import Lesson
from bot.team.classroom.quiz_items import QuizItem
from bot.team.classroom.tutor import StudySession, Tutor

_COURSE = r"(?P<course_id>[0-9a-f]{16}):(?P<turn>\d{1,6})"
_SILENT = discord.AllowedMentions.none()
_NOT_IN_DOCUMENTS = (
    "Your documents say nothing about that. Add another with /knowledge add, or see what you have with /knowledge list."
)
_DOCUMENT_QUIZ_BRIEF = "A quiz on {about}: what my documents say of it, and nothing else."
_PROGRESS_NOTE = (
    "How likely it is that you know each objective, judging by your answers; past the line, it counts as known."
)


def get_tutor(interaction: Interaction) -> Tutor:
    """Return the service of courses."""
    return interaction.client.app.tutoring


async def learn(interaction: Interaction, what: str | None, about: str | None) -> None:
    """Continue the newest course, start the named lesson, or request a quiz from documents.

    Raises:
        QuillmateError: there is nothing to learn from, or it is refused.
    """
    refuse_while_stopping(interaction)
    if about is not None:
        await _ask_for_questions(interaction, clean_brief(about))
        return
    session = await get_tutor(interaction).continue_newest(str(interaction.user.id)) if what is None else None
    if session is None:
        await begin_lesson(interaction, await find_lesson(interaction, what))
        return
    await _show_course(interaction, session)


async def begin_lesson(interaction: Interaction, lesson: Lesson) -> None:
    """Start or continue a lesson.

    Raises:
        QuillmateError: `Tutor.begin` refuses it.
    """
    await _show_course(interaction, await get_tutor(interaction).begin(str(interaction.user.id), lesson))


async def _show_course(interaction: Interaction, session: StudySession) -> None:
    view = course_view(session, interaction.locale.value, in_server=interaction.guild_id is not None)
    await whisper(interaction, view)


async def _ask_for_questions(interaction: Interaction, about: str) -> None:
    """Request a quiz from the user's documents; the button below the result starts the course."""
    user_id = str(interaction.user.id)
    if not await interaction.client.app.knowledge.search(user_id, list_scopes(interaction), about):
        raise RefusedError(_NOT_IN_DOCUMENTS)
    brief = _DOCUMENT_QUIZ_BRIEF.format(about=about)
    request = Request(str(interaction.id), user_id, brief, kind="quiz", family="education", seed=generate_seed())
    await interaction.client.take(interaction, request)


class CourseButton(
    PersistentItem[discord.ui.Button[Any]], template=rf"quilllearn:(?P<action>[a-z]{{1,8}}\d?):{_COURSE}"
):
    """A button of a course of the user."""

    def __init__(self, action: str, course_id: str, turn: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quilllearn:{action}:{course_id}:{turn}"))
        self._action, self._course_id, self._turn = action, course_id, int(turn)

    async def act(self, interaction: Interaction) -> None:
        """Run the button's action."""
        refuse_while_stopping(interaction)
        tutor, user_id = get_tutor(interaction), str(interaction.user.id)
        course_key, locale = (self._course_id, user_id), interaction.locale.value
        match self._action:
            case action if action[0] == "a" and action[1:].isdecimal():
                await _replace_course(interaction, await tutor.answer(*course_key, self._turn, action[1:]))
            case "text":
                item = await tutor.load_open_question(*course_key, self._turn)
                await interaction.response.send_modal(AnswerModal(item, self._course_id, self._turn, locale))
            case "hint":
                await _replace_course(interaction, await tutor.give_hint(*course_key, self._turn))
            case "know":
                await _replace_course(interaction, await tutor.record_claim(*course_key, self._turn))
            case "stop":
                await _replace_course(interaction, await tutor.end_session(*course_key))
            case "on" | "ahead":
                await _replace_course(
                    interaction, await tutor.begin_session(*course_key, ahead=self._action == "ahead")
                )
            case "share" | "hide":
                guild_id = str(interaction.guild_id or "")
                await _replace_course(
                    interaction, await tutor.share(*course_key, guild_id, is_shared=self._action == "share")
                )
            case "progress" | "words":
                await _show_progress(
                    interaction, await tutor.load_session(*course_key), with_picture=self._action == "progress"
                )
            case "back":
                await _replace_course(interaction, await tutor.load_session(*course_key))
            case "forget":
                view = confirm_delete_view(await tutor.load_session(*course_key), locale)
                await interaction.response.edit_message(view=view, attachments=[], allowed_mentions=_SILENT)
            case "sure":
                await tutor.forget(*course_key)
                view = note_view(translate("Deleted. Your progress on each objective is kept.", locale), locale=locale)
                await interaction.response.edit_message(view=view, attachments=[], allowed_mentions=_SILENT)
            case _:
                raise RefusedError("That button no longer works.")


class CourseMenu(PersistentItem[discord.ui.Select[Any]], template=rf"quilllearnpick:{_COURSE}"):
    """The menu of a question with several right answers."""

    def __init__(self, course_id: str, turn: str) -> None:
        super().__init__(discord.ui.Select(custom_id=f"quilllearnpick:{course_id}:{turn}"))
        self._course_id, self._turn = course_id, int(turn)

    async def act(self, interaction: Interaction) -> None:
        """Submit the choice."""
        refuse_while_stopping(interaction)
        await _submit_answer(interaction, self._course_id, self._turn, ",".join(self.item.values))


class AnswerModal(Form):
    """Ask for an answer that has to be typed, or for the pairs of a matching question."""

    def __init__(self, item: QuizItem, course_id: str, turn: int, locale: str) -> None:
        super().__init__(title=translate("Your answer", locale))
        self._course_id, self._turn = course_id, turn
        self.inputs = AnswerInputs(self, item)

    async def act(self, interaction: Interaction) -> None:
        """Submit the answer."""
        refuse_while_stopping(interaction)
        await _submit_answer(interaction, self._course_id, self._turn, self.inputs.choice)


class LearnResult(
    PersistentItem[discord.ui.Button[Any]], template=r"quillquizfrom:learn:(?P<generation_id>[\w-]{1,40})"
):
    """Starts a course from the quiz of a result."""

    def __init__(self, generation_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillquizfrom:learn:{generation_id}"))
        self._result_id = generation_id

    async def act(self, interaction: Interaction) -> None:
        """Start the course."""
        refuse_while_stopping(interaction)
        await begin_lesson(interaction, build_result_lesson(await load_result(interaction, self._result_id)))


async def _submit_answer(interaction: Interaction, course_id: str, turn: int, choice: str) -> None:
    session = await get_tutor(interaction).answer(course_id, str(interaction.user.id), turn, choice)
    await _replace_course(interaction, session)


async def _replace_course(interaction: Interaction, session: StudySession) -> None:
    """Show the course in place of its previous message."""
    view = course_view(session, interaction.locale.value, in_server=interaction.guild_id is not None)
    await interaction.response.edit_message(view=view, attachments=[], allowed_mentions=_SILENT)


async def _show_progress(interaction: Interaction, session: StudySession, *, with_picture: bool) -> None:
    locale = interaction.locale.value
    if not with_picture:
        view = progress_view(session, None, locale)
        await interaction.response.edit_message(view=view, attachments=[], allowed_mentions=_SILENT)
        return
    await interaction.response.defer()
    picture = await _render_progress(session, locale)
    view = progress_view(session, picture, locale)
    await interaction.edit_original_response(view=view, attachments=[picture], allowed_mentions=_SILENT)


async def _render_progress(session: StudySession, locale: str) -> discord.File:
    """Render the progress as a picture, with its contents as alternative text."""
    bars = []
    for progress in session.objective_progress[:MAX_LISTED_OBJECTIVES]:
        asked_text = translate("{seen} of {all} asked", locale).format(
            seen=progress.seen_count, all=progress.item_count
        )
        due_text = (
            f" · {translate('{count} due', locale).format(count=progress.due_count)}" if progress.due_count else ""
        )
        bars.append(
            MasteryBar(
                progress.objective, progress.probability, f"{progress.probability:.0%}", f"{asked_text}{due_text}"
            )
        )
    title, note = session.course.lesson.title, translate(_PROGRESS_NOTE, locale)
    svg = draw_bars(title, note, bars, threshold=MASTERY_THRESHOLD)
    body = await asyncio.to_thread(render_png, svg, WIDTH)
    description = "\n".join([title, note, *(f"{bar.name}: {bar.text}, {bar.detail}" for bar in bars)])
    return attachment("progress.png", body, description[:1024])
