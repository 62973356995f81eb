"""An interview with a fictional person: their card, the questions, and the statement that each answer is based on.

Pure functions, no I/O.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Self

from personas.persona import Persona

from . import signs

# Limits: length of a card description (minimum, maximum), statements per card, questions per interview.
MIN_CARD_CHARACTERS, MAX_CARD_CHARACTERS, MAX_STATEMENTS, MAX_QUESTIONS = 8, 2_000, 40, 40
_MAX_NAME_CHARACTERS = 40
_STATEMENT_BREAK = re.compile(r"(?<=[.!?…])\s+|[;\n]+")
_NAME = re.compile(r"^[^\W\d_][\w .'’-]{0,39}?(?=\s*[,:(]|\s+[–—-]\s|\s+(?:is|ist|es|est|é|runs|works)\b|$)")
State = Literal["open", "waiting", "ended"]


@dataclass(frozen=True, slots=True)
class InterviewCard:
    """A fictional person: their name, and statements about them."""

    name: str
    statements: tuple[str, ...]
    language: str = "en"


def parse_card(text: str, language: str = "en") -> InterviewCard | None:
    """Parse a free-text description such as "Marta, 41, runs a café; counts every euro"; return None if it says too
    little.
    """
    text = " ".join(text[:MAX_CARD_CHARACTERS].split(" ")).strip()
    parts = tuple(dict.fromkeys(part for raw in _STATEMENT_BREAK.split(text) if (part := raw.strip(" -•\t\r\xa0"))))
    if len(text) < MIN_CARD_CHARACTERS or not parts:
        return None
    name_match = _NAME.match(parts[0])
    name = name_match[0].strip() if name_match and len(name_match[0].split()) <= 4 else parts[0][:_MAX_NAME_CHARACTERS]
    return InterviewCard(name, parts[:MAX_STATEMENTS], language)


def build_persona_card(persona: Persona, language: str = "en") -> InterviewCard:
    """Build the card of a persona from its summary, voice, habits and rules."""
    statements = [*signs.split_sentences(persona.summary), *signs.split_sentences(persona.voice), *persona.habits]
    statements += [*(f"Likes to: {line}" for line in persona.do), *(f"Never: {line}" for line in persona.dont)]
    return InterviewCard(persona.title, tuple(dict.fromkeys(statements))[:MAX_STATEMENTS], language)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question, the id of the user who asked it, the answer, and the card statement it is based on (empty if the card
    does not answer the question).
    """

    user_id: str
    question: str
    answer: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Interview:
    """An interview; `shown_count` is the number of answers already posted, `summary_posted` whether the summary is."""

    card: InterviewCard
    exchanges: tuple[Exchange, ...] = ()
    state: State = "open"
    shown_count: int = 0
    summary_posted: bool = False

    @property
    def answered_from_card(self) -> list[Exchange]:
        """The exchanges answered from the card."""
        return [exchange for exchange in self.exchanges if exchange.source]

    @property
    def not_on_card(self) -> list[Exchange]:
        """The answered exchanges whose answer is not on the card."""
        return [exchange for exchange in self.exchanges if exchange.answer and not exchange.source]

    def to_json(self) -> dict[str, Any]:
        """Return plain data without the questions, which belong to the users who asked them."""
        answers = [{"answer": exchange.answer, "source": exchange.source} for exchange in self.exchanges]
        return {
            "card": asdict(self.card),
            "answers": answers,
            "state": self.state,
            "shown": self.shown_count,
            "told": self.summary_posted,
        }

    def texts_to_json(self) -> dict[tuple[str, int], dict[str, Any]]:
        """Return the questions by user id and number."""
        return {
            (exchange.user_id, number): {"text": exchange.question} for number, exchange in enumerate(self.exchanges, 1)
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any], texts: Mapping[tuple[str, int], Mapping[str, Any]]) -> Self:
        """Parse the data of `to_json` and `texts_to_json`."""
        by_number = {number: (user_id, str(question["text"])) for (user_id, number), question in texts.items()}
        exchanges = tuple(
            Exchange(*by_number.get(number, ("", "…")), answer["answer"], answer["source"])
            for number, answer in enumerate(value["answers"], 1)
        )
        card_data = value["card"]
        card = InterviewCard(card_data["name"], tuple(card_data["statements"]), card_data["language"])
        return cls(card, exchanges, value["state"], value["shown"], value["told"])


def add_question(interview: Interview, user_id: str, question: str) -> Interview:
    """Return the interview with one more question."""
    return replace(interview, exchanges=(*interview.exchanges, Exchange(user_id, question)), state="waiting")


def add_answer(interview: Interview, answer: str, source: str) -> Interview:
    """Return the interview with its last question answered; it ends after `MAX_QUESTIONS`."""
    last = replace(interview.exchanges[-1], answer=answer, source=source)
    state: State = "ended" if len(interview.exchanges) >= MAX_QUESTIONS else "open"
    return replace(interview, exchanges=(*interview.exchanges[:-1], last), state=state)
