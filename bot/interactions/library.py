"""Views, buttons and forms of library entries, and the versions of results."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator, Mapping, Sequence
from typing import Any

import discord

from bot.client import Interaction, build_member, whisper
from bot.content import Content
from bot.errors import RefusedError
from bot.generation.diff import diff_texts
from bot.interactions.components import Form, PersistentItem
from bot.interactions.review import STATUS_NAMES, Button, build_review_rows, format_state_lines, get_reviews
from bot.kinds import load_kinds
from bot.locales import translate
from bot.locales import translate_error as in_words
from bot.reading.titles import find_title
from bot.replies.downloads import build_copy_messages, join_copy_texts
from bot.replies.ledger import day, plain
from bot.replies.reasons import format_changes
from bot.replies.views import COLOURS, ActionRow, Layout, note_view
from bot.requests.intake import clean_text
from bot.team.library.library import Library, Viewer, can_edit
from bot.team.library.templates import Blank, fill
from bot.team.review.service import ConflictError
from bot.team.review.views import ReviewView
from storage.assets import ARCHIVED
from storage.entries import EntryPlace, LibraryEntry
from storage.errors import PausedError
from storage.generations import Generation
from storage.owners import workspace

_SILENT = discord.AllowedMentions.none()
# The owner of an entry in custom ids: the user, or the server.
_OWN, _TEAM = "r", "a"
_MAX_EXCERPT_LENGTH, _MAX_NAMES = 110, 25
NOT_YOURS = "This list belongs to somebody else. Use /library to see yours."
_BLANK_LABELS = {"price": "Price", "date": "Date", "name": "Name", "figure": "Figure"}
# Versions per page, and maximum characters of the changes of each.
_VERSIONS_PER_PAGE, _MAX_CHANGES_LENGTH = 4, 700


async def load_viewer(interaction: Interaction) -> Viewer:
    """Return the viewer: the user of an interaction, with the server and the roles there."""
    return await get_library(interaction).load_viewer(str(interaction.guild_id or ""), build_member(interaction.user))


def get_library(interaction: Interaction) -> Library:
    """Return the library service."""
    return interaction.client.app.library


def get_kind_title(name: str, locale: str) -> str:
    """Return the title of a kind; its name if the kind no longer exists."""
    kind = load_kinds().get(name)
    return translate(kind.title, locale) if kind else name


def format_small_print(entry: LibraryEntry, locale: str) -> str:
    """Format the details of an entry: star, kind, owner, author, status, collection and day."""
    owner = translate("the team's" if entry.is_workspace_owned else "yours", locale)
    author = f"<@{entry.author}>" if entry.is_workspace_owned and entry.author else ""
    status = (
        translate(STATUS_NAMES[entry.status], locale) if entry.is_workspace_owned or entry.status == ARCHIVED else ""
    )
    details = (
        "★" if entry.star else "",
        get_kind_title(entry.kind, locale),
        owner,
        author,
        status,
        plain(entry.collection),
        day(entry.created_at),
    )
    return " · ".join(filter(None, details))


def build_action_id(action: str, entry: LibraryEntry) -> str:
    """Return the custom id of an entry's button."""
    return f"quilllib:{action}:{_TEAM if entry.is_workspace_owned else _OWN}:{entry.id}"


def build_asset_button_id(asset_id: str) -> str:
    """Return the custom id of a button that opens a text of the team."""
    return f"quilllib:open:{_TEAM}:{asset_id}"


async def build_entry_view(interaction: Interaction, entry: LibraryEntry, message: str = "") -> discord.ui.LayoutView:
    """Build the view of an entry, with its review if the server owns it, and with `message` above it."""
    viewer, review_view = await load_viewer(interaction), None
    if entry.is_workspace_owned:
        review_view = await get_reviews(interaction).load_view(viewer.guild_id, viewer.member, entry.id)
    return _render_entry(entry, viewer, review_view, interaction.locale.value, message)


def _render_entry(
    entry: LibraryEntry, viewer: Viewer, review_view: ReviewView | None, locale: str, message: str
) -> discord.ui.LayoutView:
    title = entry.title or find_title(entry.text, entry.parts)
    status = [f"-# {line}" for line in format_state_lines(review_view, locale)] if review_view else []
    header = "\n".join(
        filter(None, [message, f"### {plain(title)}", f"-# {format_small_print(entry, locale)}", *status])
    )
    view = note_view(f"{header}\n\n{entry.text}", locale=locale)
    first_row = ActionRow(
        _build_button("copy", translate("Copy", locale), "📋", entry),
        _build_button("template", translate("Use as a template…", locale), "🧩", entry),
    )
    if not entry.is_workspace_owned:
        history: Button = discord.ui.Button(
            label=translate("History", locale), emoji="🕘", custom_id=f"quill:history:{entry.id}"
        )
        first_row.add_item(history)
    view.add_item(first_row)
    if can_edit(viewer, entry):
        view.add_item(ActionRow(*_list_change_buttons(entry, viewer, locale)))
    for row in build_review_rows(review_view, locale) if review_view else ():
        view.add_item(row)
    return view


def _list_change_buttons(entry: LibraryEntry, viewer: Viewer, locale: str) -> Iterator[Button]:
    """Yield the buttons that change an entry or save it to the team's library."""
    if entry.star:
        yield _build_button("unstar", translate("Remove star", locale), "⭐", entry)
    else:
        yield _build_button("star", translate("Add star", locale), "⭐", entry)
    yield _build_button("collect", translate("Collection…", locale), "📁", entry)
    if entry.status == ARCHIVED:
        yield _build_button("restore", translate("Restore", locale), "📤", entry)
    else:
        yield _build_button("archive", translate("Archive", locale), "🗄️", entry)
    if not entry.is_workspace_owned and viewer.guild_id:
        yield _build_button("keep", translate("Save to the team's library", locale), "📚", entry)


def _build_button(action: str, label: str, emoji: str, entry: LibraryEntry) -> Button:
    return discord.ui.Button(label=label, emoji=emoji, custom_id=build_action_id(action, entry))


class EntryButton(
    PersistentItem[discord.ui.Button[Any]],
    template=r"quilllib:(?P<action>[a-z]{1,12}):(?P<whose>[ra]):(?P<entry_id>[\w-]{1,40})",
):
    """A button of an entry; its custom id has the owner and the id of the entry."""

    def __init__(self, action: str, whose: str, entry_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quilllib:{action}:{whose}:{entry_id}"))
        self._action, self._whose, self._entry_id = action, whose, entry_id

    async def act(self, interaction: Interaction) -> None:
        """Run the button's action."""
        viewer, locale, library = await load_viewer(interaction), interaction.locale.value, get_library(interaction)
        place = (workspace(viewer.guild_id) if self._whose == _TEAM else viewer.user_id, self._entry_id)
        match self._action:
            case "open":
                await whisper(interaction, await build_entry_view(interaction, await library.load_entry(viewer, place)))
            case "copy":
                await _send_copy(interaction, await library.load_entry(viewer, place))
            case "template":
                entry = await library.load_entry(viewer, place)
                await interaction.response.send_modal(TemplateModal(entry, await library.find_blanks(entry), locale))
            case "keep":
                await give_to_library(interaction, self._entry_id)
            case "collect":
                entry = await library.load_editable(viewer, place)
                names = [
                    collection.name
                    for collection in await library.list_collections(viewer)
                    if collection.owner_id == entry.owner_id
                ]
                await interaction.response.send_modal(CollectModal(entry, names, locale))
            case "star" | "unstar":
                await apply_change(interaction, place, library.star(viewer, place, starred=self._action == "star"))
            case "archive" | "restore":
                await apply_change(
                    interaction, place, library.archive(viewer, place, archived=self._action == "archive")
                )
            case _:
                raise RefusedError("That button no longer works.")


async def apply_change(interaction: Interaction, place: EntryPlace, change: Awaitable[LibraryEntry]) -> None:
    """Await a change of an entry and update its message; on a conflict, report it and show the current entry."""
    viewer, locale = await load_viewer(interaction), interaction.locale.value
    try:
        entry, message = await change, ""
    except ConflictError as error:
        entry, message = await get_library(interaction).load_entry(viewer, place), in_words(error, locale)
    view = await build_entry_view(interaction, entry, f"⚠ {message}" if message else "")
    await interaction.response.edit_message(view=view, allowed_mentions=_SILENT)


async def give_to_library(interaction: Interaction, generation_id: str) -> None:
    """Add a result of the user to the server's library, and show the new entry.

    Raises:
        RefusedError: the result is another user's or not stored, or the interaction is not in a server.
    """
    viewer, locale = await load_viewer(interaction), interaction.locale.value
    results = interaction.client.app.results
    generation = await results.get(generation_id, viewer.user_id, str(interaction.channel_id or ""))
    entry, is_new = await get_library(interaction).add_result(generation, viewer)
    message = (
        "It is now in the team's library, where members can see it."
        if is_new
        else "It is already in the team's library."
    )
    await whisper(interaction, await build_entry_view(interaction, entry, translate(message, locale)))


async def _send_copy(interaction: Interaction, entry: LibraryEntry) -> None:
    """Send the text of an entry in ephemeral messages, ready to paste."""
    kind, content = load_kinds().get(entry.kind), Content(entry.text, entry.parts)
    messages = build_copy_messages(kind, content) if kind else []
    if not messages:
        text = join_copy_texts(kind, content, interaction.locale.value) if kind else entry.text
        await whisper(interaction, text)
        return
    first_message, *others = messages
    await interaction.response.send_message(first_message, ephemeral=True, suppress_embeds=True)
    for message in others:
        await interaction.followup.send(message, ephemeral=True, suppress_embeds=True)


class CollectModal(Form):
    """Ask for the collection of an entry."""

    def __init__(self, entry: LibraryEntry, names: Sequence[str], locale: str) -> None:
        super().__init__(title=translate("Which collection?", locale))
        self._entry = entry
        self.existing: discord.ui.Select[CollectModal] | None = None
        if names:
            self.existing = discord.ui.Select(required=False)
            for name in names[:_MAX_NAMES]:
                self.existing.add_option(label=name, value=name, default=name == entry.collection)
            self.add_item(discord.ui.Label(text=translate("An existing one", locale), component=self.existing))
        self.name: discord.ui.TextInput[CollectModal] = discord.ui.TextInput(required=False, max_length=60)
        label = "Or a new one (leave both empty for none)" if names else "A new one (leave it empty for none)"
        self.add_item(discord.ui.Label(text=translate(label, locale), component=self.name))

    async def act(self, interaction: Interaction) -> None:
        """Move the entry to the collection."""
        existing_name = next(iter(self.existing.values), "") if self.existing else ""
        name = clean_text(self.name.value) or existing_name
        place, viewer = (self._entry.owner_id, self._entry.id), await load_viewer(interaction)
        library = get_library(interaction)
        await apply_change(interaction, place, library.set_collection(viewer, place, name, self._entry.collection_id))


class TemplateModal(Form):
    """Ask for the values of the blanks in a text."""

    def __init__(self, entry: LibraryEntry, blanks: Sequence[Blank], locale: str) -> None:
        super().__init__(title=translate("Fill in", locale))
        self._entry, self._blanks = entry, tuple(blanks)
        self.inputs: list[discord.ui.TextInput[TemplateModal]] = []
        for blank in self._blanks:
            field: discord.ui.TextInput[TemplateModal] = discord.ui.TextInput(
                required=False, max_length=200, default=blank.value
            )
            self.inputs.append(field)
            label = translate(_BLANK_LABELS[blank.type], locale)
            self.add_item(discord.ui.Label(text=label, description=blank.context[:100], component=field))

    async def act(self, interaction: Interaction) -> None:
        """Fill the blanks and store the text as a result of the user; if they paused storage, only show it."""
        values = {blank.value: clean_text(field.value) for blank, field in zip(self._blanks, self.inputs, strict=True)}
        viewer, locale = await load_viewer(interaction), interaction.locale.value
        try:
            new_entry = await get_library(interaction).use_template(viewer, self._entry, values, str(interaction.id))
        except PausedError:
            await whisper(interaction, fill(self._entry.text, values))
            return
        message = translate("Filled in and saved as one of your results.", locale)
        await whisper(interaction, await build_entry_view(interaction, new_entry, message))


async def show_versions(
    interaction: Interaction, generation_id: str, number: int = 0, *, replace: bool = False
) -> None:
    """Show a page of the versions of a result of the user, newest first, with their differences. `replace` shows it in place
    of the current page.

    Raises:
        RefusedError: the result is another user's, or not stored.
    """
    locale, user_id = interaction.locale.value, str(interaction.user.id)
    versions = await interaction.client.app.results.list_versions(generation_id, user_id)
    view = _build_versions_view(versions, generation_id, number, user_id, locale)
    if replace:
        await interaction.response.edit_message(view=view, allowed_mentions=_SILENT)
    else:
        await whisper(interaction, view)


def _build_versions_view(
    versions: Sequence[Generation], generation_id: str, number: int, user_id: str, locale: str
) -> discord.ui.LayoutView:
    versions_by_id = {version.id: version for version in versions}
    numbers = {version.id: index for index, version in enumerate(versions, 1)}
    newest = list(reversed(versions))
    box = discord.ui.Container[discord.ui.LayoutView](accent_colour=COLOURS["chat"])
    heading = translate("Versions: {count}", locale).format(count=len(versions))
    box.add_item(discord.ui.TextDisplay(f"### {heading}"))
    for version in newest[number * _VERSIONS_PER_PAGE : (number + 1) * _VERSIONS_PER_PAGE]:
        text = _format_version(version, versions_by_id, numbers, generation_id, locale)
        button: Button = discord.ui.Button(
            label=translate("Open", locale), custom_id=f"quilllib:open:{_OWN}:{version.id}"
        )
        box.add_item(discord.ui.Section(discord.ui.TextDisplay(text), accessory=button))
    view = Layout()
    view.add_item(box)
    if len(newest) > _VERSIONS_PER_PAGE:
        row, last_page = ActionRow(), (len(newest) - 1) // _VERSIONS_PER_PAGE
        for arrow, page, is_disabled in (("◀", number - 1, not number), ("▶", number + 1, number >= last_page)):
            custom_id = f"quillversions:{user_id}:{min(last_page, max(0, page))}:{'back' if arrow == '◀' else 'on'}:{generation_id}"
            row.add_item(discord.ui.Button(label=arrow, custom_id=custom_id, disabled=is_disabled))
        view.add_item(row)
    return view


def _format_version(
    version: Generation,
    versions_by_id: Mapping[str, Generation],
    numbers: Mapping[str, int],
    generation_id: str,
    locale: str,
) -> str:
    """Format a version: its number, its origin, and its changes; for the first version, an excerpt."""
    previous = versions_by_id.get(version.parent_id or "")
    details = [f"**{numbers[version.id]}**", get_kind_title(version.kind, locale), day(version.created_at)]
    if previous:
        details.append(translate("from version {number}", locale).format(number=numbers[previous.id]))
    if version.id == generation_id:
        details.append(translate("this one", locale))
    if previous is None:
        text = plain(version.text[:_MAX_EXCERPT_LENGTH]) + ("…" if len(version.text) > _MAX_EXCERPT_LENGTH else "")
    else:
        text = format_changes(diff_texts(previous.text, version.text)) or translate("Nothing changed.", locale)
    return f"{' · '.join(details)}\n{text if len(text) <= _MAX_CHANGES_LENGTH else text[:_MAX_CHANGES_LENGTH].rstrip('*~ ') + '…'}"


class VersionsButton(
    PersistentItem[discord.ui.Button[Any]],
    template=r"quillversions:(?P<user_id>\d{1,20}):(?P<number>\d{1,3}):(?P<way>back|on):(?P<generation_id>[\w-]{1,40})",
):
    """A button that turns the page of a result's versions."""

    def __init__(self, user_id: str, number: str, way: str, generation_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillversions:{user_id}:{number}:{way}:{generation_id}"))
        self._user_id, self._number, self._generation_id = user_id, int(number), generation_id

    async def act(self, interaction: Interaction) -> None:
        """Show the other page in place of the current one."""
        if self._user_id != str(interaction.user.id):
            raise RefusedError(NOT_YOURS)
        await show_versions(interaction, self._generation_id, self._number, replace=True)
