"""Parses the answers to questions: letters, words or numbers of options, pairs, and texts; and the remarks on them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from bot.checks.terms import normalise
from bot.markup import Line
from bot.reading.labels import build_alternation, load_part_words, load_truth_words, normalise_label
from bot.reading.options import LETTER, LETTER_INDEXES, ParsedOption

_CONJUNCTIONS = r"(?:\s*(?:,|;|/|&|\+|\band\b|\bund\b|\bor\b|\by\b|\bet\b|\be\b|\ben\b|\boch\b|\bи\b|と|、)\s*)+"
_LEADING_LETTERS = re.compile(
    rf"^[(\[（]?({LETTER})(?![^\W\d_])[)\]）.:．、]{{0,2}}((?:{_CONJUNCTIONS}[(\[（]?{LETTER}(?![^\W\d_])[)\]）.:．、]{{0,2}}){{0,7}})"
)
_PAIR = re.compile(
    rf"(?<![^\W_])(\d{{1,2}}|{LETTER})\s{{0,2}}[).]?\s{{0,2}}(?:[-–—:=→>]{{1,2}}|\s|(?<=\d))\s{{0,2}}[(]?(\d{{1,2}}|{LETTER})(?![^\W_])[).]?"
)
_NUMBER = re.compile(r"[-−+]?\d+(?:[.,]\d+)?")
# Ambiguous: "1,000" is one thousand or one, depending on the language.
_THOUSANDS = re.compile(r"[-−+]?[1-9]\d{0,2}[.,]\d{3}")
_LETTER_WORDS = frozenset(
    ("letra", "letter", "lettre", "buchstabe", "lettera", "choice", "réponse", "antwort", "respuesta", "answer")
)
# Separators between an answer and the remark on it.
_REMARK_SEPARATORS = " \t\n.,;:|–—-→=>*_"


@dataclass(slots=True)
class ParsedQuestion:
    """A question, with what the text and its answer key give for it.

    `correct` has the indexes of the right `options`; for a matching question, the option's index for each of `lefts`.
    """

    number: int | None = None
    # The number of headings above the question, to tell lists apart.
    section: int = 0
    question_lines: list[Line] = field(default_factory=list)
    lettered_options: list[ParsedOption] = field(default_factory=list)
    numbered_options: list[ParsedOption] = field(default_factory=list)
    bulleted_options: list[ParsedOption] = field(default_factory=list)
    rows: list[Line] = field(default_factory=list)
    # The complete question, line by line, as a worksheet shows it.
    display_lines: list[str] = field(default_factory=list)
    labelled_answer: str = ""
    feedback: list[str] = field(default_factory=list)
    # Text below the options that is not marked as part of them.
    loose_text: str = ""
    # Derived from the fields above or from the answer key.
    question: str = ""
    options: list[ParsedOption] = field(default_factory=list)
    lefts: list[str] = field(default_factory=list)
    has_lettered_lefts: bool = False
    correct: list[int] = field(default_factory=list)
    # The answer to a question without options.
    written_answer: str = ""
    # The text of the key for the question, and of its lettered lines, one on each option.
    key_text: str = ""
    option_remarks: list[str] = field(default_factory=list)

    @property
    def has_answer(self) -> bool:
        """Whether the right answer is known."""
        return bool(self.correct or self.written_answer)


@cache
def _build_inner_feedback_pattern() -> re.Pattern[str]:
    labels = build_alternation("feedback", "note", "fact", "because", "nota", "but")
    return re.compile(rf"(?:^|[\s.|;(–—-])\W{{0,3}}(?:{labels})\s?[:：]\s*", re.IGNORECASE)


def parse_choice(answer: str, options: Sequence[str], *, may_be_number: bool = False) -> tuple[list[int], str]:
    """Return the indexes of the options that an answer names, and the remark after them; ([], answer) if it names none.

    Options are named by letters, by their text, or, with `may_be_number`, by a number.
    """
    text = answer.strip().lstrip("✅✓✔☑→➡️👉🔑*_ ").strip()
    first_word, space, rest = text.partition(" ")
    if space and normalise_label(first_word) in _LETTER_WORDS | load_part_words("options"):
        text = rest.lstrip("* ")
    if not text or not options:
        return [], answer
    indexes = _find_lettered_texts(text, options)
    if len(indexes) > 1:
        return indexes, ""
    match = _LEADING_LETTERS.match(text)
    indexes = (
        [LETTER_INDEXES[letter] for letter in re.findall(rf"(?<![^\W_]){LETTER}(?![^\W_])", match[0])] if match else []
    )
    is_valid = bool(indexes) and max(indexes) < len(options)
    if match and is_valid and _ends_letters(match[0], text[match.end() :]):
        return sorted(set(indexes)), _extract_remark(text[match.end() :], [options[index] for index in indexes])
    if choice := _parse_leading_text(text, options):
        return choice
    if match and is_valid and (match[1].isupper() or len(indexes) > 1):
        return sorted(set(indexes)), _extract_remark(text[match.end() :], [options[index] for index in indexes])
    match = re.match(r"^[(]?(\d{1,2})[).:]?(?=$|\s)", text)
    if may_be_number and match and 0 < int(match[1]) <= len(options):
        index = int(match[1]) - 1
        return [index], _extract_remark(text[match.end() :], [options[index]])
    return _parse_words(text, options) or ([], answer)


def _find_lettered_texts(text: str, options: Sequence[str]) -> list[int]:
    """Return the indexes of options that a text names by letter and words: "A) Earth and C) Mars"."""
    indexes = set[int]()
    for match in re.finditer(rf"(?<![^\W_])({LETTER})[).]\s+", text[:400]):
        index = LETTER_INDEXES[match[1]]
        if index < len(options) and normalise(text[match.end() :]).startswith(normalise(options[index])):
            indexes.add(index)
    return sorted(indexes)


def _ends_letters(letters: str, rest: str) -> bool:
    """Whether an answer's leading letters are set off by punctuation or its end, unlike words such as "A"."""
    return not rest or letters[-1:] in ")].:）" or rest[:1] in "*|" or bool(re.match(r"\s*(?:[–—(|=→,;-]|$)", rest))


def _parse_leading_text(text: str, options: Sequence[str]) -> tuple[list[int], str] | None:
    """Return the index of the option whose text an answer consists of or begins with, and the remark after it."""
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
    """Return the indexes of the options that the words of an answer name, and the remark beside them.

    The words are the texts of several options, the first letter of one, or a sentence that contains one.
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


def _extract_remark(rest: str, named_options: Sequence[str]) -> str:
    """Return the remark in the text after an answer's letters, without the texts of the options that it names."""
    rest = rest.lstrip(_REMARK_SEPARATORS).rstrip(" \t\n|*_")
    for option in sorted(named_options, key=len, reverse=True):
        option_text = option.strip().rstrip(".")
        unbracketed = rest.lstrip("( ")
        if (
            option_text
            and unbracketed.casefold().startswith(option_text.casefold())
            and not unbracketed[len(option_text) :][:1].isalnum()
        ):
            rest = unbracketed[len(option_text) :].lstrip(") ").lstrip(_REMARK_SEPARATORS)
    if rest[:1] in "(（" and rest[-1:] in ")）":
        rest = rest[1:-1]
    return rest.rstrip("|* ") if rest.count("(") >= rest.count(")") else rest.rstrip(")|* ")


def apply_answer(item: ParsedQuestion, answer: str, lead: str = "") -> None:
    """Set what the text of an answer says about a question: the right options or the written answer, and feedback.

    A written answer that begins with the bold text `lead` ends with it; the rest is feedback.
    """
    answer = answer.strip()
    if (match := _build_inner_feedback_pattern().search(answer)) and match.start():
        item.feedback.append(answer[match.end() :].strip(" *"))
        answer = answer[: match.start()].strip(" |;.–—-(*")
    if item.lefts:
        item.correct = item.correct or parse_pairs(item, answer)
    elif item.options:
        options = [option.text for option in item.options]
        indexes, remark = parse_choice(answer, options, may_be_number=item.options is item.numbered_options)
        if indexes:
            item.correct = indexes
        remark = remark.strip()
        if indexes and len(remark) > 2:
            can_be_capitalised = remark[:1].isascii() and not remark.isupper()
            item.feedback.append(remark[:1].upper() + remark[1:] if can_be_capitalised else remark)
    elif not item.written_answer and lead and answer.startswith(lead):
        remark = answer[len(lead) :].strip(_REMARK_SEPARATORS + ")")
        if remark:
            item.feedback.append(remark.removeprefix("(") if remark.count("(") > remark.count(")") else remark)
        item.written_answer = lead.rstrip(" .:") or answer
    else:
        item.written_answer = item.written_answer or answer


def parse_pairs(item: ParsedQuestion, answer: str) -> list[int]:
    """Return the option's index for each left-hand item, given as "1-C, 2-A" or in words; empty if one is missing."""
    option_by_left: dict[int, int] = {}
    for match in _PAIR.finditer(answer):
        left, right = match[1], match[2]
        if left.isdigit() == right.isdigit():
            continue
        if item.has_lettered_lefts == left.isdigit():
            left, right = right, left
        left_index, option_index = (int(side) - 1 if side.isdigit() else LETTER_INDEXES[side] for side in (left, right))
        if 0 <= left_index < len(item.lefts) and 0 <= option_index < len(item.options):
            option_by_left.setdefault(left_index, option_index)
    if len(option_by_left) < len(item.lefts):
        lefts = [normalise(left) for left in item.lefts]
        options = [normalise(option.text) for option in item.options]
        for piece in re.split(r"[,;\n|]", answer):
            sides = re.split(r"\s*(?:→|=>|=|:|\s[–—-]\s)\s*", piece, maxsplit=1)
            left, right = (normalise(side).strip(" .*") for side in (*sides, "")[:2])
            if len(sides) == 2 and left in lefts and right in options:
                option_by_left.setdefault(lefts.index(left), options.index(right))
    if len(option_by_left) < len(item.lefts):
        return []
    return [option_by_left[index] for index in range(len(item.lefts))]


def split_answer(text: str) -> tuple[str, str]:
    """Return a written answer and the remark on it: "Paris. The capital since 987", "Paris – the capital"."""
    text = text.strip().strip("*").strip()
    if match := re.match(r"^(.{1,80}?)\s+[–—]\s+(.+)$", text, re.DOTALL):
        return match[1].strip(" .*"), match[2].strip()
    if text.endswith(")") and (match := re.match(r"^([^()]{1,80}?)\s+\(([^()]{3,300})\)$", text)):
        return match[1].strip(), match[2].strip()
    if (match := re.match(r"^(.{0,60}?[^\s.])[.。]\s+(\S.+)$", text, re.DOTALL)) and len(match[1].split()) <= 8:
        last_word = match[1].split()[-1]
        ends_sentence = len(last_word) > 3 or not last_word.isalpha() or (last_word.isupper() and len(last_word) > 1)
        if ends_sentence and not match[2][:1].islower() and not match[2][:1].isdigit():
            return match[1].strip(" *"), match[2].strip()
    is_short = text.count(".") == 1 and len(text.split()) <= 8
    return text.removesuffix(".") if is_short else text, ""


def is_number(text: str) -> bool:
    """Whether an answer is an unambiguous number."""
    return bool(_NUMBER.fullmatch(text.strip())) and not _THOUSANDS.fullmatch(text.strip())


_TRAILING_TRUTH_WORDS = re.compile(
    r"\s*(?:[–—-]\s)?[(\[]?\s*([^\W\d_]{1,14})\s?(?:/|\||\bor\b|\boder\b|\bou\b|\bo\b|\bu\b|\bof\b)\s?([^\W\d_]{1,14})\s?[)\]]?\s*[?:.]?\s*$",
    re.IGNORECASE,
)


def split_truth_words(question: str) -> tuple[str, tuple[str, str] | None]:
    """Split "(True / False)" from the end of a question; return the rest, and the words for true and false, or None."""
    match = _TRAILING_TRUTH_WORDS.search(question[-60:])
    if not match:
        return question, None
    words = [normalise(match[1]), normalise(match[2])]
    for _, true, false in load_truth_words():
        if words in ([normalise(true), normalise(false)], [normalise(false), normalise(true)]):
            return question[: len(question) - len(match[0])].strip(), (true, false)
    if words in (["t", "f"], ["f", "t"]):
        return question[: len(question) - len(match[0])].strip(), ("True", "False")
    return question, None
