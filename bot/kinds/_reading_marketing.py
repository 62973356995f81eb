"""How the parts of marketing texts are found: behind labels, under headings, in lists, or as separate texts. Pure.

Nothing here looks at what a text means. A label counts in any language that it is listed in, however it is marked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise
from textwrap import dedent

from bot.kinds._labels import in_every_language
from bot.markup import Document, Line, Section, document, paragraphs

# A label that is known, and of which no part is made: it ends what stands before it.
OTHER = "other"
# Characters of a label, and of a heading that is no statement in bold.
_LABEL, _HEADING = 60, 100
_ASIDE = re.compile(r"\s?[(\[][^()\[\]]{0,80}[)\]]\s?$")
_BRACKETS = re.compile(r"\([^()]{0,80}\):?")
_NO_LETTER = re.compile(r"[^\w\s'&/]|_")
_NUMBERED = re.compile(r"(.{1,50}?)[ -]?#? ?(\d{1,3})(?: ?(?:/|of|von|de|sur) ?\d{1,3})?|(.{2,50}) [a-h]")
_DASH = re.compile(r"\s[–—-]+\s|[:：|]")
# How long a text is, as writers note it behind it.
_SIZE = re.compile(
    r"\s{0,3}[–—|·-]{0,2}\s{0,3}[(\[]?~?(\d{1,4})\s?(/\s?\d{1,4})?\s?"
    r"(characters|character|chars|char|zeichen|caracteres|caractères|signes|words|wörter|palabras|mots|palavras)?\.?[)\]]?",
    re.IGNORECASE,
)
_MOST_SIZE = 40
_QUOTES = {'"': '"', "“": "”", "„": "“”", "«": "»", "‘": "’", "'": "'", "»": "«"}
_BULLETS = "•·►▪▸‣◦●✓✔✅☑→➜➤▶★❖–—"
_JOINED = "\ufe0e\ufe0f\u200d"
_LINK = re.compile(r"\W{0,8}\[([^\[\]\n]{1,80})\]\(([^()\s]{1,300})\)\W{0,8}")
_PLACE_IN_THREAD = re.compile(r"\W{0,4}\(?(\d{1,2})\s?/\s?(\d{1,2}|n|x)?\)?(?![\d/])")
_NUMBER_ALONE = re.compile(r"\W{0,4}\d{1,2}(?:\s?/\s?\d{1,2}|\.)?\W{0,4}")
_BEHIND = re.compile(r"\(?(\d{1,2})\s?/\s?\d{1,2}\)?\s?$")


def bare(text: str) -> str:
    """A label as it is looked up: small letters without marks, emoji, and what stands in brackets behind it."""
    text = _ASIDE.sub("", text[: 3 * _LABEL].casefold().replace("’", "'").strip(" *:："))
    return " ".join(_NO_LETTER.sub(" ", text).split()).strip(" /&")


class Labels:
    """What the parts of a kind are called: names of parts, each with its labels, divided by "|".

    Those that stand in labels.toml count in all of its languages.
    """

    def __init__(self, **parts: str) -> None:
        self._names: dict[str, str] = {}
        for part, labels in parts.items():
            for label in labels.split("|"):
                for one in in_every_language(label):
                    self._names.setdefault(bare(one), part)

    def find(self, text: str) -> str | None:
        """The part that a label names, with a number or letter behind it or not; None where it names none."""
        if len(text) > 3 * _LABEL:
            return None
        head = _DASH.split(text, maxsplit=1)[0]
        return next((found for one in (text, head) if (found := self._find(bare(one)))), None)

    def _find(self, label: str) -> str | None:
        if label in self._names or not label:
            return self._names.get(label)
        without = label.lstrip("0123456789 ./-")
        numbered = _NUMBERED.fullmatch(without)
        stems = (without, (numbered[1] or numbered[3]) if numbered else "", *_without_sort(without))
        return next((self._names[one] for stem in stems if (one := stem.strip()) in self._names), None)

    def of(self, line: Line) -> tuple[str, str] | None:
        """The part that a line is labelled as, and what stands behind the label in it."""
        if line.sort in ("row", "code", "rule") or not line.text:
            return None
        lead, _, behind = line.lead.partition(":")
        tried = [line.label]
        if behind:
            tried.insert(0, (lead, f"{behind.strip()} {line.rest}".strip()))
        for label, rest in tried:
            if label and (part := self.find(label)):
                # In brackets stands what the label is about.
                return part, "" if _BRACKETS.fullmatch(rest) else rest
        alone = line.sort == "heading" or (line.sort == "text" and len(line.text) <= _LABEL and not line.lead)
        if alone and (part := self.find(line.text) if line.sort == "heading" else self._find(bare(line.text))):
            return part, ""
        return None


def _without_sort(label: str) -> Iterator[str]:
    for ending in (" section", " block", " copy", " options", " ideas", " abschnitt", " bereich"):
        if label.endswith(ending):
            yield label.removesuffix(ending)


@dataclass(frozen=True, slots=True)
class Labelled:
    """What stands behind a label: in its own line as `value`, and in the `lines` below it."""

    part: str
    line: Line
    value: str
    lines: tuple[Line, ...]

    @property
    def entries(self) -> list[str]:
        """It as a list of texts without marks: its entries, else its lines."""
        items = [line for line in self.lines if line.sort == "item"]
        if self.value:
            # In a list whose first entry alone is labelled stand the others beside it.
            beside = [line for line in items if self.line.sort == "item" and line.level == self.line.level]
            return [tidy(self.value), *(tidy(line.text) for line in beside)]
        level = min((line.level for line in items), default=0)
        shown = [line for line in items if line.level == level] or [line for line in self.lines if line.sort != "row"]
        return [text for line in shown if (text := tidy(line.text))]

    @property
    def text(self) -> str:
        """It as one text without marks."""
        return self._between.join(filter(None, (tidy(self.value), flat(self.lines))))

    def source(self, whole: Document) -> str:
        """It as it was written."""
        value = behind_label(self.line) if self.value else ""
        below = unquoted(whole.source_of(self.lines))
        return self._between.join(filter(None, (value, below)))

    @property
    def _between(self) -> str:
        return "\n" if self.lines and self.lines[0].block == self.line.block else "\n\n"


def labelled(whole: Document, labels: Labels, lines: Sequence[Line] | None = None) -> list[Labelled]:
    """All that stands behind known labels, up to the next label, heading or rule."""
    found: list[tuple[str, Line, str, list[Line]]] = []
    is_open = False
    for line in whole.lines if lines is None else lines:
        if known := labels.of(line):
            found.append((known[0], line, known[1], []))
            is_open = True
        elif is_open and (line.sort == "rule" or _ends(whole, line, found[-1][1]) or _is_beside(line, *found[-1][1:3])):
            is_open = False
        elif is_open:
            found[-1][3].append(line)
    return [Labelled(part, line, value, tuple(below)) for part, line, value, below in found]


def _is_beside(line: Line, head: Line, value: str) -> bool:
    """Whether a line has a label of its own, which nobody knows, below one with a value."""
    return bool(value and line.block == head.block and line.lead and line.rest)


def _ends(whole: Document, line: Line, head: Line) -> bool:
    if not is_head(whole, line):
        return False
    if line.sort == "heading":
        return head.sort != "heading" or line.level <= head.level
    return head.sort != "heading"


def cells(whole: Document, labels: Labels) -> list[tuple[str, str]]:
    """What tables say of known labels, which stand before the rows or above the columns."""
    found: list[tuple[str, str]] = []
    for rows in whole.tables():
        before = [labels.find(row[0]) if row else None for row in rows]
        if len(rows) - 1 <= 2 * sum(part is not None for part in before[1:]):
            for part, row in zip(before, rows, strict=True):
                value = next((cell for cell in row[1:] if any(map(str.isalpha, cell))), "")
                if part and value:
                    found.append((part, tidy(value)))
            continue
        above = [labels.find(cell) for cell in rows[0]]
        found += [
            (part, tidy(cell))
            for row in rows[1:]
            for part, cell in zip(above, row, strict=False)
            if part and part != OTHER and cell
        ]
    return found


def lists(whole: Document, labels: Labels) -> dict[str, list[str]]:
    """Each known part as the list of all that is labelled so."""
    told: dict[str, list[str]] = {}
    for one in labelled(whole, labels):
        told.setdefault(one.part, []).extend(one.entries)
    for part, cell in cells(whole, labels):
        told.setdefault(part, []).append(cell)
    return {part: texts for part, texts in told.items() if texts and part != OTHER}


def tidy(text: str) -> str:
    """A text without what writers put around it: quotation marks, a number before it, its length behind it."""
    text = text.strip()
    # Only the end is searched for a length, and only once.
    start = max(0, len(text) - _MOST_SIZE)
    for at in range(start, len(text)):
        found = _SIZE.fullmatch(text, at)
        if found and _is_size(found, text[:at]):
            text = text[:at].rstrip()
            break
    text = text.strip("` ")
    closing = _QUOTES.get(text[:1], "")
    if (
        len(text) > 2
        and closing
        and text[-1] in closing
        and not any(sign in text[1:-1] for sign in (text[0], text[-1]))
    ):
        text = text[1:-1].strip()
    return text


def _is_size(found: re.Match[str], before: str) -> bool:
    """Whether it is set apart as a length, and not a number that the text ends with."""
    apart = found[0].strip()[:1]
    if not before.strip() or not apart or apart not in "([|–—·-":
        return False
    return bool(found[2] or found[3]) or (apart in "([|" and abs(int(found[1]) - len(before.strip())) <= 5)


def flat(lines: Iterable[Line]) -> str:
    """Some lines as one text without marks, its paragraphs and lists kept apart."""
    blocks = (
        "\n".join(f"- {line.text}" if line.sort == "item" else line.text for line in block)
        for _, block in groupby(lines, key=lambda line: line.block if line.entry is None else -1)
    )
    return "\n\n".join(block.strip() for block in blocks if block.strip())


def behind_label(line: Line) -> str:
    """What of a line stands behind its label, as it was written."""
    label, rest = line.label
    pattern = rf"[\s>*_#]{{0,8}}{re.escape(label)}[\s*_]{{0,6}}[:：–—-]?[\s*_]{{0,6}}"
    found = re.match(pattern, line.source)
    if not found or not label:
        return rest
    behind = line.source[found.end() :].strip()
    # Of marks that closed around the label and its text nothing opens any more.
    return behind.removesuffix("**") if behind.count("**") % 2 else behind


def unquoted(text: str) -> str:
    """A text that is a quotation as a whole, or stands in a code fence, without the marks of that."""
    lines = text.strip().split("\n")
    if len(lines) > 1 and lines[0].startswith("```") and lines[-1].strip() == "```":
        return "\n".join(lines[1:-1]).strip()
    if all(line.lstrip().startswith(">") or not line.strip() for line in lines):
        return "\n".join(line.lstrip().removeprefix(">").removeprefix(" ") for line in lines).strip()
    return text.strip()


def link_in(line: Line) -> tuple[str, str] | None:
    """The words and the address of a line that is nothing but a link, as a button is."""
    found = _LINK.fullmatch(line.source.strip())
    return (found[1].strip(" *→➜>"), found[2]) if found else None


@dataclass(frozen=True, slots=True)
class Outline:
    """A text as its title, what stands before its first section, and its sections."""

    title: Line | None
    opening: tuple[Line, ...]
    sections: tuple[Section, ...]


def outline(whole: Document, labels: Labels | None = None, *, skipped: Labels | None = None) -> Outline:
    """The title of a text and the sections that its highest headings make.

    A heading that is a label of `labels` is no title; `skipped` are lines that may stand before the title.
    """
    lines = [line for line in whole.lines if not (skipped and skipped.of(line))]
    heads = [line for line in lines if is_head(whole, line)]
    title = next((line for line in lines if line.sort != "rule"), None)
    named = title is not None and labels is not None and labels.of(title) is not None
    if title is None or named or not (title in heads or _is_plain_title(whole, title, lines)):
        title = None
    heads = [line for line in heads if line is not title]
    marked = [line for line in heads if line.sort == "heading"]
    level = min((line.level for line in marked), default=0)
    tops = [line for line in marked if line.level == level]
    # One heading above several is the roof of them.
    tops = marked if len(tops) == 1 and len(marked) > 2 else tops
    if not marked:
        # In bold, right below the title, stands what goes with that.
        second = next((line for line in lines if title is not None and line.at > title.at), None)
        tops = [line for line in heads if line is not second or len(heads) < 2 or _follows_text(lines, line)]
    body = [line for line in lines if line is not title]
    first = tops[0].at if tops else len(whole.text)
    opening = tuple(line for line in body if line.at < first and line.sort != "rule")
    sections = _cut(body, tops)
    if not tops and (entries := _titled_entries(opening)):
        return Outline(
            title, tuple(line for line in opening if line.at < entries[0].at), _as_sections(opening, entries)
        )
    return Outline(title, opening, sections)


def _cut(lines: Iterable[Line], heads: Sequence[Line]) -> tuple[Section, ...]:
    """The sections that some of the lines are the headings of."""
    starts, found = {head.at for head in heads}, list[tuple[Line, list[Line]]]()
    for line in lines:
        if line.at in starts:
            found.append((line, []))
        elif found and line.sort != "rule":
            found[-1][1].append(line)
    return tuple(Section(head, tuple(below)) for head, below in found)


def _titled_entries(lines: Sequence[Line]) -> list[Line]:
    """The entries of a list that all have a heading in bold."""
    heads = [line for line in lines if line.sort == "item" and line.level == 1]
    return heads if len(heads) > 1 and all(line.lead for line in heads) else []


def _as_sections(lines: Sequence[Line], heads: Sequence[Line]) -> tuple[Section, ...]:
    last = [line.at for line in lines if line.entry is not None][-1]
    return _cut((line for line in lines if line.at <= last), heads)


def _follows_text(lines: Sequence[Line], head: Line) -> bool:
    at = next(number for number, line in enumerate(lines) if line is head)
    return at + 1 < len(lines) and lines[at + 1].sort in ("item", "row")


@lru_cache(maxsize=4)
def _heads(whole: Document) -> frozenset[int]:
    """The numbers of the lines that are headings, also those in bold whose text goes on in the next line."""
    found, before = set[int](), 0
    for line, following in pairwise([*whole.lines, None]):
        assert line is not None
        begins, before = line.block != before, line.block
        goes_on = following is not None and following.block == line.block
        bold = line.sort == "text" and bool(line.lead) and line.entry is None and begins
        bold = bold and not any(map(str.isalnum, line.rest))
        over_text = bold and goes_on and following is not None and following.lead != following.text
        if line.text and (line.sort == "heading" or (bold and (over_text or not goes_on) and _is_short(line))):
            found.add(line.at)
    return frozenset(found)


def _is_short(line: Line) -> bool:
    return len(line.text) <= _HEADING and not link_in(line)


def is_head(whole: Document, line: Line) -> bool:
    """Whether a line is the heading of what stands below it."""
    return line.at in _heads(whole)


def _is_plain_title(whole: Document, line: Line, lines: Sequence[Line]) -> bool:
    """A short first line that stands alone and ends as no sentence does."""
    alone = sum(one.block == line.block for one in lines) == 1
    ends = line.text[-1:] in ".:;,!…)" or line.label[0]
    return line.sort == "text" and alone and len(lines) > 1 and len(line.text) <= _HEADING and not ends


def points(lines: Iterable[Line]) -> list[str]:
    """The points of a list, however they are marked: as entries, or with a sign or an emoji before each line."""
    found: list[tuple[int, str]] = []
    for _, block in groupby(lines, key=lambda line: line.block):
        several = [*block]
        signed = [_behind_sign(line.text) for line in several if line.sort == "text" and line.entry is None]
        for line in several:
            if line.sort == "item":
                found.append((line.level, tidy(_behind_sign(line.text)[0] or line.text)))
        sure = len(signed) > 1 or any(plain for _, plain in signed)
        if signed and sure and all(text for text, _ in signed):
            found += [(1, tidy(text)) for text, _ in signed]
    level = min((one for one, _ in found), default=0)
    return [text for one, text in found if one == level and text]


def _behind_sign(text: str) -> tuple[str, bool]:
    """What stands behind the sign of a point, and whether that is one of lists alone; empty without one."""
    sign, _, rest = text.partition(" ")
    sign = sign.strip(_JOINED)
    is_sign = 0 < len(sign) <= 6 and all(one in _BULLETS or (ord(one) > 0x2000 and not one.isalnum()) for one in sign)
    is_sign = is_sign and sign[0] not in "“„‘«»…"
    return (rest.strip(), sign[0] in _BULLETS) if is_sign and rest.strip() else ("", False)


def questions(lines: Sequence[Line], whole: Document, *, known: bool) -> list[dict[str, str]]:
    """Questions with their answers. Where the lines are `known` to hold some, whatever is marked as one counts."""
    asked: list[tuple[str, list[Line], str]] = []
    for line in lines:
        if line.sort == "rule" or link_in(line):
            continue
        opened = _asked(line, whole, known=known)
        if opened and not (asked and not _has_answer(asked[-1]) and line.sort == "text" and not line.lead):
            asked.append((opened[0], [], opened[1]))
        elif asked and whole.is_heading(line) and line.sort == "heading":
            asked.append(("", [], ""))
        elif asked:
            asked[-1][1].append(line)
    found = []
    for question, below, rest in asked:
        answer = "\n\n".join(filter(None, (_ANSWER.sub("", rest), _ANSWER.sub("", flat(below)))))
        if question and answer:
            found.append({"question": question, "answer": answer})
    return found


_ASKS = re.compile(r"\W{0,3}(?:Q|F|P|Question|Frage|Pregunta|Pergunta)\s?\d{0,2}\s?[.:)：–-]\s{0,3}", re.IGNORECASE)
_ANSWER = re.compile(
    r"\W{0,3}(?:A|R|Answer|Antwort|Respuesta|Réponse|Resposta)\s?\d{0,2}\s?[.:：–-]\s{1,3}", re.IGNORECASE
)


def _has_answer(one: tuple[str, list[Line], str]) -> bool:
    return bool(one[1] or one[2])


def _asked(line: Line, whole: Document, *, known: bool) -> tuple[str, str] | None:
    """The question that a line asks, and what stands behind it."""
    text = line.numbered[1]
    marked = _ASKS.match(text)
    if marked and (known or "?" in text):
        text = text[marked.end() :]
        mark = text.find("?") + 1 or len(text)
        return text[:mark].strip(), text[mark:].strip()
    if line.lead and (line.lead[-1:] in "?？؟" or (known and line.sort != "row")):
        lead = line.lead[found.end() :] if (found := _ASKS.match(line.lead)) else line.lead
        return lead.lstrip("0123456789.) "), line.rest
    if line.sort == "heading" and (known or text[-1:] in "?？؟"):
        return text, ""
    if (line.sort == "item" or known) and text[-1:] in "?？؟":
        return text, ""
    if line.sort == "item" and known and (at := text.find("? ") + 1):
        return text[:at], text[at:].strip()
    return None


def separate(
    whole: Document, labels: Labels, several: int = 0, *, ruled: bool = True, headed: bool = False
) -> list[str]:
    """The texts of which one consists, as they were written: between rules, below labels, numbered, or as many paragraphs, entries
    or lines as there are to be.

    Labels named `text` count wherever a paragraph begins, those named `heading` only as one. Where texts have no headings of their
    own, any one stands over a text (`headed`).
    """
    rules = ruled and any(line.sort == "rule" for line in whole.lines)
    pieces = [document(piece) for piece in whole.parted_by_rules()] if rules else [whole]
    parted = [one for piece in pieces for one in _below_labels(piece, labels)]
    if len(parted) < 2 and headed:
        parted = _below_headings(whole) or parted
    if len(parted) < 2 and ruled:
        parted = _fenced(whole) or _in_thread(whole) or _numbered(whole) or _as_many(whole, several) or parted
    return [one for piece in parted if (one := _without_size(unquoted(piece)))]


def _below_labels(whole: Document, labels: Labels) -> list[str]:
    """What stands below each label; a text without any is kept, one that is a heading alone is not."""
    standing = {(line.at, line.block) for line in whole.lines}
    starts = [
        line for line in whole.lines if _opens(whole, line, labels, begins=(line.at - 1, line.block) not in standing)
    ]
    if not starts or (len(starts) == 1 and any(line.at < starts[0].at for line in whole.lines)):
        rest = [line for line in whole.lines if line.sort != "heading"]
        return [whole.text] if rest else []
    found = []
    for line, following in pairwise([*starts, None]):
        assert line is not None
        end = following.at if following else len(whole.text)
        # Of a heading all words are one; behind a label its text may begin.
        value = "" if whole.is_heading(line) else behind_label(line) if line.label[0] else ""
        below = whole.between(line.at + 1, end)
        same = (line.at + 1, line.block) in standing
        found.append(("\n" if same else "\n\n").join(filter(None, (value, unquoted(below)))))
    return found


def _opens(whole: Document, line: Line, labels: Labels, *, begins: bool) -> bool:
    if line.sort in ("row", "code", "rule") or line.entry is not None:
        return False
    head = whole.is_heading(line) or (line.lead == line.text and bool(line.lead))
    if head and _NUMBER_ALONE.fullmatch(line.text):
        return True
    known = labels.of(line)
    if head and not known:
        return any(labels.find(piece) for piece in _DASH.split(line.text))
    return known is not None and (head or (known[0] == "text" and begins))


def _below_headings(whole: Document) -> list[str]:
    """What stands below each heading of the highest level that several have; nothing where a text begins without one."""
    marked = [line for line in whole.lines if line.sort == "heading" and line.text]
    levels = sorted({line.level for line in marked if sum(one.level == line.level for one in marked[:50]) > 1})
    if not levels or not marked or marked[0] is not whole.lines[0]:
        return []
    tops = [line for line in marked if line.level == levels[0]]
    ends = [*(line.at for line in tops[1:]), len(whole.text)]
    return [whole.between(line.at + 1, end) for line, end in zip(tops, ends, strict=True)]


def _fenced(whole: Document) -> list[str]:
    code = [line for line in whole.lines if line.sort == "code"]
    around = [line for line in whole.lines if line.sort not in ("code", "rule")]
    if not code or any(len(line.text) > _HEADING for line in around):
        return []
    # A command in a fence is a part of the post around it.
    if sum(len(line.text) for line in around) > sum(len(line.source) for line in code):
        return []
    return ["\n".join(line.source for line in block) for _, block in groupby(code, key=lambda line: line.block)]


def _in_thread(whole: Document) -> list[str]:
    """The posts of a thread that are numbered as such, each with its number as it was written."""
    blocks = paragraphs(whole.text)
    before = [
        bool(_PLACE_IN_THREAD.match(block)) or (block[:1].isdigit() and "\u20e3" in block[:3]) for block in blocks
    ]
    if sum(before) > 1 and before[0]:
        return _joined(blocks, before)
    behind = [bool(_BEHIND.search(block[-12:])) for block in blocks]
    if sum(behind) > 1 and behind[-1]:
        return _joined(blocks, [True, *behind[:-1]])
    return []


def _joined(blocks: Sequence[str], starts: Sequence[bool]) -> list[str]:
    found: list[str] = []
    for block, begins in zip(blocks, starts, strict=True):
        if begins:
            found.append(block)
        else:
            found[-1] += f"\n\n{block}"
    return found


def _numbered(whole: Document) -> list[str]:
    """The entries of a numbered list that is the whole text."""
    lines = [line for line in whole.lines if not whole.is_heading(line)]
    heads = [line for line in lines if line.sort == "item" and line.ordinal is not None and line.level == 1]
    if len(heads) < 2 or lines[0] is not heads[0] or any(line.entry is None for line in lines):
        return []
    return _entries(whole, heads)


def _entries(whole: Document, heads: Sequence[Line]) -> list[str]:
    source = whole.text.split("\n")
    ends = [*(line.at for line in heads[1:]), whole.lines[-1].at + 1]
    return [
        f"{head.source}\n{dedent(chr(10).join(source[head.at + 1 : end]))}".strip()
        for head, end in zip(heads, ends, strict=True)
    ]


def _as_many(whole: Document, several: int) -> list[str]:
    """Paragraphs, entries or lines, where they are as many as there are to be."""
    if several < 2:
        return []
    heads = {line.source.strip() for line in whole.headings}
    blocks = [block for block in paragraphs(whole.text) if block.lstrip("# ") not in heads]
    items = [line for line in whole.lines if line.sort == "item" and line.level == 1]
    lines = [line for line in whole.lines if line.sort in ("text", "item") and not whole.is_heading(line)]
    if len(items) == several:
        return _entries(whole, items)
    if len(blocks) == several:
        return blocks
    return [line.source for line in lines] if len(lines) == several else []


def _without_size(text: str) -> str:
    """A text without a last line that says how long it is."""
    head, _, last = text.rpartition("\n")
    if head and len(last) <= _MOST_SIZE and (found := _SIZE.fullmatch(last.strip(" *_"))) and (found[3] or found[2]):
        return head.strip()
    return text


def wanted(counts: Mapping[str, tuple[int, int]], noun: str) -> int:
    """How many of something a brief wants, 0 where it names no single number."""
    low, high = counts.get(noun, (0, 0))
    return low if low == high else 0


def sections_of(whole: Document, shown: Outline) -> dict[str, str]:
    """The sections by their headings, as they were written."""
    found: dict[str, str] = {}
    for section in shown.sections:
        head = section.heading
        assert head is not None
        name, text = head.text, unquoted(whole.source_of(section.lines))
        if head.sort == "item":
            name, text = head.lead.rstrip("."), "\n\n".join(filter(None, (behind_label(head), flat(section.lines))))
        # Of the same heading twice, the second is told by its number.
        found[name if name not in found else f"{name} ({len(found) + 1})"] = text
    return found


def titled_points(lines: Sequence[Line], whole: Document) -> list[str]:
    """The points of a section: a list's, else those with a heading each, else its rows, else its paragraphs."""
    lines = [line for line in lines if not link_in(line)]
    if found := points(lines):
        return found
    heads = [line for line in lines if is_head(whole, line) or line.lead]
    if len(heads) > 1:
        cut = ((one.heading, one.lines) for one in _cut(lines, heads))
        told = ((head.lead or head.text, head.rest, " ".join(flat(below).split())) for head, below in cut if head)
        return [(" " if one[0][-1:] in ".!" else ": ").join(filter(None, one)) for one in told]
    rows = [line for line in lines if line.sort == "row" and not line.head]
    if rows:
        return [": ".join(filter(None, row.cells)) for row in rows]
    return [tidy(line.numbered[1]) for line in lines if line.text and line.sort == "text"]
