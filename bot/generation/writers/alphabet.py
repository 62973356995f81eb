"""What a model in this process can write at all: the signs of its language's texts, and the figures that it was told. Pure.

A grammar keeps a model of a few billion parameters from what is never right in a text for readers: Markdown, placeholders,
other scripts, and where figures are claims, those that nobody gave. What the grammar allows is still checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from bot.briefs import brief_text
from bot.checks.currencies import money_named
from bot.content import Assignment
from bot.engines import Ask
from bot.generation.check import uses_figures
from bot.generation.repairs import GREETING
from bot.generation.shape import LONG
from bot.generation.styled import emoji_bounds

# Languages whose letters the class of letters has; texts in others may have any sign that is no markup.
_LATIN = frozenset({"de", "en", "es", "fr", "it", "nl", "pl", "pt", "sv", "tr"})
_LETTERS = "A-Za-zÀ-ɏ"
_OPENING = "“„«‚‘¡¿"
# A space first, a hyphen last, as a class of characters wants it.
_SIGNS = " .,;:!?()&%+=/'’”»›‹…·°ªº§–—×½¼¾²³\u00a0\u202f-"
# Signs of money are those that were told, in marketing; elsewhere any may be in an example.
_MONEY = "€£$¥₹"
# A text does not end within a clause.
_CLOSING = ".!?…)%”’“»€£$°/"
# What makes one figure of two.
_JOINS = ".,:/’"
_JOINING = dict.fromkeys(map(ord, _JOINS))
_EMOJI = "☀-➿🌀-🫿\u200d\ufe0f"
_MARKUP = r"\[\]{}<>*`|\\^~_\"#"
_HOURS = 24
_OTHER_POINT = str.maketrans(".,", ",.")
_FIGURE = re.compile(r"\d+(?:[.,:/’\u202f]\d+)*")
# More alternatives slow a grammar down, and a source with so many figures is no short list of facts.
_MOST_FIGURES = 60
# A greeting is one, and no first sentence; so many characters of a name follow its first.
_MOST_GREETED = 36
# At the usual one it loses the thread.
TEMPERATURE = 0.4


def kept_to_signs(ask: Ask, assignment: Assignment, *, temperature: float = TEMPERATURE) -> Ask:
    """The call as a model of a few billion parameters gets it: less at chance, and its free texts without other signs and figures.

    What machines read may have any.
    """
    ask = replace(ask, temperature=temperature)
    if not _is_for_readers(assignment):
        return ask
    if ask.schema is None:
        return replace(ask, pattern=_pattern(1, 0, assignment, lines=True))
    return replace(ask, schema=_kept(ask.schema, assignment))


def _is_for_readers(assignment: Assignment) -> bool:
    kind = assignment.kind
    return not (kind.for_machines or kind.needs_text or kind.family in ("image", "data", "chat"))


def _kept(schema: Mapping[str, Any], assignment: Assignment, name: str = "") -> dict[str, Any]:
    changed = dict(schema)
    if "properties" in changed:
        changed["properties"] = {name: _kept(part, assignment, name) for name, part in changed["properties"].items()}
    if "items" in changed:
        changed["items"] = _kept(changed["items"], assignment)
    if name == GREETING and assignment.language in _LATIN:
        return {"type": "string", "pattern": _greeting(assignment)}
    if changed.get("type") == "string" and "enum" not in changed:
        least, most = changed.pop("minLength", 0), changed.pop("maxLength", 0)
        changed["pattern"] = _pattern(least, most, assignment, lines=not most or most >= LONG)
    return changed


def _greeting(assignment: Assignment) -> str:
    """Words with one blank between two, and the figures that were told: "Dear parents of 3B,"."""
    digits, figures = _figures(assignment)
    sign = f"(?:[{_LETTERS}'’-{digits}]|{figures})" if figures else f"[{_LETTERS}'’{digits}-]"
    return f"^[{_LETTERS}¡](?: ?{sign}){{1,{_MOST_GREETED}}}[,:!]$"


def _pattern(least: int, most: int, assignment: Assignment, *, lines: bool) -> str:
    letters, signs = _classes(assignment)
    digits, figures = _figures(assignment)
    text = f"[{letters}{_OPENING}{digits}{chr(10) if lines else ''}{signs}]" if letters else f"[^{signs}]"
    if not letters:
        return f"^[^\\s{signs}]{text}{{{max(0, least - 1)},{most - 1 if most else ''}}}$"
    first, last = f"[{letters}{_OPENING}{digits}]", f"[{letters}{digits}{_CLOSING}]"
    rest = f"{{{max(0, least - 2)},{max(0, most - 2) if most else ''}}}"
    if not figures:
        return f"^{first}(?:{text}{rest}{last})?$"
    # Behind a figure no sign makes another figure of it: 8 and 20 are no 8:20.
    behind = f"(?:[{letters}{_OPENING}{chr(10) if lines else ''}{signs.translate(_JOINING)}]|[{_JOINS}]{text})"
    figure = f"(?:{figures}){behind}"
    return f"^(?:{first}|{figure})(?:{text}|{figure}){rest}(?:(?:{figures})?{last}|(?:{figures}))$"


def _classes(assignment: Assignment) -> tuple[str, str]:
    """The letters and the other signs of a text; no letters where any may stand that is none of the signs."""
    if assignment.language not in _LATIN:
        return "", _MARKUP
    told = " ".join(assignment.sources)
    signs = "".join(sign for sign in "@[]" if sign in told)
    signs = signs.replace("[", r"\[").replace("]", r"\]")
    signs += "".join(sign for sign in _MONEY if sign in money_named(told) or not uses_figures(assignment))
    if "hashtag" in assignment.wishes.counts or "#" in told:
        signs += "#"
    _, emoji = emoji_bounds(assignment) or (0, 0)
    return _LETTERS + (_EMOJI if emoji and assignment.kind.emoji else ""), signs + _SIGNS


def _figures(assignment: Assignment) -> tuple[str, str]:
    """The digits that any text may have, else the figures that it was told, as alternatives."""
    wanted = assignment.profile.call_to_action
    matter = [brief_text(source) if source == assignment.brief else source for source in assignment.sources]
    told = [*matter, *assignment.wishes.figures, *([wanted.text] if wanted else [])]
    found = dict.fromkeys(figure for source in told for figure in _FIGURE.findall(source))
    if not uses_figures(assignment) or len(found) > _MOST_FIGURES or assignment.language not in _LATIN:
        return "0-9", ""
    written = dict.fromkeys(form for figure in found for form in _written(figure))
    return "", "|".join(map(re.escape, sorted(written, key=len, reverse=True)))


def _written(figure: str) -> Iterator[str]:
    """A figure as it stands, and as other languages or styles write it: 12000 also as 12,000, 4.50 as 4,50, 20:15 as 20.15."""
    yield figure
    if re.fullmatch(r"\d{4,9}|\d{1,3}(?:[.,’\u202f]\d{3})+", figure):
        number = int(re.sub(r"\D", "", figure))
        yield str(number)
        yield from (f"{number:,}".replace(",", sign) for sign in ",.\u202f")
    elif re.fullmatch(r"\d{1,3}[.,]\d{1,2}", figure):
        yield figure.translate(_OTHER_POINT)
    if (clock := re.fullmatch(r"(\d{1,2})(?::(\d\d))?", figure)) and int(clock[1]) <= _HOURS:
        yield from (f"{clock[1]}{sign}{clock[2] or '00'}" for sign in ":.")
