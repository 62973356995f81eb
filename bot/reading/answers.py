"""Parses answers: by letters, words, numbers or pairs, with the remarks on them. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from bot.checks.terms import normalise
from bot.markup import Line
from bot.reading.labels import build_alternation, load_part_words, load_truth_words, normalise_label
from bot.reading.options import LETTER, PLACES, ParsedOption

_AND = r"(?:\s*(?:,|;|/|&|\+|\band\b|\bund\b|\bor\b|\by\b|\bet\b|\be\b|\ben\b|\boch\b|\bи\b|と|、)\s*)+"
_LETTERS_LEAD = re.compile(
    rf"^[(\[（]?({LETTER})(?![^\W\d_])[)\]）.:．、]{{0,2}}((?:{_AND}[(\[（]?{LETTER}(?![^\W\d_])[)\]）.:．、]{{0,2}}){{0,7}})"
)
_PAIR = re.compile(
    rf"(?<![^\W_])(\d{{1,2}}|{LETTER})\s{{0,2}}[).]?\s{{0,2}}(?:[-–—:=→>]{{1,2}}|\s|(?<=\d))\s{{0,2}}[(]?(\d{{1,2}}|{LETTER})(?![^\W_])[).]?"
)
_NUMBER = re.compile(r"[-−+]?\d+(?:[.,]\d+)?")
# "1,000" may be a thousand or one.
_THOUSANDS = re.compile(r"[-−+]?[1-9]\d{0,2}[.,]\d{3}")
_LETTER_WORDS = frozenset(
    ("letra", "letter", "lettre", "buchstabe", "lettera", "choice", "réponse", "antwort", "respuesta", "answer")
)
_TRIM = " \t\n.,;:|–—-→=>*_"


@dataclass(slots=True)
class ParsedQuestion:
    """A question as it was parsed."""

    number: int | None = None
    section: int = 0
    texts: list[Line] = field(default_factory=list)
    lettered: list[ParsedOption] = field(default_factory=list)
    numbered: list[ParsedOption] = field(default_factory=list)
    bulleted: list[ParsedOption] = field(default_factory=list)
    rows: list[Line] = field(default_factory=list)
    # The complete question, line by line, as a worksheet shows it.
    display_lines: list[str] = field(default_factory=list)
    answer: str = ""
    feedback: list[str] = field(default_factory=list)
    # Derived from the fields above.
    question: str = ""
    options: list[ParsedOption] = field(default_factory=list)
    lefts: list[str] = field(default_factory=list)
    lefts_lettered: bool = False
    correct: list[int] = field(default_factory=list)
    written: str = ""
    remark: str = ""
    notes: list[str] = field(default_factory=list)
    # Text below the options that is not marked as part of them.
    loose: str = ""

    @property
    def has_answer(self) -> bool:
        """Whether the right answer is known."""
        return bool(self.correct or self.written)


@cache
def _build_inner_feedback_pattern() -> re.Pattern[str]:
    known = build_alternation("feedback", "note", "fact", "because", "nota", "but")
    return re.compile(rf"(?:^|[\s.|;(–—-])\W{{0,3}}(?:{known})\s?[:：]\s*", re.IGNORECASE)


def parse_choice(said: str, options: Sequence[str], *, numbered: bool = False) -> tuple[list[int], str]:
    """Return the indexes of the options that an answer names by letters or words, and its remark; ([], remark) if it names
    none.
    """
    text = said.strip().lstrip("✅✓✔☑→➡️👉🔑*_ ").strip()
    if (head := text.partition(" "))[1] and normalise_label(head[0]) in _LETTER_WORDS | load_part_words("options"):
        text = head[2].lstrip("* ")
    if not text or not options:
        return [], said
    # "A) Earth and C) Mars"
    named = [one for one in re.finditer(rf"(?<![^\W_])({LETTER})[).]\s+", text[:400]) if PLACES[one[1]] < len(options)]
    with_words = {
        PLACES[one[1]] for one in named if normalise(text[one.end() :]).startswith(normalise(options[PLACES[one[1]]]))
    }
    if len(with_words) > 1:
        return sorted(with_words), ""
    found = _LETTERS_LEAD.match(text)
    letters = [PLACES[one] for one in re.findall(rf"(?<![^\W_]){LETTER}(?![^\W_])", found[0])] if found else []
    valid = bool(letters) and all(at < len(options) for at in letters)
    if found and valid:
        rest = text[found.end() :]
        if not rest or found[0][-1:] in ")].:）" or rest[:1] in "*|" or re.match(r"\s*(?:[–—(|=→,;-]|$)", rest):
            return sorted(set(letters)), _extract_remark(rest, [options[at] for at in letters])
    known = [normalise(one).strip(" .!?\"'") for one in options]
    told = normalise(text).strip(" .!?*\"'")
    fits = [at for at, one in enumerate(known) if one and told == one]
    if fits:
        return fits[:1], ""
    begun = [at for at, one in enumerate(known) if one and told.startswith(one) and not told[len(one) :][:1].isalnum()]
    if begun:
        at = max(begun, key=lambda one: len(known[one]))
        return [at], _extract_remark(text, [options[at]])
    if found and valid and (found[1].isupper() or len(letters) > 1):
        return sorted(set(letters)), _extract_remark(text[found.end() :], [options[at] for at in letters])
    if numbered and (number := re.match(r"^[(]?(\d{1,2})[).:]?(?=$|\s)", text)) and 0 < int(number[1]) <= len(options):
        return [int(number[1]) - 1], _extract_remark(text[number.end() :], [options[int(number[1]) - 1]])
    several = [normalise(one).strip(" .*") for one in re.split(r"\s*[,;/]\s*|\s(?:and|und|y|et|e)\s", text)]
    if len(several) > 1 and all(one in known for one in several):
        return sorted({known.index(one) for one in several}), ""
    initial = re.match(r"([^\W\d_])(?=$|\s*[–—(.:-])", text)
    if initial and len(firsts := [at for at, one in enumerate(known) if one[:1] == normalise(initial[1])]) == 1:
        return firsts, _extract_remark(text[1:], [])
    words_of = (rf"(?<!\w){re.escape(one[:200])}(?!\w)" for one in known)
    held = [at for at, one in enumerate(words_of) if len(known[at]) > 2 and re.search(one, told[:400])]
    return (held, _extract_remark(text, [options[held[0]]])) if len(held) == 1 else ([], said)


def _extract_remark(rest: str, rights: Sequence[str]) -> str:
    """Return the remark after the letters of an answer, without the words of the right options."""
    rest = rest.lstrip(_TRIM).rstrip(" \t\n|*_")
    for right in sorted(rights, key=len, reverse=True):
        bare = right.strip().rstrip(".")
        inner = rest.lstrip("( ")
        if bare and inner.casefold().startswith(bare.casefold()) and not inner[len(bare) :][:1].isalnum():
            rest = inner[len(bare) :].lstrip(") ").lstrip(_TRIM)
    if rest[:1] in "(（" and rest[-1:] in ")）":
        rest = rest[1:-1]
    return rest.rstrip("|* ") if rest.count("(") >= rest.count(")") else rest.rstrip(")|* ")


def apply_answer(item: ParsedQuestion, said: str, lead: str = "") -> None:
    """Apply the text of an answer to a question."""
    said = said.strip()
    if (inner := _build_inner_feedback_pattern().search(said)) and inner.start():
        item.feedback.append(said[inner.end() :].strip(" *"))
        said = said[: inner.start()].strip(" |;.–—-(*")
    if item.lefts:
        item.correct = item.correct or parse_pairs(item, said)
        return
    if item.options:
        options = [one.text for one in item.options]
        places, rest = parse_choice(said, options, numbered=item.options is item.numbered)
        if places:
            item.correct = places
        rest = rest.strip()
        if rest and places and len(rest) > 2:
            item.feedback.append(rest[:1].upper() + rest[1:] if rest[:1].isascii() and not rest.isupper() else rest)
        return
    item.written = item.written or (lead and said.startswith(lead) and _extract_lead_remark(item, said, lead)) or said


def _extract_lead_remark(item: ParsedQuestion, said: str, lead: str) -> str:
    rest = said[len(lead) :].strip(_TRIM + ")")
    if rest:
        item.feedback.append(rest.removeprefix("(") if rest.count("(") > rest.count(")") else rest)
    return lead.rstrip(" .:")


def parse_pairs(item: ParsedQuestion, said: str) -> list[int]:
    """Return the index of the option that belongs to each left-hand item, given as "1-C, 2-A" or in words."""
    found: dict[int, int] = {}
    for one in _PAIR.finditer(said):
        left, right = one[1], one[2]
        if left.isdigit() == right.isdigit():
            continue
        if item.lefts_lettered == left.isdigit():
            left, right = right, left
        sides = [int(side) - 1 if side.isdigit() else PLACES[side] for side in (left, right)]
        if sides[0] < len(item.lefts) and sides[1] < len(item.options):
            found.setdefault(sides[0], sides[1])
    if len(found) < len(item.lefts):
        lefts, options = [normalise(one) for one in item.lefts], [normalise(one.text) for one in item.options]
        for piece in re.split(r"[,;\n|]", said):
            sides_of = [
                normalise(one).strip(" .*") for one in re.split(r"\s*(?:→|=>|=|:|\s[–—-]\s)\s*", piece, maxsplit=1)
            ]
            if len(sides_of) == 2 and sides_of[0] in lefts and sides_of[1] in options:
                found.setdefault(lefts.index(sides_of[0]), options.index(sides_of[1]))
    return [found[at] for at in range(len(item.lefts))] if len(found) == len(item.lefts) else []


def split_answer(text: str) -> tuple[str, str]:
    """Split a written answer from the remark on it: "Paris. The capital since 987", "Paris – the capital"."""
    text = text.strip().strip("*").strip()
    if found := re.match(r"^(.{1,80}?)\s+[–—]\s+(.+)$", text, re.DOTALL):
        return found[1].strip(" .*"), found[2].strip()
    if text.endswith(")") and (found := re.match(r"^([^()]{1,80}?)\s+\(([^()]{3,300})\)$", text)):
        return found[1].strip(), found[2].strip()
    if (found := re.match(r"^(.{0,60}?[^\s.])[.。]\s+(\S.+)$", text, re.DOTALL)) and len(found[1].split()) <= 8:
        last = found[1].split()[-1]
        ends = len(last) > 3 or not last.isalpha() or (last.isupper() and len(last) > 1)
        if ends and not found[2][:1].islower() and not found[2][:1].isdigit():
            return found[1].strip(" *"), found[2].strip()
    return text.removesuffix(".") if text.count(".") == 1 and len(text.split()) <= 8 else text, ""


def is_number(text: str) -> bool:
    """Whether an answer is a number that programs can compare."""
    return bool(_NUMBER.fullmatch(text.strip())) and not _THOUSANDS.fullmatch(text.strip())


_TRUTH_AT_END = re.compile(
    r"\s*(?:[–—-]\s)?[(\[]?\s*([^\W\d_]{1,14})\s?(?:/|\||\bor\b|\boder\b|\bou\b|\bo\b|\bu\b|\bof\b)\s?([^\W\d_]{1,14})\s?[)\]]?\s*[?:.]?\s*$",
    re.IGNORECASE,
)


def split_truth_words(question: str) -> tuple[str, tuple[str, str] | None]:
    """Return a statement without "(True / False)" at its end, and those two words; None if it has none."""
    found = _TRUTH_AT_END.search(question[-60:])
    if not found:
        return question, None
    said = [normalise(found[1]), normalise(found[2])]
    for _, true, false in load_truth_words():
        if said in ([normalise(true), normalise(false)], [normalise(false), normalise(true)]):
            return question[: len(question) - len(found[0])].strip(), (true, false)
    if said in (["t", "f"], ["f", "t"]):
        return question[: len(question) - len(found[0])].strip(), ("True", "False")
    return question, None
