"""Parses questions with their options and answers, in whatever form a text has them. Pure.

A text is parsed in several ways, by what its questions may begin with; the one that yields the most complete questions wins.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.checks.terms import normalise
from bot.kinds._reading_answers import ParsedQuestion, apply_answer, parse_pairs
from bot.kinds._reading_keys import KeyEntry, find_key_regions, parse_key_entries, split_entry
from bot.kinds._reading_labels import (
    TAG,
    collect_tables,
    find_column,
    get_labelled_text,
    load_part_words,
    normalise_label,
    parse_label,
)
from bot.kinds._reading_options import (
    BOX,
    DOTS,
    LETTER,
    LETTERS,
    PLACES,
    RIGHT,
    TICKED_BOX,
    ParsedOption,
    QuestionStart,
    find_option_marks,
    get_labelled_answer,
    get_labelled_feedback,
    parse_option,
    parse_question_start,
    split_options,
)
from bot.kinds._reading_sections import parse_title
from bot.markup import Document, Line

_OWN_NUMBER = re.compile(r"(\d{1,3})[.)] +")
# The heading of a column with one option per row: "Option A", "B", "1".
_OPTION_HEADING = re.compile(rf"(?:[^\W\d_]{{3,14}}\s)?(?:{LETTER}|\d)[).]?")
_ASKING_LINE = re.compile(r"^\W{0,4}[QFP]\s?[:.]\s+")
_PLACE = rf"^[(]?(?:\d{{1,2}}|{LETTER})[.):]\s+"
_BARE_LETTER = re.compile(r"^([A-H])\s+(?=[\w\"“'¿(])")


def parse_question_items(document: Document, *, prefers_tasks: bool = False) -> list[ParsedQuestion]:
    """Return the questions of a text with what is known of their answers.

    With `prefers_tasks`, for tasks that mostly have no options, plainly numbered ones count for more.
    """
    regions = find_key_regions(document)
    hidden = {at for start, end, _ in regions for at in range(start, end)}
    shown = [line for at, line in enumerate(document.lines) if at not in hidden]
    lines = _mark_letters([line for line in shown if not TAG.fullmatch(line.text.strip())])
    keys = [[entry for _, _, own in regions for entry in parse_key_entries(own, document)]]
    if (inner := [one for entry in keys[0] for one in split_entry(entry)]) != keys[0]:
        keys.append(inner)
    best: list[ParsedQuestion] = []
    most = 0.0
    begun = [parse_question_start(line, document) for line in lines]
    for way, entries in itertools.product(("word", "heading", "bold", "list", "any", "none"), keys):
        items = [_complete_item(one) for one in _split_items(lines, document, way, begun)]
        items = _drop_other_lists(items, entries)
        _apply_key(entries, items)
        if way == "none":  # A list below a heading is no question yet.
            items = [one for one in items if one.has_answer or one.lettered or "?" in one.question]
        for one in items:
            _find_inline_answer(one)
        items = _merge_repeated(items)
        score = sum(_score_question(one, prefers_tasks=prefers_tasks) for one in items)
        if score > most or (not best and items and way != "none"):
            best, most = items, max(score, most)
    tabled = _parse_item_tables(lines, keys[0])
    if matched := _parse_matching_task(lines, document, keys[0]):
        return [matched]
    return _strip_numbers(
        tabled if sum(_score_question(one, prefers_tasks=prefers_tasks) for one in tabled) > most else best
    )


def _strip_numbers(items: list[ParsedQuestion]) -> list[ParsedQuestion]:
    """Return the questions without their numbers if each begins with its own: files and players number them."""
    found = [_OWN_NUMBER.match(item.question) for item in items]
    if all(one and int(one[1]) == number for number, one in enumerate(found, 1)):
        for item in items:
            item.question = _OWN_NUMBER.sub("", item.question)
    return items


def _score_question(item: ParsedQuestion, *, prefers_tasks: bool) -> float:
    """Return how complete a question is; one with just a single number may be the heading of another."""
    found = 2 if item.has_answer else 1 if len(item.options) > 1 else 0.5 if prefers_tasks else -0.5
    return found - 0.25 * (len(item.numbered) == 1)


def _parse_matching_task(
    lines: Sequence[Line], document: Document, entries: Sequence[KeyEntry]
) -> ParsedQuestion | None:
    """Return a text that is a single matching task: numbers, then letters, and a key with a letter for each number."""
    lefts, rights, asked = list[str](), list[ParsedOption](), ""
    if len(entries) < 2 or not all(re.fullmatch(rf"[(]?{LETTER}[).]?", one.text.strip()) for one in entries):
        return None
    pairs = [(parse_question_start(line, document), line) for line in lines if line.sort not in ("row", "rule", "code")]
    for start, line in pairs:
        before, several = split_options(line.text, line.source, len(rights))
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
    item = ParsedQuestion(question=asked or parse_title(document) or " / ".join(lefts), options=rights, lefts=lefts)
    item.correct = parse_pairs(item, ", ".join(f"{one.number}-{one.text.strip('(). ')}" for one in entries))
    return item if item.correct else None


def _mark_letters(lines: Sequence[Line]) -> list[Line]:
    """Return the lines with brackets added after bare option letters on consecutive lines: "A Paris", "B Rome"."""
    found = list(lines)
    runs: list[int] = []
    for at, line in enumerate([*lines, None]):
        letter = _BARE_LETTER.match(line.text) if line and line.sort in ("text", "item") else None
        if letter and line and PLACES[letter[1]] == len(runs):
            runs.append(at)
            continue
        if len(runs) > 1:
            for one in runs:
                text = _BARE_LETTER.sub(r"\1) ", found[one].text, count=1)
                found[one] = replace(found[one], text=text, source=text)
        runs = [at] if letter and PLACES[letter[1]] == 0 else []
    return found


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


def _split_items(
    lines: Sequence[Line], document: Document, way: str, begun: Sequence[QuestionStart | None]
) -> Iterator[ParsedQuestion]:
    starts = _find_starts(lines, document, way, begun)
    current: ParsedQuestion | None = None
    section = 0
    pending = ""
    noted = -1
    for at, line in enumerate(lines):
        if start := starts.get(at):
            if current is not None:
                yield current
            current, pending, noted = ParsedQuestion(start.number, section), "", -1
            if start.rest:
                current.display_lines.append(start.rest)
                _take_text(current, replace(line, text=start.rest, sort="text"))
            continue
        if line.sort == "rule":
            continue
        text = line.text.replace("||", "").strip()
        if current is None:
            section += line.sort == "heading" or (line.sort != "row" and document.is_heading(line))
            continue
        if line.sort == "row":
            current.rows.append(line)
            current.display_lines.append(line.text)
            continue
        if not text:
            continue
        current.display_lines.append(f"{line.ordinal}. {text}" if line.ordinal is not None else text)
        if line.sort == "code":
            if not current.lettered:
                current.texts.append(line)
            continue
        answer, why = get_labelled_answer(line), get_labelled_feedback(line)
        has_options = bool(current.lettered or current.bulleted or current.numbered)
        name, said = "", text
        # "A: Paris" looks like a label but is an option.
        if answer is not None and not split_options(line.text, line.source, len(current.lettered))[1]:
            name, said = "answer", answer
        elif why is not None and (has_options or current.answer or "||" in line.text):
            name, said = "feedback", why
        elif get_labelled_text(line, "options") == "":
            continue
        elif _take_option(current, line):
            pending, noted = "", -1
            continue
        if name or pending:
            name, pending = name or pending, "" if said else name
            current.display_lines.pop()
            if name == "answer" and said:
                current.answer, noted = current.answer or said, line.block
            elif name == "feedback":
                current.feedback += [said] if said else []
                noted = -1
            continue
        asked = bool(current.texts) and not text.endswith("?")
        if document.is_heading(line) and (line.sort == "heading" or has_options or current.answer or asked):
            current.display_lines.pop()
            yield current
            current, section = None, section + 1
            continue
        if line.text.lstrip().startswith("||") or (has_options and text[:1] in "→➡👉✅✓✔☑🔑"):
            current.answer, noted = current.answer or text.lstrip("→➡️👉✅✓✔☑🔑 "), line.block
        elif current.answer and line.block == noted:
            current.feedback.append(text)
        elif not has_options and not current.answer:
            _take_text(current, line)
        elif has_options and any(one.right or one.bold for one in (*current.lettered, *current.bulleted)):
            current.loose = current.loose or text
    if current is not None:
        yield current


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


def _complete_item(item: ParsedQuestion) -> ParsedQuestion:
    """Return an item with its question, its options, and those marked as right."""
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
    if item.texts and (label := parse_label(item.texts[0]))[0] in load_part_words("question"):
        lines[0] = label[1]
    apart = len(lines) > 1 and item.texts[0].block != item.texts[1].block
    if apart and lines[0][-1:] not in ".?!:…？。" and lines[-1][-1:] in "?:？…_":
        lines = lines[1:]  # The heading of a question names its subject.
    if lines and re.fullmatch(r"[(\[][^()\[\]]{0,40}[)\]]", lines[0]):
        lines = lines[1:]
    item.question = "\n".join([*lines, *(f"- {one}" for one in extra)]).strip().strip("*").strip()
    _mark_right_options(item)
    if item.answer:
        apply_answer(item, item.answer)
    item.feedback = item.feedback or ([item.loose] if item.loose else [])
    return item


def _take_rows(item: ParsedQuestion) -> None:
    """Add a table of a question: two columns to be matched, else a part of the question."""
    if not item.rows:
        return
    head, *rows = collect_tables(item.rows)[0]
    if not item.options and len(rows) > 1 and len(head) == 2 and all(map(all, rows)):
        item.lefts = [re.sub(_PLACE, "", left) for left, _ in rows]
        item.options = [ParsedOption(re.sub(_PLACE, "", right)) for _, right in rows]
        item.lefts_lettered = all(re.match(rf"^[(]?{LETTER}[.):]\s", left) for left, _ in rows)
        return
    item.texts += [replace(line, text=" | ".join(line.cells)) for line in item.rows]


def _mark_right_options(item: ParsedQuestion) -> None:
    """Mark options as right by signs, or by bold or italic letters, unless all options have them."""
    options = item.options
    if item.lefts:
        return
    bold = [one.bold for one in options]
    tests = ([one.right for one in options], [one > 0.5 for one in bold], [one.starred for one in options], bold)
    for marked in tests:
        if any(marked) and not all(marked):
            item.correct = [at for at, one in enumerate(marked) if one]
            return


def _drop_other_lists(items: list[ParsedQuestion], entries: Sequence[KeyEntry]) -> list[ParsedQuestion]:
    """Return the questions without other numbered lists: instructions, aims, points per grade."""
    groups: dict[int, list[ParsedQuestion]] = {}
    for one in items:
        groups.setdefault(one.section, []).append(one)
    groups_kept = (group for group in groups.values() if any(one.options or one.has_answer for one in group))
    whole = [one for group in groups_kept for one in group]
    if not whole or len(whole) == len(items):
        return items
    count = len(entries)
    return items if count and abs(len(items) - count) <= abs(len(whole) - count) else whole


def _apply_key(entries: Sequence[KeyEntry], items: list[ParsedQuestion]) -> None:
    """Apply each entry of a key to its question: the next one with its number, else by order, else by its words."""
    numbered = [one for one in entries if one.number is not None]
    if len(numbered) < len(entries) or all(one.number is None for one in items):
        for entry, item in zip(entries, items, strict=False) if len(entries) == len(items) else ():
            _apply_entry(item, entry)
        return
    places: dict[int | None, list[int]] = {}
    for at, item in enumerate(items):
        number = item.number if item.number is not None else at + 1
        places.setdefault(number, []).append(at)
    used, pointer = set[int](), 0
    for entry in numbered:
        free = [at for at in places.get(entry.number, ()) if at not in used]
        if not free:
            if twice := places.get(entry.number):  # The key says more about a question that it named before.
                _apply_entry(items[twice[-1]], entry)
            continue
        at = next((one for one in free if one >= pointer), free[0])
        used.add(at)
        pointer = at
        _apply_entry(items[at], entry)


def _apply_entry(item: ParsedQuestion, entry: KeyEntry) -> None:
    """Apply a key's entry to a question."""
    said, others = _remove_question(entry.text, item), list[str]()
    lead = entry.lead if said == entry.text else ""
    lettered = list[ParsedOption]()
    if (own := get_labelled_answer(Line(0, "text", said, said))) is not None:
        said = own
    for line in entry.lines:
        text = line.text.replace("||", "").strip().lstrip("→➡️👉 ")
        if (right := get_labelled_answer(line)) is not None:
            said = right or said
        elif (why := get_labelled_feedback(line)) is not None:
            item.feedback += [why] if why else []
        elif (found := split_options(text.lstrip("*✅✓✔❌ "), line.source, len(lettered)))[1] and (
            not found[0] and (said or lettered or len(entry.lines) > 2)
        ):
            found[1][0].right = found[1][0].right or any(sign in text[:3] for sign in RIGHT)
            lettered += found[1]
        else:
            others.append(text)
    pairs = [[normalise(one.text).strip(" .") for one in pair] for pair in zip(lettered, item.options, strict=False)]
    same = sum(bool(one) and one == other for one, other in pairs)
    if lettered and item.options and same * 2 >= len(lettered):
        again = ParsedQuestion(options=lettered)
        _mark_right_options(again)
        item.correct = item.correct or [at for at in again.correct if at < len(item.options)]
    elif len(lettered) == len(item.options) > 1 and not item.lefts:
        item.notes = [one.text for one in lettered]
    if not said and others and not item.has_answer:
        said = others.pop(0)
    shown = [f"{LETTERS[at % 8]}) {one.text}" for at, one in enumerate(lettered) if not said]
    item.remark = item.remark or "\n".join(filter(None, [said, *others, *shown]))
    if said:
        apply_answer(item, said, lead)
    item.feedback += others


def _remove_question(text: str, item: ParsedQuestion) -> str:
    """Return the text of a key's entry without the question that it repeats."""
    asked = " ".join(item.question.split())
    told = " ".join(text.split())
    if asked and told.casefold().startswith(asked.casefold()):
        return told[len(asked) :].strip(" –—-:→|*").strip()
    return text


_BOLD_AT_END = re.compile(r"[.?!:…_)–—→-]\s*\*\*([^*]{1,80})\*\*\W*$")
_AT_END = re.compile(r"\s*(?:[(\[]\s*(?P<inner>[^()\[\]]{1,120})\s*[)\]]|(?:→|➡️?|=>|⟶)\s*(?P<arrow>.{1,200}))\s*$")


def _find_inline_answer(item: ParsedQuestion) -> None:
    """Use the answer on the question's own line if there is none elsewhere."""
    if item.options or item.has_answer or not item.texts:
        return
    line = item.texts[-1]
    raw = line.text.strip()
    if raw.count("||") >= 2:
        head, said, *_ = raw.split("||")
        item.question = "\n".join([*item.question.split("\n")[:-1], head.strip(" –—-:")]).strip()
        apply_answer(item, get_labelled_answer(Line(0, "text", said, said)) or said)
        return
    last = item.question.split("\n")[-1]
    if found := _AT_END.search(last):
        inner = found["inner"] or found["arrow"]
        if said := (get_labelled_answer(Line(0, "text", inner, inner)) or "") if found["inner"] else inner:
            item.question = item.question[: len(item.question) - len(last) + found.start()].strip()
            apply_answer(item, said)
            return
    if line.lead and line.lead[-1:] == "?" and line.rest:
        item.question = line.lead
        apply_answer(item, line.rest)
    elif (found := _BOLD_AT_END.search(line.source)) and last.endswith(found[1].strip()):
        head = item.question[: item.question.rindex(found[1].strip())].strip(" –—-→:")
        if head:
            item.question = head
            apply_answer(item, found[1].strip())


def _merge_repeated(items: list[ParsedQuestion]) -> list[ParsedQuestion]:
    """Return each question once, if a text has them with and without their answers."""
    if items and items[-1].loose and not any(one.feedback for one in items[:-1]):
        items[-1].feedback = []  # The end of the text.
    known: dict[str, ParsedQuestion] = {}
    found: list[ParsedQuestion] = []
    for item in items:
        name = normalise(item.question)
        first = known.get(name) if name else None
        if first is None or not _is_repeated(item, first):
            known.setdefault(name, item)
            found.append(item)
            continue
        if not first.has_answer and item.has_answer:
            first.correct, first.written = item.correct, item.written
        first.feedback = first.feedback or item.feedback
        first.notes = first.notes or item.notes
    return found


def _is_repeated(item: ParsedQuestion, first: ParsedQuestion) -> bool:
    """Whether a question repeats the words of the first one."""
    alike = [normalise(one.text) for one in first.options] == [normalise(one.text) for one in item.options]
    return alike or not (first.has_answer or (first.options and item.options))


def _parse_item_tables(lines: Sequence[Line], entries: Sequence[KeyEntry]) -> list[ParsedQuestion]:
    """Return the questions of tables: one per row, with its options in columns of their own or in one cell."""
    found: list[ParsedQuestion] = []
    sources = {line.cells: line.cell_sources for line in lines if line.sort == "row"}
    for head, *rows in collect_tables(lines):
        lettered = [
            at for at, cell in enumerate(head) if _OPTION_HEADING.fullmatch(cell) and cell not in ("F", "P", "Q")
        ]
        bare = ["" if at in lettered else cell for at, cell in enumerate(head)]
        asked, why, listed = (find_column(bare, name) for name in ("question", "feedback", "options"))
        to = find_column(bare, "answer", "right", "key")
        of_options = [
            at
            for at in range(len(head))
            if at != asked and rows and all(len(find_option_marks(" ".join(row[at].split()), 0)) > 1 for row in rows)
        ]
        if of_options:
            listed = of_options[0]
            to = to if to != listed else next((at for at in range(listed + 1, len(head)) if at != why), None)
        numbered = bool(rows) and all(re.fullmatch(r"\D{0,3}\d{1,3}\D{0,2}", row[0]) for row in rows)
        if len(lettered) < 2 and to is None and listed is None:
            continue
        if asked is None or (asked == 0 and numbered and len(head) > 2):
            asked = 1 if numbered else 0
        for row in rows:
            if asked >= len(row) or not row[asked]:
                continue
            number = re.match(r"\D{0,3}(\d{1,3})", row[0]) if numbered else None
            item = ParsedQuestion(int(number[1]) if number else len(found) + 1, question=row[asked])
            if len(lettered) > 1:
                shown = sources.get(row, row)
                item.options = [
                    parse_option(row[at], shown[at]) for at in lettered if row[at] not in ("", "—", "–", "-")
                ]
            elif listed is not None:
                item.options = _parse_option_cell(row[listed])
            else:
                before, several = split_options(" ".join(row[asked].split()), row[asked])
                if len(several) > 1:
                    item.question, item.options = before, several
            _mark_right_options(item)
            item.numbered = item.options
            if why is not None and row[why]:
                item.feedback.append(row[why])
            if to is not None and row[to]:
                apply_answer(item, row[to])
            found.append(item)
    _apply_key(entries, found)
    return found


def _parse_option_cell(cell: str) -> list[ParsedOption]:
    """Return the options in one cell."""
    before, several = split_options(" ".join(cell.split()), " ".join(cell.split()))
    if len(several) > 1 and not before:
        return several
    for parting in ("\n", ";", " / ", " | ", ","):
        if parting in cell:
            return [parse_option(one.strip("-• "), one) for one in cell.split(parting) if one.strip()]
    return []
