"""Reads questions with their options and answers, in whatever form they stand in a text. Pure.

A text is read in several ways, by what its questions may begin with; that counts in which most questions are whole.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from bot.checks.terms import norm
from bot.kinds._reading_education import (
    called,
    column,
    labelled,
    tables_in,
    title_of,
    truths,
    under,
    without_marks,
    words,
)
from bot.markup import Document, Line

LETTERS = "ABCDEFGH"
_ALPHABETS = (
    LETTERS, "abcdefgh", "АБВГДЕЖЗ", "абвгдежз", "ΑΒΓΔΕΖΗΘ", "αβγδεζηθ", "אבגדהוזח", "कखगघङचछज", "アイウエオカキク", "①②③④⑤⑥⑦⑧",
    "가나다라마바사아", "ⒶⒷⒸⒹⒺⒻⒼⒽ", "🅐🅑🅒🅓🅔🅕🅖🅗", "🅰🅱🅲🅳🅴🅵🅶🅷", "🇦🇧🇨🇩🇪🇫🇬🇭",
)  # fmt: skip
_PLACES = {letter: at for alphabet in _ALPHABETS for at, letter in enumerate(alphabet)} | {
    letter: at for at, letter in enumerate("أبجدهوزح")
}
_LETTER = "[" + "".join(_PLACES) + "]"
_ROUND = "①②③④⑤⑥⑦⑧ⒶⒷⒸⒹⒺⒻⒼⒽ🅐🅑🅒🅓🅔🅕🅖🅗🅰🅱🅲🅳🅴🅵🅶🅷🇦🇧🇨🇩🇪🇫🇬🇭"
_DOTS = "•◦‣▪·∙"
# What an option begins with: "A)", "(a)", "b.", "C:", "①", at the start of a line or between options.
_MARK = re.compile(
    rf"(?P<before>^|[\s|/·•;,*_])(?:(?P<open>[(\[（]?)(?P<letter>{_LETTER})(?P<close>[)\]）．、]|\.\)|\.(?=[\s*_]|$)|[:：](?=[\s*_]|$))"
    rf"|(?P<round>[{_ROUND}])️?)[*_]*"
)
_DASHED = re.compile(rf"^({_LETTER})\s?[–—-]\s(?=\S)")
_BOX = re.compile(r"^(\[[ xX✓✔]?\]|\( ?[xX✓]? ?\)|[☐☑☒◯○●◉□■⬜✅❌✓✔✗✘])️?\s*(?=\S)")
_TICKED = frozenset(["[x]", "[X]", "[✓]", "[✔]", "(x)", "(X)", "(", "x", ")", "(✓)", "☑", "●", "◉", "■", "✅", "✓", "✔"])
_RIGHT, _WRONG = "✓✔✅☑", "❌✗✘"
_NUMBERED = re.compile(
    r"^(?:Q|F|P|No\.?|Nr\.?|#|№|问|問)?\s{0,2}(\d{1,3})\s{0,2}(?:[.):：°º、．）]{1,2}|/(?=\s)|[–—-](?=\s))(?!\d)\s{0,6}(.*)$",
    re.DOTALL | re.IGNORECASE,
)
_KEYCAP = re.compile(r"️?⃣\.?")
_TWICE = re.compile(r"^\s*(?:[>|]\s*)*(\d{1,3})[.)]\s+(\d{1,9}[.)]\s.*)$")
_DASHES = re.compile(r"^(.{1,80}?)(?:\s+[–—-]{1,2}\s+|\s*[:：]\s+|\s*(?:→|=>|⟶)\s*)(.+)$", re.DOTALL)
_AND = r"(?:\s*(?:,|;|/|&|\+|\band\b|\bund\b|\bor\b|\by\b|\bet\b|\be\b|\ben\b|\boch\b|\bи\b|と|、)\s*)+"
_CHOSEN = re.compile(
    rf"^[(\[（]?({_LETTER})(?![^\W\d_])[)\]）.:．、]{{0,2}}((?:{_AND}[(\[（]?{_LETTER}(?![^\W\d_])[)\]）.:．、]{{0,2}}){{0,7}})"
)
_PAIR = re.compile(
    rf"(?<![^\W_])(\d{{1,2}}|{_LETTER})\s{{0,2}}[).]?\s{{0,2}}(?:[-–—:=→>]{{1,2}}|\s|(?<=\d))\s{{0,2}}[(]?(\d{{1,2}}|{_LETTER})(?![^\W_])[).]?"
)
_IN_LINE = re.compile(
    rf"(?:^|(?<=[\s,;|·/(]))(?:Q|#)?(\d{{1,3}})(?=\s?[.):=–—→-]|\s+\(?[^\W\d_]|{_LETTER}(?![^\W_]))", re.IGNORECASE
)
_NUMBER = re.compile(r"[-−+]?\d+(?:[.,]\d+)?")
# "1,000" may be a thousand, or one.
_THOUSANDS = re.compile(r"[-−+]?[1-9]\d{0,2}[.,]\d{3}")
_LETTERS_ALONE = re.compile(rf"[\s(]*{_LETTER}(?:[\s,;|·/.)(–-]+{_LETTER}){{1,99}}[\s.)]*")
_JOINED = re.compile(rf"^[(]?(\d{{1,3}})\s?[-–]?\s?([(]?{_LETTER}[)]?(?![^\W_]).*)$", re.DOTALL)
_IS_TAG = re.compile(r"</?[a-zA-Z]{1,10}>")
_LETTER_WORDS = frozenset(
    ("letra", "letter", "lettre", "buchstabe", "lettera", "choice", "réponse", "antwort", "respuesta", "answer")
)
_BARE_LETTER = re.compile(r"^([A-H])\s+(?=\S)")
_TRIM = " \t\n.,;:|–—-→=>*_"


@dataclass(slots=True)
class Option:
    """An option as it was found: whether a sign says that it is right or wrong, how much of it is bold, and what is noted of it."""

    text: str
    right: bool = False
    bold: float = 0
    starred: bool = False
    note: str = ""


@dataclass(slots=True)
class Item:
    """A question as it was found."""

    number: int | None = None
    section: int = 0
    texts: list[Line] = field(default_factory=list)
    lettered: list[Option] = field(default_factory=list)
    numbered: list[Option] = field(default_factory=list)
    bulleted: list[Option] = field(default_factory=list)
    again: list[Option] = field(default_factory=list)
    rows: list[Line] = field(default_factory=list)
    # All that is asked, line by line, as a worksheet shows it.
    shown: list[str] = field(default_factory=list)
    answer: str = ""
    feedback: list[str] = field(default_factory=list)
    # What the parts above come to.
    question: str = ""
    options: list[Option] = field(default_factory=list)
    lefts: list[str] = field(default_factory=list)
    lefts_lettered: bool = False
    correct: list[int] = field(default_factory=list)
    written: str = ""
    said: str = ""
    notes: list[str] = field(default_factory=list)
    loose: bool = False

    @property
    def has_answer(self) -> bool:
        """Whether it is known what is right."""
        return bool(self.correct or self.written)


@dataclass(slots=True)
class Entry:
    """What a key says of a question."""

    number: int | None
    text: str
    lead: str = ""
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Start:
    """How a line begins a question: its number, what follows, and by what it is known."""

    number: int | None
    rest: str
    rank: str


# -- Lines


def started(line: Line, read: Document) -> Start | None:
    """The number that a line begins with, where it has one: "3.", "Q3", "Question 3: …"."""
    if line.sort in ("code", "rule", "row"):
        return None
    if line.ordinal is not None:
        # "1. 1945. …" is a list within a list to Markdown.
        if line.level > 1 and (found := _TWICE.match(read.between(line.at, line.at + 1))):
            return Start(int(found[1]), found[2], "list")
        inner = _worded(line.text)
        return Start(line.ordinal, inner[1] if inner and inner[0] == line.ordinal else line.text, "list")
    text = _KEYCAP.sub(".", line.text.replace("||", "")[:400]) + line.text[400:]
    text = text.lstrip(" \t*_>•▪🔹🔸❓❔➡👉📝✏️🧠(（")
    if found := _worded(text):
        return Start(*found, "word")
    if found_number := _NUMBERED.match(text):
        rank = (
            "heading"
            if line.sort == "heading"
            else "bold"
            if line.lead[:4].strip(" *(Q#").isdigit() or _NUMBERED.match(line.lead + " x")
            else "list"
        )
        return Start(int(found_number[1]), found_number[2].strip(" *"), rank)
    if hashed := re.match(r"^#(\d{1,3})\s+(.*)$", text, re.DOTALL):
        return Start(int(hashed[1]), hashed[2].strip(" *"), "list")
    return None


@cache
def _word() -> re.Pattern[str]:
    known = "|".join(sorted(map(re.escape, words("question") - {"f", "p"}), key=len, reverse=True))
    return re.compile(
        rf"^第?\s?(?:{known})?\s{{0,2}}(?:no\.?|nr\.?|n[º°]\.?|#|№)?\s{{0,2}}(\d{{1,3}})(?!\d|[.,]\d)(?:\s?(?:/|of|von|de|sur|di)\s?\d{{1,3}})?"
        r"\s{0,2}(?:问|問|题|題)?\s{0,2}[.):：–—|-]{0,2}\s{0,6}(.*)$",
        re.DOTALL | re.IGNORECASE,
    )


def _worded(text: str) -> tuple[int, str] | None:
    head = text[:24].casefold()
    if not (head.startswith("第") or any(head.startswith(one) for one in _first_words() if head[:1] == one[:1])):
        return None
    found = _word().match(text)
    return (int(found[1]), found[2].strip(" *")) if found else None


@cache
def _first_words() -> tuple[str, ...]:
    return tuple(words("question") - {"f", "p"})


def options_in(text: str, source: str, wanted: int = 0) -> tuple[str, list[Option]]:
    """What stands before the options of a line, and these, from the letter that is wanted on."""
    marks = _marks(text, wanted)
    if not marks or (marks[0][0] > 0 and (wanted or len(marks) < 2)):
        dashed = _DASHED.match(text)
        if dashed and _PLACES[dashed[1]] == wanted and dashed[1] not in "ae":
            return "", [_option(text[dashed.end() :], source)]
        return text, []
    pieces = [
        text[start:end] for (_, start), end in zip(marks, [*(one[0] for one in marks[1:]), len(text)], strict=True)
    ]
    shown = _marks(source, wanted, strict=False)
    sources = pieces
    if len(shown) == len(marks):
        sources = [
            source[start:end]
            for (start, _), end in zip(shown, [*(one[0] for one in shown[1:]), len(source)], strict=True)
        ]
    options = [
        _option(piece.strip(" |/·•;,\t") if len(marks) > 1 else piece, one)
        for piece, one in zip(pieces, sources, strict=True)
    ]
    return text[: marks[0][0]].strip(" |–—-:("), options


def _marks(text: str, wanted: int, *, strict: bool = True) -> list[tuple[int, int]]:
    """Where each mark of an option begins and ends, letter after letter."""
    found: list[tuple[int, int]] = []
    style: tuple[str, str, bool] | None = None
    for one in _MARK.finditer(text):
        letter = one["letter"] or one["round"]
        place = _PLACES[letter]
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


def _option(text: str, source: str) -> Option:
    """An option without the signs that say whether it is right."""
    text, option = text.replace("||", "").strip(), Option("")
    if (box := _BOX.match(text)) and len(text) > box.end():
        option.right = box[1].strip() in _TICKED
        text = text[box.end() :]
    text, option.right, option.note = _signed(text, right=option.right)
    # What is bold or slanted, without the letter before it.
    shown = source.strip().removeprefix("- ")
    pieces = shown.split("**")
    total = sum(map(len, pieces))
    option.bold = sum(map(len, pieces[1::2])) / total if len(pieces) > 2 and total else 0
    bare = shown.replace("**", "").strip()
    option.starred = (
        bare[:1] == "*"
        or bare[-1:] in ("*", "★", "⭐")
        or text[-1:] == "*"
        or (bare[:1] == "_" and bare[-1:] == "_" and bare[:2] != "__")
    )
    option.text = text.strip().strip("*★⭐").strip().removesuffix("|").strip()
    return option


@cache
def _said_right() -> re.Pattern[str]:
    right, wrong = ("|".join(sorted(map(re.escape, words(name)), key=len, reverse=True)) for name in ("right", "wrong"))
    return re.compile(
        rf"\s*(?:(?P<right>[{_RIGHT}]️?|(?:←|<-+|⬅️?)\s?(?:{right})?|[(\[]\s?[{_RIGHT}]?️?\s?(?:{right})\s?[{_RIGHT}!]?️?\s?[)\]]|[–—-]\s(?:{right})\b(?=[.!:\s]*$))"
        rf"|(?P<wrong>[{_WRONG}]️?|[(\[]\s?(?:{wrong})\s?[)\]]))\s*",
        re.IGNORECASE,
    )


def _signed(text: str, *, right: bool) -> tuple[str, bool, str]:
    """A text without its sign of right or wrong, whether it is right, and what follows that sign."""
    found = _said_right().search(text)
    if not found:
        return text, right, ""
    right = right or bool(found["right"])
    before, after = text[: found.start()].strip(), text[found.end() :].strip()
    if not before:
        return after, right, ""
    return before.rstrip(" –—-:"), right, after.strip(" –—-:|()").removesuffix("|").strip()


def answer_in(line: Line) -> str | None:
    """What a line says is right, behind its label; None where it has no such label."""
    text = line.text.replace("||", " ").strip().strip("()[]")
    label, rest = labelled(replace(line, text=text))
    if label:
        bare = without_marks(re.sub(r"\b(?:q(?:uestion)?\s?)?\d{1,3}\b", "", label))
        if label in words("answer") or bare in words("answer") or re.fullmatch(r"[ar]\d{1,3}", label):
            return rest.strip("*_ ")
        return None
    if "<summary" in line.text.casefold() and without_marks(text) in words("answer"):
        return ""
    head, _, tail = without_marks(text).partition(" ")
    found = (
        re.match(rf"^\W*\w+\s+[–—-]?\s*[(]?({_LETTER})[).]?(?=$|[\s,.–—-])", text)
        if head in words("answer") and tail
        else None
    )
    return text[found.start(1) :] if found else None


def feedback_in(line: Line) -> str | None:
    """What a line says of an answer, behind its label; None where it has no such label."""
    return under(line, "feedback")


@cache
def _inner_feedback() -> re.Pattern[str]:
    known = "|".join(
        sorted(map(re.escape, words("feedback") - {"note", "fact", "because", "nota", "but"}), key=len, reverse=True)
    )
    return re.compile(rf"(?:^|[\s.|;(–—-])\W{{0,3}}(?:{known})\s?[:：]\s*", re.IGNORECASE)


def is_key(text: str) -> bool:
    """Whether a text is the heading of an answer key, such as "Answer key (for the teacher)"."""
    if len(text) > 90:
        return False
    told = without_marks(text)
    if told in words("key"):
        return True
    bare = without_marks(re.split(r"[(\[（]", told)[0])
    pieces = [
        without_marks(one)
        for one in re.split(
            r"\s?[–—:：|/&+]\s?|\s-\s|\s(?:and|with|for|to|und|mit|für|zu|y|con|para|et|avec|pour|e|com)\s", bare
        )
    ]
    if pieces and pieces[0] in words("key"):
        return len(pieces) < 5
    if len(pieces) > 1 and pieces[-1] in words("key") and not any(called(one, "checks") for one in pieces):
        return True
    return bare.endswith((" answer key", " answer sheet", " lösungen", " corrigé", " gabarito"))


# -- The key


def key_regions(read: Document) -> list[tuple[int, int, list[Line]]]:
    """Where keys stand among the lines of a text, each with its own lines."""
    lines, found = read.lines, list[tuple[int, int, list[Line]]]()
    at = 0
    numbered_before = False
    while at < len(lines):
        line = lines[at]
        begun = _key_begins(line, read, lines[at + 1] if at + 1 < len(lines) else None)
        if begun is None:
            numbered_before = (
                numbered_before or started(line, read) is not None or bool(options_in(line.text, line.source)[1])
            )
            at += 1
            continue
        end = _key_ends(lines, at, read, in_front=not numbered_before)
        own = [*begun, *lines[at + 1 : end]]
        # "Answers: A, C" below one of several questions is not the key of all.
        of_one = (
            bool(begun)
            and bool(_LETTERS_ALONE.fullmatch(begun[0].text))
            and any(options_in(one.text, one.source)[1] for one in own[1:])
        )
        if not of_one and _is_of_key(own, read):
            found.append((at, end, own))
            at = end
        else:
            numbered_before = True
            at += 1
    return found


def _key_begins(line: Line, read: Document, _after: Line | None) -> list[Line] | None:
    if line.sort in ("row", "code", "rule"):
        return None
    if line.entry is not None and not read.is_heading(line):
        return None
    text = line.text.replace("||", "").strip()
    label, rest = labelled(line)
    several = len(_sequence(rest)) > 1 and any(
        label.endswith(one) or label.startswith(one) for one in words("key") if len(one) > 3
    )
    if label and rest and (several or is_key(label)):
        answers = _sequence(rest) or _LETTERS_ALONE.fullmatch(rest) or not read.is_heading(line)
        own = replace(line, sort="text", text=rest, source=rest, lead="", rest="", level=0)
        return [own] if answers else []
    return [] if is_key(text.rstrip(":： ")) else None


def _key_ends(lines: Sequence[Line], at: int, read: Document, *, in_front: bool) -> int:
    head = lines[at]
    marked = head.level if head.sort == "heading" else 0
    highest = 0
    for end in range(at + 1, len(lines)):
        line = lines[end]
        if line.sort == "heading" and started(line, read) is None and (not marked or line.level <= marked):
            return end
        if line.sort == "heading" and marked and line.level < marked:
            return end
        start = started(line, read)
        if in_front and start and start.number is not None and (highest or not marked):
            after = next((one for one in lines[end + 1 : end + 4] if one.text.strip()), None)
            asks = after is not None and bool(options_in(after.text, after.source)[1] or _BOX.match(after.text))
            if (start.number == 1 and highest) or asks:
                return end
        if start and start.number is not None:
            highest = max(highest, start.number)
        elif in_front and len(_sequence(line.text)) > 1:
            highest = max(highest, 1)
        if in_front and line.sort == "rule" and highest:
            return end
        if in_front and not highest and head.rest and line.block != head.block:
            highest = 1
    return len(lines)


def _is_of_key(lines: Sequence[Line], read: Document) -> bool:
    """Whether lines hold what a key holds: numbers, rows of a table, entries of a list, or letters alone."""
    entries = key_entries(lines, read)
    return bool(entries) and (any(one.number is not None for one in entries) or len(entries) > 1)


def _sequence(text: str) -> list[tuple[int, int, int]]:
    """Numbers that follow one another in a line, as in "1 B, 2 D, 3 A": each with where it begins and ends."""
    found: list[tuple[int, int, int]] = []
    for one in _IN_LINE.finditer(text):
        number = int(one[1])
        if not found and one.start() > 40:
            break
        if not found or number == found[-1][0] + 1:
            found.append((number, one.start(), one.end()))
    return found


def key_entries(lines: Sequence[Line], read: Document) -> list[Entry]:
    """What a key says, question by question."""
    starts = [started(line, read) for line in lines]
    numbers = {one.number for one in starts if one and one.number is not None}
    found: list[Entry] = []
    rows: list[Line] = []
    current: Entry | None = None
    items = [line.level for line in lines if line.sort == "item"]
    top = min(items, default=0)
    for line, start in zip(lines, starts, strict=True):
        if line.sort == "row":
            rows.append(line)
            continue
        if rows:
            found += _entries_of_rows(rows)
            rows, current = [], None
        text = line.text.replace("||", "").strip()
        if not text or line.sort == "rule":
            continue
        nested = bool(start and line.ordinal is not None and line.level > top and current)
        if start is None and len(_sequence(text)) < 2:
            label, rest = labelled(line)
            if joined := _JOINED.match(text):
                start = Start(int(joined[1]), joined[2], "list")
            elif label and (inner := _NUMBERED.match(rest)):
                start = Start(int(inner[1]), inner[2], "list")
            # "Part A: 1. B, 2. C", "Answer 3: B"
            if (
                (of := re.search(r"(?:^|\s)(\d{1,3})$", label))
                and label[: of.start()]
                and (
                    without_marks(label[: of.start()]) in words("answer")
                    or without_marks(label[: of.start()]) in words("question")
                )
            ):
                start = Start(int(of[1]), labelled(line)[1], "word")
        whole = f"{line.ordinal}. {text}" if line.ordinal is not None else text
        sequence = _sequence(whole)
        if len(sequence) > 1 and not nested and (start is None or (start.number or 0) + 1 not in numbers):
            several = _entries_of_sequence(whole, sequence)
            if _alike(several):
                found += several
                current = None
                continue
        if start and not nested and start.number is not None:
            current = Entry(start.number, start.rest.strip(), line.lead if start.rest.startswith(line.lead) else "")
            found.append(current)
        elif current is not None and current.number is not None:
            if (
                read.is_heading(line)
                and answer_in(line) is None
                and feedback_in(line) is None
                and not options_in(line.text, line.source)[1]
            ):
                current = None
            else:
                current.lines.append(line)
        elif line.sort == "item" and line.level == top and not numbers:
            current = Entry(None, text, line.lead)
            found.append(current)
        elif current is not None and line.entry is not None:
            current.lines.append(line)
        elif _LETTERS_ALONE.fullmatch(text):
            found += [Entry(None, letter) for letter in re.findall(_LETTER, text)]
    if rows:
        found += _entries_of_rows(rows)
    ones = [one for one in found if one.number == 1]
    if len(ones) == len(found) > 1:  # A list whose numbers Markdown counts.
        for number, one in enumerate(found, 1):
            one.number = number
    return found


def _entries_of_sequence(text: str, sequence: Sequence[tuple[int, int, int]]) -> list[Entry]:
    ends = [*(start for _, start, _ in sequence[1:]), len(text)]
    return [
        Entry(number, text[start:end].strip(" .,;:|·/–—-=→)("))
        for (number, _, start), end in zip(sequence, ends, strict=True)
    ]


def _within(entry: Entry) -> list[Entry]:
    """The entries in what a key says of a part: "Exercise 1: 1. went, 2. saw"; of nothing none."""
    sequence = _sequence(entry.text)
    if len(sequence) > 1 and not sequence[0][1]:
        return _entries_of_sequence(entry.text, sequence)
    return [entry] if entry.text or entry.lines else []


def _alike(entries: Sequence[Entry]) -> bool:
    """Whether the pieces of a line can be answers: none is empty, and they are short."""
    texts = [one.text for one in entries]
    return all(texts) and (
        all(len(one) < 40 for one in texts[:-1]) or all(re.match(rf"{_LETTER}\b", one) for one in texts)
    )


def _entries_of_rows(rows: Sequence[Line]) -> list[Entry]:
    found: list[Entry] = []
    for head, *cells in tables_in(rows):
        digits = [without_marks(one) for one in head]
        if cells and sum(one.isdigit() for one in digits) > 1:
            # A row of numbers above a row of answers.
            found += [Entry(int(one), row) for one, row in zip(digits, cells[0], strict=False) if one.isdigit()]
            continue
        to = column(head, "answer", "right", "key")
        why = column(head, "feedback")
        if to is None and not cells:
            continue
        asked = column(head, "question")
        for row in cells if to is not None or asked is not None else [head, *cells]:
            number = next((int(one[0]) for cell in row[:1] if (one := re.findall(r"\d{1,3}", cell[:12]))), None)
            at = to if to is not None else next((n for n in range(1, len(row)) if n not in (asked, why)), None)
            if at is None or at >= len(row) or not row[at]:
                continue
            lines = (
                [Line(0, "text", f"{next(iter(sorted(words('feedback') & {'explanation'})))}: {row[why]}", "")]
                if why is not None and why < len(row) and row[why]
                else []
            )
            if why is None and len(row) > at + 1 and to is not None and row[at + 1] and at + 1 != asked:
                lines = [Line(0, "text", f"explanation: {row[at + 1]}", "")]
            found.append(Entry(number, row[at], "", lines))
    return found


# -- Questions


def read_tasks(read: Document) -> list[Item]:
    """The tasks of a worksheet, of which most have no options: what is numbered counts for more than what has some."""
    return read_items(read, plainly=True)


def read_items(read: Document, *, plainly: bool = False) -> list[Item]:
    """The questions of a text with what is known of their answers."""
    regions = key_regions(read)
    hidden = {at for start, end, _ in regions for at in range(start, end)}
    lines = [
        line for at, line in enumerate(read.lines) if at not in hidden and not _IS_TAG.fullmatch(line.text.strip())
    ]
    lines = _spelled(lines)
    keys = [[entry for _, _, own in regions for entry in key_entries(own, read)]]
    if (within := [inner for entry in keys[0] for inner in _within(entry)]) != keys[0]:
        keys.append(within)
    best: list[Item] = []
    most = 0.0
    for way, entries in itertools.product(("word", "heading", "bold", "list", "any", "none"), keys):
        items = [_settled(one) for one in _items(lines, read, way)]
        items = _kept(items, entries)
        _apply(entries, items)
        if way == "none":  # A list below a heading is no question yet.
            items = [one for one in items if one.has_answer or one.lettered or "?" in one.question]
        for one in items:
            _fall_back(one)
        items = _merged(items)
        score = sum(_worth(one, plainly=plainly) for one in items)
        if score > most or (not best and items and way != "none"):
            best, most = items, max(score, most)
    tabled = _items_of_tables(lines, keys[0])
    if matched := _matching_whole(lines, read, keys[0]):
        return [matched]
    return tabled if sum(_worth(one, plainly=plainly) for one in tabled) > most else best


def _worth(item: Item, *, plainly: bool) -> float:
    """How much of a question is there; one that holds a single number more may be the heading of another."""
    found = 2 if item.has_answer else 1 if len(item.options) > 1 else 0.5 if plainly else -0.5
    return found - 0.25 * (len(item.numbered) == 1)


def _matching_whole(lines: Sequence[Line], read: Document, entries: Sequence[Entry]) -> Item | None:
    """A text that is one matching task: numbers, then letters, and a key that has a letter for each number."""
    lefts, rights, asked = list[str](), list[Option](), ""
    if len(entries) < 2 or not all(re.fullmatch(rf"[(]?{_LETTER}[).]?", one.text.strip()) for one in entries):
        return None
    pairs = [(started(line, read), line) for line in lines if line.sort not in ("row", "rule", "code")]
    for table in tables_in(lines):
        pairs += [
            (started(one, read), one)
            for at in (0, 1)
            for row in table
            for cell in row[at : at + 1]
            if (one := Line(0, "text", cell, cell))
        ]
    for start, line in pairs:
        before, several = options_in(line.text, line.source, len(rights))
        if start and start.number == len(lefts) + 1 and not rights:
            lefts.append(start.rest)
        elif several and not before:
            rights += several
        elif not lefts and line.text.strip() and line.text.strip()[-1:] in ".:":
            asked = line.text.strip()
        elif start:
            return None
    if not len(entries) == len(lefts) <= len(rights):
        return None
    item = Item(question=asked or title_of(read) or " / ".join(lefts), options=rights, lefts=lefts)
    item.correct = pairs_in(item, ", ".join(f"{one.number}-{one.text.strip('(). ')}" for one in entries))
    return item if item.correct else None


def _spelled(lines: Sequence[Line]) -> list[Line]:
    """The lines with a bracket behind letters that stand alone before options: "A Paris", "B Rome", one below another."""
    found = list(lines)
    runs: list[int] = []
    for at, line in enumerate([*lines, None]):
        letter = _BARE_LETTER.match(line.text) if line and line.sort in ("text", "item") else None
        if letter and line and _PLACES[letter[1]] == len(runs):
            runs.append(at)
            continue
        if len(runs) > 1:
            for one in runs:
                text = _BARE_LETTER.sub(r"\1) ", found[one].text, count=1)
                found[one] = replace(found[one], text=text, source=text)
        runs = [at] if letter and _PLACES[letter[1]] == 0 else []
    return found


def _starts(lines: Sequence[Line], read: Document, way: str) -> dict[int, Start]:
    if way == "none":
        return dict(_unnumbered(lines, read))
    known = [
        (at, one) for at, line in enumerate(lines) if (one := started(line, read)) and (way == "any" or one.rank == way)
    ]
    top = min((lines[at].level for at, one in known if one.rank == "list" and lines[at].sort == "item"), default=0)
    found: dict[int, Start] = {}
    last = nested = nested_at = 0
    fresh, whole = True, False
    places = dict(known)
    for at, line in enumerate(lines):
        one = places.get(at)
        if (
            one is None
            or one.number is None
            or (line.sort == "item" and line.ordinal is not None and line.level > top and one.rank == "list")
        ):
            fresh = fresh or line.sort in ("heading", "rule") or (line.sort != "row" and read.is_heading(line))
            whole = (
                whole
                or answer_in(line) is not None
                or bool(options_in(line.text, line.source)[1])
                or line.sort == "item"
            )
            continue
        if (
            not found
            or one.number == last + 1
            or (one.number == 1 and (fresh or whole))
            or (last < one.number <= last + 3 and fresh)
        ):
            if nested and one.number == nested + 1 and at == nested_at + 1:
                nested, nested_at = one.number, at
                continue
            found[at], last, fresh, whole = one, one.number, False, bool(options_in(one.rest, one.rest)[1])
            nested = 0
        elif one.number == 1 or (one.number == nested + 1 and at == nested_at + 1):
            nested, nested_at = one.number, at
    return found


def _unnumbered(lines: Sequence[Line], read: Document) -> Iterator[tuple[int, Start]]:
    """Lines that ask, as options or an answer follow them."""
    first_of_block: dict[int, int] = {}
    for at, line in enumerate(lines):
        if line.sort not in ("text", "heading", "item") or not line.text.strip():
            continue
        if _is_option(line) or answer_in(line) is not None or feedback_in(line) is not None:
            continue
        first_of_block.setdefault(line.block, at)
        after = next((one for one in lines[at + 1 : at + 3] if one.text.strip()), None)
        asked = re.match(r"^\W{0,4}[QFP]\s?[:.]\s+", line.text)
        before, several = options_in(line.text, line.source)
        asked = asked or labelled(line)[0] in words("question")
        if (before and len(several) > 1) or asked or (after is not None and _is_first_option(after, line)):
            # What the question's paragraph begins with belongs to it.
            begin = first_of_block[line.block]
            text = lines[begin].text
            own = re.match(r"^\W{0,4}[QFP]\s?[:.]\s+", text)
            yield begin, Start(None, text[own.end() :] if own else text, "none")


def _is_option(line: Line) -> bool:
    return any(
        options_in(line.text, line.source, wanted)[1] and not options_in(line.text, line.source, wanted)[0]
        for wanted in range(8)
    ) or bool(_BOX.match(line.text))


def _is_first_option(line: Line, before: Line) -> bool:
    if line.sort not in ("text", "item") or answer_in(line) is not None:
        return False
    head, several = options_in(line.text, line.source)
    bulleted = line.sort == "item" and line.ordinal is None and (before.sort != "item" or line.level > before.level)
    return bool(several and not head) or bulleted or bool(_BOX.match(line.text)) or line.text[:1] in _DOTS


def _items(lines: Sequence[Line], read: Document, way: str) -> Iterator[Item]:
    starts = _starts(lines, read, way)
    current: Item | None = None
    section = 0
    pending = ""
    noted = -1
    for at, line in enumerate(lines):
        if start := starts.get(at):
            if current is not None:
                yield current
            current, pending, noted = Item(start.number, section), "", -1
            if start.rest:
                current.shown.append(start.rest)
                _take_text(current, replace(line, text=start.rest, sort="text"))
            continue
        if line.sort == "rule":
            continue
        text = line.text.replace("||", "").strip()
        if current is None:
            section += line.sort == "heading" or (line.sort != "row" and read.is_heading(line))
            continue
        if line.sort == "row":
            current.rows.append(line)
            current.shown.append(line.text)
            continue
        if not text:
            continue
        current.shown.append(f"{line.ordinal}. {text}" if line.ordinal is not None else text)
        if line.sort == "code":
            if not current.lettered:
                current.texts.append(line)
            continue
        if (said := answer_in(line)) is not None and not _is_lettered_next(line, current):
            pending = "" if said else "answer"
            current.shown.pop()
            if said:
                current.answer, noted = current.answer or said, line.block
            continue
        if (said := feedback_in(line)) is not None and (
            current.lettered or current.bulleted or current.answer or current.numbered or "||" in line.text
        ):
            pending = "" if said else "feedback"
            current.shown.pop()
            current.feedback += [said] if said else []
            noted = -1
            continue
        if under(line, "options") == "":
            continue
        if _take_option(current, line, way):
            pending, noted = "", -1
            continue
        if pending:
            current.shown.pop()
            if pending == "answer":
                current.answer, noted = current.answer or text, line.block
            else:
                current.feedback.append(text)
            pending = ""
            continue
        has_options = bool(current.lettered or current.bulleted or current.numbered)
        if read.is_heading(line) and (line.sort == "heading" or has_options or current.answer):
            current.shown.pop()
            yield current
            current, section = None, section + 1
            continue
        if line.text.lstrip().startswith("||") or (has_options and text[:1] in "→➡👉✅✓✔☑🔑"):
            current.answer, noted = current.answer or text.lstrip("→➡️👉✅✓✔☑🔑 "), line.block
        elif current.answer and noted >= 0 and line.block - noted <= 1:
            current.feedback.append(text)
            current.loose, noted = True, -1
        elif not has_options and not current.answer:
            _take_text(current, line)
        elif has_options and not current.feedback and _any_right(current) and line.block - lines[at - 1].block <= 1:
            current.feedback.append(text)
            current.loose = True
    if current is not None:
        yield current


def _any_right(item: Item) -> bool:
    return any(one.right or one.bold for one in (*item.lettered, *item.bulleted))


def _is_lettered_next(line: Line, item: Item) -> bool:
    """Whether a line that looks labelled is an option: "A: Paris"."""
    return bool(options_in(line.text, line.source, len(item.lettered))[1])


def _take_text(item: Item, line: Line) -> None:
    """A line of the question, which may hold the options too."""
    source = line.source if line.text in line.source or not line.source else line.source
    before, several = options_in(line.text, source)
    if len(several) > 1 and not item.lettered:
        if before:
            item.texts.append(replace(line, text=before))
        item.lettered += several
    else:
        item.texts.append(line)


def _take_option(item: Item, line: Line, way: str) -> bool:
    text, source = line.text.replace("||", "").strip(), line.source.replace("||", "")
    box = _BOX.match(text)
    bare = text[box.end() :] if box else text.lstrip("*_ ✅✓✔☑→️")
    ticked = bool(box and box[1].strip() in _TICKED) or (not box and any(sign in text[:3] for sign in _RIGHT))
    starred = text[:1] == "*"
    for listed in (item.lettered, item.again):
        before, several = options_in(bare, source, len(listed))
        if several and not before:
            several[0].right = several[0].right or ticked
            several[0].starred = several[0].starred or starred
            listed += several
            return True
        if listed is item.lettered and (len(listed) < 2 or not options_in(bare, source, 0)[1]) and not item.again:
            break
    if box and item.lettered and (ticked or not options_in(text[box.end() :], "", 0)[1]):
        return False
    if box and len(text) > box.end():
        option = _option(text, source)
        # Several boxes may stand side by side.
        pieces = re.split(r"\s+(?=[☐☑☒◯○●◉□■⬜]|\[[ xX]\])", text)
        item.bulleted += [_option(one, one) for one in pieces] if len(pieces) > 1 else [option]
        return True
    dotted = text[:1] in _DOTS and text[1:2].isspace()
    if ((line.sort == "item" and line.ordinal is None) or dotted) and not item.lettered:
        if text[:1] in "→➡":
            return False
        item.bulleted.append(_option(text[2:] if dotted else text, source))
        return True
    if way != "none" and not item.lettered and (found := _NUMBERED.match(text) if line.ordinal is None else None):
        if int(found[1]) == len(item.numbered) + 1:
            item.numbered.append(_option(found[2], source))
            return True
    if line.ordinal is not None and line.ordinal == len(item.numbered) + 1:
        item.numbered.append(_option(text, source))
        return True
    return False


def _settled(item: Item) -> Item:
    """An item with its question, options and what of them is marked as right."""
    if len(item.lettered) == 1 and not item.answer:
        # "Q: … A: …"
        item.answer, item.lettered = item.lettered[0].text, []
    if len(item.lettered) > 1:
        item.options = item.lettered
        if len(item.numbered) > 1:
            item.lefts = [one.text for one in item.numbered]
    elif len(item.numbered) > 1:
        item.options = item.numbered
    elif len(item.bulleted) > 1:
        item.options = item.bulleted
    extra = [one.text for one in item.bulleted] if item.options is not item.bulleted else []
    _take_rows(item)
    lines = [line.text.replace("||", "").strip() for line in item.texts]
    if item.texts and (label := labelled(item.texts[0]))[0] in words("question"):
        lines[0] = label[1]
        lines = lines if label[1] else lines[1:]
    if (
        len(lines) > 1
        and item.texts[0].block != item.texts[1].block
        and lines[0][-1:] not in ".?!:…？。"
        and lines[-1][-1:] in "?:？…_"
    ):
        lines = lines[1:]  # The heading of a question says what it is about.
    if lines and re.fullmatch(r"[(\[][^()\[\]]{0,40}[)\]]", lines[0]):
        lines = lines[1:]
    item.question = "\n".join([*lines, *(f"- {one}" for one in extra)]).strip().strip("*").strip()
    _mark(item)
    if item.answer:
        resolve(item, item.answer)
    if len(item.again) == len(item.options) > 1 and not item.notes:
        item.notes = [one.text for one in item.again]
    notes = [one.note for one in item.options]
    if all(notes) and notes:
        item.notes = notes
    elif any(notes) and not item.feedback:
        item.feedback = [
            next(note for one, note in zip(item.options, notes, strict=True) if note and (one.right or True))
        ]
    return item


def _take_rows(item: Item) -> None:
    """A table of a question: two columns to be matched, else a part of what is asked."""
    if not item.rows:
        return
    tables = tables_in(item.rows)
    rows = tables[0][1:] if tables else []
    if not item.options and rows and len(tables[0][0]) == 2:
        cells = [
            [re.sub(rf"^[(]?(?:\d{{1,2}}|{_LETTER})[.):]\s+", "", cell) for cell in row]
            for row in rows
            if len(row) == 2
        ]
        marked = [bool(re.match(rf"^[(]?{_LETTER}[.):]\s", row[0])) for row in rows]
        if len(cells) > 1 and all(map(all, cells)):
            item.lefts = [row[0] for row in cells]
            item.options = [Option(row[1]) for row in cells]
            item.lefts_lettered = all(marked)
            return
    item.texts += [replace(line, text=" | ".join(line.cells)) for line in item.rows]


def _mark(item: Item) -> None:
    """What signs, or letters that are bold or slanted, say is right, where not all options have them."""
    options = item.options
    if item.lefts:
        return
    tests = (
        [one.right for one in options], [one.bold > 0.5 for one in options], [one.starred for one in options],
        [one.bold > 0 for one in options],
    )  # fmt: skip
    for marked in tests:
        if any(marked) and not all(marked):
            item.correct = [at for at, one in enumerate(marked) if one]
            return


def _kept(items: list[Item], entries: Sequence[Entry]) -> list[Item]:
    """The questions without what is only numbered: instructions, aims, how many points make which grade."""
    groups: dict[int, list[Item]] = {}
    for one in items:
        groups.setdefault(one.section, []).append(one)
    whole = [
        one for group in groups.values() if any(each.options or each.has_answer for each in group) for one in group
    ]
    if not whole or len(whole) == len(items):
        return items
    count = len(entries)
    return items if count and abs(len(items) - count) <= abs(len(whole) - count) else whole


def _apply(entries: Sequence[Entry], items: list[Item]) -> None:
    """Each entry of a key to its question: the next one of its number, else by the order of both, else by its words."""
    open_items = [one for one in items if not one.has_answer]
    numbered = [one for one in entries if one.number is not None]
    if (
        len(items) == 1
        and entries
        and not numbered
        and all(_LETTERS_ALONE.fullmatch(f"{one.text},A") for one in entries)
    ):
        _answer(items[0], Entry(None, ", ".join(one.text for one in entries)))
        return
    if (entries and len(numbered) < len(entries)) or not any(one.number is not None for one in items):
        if len(entries) == len(items):
            for entry, item in zip(entries, items, strict=True):
                _answer(item, entry)
            return
        if len(numbered) < len(entries):
            for entry in entries:
                for item in open_items:
                    if item.question and norm(item.question)[:60] in norm(entry.text):
                        _answer(item, entry)
                        break
            return
    places: dict[int | None, list[int]] = {}
    for at, item in enumerate(items):
        number = item.number if item.number is not None else at + 1
        places.setdefault(number, []).append(at)
    used, pointer = set[int](), 0
    for entry in numbered:
        free = [at for at in places.get(entry.number, ()) if at not in used]
        if not free:
            if twice := places.get(entry.number):  # The key says more of a question that it named before.
                _answer(items[twice[-1]], entry)
            continue
        at = next((one for one in free if one >= pointer), free[0])
        used.add(at)
        pointer = at
        _answer(items[at], entry)


def _answer(item: Item, entry: Entry) -> None:
    """What a key says of a question."""
    said, others = _without_question(entry.text, item), list[str]()
    lead = entry.lead if said == entry.text else ""
    pending, lettered = "", list[Option]()
    if (own := answer_in(Line(0, "text", said, said))) is not None:
        said = own
    before, several = options_in(said, said)
    if len(several) > 1 and not item.lefts and len(several) == len(item.options):
        lettered, said = several, before
    for line in entry.lines:
        text = line.text.replace("||", "").strip().lstrip("→➡️👉 ")
        if not text:
            continue
        if (right := answer_in(line)) is not None:
            said, pending = (right, "") if right else (said, "answer")
        elif (why := feedback_in(line)) is not None:
            item.feedback += [why] if why else []
            pending = "" if why else "feedback"
        elif (
            (found := options_in(text.lstrip("*✅✓✔❌ "), line.source, len(lettered)))[1]
            and not found[0]
            and not (not said and not lettered and len(entry.lines) < 3)
        ):
            found[1][0].right = found[1][0].right or any(sign in text[:3] for sign in _RIGHT)
            lettered += found[1]
        elif pending == "answer":
            said, pending = text, ""
        else:
            others.append(text)
    same = sum(_same(one.text, each.text) for one, each in zip(lettered, item.options, strict=False))
    if lettered and item.options and same * 2 >= len(lettered):
        again = Item(options=lettered)
        _mark(again)
        item.correct = item.correct or [at for at in again.correct if at < len(item.options)]
    elif len(lettered) == len(item.options) > 1 and not item.lefts:
        item.notes = [one.text for one in lettered]
        if not said and sum(one.right for one in lettered) == 1:
            item.correct = [at for at, one in enumerate(lettered) if one.right]
    elif lettered:
        shown = [f"{LETTERS[at]}) {one.text}" for at, one in enumerate(lettered)]
        if item.lefts or not item.options:
            said = " ".join(filter(None, [said, *shown])) if not item.lefts else said
        else:
            others += shown
    if not said and others and not item.has_answer:
        said = others.pop(0)
    item.said = item.said or "\n".join(
        filter(
            None, [said, *others, *(f"{LETTERS[at % 8]}) {one.text}" for at, one in enumerate(lettered) if not said)]
        )
    )
    if said:
        resolve(item, said, lead)
    item.feedback += others


def _same(one: str, other: str) -> bool:
    return bool(one) and norm(one).strip(" .") == norm(other).strip(" .")


def _without_question(text: str, item: Item) -> str:
    """What an entry of a key says without the question that it repeats."""
    asked = " ".join(item.question.split())
    told = " ".join(text.split())
    if asked and told.casefold().startswith(asked.casefold()):
        return told[len(asked) :].strip(" –—-:→|*").strip()
    if "?" in told and asked[:40] and told[:40].casefold() == asked[:40].casefold():
        return told.rpartition("?")[2].strip(" –—-:→|*")
    return text


# -- What is right


def chosen(said: str, options: Sequence[str], *, numbered: bool = False) -> tuple[list[int], str]:
    """The places of the options that an answer names, by letters or words, and what it says beside; ([], said) for none."""
    text = said.strip().lstrip("✅✓✔☑→➡️👉🔑*_ ").strip()
    if (head := text.partition(" "))[1] and without_marks(head[0]) in _LETTER_WORDS | words("options"):
        text = head[2].lstrip("* ")
    if not text or not options:
        return [], said
    found = _CHOSEN.match(text)
    letters = [_PLACES[one] for one in re.findall(rf"(?<![^\W_]){_LETTER}(?![^\W_])", found[0])] if found else []
    valid = bool(letters) and all(at < len(options) for at in letters)
    if found and valid:
        rest = text[found.end() :]
        if not rest or found[0][-1:] in ")].:）" or rest[:1] in "*|" or re.match(r"\s*(?:[–—(|=→,;-]|$)", rest):
            return sorted(set(letters)), _beside(rest, [options[at] for at in letters])
    known = [norm(one).strip(" .!?\"'") for one in options]
    told = norm(text).strip(" .!?*\"'")
    fits = [at for at, one in enumerate(known) if one and told == one]
    if fits:
        return fits[:1], ""
    begun = [at for at, one in enumerate(known) if one and told.startswith(one) and not told[len(one) :][:1].isalnum()]
    if begun:
        at = max(begun, key=lambda one: len(known[one]))
        return [at], _beside(text, [options[at]])
    if found and valid and (found[1].isupper() or len(letters) > 1):
        return sorted(set(letters)), _beside(text[found.end() :], [options[at] for at in letters])
    if numbered and (number := re.match(r"^[(]?(\d{1,2})[).:]?(?=$|\s)", text)) and 0 < int(number[1]) <= len(options):
        return [int(number[1]) - 1], _beside(text[number.end() :], [options[int(number[1]) - 1]])
    several = [norm(one).strip(" .*") for one in re.split(r"\s*[,;/]\s*|\s(?:and|und|y|et|e)\s", text)]
    if len(several) > 1 and all(one in known for one in several):
        return sorted({known.index(one) for one in several}), ""
    if len(told) == 1 and len(firsts := [at for at, one in enumerate(known) if one[:1] == told]) == 1:
        return firsts, ""
    initial = re.match(r"^([^\W\d_])(?=\s*[–—(.:-])", text)
    if (
        initial
        and len(options) == 2
        and len(firsts := [at for at, one in enumerate(known) if one[:1] == norm(initial[1])]) == 1
    ):
        return firsts, _beside(text[1:], [])
    held = [
        at
        for at, one in enumerate(known)
        if len(one) > 2 and re.search(rf"(?<!\w){re.escape(one[:200])}(?!\w)", told[:400])
    ]
    return (held, _beside(text, [options[held[0]]])) if len(held) == 1 else ([], said)


def _beside(rest: str, rights: Sequence[str]) -> str:
    """What follows the letters of an answer, without the words of what is right."""
    rest = rest.strip(_TRIM)
    for right in sorted(rights, key=len, reverse=True):
        bare = right.strip().rstrip(".")
        inner = rest.lstrip("( ")
        if bare and inner.casefold().startswith(bare.casefold()) and not inner[len(bare) :][:1].isalnum():
            rest = inner[len(bare) :].lstrip(") ").strip(_TRIM)
    if rest[:1] in "(（" and rest[-1:] in ")）":
        rest = rest[1:-1]
    return rest.rstrip("|* ") if rest.count("(") >= rest.count(")") else rest.rstrip(")|* ")


def resolve(item: Item, said: str, lead: str = "") -> None:
    """What an answer says of a question."""
    said = said.strip()
    if (inner := _inner_feedback().search(said)) and inner.start():
        item.feedback.append(said[inner.end() :].strip(" *"))
        said = said[: inner.start()].strip(" |;.–—-(*")
    if item.lefts:
        item.correct = item.correct or pairs_in(item, said)
        return
    if item.options:
        options = [one.text for one in item.options]
        places, rest = chosen(said, options, numbered=item.options is item.numbered)
        if places:
            item.correct = places
        rest = rest.strip()
        if rest and places and len(rest) > 2:
            item.feedback.append(rest[:1].upper() + rest[1:] if rest[:1].isascii() and not rest.isupper() else rest)
        return
    item.written = item.written or (lead and said.startswith(lead) and _beside_lead(item, said, lead)) or said


def _beside_lead(item: Item, said: str, lead: str) -> str:
    rest = said[len(lead) :].strip(_TRIM + ")")
    if rest:
        item.feedback.append(rest.removeprefix("(") if rest.count("(") > rest.count(")") else rest)
    return lead.rstrip(" .:")


def pairs_in(item: Item, said: str) -> list[int]:
    """Which option belongs to each of several things, by "1-C, 2-A" or by their words."""
    found: dict[int, int] = {}
    for one in _PAIR.finditer(said):
        left, right = one[1], one[2]
        if left.isdigit() == right.isdigit():
            continue
        if item.lefts_lettered == left.isdigit():
            left, right = right, left
        sides = [int(side) - 1 if side.isdigit() else _PLACES[side] for side in (left, right)]
        if sides[0] < len(item.lefts) and sides[1] < len(item.options):
            found.setdefault(sides[0], sides[1])
    if len(found) < len(item.lefts):
        lefts, options = [norm(one) for one in item.lefts], [norm(one.text) for one in item.options]
        for piece in re.split(r"[,;\n|]", said):
            sides_of = [norm(one).strip(" .*") for one in re.split(r"\s*(?:→|=>|=|:|\s[–—-]\s)\s*", piece, maxsplit=1)]
            if len(sides_of) == 2 and sides_of[0] in lefts and sides_of[1] in options:
                found.setdefault(lefts.index(sides_of[0]), options.index(sides_of[1]))
    return [found[at] for at in range(len(item.lefts))] if len(found) == len(item.lefts) else []


_BOLD_AT_END = re.compile(r"[.?!:…_)–—→-]\s*\*\*([^*]{1,80})\*\*\W*$")
_AT_END = re.compile(r"\s*(?:[(\[]\s*(?P<inner>[^()\[\]]{1,120})\s*[)\]]|(?:→|➡️?|=>|⟶)\s*(?P<arrow>.{1,200}))\s*$")


def _fall_back(item: Item) -> None:
    """The answer that stands on the line of a question itself, where there is none elsewhere."""
    if item.options or item.has_answer or not item.texts:
        return
    line = item.texts[-1]
    raw = line.text.strip()
    if raw.count("||") >= 2:
        head, _, rest = raw.partition("||")
        item.question, said = (
            "\n".join([*item.question.split("\n")[:-1], head.strip(" –—-:")]).strip(),
            rest.split("||")[0],
        )
        own = answer_in(Line(0, "text", said, said))
        resolve(item, own or said)
        return
    last = item.question.split("\n")[-1]
    if found := _AT_END.search(last):
        inner = found["inner"] or found["arrow"]
        said = answer_in(Line(0, "text", inner, inner)) if found["inner"] else inner
        if said:
            item.question = item.question[: len(item.question) - len(last) + found.start()].strip()
            resolve(item, said)
            return
    if line.lead and line.lead[-1:] == "?" and line.rest and not line.rest.startswith(("(", "_")):
        item.question, said = line.lead, line.rest
        resolve(item, said)
    elif (found := _BOLD_AT_END.search(line.source)) and last.endswith(found[1].strip()):
        head = item.question[: item.question.rindex(found[1].strip())].strip(" –—-→:")
        if head:
            item.question = head
            resolve(item, found[1].strip())


def _merged(items: list[Item]) -> list[Item]:
    """The questions once, where a text has them with and without their answers."""
    if len(items) > 1 and items[-1].loose and not any(one.feedback for one in items[:-1]):
        items[-1].feedback = []
    known: dict[str, Item] = {}
    found: list[Item] = []
    for item in items:
        name = norm(item.question)
        first = known.get(name)
        alike = first is not None and [norm(one.text) for one in first.options] == [
            norm(one.text) for one in item.options
        ]
        if (
            not name
            or first is None
            or (first.options and item.options and not alike)
            or (first.has_answer and not alike)
        ):
            if name:
                known.setdefault(name, item)
            found.append(item)
            continue
        if not first.has_answer and item.has_answer:
            first.correct, first.written = item.correct, item.written
        first.feedback = first.feedback or item.feedback
        first.notes = first.notes or item.notes
    return found


def _items_of_tables(lines: Sequence[Line], entries: Sequence[Entry]) -> list[Item]:
    """The questions of tables: one a row, its options in columns of their own or in one cell."""
    found: list[Item] = []
    for head, *rows in tables_in(lines):
        lettered = [
            at for at, cell in enumerate(head)
            if re.fullmatch(rf"(?:[^\W\d_]{{3,14}}\s)?(?:{_LETTER}|\d)[).]?", cell.strip()) and cell.strip() not in ("F", "P", "Q")
        ]  # fmt: skip
        asked, to, why = (column(head, name) for name in ("question", "answer", "feedback"))
        to = to if to is not None else column(head, "right", "key")
        listed = column(head, "options")
        of_options = [
            at for at in range(len(head))
            if at != asked and rows and all(at < len(row) and len(_marks(" ".join(row[at].split()), 0)) > 1 for row in rows)
        ]  # fmt: skip
        if of_options:
            listed = of_options[0]
            to = to if to != listed else next((at for at in range(listed + 1, len(head)) if at != why), None)
        if asked in lettered:
            asked = None
        if to in lettered:
            to = None
        numbered = _is_numbers([row[0] for row in rows if row])
        if asked == 0 and numbered and len(head) > 2:
            asked = None
        if asked is None and (len(lettered) > 1 or to is not None or listed is not None):
            asked = 1 if numbered else 0
        if asked is None or (len(lettered) < 2 and to is None and listed is None):
            continue
        for row in rows:
            if asked >= len(row) or not row[asked]:
                continue
            number = re.match(r"\D{0,3}(\d{1,3})", row[0]) if numbered else None
            item = Item(int(number[1]) if number else len(found) + 1, question=row[asked])
            if len(lettered) > 1:
                item.options = [
                    _option(row[at], row[at]) for at in lettered if at < len(row) and row[at] not in ("", "—", "–", "-")
                ]
            elif listed is not None and listed < len(row):
                item.options = _listed(row[listed])
            else:
                before, several = options_in(" ".join(row[asked].split()), row[asked])
                if len(several) > 1:
                    item.question, item.options = before, several
            _mark(item)
            item.numbered = item.options
            if why is not None and why < len(row) and row[why]:
                item.feedback.append(row[why])
            if to is not None and to < len(row) and row[to]:
                resolve(item, row[to])
            found.append(item)
    _apply(entries, found)
    return found


def _is_numbers(cells: Sequence[str]) -> bool:
    return bool(cells) and all(re.fullmatch(r"\D{0,3}\d{1,3}\D{0,2}", cell.strip()) for cell in cells)


def _listed(cell: str) -> list[Option]:
    """The options in one cell."""
    before, several = options_in(" ".join(cell.split()), " ".join(cell.split()))
    if len(several) > 1 and not before:
        return several
    for parting in ("\n", ";", " / ", " | ", ","):
        if parting in cell:
            return [_option(one.strip("-• "), one) for one in cell.split(parting) if one.strip()]
    return []


def answer_of(text: str) -> tuple[str, str]:
    """A written answer, and what is said of it: "Paris. The capital since 987", "Paris – the capital"."""
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


def number_of(text: str) -> float:
    """The number that a text is."""
    return float(text.strip().replace("−", "-").replace(",", "."))


_TRUTH_AT_END = re.compile(
    r"\s*(?:[–—-]\s)?[(\[]?\s*([^\W\d_]{1,14})\s?(?:/|\||\bor\b|\boder\b|\bou\b|\bo\b|\bu\b|\bof\b)\s?([^\W\d_]{1,14})\s?[)\]]?\s*[?:.]?\s*$",
    re.IGNORECASE,
)


def truth_in(question: str) -> tuple[str, tuple[str, str] | None]:
    """A statement without "(True / False)" at its end, and those two words; None without them."""
    found = _TRUTH_AT_END.search(question[-60:])
    if not found:
        return question, None
    said = [norm(found[1]), norm(found[2])]
    for _, true, false in truths():
        if said in ([norm(true), norm(false)], [norm(false), norm(true)]):
            return question[: len(question) - len(found[0])].strip(), (true, false)
    if said in (["t", "f"], ["f", "t"]):
        return question[: len(question) - len(found[0])].strip(), ("True", "False")
    return question, None
