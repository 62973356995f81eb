"""What a brief says of a picture: what is to be seen in it and what not, the words in it, seed, colours, contrast. Pure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping

from .matter import MOST_READ, trimmed
from .phrases import pattern_of

_GRID = re.compile(r"\{([^{}|]+(?:\|[^{}|]+)+)\}")
_SAYS = re.compile(
    r"(?:\b(?:that|which|with(?: the)?) )?\b(?:says?|saying|reads?|reading|words?|text|lettering|title|titled|caption"
    r"|named?|called)\W{1,3}"
    r"[\"“”'‘’«]([^\"“”’»\n]{1,60})[\"“”'’»]", re.IGNORECASE,
)  # fmt: skip
_WITHOUT = re.compile(
    r"\b(?:no|without|avoid|not any)\s+((?:(?!and\b|or\b|but\b|please\b)[a-z-]+ ?){1,3})", re.IGNORECASE
)
# What a brief says about the prompt and not about the picture: a whole clause, or the order that a clause begins with.
_FORM = re.compile(
    r"(?i)\b(?:prompts?|negative|seed|ratio|\d+:\d+|\d+ ?x ?\d+|max(?:imum)?|at most|words|characters|format|please|pls"
    r"|(?:no|without) )|--"
    r"|^\W*(?:a |the )?(?:wide|tall|square|vertical|portrait|landscape)\W*$"
)
_ORDER = re.compile(
    r"(?i)^(?:(?![-−]\d)\W)*(?:(?:please|can (?:yo)?u|could you|i|we|need|want|would like|make|draw|create"
    r"|do|give|generate|design|sth|something|me|us|how would you"
    r"|picture|what would|to)\s+)*(?:(?:a|an|the|our|my|some|wide|tall|square|hero)\s+)*"
    r"(?:(?:picture|image|photo|poster|banner|header|cover|visual|illustration|drawing|thumbnail|flyer|sticker|avatar|artwork"
    r"|key art|post)s?\s+)+"
    r"(?:(?:of|for|with|showing|about)\s+)?"
)
_USED = re.compile(
    r"(?i)\b(?:for|on)\s+(?:our|my|the|a)\s+(?:new\s+)?(?:home ?page|web ?(?:site|page)|landing page|start page|profile"
    r"|blog|shop window|newsletter)\b"
)
_SEED = re.compile(r"\bseed\W{1,3}(\d{1,9})\b", re.IGNORECASE)


_HEX = re.compile(r"#[0-9a-fA-F]{6}\b")
_CONTRAST = re.compile(
    r"contrast\D{0,20}(\d{1,2}(?:\.\d)?)|(\d{1,2}(?:\.\d)?)\s*(?::\s*1)?\s*contrast|\b(AAA)\b", re.IGNORECASE
)
# The contrast of level AAA, and the most there is.
_AAA, _MOST_CONTRAST = 7.0, 21.0


def lettering_in(brief: str) -> str:
    """What is to be read in a picture, as the brief quotes it; empty for nothing."""
    found = _SAYS.search(brief[:MOST_READ])
    return found[1].strip() if found else ""


def kept_out_of(brief: str) -> tuple[str, ...]:
    """What is not to be seen in a picture: "no people, without text"."""
    return tuple(dict.fromkeys(found[1].strip().casefold() for found in _WITHOUT.finditer(brief[:MOST_READ])))


def seen_in(brief: str, options: Mapping[str, str], models: Iterable[str]) -> str:
    """What is to be seen, in the brief's own words, without what it says about text, form and the image models of some names."""
    text = _GRID.sub(lambda found: options[found[1].split("|")[0].strip()], brief[:MOST_READ])
    names = "|".join(re.escape(name) for name in models)
    text = re.sub(rf"(?i)\b(?:(?:for|in) )?(?:{names})\b", "", _USED.sub("", _SAYS.sub("", text)))
    clauses = [
        trimmed(_ORDER.sub("", clause), " .!?-")
        for clause in re.split(r"[,;:\n]|\.\s", text)
        if not _FORM.search(clause)
    ]
    return ", ".join(clause for clause in clauses if len(clause) > 2)


def seed_in(brief: str) -> int | None:
    """The seed that a brief names: "seed 42"."""
    found = _SEED.search(brief[:MOST_READ])
    return int(found[1]) if found else None


def grid_in(brief: str, most: int) -> list[dict[str, str]]:
    """Which option each {a|b} of a brief has in each prompt, by the group's first option, at most so many; [{}] without one."""
    groups = [[option.strip() for option in found[1].split("|")] for found in _GRID.finditer(brief[:MOST_READ])]
    choices = itertools.islice(itertools.product(*groups), most)
    return [dict(zip((group[0] for group in groups), choice, strict=True)) for choice in choices]


def contrast_in(brief: str) -> float | None:
    """The contrast that a brief asks for: 7 of "contrast 7:1" and of "AAA"."""
    found = _CONTRAST.search(brief[:MOST_READ])
    return None if found is None else min(_MOST_CONTRAST, _AAA if found[3] else float(found[1] or found[2]))


def colours_named(text: str, names: Mapping[str, str]) -> list[str]:
    """The colours that a text names, by some names or as #RRGGBB, in its order."""
    found = [(at.start(), at.group().upper()) for at in _HEX.finditer(text)]
    taken: list[tuple[int, int]] = []
    for name in sorted(names, key=len, reverse=True):
        for at in pattern_of(name).finditer(text):
            if not any(start <= at.start() < end for start, end in taken):
                taken.append(at.span())
                found.append((at.start(), names[name]))
    return list(dict.fromkeys(value for _, value in sorted(found)))
