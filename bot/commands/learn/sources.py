"""Sources of lessons: the quizzes and flashcards in the library, and single results."""

from __future__ import annotations

from discord import app_commands

from bot.client import Interaction
from bot.content import Content
from bot.errors import RefusedError
from bot.interactions.library import get_library, load_viewer
from bot.interactions.playing import build_missing_error
from bot.reading.titles import find_title
from bot.team.classroom.course import Lesson
from bot.team.classroom.lessons import build_lesson
from storage.entries import LibraryEntry
from storage.generations import Generation

KINDS = ("quiz", "flashcards")
# Maximum entries of each kind that are searched, and maximum suggestions.
_MAX_SCANNED_ENTRIES, _MAX_CHOICES = 100, 25
_NO_LESSONS = "You have no quizzes or flashcards yet. Make some with /lesson, then learn from them."
_UNKNOWN_LESSON = 'There is no quiz or deck called "{name}" here. Make one with /lesson first, then learn from it.'
_NOT_A_LESSON = "That is neither a quiz nor a set of flashcards. Make one with /lesson, then learn from it."


async def find_lesson(interaction: Interaction, name: str | None) -> Lesson:
    """Return the lesson with a title or key, or the newest one if no name is given.

    Raises:
        RefusedError: there is none.
    """
    entries = await _list_entries(interaction)
    if name is None:
        if not entries:
            raise build_missing_error(_NO_LESSONS, await load_viewer(interaction))
        return _build_entry_lesson(max(entries, key=lambda entry: (not entry.is_workspace_owned, entry.created_at)))
    query = name.strip().casefold()
    for entry in entries:
        if query in (f"{entry.owner_id}/{entry.id}".casefold(), _get_title(entry).casefold()):
            return _build_entry_lesson(entry)
    raise build_missing_error(_UNKNOWN_LESSON, await load_viewer(interaction), name=name.strip()[:60])


def build_result_lesson(generation: Generation) -> Lesson:
    """Build the lesson of a result.

    Raises:
        RefusedError: it is neither a quiz nor flashcards.
    """
    if generation.kind not in KINDS:
        raise RefusedError(_NOT_A_LESSON)
    content = Content(generation.text, generation.parts)
    return build_lesson(content, find_title(generation.text, generation.parts), generation.id)


async def suggest_lessons(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
    """Suggest the lessons whose titles contain the current input, newest first."""
    query = current.strip().casefold()
    matching_entries = [entry for entry in await _list_entries(interaction) if query in _get_title(entry).casefold()]
    return [
        app_commands.Choice(name=_get_title(entry)[:100], value=f"{entry.owner_id}/{entry.id}"[:100])
        for entry in matching_entries[:_MAX_CHOICES]
    ]


async def _list_entries(interaction: Interaction) -> list[LibraryEntry]:
    library, viewer = get_library(interaction), await load_viewer(interaction)
    entries = [entry for kind in KINDS for entry in await library.list_of_kind(viewer, kind, _MAX_SCANNED_ENTRIES)]
    return sorted(entries, key=lambda entry: entry.created_at, reverse=True)


def _build_entry_lesson(entry: LibraryEntry) -> Lesson:
    return build_lesson(Content(entry.text, entry.parts), _get_title(entry), entry.id)


def _get_title(entry: LibraryEntry) -> str:
    return entry.title or find_title(entry.text, entry.parts) or entry.id
