"""Finds quizzes: in the library by name, a result by its id, or the user's newest."""

from __future__ import annotations

from dataclasses import dataclass

from discord import app_commands

from bot.client import Interaction
from bot.commands._library import get_library, load_viewer
from bot.commands._playing import build_missing_error
from bot.content import Content
from bot.errors import RefusedError
from bot.team.classroom.quiz_game import QuizItem, parse_items
from bot.team.titles import title_of
from storage.entries import LibraryEntry
from storage.generations import Generation

KIND = "quiz"
# Quizzes that are searched for a name, and suggested.
_MAX_SCANNED_ENTRIES, _MAX_CHOICES = 100, 25
_NONE = "You have no quiz yet. Make one with /lesson, then play it."
_UNKNOWN = 'There is no quiz called "{name}" here. Make one with /lesson first, then play it.'
_NO_QUIZ = "That is not a quiz. Make one with /lesson, then play it."


@dataclass(frozen=True, slots=True)
class Quiz:
    """A quiz that can be asked: its title, its questions, and how many of it cannot be asked here."""

    title: str
    items: list[QuizItem]
    skipped: int


async def find_quiz(interaction: Interaction, name: str | None) -> Quiz:
    """Return the quiz chosen from the suggestions or given by name; the newest without a name.

    Raises:
        RefusedError: there is none.
    """
    entries = await _list_entries(interaction)
    if name is None:
        own_entries = [entry for entry in entries if not entry.is_workspace_owned]
        if not (own_entries or entries):
            raise build_missing_error(_NONE, await load_viewer(interaction))
        return _build_quiz_of_entry((own_entries or entries)[0])
    query = name.strip().casefold()
    for entry in entries:
        if query in (f"{entry.owner_id}/{entry.id}".casefold(), _get_title(entry).casefold()):
            return _build_quiz_of_entry(entry)
    raise build_missing_error(_UNKNOWN, await load_viewer(interaction), name=name.strip()[:60])


def build_quiz(generation: Generation) -> Quiz:
    """Return the quiz of a result.

    Raises:
        RefusedError: it is no quiz.
    """
    if generation.kind != KIND:
        raise RefusedError(_NO_QUIZ)
    title = title_of(generation.text, generation.parts)
    items, skipped = parse_items(Content(generation.text, generation.parts), title)
    return Quiz(title, items, skipped)


async def suggest_quizzes(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
    """Return the quizzes whose names contain what was typed, newest first."""
    query = current.strip().casefold()
    fitting = [entry for entry in await _list_entries(interaction) if query in _get_title(entry).casefold()]
    return [
        app_commands.Choice(name=_get_title(entry)[:100], value=f"{entry.owner_id}/{entry.id}"[:100])
        for entry in fitting[:_MAX_CHOICES]
    ]


async def _list_entries(interaction: Interaction) -> list[LibraryEntry]:
    """Return the quizzes that the user can see, newest first."""
    return await get_library(interaction).list_of_kind(await load_viewer(interaction), KIND, _MAX_SCANNED_ENTRIES)


def _build_quiz_of_entry(entry: LibraryEntry) -> Quiz:
    title = _get_title(entry)
    items, skipped = parse_items(Content(entry.text, entry.parts), title)
    return Quiz(title, items, skipped)


def _get_title(entry: LibraryEntry) -> str:
    return entry.title or title_of(entry.text, entry.parts) or entry.id
