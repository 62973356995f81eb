"""The views people see: one layout, the same order everywhere."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import discord

from bot.checks.links import unmask_links
from bot.content import Content, Family, Kind, Result
from bot.engines.images import Way
from bot.exports import export
from bot.generation.findings import describe_check
from bot.generation.tastes import QUICK_INSTRUCTIONS
from bot.kinds import kind_named
from bot.locales import localize, translate
from personas.profile import Profile, clean_name

from .files import attachment, file_name
from .ledger import plain
from .split import split
from .takes import COPY_BUTTON, DOWNLOAD, PLAY, SCHEDULE, Button, is_played, is_posted, quick_buttons

# Discord takes 4,000 characters over all texts of a layout view; the rest is for headings and the small print.
ROOM = 3200
# All texts of a result's view together, with some to spare for marks and the note about the file.
MAX_CHARACTERS = 3850
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
# Room for what stands at the end, an item.
_EXTRA = 150
# A finding in the small print, and all of them; what is longer is told by its beginning.
_FINDING, _FINDINGS = 70, 600
# A text over more views than these goes into a file: of apps that are not in a server Discord takes 5 follow-ups.
_MAX_PAGES = 4
_GOES_ON = "Continued in the file below."
# https://github.com/discord/discord-api-docs/issues/5395
_UNSEEN = "Discord hides your reply to this result from me. Press Change… below, or mention me in the reply."
_VARIANTS_FILE = "Variants"
_WHOLE_FILE = "All"

# Anything that stands in a view, and a row of buttons or a menu.
Item = discord.ui.Item[discord.ui.LayoutView]
ActionRow = discord.ui.ActionRow[discord.ui.LayoutView]
# Takes back a request that waits.
CANCEL = "cancel"
# What a button does, its label and its emoji; the order is that on screen. See bot/commands/buttons.py for the doing.
# With their emoji, five of these would not have room on one line.
CONTROLS: tuple[Button, ...] = (("change", "Change…", "✏️"), ("again", "Another", "🔁"), DOWNLOAD)
SUBMIT: Button = ("submit", "Submit for review", "📨")
MORE: Button = ("more", "More…", "")
# What stands behind "More…", a row each.
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
# What can be done to a picture that was drawn, where its engine can.
PICTURE: dict[Way, tuple[str, str]] = {
    "vary": ("Variations", "🖼️"),
    "change": ("Change a part…", "🖌️"),
    "enlarge": ("Larger", "🔍"),
    "widen": ("Wider", "↔️"),
}
_PICTURE = "picture-"


class Layout(discord.ui.LayoutView):
    """A view whose buttons are found by their custom ids, so that discord.py has nothing to keep of it.

    A view without a timeout is else stored for as long as the process runs, each message's own.
    """

    def __init__(self) -> None:
        super().__init__(timeout=None)

    def hold(self, seconds: float) -> None:
        """Keeps it for so long after each use, as buttons that hold more than a custom id can need it."""
        self.timeout = seconds

    def is_finished(self) -> bool:
        """Whether there is nothing to be stored, or nothing any more."""
        return self.timeout is None or super().is_finished()

    def is_dispatchable(self) -> bool:
        """Whether something of it has to be stored."""
        return self.timeout is not None and super().is_dispatchable()


def button_id(action: str, generation_id: str) -> str:
    """The custom id of a result's button: all that is needed to act on it after a restart."""
    return f"quill:{action}:{generation_id}"


def picture_action(way: Way, number: int) -> str:
    """What a button does to the picture of a number, from 1; 0 where it has to ask to which of several."""
    return f"{_PICTURE}{way}-{number}"


def altering_in(action: str) -> tuple[Way, int] | None:
    """What a button does to which picture; None for other buttons."""
    way, _, number = action.removeprefix(_PICTURE).rpartition("-")
    known = next((one for one in PICTURE if one == way), None)
    return (known, int(number)) if known and action.startswith(_PICTURE) and re.fullmatch("[0-9]", number) else None


def picture_buttons(ways: Collection[Way], count: int) -> tuple[Button, ...]:
    """The row of what can be done to so many pictures of a result."""
    number = 1 if count == 1 else 0
    return tuple(
        (picture_action(way, number), label, sign) for way, (label, sign) in PICTURE.items() if way in ways and count
    )


def which_view(way: Way, count: int, generation_id: str, locale: str = "en") -> discord.ui.LayoutView:
    """Asks which of several pictures is meant, with a button for each."""
    view = note_view(translate("Which picture? Count from the first one.", locale))
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    for number in range(1, min(count, 5) + 1):
        row.add_item(
            discord.ui.Button(label=str(number), custom_id=button_id(picture_action(way, number), generation_id))
        )
    view.add_item(row)
    return view


def result_view(
    result: Result,
    profile: Profile,
    generation_id: str,
    *,
    audience: str = "",
    locale: str = "en",
    pictures: Sequence[discord.File] = (),
    hint: str = "",
    extra: Sequence[Item] = (),
    buttons: bool = True,
    spare: int = 0,
    in_server: bool = False,
) -> tuple[discord.ui.LayoutView, Sequence[discord.File]]:
    """The view of a finished result, and the file with its whole text that goes along where that went on beyond the view.

    `pictures` are sent along with it and seen below the text; `hint` is small print about what could be seen, `extra` stands
    at the end. Without `buttons` it is one that could not be kept, which they would not find. So many characters are kept
    `spare` for what is put above it (`headed`). `in_server` says that there is a team to submit it to.
    """
    kind = kind_named(result.kind)
    title = translate(kind.title, locale)
    heading = _heading(title, profile, audience, locale)
    small = _small_print(result, hint, locale)
    room = MAX_CHARACTERS - spare - sum(map(len, (heading, *small))) - _EXTRA * len(extra)
    pieces, beyond = _text(result, room)
    whole = _whole(result, title, locale) if beyond else None
    items = [
        *_texts([heading, *pieces]),
        *(_goes_on(whole, locale) if whole else []),
        *([discord.ui.MediaGallery(*map(_gallery_item, pictures))] if pictures else []),
        *_texts(small),
        *([_row(_controls(kind, in_server), generation_id, locale, signs=False)] if buttons else []),
        *extra,
    ]
    return _framed(items, COLOURS[kind.family]), [whole] if whole else []


def _small_print(result: Result, hint: str, locale: str, room: int = _FINDINGS) -> list[str]:
    """What stands below a text, two lines at most: what to check; and what is not as wanted, in `room` characters at most, with what
    its reader should know.
    """
    check = f"{translate('To check', locale)}: {plain(result.to_check)}" if result.to_check else ""
    note = f"⚠ {localize(result.note, locale)}" if result.note else ""
    known = " · ".join(filter(None, (note, faults_line(result, room, locale), hint)))
    return [f"-# {line}" for line in (check, known) if line]


def _text(result: Result, room: int) -> tuple[list[str], bool]:
    """The pieces of a text that there is room for, and whether it goes on beyond them.

    In one piece where it fits: a prompt in a code block is copied whole or not at all.
    """
    text = unmask_links(result.content.text).strip()
    if len(text) > room:
        return _first(split(text, PIECE), room), True
    return [text] if text else [], False


def _whole(result: Result, title: str, locale: str) -> discord.File:
    """The file with the whole of a text: a prompt is pasted, not read."""
    form = "txt" if kind_named(result.kind).family == "image" else "md"
    return attachment(f"{title}.{form}", export(form, title, result.content, locale))


def _goes_on(whole: discord.File, locale: str) -> list[Item]:
    """Says that a text goes on in a file, and shows that."""
    return [discord.ui.TextDisplay(f"-# {translate(_GOES_ON, locale)}"), discord.ui.File(whole.uri)]


def _controls(kind: Kind, in_server: bool) -> tuple[Button, ...]:
    """The five controls of a result: the fourth is what is most often done with such a text where it is."""
    if is_played(kind):
        return (*CONTROLS, PLAY, MORE)
    if is_posted(kind):
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
    """Whatever else can be done with a result, a row for each sort of thing: what is taken away, where it goes, other versions, its
    pictures, opinions.
    """
    shown = _controls(kind, in_server)
    files = (COPY_BUTTON, *quick_buttons(kind, content))
    places = (SCHEDULE, *((SUBMIT,) if in_server else ())) if is_posted(kind) else ()
    team = (KEEP,) if in_server else ()
    rows = [
        [one for one in files if one not in shown],
        [one for one in (*places, *team) if one not in shown],
        [PARAMETERS] if kind.family == "image" else REWRITES,
        altering,
        OPINIONS,
    ]
    view = note_view(translate("What else would you like to do with it?", locale))
    for row in filter(None, rows):
        view.add_item(_row(row, generation_id, locale))
    if kind.family in _TUNED:
        view.add_item(_tune_row(generation_id, locale))
    return view


def _texts(texts: Sequence[str]) -> list[Item]:
    return [discord.ui.TextDisplay(text) for text in texts]


def _framed(items: Sequence[Item], colour: int) -> Layout:
    """A view of one frame that holds the items, with a line of a colour beside them."""
    container = discord.ui.Container[discord.ui.LayoutView](accent_colour=colour)
    for item in items:
        container.add_item(item)
    view = Layout()
    view.add_item(container)
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
    """Several results for the same request by their ids, each with what to check and a button that picks it.

    A hint stands as small print below, and `extra` below that. Without `buttons` they could not be kept, or are picked in
    another way. Where one is shown in part, a file with all of them whole goes along. `spare` as in `result_view`.
    """
    view = Layout()
    goes_on = f"-# {translate(_GOES_ON, locale)}"
    headings = [
        f"### {translate(kind_named(result.kind).title, locale)} {number}"
        for number, (_, result) in enumerate(results, 1)
    ]
    room = _FINDINGS // max(1, len(results))
    small = ["\n".join(_small_print(result, "", locale, room)) for _, result in results]
    around = spare + sum(map(len, (*headings, *small, hint))) + len(results) * len(goes_on)
    texts = [result.content.text for _, result in results]
    parts = _shares(texts, MAX_CHARACTERS - around)
    for heading, pieces, below, whole, (generation_id, result) in zip(
        headings, parts, small, texts, results, strict=True
    ):
        container = discord.ui.Container[discord.ui.LayoutView](accent_colour=COLOURS[kind_named(result.kind).family])
        for words in (heading, *pieces, goes_on if _is_cut(whole, pieces) else "", below):
            if words:
                container.add_item(discord.ui.TextDisplay(words))
        if buttons:
            button: discord.ui.Button[discord.ui.LayoutView] = discord.ui.Button(
                label=translate("Use this", locale), emoji="✅", custom_id=button_id("use", generation_id)
            )
            container.add_item(discord.ui.ActionRow(button))
        view.add_item(container)
    if hint:
        view.add_item(discord.ui.TextDisplay(f"-# {hint}"))
    for item in extra:
        view.add_item(item)
    if not any(map(_is_cut, texts, parts)):
        return view, []
    wholes = [
        export("md", heading.removeprefix("### "), result.content, locale)
        for heading, (_, result) in zip(headings, results, strict=True)
    ]
    name = f"{translate(_VARIANTS_FILE, locale)}.md"
    view.add_item(discord.ui.File(f"attachment://{file_name(name)}"))
    return view, [attachment(name, b"\n\n".join(wholes))]


def _shares(texts: Sequence[str], room: int) -> list[list[str]]:
    """The pieces that are shown of each text: what short ones leave of the room is for the long ones."""
    shown: dict[int, list[str]] = {}
    for left, at in zip(
        range(len(texts), 0, -1), sorted(range(len(texts)), key=lambda at: len(texts[at])), strict=True
    ):
        share = room // left
        whole = _pieces(texts[at])
        shown[at] = whole if sum(map(len, whole)) <= share else split(texts[at], min(share, PIECE))[:1]
        room -= sum(map(len, shown[at]))
    return [shown[at] for at in range(len(texts))]


def _is_cut(text: str, pieces: Sequence[str]) -> bool:
    """Whether some of a text is not in the pieces that are shown of it."""
    return list(pieces) != _pieces(text)


def headed(view: discord.ui.LayoutView, words: str) -> discord.ui.LayoutView:
    """A view with words as small print above all that is in it: in its first text, as views have room for few parts."""
    first = next((item for item in view.walk_children() if isinstance(item, discord.ui.TextDisplay)), None)
    if words and first is not None:
        first.content = f"-# {words}\n{first.content}"
    return view


def _tune_row(generation_id: str, locale: str) -> discord.ui.ActionRow[discord.ui.LayoutView]:
    menu: discord.ui.Select[discord.ui.LayoutView] = discord.ui.Select(
        custom_id=f"quilltune:{generation_id}", placeholder=translate("Make it…", locale)
    )
    for name, words in QUICK_INSTRUCTIONS.items():
        menu.add_option(label=translate(words, locale), value=name)
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    row.add_item(menu)
    return row


def _gallery_item(picture: discord.File) -> discord.MediaGalleryItem:
    return discord.MediaGalleryItem(picture.uri, description=picture.description)


def draft_view(kind_name: str | None, text: str, locale: str = "en") -> discord.ui.LayoutView:
    """A draft while it grows: the same look without checks and buttons. Shows its end when it is long."""
    pieces = _pieces(text) or ["…"]
    shown = pieces if sum(map(len, pieces)) <= ROOM else ["…", *_first(pieces[::-1])[::-1]]
    kind = kind_named(kind_name) if kind_name else None
    heading = [f"-# {translate(kind.title, locale)}"] if kind else []
    return _framed(_texts([*heading, *shown]), COLOURS[kind.family if kind else "chat"])


def note_view(text: str, *, wrong: bool = False, locale: str = "en") -> Layout:
    """One or two sentences: a refusal, an error, a question or a word of thanks. Says so where it has no room for more."""
    pieces = _pieces(text)
    shown = _first(pieces)
    return _note(shown if shown == pieces else [*shown, f"-# {translate('The rest did not fit here.', locale)}"], wrong)


def note_views(
    text: str, *, wrong: bool = False, locale: str = "en"
) -> tuple[list[discord.ui.LayoutView], Sequence[discord.File]]:
    """All of a text, such as a list, over as many views as it needs.

    Where those would be too many, it is one view with the beginning and a file with all of it, which goes along.
    """
    pieces, pages = _pieces(text), list[list[str]]()
    while pieces:
        pages.append(_first(pieces))
        pieces = pieces[len(pages[-1]) :]
    if len(pages) <= _MAX_PAGES:
        return [_note(page, wrong) for page in pages], []
    view = _note([*pages[0], f"-# {translate(_GOES_ON, locale)}"], wrong)
    name = f"{translate(_WHOLE_FILE, locale)}.md"
    view.add_item(discord.ui.File(f"attachment://{file_name(name)}"))
    return [view], [attachment(name, text.encode("utf-8"))]


def _note(pieces: Sequence[str], wrong: bool) -> Layout:
    return _framed(_texts(pieces), _ERROR if wrong else COLOURS["chat"])


def unseen_view(generation_id: str, locale: str = "en") -> discord.ui.LayoutView:
    """What is said to a reply whose words Discord does not show: how the wish reaches the bot, with the button for it."""
    view = note_view(translate(_UNSEEN, locale), locale=locale)
    view.add_item(_row([CONTROLS[0]], generation_id, locale))
    return view


def asked_view(question: str, options: Sequence[str], request_id: str, locale: str = "en") -> discord.ui.LayoutView:
    """A writer's question, with a button for each likely answer and one for any other."""
    view = note_view(unmask_links(question), locale=locale)
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    for number, option in enumerate(options[:4]):
        row.add_item(discord.ui.Button(label=option[:80], custom_id=button_id(f"answer-{number}", request_id)))
    other = translate("Another answer…" if options else "Answer…", locale)
    row.add_item(discord.ui.Button(label=other, emoji="✏️", custom_id=button_id("answer", request_id)))
    view.add_item(row)
    return view


def line_view(text: str, job_id: str, locale: str = "en") -> discord.ui.LayoutView:
    """A request's place in line, with a button that takes it back."""
    view = note_view(text, locale=locale)
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    row.add_item(discord.ui.Button(label=translate("Cancel", locale), custom_id=button_id(CANCEL, job_id)))
    view.add_item(row)
    return view


def retry_row(job_id: str, locale: str = "en") -> ActionRow:
    """A button that asks again for what nothing came of."""
    row = ActionRow()
    row.add_item(discord.ui.Button(label=translate("Retry", locale), emoji="🔁", custom_id=button_id("retry", job_id)))
    return row


def question_view(text: str, kinds: list[str], job_id: str, locale: str = "en") -> discord.ui.LayoutView:
    """A question which kind is meant, with a button for each that is likely."""
    view = note_view(text)
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    for name in kinds[:5]:
        label = translate(kind_named(name).title, locale)
        row.add_item(discord.ui.Button(label=label, custom_id=f"quill:kind-{name}:{job_id}"))
    view.add_item(row)
    return view


def faults_line(result: Result, most: int = _FINDINGS, locale: str = "en") -> str:
    """What was measured and is not as wanted, of about so many characters at most. What is fine needs no word."""
    failing = [check for check in result.checks if not check.passed]
    shown = []
    for check in failing[:9]:
        words = localize(describe_check(check), locale)
        shown.append(f"✗ {words if len(words) <= _FINDING else words[: _FINDING - 1] + '…'}")
    while sum(map(len, shown)) > most:
        shown.pop()
    if shown and len(shown) < len(failing):
        shown.append("…")
    return " · ".join(shown)


def _heading(title: str, profile: Profile, audience: str, locale: str) -> str:
    readers = audience or profile.audience
    # What somebody typed for this one request is shown to all, so only words are.
    readers = readers if _WORDS.fullmatch(readers) else ""
    whose = plain(" · ".join(filter(None, (clean_name(profile.organisation), clean_name(readers)))))
    return f"-# {title}" + (f" · {translate('for', locale)} {whose}" if whose else "")


def _row(row: Sequence[Button], generation_id: str, locale: str, *, signs: bool = True) -> ActionRow:
    made = ActionRow()
    for action, label, sign in row:
        made.add_item(
            discord.ui.Button(
                label=translate(label, locale),
                emoji=sign if signs else None,
                custom_id=button_id(action, generation_id),
            )
        )
    return made


def _pieces(text: str) -> list[str]:
    """The pieces that a text is shown in, every link of it in full view."""
    return split(unmask_links(text), PIECE)


def _first(pieces: list[str], most: int = ROOM) -> list[str]:
    """As many whole pieces as a view has room for, at least one. Whoever shows them says where that is not all."""
    kept, room = pieces[:1], most - len(pieces[0]) if pieces else most
    for piece in pieces[1:]:
        room -= len(piece)
        if room < 0:
            break
        kept.append(piece)
    return kept
