"""Parses the lines of questions: their numbers, their options, and labels for answers and feedback."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from bot.markup import Document, Line
from bot.reading.labels import (
    build_alternation,
    get_labelled_text,
    is_part_title,
    load_part_words,
    normalise_label,
    parse_label,
)

LETTERS = "ABCDEFGH"
_LETTER_SERIES = (
    LETTERS,
    "abcdefgh",
    "АБВГДЕЖЗ",
    "абвгдежз",
    "ΑΒΓΔΕΖΗΘ",
    "αβγδεζηθ",
    "אבגדהוזח",
    "कखगघङचछज",
    "アイウエオカキク",
    "①②③④⑤⑥⑦⑧",
    "가나다라마바사아",
    "ⒶⒷⒸⒹⒺⒻⒼⒽ",
    "🅐🅑🅒🅓🅔🅕🅖🅗",
    "🅰🅱🅲🅳🅴🅵🅶🅷",
    "🇦🇧🇨🇩🇪🇫🇬🇭",
)
LETTER_INDEXES = {letter: at for alphabet in _LETTER_SERIES for at, letter in enumerate(alphabet)} | {
    letter: at for at, letter in enumerate("أبجدهوزح")
}
# A pattern for one letter of an option.
LETTER = "[" + "".join(LETTER_INDEXES) + "]"
_CIRCLED_LETTERS = "①②③④⑤⑥⑦⑧ⒶⒷⒸⒹⒺⒻⒼⒽ🅐🅑🅒🅓🅔🅕🅖🅗🅰🅱🅲🅳🅴🅵🅶🅷🇦🇧🇨🇩🇪🇫🇬🇭"
BULLET_DOTS = "•◦‣▪·∙"
# The start of an option: "A)", "(a)", "b.", "C:", "①", at the start of a line or between options.
_OPTION_MARK = re.compile(
    rf"(?P<before>^|[\s|/·•;,*_])(?:(?P<open>[(\[（]?)(?P<letter>{LETTER})(?P<close>[)\]）．、]|\.\)|\.(?=[\s*_]|$)|[:：](?=[\s*_]|$))"
    rf"|(?P<round>[{_CIRCLED_LETTERS}])️?)[*_]*"
)
_DASHED_MARK = re.compile(rf"^({LETTER})\s?[–—-]\s(?=\S)")
CHECKBOX = re.compile(r"^(\[[ xX✓✔]?\]|\( ?[xX✓]? ?\)|[☐☑☒◯○●◉□■⬜✅❌✓✔✗✘])️?\s*(?=\S)")
TICKED_CHECKBOXES = frozenset(
    ("[x]", "[X]", "[✓]", "[✔]", "(x)", "(X)", "( x )", "(✓)", "☑", "☒", "●", "◉", "■", "✅", "✓", "✔")
)
RIGHT_SIGNS, _WRONG_SIGNS = "✓✔✅☑", "❌✗✘"
NUMBERED_TEXT = re.compile(
    r"^(?:Q|F|P|No\.?|Nr\.?|#|№|问|問)?\s{0,2}(\d{1,3})\s{0,2}(?:[.):：°º、．）]{1,2}|/(?=\s)|[–—-](?=\s))(?!\d)\s{0,6}(.*)$",
    re.DOTALL | re.IGNORECASE,
)
_KEYCAP = re.compile(r"️?⃣\.?")
_NESTED_NUMBER = re.compile(r"^\s*(?:[>|]\s*)*(\d{1,3})[.)]\s+(\d{1,9}[.)]\s.*)$")
_HEADING_SEPARATOR = re.compile(
    r"\s?[–—:：|/&+]\s?|\s-\s|\s(?:and|with|for|to|und|mit|für|zu|y|con|para|et|avec|pour|e|com)\s", re.IGNORECASE
)
ONLY_LETTERS = re.compile(rf"[\s(]*{LETTER}(?:[\s,;|·/.)(–-]+{LETTER}){{1,99}}[\s.)]*")


@dataclass(slots=True)
class ParsedOption:
    """An option of a question, with the signs and type that may mark it as right."""

    text: str
    has_right_sign: bool = False
    # The fraction of its characters that are bold.
    bold_fraction: float = 0
    is_starred: bool = False


@dataclass(frozen=True, slots=True)
class QuestionStart:
    """The beginning of a question: its number, the text after it, and what the number is part of.

    `rank` is "word" ("Question 3"), "heading", "bold", "list", or "none" for questions without numbers.
    """

    number: int | None
    rest: str
    rank: str


def parse_question_start(line: Line, document: Document) -> QuestionStart | None:
    """Parse a line that begins with the number of a question: "3.", "Q3", "Question 3: …"; return None without one."""
    if line.sort in ("code", "rule", "row"):
        return None
    if line.ordinal is not None:
        # Markdown reads "1. 1945. …" as a list within a list.
        if line.level > 1 and (nested_match := _NESTED_NUMBER.match(document.slice_source(line.at, line.at + 1))):
            return QuestionStart(int(nested_match[1]), nested_match[2], "list")
        worded = _parse_worded_number(line.text)
        return QuestionStart(line.ordinal, worded[1] if worded and worded[0] == line.ordinal else line.text, "list")
    text = _KEYCAP.sub(".", line.text.replace("||", "")[:400]) + line.text[400:]
    text = text.lstrip(" \t*_>•▪🔹🔸❓❔➡👉📝✏️🧠(（")
    if worded := _parse_worded_number(text):
        return QuestionStart(*worded, "word")
    if match := NUMBERED_TEXT.match(text):
        is_bold = line.lead[:4].strip(" *(Q#").isdigit() or NUMBERED_TEXT.match(line.lead + " x")
        rank = "heading" if line.sort == "heading" else "bold" if is_bold else "list"
        return QuestionStart(int(match[1]), match[2].strip(" *"), rank)
    if match := re.match(r"^#(\d{1,3})\s+(.*)$", text, re.DOTALL):
        return QuestionStart(int(match[1]), match[2].strip(" *"), "list")
    return None


@cache
def _build_question_pattern() -> re.Pattern[str]:
    return re.compile(
        rf"^(?:第|(?:第\s?)?(?:{build_alternation('question', 'f', 'p')}))\s{{0,2}}(?:no\.?|nr\.?|n[º°]\.?|#|№)?\s{{0,2}}(\d{{1,3}})(?!\d|[.,]\d)(?:\s?(?:/|of|von|de|sur|di)\s?\d{{1,3}})?"
        r"\s{0,2}(?:问|問|题|題)?\s{0,2}[.):：–—|-]{0,2}\s{0,6}(.*)$",
        re.DOTALL | re.IGNORECASE,
    )


def _parse_worded_number(text: str) -> tuple[int, str] | None:
    """Return the number and the text after it if a text begins like "Question 3: …"; None otherwise."""
    match = _build_question_pattern().match(text)
    return (int(match[1]), match[2].strip(" *")) if match else None


def split_options(text: str, source: str, first_index: int = 0) -> tuple[str, list[ParsedOption]]:
    """Return the text before the options in a line, and the options, lettered from `first_index` on."""
    marks = find_option_marks(text, first_index)
    if not marks or (marks[0][0] > 0 and (first_index or len(marks) < 2)):
        match = _DASHED_MARK.match(text)
        if match and LETTER_INDEXES[match[1]] == first_index and match[1] not in "ae":
            return "", [parse_option(text[match.end() :], source)]
        return text, []
    pieces = _split_at_marks(text, marks)
    sources = _split_at_marks(source, find_option_marks(source, first_index, in_source=True))
    if len(sources) != len(pieces):
        sources = pieces
    separators = " |/·•;,\t" if len(marks) > 1 else ""
    options = [
        parse_option(piece.strip(separators), option_source)
        for piece, option_source in zip(pieces, sources, strict=True)
    ]
    return text[: marks[0][0]].strip(" |–—-:("), options


def _split_at_marks(text: str, marks: Sequence[tuple[int, int]]) -> list[str]:
    ends = [*(start for start, _ in marks[1:]), len(text)]
    return [text[start:end] for (_, start), end in zip(marks, ends, strict=True)]


def find_option_marks(text: str, first_index: int, *, in_source: bool = False) -> list[tuple[int, int]]:
    """Return the start and end of each option's mark: letters in sequence from `first_index`, in the first one's style.

    In a source, options are to include their letters and bold marks, so each range is empty and before these.
    """
    marks: list[tuple[int, int]] = []
    style: tuple[str, str, bool] | None = None
    for match in _OPTION_MARK.finditer(text):
        letter = match["letter"] or match["round"]
        index = LETTER_INDEXES[letter]
        mark_style = (match["open"] or "", (match["close"] or "")[:1], letter.isupper())
        if index != first_index + len(marks) or (style and mark_style != style):
            continue
        if not marks and not in_source and mark_style[1] and mark_style[1] in ":：" and match.start("letter"):
            continue
        style = mark_style
        start = match.start("open") if match["letter"] else match.start("round")
        if in_source:
            while start and text[start - 1] in "*_":
                start -= 1
        marks.append((start, start if in_source else match.end()))
    return marks


def parse_option(text: str, source: str) -> ParsedOption:
    """Parse an option from its text and its source with inline marks; signs for right and wrong leave its text."""
    text, option = text.replace("||", "").strip(), ParsedOption("")
    if (checkbox := CHECKBOX.match(text)) and len(text) > checkbox.end():
        option.has_right_sign = checkbox[1].strip() in TICKED_CHECKBOXES
        text = text[checkbox.end() :]
    if match := _build_right_pattern().search(text):
        option.has_right_sign = option.has_right_sign or bool(match["right"])
        text = text[: match.start()].strip().rstrip(" –—-:") or text[match.end() :].strip()
    option_source = source.strip().removeprefix("- ")
    pieces = option_source.split("**")
    length = sum(map(len, pieces))
    option.bold_fraction = sum(map(len, pieces[1::2])) / length if len(pieces) > 2 and length else 0
    without_bold = option_source.replace("**", "").strip()
    is_italic = without_bold[:1] == "_" and without_bold[-1:] == "_" and without_bold[:2] != "__"
    option.is_starred = (
        is_italic or without_bold[:1] == "*" or without_bold[-1:] in ("*", "★", "⭐") or text[-1:] == "*"
    )
    option.text = text.strip().strip("*★⭐").strip().removesuffix("|").strip()
    return option


@cache
def _build_right_pattern() -> re.Pattern[str]:
    right, wrong = build_alternation("right"), build_alternation("wrong")
    return re.compile(
        rf"\s*(?:(?P<right>[{RIGHT_SIGNS}]️?|(?:←|<-+|⬅️?)\s?(?:{right})?|[(\[]\s?[{RIGHT_SIGNS}]?️?\s?(?:{right})\s?[{RIGHT_SIGNS}!]?️?\s?[)\]]|[–—-]\s(?:{right})\b(?=[.!:\s]*$))"
        rf"|(?P<wrong>[{_WRONG_SIGNS}]️?|[(\[]\s?(?:{wrong})\s?[)\]]))\s*",
        re.IGNORECASE,
    )


def get_labelled_answer(line: Line) -> str | None:
    """Return the text after a line's label for the answer; None without such a label."""
    text = line.text.replace("||", " ").strip().strip("()[]")
    label, rest = parse_label(replace(line, text=text))
    if label:
        unnumbered_label = normalise_label(re.sub(r"\b(?:q(?:uestion)?\s?)?\d{1,3}\b", "", label))
        is_answer = {label, unnumbered_label} & load_part_words("answer") or re.fullmatch(r"[ar]\d{1,3}", label)
        return rest.strip("*_ ") if is_answer else None
    if "<summary" in line.text.casefold() and normalise_label(text) in load_part_words("answer"):
        return ""
    head, _, tail = normalise_label(text).partition(" ")
    if head not in load_part_words("answer") or not tail:
        return None
    match = re.match(rf"^\W*\w+\s+[–—-]?\s*[(]?({LETTER})[).]?(?=$|[\s,.–—-])", text)
    return text[match.start(1) :] if match else None


def get_labelled_feedback(line: Line) -> str | None:
    """Return the text after a line's label for feedback on an answer; None without such a label."""
    return get_labelled_text(line, "feedback")


def is_key_heading(text: str) -> bool:
    """Whether a text is the heading of an answer key, such as "Answer key (for the teacher)"."""
    if len(text) > 90:
        return False
    heading = text.partition(":")[0] if re.search(r":\s*\(?\d", text) else text
    if normalise_label(heading) in load_part_words("key"):
        return True
    heading = re.split(r"[(\[（]", heading)[0]
    pieces = [normalise_label(piece) for piece in _HEADING_SEPARATOR.split(heading)]
    if pieces[0] in load_part_words("key"):
        return len(pieces) < 5
    ends_with_key = len(pieces) > 1 and pieces[-1] in load_part_words("key")
    if ends_with_key and not any(is_part_title(piece, "checks") for piece in pieces):
        return True
    return normalise_label(heading).endswith((" answer key", " answer sheet", " lösungen", " corrigé", " gabarito"))
