"""Parses lines of questions: numbers, options, and labels of right answers. Pure."""

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
_ALPHABETS = (
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
PLACES = {letter: at for alphabet in _ALPHABETS for at, letter in enumerate(alphabet)} | {
    letter: at for at, letter in enumerate("أبجدهوزح")
}
LETTER = "[" + "".join(PLACES) + "]"
_ROUND = "①②③④⑤⑥⑦⑧ⒶⒷⒸⒹⒺⒻⒼⒽ🅐🅑🅒🅓🅔🅕🅖🅗🅰🅱🅲🅳🅴🅵🅶🅷🇦🇧🇨🇩🇪🇫🇬🇭"
DOTS = "•◦‣▪·∙"
# The start of an option: "A)", "(a)", "b.", "C:", "①", at the start of a line or between options.
_MARK = re.compile(
    rf"(?P<before>^|[\s|/·•;,*_])(?:(?P<open>[(\[（]?)(?P<letter>{LETTER})(?P<close>[)\]）．、]|\.\)|\.(?=[\s*_]|$)|[:：](?=[\s*_]|$))"
    rf"|(?P<round>[{_ROUND}])️?)[*_]*"
)
_DASHED = re.compile(rf"^({LETTER})\s?[–—-]\s(?=\S)")
BOX = re.compile(r"^(\[[ xX✓✔]?\]|\( ?[xX✓]? ?\)|[☐☑☒◯○●◉□■⬜✅❌✓✔✗✘])️?\s*(?=\S)")
TICKED_BOX = frozenset(
    ("[x]", "[X]", "[✓]", "[✔]", "(x)", "(X)", "( x )", "(✓)", "☑", "☒", "●", "◉", "■", "✅", "✓", "✔")
)
RIGHT, _WRONG = "✓✔✅☑", "❌✗✘"
NUMBERED = re.compile(
    r"^(?:Q|F|P|No\.?|Nr\.?|#|№|问|問)?\s{0,2}(\d{1,3})\s{0,2}(?:[.):：°º、．）]{1,2}|/(?=\s)|[–—-](?=\s))(?!\d)\s{0,6}(.*)$",
    re.DOTALL | re.IGNORECASE,
)
_KEYCAP = re.compile(r"️?⃣\.?")
_TWICE = re.compile(r"^\s*(?:[>|]\s*)*(\d{1,3})[.)]\s+(\d{1,9}[.)]\s.*)$")
_PARTS_OF_KEY = re.compile(
    r"\s?[–—:：|/&+]\s?|\s-\s|\s(?:and|with|for|to|und|mit|für|zu|y|con|para|et|avec|pour|e|com)\s", re.IGNORECASE
)
ONLY_LETTERS = re.compile(rf"[\s(]*{LETTER}(?:[\s,;|·/.)(–-]+{LETTER}){{1,99}}[\s.)]*")


@dataclass(slots=True)
class ParsedOption:
    """An option as it was parsed: whether a sign marks it as right or wrong, and how much of it is bold."""

    text: str
    right: bool = False
    bold: float = 0
    starred: bool = False


@dataclass(frozen=True, slots=True)
class QuestionStart:
    """How a line begins a question: its number, the remaining text, and the sort of mark."""

    number: int | None
    rest: str
    rank: str


def parse_question_start(line: Line, document: Document) -> QuestionStart | None:
    """Return the number that a line begins with: "3.", "Q3", "Question 3: …"; None without one."""
    if line.sort in ("code", "rule", "row"):
        return None
    if line.ordinal is not None:
        # Markdown reads "1. 1945. …" as a list within a list.
        if line.level > 1 and (found := _TWICE.match(document.slice_source(line.at, line.at + 1))):
            return QuestionStart(int(found[1]), found[2], "list")
        inner = _parse_worded_number(line.text)
        return QuestionStart(line.ordinal, inner[1] if inner and inner[0] == line.ordinal else line.text, "list")
    text = _KEYCAP.sub(".", line.text.replace("||", "")[:400]) + line.text[400:]
    text = text.lstrip(" \t*_>•▪🔹🔸❓❔➡👉📝✏️🧠(（")
    if worded := _parse_worded_number(text):
        return QuestionStart(*worded, "word")
    if found_number := NUMBERED.match(text):
        is_bold = line.lead[:4].strip(" *(Q#").isdigit() or NUMBERED.match(line.lead + " x")
        rank = "heading" if line.sort == "heading" else "bold" if is_bold else "list"
        return QuestionStart(int(found_number[1]), found_number[2].strip(" *"), rank)
    if hashed := re.match(r"^#(\d{1,3})\s+(.*)$", text, re.DOTALL):
        return QuestionStart(int(hashed[1]), hashed[2].strip(" *"), "list")
    return None


@cache
def _build_question_pattern() -> re.Pattern[str]:
    return re.compile(
        rf"^(?:第|(?:第\s?)?(?:{build_alternation('question', 'f', 'p')}))\s{{0,2}}(?:no\.?|nr\.?|n[º°]\.?|#|№)?\s{{0,2}}(\d{{1,3}})(?!\d|[.,]\d)(?:\s?(?:/|of|von|de|sur|di)\s?\d{{1,3}})?"
        r"\s{0,2}(?:问|問|题|題)?\s{0,2}[.):：–—|-]{0,2}\s{0,6}(.*)$",
        re.DOTALL | re.IGNORECASE,
    )


def _parse_worded_number(text: str) -> tuple[int, str] | None:
    found = _build_question_pattern().match(text)
    return (int(found[1]), found[2].strip(" *")) if found else None


def split_options(text: str, source: str, wanted: int = 0) -> tuple[str, list[ParsedOption]]:
    """Return the text before the options of a line, and the options, starting from the wanted letter."""
    marks = find_option_marks(text, wanted)
    if not marks or (marks[0][0] > 0 and (wanted or len(marks) < 2)):
        dashed = _DASHED.match(text)
        if dashed and PLACES[dashed[1]] == wanted and dashed[1] not in "ae":
            return "", [parse_option(text[dashed.end() :], source)]
        return text, []
    pieces, shown = (
        _split_at_marks(text, marks),
        _split_at_marks(source, find_option_marks(source, wanted, strict=False)),
    )
    sources = shown if len(shown) == len(pieces) else pieces
    around = " |/·•;,\t" if len(marks) > 1 else ""
    options = [parse_option(piece.strip(around), one) for piece, one in zip(pieces, sources, strict=True)]
    return text[: marks[0][0]].strip(" |–—-:("), options


def _split_at_marks(text: str, marks: Sequence[tuple[int, int]]) -> list[str]:
    ends = [*(start for start, _ in marks[1:]), len(text)]
    return [text[start:end] for (_, start), end in zip(marks, ends, strict=True)]


def find_option_marks(text: str, wanted: int, *, strict: bool = True) -> list[tuple[int, int]]:
    """Return the start and end of each option's mark, letter by letter."""
    found: list[tuple[int, int]] = []
    style: tuple[str, str, bool] | None = None
    for one in _MARK.finditer(text):
        letter = one["letter"] or one["round"]
        place = PLACES[letter]
        own = (one["open"] or "", (one["close"] or "")[:1], letter.isupper())
        if place != wanted + len(found) or (style and own != style):
            continue
        if not found and strict and own[1] and own[1] in ":：" and one.start("letter"):
            continue
        style = own
        at = one.start("open") if one["letter"] else one.start("round")
        if not strict:  # Bold marks before the letter belong to the option.
            while at and text[at - 1] in "*_":
                at -= 1
        found.append((at, one.end() if strict else at))
    return found


def parse_option(text: str, source: str) -> ParsedOption:
    """Return an option without the signs that mark it as right or wrong."""
    text, option = text.replace("||", "").strip(), ParsedOption("")
    if (box := BOX.match(text)) and len(text) > box.end():
        option.right = box[1].strip() in TICKED_BOX
        text = text[box.end() :]
    if found := _build_right_pattern().search(text):
        option.right = option.right or bool(found["right"])
        text = text[: found.start()].strip().rstrip(" –—-:") or text[found.end() :].strip()
    # What is bold or italic, without the letter before it.
    shown = source.strip().removeprefix("- ")
    pieces = shown.split("**")
    total = sum(map(len, pieces))
    option.bold = sum(map(len, pieces[1::2])) / total if len(pieces) > 2 and total else 0
    bare = shown.replace("**", "").strip()
    slanted = bare[:1] == "_" and bare[-1:] == "_" and bare[:2] != "__"
    option.starred = slanted or bare[:1] == "*" or bare[-1:] in ("*", "★", "⭐") or text[-1:] == "*"
    option.text = text.strip().strip("*★⭐").strip().removesuffix("|").strip()
    return option


@cache
def _build_right_pattern() -> re.Pattern[str]:
    right, wrong = build_alternation("right"), build_alternation("wrong")
    return re.compile(
        rf"\s*(?:(?P<right>[{RIGHT}]️?|(?:←|<-+|⬅️?)\s?(?:{right})?|[(\[]\s?[{RIGHT}]?️?\s?(?:{right})\s?[{RIGHT}!]?️?\s?[)\]]|[–—-]\s(?:{right})\b(?=[.!:\s]*$))"
        rf"|(?P<wrong>[{_WRONG}]️?|[(\[]\s?(?:{wrong})\s?[)\]]))\s*",
        re.IGNORECASE,
    )


def get_labelled_answer(line: Line) -> str | None:
    """Return the text after a line's label for the right answer; None without such a label."""
    text = line.text.replace("||", " ").strip().strip("()[]")
    label, rest = parse_label(replace(line, text=text))
    if label:
        named = normalise_label(re.sub(r"\b(?:q(?:uestion)?\s?)?\d{1,3}\b", "", label))
        if (
            label in load_part_words("answer")
            or named in load_part_words("answer")
            or re.fullmatch(r"[ar]\d{1,3}", label)
        ):
            return rest.strip("*_ ")
        return None
    if "<summary" in line.text.casefold() and normalise_label(text) in load_part_words("answer"):
        return ""
    head, _, tail = normalise_label(text).partition(" ")
    if head not in load_part_words("answer") or not tail:
        return None
    found = re.match(rf"^\W*\w+\s+[–—-]?\s*[(]?({LETTER})[).]?(?=$|[\s,.–—-])", text)
    return text[found.start(1) :] if found else None


def get_labelled_feedback(line: Line) -> str | None:
    """Return the text after a line's label for feedback; None without such a label."""
    return get_labelled_text(line, "feedback")


def is_key_heading(text: str) -> bool:
    """Whether a text is the heading of an answer key, such as "Answer key (for the teacher)"."""
    if len(text) > 90:
        return False
    shown = text.partition(":")[0] if re.search(r":\s*\(?\d", text) else text
    if normalise_label(shown) in load_part_words("key"):
        return True
    shown = re.split(r"[(\[（]", shown)[0]
    pieces = [normalise_label(one) for one in _PARTS_OF_KEY.split(shown)]
    if pieces[0] in load_part_words("key"):
        return len(pieces) < 5
    if (
        len(pieces) > 1
        and pieces[-1] in load_part_words("key")
        and not any(is_part_title(one, "checks") for one in pieces)
    ):
        return True
    return normalise_label(shown).endswith((" answer key", " answer sheet", " lösungen", " corrigé", " gabarito"))
