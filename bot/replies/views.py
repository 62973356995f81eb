"""The views that users see, with one layout in the same order everywhere."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.checks.language import identify_language
from bot.checks.links import unmask_links
from bot.content import Family
from bot.kinds import find_kind
from bot.locales import LANGUAGES, translate
from bot.markup import render_formulas

from .files import attachment, file_name
from .markdown import escape_small_print, list_tables
from .split import split

# Discord allows 4,000 characters over all texts of a layout view; the rest is for headings and small print.
MAX_PAGE_CHARACTERS = 3200
MAX_PIECE_CHARACTERS = 1900

COLOURS: dict[Family, int] = {
    "marketing": 0xD9772B,
    "education": 0x3B7DD8,
    "image": 0x8E5BD0,
    "media": 0xC2477F,
    "data": 0x4D8B6F,
    "text": 0x2F9C95,
    "chat": 0x8A8F98,
}
_ERROR_COLOUR = 0xC0392B
# Longer texts go into a file: apps that are not in a server may send 5 follow-ups.
_MAX_PAGES = 4
CONTINUED = "Continued in the file below."
_WHOLE_FILE = "All"

# Any component of a view, and a row of buttons or a menu.
Item = discord.ui.Item[discord.ui.LayoutView]
ActionRow = discord.ui.ActionRow[discord.ui.LayoutView]
# Cancels a waiting request.
CANCEL = "cancel"


class Layout(discord.ui.LayoutView):
    """A view whose buttons are found by custom id, so that discord.py need not store it.

    Without this, a view without a timeout would be stored for as long as the process runs.
    """

    def __init__(self) -> None:
        super().__init__(timeout=None)

    def hold(self, seconds: float) -> None:
        """Store the view until this long after its last use, for items that need more than a custom id."""
        self.timeout = seconds

    def is_finished(self) -> bool:
        """Return whether the view need not be stored, or no longer."""
        return self.timeout is None or super().is_finished()

    def is_dispatchable(self) -> bool:
        """Return whether the view must be stored."""
        return self.timeout is not None and super().is_dispatchable()


def button_id(action: str, generation_id: str) -> str:
    """Return the custom id of a result's button, which holds all that is needed after a restart."""
    return f"quill:{action}:{generation_id}"


def build_texts(texts: Sequence[str]) -> list[Item]:
    """Build a component for each text."""
    return [discord.ui.TextDisplay(text) for text in texts]


def build_frame(items: Sequence[Item], colour: int) -> Layout:
    """Build a view of one container with an accent colour."""
    view = Layout()
    view.add_item(discord.ui.Container[discord.ui.LayoutView](*items, accent_colour=colour))
    return view


def draft_view(kind_name: str | None, text: str, locale: str = "en", job_id: str = "") -> discord.ui.LayoutView:
    """Build the view of a growing draft, with a button that cancels its job if that is given. A long draft shows its end."""
    pieces = split_text(text) or ["…"]
    visible = pieces if sum(map(len, pieces)) <= MAX_PAGE_CHARACTERS else ["…", *take_first(pieces[::-1])[::-1]]
    kind = find_kind(kind_name) if kind_name else None
    heading = [f"-# {translate(kind.title, locale)}"] if kind else []
    view = build_frame(build_texts([*heading, *visible]), COLOURS[kind.family if kind else "chat"])
    return _add_cancel_button(view, job_id, locale) if job_id else view


def note_view(text: str, *, wrong: bool = False, locale: str = "en") -> Layout:
    """Build a view of one or two sentences, such as an error or a question. Says so where the text does not fit."""
    pieces = split_text(text)
    visible = take_first(pieces)
    return _build_note(
        visible if visible == pieces else [*visible, f"-# {translate('The rest did not fit here.', locale)}"], wrong
    )


def file_view(text: str, *names: str) -> Layout:
    """Build a view with files below a sentence."""
    view = note_view(text)
    for name in names:
        view.add_item(discord.ui.File(f"attachment://{name}"))
    return view


def note_views(
    text: str, *, wrong: bool = False, locale: str = "en"
) -> tuple[list[discord.ui.LayoutView], Sequence[discord.File]]:
    """Build views for all of a text, such as a list, over as many as it needs.

    A text too long for that becomes one view with its beginning and a file with all of it.
    """
    pieces, pages = split_text(text), list[list[str]]()
    while pieces:
        pages.append(take_first(pieces))
        pieces = pieces[len(pages[-1]) :]
    if len(pages) <= _MAX_PAGES:
        return [_build_note(page, wrong) for page in pages], []
    view = _build_note([*pages[0], f"-# {translate(CONTINUED, locale)}"], wrong)
    name = f"{translate(_WHOLE_FILE, locale)}.md"
    view.add_item(discord.ui.File(f"attachment://{file_name(name)}"))
    return [view], [attachment(name, text.encode("utf-8"))]


def _build_note(pieces: Sequence[str], wrong: bool) -> Layout:
    return build_frame(build_texts(pieces), _ERROR_COLOUR if wrong else COLOURS["chat"])


def writer_question_view(
    question: str, options: Sequence[str], request_id: str, locale: str = "en"
) -> discord.ui.LayoutView:
    """Build a writer's question, with a button for each likely answer and one for any other, in the question's language."""
    language = identify_language("\n".join([question, *options]))
    locale = language if language is not None and language in ("en", *LANGUAGES) else locale
    view = note_view(escape_small_print(unmask_links(question)), locale=locale)
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    for number, option in enumerate(options[:4]):
        row.add_item(discord.ui.Button(label=option[:80], custom_id=button_id(f"answer-{number}", request_id)))
    other = translate("Another answer…" if options else "Answer…", locale)
    row.add_item(discord.ui.Button(label=other, emoji="✏️", custom_id=button_id("answer", request_id)))
    view.add_item(row)
    return view


def position_view(text: str, job_id: str, locale: str = "en") -> discord.ui.LayoutView:
    """Build the view of a request's position in the queue, with a button that cancels it."""
    return _add_cancel_button(note_view(text, locale=locale), job_id, locale)


def _add_cancel_button(view: discord.ui.LayoutView, job_id: str, locale: str) -> discord.ui.LayoutView:
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    row.add_item(discord.ui.Button(label=translate("Cancel", locale), custom_id=button_id(CANCEL, job_id)))
    view.add_item(row)
    return view


def retry_row(job_id: str, locale: str = "en") -> ActionRow:
    """Build a button that retries a failed request."""
    row = ActionRow()
    row.add_item(discord.ui.Button(label=translate("Retry", locale), emoji="🔁", custom_id=button_id("retry", job_id)))
    return row


def kind_question_view(text: str, kinds: list[str], job_id: str, locale: str = "en") -> discord.ui.LayoutView:
    """Build the question which kind is meant, with a button for each likely one."""
    view = note_view(text)
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    for name in kinds[:5]:
        label = translate(find_kind(name).title, locale)
        row.add_item(discord.ui.Button(label=label, custom_id=f"quill:kind-{name}:{job_id}"))
    view.add_item(row)
    return view


def split_text(text: str) -> list[str]:
    """Split a text into the pieces to show, with formulas as text and all link targets visible."""
    return split(list_tables(unmask_links(render_formulas(text))), MAX_PIECE_CHARACTERS)


def take_first(pieces: list[str], most: int = MAX_PAGE_CHARACTERS) -> list[str]:
    """Return as many full pieces as fit into a view, at least one. Callers say where that is not all."""
    taken, room = pieces[:1], most - len(pieces[0]) if pieces else most
    for piece in pieces[1:]:
        room -= len(piece)
        if room < 0:
            break
        taken.append(piece)
    return taken
