"""What the buttons of a course do. It is shown to its person alone, in a server and in private messages."""

from __future__ import annotations

import asyncio
from typing import Any

import discord

from bot.client import Interaction, whisper
from bot.commands._components import Form, Found, refuse_while_stopping
from bot.commands._lending import scopes_of
from bot.commands._questions import AnswerInputs
from bot.commands._requests import generate_seed
from bot.commands._results import kept as kept_result
from bot.content import Request
from bot.errors import RefusedError
from bot.exports._drawing import render_png
from bot.locales import translate
from bot.replies.files import attachment
from bot.replies.views import note_view
from bot.requests.intake import brief_of
from bot.team.classroom.bkt import MASTERY_THRESHOLD
from bot.team.classroom.board import WIDTH, MasteryBar, draw_bars
from bot.team.classroom.course import Lesson
from bot.team.classroom.quiz_game import QuizItem
from bot.team.classroom.tutor import StudySession, Tutor

from .sources import lesson_in, lesson_named
from .views import MAX_TOLD, course_view, progress_view, sure_view

_COURSE = r"(?P<course_id>[0-9a-f]{16}):(?P<turn>\d{1,6})"
_SILENT = discord.AllowedMentions.none()
_UNSAID = (
    "Your documents say nothing about that. Add another with /knowledge add, or see what you have with /knowledge list."
)
_OF_DOCUMENTS = "A quiz on {about}: what my documents say of it, and nothing else."
_TOLD = "How likely you know each objective, going by your answers; past the line it counts as known."


def tutoring_of(interaction: Interaction) -> Tutor:
    """The service that keeps courses."""
    return interaction.client.app.tutoring


async def learn(interaction: Interaction, what: str | None, about: str | None) -> None:
    """Goes on with what is due, begins with what was named, or has questions made from documents.

    Raises:
        QuillmateError: there is nothing to learn from, or it is refused.
    """
    refuse_while_stopping(interaction)
    if about is not None:
        await _ask_for_questions(interaction, brief_of(about))
        return
    seen = await tutoring_of(interaction).continue_newest(str(interaction.user.id)) if what is None else None
    if seen is None:
        await begin(interaction, await lesson_named(interaction, what))
        return
    await _show(interaction, seen)


async def begin(interaction: Interaction, lesson: Lesson) -> None:
    """Begins with a lesson, or goes on where somebody was. Raises as `Tutoring.begin`."""
    await _show(interaction, await tutoring_of(interaction).begin(str(interaction.user.id), lesson))


async def _show(interaction: Interaction, seen: StudySession) -> None:
    view = course_view(seen, interaction.locale.value, in_server=interaction.guild_id is not None)
    await whisper(interaction, view)


async def _ask_for_questions(interaction: Interaction, about: str) -> None:
    """Has a quiz made of what somebody's documents say; below it stands the button that begins with it."""
    user_id = str(interaction.user.id)
    if not await interaction.client.app.knowledge.search(user_id, scopes_of(interaction), about):
        raise RefusedError(_UNSAID)
    brief = _OF_DOCUMENTS.format(about=about)
    request = Request(str(interaction.id), user_id, brief, kind="quiz", family="education", seed=generate_seed())
    await interaction.client.take(interaction, request)


class CourseButton(Found[discord.ui.Button[Any]], template=rf"quilllearn:(?P<action>[a-z]{{1,8}}\d?):{_COURSE}"):
    """A button of a course: the course of that id of whoever presses."""

    def __init__(self, action: str, course_id: str, turn: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quilllearn:{action}:{course_id}:{turn}"))
        self._action, self._course_id, self._turn = action, course_id, int(turn)

    async def act(self, interaction: Interaction) -> None:
        """Does what the button says."""
        refuse_while_stopping(interaction)
        tutoring, user_id = tutoring_of(interaction), str(interaction.user.id)
        mine, locale = (self._course_id, user_id), interaction.locale.value
        match self._action:
            case action if action[0] == "a" and action[1:].isdecimal():
                await _shown_anew(interaction, await tutoring.answer(*mine, self._turn, action[1:]))
            case "text":
                item = await tutoring.load_open_question(*mine, self._turn)
                await interaction.response.send_modal(AnswerModal(item, self._course_id, self._turn, locale))
            case "hint":
                await _shown_anew(interaction, await tutoring.give_hint(*mine, self._turn))
            case "know":
                await _shown_anew(interaction, await tutoring.record_claim(*mine, self._turn))
            case "stop":
                await _shown_anew(interaction, await tutoring.end_session(*mine))
            case "on" | "ahead":
                await _shown_anew(interaction, await tutoring.begin_session(*mine, ahead=self._action == "ahead"))
            case "share" | "hide":
                guild_id = str(interaction.guild_id or "")
                await _shown_anew(interaction, await tutoring.share(*mine, guild_id, shown=self._action == "share"))
            case "progress" | "words":
                await _show_progress(interaction, await tutoring.load_session(*mine), drawn=self._action == "progress")
            case "back":
                await _shown_anew(interaction, await tutoring.load_session(*mine))
            case "forget":
                view = sure_view(await tutoring.load_session(*mine), locale)
                await interaction.response.edit_message(view=view, attachments=[], allowed_mentions=_SILENT)
            case "sure":
                await tutoring.forget(*mine)
                view = note_view(translate("Deleted. What you know of each objective is kept.", locale), locale=locale)
                await interaction.response.edit_message(view=view, attachments=[], allowed_mentions=_SILENT)
            case _:
                raise RefusedError("That button no longer works.")


class CourseMenu(Found[discord.ui.Select[Any]], template=rf"quilllearnpick:{_COURSE}"):
    """The menu of a question of which several options are right."""

    def __init__(self, course_id: str, turn: str) -> None:
        super().__init__(discord.ui.Select(custom_id=f"quilllearnpick:{course_id}:{turn}"))
        self._course_id, self._turn = course_id, int(turn)

    async def act(self, interaction: Interaction) -> None:
        """Takes what was chosen."""
        refuse_while_stopping(interaction)
        await _answer(interaction, self._course_id, self._turn, ",".join(self.item.values))


class AnswerModal(Form):
    """Asks for an answer in words or figures, or for what belongs together."""

    def __init__(self, item: QuizItem, course_id: str, turn: int, locale: str) -> None:
        super().__init__(title=translate("Your answer", locale))
        self._course_id, self._turn = course_id, turn
        self.inputs = AnswerInputs(self, item)

    async def act(self, interaction: Interaction) -> None:
        """Takes it."""
        refuse_while_stopping(interaction)
        await _answer(interaction, self._course_id, self._turn, self.inputs.choice)


class LearnResult(Found[discord.ui.Button[Any]], template=r"quillquizfrom:learn:(?P<generation_id>[\w-]{1,40})"):
    """Learns from the quiz of a result."""

    def __init__(self, generation_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillquizfrom:learn:{generation_id}"))
        self._result_id = generation_id

    async def act(self, interaction: Interaction) -> None:
        """Begins with it."""
        refuse_while_stopping(interaction)
        await begin(interaction, lesson_in(await kept_result(interaction, self._result_id)))


async def _answer(interaction: Interaction, course_id: str, turn: int, choice: str) -> None:
    seen = await tutoring_of(interaction).answer(course_id, str(interaction.user.id), turn, choice)
    await _shown_anew(interaction, seen)


async def _shown_anew(interaction: Interaction, seen: StudySession) -> None:
    """Shows a course in place of what is shown."""
    view = course_view(seen, interaction.locale.value, in_server=interaction.guild_id is not None)
    await interaction.response.edit_message(view=view, attachments=[], allowed_mentions=_SILENT)


async def _show_progress(interaction: Interaction, seen: StudySession, *, drawn: bool) -> None:
    locale = interaction.locale.value
    if not drawn:
        view = progress_view(seen, None, locale)
        await interaction.response.edit_message(view=view, attachments=[], allowed_mentions=_SILENT)
        return
    await interaction.response.defer()
    picture = await _picture(seen, locale)
    view = progress_view(seen, picture, locale)
    await interaction.edit_original_response(view=view, attachments=[picture], allowed_mentions=_SILENT)


async def _picture(seen: StudySession, locale: str) -> discord.File:
    """The progress as a picture; what it says stands in its description."""
    rows = []
    for one in seen.objective_progress[:MAX_TOLD]:
        asked = translate("{seen} of {all} asked", locale).format(seen=one.seen, all=one.all)
        due = f" · {translate('{count} due', locale).format(count=one.due)}" if one.due else ""
        rows.append(MasteryBar(one.objective, one.known, f"{one.known:.0%}", f"{asked}{due}"))
    title, told = seen.course.lesson.title, translate(_TOLD, locale)
    svg = draw_bars(title, told, rows, mark=MASTERY_THRESHOLD)
    body = await asyncio.to_thread(render_png, svg, WIDTH)
    words = "\n".join([title, told, *(f"{row.name}: {row.text}, {row.detail}" for row in rows)])
    return attachment("progress.png", body, words[:1024])
