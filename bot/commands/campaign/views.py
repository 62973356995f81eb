"""Views of campaigns: the board as text, picture and table, and the list of campaigns."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence

import discord

from bot.errors import Phrase
from bot.exports._drawing import render_png
from bot.interactions.campaigns import MAX_REASON_LENGTH, explain_stale, format_place_title
from bot.interactions.review import STATUS_NAMES, Button
from bot.kinds import find_kind
from bot.locales import localize, translate, translate_plural
from bot.markup import shorten
from bot.replies.files import attachment
from bot.replies.ledger import day, plain
from bot.replies.views import COLOURS, ActionRow, Layout
from bot.requests.campaigns import CampaignItem, CampaignOverview, kind_of
from bot.team.campaigns.board import BoardRow, draw_board
from storage.campaigns import Campaign, CampaignPiece

CAMPAIGNS_PER_PAGE = 5
# Maximum lines of a board, and characters of a title, of alternative text, and of a board.
_MAX_LINES, _MAX_TITLE, _MAX_ALT, _MAX_BOARD = 30, 60, 1000, 3900
_EMOJIS = {
    "draft": "📝",
    "submitted": "👀",
    "approved": "✅",
    "scheduled": "🗓️",
    "published": "📣",
    "archived": "🗄️",
    "failed": "✗",
    "waiting": "⏳",
}
# Actions of a board: label and emoji.
BUTTONS = {
    "brief": ("Change the brief…", "✏️"),
    "zip": ("Everything as .zip", "📦"),
    "retry": ("Try again", "🔁"),
}
_HEADS = ("Text", "Kind", "Status", "Assigned to", "Fits the brief")
_REDO_ONE = "Rewrite the outdated one"
_REDO_ALL = "Rewrite the outdated ones ({count})"
# All labels above, for the check of translations.
WORDS = (*(label for label, _ in BUTTONS.values()), *_HEADS)


def get_state(item: CampaignItem) -> str:
    """Return the status of a piece: that of its text, or "failed" or "waiting"."""
    if item.piece.state == "failed":
        return "failed"
    if item.piece.state == "redo" or item.asset is None:
        return "waiting"
    return item.asset.status


def format_state(item: CampaignItem, locale: str) -> str:
    """Format the status of a piece, with the version of its text."""
    state = get_state(item)
    if state == "failed":
        return translate("failed", locale)
    if state == "waiting":
        label = "being rewritten" if item.piece.state == "redo" else "being made"
        return translate(label, locale)
    assert item.asset is not None
    status = translate(STATUS_NAMES[item.asset.status], locale)
    return f"{status} · v{item.asset.version}"


def explain_failure(piece: CampaignPiece, locale: str) -> str:
    """Explain why the last attempt at a piece failed; empty if it did not fail."""
    return localize(Phrase.from_json(dict(piece.failure)), locale) if piece.failure else ""


def format_board_lines(overview: CampaignOverview, locale: str) -> list[str]:
    """Format the board as text, one line per piece."""
    return [_format_line(item, locale) for item in overview.items[:_MAX_LINES]]


def _format_line(item: CampaignItem, locale: str) -> str:
    kind = translate(find_kind(kind_of(item.piece)).title, locale)
    parts = [
        f"{_EMOJIS[get_state(item)]} **{format_place_title(item.piece, locale)}**",
        kind,
        format_state(item, locale),
        f"<@{item.assignee_id}>" if item.assignee_id else "",
    ]
    line = " · ".join(filter(None, parts))
    failure = explain_failure(item.piece, locale)
    if stale_reason := explain_stale(item.piece, locale):
        line += f"\n-# ⚠ {translate('outdated', locale)}: {plain(shorten(stale_reason, MAX_REASON_LENGTH))}"
    return f"{line}\n-# {discord.utils.escape_markdown(shorten(failure, MAX_REASON_LENGTH))}" if failure else line


def format_summary(overview: CampaignOverview, locale: str) -> str:
    """Summarise a campaign in one line: the number of texts by status."""
    states = Counter(get_state(item) for item in overview.items)
    parts = [f"{translate(STATUS_NAMES[state], locale)}: {states[state]}" for state in STATUS_NAMES if states[state]]
    for state, label in (("failed", "failed"), ("waiting", "being made")):
        if states[state]:
            parts.append(f"{translate(label, locale)}: {states[state]}")
    if stale_count := sum(item.piece.stale is not None for item in overview.items):
        parts.append(f"{translate('outdated', locale)}: {stale_count}")
    return " · ".join(parts)


def build_board_table(overview: CampaignOverview, names: Mapping[str, str], locale: str) -> list[list[str]]:
    """Build the board as the rows of a spreadsheet, headings first."""
    heads = ["#", *(translate(head, locale) for head in _HEADS), translate("Title", locale)]
    return [heads] + [
        [str(item.piece.number), *_build_cells(item, names, locale), item.asset.title if item.asset else ""]
        for item in overview.items
    ]


def _build_cells(item: CampaignItem, names: Mapping[str, str], locale: str) -> list[str]:
    """Return the cells of a piece: place, kind, status, assignee, and whether it fits the brief."""
    fits = explain_stale(item.piece, locale) or explain_failure(item.piece, locale)
    fits = fits or (translate("yes", locale) if item.asset else "")
    assignee = names.get(item.assignee_id, "") if item.assignee_id else ""
    kind = translate(find_kind(kind_of(item.piece)).title, locale)
    return [format_place_title(item.piece, locale), kind, format_state(item, locale), assignee, fits]


def build_board_svg(overview: CampaignOverview, names: Mapping[str, str], locale: str) -> str:
    """Draw the board as SVG."""
    rows = []
    for item in overview.items:
        place, kind, status, assignee, fits = _build_cells(item, names, locale)
        if item.piece.stale is not None:
            fits = f"⚠ {translate('outdated', locale)}"
        rows.append(BoardRow(place, kind, status, assignee, fits, get_state(item), stale=item.piece.stale is not None))
    heads = [translate(head, locale) for head in _HEADS]
    return draw_board(overview.campaign.title, heads, rows, format_summary(overview, locale))


async def render_board(overview: CampaignOverview, names: Mapping[str, str], locale: str) -> bytes:
    """Render the board as PNG."""
    return await asyncio.to_thread(render_png, build_board_svg(overview, names, locale))


def build_board_file(overview: CampaignOverview, body: bytes, locale: str) -> discord.File:
    """Build the file of the board's picture, with its contents as alternative text."""
    lines = (
        f"{format_place_title(item.piece, locale)}: {format_state(item, locale)}"
        + (f", {translate('outdated', locale)}" if item.piece.stale else "")
        for item in overview.items
    )
    description = f"{overview.campaign.title}. {'; '.join(lines)}."
    return attachment("board.png", body, description[:_MAX_ALT])


def board_view(overview: CampaignOverview, picture: discord.File, locale: str, note: Phrase | None = None) -> Layout:
    """Build the message of a board: its lines, its picture, and buttons."""
    campaign = overview.campaign
    head = [f"### 📣 {plain(campaign.title)}", f"-# {format_summary(overview, locale)}"]
    if note is not None:
        head.append(f"-# {localize(note, locale)}")
    box = discord.ui.Container[discord.ui.LayoutView](accent_colour=COLOURS["marketing"])
    lines = format_board_lines(overview, locale)
    if len("\n".join([*head, *lines])) > _MAX_BOARD:  # Drop the reasons; the message of each text has them, too.
        lines = [line.partition("\n")[0] for line in lines]
    box.add_item(discord.ui.TextDisplay("\n".join([*head, *lines])[:_MAX_BOARD]))
    box.add_item(discord.ui.MediaGallery(discord.MediaGalleryItem(picture.uri, description=picture.description)))
    view = Layout()
    view.add_item(box)
    row = ActionRow(_build_button("brief", campaign, locale))
    if overview.stale:
        row.add_item(build_redo_button(campaign, len(overview.stale), locale))
    if overview.failed:
        row.add_item(_build_button("retry", campaign, locale))
    row.add_item(_build_button("zip", campaign, locale))
    view.add_item(row)
    return view


def build_redo_button(campaign: Campaign, count: int, locale: str) -> Button:
    """Build the button that requests rewrites of all stale texts."""
    label = translate_plural(count, _REDO_ONE, _REDO_ALL, locale).format(count=count)
    return discord.ui.Button(
        label=label, emoji="🔁", style=discord.ButtonStyle.primary, custom_id=f"quillcampaign:redo:{campaign.id}"
    )


def _build_button(action: str, campaign: Campaign, locale: str) -> Button:
    label, emoji = BUTTONS[action]
    return discord.ui.Button(
        label=translate(label, locale), emoji=emoji, custom_id=f"quillcampaign:{action}:{campaign.id}"
    )


def list_view(overviews: Sequence[CampaignOverview], number: int, page_count: int, locale: str) -> Layout:
    """Build a page of the list of campaigns, each with its status, thread and archive."""
    box = discord.ui.Container[discord.ui.LayoutView](accent_colour=COLOURS["marketing"])
    heading = f"### {translate('Campaigns', locale)}" + (f" · {number + 1}/{page_count}" if page_count > 1 else "")
    box.add_item(discord.ui.TextDisplay(heading))
    if not overviews:
        box.add_item(
            discord.ui.TextDisplay(translate("There are no campaigns yet. Start one with /campaign new.", locale))
        )
    for overview in overviews:
        campaign = overview.campaign
        missing_thread = translate("its thread no longer exists", locale)
        thread_link = f"<#{campaign.thread_id}>" if campaign.state == "open" and campaign.thread_id else missing_thread
        title, summary = plain(shorten(campaign.title, _MAX_TITLE)), format_summary(overview, locale)
        text = f"**{title}**\n-# {thread_link} · {day(campaign.created_at)} · {summary}"
        box.add_item(discord.ui.Section(discord.ui.TextDisplay(text), accessory=_build_button("zip", campaign, locale)))
    view = Layout()
    view.add_item(box)
    if page_count > 1:
        row = ActionRow()
        for arrow, page, direction, is_disabled in (
            ("◀", number - 1, "back", not number),
            ("▶", number + 1, "on", number >= page_count - 1),
        ):
            custom_id = f"quillcampaigns:{min(page_count - 1, max(0, page))}:{direction}"
            row.add_item(discord.ui.Button(label=arrow, custom_id=custom_id, disabled=is_disabled))
        view.add_item(row)
    return view


def brief_changed_view(overview: CampaignOverview, changes: str, locale: str) -> Layout:
    """Build the answer to a changed brief: the texts that are stale now, with reasons, and the button to rewrite them."""
    stale_items = [item for item in overview.items if item.piece.stale is not None]
    head = translate_plural(
        len(stale_items), "One text is now out of date:", "{count} texts are now out of date:", locale
    ).format(count=len(stale_items))
    lines = [
        f"⚠ **{format_place_title(item.piece, locale)}** {plain(shorten(explain_stale(item.piece, locale), MAX_REASON_LENGTH))}"
        for item in stale_items
    ] or [translate("Every text fits the new brief.", locale)]
    box = discord.ui.Container[discord.ui.LayoutView](accent_colour=COLOURS["marketing"])
    box.add_item(discord.ui.TextDisplay(f"### {translate('The brief has changed', locale)}\n{changes[:1200]}"))
    box.add_item(discord.ui.TextDisplay("\n".join([*([head] if stale_items else []), *lines])[:2400]))
    view = Layout()
    view.add_item(box)
    if overview.stale:
        view.add_item(ActionRow(build_redo_button(overview.campaign, len(overview.stale), locale)))
    return view
