"""Parses what an instruction on an existing result says about the form of the full result.

Most numbers concern only a part: "swap question 3" and "add two bullets" give no number of questions or bullets.
"""

from __future__ import annotations

import re

from bot.checks.amounts import SMALL, convert_to_digits
from bot.checks.language import find_named_languages

from .forms import Form
from .patterns import extract_reading
from .reading import Reading
from .wording import ALL_LANGUAGES, compile_template

# The maximum number of characters of an instruction that are parsed.
_MAX_INSTRUCTION_CHARACTERS = 1_000
# The maximum number of its distinct words that are searched for names of parts.
_MAX_DISTINCT_WORDS = 60
_WORD = re.compile(r"[^\W\d_]{3,30}")
# An entry named by its number: "question 3", "Frage 3", "option no. 2".
_NUMBER_WORDS = "|".join(
    sorted({word for words in SMALL.values() for word in words if len(word) > 2}, key=len, reverse=True)
)
_NUMBERED_ENTRY = re.compile(
    rf"\b(?P<noun>[^\W\d_]{{3,30}})\s+(?:(?:no|nr|num)\.?\s*|#|n[º°]\s*)?(?:\d{{1,3}}|{_NUMBER_WORDS})\b(?![.,:]\d)",
    re.IGNORECASE,
)
# An instruction is too short to identify its language, so the words of all languages are searched.
_BOUND_TEMPLATE = r"\b<correction.bound>\b"
_RESIZING_TEMPLATE = r"\b<correction.resize>\b"
_PICKING_TEMPLATE = r"\b<correction.pick>\b"
# "Cut it to 3 options" names the total.
_TOTAL_TEMPLATE = r"\b<correction.to>\s+\d{1,5}\b"
_CLAUSE_END_TEMPLATE = r"[,.;:!?\n()]+|(?:^|\s)<correction.join>\s"
_LANGUAGE_CONTEXT_TEMPLATE = r"\b<correction.around>\b"
_LENGTH_UNITS = frozenset({"words", "characters", "sentences"})


def read_correction(instruction: str, form: Form) -> Reading:
    """Parse the statements of an instruction on form: "5 options instead", "max 40 words", "in Spanish"."""
    instruction = convert_to_digits(instruction[:_MAX_INSTRUCTION_CHARACTERS])
    reading = extract_reading(_NUMBERED_ENTRY.sub(lambda match: _remove_number(match, form), instruction), form)
    update: dict[str, object] = {"language": _find_language(instruction)}
    if is_relative(instruction):
        # Of the numbers only bounds are certain: what must not be there at all, and sizes at most.
        update["count"] = tuple(bound for bound in reading.count if bound.high == 0)
        update["size"] = tuple(size for size in reading.size if size.high and not size.low)
    return reading.model_copy(update=update)


def sets_length(instruction: str, form: Form) -> bool:
    """Whether an instruction sets the length of the full text."""
    return any(size.of == "all" and size.unit in _LENGTH_UNITS for size in read_correction(instruction, form).size)


def _compile_for_all_languages(template: str) -> re.Pattern[str]:
    """Compile a template with the words of all languages; done when needed, as it is slow."""
    return compile_template(template, ALL_LANGUAGES)


def is_relative(instruction: str) -> bool:
    """Whether an instruction concerns a part of the result, so that its numbers are no totals: "two more questions"."""
    picks_part = bool(_compile_for_all_languages(_PICKING_TEMPLATE).search(instruction[:_MAX_INSTRUCTION_CHARACTERS]))
    return changes_number(instruction) or (picks_part and not _names_total(instruction))


def changes_number(instruction: str) -> bool:
    """Whether an instruction adds or removes entries without naming their total: "remove the second bullet"."""
    bounds = _compile_for_all_languages(_BOUND_TEMPLATE)
    unbounded = bounds.sub(" ", instruction[:_MAX_INSTRUCTION_CHARACTERS])
    resizes = bool(_compile_for_all_languages(_RESIZING_TEMPLATE).search(unbounded))
    return resizes and not _names_total(instruction)


def _names_total(instruction: str) -> bool:
    text = convert_to_digits(instruction[:_MAX_INSTRUCTION_CHARACTERS])
    return bool(_compile_for_all_languages(_TOTAL_TEMPLATE).search(text))


def find_named_parts(instruction: str, form: Form) -> set[str]:
    """Return the counted nouns that an instruction names: "remove the second bullet" names bullets."""
    words = [*dict.fromkeys(_WORD.findall(instruction[:_MAX_INSTRUCTION_CHARACTERS]))][:_MAX_DISTINCT_WORDS]
    # Each word is put after a number, so that the reading contains it if it is a noun that may be counted.
    return {count.what for count in extract_reading("\n".join(f"2 {word}." for word in words), form).count}


def _remove_number(match: re.Match[str], form: Form) -> str:
    """Return the noun of an entry with a number, without it; other matches unchanged."""
    is_counted = bool(extract_reading(f"2 {match['noun']}", form).count)
    return match["noun"] if is_counted else match.group()


def _find_language(instruction: str) -> str:
    """Return the code of the language that an instruction wants for the full text; empty if it only mentions one."""
    for clause in _compile_for_all_languages(_CLAUSE_END_TEMPLATE).split(instruction):
        words = _compile_for_all_languages(_LANGUAGE_CONTEXT_TEMPLATE).sub(" ", clause).split()
        if len(words) == 1 and len(languages := find_named_languages(words[0])) == 1:
            return next(iter(languages))
    return ""
