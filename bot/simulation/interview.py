"""An interview of somebody made up: what stands on their card, what was asked, and which statement each answer is from. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Self

from personas.persona import Persona

from . import signs

# Characters of a card in words, statements of one, and questions of an interview.
MIN_CARD, MAX_CARD, MAX_STATEMENTS, MAX_QUESTIONS = 8, 2_000, 40, 40
_MAX_NAME = 40
_PARTS = re.compile(r"(?<=[.!?…])\s+|[;\n]+")
_NAME = re.compile(r"^[^\W\d_][\w .'’-]{0,39}?(?=\s*[,:(]|\s+[–—-]\s|\s+(?:is|ist|es|est|é|runs|works)\b|$)")
State = Literal["open", "waiting", "ended"]


@dataclass(frozen=True, slots=True)
class Card:
    """Somebody made up: their name, and what is known of them. Nothing else is."""

    name: str
    statements: tuple[str, ...]
    language: str = "en"


def card_of(text: str, language: str = "en") -> Card | None:
    """The card in words such as "Marta, 41, runs a café; counts every euro"; None where they say too little."""
    text = " ".join(text[:MAX_CARD].split(" ")).strip()
    parts = tuple(dict.fromkeys(one for one in (part.strip(" -•\t\r\xa0") for part in _PARTS.split(text)) if one))
    if len(text) < MIN_CARD or not parts:
        return None
    found = _NAME.match(parts[0])
    name = found[0].strip() if found and len(found[0].split()) <= 4 else parts[0][:_MAX_NAME]
    return Card(name, parts[:MAX_STATEMENTS], language)


def card_of_persona(one: Persona, language: str = "en") -> Card:
    """The card of a persona that writes: what it is like, what it is used to, likes and never does."""
    known = [*signs.sentences(one.summary), *signs.sentences(one.voice), *one.habits]
    known += [*(f"Likes to: {line}" for line in one.do), *(f"Never: {line}" for line in one.dont)]
    return Card(one.title, tuple(dict.fromkeys(known))[:MAX_STATEMENTS], language)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question, by whom, and the answer with the statement that it is from; without one nothing is known of that."""

    by: str
    question: str
    answer: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Interview:
    """An interview as it stands; `shown` answers are posted, and with `told` how it went."""

    card: Card
    exchanges: tuple[Exchange, ...] = ()
    state: State = "open"
    shown: int = 0
    told: bool = False

    @property
    def known(self) -> list[Exchange]:
        """The answers that are from the card."""
        return [one for one in self.exchanges if one.source]

    @property
    def untold(self) -> list[Exchange]:
        """The questions that the card says nothing of."""
        return [one for one in self.exchanges if one.answer and not one.source]

    @property
    def beyond(self) -> list[str]:
        """Sentences of answers that say what neither the card nor the question does: no word of theirs stands there."""
        found = list[str]()
        for one in self.known:
            said = _words(" ".join((self.card.name, *self.card.statements, one.question)))
            found += [part for part in signs.sentences(one.answer) if (words := _words(part)) and not words & said]
        return found

    def to_json(self) -> dict[str, Any]:
        """The interview as JSON takes it, without the questions, which are whose asked them."""
        answers = [{"answer": one.answer, "source": one.source} for one in self.exchanges]
        return {
            "card": asdict(self.card),
            "answers": answers,
            "state": self.state,
            "shown": self.shown,
            "told": self.told,
        }

    def words(self) -> dict[tuple[str, int], dict[str, Any]]:
        """The questions, by who asked and number."""
        return {(one.by, at): {"text": one.question} for at, one in enumerate(self.exchanges, 1)}

    @classmethod
    def of(cls, value: Mapping[str, Any], words: Mapping[tuple[str, int], Mapping[str, Any]]) -> Self:
        """The interview of what `to_json` and `words` gave."""
        by_number = {number: (who, str(one["text"])) for (who, number), one in words.items()}
        exchanges = tuple(
            Exchange(*by_number.get(at, ("", "…")), one["answer"], one["source"])
            for at, one in enumerate(value["answers"], 1)
        )
        known = value["card"]
        card = Card(known["name"], tuple(known["statements"]), known["language"])
        return cls(card, exchanges, value["state"], value["shown"], value["told"])


def _words(text: str) -> set[str]:
    """Beginnings of the words of a text, without those that hardly say anything."""
    return {word[:5] for word in re.findall(r"\w+", signs.plain(text)) if len(word) > 3 or word.isdigit()}


def asked(interview: Interview, by: str, question: str) -> Interview:
    """The interview with one more question."""
    return replace(interview, exchanges=(*interview.exchanges, Exchange(by, question)), state="waiting")


def answered(interview: Interview, answer: str, source: str) -> Interview:
    """The interview after the last question was answered; it ends with the last that it takes."""
    last = replace(interview.exchanges[-1], answer=answer, source=source)
    state: State = "ended" if len(interview.exchanges) >= MAX_QUESTIONS else "open"
    return replace(interview, exchanges=(*interview.exchanges[:-1], last), state=state)


def strange_names(text: str, sources: Sequence[str], language: str) -> list[str]:
    """Names in a text that no source has: words with a capital within a sentence. Of German, where all nouns have one, none."""
    if language == "de":
        return []
    known = " ".join(map(signs.plain, sources))
    found = dict.fromkeys(
        word
        for one in signs.sentences(text[: signs.MAX_READ])
        for word in re.findall(r"(?<=[\w,;:] )[A-ZÀ-Ý][\w’'-]{2,}", one)
        if not word.startswith(("I'", "I’"))
    )
    return [word for word in found if not re.search(rf"(?<!\w){re.escape(signs.plain(word))}", known)]
