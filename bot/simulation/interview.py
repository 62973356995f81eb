"""An interview with a fictional person: their card, the questions, and the statement that each answer is based on. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Self

from personas.persona import Persona

from . import signs

# Characters of a card in words, statements of a card, and questions of an interview.
MIN_CARD_CHARACTERS, MAX_CARD, MAX_STATEMENTS, MAX_QUESTIONS = 8, 2_000, 40, 40
_MAX_NAME_CHARACTERS = 40
_STATEMENT_BREAK = re.compile(r"(?<=[.!?…])\s+|[;\n]+")
_NAME = re.compile(r"^[^\W\d_][\w .'’-]{0,39}?(?=\s*[,:(]|\s+[–—-]\s|\s+(?:is|ist|es|est|é|runs|works)\b|$)")
State = Literal["open", "waiting", "ended"]


@dataclass(frozen=True, slots=True)
class InterviewCard:
    """A fictional person: their name, and all that is known of them."""

    name: str
    statements: tuple[str, ...]
    language: str = "en"


def parse_card(text: str, language: str = "en") -> InterviewCard | None:
    """Parse a card in words such as "Marta, 41, runs a café; counts every euro"; return None if it says too little."""
    text = " ".join(text[:MAX_CARD].split(" ")).strip()
    parts = tuple(
        dict.fromkeys(one for one in (part.strip(" -•\t\r\xa0") for part in _STATEMENT_BREAK.split(text)) if one)
    )
    if len(text) < MIN_CARD_CHARACTERS or not parts:
        return None
    found = _NAME.match(parts[0])
    name = found[0].strip() if found and len(found[0].split()) <= 4 else parts[0][:_MAX_NAME_CHARACTERS]
    return InterviewCard(name, parts[:MAX_STATEMENTS], language)


def build_persona_card(one: Persona, language: str = "en") -> InterviewCard:
    """Build the card of a persona from its summary, voice, habits and rules."""
    known = [*signs.split_sentences(one.summary), *signs.split_sentences(one.voice), *one.habits]
    known += [*(f"Likes to: {line}" for line in one.do), *(f"Never: {line}" for line in one.dont)]
    return InterviewCard(one.title, tuple(dict.fromkeys(known))[:MAX_STATEMENTS], language)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question, who asked it, and the answer with the statement it is based on; without one the card does not answer it."""

    by: str
    question: str
    answer: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Interview:
    """An interview; `shown` answers are posted, and the summary if `told`."""

    card: InterviewCard
    exchanges: tuple[Exchange, ...] = ()
    state: State = "open"
    shown: int = 0
    told: bool = False

    @property
    def known(self) -> list[Exchange]:
        """The exchanges answered from the card."""
        return [one for one in self.exchanges if one.source]

    @property
    def unanswered(self) -> list[Exchange]:
        """The exchanges that the card does not answer."""
        return [one for one in self.exchanges if one.answer and not one.source]

    @property
    def unsupported(self) -> list[str]:
        """Sentences of answers that share no word with the card or the question."""
        found = list[str]()
        for one in self.known:
            said = _stem_words(" ".join((self.card.name, *self.card.statements, one.question)))
            found += [
                part for part in signs.split_sentences(one.answer) if (words := _stem_words(part)) and not words & said
            ]
        return found

    def to_json(self) -> dict[str, Any]:
        """Return plain data without the questions, which belong to those who asked them."""
        answers = [{"answer": one.answer, "source": one.source} for one in self.exchanges]
        return {
            "card": asdict(self.card),
            "answers": answers,
            "state": self.state,
            "shown": self.shown,
            "told": self.told,
        }

    def words(self) -> dict[tuple[str, int], dict[str, Any]]:
        """Return the questions by user id and number."""
        return {(one.by, at): {"text": one.question} for at, one in enumerate(self.exchanges, 1)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any], words: Mapping[tuple[str, int], Mapping[str, Any]]) -> Self:
        """Parse the data of `to_json` and `words`."""
        by_number = {number: (who, str(one["text"])) for (who, number), one in words.items()}
        exchanges = tuple(
            Exchange(*by_number.get(at, ("", "…")), one["answer"], one["source"])
            for at, one in enumerate(value["answers"], 1)
        )
        known = value["card"]
        card = InterviewCard(known["name"], tuple(known["statements"]), known["language"])
        return cls(card, exchanges, value["state"], value["shown"], value["told"])


def _stem_words(text: str) -> set[str]:
    """Return the stems of the meaningful words of a text."""
    return {word[:5] for word in re.findall(r"\w+", signs.fold(text)) if len(word) > 3 or word.isdigit()}


def add_question(interview: Interview, by: str, question: str) -> Interview:
    """Return the interview with one more question."""
    return replace(interview, exchanges=(*interview.exchanges, Exchange(by, question)), state="waiting")


def add_answer(interview: Interview, answer: str, source: str) -> Interview:
    """Return the interview with its last question answered; it ends after `MAX_QUESTIONS`."""
    last = replace(interview.exchanges[-1], answer=answer, source=source)
    state: State = "ended" if len(interview.exchanges) >= MAX_QUESTIONS else "open"
    return replace(interview, exchanges=(*interview.exchanges[:-1], last), state=state)


def find_strange_names(text: str, sources: Sequence[str], language: str) -> list[str]:
    """Return names in a text that no source has: capitalised words within a sentence. None for German, which capitalises nouns."""
    if language == "de":
        return []
    known = " ".join(map(signs.fold, sources))
    found = dict.fromkeys(
        word
        for one in signs.split_sentences(text[: signs.MAX_READ])
        for word in re.findall(r"(?<=[\w,;:] )[A-ZÀ-Ý][\w’'-]{2,}", one)
        if not word.startswith(("I'", "I’"))
    )
    return [word for word in found if not re.search(rf"(?<!\w){re.escape(signs.fold(word))}", known)]
