"""Where a result is used, in which shape and language, for which model, and how hard it may be. Pure."""

from __future__ import annotations

import math
import re
from functools import cache

from babel import Locale

from .forms import Form
from .items import Brief, Item, clause, item_at
from .lexicon import languages, normalised, tongues
from .literals import is_ruled_out

# What a brief for an advertisement means by the name of a network.
_PAID = {"linkedin": "linkedin_ads", "facebook": "meta_ads", "instagram": "meta_ads"}
# Print and screen are also words for what a text is about, so a network goes before them.
_LAST = ("print", "screen")
# Names of networks that are things as well, but where something is posted.
_ALSO_THINGS = frozenset({"threads", "reel", "reels", "x"})
_POSTED = ("post", "ad", "scene")
# Items before a place that may say that it is what a text is about.
_NEAR = 4
_MIN_PIXELS = 200
# A US grade is the age less five.
_AGE_OF_GRADE_0 = 5
_MAX_GRADE, _MAX_AGE = 12, 18
# Endings of adjectives in German and Dutch: "auf Englische".
_ENDINGS = ("es", "er", "en", "e")
# Letters of a name that are compared first.
_BEGINNING = 2
_JAPANESE_IN = ("で", "に", "版")


def place_of(items: list[Item], form: Form) -> str:
    """The place that is named; one for advertisements before its network, print and screen last."""
    posted = form.main in _POSTED
    named = [
        item.means["place"]
        for at, item in enumerate(items)
        if item.has("place")
        and (posted or item.text.casefold() not in _ALSO_THINGS)
        and (form.shaped or item.means["place"] != "screen")
        and not _is_shunned(items, at)
        and not (form.taught and item.means.get("named") == "thing" and _is_matter(items, at))
    ]
    ads = [name for name in named if name.endswith("_ads")]
    if form.main == "ad":
        ads += [_PAID[name] for name in named if name in _PAID]
    others = sorted(named, key=lambda name: name in _LAST and 1 + _LAST.index(name))
    return next(iter([*ads, *others]), "")


def _is_matter(items: list[Item], at: int) -> bool:
    """Whether something printed is what teaching material is about: "rubric for a group poster"."""
    start, _ = clause(items, at)
    return any(one.has("of") for one in items[max(start, at - _NEAR) : at])


def _is_shunned(items: list[Item], at: int) -> bool:
    """Whether a negation stands right before a place, or one word before it: "don't touch tiktok", "no screens"."""
    before, earlier = item_at(items, at - 1), item_at(items, at - 2)
    plain = before.sort == "word" and not before.has("of", "language", "to")
    denied = [one for one in (before, earlier if plain else before) if one.has("no.before")]
    return any(not one.has("most.before") for one in denied)


def venue_of(items: list[Item]) -> str:
    """Of the places that the kind has the one with the longest name, as "stable diffusion 3" holds another's."""
    named = [item for item in items if item.has("venue")]
    return max(named, key=lambda item: len(item.text)).means["venue"] if named else ""


def model_of(items: list[Item]) -> str:
    """The image model that is named."""
    return next((item.means["model"] for item in items if item.has("model")), "")


def shape_of(items: list[Item], form: Form) -> str:
    """The shape that is named, as W:H or in a word; of what is no picture only how the paper lies."""
    for item in items if form.shaped else ():
        if item.sort == "ratio":
            return item.text
        if item.kind == "size" and (ratio := _ratio(item.text)):
            item.used = True
            return ratio
    shapes = (item.means["shape"] for item in items if item.has("shape"))
    return next((shape for shape in shapes if form.shaped or shape in ("portrait", "landscape")), "")


def _ratio(pixels: str) -> str:
    """The shape of a size in pixels, empty for one of other things."""
    numbers = [int(one) for one in re.findall(r"\d+", pixels)]
    if len(numbers) != 2 or min(numbers) < _MIN_PIXELS:
        return ""
    divisor = math.gcd(*numbers)
    return f"{numbers[0] // divisor}:{numbers[1] // divisor}"


@cache
def _names() -> dict[str, str]:
    """Names of languages in the languages that briefs are written in, with their codes."""
    found = {**tongues()}
    for code in languages():
        for name, title in Locale(code).languages.items():
            if len(name) == 2:
                found.setdefault(normalised(title), name)
    return found


@cache
def _beginnings() -> frozenset[str]:
    """The first letters of those names: few words of a brief begin like them."""
    return frozenset(name[:_BEGINNING] for name in _names())


def language_of_result(brief: Brief, items: list[Item]) -> str:
    """ISO 639-1 code of the language that the result is to be in, empty where the brief names none."""
    for at in range(len(items)):
        for length in (4, 3, 2) if brief.language == "ja" else (2, 1):
            code = _language_at(brief, items, at, length)
            if code and _is_wanted(brief, items, at, length) and not _is_refused(items, at, length):
                return code
    return ""


def _language_at(brief: Brief, items: list[Item], at: int, length: int) -> str:
    """The code of the language that some items name."""
    if brief.normal[items[at].start : items[at].start + _BEGINNING] not in _beginnings():
        return ""
    name = normalised(brief.text[items[at].start : item_at(items, min(at + length, len(items)) - 1).end])
    if name in _names():
        return _names()[name]
    stems = (name.removesuffix(ending) for ending in _ENDINGS if length == 1 and name.endswith(ending))
    return next((_names()[stem] for stem in stems if stem in _names()), "")


def _is_wanted(brief: Brief, items: list[Item], at: int, length: int) -> bool:
    """Whether the name of a language says in which the result is to be, not what it is about."""
    before, follows = item_at(items, at - 1), item_at(items, at + length)
    if brief.language == "ja":
        return follows.text in _JAPANESE_IN
    if before.has("plain"):
        return True
    if before.sort in ("stop", "comma") and (follows.sort in ("stop", "comma") or follows.has("please")):
        return True
    if brief.language == "hi" and follows.has("language"):
        return True
    return not follows.has("taught") and (before.has("language") or item_at(items, at - 2).has("language"))


def _is_refused(items: list[Item], at: int, length: int) -> bool:
    """Whether a language is not wanted, or that of one part alone: "not in German", "en catalán no", "front in English"."""
    follows, part = item_at(items, at + length), item_at(items, at - 2)
    behind = follows.has("no.before", "no.after") and item_at(items, at + length + 1).sort in ("stop", "comma")
    return behind or part.has("part") or is_ruled_out(items, items[at].start)


def level_of(brief: Brief, items: list[Item], form: Form) -> str:
    """How hard the text may be: "CEFR A2", "US grade 5" or "easy"; its numbers count nothing else then.

    A level of somebody or something that the text is about is none of the text: "our A2 learners won", "parking on level B2".
    """
    for at, item in enumerate(items):
        follows = item_at(items, at + 1)
        if _is_cefr(items, at):
            if (form.shaped and form.describing) or _is_of_matter(items, at):
                continue
            follows.used = True
            return f"CEFR {item.text.upper()}{int(follows.value)}"
        if item.sort == "number":
            place = at + 2 if follows.text == "-" else at + 1
            grade = _grade(item, item_at(items, place), brief.language)
            # "8th graders from Duluth" are talked of.
            if grade and not item_at(items, place + 1).has("between") and not _is_of_matter(items, at):
                item.used = True
                if item_at(items, at - 1).has("to"):
                    item_at(items, at - 2).used = True  # "11 to 12 year olds"
                return f"US grade {grade}"
        if item.means.get("level") == "reading age" and (told := _ages_behind(items, at)):
            for one in told:
                one.used = True
            return f"US grade {int(told[0].value) - _AGE_OF_GRADE_0}"
        if item.text.casefold() == "grade" and follows.sort == "number" and 1 <= follows.value <= _MAX_GRADE:
            follows.used = True
            return f"US grade {int(follows.value)}"
    return "easy" if any(_is_easy(brief, items, at) for at in range(len(items))) else ""


def _ages_behind(items: list[Item], at: int) -> list[Item]:
    """The numbers behind "reading age", be it "of about 9" or "8 to 10"; none where it is no age of a reader."""
    found: list[Item] = []
    for item in items[at + 1 : at + 1 + 2 * _NEAR]:
        if item.sort == "number" and _AGE_OF_GRADE_0 < item.value <= _MAX_AGE:
            found.append(item)
        elif item.sort == "stop" or not item.has("is", "of", "about.before", "to", "keep", "most.before"):
            break
    return found[:2]


def _is_of_matter(items: list[Item], at: int) -> bool:
    """Whether words before a level make it one of the subject, or a label: "our A2 learners", "rooms: A2, B1"."""
    while item_at(items, at - 1).sort == "comma" and _is_cefr(items, at - 3):
        at -= 3
    before = at - 2 if item_at(items, at - 1).text == ":" else at - 1
    own = item_at(items, before).has("subject") and not item_at(items, before - 1).has("of")
    return own or item_at(items, before).has("label")


def _is_cefr(items: list[Item], at: int) -> bool:
    letter, number, after = items[at], item_at(items, at + 1), item_at(items, at + 2)
    glued = letter.end == number.start and number.sort == "number" and number.value in (1, 2)
    more = after.has("paper") or (after.start == number.end and after.sort == "word" and after.text.isalpha())
    return letter.text.casefold() in ("a", "b", "c") and glued and not more


def _grade(number: Item, named: Item, language: str) -> int:
    """The US grade of "5th grade" or "10-year-olds", 0 for what is none."""
    meaning, value = named.means.get("level"), int(number.value)
    if meaning == "grade" and (number.kind == "ordinal" or language != "en") and 1 <= value <= _MAX_GRADE:
        return value
    return value - _AGE_OF_GRADE_0 if meaning == "age" and _AGE_OF_GRADE_0 < value <= _MAX_AGE else 0


def _is_easy(brief: Brief, items: list[Item], at: int) -> bool:
    plain = items[at].has("plain") and bool(_language_at(brief, items, at + 1, 1)) if at + 1 < len(items) else False
    return items[at].means.get("level") == "easy" or plain
