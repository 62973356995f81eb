"""What people see of the interview of somebody made up: the card, answers, and what was said in it."""

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
_BEYOND = "Sentences in answers that nothing on the card says: {count}."
_USED = "From the card: {source}"
Button = discord.ui.Button[Any]


def simulated_line(card: InterviewCard, locale: str) -> str:
    """What stands below each answer."""
    return localize(Phrase(_SIMULATED, name=card.name), locale)


def card_text(card: InterviewCard, locale: str) -> str:
    """The card, with what it is."""
    listed = "\n".join(f"- {plain(one)}" for one in card.statements)
    heading = f"### 🎙️ {translate('Interview', locale)}: {plain(card.name)}"
    return f"{heading}\n{localize(Phrase(_CARD, name=plain(card.name)), locale)}\n{listed}"


def card_view(interview: Interview, play_id: str, locale: str, *, run_directly: bool) -> Layout:
    """The card as an interview begins."""
    how = translate(_HOW_DIRECTLY if run_directly else _HOW, locale)
    text = f"{card_text(interview.card, locale)}\n-# {how}\n-# {simulated_line(interview.card, locale)}"
    return _with_buttons(note_view(text, locale=locale), play_id, locale)


def exchange_text(one: Exchange, card: InterviewCard, locale: str, *, asked: bool) -> str:
    """An answer, with the statement it is from; with the question where that is not seen otherwise."""
    question = f"> {plain(one.question)}\n" if asked else ""
    source = localize(Phrase(_USED, source=plain(one.source)), locale) if one.source else translate(_UNKNOWN, locale)
    return f"{question}**{plain(card.name)}:** {plain(one.answer)}\n-# {source}"


def answer_view(interview: Interview, exchanges: Sequence[Exchange], play_id: str, locale: str) -> Layout:
    """What was answered since, with that it is simulated."""
    told = [exchange_text(one, interview.card, locale, asked=True) for one in exchanges]
    text = "\n".join([*told, f"-# {simulated_line(interview.card, locale)}"])
    return _with_buttons(note_view(text, locale=locale), play_id, locale)


def _with_buttons(view: Layout, play_id: str, locale: str) -> Layout:
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    row.add_item(_button(play_id, "ask", translate("Ask…", locale), "💬", primary=True))
    row.add_item(_button(play_id, "finish", translate("End with a summary", locale), "⏹️"))
    view.add_item(row)
    return view


def _button(play_id: str, action: str, label: str, sign: str, *, primary: bool = False) -> Button:
    style = discord.ButtonStyle.primary if primary else discord.ButtonStyle.secondary
    return discord.ui.Button(label=label, emoji=sign, custom_id=f"quillinterview:{action}:{play_id}", style=style)


def summary_text(interview: Interview, locale: str) -> str:
    """What was said, by the statement that it is from; then what the card says nothing of."""
    card = interview.card
    counted = Phrase(
        _COUNTED,
        asked=len(interview.exchanges),
        known=len(interview.known),
        unknown=len(interview.unanswered),
    )
    blocks = [
        f"### 📝 {translate('What was said', locale)}: {plain(card.name)}",
        f"-# {simulated_line(card, locale)}",
        localize(counted, locale),
    ]
    if interview.unsupported:
        blocks.append(localize(Phrase(_BEYOND, count=len(interview.unsupported)), locale))
    for source in dict.fromkeys(one.source for one in interview.known):
        answers = [
            f"  - {plain(one.question)} — {plain(one.answer)}" for one in interview.known if one.source == source
        ]
        blocks.append("\n".join([f"- **{plain(source)}**", *answers]))
    if interview.unanswered:
        open_ones = [f"- {plain(one.question)}" for one in interview.unanswered]
        blocks.append("\n".join([f"**{translate('Questions for real people', locale)}**", *open_ones]))
    return "\n\n".join(blocks)


def summary_view(interview: Interview, play_id: str, locale: str) -> Layout:
    """What was said, with a file of all of it."""
    view = note_view(summary_text(interview, locale), locale=locale)
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    row.add_item(_button(play_id, "file", translate("Transcript (.md)", locale), "📄"))
    view.add_item(row)
    return view


def interview_md(interview: Interview, locale: str) -> str:
    """All of an interview as Markdown."""
    card = interview.card
    told = [exchange_text(one, card, locale, asked=True) for one in interview.exchanges if one.answer]
    return "\n\n".join([card_text(card, locale), f"-# {simulated_line(card, locale)}", "---", *told, "---",
                        summary_text(interview, locale)]).replace("-# ", "") + "\n"  # fmt: skip
