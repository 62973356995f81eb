"""Read instructions on an existing result: which of them concern the form of the full result. Pure.

An instruction mostly concerns the text: "swap question 3" and "add two bullets" give no number of questions or bullets. What
concerns the form of the full result overrides the same item of the earlier reading; the rest is kept.
"""

from __future__ import annotations

import re

from bot.checks.amounts import SMALL, convert_to_digits
from bot.checks.language import find_named_languages

from .forms import Form
from .patterns import extract_reading
from .reading import Reading
from .wording import ALL_LANGUAGES, compile_template

# Characters of an instruction that are read.
_MAX_READ = 1_000
# Distinct words of it that may name a part.
_MAX_WORDS = 60
_WORD = re.compile(r"[^\W\d_]{3,30}")
# An entry named by its number: "question 3", "Frage 3", "option no. 2".
_DIGITS = "|".join(sorted({word for words in SMALL.values() for word in words if len(word) > 2}, key=len, reverse=True))
_NUMBERED = re.compile(
    rf"\b(?P<noun>[^\W\d_]{{3,30}})\s+(?:(?:no|nr|num)\.?\s*|#|n[º°]\s*)?(?:\d{{1,3}}|{_DIGITS})\b(?![.,:]\d)",
    re.IGNORECASE,
)
# An instruction is too short to identify its language, so the words of all languages are searched.
_BOUND = r"\b<correction.bound>\b"
_RESIZING = r"\b<correction.resize>\b"
_PICKING = r"\b<correction.pick>\b"
# "Cut it to 3 options" names the total.
_TO_NUMBER = r"\b<correction.to>\s+\d{1,5}\b"
_CLAUSES = r"[,.;:!?\n()]+|\s<correction.join>\s"
_AROUND = r"\b<correction.around>\b"
_SCALED = frozenset({"words", "characters", "sentences"})


def read_correction(instruction: str, form: Form) -> Reading:
    """Read the statements of an instruction on form: "5 options instead", "max 40 words", "in Spanish", "without hashtags"."""
    instruction = convert_to_digits(instruction[:_MAX_READ])
    reading = extract_reading(_NUMBERED.sub(lambda found: _remove_number(found, form), instruction), form)
    update: dict[str, object] = {"language": _find_language(instruction)}
    if is_relative(instruction):
        update["count"] = tuple(one for one in reading.count if one.high == 0)
        update["size"] = tuple(one for one in reading.size if one.high and not one.low)
    return reading.model_copy(update=update)


def sets_length(instruction: str, form: Form) -> bool:
    """Whether an instruction sets the length of the full text."""
    return any(one.of == "all" and one.unit in _SCALED for one in read_correction(instruction, form).size)


def _compile_for_all_languages(template: str) -> re.Pattern[str]:
    """Compile a template with the words of all languages, lazily because it is slow."""
    return compile_template(template, ALL_LANGUAGES)


def is_relative(instruction: str) -> bool:
    """Whether an instruction concerns a part of the result, so that its numbers are no totals: "two more questions"."""
    return changes_number(instruction) or (
        bool(_compile_for_all_languages(_PICKING).search(instruction[:_MAX_READ])) and not _names_total(instruction)
    )


def changes_number(instruction: str) -> bool:
    """Whether an instruction adds or removes entries: "remove the second bullet"."""
    return bool(
        _compile_for_all_languages(_RESIZING).search(
            _compile_for_all_languages(_BOUND).sub(" ", instruction[:_MAX_READ])
        )
    ) and not _names_total(instruction)


def _names_total(instruction: str) -> bool:
    return bool(_compile_for_all_languages(_TO_NUMBER).search(convert_to_digits(instruction[:_MAX_READ])))


def find_named_parts(instruction: str, form: Form) -> set[str]:
    """Return the counted nouns that an instruction names: "remove the second bullet" names bullets."""
    words = dict.fromkeys(_WORD.findall(instruction[:_MAX_READ]))
    return {one.what for one in extract_reading("\n".join(f"2 {word}." for word in [*words][:_MAX_WORDS]), form).count}


def _remove_number(found: re.Match[str], form: Form) -> str:
    """Return an entry named by its number without the number; anything else unchanged."""
    counted = extract_reading(f"2 {found['noun']}", form).count
    return found["noun"] if counted else found.group()


def _find_language(instruction: str) -> str:
    """Return the language that an instruction wants for the full text; empty if it only mentions one."""
    for clause in _compile_for_all_languages(_CLAUSES).split(instruction):
        left = _compile_for_all_languages(_AROUND).sub(" ", clause).split()
        if len(left) == 1 and len(found := find_named_languages(left[0])) == 1:
            return next(iter(found))
    return ""
