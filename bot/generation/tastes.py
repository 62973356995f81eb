"""Infer tastes: from an instruction in words, from an edit of a text, from the choice of a variant. Pure.

Measured are length, emoji, exclamation marks, reading level, greeting and closing, removed words, the speaker, contractions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.briefs.lexicon import list_languages
from bot.briefs.wording import compile_template, detect_text_language
from bot.checks.compare import compare_tokens
from bot.checks.readability import measure_grade
from bot.checks.terms import normalise
from bot.checks.units import count_emoji, count_exclamations, count_words
from personas.learning import Signal, Source, shift_emoji, shift_length, shift_level
from personas.profile import CEFR_GRADES, EmojiUse, Length

# Word count ratios from which a text counts as shorter or longer.
SHORTER, LONGER = 0.75, 1.33
# The difference in grades that counts as easier or harder.
MIN_GRADE_DIFFERENCE = 2.0
# The minimum share of an edited text's words in common with the original, in order.
_MIN_COMMON_SHARE = 0.5
# The minimum share of the original's words in an edit; a text with less is only on the same subject.
_MIN_ORIGINAL_SHARE = 0.35
# Maximum characters of an instruction and of a text; the rest is ignored.
MAX_INSTRUCTION_CHARACTERS, MAX_MEASURED_CHARACTERS = 4_000, 12_000
# Shorter texts are not treated as edits.
MIN_EDITED_WORDS = 6
_GREETING = r"<lines.hello>(?![\w-])[^\n.!?]{0,40}[,!:]?"
_CLOSING = r"(?:<lines.regards>|<lines.regards_to>\b.*)[,.!]?"
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
CONTRACTION = re.compile(
    r"\b(?:\w+n['’]t|\w+['’](?:re|ve|ll|d|m)|(?:it|that|there|here|what|who|let)['’]s)\b", re.IGNORECASE
)
_I, _WE = re.compile(r"\b(?:I|me|my|mine)\b"), re.compile(r"\b(?:we|us|our|ours)\b", re.IGNORECASE)
# Words that occur in any text, so that their removal is no sign of taste.
_COMMON_WORDS = frozenset(
    """
    about after again also because been before being could does doing every from have here into just like made make more
    most much only other over should some such than that their them then there these they this those very want well were
    what when where which while will with would your yours
    """.split()  # noqa: SIM905 - read as words
)


@dataclass(frozen=True, slots=True)
class Baseline:
    """The preferences in effect when a text was written, relative to which "shorter" is understood."""

    length: Length = "medium"
    emoji: EmojiUse = "few"
    level: str = ""


Sign = tuple[str, Any]
SignReader = Callable[[Baseline, str], list[Sign]]

# Reasons for votes by their names in buttons: the label, and the taste it is a sign of.
REASONS: dict[str, dict[str, tuple[str, SignReader]]] = {
    "down": {
        # Faults of this text only: no sign of taste, but passed to the writer of the next version (faults.py).
        "untrue": ("Not true", lambda *_: []),
        "off": ("Not what I asked for", lambda *_: []),
        "odd": ("Sounds odd", lambda *_: []),
        "long": ("Too long", lambda baseline, _: [("preferred_length", shift_length(baseline.length, -1))]),
        "short": ("Too short", lambda baseline, _: [("preferred_length", shift_length(baseline.length, 1))]),
        "formal": ("Too formal", lambda _baseline, _: [("formality", "casual")]),
        "casual": ("Too casual", lambda _baseline, _: [("formality", "formal")]),
        "hard": ("Too hard to read", lambda baseline, _: [("reading_level", shift_level(baseline.level, -1))]),
        "easy": ("Too simple", lambda baseline, _: [("reading_level", shift_level(baseline.level, 1))]),
        "emoji": ("Too many emoji", lambda baseline, _: [("emoji", shift_emoji(baseline.emoji, -1))]),
        "plain": ("Too few emoji", lambda baseline, _: [("emoji", shift_emoji(baseline.emoji, 1))]),
        "loud": ("Too loud", lambda _baseline, _: [("exclamation_marks", "none")]),
    },
    "up": {
        "length": ("The length", lambda baseline, _: [("preferred_length", baseline.length)]),
        "tone": ("How formal it is", lambda _baseline, text: [("formality", measure_formality(text))]),
        "level": ("Easy to read", lambda baseline, text: measure_level(baseline, text)),
        "emoji": ("The emoji", lambda _baseline, text: [("emoji", measure_emoji_use(text))]),
    },
}

# Instructions offered as buttons, by name, in words that `infer_from_instruction` reads.
QUICK_INSTRUCTIONS = {
    "casual": "Less formal",
    "formal": "More formal",
    "simple": "Simpler words",
    "emoji": "Fewer emoji",
    "calm": "No exclamation marks",
}

# A word does not count before a noun: "a formal garden", "longer opening hours".
_END = r"(?!\w)(?!\s+(?!(?:<taste.after>)(?!\w))[^\W\d_])"
# Scripts without spaces may continue.
_UNSPACED_END = r"(?![A-Za-z])(?!\s+[A-Za-z])"
# Patterns of instructions, the first match per field, with a language's words: "less formal", "no emoji", "avoid the word artisan".
_INSTRUCTIONS: tuple[tuple[str, Callable[[Baseline, re.Match[str]], Sign]], ...] = (
    (r"<taste.shorter>{end}", lambda baseline, _: ("preferred_length", shift_length(baseline.length, -1))),
    (r"<taste.longer>{end}", lambda baseline, _: ("preferred_length", shift_length(baseline.length, 1))),
    (
        r"(?:<taste.less>\s+<taste.formal>|<taste.more>\s+<taste.casual>|<taste.casual_alone>){end}",
        lambda *_: ("formality", "casual"),
    ),
    (
        r"(?:<taste.less>\s+<taste.casual>|<taste.more>\s+<taste.formal>|<taste.formal_alone>){end}",
        lambda *_: ("formality", "formal"),
    ),
    (r"<taste.none>\s*<taste.emoji>(?!\w)", lambda *_: ("emoji", "none")),
    (r"<taste.fewer>\s*<taste.emoji>(?!\w)", lambda baseline, _: ("emoji", shift_emoji(baseline.emoji, -1))),
    (r"<taste.add>\s*<taste.emoji>(?!\w)", lambda baseline, _: ("emoji", shift_emoji(baseline.emoji, 1))),
    (
        r"(?:(?:<taste.none>|<taste.fewer>)\s*<taste.shouting>|<taste.calm>)(?!\w)",
        lambda *_: ("exclamation_marks", "none"),
    ),
    (r"<taste.easier>{end}", lambda baseline, _: ("reading_level", shift_level(baseline.level, -1))),
    (r"<taste.harder>{end}", lambda baseline, _: ("reading_level", shift_level(baseline.level, 1))),
    (
        r"<taste.avoid>\s+[\"“'«„]?\s?(?P<word>[^\W\d_][\w-]{{1,40}})",
        lambda _baseline, found: ("avoid_words", found["word"]),
    ),
)
# Languages written without spaces.
_UNSPACED = frozenset({"ja"})
# Words and characters of an instruction that is too short to identify its language.
_MAX_SHORT_WORDS, _MAX_SHORT_CHARACTERS = 6, 400


def infer_from_instruction(instruction: str, baseline: Baseline) -> list[Sign]:
    """Return the tastes that an instruction names, one per field; none if it is about content. Covers languages with a lexicon."""
    instruction = instruction[:MAX_INSTRUCTION_CHARACTERS]
    if signs := _read_instruction(instruction, baseline, detect_text_language(instruction)):
        return signs
    if len(instruction) > _MAX_SHORT_CHARACTERS or len(instruction.split()) > _MAX_SHORT_WORDS:
        return []
    return next(filter(None, (_read_instruction(instruction, baseline, code) for code in list_languages())), [])


def _read_instruction(instruction: str, baseline: Baseline, language: str) -> list[Sign]:
    """Return the tastes that an instruction names in words of a language."""
    signs: dict[str, Sign] = {}
    for template, build_sign in _INSTRUCTIONS:
        is_unspaced = language in _UNSPACED
        bounded = template.format(end=_UNSPACED_END) if is_unspaced else rf"(?<!\w){template.format(end=_END)}"
        if match := compile_template(bounded, language).search(instruction):
            name, value = build_sign(baseline, match)
            signs.setdefault(name, (name, value))
    return list(signs.values())


def infer_from_vote(vote: str, reasons: Sequence[str], text: str, baseline: Baseline) -> list[Sign]:
    """Return the tastes behind the named reasons of a vote, "up" or "down"."""
    known = REASONS[vote]
    return [sign for reason in reasons if reason in known for sign in known[reason][1](baseline, text) if sign[1]]


def is_edited(original: str, text: str, brief: str = "") -> bool:
    """Return whether a text is an edit of the original: neither an instruction nor the brief repeated."""
    original, text, brief = (value[:MAX_MEASURED_CHARACTERS] for value in (original, text, brief))
    before, after = _tokenize(original), _tokenize(text)
    min_matching = max(_MIN_COMMON_SHARE * len(after), _MIN_ORIGINAL_SHARE * len(before))
    if len(after) < MIN_EDITED_WORDS or original.strip() == text.strip() or min_matching > min(len(before), len(after)):
        return False
    comparison = compare_tokens(before, after)
    if comparison.matching < min_matching:
        return False
    brief_comparison = compare_tokens(_tokenize(brief), after)
    return brief_comparison.ratio < comparison.ratio


def infer_from_edit(original: str, text: str, baseline: Baseline) -> list[Sign]:
    """Return the tastes that a manual edit shows."""
    original, text = original[:MAX_MEASURED_CHARACTERS], text[:MAX_MEASURED_CHARACTERS]
    return [
        *_compare_measures(original, text, baseline),
        *_compare_frame_lines(original, text),
        *_find_replaced_words(original, text),
    ]


def infer_from_choice(chosen: str, others: Sequence[str], baseline: Baseline) -> list[Sign]:
    """Return the tastes that the choice of a variant shows: only what distinguishes it from each of the others."""
    if not others:
        return []
    signs_by_other = [
        _compare_measures(other[:MAX_MEASURED_CHARACTERS], chosen[:MAX_MEASURED_CHARACTERS], baseline)
        for other in others
    ]
    return [sign for sign in signs_by_other[0] if all(sign in signs for signs in signs_by_other)]


def build_signals(signs: Sequence[Sign], source: Source, result: str, profile: str, brand: str = "") -> list[Signal]:
    """Build signals from signs about a result that was written for a profile and a brand."""
    return [Signal(name, value, source, result, profile, brand=brand) for name, value in signs]


def measure_formality(text: str) -> str:
    """Return "casual" for a text with contractions, else "formal"; empty if it is too short to tell."""
    if CONTRACTION.search(text):
        return "casual"
    return "formal" if count_words(text) >= 2 * MIN_EDITED_WORDS else ""


def measure_emoji_use(text: str) -> EmojiUse:
    """Return how many emoji a text uses."""
    count = count_emoji(text)
    return "none" if not count else "few" if count <= 3 else "many"


def measure_level(baseline: Baseline, text: str) -> list[Sign]:
    """Return the reading level of a text as a sign, that of the baseline if it cannot be measured."""
    grade = measure_grade(text)
    if grade is None:
        return [("reading_level", baseline.level)] if baseline.level else []
    level = next((name for name, max_grade in CEFR_GRADES.items() if grade <= max_grade), "C2")
    return [("reading_level", f"CEFR {level}")]


def _compare_measures(before: str, after: str, baseline: Baseline) -> list[Sign]:
    """Return the signs of countable features that differ significantly."""
    signs: list[Sign] = []
    ratio = count_words(after) / max(1, count_words(before))
    if ratio <= SHORTER or ratio >= LONGER:
        signs.append(("preferred_length", shift_length(baseline.length, -1 if ratio < 1 else 1)))
    if measure_emoji_use(before) != measure_emoji_use(after):
        signs.append(("emoji", measure_emoji_use(after)))
    if count_exclamations(before) and not count_exclamations(after):
        signs.append(("exclamation_marks", "none"))
    had_contractions, has_contractions = bool(CONTRACTION.search(before)), bool(CONTRACTION.search(after))
    if had_contractions != has_contractions:
        signs.append(("formality", "casual" if has_contractions else "formal"))
    if (speaker := find_speaker(after)) and speaker != find_speaker(before):
        signs.append(("person", speaker))
    old_grade, new_grade = measure_grade(before), measure_grade(after)
    if old_grade is not None and new_grade is not None and abs(old_grade - new_grade) >= MIN_GRADE_DIFFERENCE:
        signs.append(("reading_level", shift_level(baseline.level, 1 if new_grade > old_grade else -1)))
    return signs


def find_speaker(text: str) -> str:
    """Return who speaks: "I", "we", or empty for neither or both."""
    has_i, has_we = bool(_I.search(text)), bool(_WE.search(text))
    if has_i == has_we:
        return ""
    return "I" if has_i else "we"


def _compare_frame_lines(before: str, after: str) -> list[Sign]:
    """Return a changed greeting and closing."""
    lines = (
        ("greeting", find_greeting(before), find_greeting(after)),
        ("closing", find_closing(before), find_closing(after)),
    )
    return [(name, new) for name, old, new in lines if new and new != old]


def _matches_line(template: str, line: str) -> bool:
    """Return whether a line matches the template in any language that has a lexicon."""
    return any(compile_template(template, code).fullmatch(line) for code in list_languages())


def find_greeting(text: str) -> str:
    """Return the greeting that a text begins with, empty without one."""
    lines = _split_lines(text)
    return next((line for line in lines[:1] if _matches_line(_GREETING, line)), "")


def find_closing(text: str) -> str:
    """Return the closing that a text ends with, empty without one."""
    lines = _split_lines(text)
    return next((line for line in lines[-2:] if _matches_line(_CLOSING, line)), "")


def _split_lines(text: str) -> list[str]:
    """Return the lines of a text; none if there is only one, as a greeting or a closing has its own."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines if len(lines) > 1 else []


def _find_replaced_words(before: str, after: str) -> list[Sign]:
    """Return words that were removed, as words to avoid, and those that replaced one, as preferred terms."""
    old_words, new_words = _tokenize(before), _tokenize(after)
    signs: list[Sign] = []
    for tag, old_start, old_end, new_start, new_end in compare_tokens(old_words, new_words).opcodes():
        old_run, new_run = old_words[old_start:old_end], new_words[new_start:new_end]
        if tag not in ("replace", "delete") or len(old_run) > 2:
            continue
        removed = [word for word in old_run if _is_significant(word) and word not in new_words]
        signs += [("avoid_words", word) for word in removed]
        if len(old_run) == len(new_run):
            signs += [
                ("prefer_terms", new)
                for old, new in zip(old_run, new_run, strict=True)
                if old in removed and _is_significant(new) and new not in old_words
            ]
    return signs


def _is_significant(word: str) -> bool:
    """Return whether the choice of a word may be a matter of taste."""
    return len(word) >= 4 and word not in _COMMON_WORDS and "'" not in word


def _tokenize(text: str) -> list[str]:
    return [normalise(word) for word in _WORD.findall(text)]
