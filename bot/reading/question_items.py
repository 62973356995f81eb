"""Splits a text into its questions, and collects the lines of each: its words, options, answer and feedback. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.markup import Document, Line
from bot.reading.answers import ParsedQuestion
from bot.reading.labels import (
    get_labelled_text,
    load_part_words,
    normalise_label,
    parse_label,
)
from bot.reading.options import (
    BOX,
    DOTS,
    RIGHT,
    TICKED_BOX,
    QuestionStart,
    get_labelled_answer,
    get_labelled_feedback,
    parse_option,
    split_options,
)

_ASKING_LINE = re.compile(r"^\W{0,4}[QFP]\s?[:.]\s+")


def _find_starts(
    lines: Sequence[Line], document: Document, way: str, begun: Sequence[QuestionStart | None]
) -> dict[int, QuestionStart]:
    if way == "none":
        return dict(_find_unnumbered_starts(lines, document))
    known = [(at, one) for at, one in enumerate(begun) if one and (way == "any" or one.rank == way)]
    top = min((lines[at].level for at, one in known if one.rank == "list" and lines[at].sort == "item"), default=0)
    found: dict[int, QuestionStart] = {}
    last = nested = nested_at = 0
    fresh, whole = True, False
    places = dict(known)
    for at, line in enumerate(lines):
        one = places.get(at)
        inner = line.sort == "item" and line.ordinal is not None and line.level > top
        if one is None or one.number is None or (inner and one.rank == "list"):
            fresh = fresh or line.sort in ("heading", "rule") or (line.sort != "row" and document.is_heading(line))
            answers = get_labelled_answer(line) is not None or bool(split_options(line.text, line.source)[1])
            whole = whole or answers or line.sort == "item"
            continue
        if not found or one.number == last + 1 or (one.number == 1 and (fresh or whole)):
            if nested and one.number == nested + 1 and at == nested_at + 1:
                nested, nested_at = one.number, at
                continue
            found[at], last, fresh, whole = one, one.number, False, bool(split_options(one.rest, one.rest)[1])
            nested = 0
        elif one.number == 1 or (one.number == nested + 1 and at == nested_at + 1):
            nested, nested_at = one.number, at
    return found


def _find_unnumbered_starts(lines: Sequence[Line], document: Document) -> Iterator[tuple[int, QuestionStart]]:
    """Yield lines that ask, as options or an answer follow them."""
    first_of_block: dict[int, int] = {}
    for at, line in enumerate(lines):
        if line.sort not in ("text", "heading", "item") or not line.text.strip():
            continue
        if _is_option(line) or get_labelled_answer(line) is not None or get_labelled_feedback(line) is not None:
            continue
        first_of_block.setdefault(line.block, at)
        after = next((one for one in lines[at + 1 : at + 3] if one.text.strip()), None)
        before, several = split_options(line.text, line.source)
        asked = _ASKING_LINE.match(line.text) or parse_label(line)[0] in load_part_words("question")
        if (before and len(several) > 1) or asked or (after is not None and _is_first_option(after, line)):
            # The start of the question's paragraph belongs to it.
            begin = first_of_block[line.block]
            yield begin, QuestionStart(None, _ASKING_LINE.sub("", lines[begin].text), "none")


def _is_option(line: Line) -> bool:
    found = (split_options(line.text, line.source, wanted) for wanted in range(8))
    return bool(BOX.match(line.text)) or any(several and not before for before, several in found)


def _is_first_option(line: Line, before: Line) -> bool:
    if line.sort not in ("text", "item") or get_labelled_answer(line) is not None:
        return False
    bulleted = line.sort == "item" and line.ordinal is None and (before.sort != "item" or line.level > before.level)
    head, several = split_options(line.text, line.source)
    return bool(several and not head) or bulleted or bool(BOX.match(line.text)) or line.text[:1] in DOTS


def split_items(
    lines: Sequence[Line], document: Document, way: str, begun: Sequence[QuestionStart | None]
) -> Iterator[ParsedQuestion]:
    """Yield the questions of a text with their lines, if questions begin in some way."""
    starts = _find_starts(lines, document, way, begun)
    current: _QuestionLines | None = None
    section = 0
    for at, line in enumerate(lines):
        if start := starts.get(at):
            if current is not None:
                yield current.item
            current = _QuestionLines(ParsedQuestion(start.number, section), document)
            current.begin(start, line)
        elif line.sort == "rule":
            continue
        elif current is None:
            section += line.sort == "heading" or (line.sort != "row" and document.is_heading(line))
        elif not current.add(line):
            yield current.item
            current, section = None, section + 1
    if current is not None:
        yield current.item


@dataclass(slots=True)
class _QuestionLines:
    """Collects the lines of one question.

    `pending` is the part that a label without a text announced, `answer_block` the paragraph of the answer, -1 for none.
    """

    item: ParsedQuestion
    document: Document
    pending: str = ""
    answer_block: int = -1

    def begin(self, start: QuestionStart, line: Line) -> None:
        """Add the text next to the number of the question."""
        if start.rest:
            self.item.display_lines.append(start.rest)
            _take_text(self.item, replace(line, text=start.rest, sort="text"))

    def add(self, line: Line) -> bool:
        """Add a line below the start; return False if it is a heading at which the question ends."""
        item, text = self.item, line.text.replace("||", "").strip()
        if line.sort == "row":
            item.rows.append(line)
            item.display_lines.append(line.text)
            return True
        if not text:
            return True
        item.display_lines.append(f"{line.ordinal}. {text}" if line.ordinal is not None else text)
        if line.sort == "code":
            if not item.lettered:
                item.texts.append(line)
            return True
        return self._add_labelled(line, text) or self._add_text(line, text)

    def _add_labelled(self, line: Line, text: str) -> bool:
        """Add an answer, feedback or an option; return False for other lines."""
        answer, why = get_labelled_answer(line), get_labelled_feedback(line)
        name, content = "", text
        # "A: Paris" looks like a label but is an option.
        if answer is not None and not split_options(line.text, line.source, len(self.item.lettered))[1]:
            name, content = "answer", answer
        elif why is not None and (_has_options(self.item) or self.item.answer or "||" in line.text):
            name, content = "feedback", why
        elif get_labelled_text(line, "options") == "":
            return True
        elif _take_option(self.item, line):
            self.pending, self.answer_block = "", -1
            return True
        if not name and not self.pending:
            return False
        name, self.pending = name or self.pending, "" if content else name
        self.item.display_lines.pop()
        if name == "answer" and content:
            self._set_answer(content, line)
        elif name == "feedback":
            self.item.feedback += [content] if content else []
            self.answer_block = -1
        return True

    def _add_text(self, line: Line, text: str) -> bool:
        """Add a line without a label; return False if it is a heading at which the question ends."""
        item, has_options = self.item, _has_options(self.item)
        asked = bool(item.texts) and not text.endswith("?")
        if self.document.is_heading(line) and (line.sort == "heading" or has_options or item.answer or asked):
            item.display_lines.pop()
            return False
        if line.text.lstrip().startswith("||") or (has_options and text[:1] in "→➡👉✅✓✔☑🔑"):
            self._set_answer(text.lstrip("→➡️👉✅✓✔☑🔑 "), line)
        elif item.answer and line.block == self.answer_block:
            item.feedback.append(text)
        elif not has_options and not item.answer:
            _take_text(item, line)
        elif has_options and any(one.right or one.bold for one in (*item.lettered, *item.bulleted)):
            item.loose = item.loose or text
        return True

    def _set_answer(self, text: str, line: Line) -> None:
        self.item.answer, self.answer_block = self.item.answer or text, line.block


def _has_options(item: ParsedQuestion) -> bool:
    return bool(item.lettered or item.bulleted or item.numbered)


def _take_text(item: ParsedQuestion, line: Line) -> None:
    """Add a line of the question, which may hold the options too."""
    before, several = split_options(line.text, line.source)
    if len(several) > 1 and not item.lettered:
        if before and normalise_label(before) not in load_part_words("options"):
            item.texts.append(replace(line, text=before))
        item.lettered += several
    else:
        item.texts.append(line)


def _take_option(item: ParsedQuestion, line: Line) -> bool:
    text, source = line.text.replace("||", "").strip(), line.source.replace("||", "")
    box = BOX.match(text)
    bare = text[box.end() :] if box else text.lstrip("*_ ✅✓✔☑→️")
    ticked = bool(box and box[1].strip() in TICKED_BOX) or (not box and any(sign in text[:3] for sign in RIGHT))
    before, several = split_options(bare, source, len(item.lettered))
    if several and not before:
        several[0].right = several[0].right or ticked
        several[0].starred = several[0].starred or text[:1] == "*"
        item.lettered += several
        return True
    if box and item.lettered and (ticked or not split_options(text[box.end() :], "", 0)[1]):
        return False
    if box and len(text) > box.end():
        # Several boxes may share a line.
        pieces = re.split(r"\s+(?=[☐☑☒◯○●◉□■⬜]|\[[ xX]\])", text)
        item.bulleted += [parse_option(one, one if len(pieces) > 1 else source) for one in pieces]
        return True
    dotted = text[:1] in DOTS and text[1:2].isspace()
    if ((line.sort == "item" and line.ordinal is None) or dotted) and not item.lettered:
        item.bulleted.append(parse_option(text[2:] if dotted else text, source))
        return True
    if line.ordinal is not None and line.ordinal == len(item.numbered) + 1:
        item.numbered.append(parse_option(text, source))
        return True
    return False
