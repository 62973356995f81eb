"""Reads lines of questions: what they are numbered, the options they hold, and labels of what is right. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from bot.kinds._reading_labels import any_of, bare, called, label_of, under, words
from bot.markup import Document, Line

LETTERS = "ABCDEFGH"
_ALPHABETS = (
    LETTERS, "abcdefgh", "АБВГДЕЖЗ", "абвгдежз", "ΑΒΓΔΕΖΗΘ", "αβγδεζηθ", "אבגדהוזח", "कखगघङचछज", "アイウエオカキク", "①②③④⑤⑥⑦⑧",
    "가나다라마바사아", "ⒶⒷⒸⒹⒺⒻⒼⒽ", "🅐🅑🅒🅓🅔🅕🅖🅗", "🅰🅱🅲🅳🅴🅵🅶🅷", "🇦🇧🇨🇩🇪🇫🇬🇭",
)  # fmt: skip
PLACES = {letter: at for alphabet in _ALPHABETS for at, letter in enumerate(alphabet)} | {
    letter: at for at, letter in enumerate("أبجدهوزح")
}
LETTER = "[" + "".join(PLACES) + "]"
_ROUND = "①②③④⑤⑥⑦⑧ⒶⒷⒸⒹⒺⒻⒼⒽ🅐🅑🅒🅓🅔🅕🅖🅗🅰🅱🅲🅳🅴🅵🅶🅷🇦🇧🇨🇩🇪🇫🇬🇭"
DOTS = "•◦‣▪·∙"
# What an option begins with: "A)", "(a)", "b.", "C:", "①", at the start of a line or between options.
_MARK = re.compile(
    rf"(?P<before>^|[\s|/·•;,*_])(?:(?P<open>[(\[（]?)(?P<letter>{LETTER})(?P<close>[)\]）．、]|\.\)|\.(?=[\s*_]|$)|[:：](?=[\s*_]|$))"
    rf"|(?P<round>[{_ROUND}])️?)[*_]*"
)
_DASHED = re.compile(rf"^({LETTER})\s?[–—-]\s(?=\S)")
BOX = re.compile(r"^(\[[ xX✓✔]?\]|\( ?[xX✓]? ?\)|[☐☑☒◯○●◉□■⬜✅❌✓✔✗✘])️?\s*(?=\S)")
TICKED = frozenset(("[x]", "[X]", "[✓]", "[✔]", "(x)", "(X)", "( x )", "(✓)", "☑", "☒", "●", "◉", "■", "✅", "✓", "✔"))
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
LETTERS_ALONE = re.compile(rf"[\s(]*{LETTER}(?:[\s,;|·/.)(–-]+{LETTER}){{1,99}}[\s.)]*")


@dataclass(slots=True)
class Option:
    """An option as it was found: whether a sign says that it is right or wrong, and how much of it is bold."""

    text: str
    right: bool = False
    bold: float = 0
    starred: bool = False


@dataclass(frozen=True, slots=True)
class Start:
    """How a line begins a question: its number, what follows, and by what it is known."""

    number: int | None
    rest: str
    rank: str


def started(line: Line, read: Document) -> Start | None:
    """The number that a line begins with, where it has one: "3.", "Q3", "Question 3: …"."""
    if line.sort in ("code", "rule", "row"):
        return None
    if line.ordinal is not None:
        # "1. 1945. …" is a list within a list to Markdown.
        if line.level > 1 and (found := _TWICE.match(read.slice_source(line.at, line.at + 1))):
            return Start(int(found[1]), found[2], "list")
        inner = _worded(line.text)
        return Start(line.ordinal, inner[1] if inner and inner[0] == line.ordinal else line.text, "list")
    text = _KEYCAP.sub(".", line.text.replace("||", "")[:400]) + line.text[400:]
    text = text.lstrip(" \t*_>•▪🔹🔸❓❔➡👉📝✏️🧠(（")
    if worded := _worded(text):
        return Start(*worded, "word")
    if found_number := NUMBERED.match(text):
        is_bold = line.lead[:4].strip(" *(Q#").isdigit() or NUMBERED.match(line.lead + " x")
        rank = "heading" if line.sort == "heading" else "bold" if is_bold else "list"
        return Start(int(found_number[1]), found_number[2].strip(" *"), rank)
    if hashed := re.match(r"^#(\d{1,3})\s+(.*)$", text, re.DOTALL):
        return Start(int(hashed[1]), hashed[2].strip(" *"), "list")
    return None


@cache
def _word() -> re.Pattern[str]:
    return re.compile(
        rf"^(?:第|(?:第\s?)?(?:{any_of('question', 'f', 'p')}))\s{{0,2}}(?:no\.?|nr\.?|n[º°]\.?|#|№)?\s{{0,2}}(\d{{1,3}})(?!\d|[.,]\d)(?:\s?(?:/|of|von|de|sur|di)\s?\d{{1,3}})?"
        r"\s{0,2}(?:问|問|题|題)?\s{0,2}[.):：–—|-]{0,2}\s{0,6}(.*)$",
        re.DOTALL | re.IGNORECASE,
    )


def _worded(text: str) -> tuple[int, str] | None:
    found = _word().match(text)
    return (int(found[1]), found[2].strip(" *")) if found else None


def options_in(text: str, source: str, wanted: int = 0) -> tuple[str, list[Option]]:
    """What stands before the options of a line, and these, from the letter that is wanted on."""
    marks = marks_in(text, wanted)
    if not marks or (marks[0][0] > 0 and (wanted or len(marks) < 2)):
        dashed = _DASHED.match(text)
        if dashed and PLACES[dashed[1]] == wanted and dashed[1] not in "ae":
            return "", [option_of(text[dashed.end() :], source)]
        return text, []
    pieces, shown = _between(text, marks), _between(source, marks_in(source, wanted, strict=False))
    sources = shown if len(shown) == len(pieces) else pieces
    around = " |/·•;,\t" if len(marks) > 1 else ""
    options = [option_of(piece.strip(around), one) for piece, one in zip(pieces, sources, strict=True)]
    return text[: marks[0][0]].strip(" |–—-:("), options


def _between(text: str, marks: Sequence[tuple[int, int]]) -> list[str]:
    ends = [*(start for start, _ in marks[1:]), len(text)]
    return [text[start:end] for (_, start), end in zip(marks, ends, strict=True)]


def marks_in(text: str, wanted: int, *, strict: bool = True) -> list[tuple[int, int]]:
    """Where each mark of an option begins and ends, letter after letter."""
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
        if not strict:  # Signs of bold before the letter are a part of the option.
            while at and text[at - 1] in "*_":
                at -= 1
        found.append((at, one.end() if strict else at))
    return found


def option_of(text: str, source: str) -> Option:
    """An option without the signs that say whether it is right."""
    text, option = text.replace("||", "").strip(), Option("")
    if (box := BOX.match(text)) and len(text) > box.end():
        option.right = box[1].strip() in TICKED
        text = text[box.end() :]
    if found := _said_right().search(text):
        option.right = option.right or bool(found["right"])
        text = text[: found.start()].strip().rstrip(" –—-:") or text[found.end() :].strip()
    # What is bold or slanted, without the letter before it.
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
def _said_right() -> re.Pattern[str]:
    right, wrong = any_of("right"), any_of("wrong")
    return re.compile(
        rf"\s*(?:(?P<right>[{RIGHT}]️?|(?:←|<-+|⬅️?)\s?(?:{right})?|[(\[]\s?[{RIGHT}]?️?\s?(?:{right})\s?[{RIGHT}!]?️?\s?[)\]]|[–—-]\s(?:{right})\b(?=[.!:\s]*$))"
        rf"|(?P<wrong>[{_WRONG}]️?|[(\[]\s?(?:{wrong})\s?[)\]]))\s*",
        re.IGNORECASE,
    )


def answer_in(line: Line) -> str | None:
    """What a line says is right, behind its label; None where it has no such label."""
    text = line.text.replace("||", " ").strip().strip("()[]")
    label, rest = label_of(replace(line, text=text))
    if label:
        named = bare(re.sub(r"\b(?:q(?:uestion)?\s?)?\d{1,3}\b", "", label))
        if label in words("answer") or named in words("answer") or re.fullmatch(r"[ar]\d{1,3}", label):
            return rest.strip("*_ ")
        return None
    if "<summary" in line.text.casefold() and bare(text) in words("answer"):
        return ""
    head, _, tail = bare(text).partition(" ")
    if head not in words("answer") or not tail:
        return None
    found = re.match(rf"^\W*\w+\s+[–—-]?\s*[(]?({LETTER})[).]?(?=$|[\s,.–—-])", text)
    return text[found.start(1) :] if found else None


def feedback_in(line: Line) -> str | None:
    """What a line says of an answer, behind its label; None where it has no such label."""
    return under(line, "feedback")


def is_key(text: str) -> bool:
    """Whether a text is the heading of an answer key, such as "Answer key (for the teacher)"."""
    if len(text) > 90:
        return False
    shown = text.partition(":")[0] if re.search(r":\s*\(?\d", text) else text
    if bare(shown) in words("key"):
        return True
    shown = re.split(r"[(\[（]", shown)[0]
    pieces = [bare(one) for one in _PARTS_OF_KEY.split(shown)]
    if pieces[0] in words("key"):
        return len(pieces) < 5
    if len(pieces) > 1 and pieces[-1] in words("key") and not any(called(one, "checks") for one in pieces):
        return True
    return bare(shown).endswith((" answer key", " answer sheet", " lösungen", " corrigé", " gabarito"))
