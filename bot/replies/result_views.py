"""The views of results: finished texts and pictures with their buttons, variants to choose from, and what else can be done."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import discord

from bot.content import Content, Kind, Result
from bot.engines.images import EditWay
from bot.exports import export_content
from bot.generation.findings import describe_check
from bot.generation.tastes import QUICK_INSTRUCTIONS
from bot.kinds import find_kind
from bot.locales import localize, translate
from personas.profile import Profile, clean_name

from .downloads import COPY_BUTTON, DOWNLOAD, PLAY, SCHEDULE, Button, build_quick_buttons, is_playable, is_postable
from .files import attachment
from .ledger import plain
from .markdown import render_text
from .reasons import to_check_line
from .split import split
from .views import (
    COLOURS,
    CONTINUED,
    MAX_PIECE_CHARACTERS,
    ActionRow,
    Item,
    Layout,
    build_frame,
    build_texts,
    button_id,
    note_view,
    take_first,
)

# All texts of a result's view together, with a reserve for markup and the note about the file.
MAX_CHARACTERS = 3850
_SEPARATOR = " · "
_SAFE_WORDS = re.compile(r"[\w\s.,;'’&/()+-]{0,300}")
# Families whose texts have a style to change.
_STYLED_FAMILIES = ("marketing", "education", "text")
# Characters reserved for each item at the end.
_EXTRA_CHARACTERS = 150
# Length of one finding in the small print, and of all; longer ones are cut.
_MAX_FINDING_CHARACTERS, _MAX_FINDINGS_CHARACTERS = 70, 600
# https://github.com/discord/discord-api-docs/issues/5395
_HIDDEN_REPLY = (
    "Discord hides replies to a command's answer from me. Send it again as a reply to this message, or press Change…"
)
_VARIANTS_FILE = "Variants"
_TITLE_MARKUP = "### "
# The action of a button, its label and its emoji, in the order on screen; bot/commands/buttons.py carries them out.
# Shown without emoji, so that five fit on one line.
AGAIN: Button = ("again", "Another", "🔁")
CONTROLS: tuple[Button, ...] = (("change", "Change…", "✏️"), AGAIN, DOWNLOAD)
SUBMIT: Button = ("submit", "Submit for review", "📨")
MORE: Button = ("more", "More…", "")
# The buttons behind "More…", a row each.
WHY: Button = ("why", "Why?", "💡")
REWRITES: tuple[Button, ...] = (
    ("shorter", "Shorter", "➖"),
    ("longer", "Longer", "➕"),
    ("variants", "Variants", "🎭"),
    ("check", "Check it", "🔎"),
)
PARAMETERS: Button = ("params", "Seed and settings", "⚙️")
KEEP: Button = ("keep", "Keep", "📚")
OPINIONS: tuple[Button, ...] = (
    ("up", "I like it", "👍"),
    ("down", "Not for me", "👎"),
    ("history", "Versions", "🕘"),
    WHY,
)
# Alterations of a drawn picture, where its engine supports them.
PICTURE: dict[EditWay, tuple[str, str]] = {
    "vary": ("Variations", "🖼️"),
    "change": ("Change a part…", "🖌️"),
    "enlarge": ("Larger", "🔍"),
    "widen": ("Wider", "↔️"),
}
_PICTURE_PREFIX = "picture-"


def format_picture_action(way: EditWay, number: int) -> str:
    """Return the action for the picture of a number, from 1; 0 where the user must choose one first."""
    return f"{_PICTURE_PREFIX}{way}-{number}"


def parse_picture_action(action: str) -> tuple[EditWay, int] | None:
    """Parse the action of a picture button; None for other buttons."""
    way, _, number = action.removeprefix(_PICTURE_PREFIX).rpartition("-")
    known = next((one for one in PICTURE if one == way), None)
    return (
        (known, int(number)) if known and action.startswith(_PICTURE_PREFIX) and re.fullmatch("[0-9]", number) else None
    )


def build_picture_buttons(ways: Collection[EditWay], count: int) -> tuple[Button, ...]:
    """Build the buttons for altering a result's pictures."""
    number = 1 if count == 1 else 0
    return tuple(
        (format_picture_action(way, number), label, sign)
        for way, (label, sign) in PICTURE.items()
        if way in ways and count
    )


def choose_picture_view(way: EditWay, count: int, generation_id: str, locale: str = "en") -> discord.ui.LayoutView:
    """Ask which of several pictures is meant, with a button for each."""
    view = note_view(translate("Which picture? Give its number, counting from the first.", locale))
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    for number in range(1, min(count, 5) + 1):
        row.add_item(
            discord.ui.Button(label=str(number), custom_id=button_id(format_picture_action(way, number), generation_id))
        )
    view.add_item(row)
    return view


def result_view(
    result: Result,
    profile: Profile,
    generation_id: str,
    *,
    is_repeated: bool = False,
    place: str = "",
    audience: str = "",
    locale: str = "en",
    pictures: Sequence[discord.File] = (),
    files: Sequence[discord.File] = (),
    hint: str = "",
    extra: Sequence[Item] = (),
    buttons: bool = True,
    spare: int = 0,
    in_server: bool = False,
) -> tuple[discord.ui.LayoutView, Sequence[discord.File]]:
    """Build the view of a finished result, and a file of its full text where the view is too short.

    A text that `is_repeated` is left out, as it stands above; why is shown. `place` is the network that it is for, by its
    public name, where its kind is for several.
    `pictures` and `files` are shown below the text; `hint` is small print about them, `extra` items go to the end. Without
    `buttons` for results that could not be saved. `spare` characters are left free for a heading (`add_heading`).
    `in_server` says that there is a team to submit to.
    """
    kind = find_kind(result.kind)
    title = translate(kind.title, locale)
    named = f"{title}{_SEPARATOR}{place}" if place else title
    heading = "" if kind.is_reply else _format_heading(named, profile, audience, locale)
    small = _small_print(result, hint, locale)
    room = MAX_CHARACTERS - spare - sum(map(len, (heading, *small))) - _EXTRA_CHARACTERS * len(extra)
    pieces, beyond = ([], False) if is_repeated else _select_pieces(result, room)
    whole = _build_text_file(result, title, locale) if beyond else None
    items = [
        *build_texts([*filter(None, [heading]), *pieces]),
        *(_build_continuation(whole, locale) if whole else []),
        *([discord.ui.MediaGallery(*map(_build_gallery_item, pictures))] if pictures else []),
        *(discord.ui.File(file.uri) for file in files),
        *build_texts(small),
        *([_build_row(_list_controls(kind, in_server), generation_id, locale, signs=False)] if buttons else []),
        *extra,
    ]
    return build_frame(items, COLOURS[kind.family]), [whole] if whole else []


def _small_print(result: Result, hint: str, locale: str, room: int = _MAX_FINDINGS_CHARACTERS) -> list[str]:
    """Build the small print below a text, two lines at most: what to check; and, in at most `room` characters, what
    does not meet the brief and what readers should know.
    """
    note = f"⚠ {localize(result.note, locale)}" if result.note else ""
    notes = " · ".join(filter(None, (note, faults_line(result, room, locale), hint)))
    to_check = to_check_line(result.to_check, locale) if result.to_check else ""
    return [f"-# {line}" for line in (to_check, notes) if line]


def _select_pieces(result: Result, room: int) -> tuple[list[str], bool]:
    """Return the pieces of a text that fit, and whether it continues.

    A text that fits stays in one piece: a prompt in a code block is copied completely or not at all.
    """
    text = number_texts(render_text(result.content.text).strip(), result.content.parts)
    if len(text) > room:
        return take_first(split(text, MAX_PIECE_CHARACTERS), room), True
    return [text] if text else [], False


def number_texts(text: str, parts: Mapping[str, Any]) -> str:
    """Return several posts with numbers in place of the rules between them, so that users can name "the second"."""
    pieces = re.split(r"^-{3,}[ ]*$", text, flags=re.MULTILINE)
    is_labelled = any(one.lstrip()[:1] in "*#" or one.lstrip()[:1].isdigit() for one in pieces)
    if len(pieces) < 2 or is_labelled or len(pieces) != len(parts.get("posts", ())):
        return text
    return "\n\n".join(f"**{number}**\n{piece.strip()}" for number, piece in enumerate(pieces, 1))


def _build_text_file(result: Result, title: str, locale: str) -> discord.File:
    """Build the file with the full text: prompts are pasted, so they are plain text."""
    form = "txt" if find_kind(result.kind).is_visual else "md"
    return attachment(f"{title}.{form}", export_content(form, title, result.content, locale))


def _build_continuation(whole: discord.File, locale: str) -> list[Item]:
    """Build the note that a text continues in a file, and the file."""
    return [discord.ui.TextDisplay(f"-# {translate(CONTINUED, locale)}"), discord.ui.File(whole.uri)]


def _list_controls(kind: Kind, in_server: bool) -> tuple[Button, ...]:
    """Return the five controls of a result: the fourth is the most likely action for such a text."""
    if kind.is_reply:
        return (AGAIN, MORE)
    if is_playable(kind):
        return (*CONTROLS, PLAY, MORE)
    if is_postable(kind):
        return (*CONTROLS, SUBMIT if in_server else SCHEDULE, MORE)
    return (*CONTROLS, COPY_BUTTON, MORE)


def more_view(
    kind: Kind,
    content: Content,
    generation_id: str,
    locale: str,
    *,
    altering: Sequence[Button] = (),
    in_server: bool = False,
) -> discord.ui.LayoutView:
    """Build the view of all other actions on a result, a row for each sort: downloads, destinations, other versions,
    pictures, opinions.
    """
    visible = _list_controls(kind, in_server)
    files = (COPY_BUTTON, *build_quick_buttons(kind, content))
    places = (SCHEDULE, *((SUBMIT,) if in_server else ())) if is_postable(kind) else ()
    team = (KEEP,) if in_server else ()
    rows = [
        [one for one in files if one not in visible],
        [one for one in (*places, *team) if one not in visible],
        [PARAMETERS] if kind.is_visual else REWRITES,
        altering,
        OPINIONS,
    ]
    view = note_view(translate("What else would you like to do with it?", locale))
    for row in filter(None, rows):
        view.add_item(_build_row(row, generation_id, locale))
    if kind.family in _STYLED_FAMILIES:
        view.add_item(_build_style_row(generation_id, locale))
    return view


def variants_view(
    results: Sequence[tuple[str, Result]],
    *,
    hint: str = "",
    locale: str = "en",
    buttons: bool = True,
    extra: Sequence[Item] = (),
    spare: int = 0,
) -> tuple[discord.ui.LayoutView, Sequence[discord.File]]:
    """Build the view of several results of a request, each with what to check and a button that picks it.

    `hint` is small print below, and `extra` follows it. Without `buttons` they could not be saved, or are picked
    otherwise. If one is shown in part, a file with all of them goes along. `spare` as in `result_view`.
    """
    titles = [f"{translate(find_kind(one.kind).title, locale)} {number}" for number, (_, one) in enumerate(results, 1)]
    texts = [render_text(result.content.text) for _, result in results]
    room = _MAX_FINDINGS_CHARACTERS // max(1, len(results))
    small = ["\n".join(_small_print(result, "", locale, room)) for _, result in results]
    continuation = f"-# {translate(CONTINUED, locale)}"
    reserved = spare + sum(len(title) + len(_TITLE_MARKUP) for title in titles) + len(results) * len(continuation)
    pieces = _share_room(texts, MAX_CHARACTERS - reserved - sum(map(len, (*small, hint))))
    view = Layout()
    for number, (generation_id, result) in enumerate(results):
        end = continuation if _is_cut(texts[number], pieces[number]) else ""
        words = (f"{_TITLE_MARKUP}{titles[number]}", *pieces[number], end, small[number])
        items = [*build_texts([one for one in words if one]), *([_build_use_row(generation_id, locale)] * buttons)]
        colour = COLOURS[find_kind(result.kind).family]
        view.add_item(discord.ui.Container[discord.ui.LayoutView](*items, accent_colour=colour))
    for item in (*build_texts([f"-# {hint}"] if hint else []), *extra):
        view.add_item(item)
    if not any(map(_is_cut, texts, pieces)):
        return view, []
    wholes = [
        export_content("md", title, result.content, locale) for title, (_, result) in zip(titles, results, strict=True)
    ]
    whole = attachment(f"{translate(_VARIANTS_FILE, locale)}.md", b"\n\n".join(wholes))
    view.add_item(discord.ui.File(whole.uri))
    return view, [whole]


def _build_use_row(generation_id: str, locale: str) -> ActionRow:
    """Build the button that picks a variant."""
    row = ActionRow()
    label = translate("Use this", locale)
    row.add_item(discord.ui.Button(label=label, emoji="✅", custom_id=button_id("use", generation_id)))
    return row


def _share_room(texts: Sequence[str], room: int) -> list[list[str]]:
    """Return the pieces shown of each text: long texts get the room that short ones leave."""
    parts: dict[int, list[str]] = {}
    for remaining, at in zip(
        range(len(texts), 0, -1), sorted(range(len(texts)), key=lambda at: len(texts[at])), strict=True
    ):
        share = room // remaining
        whole = split(texts[at], MAX_PIECE_CHARACTERS)
        parts[at] = whole if sum(map(len, whole)) <= share else split(texts[at], min(share, MAX_PIECE_CHARACTERS))[:1]
        room -= sum(map(len, parts[at]))
    return [parts[at] for at in range(len(texts))]


def _is_cut(text: str, pieces: Sequence[str]) -> bool:
    """Return whether the pieces lack a part of the text."""
    return list(pieces) != split(text, MAX_PIECE_CHARACTERS)


def add_heading(view: discord.ui.LayoutView, words: str) -> discord.ui.LayoutView:
    """Add small print above a view, in its first text, as views allow few components."""
    first = next((item for item in view.walk_children() if isinstance(item, discord.ui.TextDisplay)), None)
    if words and first is not None:
        first.content = f"-# {words}\n{first.content}"
    return view


def _build_style_row(generation_id: str, locale: str) -> discord.ui.ActionRow[discord.ui.LayoutView]:
    menu: discord.ui.Select[discord.ui.LayoutView] = discord.ui.Select(
        custom_id=f"quilltune:{generation_id}", placeholder=translate("Make it…", locale)
    )
    for name, words in QUICK_INSTRUCTIONS.items():
        menu.add_option(label=translate(words, locale), value=name)
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    row.add_item(menu)
    return row


def _build_gallery_item(picture: discord.File) -> discord.MediaGalleryItem:
    return discord.MediaGalleryItem(picture.uri, description=picture.description)


def hidden_reply_view(generation_id: str, locale: str = "en") -> discord.ui.LayoutView:
    """Build the answer to a reply whose text Discord hides: how to send the instruction, with the button for it."""
    view = note_view(translate(_HIDDEN_REPLY, locale), locale=locale)
    view.add_item(_build_row([CONTROLS[0]], generation_id, locale))
    return view


def faults_line(result: Result, most: int = _MAX_FINDINGS_CHARACTERS, locale: str = "en") -> str:
    """Return the failed checks, in about `most` characters at most. Passed checks are not mentioned."""
    failing = [check for check in result.checks if not check.passed]
    lines = []
    for check in failing[:9]:
        words = localize(describe_check(check), locale)
        lines.append(
            f"✗ {words if len(words) <= _MAX_FINDING_CHARACTERS else words[: _MAX_FINDING_CHARACTERS - 1] + '…'}"
        )
    while sum(map(len, lines)) > most:
        lines.pop()
    if lines and len(lines) < len(failing):
        lines.append("…")
    return " · ".join(lines)


def _format_heading(title: str, profile: Profile, audience: str, locale: str) -> str:
    # The profile's readers are not those of every text; the audience typed for this one is shown publicly, in plain words only.
    readers = audience if _SAFE_WORDS.fullmatch(audience) else ""
    whose = plain(" · ".join(filter(None, (clean_name(profile.organisation), clean_name(readers)))))
    return f"-# {title}" + (f"{_SEPARATOR}{translate('for', locale)} {whose}" if whose else "")


def _build_row(row: Sequence[Button], generation_id: str, locale: str, *, signs: bool = True) -> ActionRow:
    buttons = ActionRow()
    for action, label, sign in row:
        buttons.add_item(
            discord.ui.Button(
                label=translate(label, locale),
                emoji=sign if signs else None,
                custom_id=button_id(action, generation_id),
            )
        )
    return buttons
