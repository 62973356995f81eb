"""Views and texts of an interview with an invented persona: the card, answers and summary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord

from bot.errors import Phrase
from bot.locales import localize, translate
from bot.replies.ledger import plain
from bot.simulation.interview import Exchange, Interview, InterviewCard

from .views import Layout, note_view

_SIMULATED = "Simulated: a model plays {name} from this card. This is not research, and not a real person's answer."
_CARD = "Everything known about {name}:"
_HOW = "Ask with the button or reply to my message. I cannot read other messages here."
_HOW_DIRECTLY = "Just write your questions."
_UNKNOWN = "Not on the card: ask real people about this."
_COUNTED = "Questions: {asked}. Answered from the card: {known}. Not on the card: {unknown}."
_USED = "From the card: {source}"
Button = discord.ui.Button[Any]


def simulated_line(card: InterviewCard, locale: str) -> str:
    """Return the disclaimer below each answer."""
    return localize(Phrase(_SIMULATED, name=card.name), locale)


def card_text(card: InterviewCard, locale: str) -> str:
    """Return the card and what it is."""
    listed = "\n".join(f"- {plain(one)}" for one in card.statements)
    heading = f"### 🎙️ {translate('Interview', locale)}: {plain(card.name)}"
    return f"{heading}\n{localize(Phrase(_CARD, name=plain(card.name)), locale)}\n{listed}"


def card_view(interview: Interview, play_id: str, locale: str, *, is_dm: bool) -> Layout:
    """Build the view that starts an interview."""
    how = translate(_HOW_DIRECTLY if is_dm else _HOW, locale)
    text = f"{card_text(interview.card, locale)}\n-# {how}\n-# {simulated_line(interview.card, locale)}"
    return _add_buttons(note_view(text, locale=locale), play_id, locale)


def exchange_text(one: Exchange, card: InterviewCard, locale: str, *, asked: bool) -> str:
    """Return an answer with the statement it is based on, and the question where it is not visible otherwise."""
    question = f"> {plain(one.question)}\n" if asked else ""
    source = localize(Phrase(_USED, source=plain(one.source)), locale) if one.source else translate(_UNKNOWN, locale)
    return f"{question}**{plain(card.name)}:** {plain(one.answer)}\n-# {source}"


def answer_view(interview: Interview, exchanges: Sequence[Exchange], play_id: str, locale: str) -> Layout:
    """Build the view of new answers, with the disclaimer."""
    exchange_texts = [exchange_text(one, interview.card, locale, asked=True) for one in exchanges]
    text = "\n".join([*exchange_texts, f"-# {simulated_line(interview.card, locale)}"])
    return _add_buttons(note_view(text, locale=locale), play_id, locale)


def _add_buttons(view: Layout, play_id: str, locale: str) -> Layout:
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    row.add_item(_button(play_id, "ask", translate("Ask…", locale), "💬", primary=True))
    row.add_item(_button(play_id, "finish", translate("End with a summary", locale), "⏹️"))
    view.add_item(row)
    return view


def _button(play_id: str, action: str, label: str, sign: str, *, primary: bool = False) -> Button:
    style = discord.ButtonStyle.primary if primary else discord.ButtonStyle.secondary
    return discord.ui.Button(label=label, emoji=sign, custom_id=f"quillinterview:{action}:{play_id}", style=style)


def summary_text(interview: Interview, locale: str) -> str:
    """Summarise an interview by the statements used; then list what the card does not say."""
    card = interview.card
    counted = Phrase(
        _COUNTED,
        asked=len(interview.exchanges),
        known=len(interview.answered_from_card),
        unknown=len(interview.not_on_card),
    )
    blocks = [
        f"### 📝 {translate('Interview summary', locale)}: {plain(card.name)}",
        f"-# {simulated_line(card, locale)}",
        localize(counted, locale),
    ]
    for source in dict.fromkeys(one.source for one in interview.answered_from_card):
        answers = [
            f"  - {plain(one.question)} — {plain(one.answer)}"
            for one in interview.answered_from_card
            if one.source == source
        ]
        blocks.append("\n".join([f"- **{plain(source)}**", *answers]))
    if interview.not_on_card:
        open_ones = [f"- {plain(one.question)}" for one in interview.not_on_card]
        blocks.append("\n".join([f"**{translate('Questions for real people', locale)}**", *open_ones]))
    return "\n\n".join(blocks)


def summary_view(interview: Interview, play_id: str, locale: str) -> Layout:
    """Build the summary, with a button for the transcript."""
    view = note_view(summary_text(interview, locale), locale=locale)
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    row.add_item(_button(play_id, "file", translate("Transcript (.md)", locale), "📄"))
    view.add_item(row)
    return view


def interview_md(interview: Interview, locale: str) -> str:
    """Return an interview as Markdown."""
    card = interview.card
    exchanges = [exchange_text(one, card, locale, asked=True) for one in interview.exchanges if one.answer]
    return (
        "\n\n".join(
            [
                card_text(card, locale),
                f"-# {simulated_line(card, locale)}",
                "---",
                *exchanges,
                "---",
                summary_text(interview, locale),
            ]
        ).replace("-# ", "")
        + "\n"
    )
