"""Views of quizzes: a game in its channel, and a run that a user answers privately."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.errors import Phrase
from bot.interactions.questions import (
    LETTERS,
    build_answer_rows,
    build_framed_view,
    build_page_buttons,
    format_choice,
    format_feedback_lines,
    format_option_lines,
    format_skipped_line,
)
from bot.locales import localize, translate, translate_plural
from bot.replies.ledger import plain
from bot.replies.views import Layout
from bot.team.classroom.quiz_game import Game, ScoreboardRow
from bot.team.classroom.quiz_items import is_right
from bot.team.classroom.quiz_run import Run

# Ranks listed below a question and at the end, and rows per page.
MAX_RANKS, MAX_FINAL_RANKS, ROWS_PER_PAGE = 5, 10, 15
_RULES = (
    "Anybody who sees this channel can answer with the buttons below each question. Your first answer counts, "
    "and faster answers score more: 1,000 points right away, 500 when time is almost up. What counts is when you "
    "press, not when I process it."
)
_ERASED_PLAYER = "somebody"

Button = discord.ui.Button[Any]


@dataclass(frozen=True, slots=True)
class Scoreboard:
    """The ranking, and the number of players whose data has been erased."""

    rows: Sequence[ScoreboardRow]
    erased_count: int = 0


def build_game_view(
    game: Game, game_id: str, board: Scoreboard, answer_count: int = 0, picture: discord.File | None = None
) -> Layout:
    """Build the message of a game in its current state."""
    match game.state:
        case "lobby":
            return _build_lobby(game, game_id)
        case "open":
            return _build_open_question(game, game_id, answer_count)
        case "closed":
            return _build_closed_question(game, game_id, board)
        case _:
            return _build_outcome(game, game_id, board, picture)


def _build_lobby(game: Game, game_id: str) -> Layout:
    locale = game.locale
    question_text = translate_plural(len(game.items), "{count} question", "{count} questions", locale).format(
        count=len(game.items)
    )
    time_per_question = localize(Phrase("{seconds} seconds each", seconds=game.seconds), locale)
    lines = [f"### 🎮 {plain(game.title)}", f"{question_text}, {time_per_question}.", translate(_RULES, locale)]
    if game.skipped:
        lines.append(f"-# {format_skipped_line(game.skipped, locale)}")
    host_buttons = [
        _build_button("next", translate("Start", locale), "▶️", game_id, 0, primary=True),
        _build_button("end", translate("End the quiz", locale), "⏹️", game_id, 0),
    ]
    return build_framed_view(["\n".join(lines)], [host_buttons])


def _build_open_question(game: Game, game_id: str, answer_count: int) -> Layout:
    locale = game.locale
    assert game.deadline is not None
    deadline_text = translate("Answers close {when}.", locale).format(when=discord.utils.format_dt(game.deadline, "R"))
    answered_template = translate_plural(
        answer_count, "{count} person has answered.", "{count} people have answered.", locale
    )
    texts = [
        _format_heading(game),
        *format_option_lines(game.item),
        f"⏳ {deadline_text} {answered_template.format(count=answer_count)}",
    ]
    rows = build_answer_rows(
        game.item, f"{game_id}:{game.number}", locale, prefix="quillquiz", menu_prefix="quillquizpick"
    )
    host_buttons = [
        _build_button("close", translate("Close question", locale), "⏱️", game_id, game.number),
        _build_button("end", translate("End the quiz", locale), "⏹️", game_id, game.number),
    ]
    return build_framed_view(texts, [*rows, host_buttons])


def _format_heading(game: Game) -> str:
    return f"### {game.number + 1}/{len(game.items)} · {plain(game.item.question.text)}"


def _build_closed_question(game: Game, game_id: str, board: Scoreboard) -> Layout:
    locale = game.locale
    texts = [_format_heading(game), *_format_answers(game), *format_feedback_lines(game.item)]
    if board.rows:
        texts.append(
            f"**{translate('Standings', locale)}**\n" + "\n".join(format_scoreboard_lines(board, locale, MAX_RANKS))
        )
    else:
        texts.append(translate("Nobody answered.", locale))
    host_buttons = [_build_button("end", translate("End the quiz", locale), "⏹️", game_id, game.number)]
    label, emoji = (
        translate("Show the results" if game.is_last else "Next question", locale),
        "🏁" if game.is_last else "▶️",
    )
    host_buttons.insert(0, _build_button("next", label, emoji, game_id, game.number, primary=True))
    if board.rows:
        host_buttons.append(_build_button("places", translate("My rank", locale), "📋", game_id, 0))
    if game.auto:
        message = "The results appear automatically." if game.is_last else "The next question appears automatically."
        texts.append(f"-# {translate(message, locale)}")
    return build_framed_view(texts, [host_buttons])


def _format_answers(game: Game) -> list[str]:
    """Format the right answer, and how many players chose each option."""
    item, tally, locale = game.item, game.tallies[-1] if game.tallies else (), game.locale
    if item.needs_form:
        right_line = translate("Right: {answer}", locale).format(answer=plain(" / ".join(item.question.right_answers)))
        counts = translate("{right} right, {wrong} wrong", locale).format(right=tally[0], wrong=tally[1])
        return [f"✅ {right_line}\n{counts}"]
    lines = []
    for index, (letter, text) in enumerate(zip(LETTERS, item.question.options, strict=False)):
        emoji = "✅" if index in item.question.correct else "▫️"
        lines.append(f"{emoji} **{letter}** {plain(text)} · {tally[index]}")
    return ["\n".join(lines)]


def format_scoreboard_lines(board: Scoreboard, locale: str, max_rows: int, start: int = 0) -> list[str]:
    """Format up to `max_rows` ranks of a scoreboard from index `start`, one per line; erased players are listed last."""
    medals = {1: "🥇", 2: "🥈", 3: "🥉"}
    lines = []
    for row in board.rows[start : start + max_rows]:
        place = medals[row.place] if row.points and row.place in medals else f"{row.place}."
        lines.append(f"{place} <@{row.user_id}> · {format_points(row.points, locale)}")
    if start + max_rows >= len(board.rows):
        lines += [f"▫️ {translate(_ERASED_PLAYER, locale)}"] * min(board.erased_count, 3)
    return lines


def format_points(points: int, locale: str) -> str:
    """Format a number of points."""
    phrase = Phrase("{count:,} point", "{count:,} points", count=points)
    return localize(phrase, locale)


def format_right_count(right_count: int, question_count: int, locale: str) -> str:
    """Format the number of right answers."""
    return translate("{right} of {all} right", locale).format(right=right_count, all=question_count)


def format_participation(game: Game, locale: str) -> str:
    """Format how many questions were asked and how many people played."""
    question_count = len(game.tallies)
    questions = translate_plural(question_count, "{count} question", "{count} questions", locale).format(
        count=question_count
    )
    players = translate_plural(game.players, "{count} player", "{count} players", locale).format(count=game.players)
    return f"{questions} · {players}"


def _build_outcome(game: Game, game_id: str, board: Scoreboard, picture: discord.File | None) -> Layout:
    locale = game.locale
    texts = [f"### 🏁 {plain(game.title)}\n{format_participation(game, locale)}"]
    lines = format_scoreboard_lines(board, locale, MAX_FINAL_RANKS)
    texts.append("\n".join(lines) if lines else translate("Nobody answered.", locale))
    buttons = [_build_button("places", translate("Full ranking", locale), "📋", game_id, 0)] if board.rows else []
    buttons.append(_build_button("csv", translate("Results (.csv)", locale), "📊", game_id, 0))
    return build_framed_view(texts, [buttons] if game.tallies else [], picture)


def build_scoreboard_view(game: Game, game_id: str, board: Scoreboard, page: int, user_id: str, locale: str) -> Layout:
    """Build a page of the scoreboard, with the user's own rank above it."""
    page_count = max(1, -(-len(board.rows) // ROWS_PER_PAGE))
    page = max(0, min(page, page_count - 1))
    heading = f"### {plain(game.title)}" + (f" · {page + 1}/{page_count}" if page_count > 1 else "")
    texts = [
        heading,
        _format_own_rank(game, board, user_id, locale),
        "\n".join(format_scoreboard_lines(board, locale, ROWS_PER_PAGE, page * ROWS_PER_PAGE)) or "…",
    ]
    buttons = build_page_buttons(page, page_count, lambda number: f"quillquizplaces:{game_id}:{number}")
    return build_framed_view(list(filter(None, texts)), [buttons] if buttons else [])


def _format_own_rank(game: Game, board: Scoreboard, user_id: str, locale: str) -> str:
    """Format a user's rank so far; empty if the user has not answered."""
    own_row = next((row for row in board.rows if row.user_id == user_id), None)
    if own_row is None:
        return ""
    message = translate("You: rank {place} of {all}, {points}, {right}", locale).format(
        place=own_row.place,
        all=len(board.rows),
        points=format_points(own_row.points, locale),
        right=format_right_count(own_row.right, len(game.tallies), locale),
    )
    return f"**{message}**"


def build_run_view(run: Run, run_id: str, locale: str) -> Layout:
    """Build the view of a run: the last answer, and the next question or the outcome."""
    finished_count = len(run.items) - len(set(run.queue))
    texts = [f"### ✏️ {plain(run.title)} · {finished_count}/{len(run.items)}"]
    if run.due_at is not None and not run.is_over:
        texts[0] += "\n" + format_due_line(run, locale)
    if run.shown is None and run.skipped:
        texts.append(f"-# {format_skipped_line(run.skipped, locale)}")
    if run.shown is not None:
        texts.append("\n".join(_format_last_answer(run, locale)))
    rows: list[list[discord.ui.Item[Any]]] = []
    if run.is_over:
        texts.append(format_score_line(run, locale))
        if run.due_at is None:
            rows.append(
                [
                    discord.ui.Button(
                        label=translate("Again", locale), emoji="🔁", custom_id=f"quillrun:again:{run_id}:{run.turn}"
                    )
                ]
            )
    else:
        item = run.items[run.queue[0]]
        texts += [f"**{plain(item.question.text)}**", *format_option_lines(item)]
        rows = build_answer_rows(item, f"{run_id}:{run.turn}", locale, prefix="quillrun", menu_prefix="quillrunpick")
    return build_framed_view(texts, rows)


def format_due_line(run: Run, locale: str) -> str:
    """Format when a run set as homework is due."""
    assert run.due_at is not None
    due_text = f"{discord.utils.format_dt(run.due_at, 'f')} ({discord.utils.format_dt(run.due_at, 'R')})"
    return translate("Due {when}.", locale).format(when=due_text)


def format_score_line(run: Run, locale: str) -> str:
    """Format the score of a finished run, with a note if it is late."""
    message = translate("Done: {right} of {all} right on the first try.", locale)
    line = message.format(right=run.score, all=len(run.items))
    late_note = f" {translate('It was handed in late.', locale)}" if run.is_late else ""
    return f"🏁 {line}{late_note}"


def _format_last_answer(run: Run, locale: str) -> list[str]:
    """Format the previous answer: whether it was right, the right answer, and the feedback."""
    assert run.shown is not None
    number, choice = run.shown
    item = run.items[number]
    was_right = is_right(item, choice)
    right_answer = plain(" / ".join(item.question.right_answers))
    lines = [f"-# {plain(item.question.text)}"]
    if was_right:
        lines.append(f"✅ {translate('Right: {answer}', locale).format(answer=right_answer)}")
    else:
        own_answer = format_choice(item, choice)
        message = translate("Not right: {mine}. The answer is {answer}.", locale)
        lines.append(f"❌ {message.format(mine=plain(own_answer), answer=right_answer)}")
        if number in run.queue:
            lines.append(f"-# {translate('It will come up again at the end.', locale)}")
    return [*lines, *format_feedback_lines(item, None if item.is_written else choice)]


def _build_button(
    action: str, label: str, emoji: str, game_id: str, question_number: int, *, primary: bool = False
) -> Button:
    return discord.ui.Button(
        label=label,
        emoji=emoji,
        custom_id=f"quillquiz:{action}:{game_id}:{question_number}",
        style=discord.ButtonStyle.success if primary else discord.ButtonStyle.secondary,
    )
