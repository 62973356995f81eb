"""Parses answers to questions (letters, texts or numbers of options; pairs; free text) and the remarks after them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from bot.checks.terms import normalise
from bot.markup import Line
from bot.reading.labels import build_alternation, load_part_words, load_truth_words, normalise_label
from bot.reading.options import LETTER, LETTER_INDEXES, ParsedOption

_LIST_SEPARATORS = r"(?:\s*(?:,|;|/|&|\+|\band\b|\bund\b|\bor\b|\by\b|\bet\b|\be\b|\ben\b|\boch\b|\bи\b|と|、)\s*)+"
_BEFORE_LETTER, _AFTER_LETTER = r"[(\[（]?", r"(?![^\W\d_])[)\]）.:．、]{0,2}"
# "A", "(B)", "A, C and D.", and also the word "A" in "A dog".
_LEADING_LETTERS = re.compile(
    rf"^{_BEFORE_LETTER}({LETTER}){_AFTER_LETTER}(?:{_LIST_SEPARATORS}{_BEFORE_LETTER}{LETTER}{_AFTER_LETTER}){{0,7}}"
)
# The number of a question before the letter of its answer.
_NUMBER_BEFORE_LETTER = re.compile(rf"^\(?\d{{1,3}}[).:]?\s?(?=[(]?{LETTER}(?![^\W_]))")
# "1-C", "A → 2", "1C".
_PAIR = re.compile(
    rf"(?<![^\W_])(\d{{1,2}}|{LETTER})\s{{0,2}}[).]?\s{{0,2}}(?:[-–—:=→>]{{1,2}}|\s|(?<=\d))\s{{0,2}}[(]?(\d{{1,2}}|{LETTER})(?![^\W_])[).]?"
)
_NUMBER = re.compile(r"[-−+]?\d+(?:[.,]\d+)?")
# "1,000" is one thousand or one, depending on the language.
_AMBIGUOUS_NUMBER = re.compile(r"[-−+]?[1-9]\d{0,2}[.,]\d{3}")
_WORDS_BEFORE_LETTER = frozenset(
    ("letra", "letter", "lettre", "buchstabe", "lettera", "choice", "réponse", "antwort", "respuesta", "answer")
)
# Separators between an answer and the remark on it.
_REMARK_SEPARATORS = " \t\n.,;:|–—-→=>*_"
# "(True / False)", "– wahr oder falsch?".
_TRAILING_ALTERNATIVE = re.compile(
    r"\s*(?:[–—-]\s)?[(\[]?\s*([^\W\d_]{1,14})\s?(?:/|\||\bor\b|\boder\b|\bou\b|\bo\b|\bu\b|\bof\b)\s?([^\W\d_]{1,14})\s?[)\]]?\s*[?:.]?\s*$",
    re.IGNORECASE,
)


@dataclass(slots=True)
class ParsedQuestion:
    """A question, with its answer and the remarks on it from the text and its answer key.

    `correct` has the indexes of the right `options`; in a matching question, those of the options for `lefts`, in order.
    """

    number: int | None = None
    # The number of headings above the question, to tell lists apart.
    section: int = 0
    question_lines: list[Line] = field(default_factory=list)
    lettered_options: list[ParsedOption] = field(default_factory=list)
    numbered_options: list[ParsedOption] = field(default_factory=list)
    bulleted_options: list[ParsedOption] = field(default_factory=list)
    table_rows: list[Line] = field(default_factory=list)
    # The complete question, line by line, as a worksheet shows it.
    display_lines: list[str] = field(default_factory=list)
    labelled_answer: str = ""
    feedback: list[str] = field(default_factory=list)
    # Text below the options that is not marked as part of them.
    loose_text: str = ""
    # Set when all lines are parsed, from the fields above or from the answer key.
    question: str = ""
    options: list[ParsedOption] = field(default_factory=list)
    lefts: list[str] = field(default_factory=list)
    has_lettered_lefts: bool = False
    correct: list[int] = field(default_factory=list)
    # The answer to a question without options.
    written_answer: str = ""
    key_text: str = ""
    # The key's remark on each option, in order.
    option_remarks: list[str] = field(default_factory=list)

    @property
    def has_answer(self) -> bool:
        """Whether the right answer is known."""
        return bool(self.correct or self.written_answer)


@cache
def _build_inner_feedback_pattern() -> re.Pattern[str]:
    words_within_answers = ("note", "fact", "because", "nota", "but")
    labels = build_alternation("feedback", *words_within_answers)
    return re.compile(rf"(?:^|[\s.|;(–—-])\W{{0,3}}(?:{labels})\s?[:：]\s*", re.IGNORECASE)


def parse_choice(answer: str, options: Sequence[str], *, allow_numbers: bool = False) -> tuple[list[int], str]:
    """Return the indexes of the options that an answer names, and the remark after them; ([], answer) if it names none.

    Options are named by letters, by their text, or, with `allow_numbers`, by a number from 1.
    """
    text = answer.strip().lstrip("✅✓✔☑→➡️👉🔑*_ ").strip()
    first_word, space, rest = text.partition(" ")
    if space and normalise_label(first_word) in _WORDS_BEFORE_LETTER | load_part_words("options"):
        text = rest.lstrip("* ")
    if not text or not options:
        return [], answer
    indexes = _find_lettered_texts(text, options)
    # A single option is parsed below, with its remark.
    if len(indexes) > 1:
        return indexes, ""
    match = _LEADING_LETTERS.match(text)
    letters = re.findall(rf"(?<![^\W_]){LETTER}(?![^\W_])", match[0]) if match else []
    indexes = [LETTER_INDEXES[letter] for letter in letters]
    are_options = bool(indexes) and max(indexes) < len(options)
    if match and are_options and _are_letters_set_off(match[0], text[match.end() :]):
        return sorted(set(indexes)), _extract_remark(text[match.end() :], [options[index] for index in indexes])
    if choice := _parse_leading_text(text, options):
        return choice
    # Even in "A dog", the "A" is a letter if no option's text begins the answer.
    if match and are_options and (match[1].isupper() or len(indexes) > 1):
        return sorted(set(indexes)), _extract_remark(text[match.end() :], [options[index] for index in indexes])
    match = re.match(r"^[(]?(\d{1,2})[).:]?(?=$|\s)", text)
    if allow_numbers and match and 0 < int(match[1]) <= len(options):
        index = int(match[1]) - 1
        return [index], _extract_remark(text[match.end() :], [options[index]])
    if choice := _parse_words(text, options):
        return choice
    # "3 B" may be written below question 3, as in a key.
    if match := _NUMBER_BEFORE_LETTER.match(text):
        return parse_choice(text[match.end() :], options)
    return [], answer


def _find_lettered_texts(text: str, options: Sequence[str]) -> list[int]:
    """Return the indexes of options that a text names by both letter and text: "A) Earth and C) Mars"."""
    indexes = set[int]()
    for match in re.finditer(rf"(?<![^\W_])({LETTER})[).]\s+", text[:400]):
        index = LETTER_INDEXES[match[1]]
        if index < len(options) and normalise(text[match.end() :]).startswith(normalise(options[index])):
            indexes.add(index)
    return sorted(indexes)


def _are_letters_set_off(letters: str, rest: str) -> bool:
    """Whether punctuation or the end of the answer follows its leading letters; otherwise "A" may be a word."""
    return not rest or letters[-1:] in ")].:）" or rest[:1] in "*|" or bool(re.match(r"\s*(?:[–—(|=→,;-]|$)", rest))


def _parse_leading_text(text: str, options: Sequence[str]) -> tuple[list[int], str] | None:
    """Return the index of the option whose text an answer begins with, and the remark after it; None if there is none."""
    normalised_options = _normalise_options(options)
    normalised_text = normalise(text).strip(" .!?*\"'")
    if normalised_text and normalised_text in normalised_options:
        return [normalised_options.index(normalised_text)], ""
    indexes = [
        index
        for index, option in enumerate(normalised_options)
        if option and normalised_text.startswith(option) and not normalised_text[len(option) :][:1].isalnum()
    ]
    if not indexes:
        return None
    index = max(indexes, key=lambda index: len(normalised_options[index]))
    return [index], _extract_remark(text, [options[index]])


def _parse_words(text: str, options: Sequence[str]) -> tuple[list[int], str] | None:
    """Return the indexes of the options that an answer names in words, and the remark on them; None if it names none.

    Tried in turn: a list of option texts, the first letter of only one option, and a sentence that contains only one
    option and is itself the remark.
    """
    normalised_options = _normalise_options(options)
    pieces = [normalise(piece).strip(" .*") for piece in re.split(r"\s*[,;/]\s*|\s(?:and|und|y|et|e)\s", text)]
    if len(pieces) > 1 and all(piece in normalised_options for piece in pieces):
        return sorted({normalised_options.index(piece) for piece in pieces}), ""
    if initial := re.match(r"([^\W\d_])(?=$|\s*[–—(.:-])", text):
        letter = normalise(initial[1])
        indexes = [index for index, option in enumerate(normalised_options) if option[:1] == letter]
        if len(indexes) == 1:
            return indexes, _extract_remark(text[1:], [])
    sentence = normalise(text).strip(" .!?*\"'")[:400]
    indexes = [
        index
        for index, option in enumerate(normalised_options)
        if len(option) > 2 and re.search(rf"(?<!\w){re.escape(option[:200])}(?!\w)", sentence)
    ]
    return (indexes, _extract_remark(text, [options[indexes[0]]])) if len(indexes) == 1 else None


def _normalise_options(options: Sequence[str]) -> list[str]:
    return [normalise(option).strip(" .!?\"'") for option in options]


def _extract_remark(text: str, named_options: Sequence[str]) -> str:
    """Return the remark in an answer, or in its part after the letters: without the texts of the options that it names."""
    remark = text.lstrip(_REMARK_SEPARATORS).rstrip(" \t\n|*_")
    for option in sorted(named_options, key=len, reverse=True):
        option_text = option.strip().rstrip(".")
        unbracketed = remark.lstrip("( ")
        if (
            option_text
            and unbracketed.casefold().startswith(option_text.casefold())
            and not unbracketed[len(option_text) :][:1].isalnum()
        ):
            remark = unbracketed[len(option_text) :].lstrip(") ").lstrip(_REMARK_SEPARATORS)
    if remark[:1] in "(（" and remark[-1:] in ")）":
        remark = remark[1:-1]
    unmatched_bracket = ")" if remark.count(")") > remark.count("(") else ""
    return remark.rstrip("|* " + unmatched_bracket)


def apply_answer(question: ParsedQuestion, answer: str, lead: str = "") -> None:
    """Set the right options or the written answer of a question from the text of an answer, and add its feedback.

    If a written answer begins with `lead`, its bold text, that is the answer; the rest is feedback.
    """
    answer = answer.strip()
    if (match := _build_inner_feedback_pattern().search(answer)) and match.start():
        question.feedback.append(answer[match.end() :].strip(" *"))
        answer = answer[: match.start()].strip(" |;.–—-(*")
    if question.lefts:
        question.correct = question.correct or parse_pairs(question, answer)
    elif question.options:
        options = [option.text for option in question.options]
        indexes, remark = parse_choice(answer, options, allow_numbers=question.options is question.numbered_options)
        if indexes:
            question.correct = indexes
        remark = remark.strip()
        if indexes and len(remark) > 2:
            can_be_capitalised = remark[:1].isascii() and not remark.isupper()
            question.feedback.append(remark[:1].upper() + remark[1:] if can_be_capitalised else remark)
    elif not question.written_answer and lead and answer.startswith(lead):
        if remark := answer[len(lead) :].strip(_REMARK_SEPARATORS + ")"):
            has_unmatched_bracket = remark.count("(") > remark.count(")")
            question.feedback.append(remark.removeprefix("(") if has_unmatched_bracket else remark)
        question.written_answer = lead.rstrip(" .:") or answer
    else:
        question.written_answer = question.written_answer or answer


def parse_pairs(question: ParsedQuestion, answer: str) -> list[int]:
    """Parse "1-C, 2-A", or the same in words, into the index of the option for each left-hand item; [] if one is missing."""
    option_by_left: dict[int, int] = {}
    for match in _PAIR.finditer(answer):
        left, right = match[1], match[2]
        if left.isdigit() == right.isdigit():
            continue
        if left.isdigit() == question.has_lettered_lefts:  # The option stands first.
            left, right = right, left
        # "①" is a digit, but not a decimal.
        left_index, option_index = (
            int(side) - 1 if side.isdecimal() else LETTER_INDEXES[side] for side in (left, right)
        )
        if 0 <= left_index < len(question.lefts) and 0 <= option_index < len(question.options):
            option_by_left.setdefault(left_index, option_index)
    if len(option_by_left) < len(question.lefts):
        lefts = [normalise(left) for left in question.lefts]
        options = [normalise(option.text) for option in question.options]
        for piece in re.split(r"[,;\n|]", answer):
            sides = re.split(r"\s*(?:→|=>|=|:|\s[–—-]\s)\s*", piece, maxsplit=1)
            left, right = normalise(sides[0]).strip(" .*"), normalise(sides[-1]).strip(" .*")
            if len(sides) == 2 and left in lefts and right in options:
                option_by_left.setdefault(lefts.index(left), options.index(right))
    if len(option_by_left) < len(question.lefts):
        return []
    return [option_by_left[index] for index in range(len(question.lefts))]


def split_answer(text: str) -> tuple[str, str]:
    """Split "Paris – the capital" or "Paris. The capital since 987" into the written answer and the remark on it."""
    text = text.strip().strip("*").strip()
    if match := re.match(r"^(.{1,80}?)\s+[–—]\s+(.+)$", text, re.DOTALL):
        return match[1].strip(" .*"), match[2].strip()
    if text.endswith(")") and (match := re.match(r"^([^()]{1,80}?)\s+\(([^()]{3,300})\)$", text)):
        return match[1].strip(), match[2].strip()
    if (match := re.match(r"^(.{0,60}?[^\s.])[.。]\s+(\S.+)$", text, re.DOTALL)) and len(match[1].split()) <= 8:
        word, next_sign = match[1].split()[-1], match[2][:1]
        # "Dr." or "J.", but not "USA.".
        may_be_abbreviation = len(word) <= 3 and word.isalpha() and (len(word) == 1 or not word.isupper())
        if not may_be_abbreviation and not next_sign.islower() and not next_sign.isdigit():
            return match[1].strip(" *"), match[2].strip()
    is_phrase = text.count(".") == 1 and len(text.split()) <= 8
    return text.removesuffix(".") if is_phrase else text, ""


def is_unambiguous_number(text: str) -> bool:
    """Whether an answer is a number, but not one such as "1,000"."""
    return bool(_NUMBER.fullmatch(text.strip())) and not _AMBIGUOUS_NUMBER.fullmatch(text.strip())


def split_truth_words(question: str) -> tuple[str, tuple[str, str] | None]:
    """Split "(True / False)" from the end of a question; return the rest, and the words for true and false, or None."""
    match = _TRAILING_ALTERNATIVE.search(question[-60:])
    if not match:
        return question, None
    statement = question[: len(question) - len(match[0])].strip()
    words = {normalise(match[1]), normalise(match[2])}
    for _, true, false in load_truth_words():
        if words == {normalise(true), normalise(false)}:
            return statement, (true, false)
    return (statement, ("True", "False")) if words == {"t", "f"} else (question, None)
