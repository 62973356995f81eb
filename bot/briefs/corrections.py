"""What is said later of a result that is there: which of its words are about the form of all of it. Pure.

A wish is mostly about the text: "swap question 3" and "add two bullets" give no number of questions or bullets. What is about
its form as a whole goes before the same item of the earlier reading; what is not named keeps standing.
"""

from __future__ import annotations

import re

from bot.checks.amounts import SMALL, convert_to_digits
from bot.checks.language import find_named_languages

from .forms import Form
from .patterns import read_by_patterns
from .reading import Reading
from .wording import EVERY, filled

# Characters of a wish that are looked at.
_MAX_READ = 1_000
# Different words of it that may name a part.
_MAX_WORDS = 60
_WORD = re.compile(r"[^\W\d_]{3,30}")
# An entry that is named by its number: "question 3", "Frage 3", "option no. 2".
_DIGITS = "|".join(sorted({word for words in SMALL.values() for word in words if len(word) > 2}, key=len, reverse=True))
_NUMBERED = re.compile(
    rf"\b(?P<noun>[^\W\d_]{{3,30}})\s+(?:(?:no|nr|num)\.?\s*|#|n[º°]\s*)?(?:\d{{1,3}}|{_DIGITS})\b(?![.,:]\d)",
    re.IGNORECASE,
)
# What is said is a few words, whose language they hardly tell: those of all languages are looked for.
_BOUND = r"\b<correction.bound>\b"
_RESIZING = r"\b<correction.resize>\b"
_PICKING = r"\b<correction.pick>\b"
# "Cut it to 3 options" names the number that there is to be.
_TO_NUMBER = r"\b<correction.to>\s+\d{1,5}\b"
_CLAUSES = r"[,.;:!?\n()]+|\s<correction.join>\s"
_AROUND = r"\b<correction.around>\b"
_SCALED = frozenset({"words", "characters", "sentences"})


def correction_of(wish: str, form: Form) -> Reading:
    """What a wish about a result says about its form: "5 options instead", "max 40 words", "in Spanish", "without hashtags"."""
    wish = convert_to_digits(wish[:_MAX_READ])
    reading = read_by_patterns(_NUMBERED.sub(lambda found: _unnumbered(found, form), wish), form)
    update: dict[str, object] = {"language": _language_of(wish)}
    if is_relative(wish):
        update["count"] = tuple(one for one in reading.count if one.high == 0)
        update["size"] = tuple(one for one in reading.size if one.high and not one.low)
    return reading.model_copy(update=update)


def names_length(wish: str, form: Form) -> bool:
    """Whether a wish says how long all of the text is to be."""
    return any(one.of == "all" and one.unit in _SCALED for one in correction_of(wish, form).size)


def _in_all(template: str) -> re.Pattern[str]:
    """A pattern with the words of all languages, put together when it is first used: at the start it would take a tenth of that."""
    return filled(template, EVERY)


def is_relative(wish: str) -> bool:
    """Whether a wish is about some of what is there, so that its numbers are none of the whole: "two more questions"."""
    return changes_number(wish) or (bool(_in_all(_PICKING).search(wish[:_MAX_READ])) and not _names_total(wish))


def changes_number(wish: str) -> bool:
    """Whether a wish makes something more or fewer than there is: "remove the second bullet"."""
    return bool(_in_all(_RESIZING).search(_in_all(_BOUND).sub(" ", wish[:_MAX_READ]))) and not _names_total(wish)


def _names_total(wish: str) -> bool:
    return bool(_in_all(_TO_NUMBER).search(convert_to_digits(wish[:_MAX_READ])))


def parts_named(wish: str, form: Form) -> set[str]:
    """What a wish names of that which is counted, in the nouns of a reading: "remove the second bullet" names bullets."""
    words = dict.fromkeys(_WORD.findall(wish[:_MAX_READ]))
    return {one.what for one in read_by_patterns("\n".join(f"2 {word}." for word in [*words][:_MAX_WORDS]), form).count}


def _unnumbered(found: re.Match[str], form: Form) -> str:
    """An entry that is named by its number without that; anything else as it stands."""
    counted = read_by_patterns(f"2 {found['noun']}", form).count
    return found["noun"] if counted else found.group()


def _language_of(wish: str) -> str:
    """The language that a wish wants all of the text in; empty where it names one as a matter of the text."""
    for clause in _in_all(_CLAUSES).split(wish):
        left = _in_all(_AROUND).sub(" ", clause).split()
        if len(left) == 1 and len(found := find_named_languages(left[0])) == 1:
            return next(iter(found))
    return ""
