"""The words that a text is to begin or to end with, where a brief quotes them, and how it is to speak to its readers. Pure."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from .wording import MOST_READ, pattern_in

_QUOTED = r"[^.;!?\n\"“”«»„]{0,25}[:=]?\s?[\"“«„]\s?([^\"“”«»„\n]{2,120}?)\s?[\"”»“]"
_WITH = r"(?:\s+<lines.it>)?\s+<lines.with>\b"
_FIRST = rf"(?<!\w)(?:<lines.greets>{_WITH}|<position.first>){_QUOTED}"
_LAST = rf"(?<!\w)(?:<lines.closes>{_WITH}|<position.last>){_QUOTED}"
# What makes of it what is not to be, or what holds of each of several.
_OTHER = r"(?<!\w)(?:<wants.no>|<position.each>)(?!\w)"
_FORMS: tuple[Literal["familiar", "polite"], ...] = ("familiar", "polite")
# Characters before such words that may say so.
_BEFORE = 30


class Ends(NamedTuple):
    """The first and the last words that a text is to have; empty where a brief quotes none."""

    first: str = ""
    last: str = ""


def ends_in(brief: str) -> Ends:
    """What a brief says that its text is to begin and to end with."""
    text = brief[:MOST_READ]
    return Ends(_quoted(text, _FIRST), _quoted(text, _LAST))


def address_in(brief: str) -> Literal["", "familiar", "polite"]:
    """How readers are to be spoken to, "familiar" as "bitte duzen" says, or "polite"; empty where a brief says neither, or both."""
    text = brief[:MOST_READ]
    said = {form for form in _FORMS if _says(text, form)}
    return said.pop() if len(said) == 1 else ""


def _says(text: str, form: str) -> bool:
    refused = pattern_in(text, r"(?<!\w)<wants.no>(?:\s+\w{1,10})?\s+$")
    found = pattern_in(text, rf"(?<!\w)<address.{form}>(?!\w)").finditer(text)
    return any(not refused.search(text[max(0, one.start() - _BEFORE) : one.start()]) for one in found)


def _quoted(text: str, template: str) -> str:
    other = pattern_in(text, _OTHER)
    for found in pattern_in(text, template).finditer(text):
        clause = re.split(r"[.,;!?\n]", text[max(0, found.start() - _BEFORE) : found.start(1)])
        if re.search(r"\w", found[1]) and not other.search(clause[-1]):
            return found[1].strip()
    return ""
