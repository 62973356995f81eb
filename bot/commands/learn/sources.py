"""Sources of lessons: quizzes and flashcards of the library, and a result by its id."""

from __future__ import annotations

from discord import app_commands

from bot.client import Interaction
from bot.commands._library import get_library, load_viewer
from bot.commands._playing import build_missing_error
from bot.content import Content
from bot.errors import RefusedError
from bot.team.classroom.course import Lesson
from bot.team.classroom.lessons import build_lesson
from bot.team.titles import title_of
from storage.entries import LibraryEntry
from storage.generations import Generation

KINDS = ("quiz", "flashcards")
# Entries of each kind that are searched for a name, and suggested.
_MAX_SCANNED_ENTRIES, _MAX_CHOICES = 100, 25
_NONE = "You have no quizzes or flashcards yet. Make some with /lesson, then learn from them."
_UNKNOWN = 'There is no quiz or deck called "{name}" here. Make one with /lesson first, then learn from it.'
_NEITHER = "That is neither a quiz nor a set of flashcards. Make one with /lesson, then learn from it."


async def find_lesson(interaction: Interaction, name: str | None) -> Lesson:
    """Return the lesson that was chosen or named, the newest without a name.

    Raises:
        RefusedError: there is none.
    """
    entries = await _list_entries(interaction)
    if name is None:
        if not entries:
            raise build_missing_error(_NONE, await load_viewer(interaction))
        return _build_lesson_of_entry(max(entries, key=lambda entry: (not entry.is_workspace_owned, entry.created_at)))
    query = name.strip().casefold()
    for entry in entries:
        if query in (f"{entry.owner_id}/{entry.id}".casefold(), _get_title(entry).casefold()):
            return _build_lesson_of_entry(entry)
    raise build_missing_error(_UNKNOWN, await load_viewer(interaction), name=name.strip()[:60])


def build_lesson_of_result(generation: Generation) -> Lesson:
    """Return the lesson of a result.

    Raises:
        RefusedError: it is neither a quiz nor flashcards.
    """
    if generation.kind not in KINDS:
        raise RefusedError(_NEITHER)
    content = Content(generation.text, generation.parts)
    return build_lesson(content, title_of(generation.text, generation.parts), generation.id)


async def suggest_lessons(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
    """Return those whose names contain what was typed, newest first."""
    query = current.strip().casefold()
    fitting = [entry for entry in await _list_entries(interaction) if query in _get_title(entry).casefold()]
    return [
        app_commands.Choice(name=_get_title(entry)[:100], value=f"{entry.owner_id}/{entry.id}"[:100])
        for entry in fitting[:_MAX_CHOICES]
    ]


async def _list_entries(interaction: Interaction) -> list[LibraryEntry]:
    library, viewer = get_library(interaction), await load_viewer(interaction)
    entries = [one for kind in KINDS for one in await library.list_of_kind(viewer, kind, _MAX_SCANNED_ENTRIES)]
    return sorted(entries, key=lambda one: one.created_at, reverse=True)


def _build_lesson_of_entry(entry: LibraryEntry) -> Lesson:
    return build_lesson(Content(entry.text, entry.parts), _get_title(entry), entry.id)


def _get_title(entry: LibraryEntry) -> str:
    return entry.title or title_of(entry.text, entry.parts) or entry.id
