"""Texts that were made one by one from one brief, as a capable model reads them over as one: what is amiss in which of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.checks.terms import contains
from bot.engines import Ask
from bot.errors import Phrase

from .draft import objects
from .prompt import GUARD, fenced
from .writers.base import Desk
from .writers.critique import has_room

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

# Faults that are named at most, characters of the words that each is named by, and letters and digits of these at least.
_MOST_FAULTS, _MOST_WORDS, _LEAST_WORDS = 8, 160, 4
_CHARACTERS = 3_000
_MOST_TOKENS = 1_200
# What can be amiss, and how readers and whoever writes it anew are told.
AMISS: Mapping[str, str] = {
    "brief": "Read over by the model: the brief says otherwise than “{words}”.",
    "contradicts": "Read over by the model: another text says otherwise than “{words}”.",
    "repeats": "Read over by the model: another text has the same sentence: “{words}”.",
    "early": "Read over by the model: this comes too early: “{words}”.",
}
_TASK = (
    "You read all texts of one campaign over against their brief before they are handed over. They were written one by one, so look "
    "at what none of them shows alone: facts, dates, prices and names that differ from the brief (brief) or between texts "
    "(contradicts), a sentence that stands word for word in several (repeats), what the brief wants told only later or only at the "
    "end and a text tells too early (early). Claims and offers that all texts share are no fault, nor is taste, length or form. "
    "Answer with one JSON object. faults: only what is plainly so, an empty list where all agree, as most do; each with text, the "
    "number of the text that is to be changed; words, copied word for word from that text; and fault, one of brief, contradicts, "
    "repeats, early. Of two texts that differ name the one that the brief does not bear out."
)


@dataclass(frozen=True, slots=True)
class Text:
    """A text of several: what it is called, and what it says."""

    title: str
    text: str


async def amiss(texts: Mapping[int, Text], brief: str, desk: Desk, seed: int) -> dict[int, Phrase] | None:
    """By the number of a text why it does not fit the brief or the others; None where they are too long to be read as one."""
    characters = sum(len(one.text) for one in texts.values())
    if not has_room(characters + len(brief), desk):
        return None
    schema = {
        "type": "object",
        "properties": {"faults": {"type": "array", "maxItems": _MOST_FAULTS, "items": _fault(list(texts))}},
        "required": ["faults"],
        "additionalProperties": False,
    }
    ask = Ask(_messages(texts, brief), schema, _CHARACTERS, _MOST_TOKENS, seed, temperature=0.0)
    return _found(await desk.noted("together", ask), texts)


def _fault(numbers: list[int]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "text": {"type": "integer", "enum": numbers},
            "words": {"type": "string", "maxLength": _MOST_WORDS},
            "fault": {"type": "string", "enum": list(AMISS)},
        },
        "required": ["text", "words", "fault"],
        "additionalProperties": False,
    }


def _messages(texts: Mapping[int, Text], brief: str) -> list[BaseMessage]:
    from langchain_core.messages import HumanMessage, SystemMessage

    told = [fenced(one.text, f"Text {number}, {one.title}:") for number, one in texts.items()]
    return [SystemMessage(f"{_TASK}\n{GUARD}"), HumanMessage("\n\n".join([f"Brief: {brief}", *told]))]


def _found(answer: Mapping[str, Any], texts: Mapping[int, Text]) -> dict[int, Phrase]:
    """Of an answer what stands in the texts that it names; of each text the first."""
    found: dict[int, Phrase] = {}
    for one in objects(answer.get("faults"))[:_MOST_FAULTS]:
        number, fault = one.get("text"), str(one.get("fault"))
        words = " ".join(str(one.get("words", "")).split()).strip("\"'“”„«».,;:… ")[:_MOST_WORDS]
        if not isinstance(number, int) or number not in texts or fault not in AMISS:
            continue
        if sum(sign.isalnum() for sign in words) >= _LEAST_WORDS and contains(texts[number].text, words):
            found.setdefault(number, Phrase(AMISS[fault], words=words))
    return found
