"""A text of a campaign on the screen: what it is for, why it is stale, and the message that shows it under review."""

from __future__ import annotations

import discord

from bot.errors import Phrase
from bot.kinds.campaign import list_places
from bot.locales import localize, translate
from bot.replies.ledger import plain
from bot.replies.views import ActionRow, Layout
from bot.requests.campaigns import ANYWHERE, PICTURE, PLAN
from bot.team.review.service import ReviewView
from storage.campaigns import CampaignPiece

from ._review import Button, review_view

# Characters of a reason.
MAX_WHY = 90


def place_title(piece: CampaignPiece, locale: str) -> str:
    """What a piece is for, in words."""
    if piece.name == PLAN:
        return translate("The plan", locale)
    name, language = piece.name.removesuffix(PICTURE), locale.partition("-")[0]
    title = list_places(language).get(name, name)
    if not piece.name.endswith(PICTURE):
        return title
    if name == ANYWHERE:
        return translate("Picture", locale)
    return translate("{place}: picture", locale).format(place=title)


def why_stale(piece: CampaignPiece, locale: str) -> str:
    """Why a piece does not fit the brief any more, empty where it does."""
    return localize(Phrase.from_json(dict(piece.stale)), locale) if piece.stale else ""


def shown_text(seen: ReviewView, piece: CampaignPiece | None, locale: str) -> Layout:
    """The message that shows a text under review to everybody; with its place in a campaign where it is a piece of one."""
    return review_view(seen, locale, *_beside(piece, locale))


def _beside(piece: CampaignPiece | None, locale: str) -> tuple[list[str], list[ActionRow]]:
    """What the message of a text's review says of its campaign, and the button that has it written anew; nothing of other texts."""
    if piece is None:
        return [], []
    lines = [place_title(piece, locale)]
    if piece.stale is None:
        return lines, []
    lines.append(f"⚠ {translate('stale', locale)}: {plain(cut(why_stale(piece, locale)))}")
    button: Button = discord.ui.Button(
        label=translate("Rewrite for the new brief", locale), emoji="🔁", style=discord.ButtonStyle.primary,
        custom_id=f"quillcampaignredo:{piece.number}:{piece.campaign_id}",
    )  # fmt: skip
    return lines, [ActionRow(button)]


def cut(text: str, most: int = MAX_WHY) -> str:
    """A text with no more than so many characters, and a sign that there was more."""
    return text if len(text) <= most else f"{text[:most].rstrip()}…"
