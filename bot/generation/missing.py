"""Which facts a text needs that nobody has told: neither the brief, nor the profile, nor documents. Pure.

A fact is missed where the brief asks for it, or where the text has a gap or a placeholder for it. That a text might well have it
is no reason to ask: most do without.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from bot.checks.terms import contains, placeholders
from bot.content import Assignment
from bot.errors import Phrase

# Characters of a source that are looked at, and of a brief and a text: what they want stands in the first of them.
_MOST_READ, _MOST_SEARCHED = 30_000, 6_000
# Different blanks of a text that are looked at.
_MOST_BLANKS = 10
# Facts that are named.
_MOST_NAMED = 4
# What wants a fact to stand in the text, what may stand between that and its name, and what takes the wish back.
_WITH = (
    r"with|includ(?:e|es|ing)|mention(?:s|ing)?|add(?:ing)?|giv(?:e|es|ing)|stat(?:e|es|ing)|put|don['’]t forget|plus"
    r"|mit|samt|inklusive|inkl\.?|nenne?n?|erwähne?n?|gib|vergiss nicht|avec|mentionne[rz]?|indique[rz]?|donne[rz]?|n['’]oublie pas"
    r"|con|incluye(?:ndo)?|incluir|menciona(?:r)?|indica(?:r)?|com|inclu[ai](?:r|ndo)?|mencion[ae]r?|indiqu?[ea]r?"
)
_SAY = (
    r"say|saying|tell(?:ing)?(?: (?:them|people|everyone|readers|the \w+|our \w+))?|sag(?:e|t|en)?|schreib(?:e|t)?|dis|dire|dites"
    r"|di|decir|diga|diz|dizer"
)
_BETWEEN = (
    r"(?:(?:an?|the|our|my|your|their|its|full|exact|clear|der|die|das|den|dem|einer?|einem|unserer?|unserem|unsere|meiner?|une?|les?|la"
    r"|notre|nos|una?|el|los|las|nuestr[oa]s?|uma?|os?|as?|noss[oa]s?)\s+|l['’]){0,2}"
)
_AND = r"\s*(?:,|&|\+|\b(?:and|und|et|y|e)\b)\s*"
_NOT = re.compile(
    r"\b(?:no|not|without|don['’]t|do not|never|leave out|ohne|kein\w*|nicht|sans|pas(?: de)?|ne|sin|sem|não|nunca)\W+(?:\w+\W+){0,2}$",
    re.IGNORECASE,
)
_NEAR = 40
# A blank that says nothing of what is to stand there.
_BLANK = re.compile(r"_{3,}|\.{5,}")
_TELLS_NOTHING = re.compile(r"(?:to be (?:announced|confirmed)|tb[acd]|todo|xxx?|insert here|[\W\d_]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that a text may need: its name, what readers are told, and patterns (missing.toml says of what)."""

    name: str
    title: str
    words: re.Pattern[str]
    asked: re.Pattern[str]
    gap: re.Pattern[str]
    has: re.Pattern[str]
    first: bool = False


@cache
def facts() -> dict[str, Fact]:
    """All facts by name, in the order in which they are named."""
    table = tomllib.loads((files("bot.generation") / "missing.toml").read_text(encoding="utf-8"))
    every = "|".join(f"(?:{row['words']})" for row in table.values())
    return {name: _fact(name, row, every) for name, row in table.items()}


def _fact(name: str, row: dict[str, Any], every: str) -> Fact:
    words = row["words"]
    before = rf"\b(?:{_WITH})\s+{_BETWEEN}(?:(?:{every}){_AND}{_BETWEEN}){{0,3}}"
    said = (
        rf"|\b(?:{_SAY})\s+(?:(?:when|where|wann|wo|quand|où|cuándo|dónde|quando|onde){_AND})?(?:{row['where']})(?!\w)"
        if row["where"]
        else ""
    )
    lead = rf"\b(?:{row['lead']})[ \t]*(?=$|[.!;,](?:\s|$)|_{{2,}}|\[)" if row["lead"] else "(?!)"
    return Fact(
        name=name,
        title=row["title"],
        words=re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE),
        asked=re.compile(rf"{before}(?:{words})(?!\w){said}", re.IGNORECASE),
        gap=re.compile(rf"\b(?:{row['label']})\.?[*_]{{0,2}}:[ \t*_]*$|{lead}", re.IGNORECASE | re.MULTILINE),
        # Names of streets and codes are told by their capitals.
        has=re.compile(row["has"], 0 if name in ("address", "code") else re.IGNORECASE),
        first=row.get("first", False),
    )


def asked_and_untold(assignment: Assignment) -> list[Fact]:
    """The facts that a brief asks for and no source has, for kinds whose texts need any."""
    if not assignment.kind.needs:
        return []
    told = _told(assignment)
    brief = assignment.brief[:_MOST_SEARCHED]
    return [fact for fact in facts().values() if _asks(brief, fact) and not fact.has.search(told)]


def _asks(brief: str, fact: Fact) -> bool:
    starts = (found.start() for found in fact.asked.finditer(brief))
    return any(not _NOT.search(brief[max(0, start - _NEAR) : start]) for start in starts)


def missing(text: str, assignment: Assignment) -> list[Phrase]:
    """What readers are told of what nobody told: the facts that the brief asks for, and those that the text has a gap for."""
    if not assignment.kind.needs:
        return []
    told, text = _told(assignment), text[:_MOST_SEARCHED]
    found = {fact.name: Phrase(fact.title) for fact in asked_and_untold(assignment)}
    for name, phrase in (*_of_gaps(text, told), *_of_blanks(text, told, assignment)):
        found.setdefault(name, phrase)
    order = list(facts())
    named = sorted(found, key=lambda name: order.index(name) if name in order else len(order))
    return [found[name] for name in named[:_MOST_NAMED]]


def _of_gaps(text: str, told: str) -> Iterator[tuple[str, Phrase]]:
    for fact in facts().values():
        if fact.gap.search(text) and not fact.has.search(told):
            yield fact.name, Phrase(fact.title)


def _of_blanks(text: str, told: str, assignment: Assignment) -> Iterator[tuple[str, Phrase]]:
    """What blanks stand for: the fact that they name, else their words; of those without any, what such a text usually needs."""
    blanks = dict.fromkeys((*placeholders(text), *_BLANK.findall(text)))
    for blank in [*blanks][:_MOST_BLANKS]:
        if contains(told, blank):  # A form to fill in may be what was asked for.
            continue
        words = blank.strip("[]{}<>_. ")
        fact = next((one for one in facts().values() if one.words.search(words)), None)
        if fact is not None and not fact.has.search(told):
            yield fact.name, Phrase(fact.title)
        elif fact is None and not _TELLS_NOTHING.fullmatch(words):
            yield words.casefold(), Phrase("“{words}”", words=words)
        elif fact is None:
            untold = (facts()[name] for name in assignment.kind.needs)
            yield from ((one.name, Phrase(one.title)) for one in untold if not one.has.search(told))


def _told(assignment: Assignment) -> str:
    """All that a fact may come from, as far as it is read."""
    sources: Sequence[str] = assignment.sources
    profile = assignment.profile
    return "\n".join(one[:_MOST_READ] for one in (*sources, *profile.prefer_terms, *assignment.habits.notes) if one)
