"""An entry of a library on the screen, with what can be done with it, and its versions."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator, Mapping, Sequence
from typing import Any

import discord

from bot.client import Interaction, build_member, whisper
from bot.content import Content
from bot.errors import RefusedError
from bot.generation.diff import diff_texts
from bot.kinds import load_kinds
from bot.locales import translate
from bot.locales import translate_error as in_words
from bot.replies.downloads import build_copy_messages, join_copy_texts
from bot.replies.ledger import day, format_changes, plain
from bot.replies.views import COLOURS, ActionRow, Layout, note_view
from bot.requests.intake import harmless
from bot.team.library.library import Library, Viewer, can_edit
from bot.team.library.templates import Blank, fill
from bot.team.review.service import ConflictError, ReviewView
from bot.team.titles import title_of
from storage.assets import ARCHIVED
from storage.entries import LibraryEntry, Place
from storage.errors import PausedError
from storage.generations import Generation
from storage.owners import workspace

from ._components import Form, Found
from ._review import STATUS_NAMES, Button, review_rows, reviewing_of, state_lines

_SILENT = discord.AllowedMentions.none()
# Whose an entry is, in a custom id: of whoever presses, or of the server where it is pressed.
_OWN, _TEAM = "r", "a"
_EXCERPT, _MAX_NAMES = 110, 25
NOT_YOURS = "This list belongs to somebody else. Use /library to see yours."
_SORTS = {"price": "Price", "date": "Date", "name": "Name", "figure": "Figure"}
# Versions on a page, and characters of what became other in each.
_VERSIONS, _MAX_CHANGED = 4, 700


async def viewer_of(interaction: Interaction) -> Viewer:
    """Who acts, and where."""
    return await library_of(interaction).load_viewer(str(interaction.guild_id or ""), build_member(interaction.user))


def library_of(interaction: Interaction) -> Library:
    """The library that a client has."""
    return interaction.client.app.library


def kind_title(name: str, locale: str) -> str:
    """What a kind is called; its name where there is none of it any more."""
    kind = load_kinds().get(name)
    return translate(kind.title, locale) if kind else name


def small_print(entry: LibraryEntry, locale: str) -> str:
    """What an entry is, whose, and how it stands."""
    whose = translate("the team's" if entry.shared else "yours", locale)
    author = f"<@{entry.author}>" if entry.shared and entry.author else ""
    status = translate(STATUS_NAMES[entry.status], locale) if entry.shared or entry.status == ARCHIVED else ""
    told = ("★" if entry.star else "", kind_title(entry.kind, locale), whose, author, status, plain(entry.collection),
            day(entry.created_at))  # fmt: skip
    return " · ".join(filter(None, told))


def action_id(action: str, entry: LibraryEntry) -> str:
    """The custom id of a button of an entry."""
    return f"quilllib:{action}:{_TEAM if entry.shared else _OWN}:{entry.id}"


def asset_id_button(asset_id: str) -> str:
    """The custom id of a button that opens a text of the team's."""
    return f"quilllib:open:{_TEAM}:{asset_id}"


async def entry_shown(interaction: Interaction, entry: LibraryEntry, said: str = "") -> discord.ui.LayoutView:
    """An entry with what whoever acts can do with it, of the team's with its review; `said` stands above it."""
    viewer, seen = await viewer_of(interaction), None
    if entry.shared:
        seen = await reviewing_of(interaction).load_view(viewer.guild_id, viewer.member, entry.id)
    return _entry_view(entry, viewer, seen, interaction.locale.value, said)


def _entry_view(
    entry: LibraryEntry, viewer: Viewer, seen: ReviewView | None, locale: str, said: str
) -> discord.ui.LayoutView:
    title = entry.title or title_of(entry.text, entry.parts)
    stands = [f"-# {line}" for line in state_lines(seen, locale)] if seen else []
    head = "\n".join(filter(None, [said, f"### {plain(title)}", f"-# {small_print(entry, locale)}", *stands]))
    view = note_view(f"{head}\n\n{entry.text}", locale=locale)
    first = ActionRow(
        _button("copy", translate("Copy", locale), "📋", entry),
        _button("template", translate("Use as a template…", locale), "🧩", entry),
    )
    if not entry.shared:
        history: Button = discord.ui.Button(
            label=translate("History", locale), emoji="🕘", custom_id=f"quill:history:{entry.id}"
        )
        first.add_item(history)
    view.add_item(first)
    if can_edit(viewer, entry):
        view.add_item(ActionRow(*_changing(entry, viewer, locale)))
    for row in review_rows(seen, locale) if seen else ():
        view.add_item(row)
    return view


def _changing(entry: LibraryEntry, viewer: Viewer, locale: str) -> Iterator[Button]:
    """What changes an entry, or gives it to the team."""
    if entry.star:
        yield _button("unstar", translate("Remove star", locale), "⭐", entry)
    else:
        yield _button("star", translate("Add star", locale), "⭐", entry)
    yield _button("collect", translate("Collection…", locale), "📁", entry)
    if entry.status == ARCHIVED:
        yield _button("restore", translate("Restore", locale), "📤", entry)
    else:
        yield _button("archive", translate("Archive", locale), "🗄️", entry)
    if not entry.shared and viewer.guild_id:
        yield _button("keep", translate("Save to the team's library", locale), "📚", entry)


def _button(action: str, label: str, sign: str, entry: LibraryEntry) -> Button:
    return discord.ui.Button(label=label, emoji=sign, custom_id=action_id(action, entry))


class EntryButton(
    Found[discord.ui.Button[Any]],
    template=r"quilllib:(?P<action>[a-z]{1,12}):(?P<whose>[ra]):(?P<entry_id>[\w-]{1,40})",
):
    """A button of an entry: the entry of that id of whoever presses, or of the server where it is pressed."""

    def __init__(self, action: str, whose: str, entry_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quilllib:{action}:{whose}:{entry_id}"))
        self._action, self._whose, self._entry_id = action, whose, entry_id

    async def act(self, interaction: Interaction) -> None:
        """Does what the button says."""
        viewer, locale, library = await viewer_of(interaction), interaction.locale.value, library_of(interaction)
        place = (workspace(viewer.guild_id) if self._whose == _TEAM else viewer.user_id, self._entry_id)
        match self._action:
            case "open":
                await whisper(interaction, await entry_shown(interaction, await library.load_entry(viewer, place)))
            case "copy":
                await _copy(interaction, await library.load_entry(viewer, place))
            case "template":
                entry = await library.load_entry(viewer, place)
                await interaction.response.send_modal(TemplateModal(entry, await library.find_blanks(entry), locale))
            case "keep":
                await keep(interaction, self._entry_id)
            case "collect":
                entry = await library.load_editable(viewer, place)
                names = [one.name for one in await library.list_collections(viewer) if one.owner_id == entry.owner_id]
                await interaction.response.send_modal(CollectModal(entry, names, locale))
            case "star" | "unstar":
                await changed(interaction, place, library.star(viewer, place, starred=self._action == "star"))
            case "archive" | "restore":
                await changed(interaction, place, library.archive(viewer, place, away=self._action == "archive"))
            case _:
                raise RefusedError("That button no longer works.")


async def changed(interaction: Interaction, place: Place, act: Awaitable[LibraryEntry]) -> None:
    """Changes an entry and shows it in place of what is shown; where somebody was quicker, says so and shows what it is now."""
    viewer, locale = await viewer_of(interaction), interaction.locale.value
    try:
        entry, said = await act, ""
    except ConflictError as error:
        entry, said = await library_of(interaction).load_entry(viewer, place), in_words(error, locale)
    view = await entry_shown(interaction, entry, f"⚠ {said}" if said else "")
    await interaction.response.edit_message(view=view, allowed_mentions=_SILENT)


async def keep(interaction: Interaction, generation_id: str) -> None:
    """Gives a result of whoever acts to the library of the server, and shows it there.

    Raises:
        RefusedError: it is not kept, or another's, or this is no server.
    """
    viewer, locale = await viewer_of(interaction), interaction.locale.value
    results = interaction.client.app.results
    generation = await results.get(generation_id, viewer.user_id, str(interaction.channel_id or ""))
    entry, fresh = await library_of(interaction).add_result(generation, viewer)
    said = (
        "It is now in the team's library, where members can see it."
        if fresh
        else "It is already in the team's library."
    )
    await whisper(interaction, await entry_shown(interaction, entry, translate(said, locale)))


async def _copy(interaction: Interaction, entry: LibraryEntry) -> None:
    """The text to whoever acts alone, as it is to be pasted."""
    kind, content = load_kinds().get(entry.kind), Content(entry.text, entry.parts)
    messages = build_copy_messages(kind, content) if kind else []
    if not messages:
        text = join_copy_texts(kind, content, interaction.locale.value) if kind else entry.text
        await whisper(interaction, text)
        return
    first, *others = messages
    await interaction.response.send_message(first, ephemeral=True, suppress_embeds=True)
    for message in others:
        await interaction.followup.send(message, ephemeral=True, suppress_embeds=True)


class CollectModal(Form):
    """Asks which collection an entry goes into."""

    def __init__(self, entry: LibraryEntry, names: Sequence[str], locale: str) -> None:
        super().__init__(title=translate("Which collection?", locale))
        self._entry = entry
        self.known: discord.ui.Select[CollectModal] | None = None
        if names:
            self.known = discord.ui.Select(required=False)
            for name in names[:_MAX_NAMES]:
                self.known.add_option(label=name, value=name, default=name == entry.collection)
            self.add_item(discord.ui.Label(text=translate("An existing one", locale), component=self.known))
        self.name: discord.ui.TextInput[CollectModal] = discord.ui.TextInput(required=False, max_length=60)
        new = "Or a new one (leave both empty for none)" if names else "A new one (leave it empty for none)"
        self.add_item(discord.ui.Label(text=translate(new, locale), component=self.name))

    async def act(self, interaction: Interaction) -> None:
        """Puts it there."""
        chosen = next(iter(self.known.values), "") if self.known else ""
        name = harmless(self.name.value) or chosen
        place, viewer = (self._entry.owner_id, self._entry.id), await viewer_of(interaction)
        library = library_of(interaction)
        await changed(interaction, place, library.set_collection(viewer, place, name, self._entry.collection_id))


class TemplateModal(Form):
    """Asks what stands in a text's blanks this time."""

    def __init__(self, entry: LibraryEntry, found: Sequence[Blank], locale: str) -> None:
        super().__init__(title=translate("Fill in", locale))
        self._entry, self._blanks = entry, tuple(found)
        self.inputs: list[discord.ui.TextInput[TemplateModal]] = []
        for blank in self._blanks:
            field: discord.ui.TextInput[TemplateModal] = discord.ui.TextInput(
                required=False, max_length=200, default=blank.value
            )
            self.inputs.append(field)
            label = translate(_SORTS[blank.sort], locale)
            self.add_item(discord.ui.Label(text=label, description=blank.around[:100], component=field))

    async def act(self, interaction: Interaction) -> None:
        """Makes a result of the person's own of it; of somebody who has paused one that is only shown."""
        values = {blank.value: harmless(field.value) for blank, field in zip(self._blanks, self.inputs, strict=True)}
        viewer, locale = await viewer_of(interaction), interaction.locale.value
        try:
            made = await library_of(interaction).use_template(viewer, self._entry, values, str(interaction.id))
        except PausedError:
            await whisper(interaction, fill(self._entry.text, values))
            return
        said = translate("Filled in and saved as one of your results.", locale)
        await whisper(interaction, await entry_shown(interaction, made, said))


async def show_versions(interaction: Interaction, generation_id: str, number: int = 0, *, again: bool = False) -> None:
    """A page of the versions of a result of whoever acts, the newest first, each with what became other; `again` in place of one.

    Raises:
        RefusedError: it is another's, or not kept.
    """
    locale, user_id = interaction.locale.value, str(interaction.user.id)
    versions = await interaction.client.app.results.list_versions(generation_id, user_id)
    view = _versions_view(versions, generation_id, number, user_id, locale)
    if again:
        await interaction.response.edit_message(view=view, allowed_mentions=_SILENT)
    else:
        await whisper(interaction, view)


def _versions_view(
    versions: Sequence[Generation], generation_id: str, number: int, user_id: str, locale: str
) -> discord.ui.LayoutView:
    known = {one.id: one for one in versions}
    order = {one.id: at for at, one in enumerate(versions, 1)}
    newest = list(reversed(versions))
    box = discord.ui.Container[discord.ui.LayoutView](accent_colour=COLOURS["chat"])
    heading = translate("Versions: {count}", locale).format(count=len(versions))
    box.add_item(discord.ui.TextDisplay(f"### {heading}"))
    for one in newest[number * _VERSIONS : (number + 1) * _VERSIONS]:
        words = _version_in_words(one, known, order, generation_id, locale)
        button: Button = discord.ui.Button(label=translate("Open", locale), custom_id=f"quilllib:open:{_OWN}:{one.id}")
        box.add_item(discord.ui.Section(discord.ui.TextDisplay(words), accessory=button))
    view = Layout()
    view.add_item(box)
    if len(newest) > _VERSIONS:
        row, last = ActionRow(), (len(newest) - 1) // _VERSIONS
        for sign, to, off in (("◀", number - 1, not number), ("▶", number + 1, number >= last)):
            custom_id = (
                f"quillversions:{user_id}:{min(last, max(0, to))}:{'back' if sign == '◀' else 'on'}:{generation_id}"
            )
            row.add_item(discord.ui.Button(label=sign, custom_id=custom_id, disabled=off))
        view.add_item(row)
    return view


def _version_in_words(
    one: Generation, known: Mapping[str, Generation], order: Mapping[str, int], generation_id: str, locale: str
) -> str:
    """A version: its number, what it came of, and what became other since then, or how it begins."""
    before = known.get(one.parent_id or "")
    told = [f"**{order[one.id]}**", kind_title(one.kind, locale), day(one.created_at)]
    if before:
        told.append(translate("from version {number}", locale).format(number=order[before.id]))
    if one.id == generation_id:
        told.append(translate("this one", locale))
    if before is None:
        words = plain(one.text[:_EXCERPT]) + ("…" if len(one.text) > _EXCERPT else "")
    else:
        words = format_changes(diff_texts(before.text, one.text)) or translate("Nothing changed.", locale)
    return f"{' · '.join(told)}\n{words if len(words) <= _MAX_CHANGED else words[:_MAX_CHANGED].rstrip('*~ ') + '…'}"


class VersionsButton(
    Found[discord.ui.Button[Any]],
    template=r"quillversions:(?P<user_id>\d{1,20}):(?P<number>\d{1,3}):(?P<way>back|on):(?P<generation_id>[\w-]{1,40})",
):
    """Turns to a page of a result's versions."""

    def __init__(self, user_id: str, number: str, way: str, generation_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillversions:{user_id}:{number}:{way}:{generation_id}"))
        self._user_id, self._number, self._generation_id = user_id, int(number), generation_id

    async def act(self, interaction: Interaction) -> None:
        """Shows the page in place of the one that is there."""
        if self._user_id != str(interaction.user.id):
            raise RefusedError(NOT_YOURS)
        await show_versions(interaction, self._generation_id, self._number, again=True)
