"""The views people see: one layout, the same order everywhere."""

from __future__ import annotations

import re
from collections.abc import Sequence

import discord

from bot.checks import Check
from bot.content import Family, Result
from bot.generation.tastes import QUICK_WISHES
from bot.kinds import kind_named
from bot.locales import translate
from personas.profile import Profile

from .files import file_name
from .ledger import plain
from .split import split

# Discord takes 4,000 characters over all texts of a layout view; the rest is for headings, checks and the footer.
ROOM = 3200
# All texts of a result's view together, with some to spare for marks and the note about the file.
MOST_CHARACTERS = 3850
PIECE = 1900

COLOURS: dict[Family, int] = {
    "marketing": 0xD9772B,
    "education": 0x3B7DD8,
    "image": 0x8E5BD0,
    "media": 0xC2477F,
    "data": 0x4D8B6F,
    "text": 0x2F9C95,
    "chat": 0x8A8F98,
}
_ERROR = 0xC0392B
_WORDS = re.compile(r"[\w\s.,;'’&/()+-]{0,300}")
# Families whose texts have a style to be changed.
_TUNED = ("marketing", "education", "text")
# Room for what stands above the footer, an item.
_EXTRA = 150
# A finding in the small print, and all of them; what is longer is told by its beginning.
_FINDING, _FINDINGS = 70, 600

# What a button does, its label and its emoji; the order is that on screen. See bot/commands/buttons.py for the doing.
CHANGES = (
    ("again", "Regenerate", "🔁"),
    ("shorter", "Shorter", "➖"),
    ("longer", "Longer", "➕"),
    ("change", "Change…", "✏️"),
    ("variants", "Variants", "🎭"),
)
# Pictures have no length; what they are drawn with can be seen.
IMAGE_CHANGES = (
    ("again", "Vary", "🎲"),
    ("change", "Remix…", "✏️"),
    ("params", "Show parameters", "⚙️"),
)
TAKES = (
    ("copy", "Copy as text", "📋"),
    ("file", "Download", "⬇️"),
    ("up", "", "👍"),
    ("down", "", "👎"),
    ("why", "Why?", "💡"),
)


def button_id(action: str, generation_id: str) -> str:
    """The custom id of a result's button: all that is needed to act on it after a restart."""
    return f"quill:{action}:{generation_id}"


def result_view(
    result: Result,
    profile: Profile,
    generation_id: str,
    *,
    audience: str = "",
    locale: str = "en",
    pictures: Sequence[discord.File] = (),
    hint: str = "",
    extra: Sequence[discord.ui.Item[discord.ui.LayoutView]] = (),
) -> tuple[discord.ui.LayoutView, bool]:
    """The view of a finished result, and whether its text went on beyond it and belongs into a file as well.

    `pictures` are sent along with it and seen below the text; `hint` is small print about what could be seen, `extra` stands
    above the footer.
    """
    kind = kind_named(result.kind)
    heading, summary = _heading(kind.title, profile, audience, locale), checks_line(result)
    footer = f"-# {plain(result.persona)} · {result.engine} · {result.seconds:.1f} s"
    room = MOST_CHARACTERS - sum(map(len, (heading, summary, footer, result.note, hint))) - _EXTRA * len(extra)
    pieces = _pieces(result.content.text)
    beyond = sum(map(len, pieces)) > room
    if beyond:
        pieces = _first(pieces, room)
    container = discord.ui.Container[discord.ui.LayoutView](accent_colour=COLOURS[kind.family])
    container.add_item(discord.ui.TextDisplay(heading))
    for piece in pieces:
        container.add_item(discord.ui.TextDisplay(piece))
    if beyond:
        container.add_item(discord.ui.TextDisplay(f"-# {translate('It goes on in the file below.', locale)}"))
        container.add_item(discord.ui.File(f"attachment://{whole_name(kind.title)}"))
    if pictures:
        container.add_item(discord.ui.MediaGallery(*map(_gallery_item, pictures)))
    container.add_item(discord.ui.Separator())
    if summary:
        container.add_item(discord.ui.TextDisplay(summary))
    if result.note:
        container.add_item(discord.ui.TextDisplay(f"-# ⚠ {result.note}"))
    if hint:
        container.add_item(discord.ui.TextDisplay(f"-# {hint}"))
    for row in (IMAGE_CHANGES if kind.family == "image" else CHANGES, TAKES):
        container.add_item(_row(row, generation_id, locale))
    if kind.family in _TUNED:
        container.add_item(_tune_row(generation_id, locale))
    for item in extra:
        container.add_item(item)
    container.add_item(discord.ui.TextDisplay(footer))
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(container)
    return view, beyond


def variants_view(
    results: Sequence[tuple[str, Result]], *, hint: str = "", locale: str = "en"
) -> discord.ui.LayoutView:
    """Several results for the same request by their ids, each with a button that picks it; a hint as small print below."""
    view = discord.ui.LayoutView(timeout=None)
    room = ROOM // max(1, len(results))
    for number, (generation_id, result) in enumerate(results, 1):
        kind = kind_named(result.kind)
        text = result.content.text
        shown = text if len(text) <= room else text[: room - 1].rsplit(" ", 1)[0] + "…"
        button: discord.ui.Button[discord.ui.LayoutView] = discord.ui.Button(
            label=translate("Use this", locale), emoji="✅", custom_id=button_id("use", generation_id)
        )
        container = discord.ui.Container[discord.ui.LayoutView](accent_colour=COLOURS[kind.family])
        container.add_item(discord.ui.TextDisplay(f"### {kind.title} {number}"))
        container.add_item(discord.ui.TextDisplay(shown))
        container.add_item(discord.ui.ActionRow(button))
        view.add_item(container)
    if hint:
        view.add_item(discord.ui.TextDisplay(f"-# {hint}"))
    return view


def _tune_row(generation_id: str, locale: str) -> discord.ui.ActionRow[discord.ui.LayoutView]:
    menu: discord.ui.Select[discord.ui.LayoutView] = discord.ui.Select(
        custom_id=f"quilltune:{generation_id}", placeholder=translate("Make it…", locale)
    )
    for name, words in QUICK_WISHES.items():
        menu.add_option(label=translate(words, locale), value=name)
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    row.add_item(menu)
    return row


def whole_name(title: str) -> str:
    """The name of the file that holds a whole text beyond its view."""
    return file_name(f"{title}.md")


def _gallery_item(picture: discord.File) -> discord.MediaGalleryItem:
    return discord.MediaGalleryItem(picture.uri, description=picture.description)


def draft_view(kind_name: str | None, text: str) -> discord.ui.LayoutView:
    """A draft while it grows: the same look without checks and buttons. Shows its end when it is long."""
    pieces = _pieces(text) or ["…"]
    shown = pieces if sum(map(len, pieces)) <= ROOM else ["…", *_first(pieces[::-1])[::-1]]
    kind = kind_named(kind_name) if kind_name else None
    container = discord.ui.Container[discord.ui.LayoutView](accent_colour=COLOURS[kind.family if kind else "chat"])
    if kind:
        container.add_item(discord.ui.TextDisplay(f"### {kind.title}"))
    for piece in shown:
        container.add_item(discord.ui.TextDisplay(piece))
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(container)
    return view


def note_view(text: str, *, wrong: bool = False) -> discord.ui.LayoutView:
    """One or two sentences: a refusal, an error, a question or a word of thanks."""
    container = discord.ui.Container[discord.ui.LayoutView](accent_colour=_ERROR if wrong else COLOURS["chat"])
    for piece in _first(_pieces(text)):
        container.add_item(discord.ui.TextDisplay(piece))
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(container)
    return view


def question_view(text: str, kinds: list[str], job_id: str) -> discord.ui.LayoutView:
    """A question which kind is meant, with a button for each that is likely."""
    view = note_view(text)
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    for name in kinds[:5]:
        row.add_item(discord.ui.Button(label=kind_named(name).title, custom_id=f"quill:kind-{name}:{job_id}"))
    view.add_item(row)
    return view


def checks_line(result: Result) -> str:
    """What was checked, with figures, failures first; small print."""
    order = sorted(result.checks, key=lambda check: check.passed)
    shown = []
    for check in order[:9]:
        words = _finding(check)
        shown.append(
            f"{'✓' if check.passed else '✗'} {words if len(words) <= _FINDING else words[: _FINDING - 1] + '…'}"
        )
    while sum(map(len, shown)) > _FINDINGS:
        shown.pop()
    return f"-# {' · '.join(shown)}" if shown else ""


def _finding(check: Check) -> str:
    """One finding in words: "238 of 280 characters", "grade 5.1", "0 emoji"."""
    if check.name == "reading grade":
        return f"grade {check.measured}" + ("" if check.passed else f" (wanted {check.limit})")
    if check.name in ("reading ease", "words"):
        unit = "CEFR" if check.name == "words" else "reading ease"
        return f"{unit} {check.measured}" + ("" if check.passed else f" (wanted {check.limit.removeprefix('ease ')})")
    if check.name == "emoji":
        return f"{check.measured} emoji" + ("" if check.passed else f" (wanted {check.limit})")
    if check.name == "brand voice":
        return f"brand voice: {check.measured} away (up to {check.limit.partition(' ')[0]})"
    if not check.limit[:1].isdigit():
        return f"{check.name}: {check.measured}"
    part = check.name.removesuffix(" length") + " " if check.name.endswith(" length") else ""
    return f"{part}{check.measured} of {check.limit.replace(' to ', '–')}"


def _heading(title: str, profile: Profile, audience: str, locale: str) -> str:
    lines = [f"### {title}"]
    readers = audience or profile.audience
    # What somebody typed for this one request is shown to all, so only words are.
    readers = readers if _WORDS.fullmatch(readers) else ""
    if profile.organisation or readers:
        whose = " · ".join(filter(None, (profile.organisation, readers)))
        lines.append(f"-# {translate('for', locale)} {whose}")
    return "\n".join(lines)


def _row(
    row: tuple[tuple[str, str, str], ...], generation_id: str, locale: str
) -> discord.ui.ActionRow[discord.ui.LayoutView]:
    made = discord.ui.ActionRow[discord.ui.LayoutView]()
    for action, label, sign in row:
        button: discord.ui.Button[discord.ui.LayoutView] = discord.ui.Button(
            label=translate(label, locale) if label else None, emoji=sign, custom_id=button_id(action, generation_id)
        )
        made.add_item(button)
    return made


def _pieces(text: str) -> list[str]:
    return split(text, PIECE)


def _first(pieces: list[str], most: int = ROOM) -> list[str]:
    """As many whole pieces as a view has room for, at least one."""
    kept, room = pieces[:1], most - len(pieces[0]) if pieces else most
    for piece in pieces[1:]:
        room -= len(piece)
        if room < 0:
            break
        kept.append(piece)
    return kept
