"""What a brief says of a picture: what is to be seen in it and what not, the words in it, seed, colours, contrast. Pure."""

# ruff: noqa: E501 - patterns that are easier to read in long lines
from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from typing import Literal, get_args

from bot.checks.terms import norm

from .lexicon import TOKEN, Node, lexicon, normalised
from .phrases import pattern_of
from .subject import trimmed
from .wording import MOST_READ, filled, pattern_in, spoken, words

Facet = Literal["light", "view", "style"]
# Words of a clause that tells one thing.
_SHORT = 8
_GRID = re.compile(r"\{([^{}|]+(?:\|[^{}|]+)+)\}")
_SAYS = (
    r"(?:\b<picture.which>(?: |(?<=['’])))?\b<picture.says>\W{1,3}"
    r"[\"“'‘’«„»]\s?([^\"“”’»«„\n]{1,60})[\"“”'’»«]"
)
_WITHOUT = r"\b<picture.without=>(?:\s+|(?<=['’]))((?:(?!(?:<picture.ends>|<picture.please>)\b)(?:[^\W\d_]|-)(?:[^\W\d_]|-){0,40} ?){1,3})"
# What a brief says about the prompt and not about the picture: a whole clause, or the order that a clause begins with.
_FORM = (
    r"\b(?:<picture.form>|\d+:\d+|\d+ ?x ?\d+|<picture.please>|<picture.lacks> )|--"
    r"|^\W*(?:<picture.article> )?<picture.shape>\W*$"
)
_ORDER = (
    r"^(?:(?![-−]\d)\W)*(?:<picture.opens>\s+)*(?:(?:<picture.article>|<picture.large>)\s+)*"
    r"(?:<picture.picture>(?:\s+|$))+(?:<picture.behind>\s+)*(?:<picture.of>(?:\s+|(?<=['’])))?"
)
# A heading that tells what the picture is for, not what is in it: "poster for our jazz night: …".
_PURPOSE = r"^\W*(?:[\w'’-]+\s+){0,4}?<picture.picture>\s+<picture.purpose>\b"
# The same without a colon, where it is for another picture or a place to hang: "art for a gig poster, …".
_MEANT = (
    r"^\W*(?:<picture.opens>\s+)*(?:<picture.article>\s+)?(?:<picture.made>|<picture.picture>)\s+<picture.purpose>\s+"
    r"(?:<picture.article>\s+)?(?:[\w'’-]+\s+){0,2}(?:<picture.picture>|<picture.hung>)\W*$"
)
# Who asks and how, before what is to be seen: "I want the van in a tunnel".
_ASKED = r"^\W*(?:<picture.tells>\s+)(?:<picture.opens>\s+)+"
# What somebody does with the picture: "we print the name over it"; not "we see a fox".
_DONE = r"^\W*<picture.tells>\s+(?!(?:<picture.opens>|<picture.seeing>)\b)"
_USED = r"\b<picture.at>\s+(?:<picture.our>\s+)(?:<picture.new>\s+)?<picture.place>\b"
_SEED = r"\b<picture.seed>\W{1,3}(\d{1,9})\b"
# What gives a name, and the name: words with capitals, with small ones between them.
# "i.e." ends no clause.
_CLAUSES = re.compile(r"[,;\n]|:(?!\d)|(?<!\.\w)\.\s")
# What briefs keep out of pictures that has a name of its own in all languages.
_DRAWN = ("people", "text")
# Characters of a heading before a colon.
_MOST_HEADING = 100
_HEX = re.compile(r"#[0-9a-fA-F]{6}\b")
_CONTRAST = r"<picture.contrast>\D{0,20}(\d{1,2}(?:\.\d)?)|(\d{1,2}(?:\.\d)?)\s*(?::\s*1)?\s*(?:<picture.of_contrast>\s+)?<picture.contrast>|\b(AAA)\b"
# Colours that are not wanted, one or a row that ends with "or": "neither of them black", "no red, pink or gold".
_REFUSED = (
    r"\b<picture.refused>\s+(?:<picture.article>\s+)?"
    r"((?:(?:%(colour)s)\s*,\s*)*(?:%(colour)s)\s+(?:or|and|nor)\s+(?:%(colour)s)|(?:%(colour)s))\b"
)
# The contrast of level AAA, and the most there is.
_AAA, _MOST_CONTRAST = 7.0, 21.0


def lettering_in(brief: str) -> str:
    """What is to be read in a picture, as the brief quotes it; empty for nothing."""
    found = pattern_in(brief, _SAYS).search(brief[:MOST_READ])
    return found[1].strip() if found else ""


def kept_out_of(brief: str) -> tuple[str, ...]:
    """What is not to be seen in a picture: "no people, without text"."""
    found = pattern_in(brief, _WITHOUT).finditer(brief[:MOST_READ])
    return tuple(dict.fromkeys(one[1].strip().casefold() for one in found))


def kept_out_in_english(brief: str) -> tuple[str, ...]:
    """The same as image models read it: people and text by their English names, whatever the brief's language calls them."""
    known = lexicon(spoken(brief))

    def english(said: str) -> str:
        tokens = TOKEN.findall(normalised(said))
        length, means = known.longest(tokens, 0, Node())
        name = means.get("avoid", "") if length == len(tokens) else ""
        return name if name in _DRAWN and spoken(brief) != "en" else said

    return tuple(dict.fromkeys(map(english, kept_out_of(brief))))


def seen_in(brief: str, options: Mapping[str, str], models: Iterable[str]) -> str:
    """What is to be seen, in the brief's own words, without what it says about text, form and the image models of some names."""
    text = _GRID.sub(lambda found: options[found[1].split("|")[0].strip()], brief[:MOST_READ])
    names = "|".join(re.escape(name) for name in models)
    used, says, order, form, purpose = (pattern_in(brief, one) for one in (_USED, _SAYS, _ORDER, _FORM, _PURPOSE))
    before = "|".join(words("picture.before", spoken(brief)))
    text = re.sub(rf"(?i)\b(?:(?:{before}) )?(?:{names})\b", "", used.sub("", says.sub("", text)))
    heading, _, rest = text.partition(":")
    if rest.strip() and purpose.search(heading[:_MOST_HEADING]) and not re.search(r"[,;\n.]", heading):
        text = rest
    meant, done, asked = (pattern_in(brief, one) for one in (_MEANT, _DONE, _ASKED))
    told = [one for one in _CLAUSES.split(text) if not (form.search(one) or done.search(one))]
    # Where nothing else is told, what the picture is for is what is to be seen.
    shown = [one for one in told if not meant.search(one)] or told
    clauses = [trimmed(order.sub("", asked.sub("", one)), " .!?-") for one in shown]
    return ", ".join(clause for clause in clauses if len(clause) > 2)


def facets_in(seen: str) -> dict[Facet, str]:
    """What is to be seen as `seen_in` has it, by what tells of light, view and style.

    A short clause goes there whole; of a long one, and of the first, which names what is seen, the words alone that tell it.
    """
    found: dict[Facet, str] = {}
    patterns = {facet: pattern_in(seen, rf"(?<![\w-])<picture.{facet}>(?![\w-])") for facet in get_args(Facet)}
    for number, clause in enumerate(seen[:MOST_READ].split(", ")):
        for facet, pattern in patterns.items():
            if facet not in found and (said := pattern.search(clause)):
                found[facet] = clause if number and len(clause.split()) <= _SHORT else said.group()
    return found


def is_aside(clause: str) -> bool:
    """Whether a clause tells why, and not what is to be seen: "so they can find three living things"."""
    return bool(pattern_in(clause, r"^\W*<picture.aside>\b").search(clause))


def shown_of(unwanted: str, prompt: str, brief: str) -> bool:
    """Whether a prompt in English shows what its brief wants none of: "people" are a man and a child too."""
    if pattern_in(brief, r"<picture.nobody>").fullmatch(unwanted):
        return bool(filled(r"(?<!\w)<picture.people>(?!\w)", "en").search(prompt[:MOST_READ]))
    return norm(unwanted) in norm(prompt[:MOST_READ])


def seed_in(brief: str) -> int | None:
    """The seed that a brief names: "seed 42"."""
    found = pattern_in(brief, _SEED).search(brief[:MOST_READ])
    return int(found[1]) if found else None


def grid_in(brief: str, most: int) -> list[dict[str, str]]:
    """Which option each {a|b} of a brief has in each prompt, by the group's first option, at most so many; [{}] without one."""
    groups = [[option.strip() for option in found[1].split("|")] for found in _GRID.finditer(brief[:MOST_READ])]
    choices = itertools.islice(itertools.product(*groups), most)
    return [dict(zip((group[0] for group in groups), choice, strict=True)) for choice in choices]


def contrast_in(brief: str) -> float | None:
    """The contrast that a brief asks for: 7 of "contrast 7:1" and of "AAA"."""
    found = pattern_in(brief, _CONTRAST).search(brief[:MOST_READ])
    return None if found is None else min(_MOST_CONTRAST, _AAA if found[3] else float(found[1] or found[2]))


def colours_refused(text: str, names: Mapping[str, str]) -> frozenset[str]:
    """Of colours with some names those that a text wants none of."""
    colour = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    found = pattern_in(text, _REFUSED % {"colour": colour}).finditer(text[:MOST_READ])
    return frozenset(value for one in found for value in colours_named(one[1], names))


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
