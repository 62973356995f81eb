"""Texts of campaigns in Discord: their place in the campaign, why they are stale, and their review message."""

from __future__ import annotations

import discord

from bot.errors import Phrase
from bot.interactions.review import Button, review_view
from bot.kinds.campaign import list_places
from bot.locales import localize, translate
from bot.markup import shorten
from bot.replies.ledger import plain
from bot.replies.views import ActionRow, Layout
from bot.requests.campaigns import NO_PLACE, PICTURE_SUFFIX, PLAN
from bot.team.review.views import ReviewView
from storage.campaigns import CampaignPiece

# Maximum characters of a reason.
MAX_REASON_LENGTH = 90


def format_place_title(piece: CampaignPiece, locale: str) -> str:
    """Return the title of a piece's place in the campaign."""
    if piece.name == PLAN:
        return translate("The plan", locale)
    name, language = piece.name.removesuffix(PICTURE_SUFFIX), locale.partition("-")[0]
    title = list_places(language).get(name, name)
    if not piece.name.endswith(PICTURE_SUFFIX):
        return title
    if name == NO_PLACE:
        return translate("Picture", locale)
    return translate("{place}: picture", locale).format(place=title)


def explain_stale(piece: CampaignPiece, locale: str) -> str:
    """Explain why a piece no longer fits the brief; empty if it fits."""
    return localize(Phrase.from_json(dict(piece.stale)), locale) if piece.stale else ""


def build_text_view(view: ReviewView, piece: CampaignPiece | None, locale: str) -> Layout:
    """Build the public message of a text under review; a campaign's piece is shown with its place."""
    return review_view(view, locale, *_build_campaign_parts(piece, locale))


def _build_campaign_parts(piece: CampaignPiece | None, locale: str) -> tuple[list[str], list[ActionRow]]:
    """Return the campaign's lines for a review message, and the button that requests a rewrite if the text is stale;
    empty if the text belongs to no campaign.
    """
    if piece is None:
        return [], []
    lines = [format_place_title(piece, locale)]
    if piece.stale is None:
        return lines, []
    lines.append(
        f"⚠ {translate('outdated', locale)}: {plain(shorten(explain_stale(piece, locale), MAX_REASON_LENGTH))}"
    )
    button: Button = discord.ui.Button(
        label=translate("Rewrite for the new brief", locale),
        emoji="🔁",
        style=discord.ButtonStyle.primary,
        custom_id=f"quillcampaignredo:{piece.number}:{piece.campaign_id}",
    )
    return lines, [ActionRow(button)]
