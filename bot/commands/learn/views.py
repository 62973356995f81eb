"""Views of a course: a question with its hints, the progress, and the next due date."""

from __future__ import annotations

import itertools
from typing import Any

import discord

from bot.interactions.questions import (
    Button,
    build_answer_rows,
    build_framed_view,
    format_choice,
    format_feedback_lines,
    format_option_lines,
    format_skipped_line,
)
from bot.locales import translate, translate_plural
from bot.replies.ledger import plain
from bot.replies.views import Layout
from bot.team.classroom.bkt import MASTERY_THRESHOLD
from bot.team.classroom.course import Course, begin_session
from bot.team.classroom.hints import Hint, find_struck_options, list_hints
from bot.team.classroom.tutor import StudySession

# Maximum objectives listed as text or in the picture.
MAX_LISTED_OBJECTIVES = 20
_WRONG = "Not right: {mine}. The answer is {answer}."
_INTRODUCTION = (
    "I ask what is due first, then what you know least. Answers with hints count for less. Nobody else sees this."
)
_SHARED_NOTE = "Teachers here can see in /quiz mastery how well you know this. Nobody sees your answers."


def course_view(session: StudySession, locale: str, *, in_server: bool) -> Layout:
    """Build a course: the last answer and the current question or, between study sessions, the next due date."""
    course, rows = session.course, list[list[discord.ui.Item[Any]]]()
    texts = [f"### 🎓 {plain(course.lesson.title)}\n-# {_format_status(session, locale)}"]
    if course.last_answer is not None:
        texts.append("\n".join(_format_last_answer(course, locale)))
    elif not course.answer_count:
        texts.append(f"-# {translate(_INTRODUCTION, locale)}")
        if course.lesson.skipped:
            texts.append(f"-# {format_skipped_line(course.lesson.skipped, locale)}")
    if course.open_number is not None:
        texts += _format_question(course, locale)
        rows = [
            *_build_answer_rows(course, f"{session.stored_course.id}:{course.turn}", locale),
            _build_controls(session, locale),
        ]
    else:
        texts.append(_format_due_line(session, locale))
        if session.stored_course.guild_id:
            texts.append(f"-# {translate(_SHARED_NOTE, locale)}")
        rows = [_build_overview(session, locale, in_server=in_server)]
    return build_framed_view([text for text in texts if text], rows)


def _format_status(session: StudySession, locale: str) -> str:
    course, objectives = session.course, session.objective_progress
    known_count = sum(objective.probability >= MASTERY_THRESHOLD for objective in objectives)
    message = translate("Objectives known: {known} of {all}", locale).format(known=known_count, all=len(objectives))
    answers = translate_plural(course.answer_count, "{count} answer", "{count} answers", locale).format(
        count=course.answer_count
    )
    return f"{message} · {answers}"


def _format_last_answer(course: Course, locale: str) -> list[str]:
    """Format the last answer: whether it was right, the right answer, and the feedback."""
    assert course.last_answer is not None
    item, last_answer = course.last_item, course.last_answer
    answer = plain(" / ".join(item.question.right_answers))
    lines = [f"-# {plain(item.question.text)}"]
    match last_answer.outcome:
        case "right":
            lines.append(f"✅ {translate('Right: {answer}', locale).format(answer=answer)}")
        case "wrong":
            own_answer = plain(format_choice(item, last_answer.choice))
            lines.append(f"❌ {translate(_WRONG, locale).format(mine=own_answer, answer=answer)}")
        case "claimed":
            lines.append(f"☑️ {translate('Marked as known: {answer}', locale).format(answer=answer)}")
        case _:
            lines.append(f"💡 {translate('The answer is {answer}.', locale).format(answer=answer)}")
    has_choice = last_answer.outcome in ("right", "wrong") and not item.needs_form
    return [*lines, *format_feedback_lines(item, last_answer.choice if has_choice else None)]


def _format_question(course: Course, locale: str) -> list[str]:
    item, struck_options = course.item, find_struck_options(course.given_hints)
    options = format_option_lines(item)
    if struck_options and options:
        lines = options[-1].split("\n")
        options[-1] = "\n".join(f"~~{line}~~" if index in struck_options else line for index, line in enumerate(lines))
    hints = [line for hint in course.given_hints if (line := _format_hint(hint, locale))]
    return [f"**{plain(item.question.text)}**", *options, "\n".join(hints)]


def _format_hint(hint: Hint, locale: str) -> str:
    match hint.sort:
        case "clue":
            return f"💡 {plain(hint.text)}"
        case "letters":
            return f"💡 {translate('It starts with: {words}', locale).format(words=plain(hint.text))}"
        case "pair":
            return f"💡 {plain(hint.text)}"
        case _:
            return ""


def _build_answer_rows(course: Course, course_id: str, locale: str) -> list[list[discord.ui.Item[Any]]]:
    """Build the answer buttons and menus, without the options that hints have ruled out."""
    rows = build_answer_rows(course.item, course_id, locale, prefix="quilllearn", menu_prefix="quilllearnpick")
    struck_options = find_struck_options(course.given_hints)
    option_indexes = iter(range(len(course.item.question.options)))
    for item in itertools.chain.from_iterable(rows):
        if isinstance(item, discord.ui.Select):
            item.options = [option for option in item.options if int(option.value) not in struck_options]
            item.max_values = len(item.options)
        elif isinstance(item, discord.ui.Button) and not course.item.needs_form:
            item.disabled = next(option_indexes) in struck_options
    return rows


def _build_controls(session: StudySession, locale: str) -> list[discord.ui.Item[Any]]:
    course = session.course
    hints_left = len(list_hints(course.item)) - course.hint_count
    hint = translate("Hint" if hints_left > 1 else "Show the answer", locale)
    return [
        _build_button(session, "hint", hint, "💡"),
        _build_button(session, "know", translate("I know this", locale), "☑️"),
        _build_button(session, "progress", translate("My progress", locale), "📊"),
        _build_button(session, "stop", translate("Stop", locale), "⏹️"),
    ]


def _format_due_line(session: StudySession, locale: str) -> str:
    if begin_session(session.course, session.record, session.now).open_number is not None:
        return ""  # A question can be asked now.
    due_at, line = session.next_due, ""
    if due_at is not None and due_at > session.now:
        moment = f"{discord.utils.format_dt(due_at, 'f')} ({discord.utils.format_dt(due_at, 'R')})"
        line = translate("The next question is due {when}.", locale).format(when=moment)
    return f"🏁 {' '.join(filter(None, [translate('That is all for now.', locale), line]))}"


def _build_overview(session: StudySession, locale: str, *, in_server: bool) -> list[discord.ui.Item[Any]]:
    has_question = begin_session(session.course, session.record, session.now).open_number is not None
    continue_action = (
        ("on", translate("Continue", locale)) if has_question else ("ahead", translate("Continue anyway", locale))
    )
    row: list[discord.ui.Item[Any]] = [
        _build_button(session, *continue_action, "▶️", style=discord.ButtonStyle.success),
        _build_button(session, "progress", translate("My progress", locale), "📊"),
    ]
    if session.stored_course.guild_id:
        row.append(_build_button(session, "hide", translate("Hide from my teacher", locale), "🙈"))
    elif in_server:
        row.append(_build_button(session, "share", translate("Show my teacher", locale), "🧑‍🏫"))
    return [*row, _build_button(session, "forget", translate("Delete this course", locale), "🗑️")]


def confirm_delete_view(session: StudySession, locale: str) -> Layout:
    """Build the confirmation before a course is deleted."""
    title = plain(session.course.lesson.title)
    question = translate("Delete the course “{title}” and its review dates?", locale).format(title=title)
    row: list[discord.ui.Item[Any]] = [
        _build_button(session, "sure", translate("Delete", locale), "🗑️", style=discord.ButtonStyle.danger),
        _build_button(session, "back", translate("Keep it", locale), "↩️"),
    ]
    return build_framed_view([question], [row])


def format_progress_lines(session: StudySession, locale: str) -> list[str]:
    """Format the user's mastery of each objective as text."""
    lines = []
    for progress in session.objective_progress[:MAX_LISTED_OBJECTIVES]:
        asked_text = translate("{seen} of {all} asked", locale).format(
            seen=progress.seen_count, all=progress.item_count
        )
        due_text = (
            f" · {translate('{count} due', locale).format(count=progress.due_count)}" if progress.due_count else ""
        )
        lines.append(
            f"{'🔵' if progress.probability >= MASTERY_THRESHOLD else '⚪'} **{progress.probability:.0%}** "
            f"{plain(progress.objective)} · {asked_text}{due_text}"
        )
    return lines


def progress_view(session: StudySession, picture: discord.File | None, locale: str) -> Layout:
    """Build the progress of a course, as `picture` or as text if there is none, with a button back to the course."""
    heading = f"### 📊 {plain(session.course.lesson.title)}\n-# {_format_status(session, locale)}"
    texts = [heading] if picture else [heading, "\n".join(format_progress_lines(session, locale))]
    texts.append(_format_due_line(session, locale))
    format_button = (
        ("words", translate("As text", locale), "📋")
        if picture
        else ("progress", translate("As a picture", locale), "🖼️")
    )
    row: list[discord.ui.Item[Any]] = [
        _build_button(session, "back", translate("Back", locale), "↩️"),
        _build_button(session, *format_button),
    ]
    return build_framed_view([text for text in texts if text], [row], picture)


def _build_button(
    session: StudySession,
    action: str,
    label: str,
    emoji: str,
    *,
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
) -> Button:
    custom_id = f"quilllearn:{action}:{session.stored_course.id}:{session.course.turn}"
    return discord.ui.Button(label=label, emoji=emoji, custom_id=custom_id, style=style)
