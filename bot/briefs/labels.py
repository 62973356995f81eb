"""The place, shape, language, model and reading level of a result. Pure."""

from __future__ import annotations

import math
import re
from functools import cache

from babel import Locale

from .forms import Form
from .items import Brief, Item, find_clause, get_item
from .lexicon import list_languages, load_language_aliases, normalise_text
from .literals import is_ruled_out

# The advertising place of a network.
_PAID_PLACES = {"linkedin": "linkedin_ads", "facebook": "meta_ads", "instagram": "meta_ads"}
# Print and screen may also be the subject, so networks take precedence.
_LAST_PLACES = ("print", "screen")
# Names of networks that are common words as well, except in kinds that are posted.
_ALSO_THINGS = frozenset({"threads", "reel", "reels", "x"})
_POSTED_NOUNS = ("post", "ad", "scene")
# Items before a place that may make it the subject.
_NEAR = 4
_MIN_PIXELS = 200
# A US grade is the age minus five.
_AGE_OF_GRADE_0 = 5
_MAX_GRADE, _MAX_AGE = 12, 18
# Endings of adjectives in German and Dutch: "auf Englische".
_ENDINGS = ("es", "er", "en", "e")
# Letters of a language's name that are compared first.
_BEGINNING = 2
_JAPANESE_IN = ("で", "に", "版")


def find_place(items: list[Item], form: Form) -> str:
    """Return the named place; an advertising place takes precedence over its network, print and screen come last."""
    posted = form.main in _POSTED_NOUNS
    named = [
        item.meanings["place"]
        for at, item in enumerate(items)
        if item.has("place")
        and (posted or item.text.casefold() not in _ALSO_THINGS)
        and (form.shaped or item.meanings["place"] != "screen")
        and not _is_shunned(items, at)
        and not (form.taught and item.meanings.get("named") == "thing" and _is_matter(items, at))
    ]
    ads = [name for name in named if name.endswith("_ads")]
    if form.main == "ad":
        ads += [_PAID_PLACES[name] for name in named if name in _PAID_PLACES]
    others = sorted(named, key=lambda name: name in _LAST_PLACES and 1 + _LAST_PLACES.index(name))
    return next(iter([*ads, *others]), "")


def _is_matter(items: list[Item], at: int) -> bool:
    """Whether something printed is the subject of teaching material: "rubric for a group poster"."""
    start, _ = find_clause(items, at)
    return any(one.has("of") for one in items[max(start, at - _NEAR) : at])


def _is_shunned(items: list[Item], at: int) -> bool:
    """Whether a negation precedes a place by at most one word: "don't touch tiktok", "no screens"."""
    before, earlier = get_item(items, at - 1), get_item(items, at - 2)
    plain = before.type == "word" and not before.has("of", "language", "to")
    denied = [one for one in (before, earlier if plain else before) if one.has("no.before")]
    return any(not one.has("most.before") for one in denied)


def find_venue(items: list[Item]) -> str:
    """Return the kind's place with the longest name, as "stable diffusion 3" contains another's."""
    named = [item for item in items if item.has("venue")]
    return max(named, key=lambda item: len(item.text)).meanings["venue"] if named else ""


def find_model(items: list[Item]) -> str:
    """Return the named image model."""
    return next((item.meanings["model"] for item in items if item.has("model")), "")


def find_shape(items: list[Item], form: Form) -> str:
    """Return the named shape, as W:H or a word; for kinds without pictures only the paper's orientation."""
    for item in items if form.shaped else ():
        if item.type == "ratio":
            return item.text
        if item.kind == "size" and (ratio := _reduce_ratio(item.text)):
            item.is_used = True
            return ratio
    shapes = (item.meanings["shape"] for item in items if item.has("shape"))
    return next((shape for shape in shapes if form.shaped or shape in ("portrait", "landscape")), "")


def _reduce_ratio(pixels: str) -> str:
    """Return the ratio of a size in pixels, empty for other sizes."""
    numbers = [int(one) for one in re.findall(r"\d+", pixels)]
    if len(numbers) != 2 or min(numbers) < _MIN_PIXELS:
        return ""
    divisor = math.gcd(*numbers)
    return f"{numbers[0] // divisor}:{numbers[1] // divisor}"


@cache
def _load_language_names() -> dict[str, str]:
    """Load the names of languages in the languages of briefs, with their codes."""
    found = {**load_language_aliases()}
    for code in list_languages():
        for name, title in Locale(code).languages.items():
            if len(name) == 2:
                found.setdefault(normalise_text(title), name)
    return found


@cache
def _load_beginnings() -> frozenset[str]:
    """Load the first letters of those names, to skip most words quickly."""
    return frozenset(name[:_BEGINNING] for name in _load_language_names())


def find_result_language(brief: Brief, items: list[Item]) -> str:
    """Return the ISO 639-1 code of the result's language, empty if the brief names none; of several, the first."""
    for at in range(len(items)):
        for length in (4, 3, 2) if brief.language == "ja" else (2, 1):
            code = _find_language(brief, items, at, length)
            if code and _is_wanted(brief, items, at, length) and not _is_refused(items, at, length):
                return code
    return ""


def _find_language(brief: Brief, items: list[Item], at: int, length: int) -> str:
    """Return the code of the language that some items name."""
    if brief.normal[items[at].start : items[at].start + _BEGINNING] not in _load_beginnings():
        return ""
    name = normalise_text(brief.text[items[at].start : get_item(items, min(at + length, len(items)) - 1).end])
    if name in _load_language_names():
        return _load_language_names()[name]
    stems = (name.removesuffix(ending) for ending in _ENDINGS if length == 1 and name.endswith(ending))
    return next((_load_language_names()[stem] for stem in stems if stem in _load_language_names()), "")


def _is_wanted(brief: Brief, items: list[Item], at: int, length: int) -> bool:
    """Whether a language's name is that of the result rather than its subject."""
    before, follows = get_item(items, at - 1), get_item(items, at + length)
    if brief.language == "ja":
        return follows.text in _JAPANESE_IN
    if before.has("plain"):
        return True
    if before.type in ("stop", "comma") and (follows.type in ("stop", "comma") or follows.has("please")):
        return True
    if brief.language == "hi" and follows.has("language"):
        return True
    return not follows.has("taught") and (before.has("language") or get_item(items, at - 2).has("language"))


def _is_refused(items: list[Item], at: int, length: int) -> bool:
    """Whether a language is ruled out, or only that of a part: "not in German", "en catalán no", "front in English"."""
    follows, part = get_item(items, at + length), get_item(items, at - 2)
    behind = follows.has("no.before", "no.after") and get_item(items, at + length + 1).type in ("stop", "comma")
    return behind or part.has("part") or is_ruled_out(items, items[at].start)


def find_level(brief: Brief, items: list[Item], form: Form) -> str:
    """Return the reading level: "CEFR A2", "US grade 5" or "easy"; marks its numbers as used.

    Levels of the subject do not count: "our A2 learners won", "parking on level B2".
    """
    for at, item in enumerate(items):
        follows = get_item(items, at + 1)
        if _is_cefr(items, at):
            if (form.shaped and form.describing) or _is_of_matter(items, at):
                continue
            follows.is_used = True
            return f"CEFR {item.text.upper()}{int(follows.value)}"
        if item.type == "number":
            place = at + 2 if follows.text == "-" else at + 1
            grade = _read_grade(item, get_item(items, place), brief.language)
            # "8th graders from Duluth" are the subject.
            if grade and not get_item(items, place + 1).has("between") and not _is_of_matter(items, at):
                item.is_used = True
                if get_item(items, at - 1).has("to"):
                    get_item(items, at - 2).is_used = True  # "11 to 12 year olds"
                return f"US grade {grade}"
        if item.meanings.get("level") == "reading age" and (ages := _find_ages(items, at)):
            for one in ages:
                one.is_used = True
            return f"US grade {int(ages[0].value) - _AGE_OF_GRADE_0}"
        if item.text.casefold() == "grade" and follows.type == "number" and 1 <= follows.value <= _MAX_GRADE:
            follows.is_used = True
            return f"US grade {int(follows.value)}"
    return "easy" if any(_is_easy(brief, items, at) for at in range(len(items))) else ""


def _find_ages(items: list[Item], at: int) -> list[Item]:
    """Return the numbers after "reading age", as in "of about 9" or "8 to 10"; empty for other ages."""
    found: list[Item] = []
    for item in items[at + 1 : at + 1 + 2 * _NEAR]:
        if item.type == "number" and _AGE_OF_GRADE_0 < item.value <= _MAX_AGE:
            found.append(item)
        elif item.type == "stop" or not item.has("is", "of", "about.before", "to", "keep", "most.before"):
            break
    return found[:2]


def _is_of_matter(items: list[Item], at: int) -> bool:
    """Whether words before a level make it part of the subject, or a label: "our A2 learners", "rooms: A2, B1"."""
    while get_item(items, at - 1).type == "comma" and _is_cefr(items, at - 3):
        at -= 3
    before = at - 2 if get_item(items, at - 1).text == ":" else at - 1
    own = get_item(items, before).has("subject") and not get_item(items, before - 1).has("of")
    return own or get_item(items, before).has("label")


def _is_cefr(items: list[Item], at: int) -> bool:
    letter, number, after = items[at], get_item(items, at + 1), get_item(items, at + 2)
    glued = letter.end == number.start and number.type == "number" and number.value in (1, 2)
    more = after.has("paper") or (after.start == number.end and after.type == "word" and after.text.isalpha())
    return letter.text.casefold() in ("a", "b", "c") and glued and not more


def _read_grade(number: Item, named: Item, language: str) -> int:
    """Return the US grade of "5th grade" or "10-year-olds", 0 for other words."""
    meaning, value = named.meanings.get("level"), int(number.value)
    if meaning == "grade" and (number.kind == "ordinal" or language != "en") and 1 <= value <= _MAX_GRADE:
        return value
    return value - _AGE_OF_GRADE_0 if meaning == "age" and _AGE_OF_GRADE_0 < value <= _MAX_AGE else 0


def _is_easy(brief: Brief, items: list[Item], at: int) -> bool:
    plain = items[at].has("plain") and bool(_find_language(brief, items, at + 1, 1)) if at + 1 < len(items) else False
    return items[at].meanings.get("level") == "easy" or plain
