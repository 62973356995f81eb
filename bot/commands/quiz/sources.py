"""Find quizzes: in the library by title, the quiz of a result, or the user's newest."""

from __future__ import annotations

from dataclasses import dataclass

from discord import app_commands

from bot.client import Interaction
from bot.content import Content
from bot.errors import RefusedError
from bot.interactions.library import get_library, load_viewer
from bot.interactions.playing import build_missing_error
from bot.reading.titles import find_title
from bot.team.classroom.quiz_items import QuizItem, parse_items
from storage.entries import LibraryEntry
from storage.generations import Generation

KIND = "quiz"
# Maximum quizzes that are searched, and maximum suggestions.
_MAX_SCANNED_ENTRIES, _MAX_CHOICES = 100, 25
_NO_QUIZZES = "You have no quiz yet. Make one with /lesson, then play it."
_UNKNOWN_QUIZ = 'There is no quiz called "{name}" here. Make one with /lesson first, then play it.'
_NOT_A_QUIZ = "That is not a quiz. Make one with /lesson, then play it."


@dataclass(frozen=True, slots=True)
class Quiz:
    """A quiz to ask: its title, its questions, and the number of questions skipped because they cannot be asked in Discord."""

    title: str
    items: list[QuizItem]
    skipped: int


async def find_quiz(interaction: Interaction, name: str | None) -> Quiz:
    """Return the quiz with a title or key; without a name, the user's newest, else the team's.

    Raises:
        RefusedError: there is no such quiz.
    """
    entries = await _list_entries(interaction)
    if name is None:
        own_entries = [entry for entry in entries if not entry.is_workspace_owned]
        if not (own_entries or entries):
            raise build_missing_error(_NO_QUIZZES, await load_viewer(interaction))
        return _build_entry_quiz((own_entries or entries)[0])
    query = name.strip().casefold()
    for entry in entries:
        if query in (f"{entry.owner_id}/{entry.id}".casefold(), _get_title(entry).casefold()):
            return _build_entry_quiz(entry)
    raise build_missing_error(_UNKNOWN_QUIZ, await load_viewer(interaction), name=name.strip()[:60])


def build_quiz(generation: Generation) -> Quiz:
    """Build the quiz of a result.

    Raises:
        RefusedError: the result is not a quiz.
    """
    if generation.kind != KIND:
        raise RefusedError(_NOT_A_QUIZ)
    title = find_title(generation.text, generation.parts)
    items, skipped = parse_items(Content(generation.text, generation.parts), title)
    return Quiz(title, items, skipped)


async def suggest_quizzes(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
    """Suggest the quizzes whose titles contain the current input, newest first."""
    query = current.strip().casefold()
    matching_entries = [entry for entry in await _list_entries(interaction) if query in _get_title(entry).casefold()]
    return [
        app_commands.Choice(name=_get_title(entry)[:100], value=f"{entry.owner_id}/{entry.id}"[:100])
        for entry in matching_entries[:_MAX_CHOICES]
    ]


async def _list_entries(interaction: Interaction) -> list[LibraryEntry]:
    """Return the quizzes that the user can see, newest first."""
    return await get_library(interaction).list_of_kind(await load_viewer(interaction), KIND, _MAX_SCANNED_ENTRIES)


def _build_entry_quiz(entry: LibraryEntry) -> Quiz:
    title = _get_title(entry)
    items, skipped = parse_items(Content(entry.text, entry.parts), title)
    return Quiz(title, items, skipped)


def _get_title(entry: LibraryEntry) -> str:
    return entry.title or find_title(entry.text, entry.parts) or entry.id
