"""Finds the place, shape, model, language and reading level that a brief asks for."""

from __future__ import annotations

import math
import re
from functools import cache

from babel import Locale

from .forms import Form
from .items import Brief, Item, find_clause, get_item
from .lexicon import list_languages, load_language_aliases, normalise_text
from .negations import is_ruled_out

# The place for ads of each network.
_AD_PLACES = {"linkedin": "linkedin_ads", "facebook": "meta_ads", "instagram": "meta_ads"}
# Media may also be the subject of a text, so networks take precedence.
_MEDIA = ("print", "screen")
# Networks whose names are common words too; they count only for kinds that are posted.
_AMBIGUOUS_NETWORKS = frozenset({"threads", "reel", "reels", "x"})
_POSTED_NOUNS = ("post", "ad", "scene")
# The maximum number of items before a place that may make it the subject.
_MAX_NEAR_ITEMS = 4
_MIN_PIXELS = 200
# A US grade is the age minus this.
_AGE_OF_GRADE_0 = 5
_MAX_GRADE, _MAX_AGE = 12, 18
# Endings of adjectives in German: "auf Englische".
_ADJECTIVE_ENDINGS = ("es", "er", "en", "e")
# The length of the prefixes of languages' names that most words are ruled out by.
_PREFIX_CHARACTERS = 2
# What follows the language of a result in Japanese.
_JAPANESE_PARTICLES = ("で", "に", "版")


def find_place(items: list[Item], form: Form) -> str:
    """Return the named place, one for ads first, print and screen last; empty without one."""
    is_posted = form.main in _POSTED_NOUNS
    places = [
        item.meanings["place"]
        for index, item in enumerate(items)
        if item.has("place")
        and (is_posted or item.text.casefold() not in _AMBIGUOUS_NETWORKS)
        and (form.shaped or item.meanings["place"] != "screen")
        and not _is_negated(items, index)
        and not (form.taught and item.meanings.get("named") == "thing" and _is_subject(items, index))
    ]
    ad_places = [place for place in places if place.endswith("_ads")]
    if form.main == "ad":
        ad_places += [_AD_PLACES[place] for place in places if place in _AD_PLACES]
    media = [medium for medium in _MEDIA if medium in places]
    networks = [place for place in places if place not in _MEDIA]
    return next(iter([*ad_places, *networks, *media]), "")


def _is_subject(items: list[Item], index: int) -> bool:
    """Whether something printed is the subject of teaching material: "rubric for a group poster"."""
    start, _ = find_clause(items, index)
    return any(item.has("of") for item in items[max(start, index - _MAX_NEAR_ITEMS) : index])


def _is_negated(items: list[Item], index: int) -> bool:
    """Whether a negation precedes an item, directly or by one word: "no screens", "don't touch tiktok"."""
    before, earlier = get_item(items, index - 1), get_item(items, index - 2)
    is_plain = before.type == "word" and not before.has("of", "language", "to")
    negations = [item for item in (before, earlier if is_plain else before) if item.has("no.before")]
    return any(not item.has("most.before") for item in negations)


def find_venue(items: list[Item]) -> str:
    """Return the kind's own place with the longest name, as "stable diffusion 3" contains the name of another."""
    venues = [item for item in items if item.has("venue")]
    return max(venues, key=lambda item: len(item.text)).meanings["venue"] if venues else ""


def find_model(items: list[Item]) -> str:
    """Return the named image model; empty without one."""
    return next((item.meanings["model"] for item in items if item.has("model")), "")


def find_shape(items: list[Item], form: Form) -> str:
    """Return the named aspect ratio as W:H or a word, else ""; without pictures only the paper's orientation."""
    for item in items if form.shaped else ():
        if item.type == "ratio":
            return item.text
        if item.kind == "size" and (ratio := _reduce_ratio(item.text)):
            item.is_used = True
            return ratio
    shapes = (item.meanings["shape"] for item in items if item.has("shape"))
    return next((shape for shape in shapes if form.shaped or shape in ("portrait", "landscape")), "")


def _reduce_ratio(pixels: str) -> str:
    """Return the aspect ratio of a size in pixels; empty for other sizes."""
    numbers = [int(digits) for digits in re.findall(r"\d+", pixels)]
    if len(numbers) != 2 or min(numbers) < _MIN_PIXELS:
        return ""
    divisor = math.gcd(*numbers)
    return f"{numbers[0] // divisor}:{numbers[1] // divisor}"


@cache
def _load_language_names() -> dict[str, str]:
    """Load the codes of languages by their names in all languages of briefs."""
    code_by_name = {**load_language_aliases()}
    for brief_language in list_languages():
        for code, name in Locale(brief_language).languages.items():
            if len(code) == 2:
                code_by_name.setdefault(normalise_text(name), code)
    return code_by_name


@cache
def _load_prefixes() -> frozenset[str]:
    """Load the first letters of languages' names, to skip most words quickly."""
    return frozenset(name[:_PREFIX_CHARACTERS] for name in _load_language_names())


def find_result_language(brief: Brief, items: list[Item]) -> str:
    """Return the ISO 639-1 code of the first language that a brief asks for; empty if there is none."""
    for index in range(len(items)):
        for length in (4, 3, 2) if brief.language == "ja" else (2, 1):
            code = _find_language(brief, items, index, length)
            if code and _is_wanted(brief, items, index, length) and not _is_refused(items, index, length):
                return code
    return ""


def _find_language(brief: Brief, items: list[Item], index: int, length: int) -> str:
    """Return the code of the language that `length` items name; empty if they name none."""
    if brief.normal[items[index].start : items[index].start + _PREFIX_CHARACTERS] not in _load_prefixes():
        return ""
    name = normalise_text(brief.text[items[index].start : get_item(items, min(index + length, len(items)) - 1).end])
    if name in _load_language_names():
        return _load_language_names()[name]
    stems = (name.removesuffix(ending) for ending in _ADJECTIVE_ENDINGS if length == 1 and name.endswith(ending))
    return next((_load_language_names()[stem] for stem in stems if stem in _load_language_names()), "")


def _is_wanted(brief: Brief, items: list[Item], index: int, length: int) -> bool:
    """Whether a language's name is that of the result rather than its subject."""
    before, following = get_item(items, index - 1), get_item(items, index + length)
    if brief.language == "ja":
        return following.text in _JAPANESE_PARTICLES
    if before.has("plain"):
        return True
    if before.type in ("stop", "comma") and (following.type in ("stop", "comma") or following.has("please")):
        return True
    if brief.language == "hi" and following.has("language"):
        return True
    return not following.has("taught") and (before.has("language") or get_item(items, index - 2).has("language"))


def _is_refused(items: list[Item], index: int, length: int) -> bool:
    """Whether a language is ruled out, or that of a part: "not in German", "en catalán no", "front in English"."""
    following, earlier = get_item(items, index + length), get_item(items, index - 2)
    is_negated_after = following.has("no.before", "no.after") and get_item(items, index + length + 1).type in (
        "stop",
        "comma",
    )
    return is_negated_after or earlier.has("part") or is_ruled_out(items, items[index].start)


def find_level(brief: Brief, items: list[Item], form: Form) -> str:
    """Return the reading level: "CEFR A2", "US grade 5", "easy" or ""; mark its numbers as used.

    Levels of the subject do not count: "our A2 learners won", "parking on level B2".
    """
    for index, item in enumerate(items):
        if level := _read_cefr_level(items, index, form) or _read_grade_level(brief, items, index):
            return level
        if item.meanings.get("level") == "reading age" and (ages := _find_ages(items, index)):
            for age in ages:
                age.is_used = True
            return f"US grade {int(ages[0].value) - _AGE_OF_GRADE_0}"
    return "easy" if any(_is_easy(brief, items, index) for index in range(len(items))) else ""


def _read_cefr_level(items: list[Item], index: int, form: Form) -> str:
    """Return the level of the CEFR at an index, such as "CEFR A2"; empty without one."""
    if not _is_cefr(items, index) or (form.shaped and form.describing) or _belongs_to_subject(items, index):
        return ""
    number = items[index + 1]
    number.is_used = True
    return f"CEFR {items[index].text.upper()}{int(number.value)}"


def _read_grade_level(brief: Brief, items: list[Item], index: int) -> str:
    """Return the level, such as "US grade 5", of "5th grade", "grade 5" or "10-year-olds" at an index; else ""."""
    item, following = items[index], get_item(items, index + 1)
    if item.text.casefold() == "grade" and following.type == "number" and 1 <= following.value <= _MAX_GRADE:
        following.is_used = True
        return f"US grade {int(following.value)}"
    if item.type != "number":
        return ""
    noun_index = index + 2 if following.text == "-" else index + 1
    grade = _read_grade(item, get_item(items, noun_index), brief.language)
    # "8th graders from Duluth" are the subject.
    if not grade or get_item(items, noun_index + 1).has("between") or _belongs_to_subject(items, index):
        return ""
    item.is_used = True
    if get_item(items, index - 1).has("to"):
        get_item(items, index - 2).is_used = True  # "11 to 12 year olds"
    return f"US grade {grade}"


def _find_ages(items: list[Item], index: int) -> list[Item]:
    """Return the one or two numbers after "reading age", as in "of about 9" or "8 to 10"; empty for other ages."""
    ages: list[Item] = []
    for item in items[index + 1 : index + 1 + 2 * _MAX_NEAR_ITEMS]:
        if item.type == "number" and _AGE_OF_GRADE_0 < item.value <= _MAX_AGE:
            ages.append(item)
        elif item.type == "stop" or not item.has("is", "of", "about.before", "to", "keep", "most.before"):
            break
    return ages[:2]


def _belongs_to_subject(items: list[Item], index: int) -> bool:
    """Whether words before a level make it part of the subject or a name: "our A2 learners", "rooms: A2, B1"."""
    while get_item(items, index - 1).type == "comma" and _is_cefr(items, index - 3):
        index -= 3
    word_index = index - 2 if get_item(items, index - 1).text == ":" else index - 1
    is_of_subject = get_item(items, word_index).has("subject") and not get_item(items, word_index - 1).has("of")
    return is_of_subject or get_item(items, word_index).has("label")


def _is_cefr(items: list[Item], index: int) -> bool:
    """Whether a letter and a number are a level of the CEFR, and no size of paper or beginning of a code."""
    letter, number, after = items[index], get_item(items, index + 1), get_item(items, index + 2)
    is_joined = letter.end == number.start and number.type == "number" and number.value in (1, 2)
    continues = after.has("paper") or (after.start == number.end and after.type == "word" and after.text.isalpha())
    return letter.text.casefold() in ("a", "b", "c") and is_joined and not continues


def _read_grade(number: Item, noun: Item, language: str) -> int:
    """Return the US grade of "5th grade" or "10-year-olds"; 0 for other words."""
    meaning, value = noun.meanings.get("level"), int(number.value)
    if meaning == "grade" and (number.kind == "ordinal" or language != "en") and 1 <= value <= _MAX_GRADE:
        return value
    return value - _AGE_OF_GRADE_0 if meaning == "age" and _AGE_OF_GRADE_0 < value <= _MAX_AGE else 0


def _is_easy(brief: Brief, items: list[Item], index: int) -> bool:
    """Whether an item asks for easy language, directly or as "plain" before the name of a language."""
    if items[index].meanings.get("level") == "easy":
        return True
    return items[index].has("plain") and index + 1 < len(items) and bool(_find_language(brief, items, index + 1, 1))
