"""Splits a text into questions, and sorts the lines of each into question, options, answer and feedback."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.markup import Document, Line
from bot.reading.answers import ParsedQuestion
from bot.reading.labels import get_labelled_text, load_part_words, normalise_label, parse_label
from bot.reading.options import (
    BULLET_DOTS,
    CHECKBOX,
    RIGHT_SIGNS,
    TICKED_CHECKBOXES,
    QuestionStart,
    get_labelled_answer,
    get_labelled_feedback,
    parse_option,
    split_options,
)

_QUESTION_LABEL = re.compile(r"^\W{0,4}[QFP]\s?[:.]\s+")
# Space to write on.
_WRITING_SPACE = re.compile(r"[_.…\s]{4,}")


def _find_starts(
    lines: Sequence[Line], document: Document, rank: str, line_starts: Sequence[QuestionStart | None]
) -> dict[int, QuestionStart]:
    """Return the starts of questions by line index: numbers in sequence, except those of lists within questions.

    Numbering may begin again at 1 below a heading or a rule, or after a question with options or an answer.
    """
    if rank == "none":
        return dict(_find_unnumbered_starts(lines, document))
    candidates = {index: start for index, start in enumerate(line_starts) if start and rank in ("any", start.rank)}
    top_level = min(
        (
            lines[index].level
            for index, start in candidates.items()
            if start.rank == "list" and lines[index].sort == "item"
        ),
        default=0,
    )
    starts: dict[int, QuestionStart] = {}
    # The last number of a question, and that of a list within a question, with the index of its line.
    last_number = nested_number = nested_index = 0
    begins_section, is_complete = True, False
    for index, line in enumerate(lines):
        start = candidates.get(index)
        is_nested_item = line.sort == "item" and line.ordinal is not None and line.level > top_level
        if start is None or start.number is None or (is_nested_item and start.rank == "list"):
            is_heading = line.sort != "row" and document.is_heading(line)
            begins_section = begins_section or line.sort in ("heading", "rule") or is_heading
            has_answer = get_labelled_answer(line) is not None or bool(split_options(line.text, line.source)[1])
            is_complete = is_complete or has_answer or line.sort == "item"
            continue
        continues_list = start.number == nested_number + 1 and index == nested_index + 1
        is_next = start.number == last_number + 1
        if not starts or is_next or (start.number == 1 and (begins_section or is_complete)):
            if nested_number and continues_list:
                nested_number, nested_index = start.number, index
                continue
            starts[index], last_number = start, start.number
            begins_section, is_complete = False, bool(split_options(start.rest, start.rest)[1])
            nested_number = 0
        elif start.number == 1 or continues_list:
            nested_number, nested_index = start.number, index
    return starts


def _find_unnumbered_starts(lines: Sequence[Line], document: Document) -> Iterator[tuple[int, QuestionStart]]:
    """Yield the index and start of each question that has a label, options in its line, or options below it."""
    block_starts: dict[int, int] = {}
    for index, line in enumerate(lines):
        if line.sort not in ("text", "heading", "item") or not line.text.strip():
            continue
        if _is_option(line) or get_labelled_answer(line) is not None or get_labelled_feedback(line) is not None:
            continue
        block_starts.setdefault(line.block, index)
        following = next((line for line in lines[index + 1 : index + 3] if line.text.strip()), None)
        before, options = split_options(line.text, line.source)
        has_options = bool(before) and len(options) > 1
        is_labelled = _QUESTION_LABEL.match(line.text) or parse_label(line)[0] in load_part_words("question")
        if has_options or is_labelled or (following is not None and _is_first_option(following, line)):
            # A question begins with its paragraph.
            start_index = block_starts[line.block]
            yield start_index, QuestionStart(None, _QUESTION_LABEL.sub("", lines[start_index].text), "none")


def _is_option(line: Line) -> bool:
    """Whether a line begins with a checkbox or with the letter of any option."""
    splits = (split_options(line.text, line.source, first_index) for first_index in range(8))
    return bool(CHECKBOX.match(line.text)) or any(options and not before for before, options in splits)


def _is_first_option(line: Line, question_line: Line) -> bool:
    """Whether a line is the first option below a question's line."""
    if line.sort not in ("text", "item") or get_labelled_answer(line) is not None:
        return False
    if CHECKBOX.match(line.text) or line.text[:1] in BULLET_DOTS:
        return True
    is_nested = question_line.sort != "item" or line.level > question_line.level
    if line.sort == "item" and line.ordinal is None and is_nested:
        return True
    before, options = split_options(line.text, line.source)
    return bool(options) and not before


def split_items(
    lines: Sequence[Line], document: Document, rank: str, line_starts: Sequence[QuestionStart | None]
) -> Iterator[ParsedQuestion]:
    """Yield the questions that begin with a number of a rank: a `QuestionStart.rank`, or "any"; "none" without numbers.

    `line_starts` has the parsed start of each line.
    """
    starts = _find_starts(lines, document, rank, line_starts)
    current: _QuestionLines | None = None
    section = 0
    for index, line in enumerate(lines):
        if start := starts.get(index):
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
    """Sorts the lines of one question into its fields."""

    item: ParsedQuestion
    document: Document
    # "answer" or "feedback" after a label with nothing next to it, whose text is in the next line.
    pending_part: str = ""
    # The paragraph of the answer, -1 for none.
    answer_block: int = -1

    def begin(self, start: QuestionStart, line: Line) -> None:
        """Add the text next to the number of the question."""
        if start.rest:
            self.item.display_lines.append(start.rest)
            _add_question_line(self.item, replace(line, text=start.rest, sort="text"))

    def add(self, line: Line) -> bool:
        """Add a line below the start; return False if it is a heading at which the question ends."""
        item, text = self.item, line.text.replace("||", "").strip()
        if line.sort == "row":
            item.table_rows.append(line)
            item.display_lines.append(line.text)
            return True
        if not text:
            return True
        item.display_lines.append(f"{line.ordinal}. {text}" if line.ordinal is not None else text)
        if line.sort == "code":
            if not item.lettered_options:
                item.question_lines.append(line)
            return True
        return self._add_labelled(line, text) or self._add_text(line, text)

    def _add_labelled(self, line: Line, text: str) -> bool:
        """Add an answer, feedback or an option; return whether the line is one."""
        answer, feedback = get_labelled_answer(line), get_labelled_feedback(line)
        if (answer is not None or feedback is not None) and _WRITING_SPACE.fullmatch(parse_label(line)[1]):
            return True
        part, part_text = "", text
        # "A: Paris" looks like a label but is an option.
        if answer is not None and not split_options(line.text, line.source, len(self.item.lettered_options))[1]:
            part, part_text = "answer", answer
        elif feedback is not None and (_has_options(self.item) or self.item.labelled_answer or "||" in line.text):
            part, part_text = "feedback", feedback
        elif get_labelled_text(line, "options") == "":
            return True
        elif _add_option(self.item, line):
            self.pending_part, self.answer_block = "", -1
            return True
        if not part and not self.pending_part:
            return False
        part, self.pending_part = part or self.pending_part, "" if part_text else part
        self.item.display_lines.pop()
        if part == "answer" and part_text:
            self._set_answer(part_text, line)
        elif part == "feedback":
            self.item.feedback += [part_text] if part_text else []
            self.answer_block = -1
        return True

    def _add_text(self, line: Line, text: str) -> bool:
        """Add a line without a label; return False if it is a heading at which the question ends."""
        item, has_options = self.item, _has_options(self.item)
        has_statement = bool(item.question_lines) and not text.endswith("?")
        if self.document.is_heading(line) and (
            line.sort == "heading" or has_options or item.labelled_answer or has_statement
        ):
            item.display_lines.pop()
            return False
        if line.text.lstrip().startswith("||") or (has_options and text[:1] in "→➡👉✅✓✔☑🔑"):
            self._set_answer(text.lstrip("→➡️👉✅✓✔☑🔑 "), line)
        elif item.labelled_answer and line.block == self.answer_block:
            item.feedback.append(text)
        elif not has_options and not item.labelled_answer:
            _add_question_line(item, line)
        elif has_options:
            options = (*item.lettered_options, *item.bulleted_options)
            if any(option.has_right_sign or option.bold_fraction for option in options):
                item.loose_text = item.loose_text or text
        return True

    def _set_answer(self, text: str, line: Line) -> None:
        self.item.labelled_answer, self.answer_block = self.item.labelled_answer or text, line.block


def _has_options(item: ParsedQuestion) -> bool:
    return bool(item.lettered_options or item.bulleted_options or item.numbered_options)


def _add_question_line(item: ParsedQuestion, line: Line) -> None:
    """Add a line of the question, which may include the options."""
    before, options = split_options(line.text, line.source)
    if len(options) > 1 and not item.lettered_options:
        if before and normalise_label(before) not in load_part_words("options"):
            item.question_lines.append(replace(line, text=before))
        item.lettered_options += options
    else:
        item.question_lines.append(line)


def _add_option(item: ParsedQuestion, line: Line) -> bool:
    """Add a line of options: lettered, with checkboxes, bulleted or numbered; return whether the line is one."""
    text, source = line.text.replace("||", "").strip(), line.source.replace("||", "")
    checkbox = CHECKBOX.match(text)
    unmarked_text = text[checkbox.end() :] if checkbox else text.lstrip("*_ ✅✓✔☑→️")
    is_right = bool(checkbox and checkbox[1].strip() in TICKED_CHECKBOXES) or (
        not checkbox and any(sign in text[:3] for sign in RIGHT_SIGNS)
    )
    before, options = split_options(unmarked_text, source, len(item.lettered_options))
    if options and not before:
        options[0].has_right_sign |= is_right
        options[0].is_starred |= text[:1] == "*"
        item.lettered_options += options
        return True
    if checkbox and item.lettered_options and (is_right or not split_options(text[checkbox.end() :], "", 0)[1]):
        return False
    if checkbox and len(text) > checkbox.end():
        # A line may have several checkboxes.
        pieces = re.split(r"\s+(?=[☐☑☒◯○●◉□■⬜]|\[[ xX]\])", text)
        item.bulleted_options += [parse_option(piece, piece if len(pieces) > 1 else source) for piece in pieces]
        return True
    begins_with_dot = text[:1] in BULLET_DOTS and text[1:2].isspace()
    if ((line.sort == "item" and line.ordinal is None) or begins_with_dot) and not item.lettered_options:
        item.bulleted_options.append(parse_option(text[2:] if begins_with_dot else text, source))
        return True
    if line.ordinal is not None and line.ordinal == len(item.numbered_options) + 1:
        item.numbered_options.append(parse_option(text, source))
        return True
    return False
