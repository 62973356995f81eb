"""What is told before anything is written: a language that the model does not write, facts that it cannot know. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from bot.checks.language import NAMES
from bot.content import Assignment
from bot.errors import Phrase

from .languages import language_wanted, writes
from .missing import asked_and_untold

# What can be done about it: have it written in English, tell what is missing, have it written all the same.
Choice = Literal["english", "add", "write"]
_UNSPOKEN = (
    "The model that writes here knows {known} only; in {wanted} it makes mistakes or writes nonsense. Whoever runs me can give me "
    "one that writes it."
)
# Characters of a brief that are searched: what it wants stands in the first of them.
_MOST_SEARCHED = 2000


@dataclass(frozen=True, slots=True)
class Beforehand:
    """What the person should know first, and what they can choose; without choices nothing can be written at all.

    `language` is the one that it would be written in, where that is what the model does not write.
    """

    said: Phrase
    choices: tuple[Choice, ...]
    language: str = ""


@cache
def _topics() -> list[tuple[str, re.Pattern[str], re.Pattern[str]]]:
    table = tomllib.loads((files("bot.generation") / "unknowable.toml").read_text(encoding="utf-8"))
    return [
        (row["title"], re.compile(rf"(?<!\w)(?:{row['asked']})", re.IGNORECASE), re.compile(row["told"], re.IGNORECASE))
        for row in table.values()
    ]


def unknowable(text: str) -> list[str]:
    """What a brief asks for that would have to be looked up and that it does not tell itself."""
    text = text[:_MOST_SEARCHED]
    return [title for title, asked, told in _topics() if asked.search(text) and not told.search(text)]


def beforehand(assignment: Assignment, spoken: Collection[str] | None) -> Beforehand | None:
    """What somebody should know before a text is written by a model that writes the languages `spoken`, None for any.

    None where nothing is to be told, or they were told already.
    """
    kind, request = assignment.kind, assignment.request
    if request.warned or assignment.parent:
        return None
    topics = [] if request.material else unknowable(assignment.brief)
    if topics and kind.family == "chat":
        said = "I cannot look that up: {things}. I write from what you tell me."
        return Beforehand(Phrase(said, things=[Phrase(one) for one in topics]), ())
    wanted = language_wanted(assignment) if spoken is not None else ""
    if spoken is not None and not writes(assignment, spoken, wanted):
        known = [Phrase(NAMES[code]) for code in sorted(spoken) if code in NAMES]
        told = Phrase(_UNSPOKEN, known=known, wanted=Phrase(NAMES.get(wanted, wanted)))
        return Beforehand(told, ("english", "write") if "en" in spoken else ("write",), wanted)
    untold = [*topics, *(fact.title for fact in asked_and_untold(assignment) if fact.first)]
    if untold:
        said = "Your brief asks for what nobody has told me: {things}. I make nothing up."
        return Beforehand(Phrase(said, things=[Phrase(one) for one in dict.fromkeys(untold)]), ("add", "write"))
    return None
