"""Reads questions with their options and answers, in whatever form they stand in a text. Pure.

A text is read in several ways, by what its questions may begin with; that counts in which most questions are whole.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.checks.terms import normalise
from bot.kinds._reading_answers import Item, pairs_in, resolve
from bot.kinds._reading_keys import Entry, key_entries, key_regions, within
from bot.kinds._reading_labels import TAG, bare, column, label_of, tables_in, under, words
from bot.kinds._reading_options import (
    BOX,
    DOTS,
    LETTER,
    LETTERS,
    PLACES,
    RIGHT,
    TICKED,
    Option,
    Start,
    answer_in,
    feedback_in,
    marks_in,
    option_of,
    options_in,
    started,
)
from bot.kinds._reading_sections import title_of
from bot.markup import Document, Line

_OWN_NUMBER = re.compile(r"(\d{1,3})[.)] +")
# The heading of a column that holds an option each: "Option A", "B", "1".
_OF_OPTION = re.compile(rf"(?:[^\W\d_]{{3,14}}\s)?(?:{LETTER}|\d)[).]?")
_ASKS = re.compile(r"^\W{0,4}[QFP]\s?[:.]\s+")
_PLACE = rf"^[(]?(?:\d{{1,2}}|{LETTER})[.):]\s+"
_BARE_LETTER = re.compile(r"^([A-H])\s+(?=[\w\"“'¿(])")


def read_items(read: Document, *, plainly: bool = False) -> list[Item]:
    """The questions of a text with what is known of their answers.

    Of tasks, most of which have no options, what stands `plainly` counts for more.
    """
    regions = key_regions(read)
    hidden = {at for start, end, _ in regions for at in range(start, end)}
    shown = [line for at, line in enumerate(read.lines) if at not in hidden]
    lines = _spelled([line for line in shown if not TAG.fullmatch(line.text.strip())])
    keys = [[entry for _, _, own in regions for entry in key_entries(own, read)]]
    if (inner := [one for entry in keys[0] for one in within(entry)]) != keys[0]:
        keys.append(inner)
    best: list[Item] = []
    most = 0.0
    begun = [started(line, read) for line in lines]
    for way, entries in itertools.product(("word", "heading", "bold", "list", "any", "none"), keys):
        items = [_settled(one) for one in _items(lines, read, way, begun)]
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
    return _without_numbers(tabled if sum(_worth(one, plainly=plainly) for one in tabled) > most else best)


def _without_numbers(items: list[Item]) -> list[Item]:
    """The questions without their numbers, where each begins with its own: files and players number them."""
    found = [_OWN_NUMBER.match(item.question) for item in items]
    if all(one and int(one[1]) == number for number, one in enumerate(found, 1)):
        for item in items:
            item.question = _OWN_NUMBER.sub("", item.question)
    return items


def _worth(item: Item, *, plainly: bool) -> float:
    """How much of a question is there; one that holds a single number more may be the heading of another."""
    found = 2 if item.has_answer else 1 if len(item.options) > 1 else 0.5 if plainly else -0.5
    return found - 0.25 * (len(item.numbered) == 1)


def _matching_whole(lines: Sequence[Line], read: Document, entries: Sequence[Entry]) -> Item | None:
    """A text that is one matching task: numbers, then letters, and a key that has a letter for each number."""
    lefts, rights, asked = list[str](), list[Option](), ""
    if len(entries) < 2 or not all(re.fullmatch(rf"[(]?{LETTER}[).]?", one.text.strip()) for one in entries):
        return None
    pairs = [(started(line, read), line) for line in lines if line.sort not in ("row", "rule", "code")]
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
        if letter and line and PLACES[letter[1]] == len(runs):
            runs.append(at)
            continue
        if len(runs) > 1:
            for one in runs:
                text = _BARE_LETTER.sub(r"\1) ", found[one].text, count=1)
                found[one] = replace(found[one], text=text, source=text)
        runs = [at] if letter and PLACES[letter[1]] == 0 else []
    return found


def _starts(lines: Sequence[Line], read: Document, way: str, begun: Sequence[Start | None]) -> dict[int, Start]:
    if way == "none":
        return dict(_unnumbered(lines, read))
    known = [(at, one) for at, one in enumerate(begun) if one and (way == "any" or one.rank == way)]
    top = min((lines[at].level for at, one in known if one.rank == "list" and lines[at].sort == "item"), default=0)
    found: dict[int, Start] = {}
    last = nested = nested_at = 0
    fresh, whole = True, False
    places = dict(known)
    for at, line in enumerate(lines):
        one = places.get(at)
        inner = line.sort == "item" and line.ordinal is not None and line.level > top
        if one is None or one.number is None or (inner and one.rank == "list"):
            fresh = fresh or line.sort in ("heading", "rule") or (line.sort != "row" and read.is_heading(line))
            answers = answer_in(line) is not None or bool(options_in(line.text, line.source)[1])
            whole = whole or answers or line.sort == "item"
            continue
        if not found or one.number == last + 1 or (one.number == 1 and (fresh or whole)):
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
        before, several = options_in(line.text, line.source)
        asked = _ASKS.match(line.text) or label_of(line)[0] in words("question")
        if (before and len(several) > 1) or asked or (after is not None and _is_first_option(after, line)):
            # What the question's paragraph begins with belongs to it.
            begin = first_of_block[line.block]
            yield begin, Start(None, _ASKS.sub("", lines[begin].text), "none")


def _is_option(line: Line) -> bool:
    found = (options_in(line.text, line.source, wanted) for wanted in range(8))
    return bool(BOX.match(line.text)) or any(several and not before for before, several in found)


def _is_first_option(line: Line, before: Line) -> bool:
    if line.sort not in ("text", "item") or answer_in(line) is not None:
        return False
    bulleted = line.sort == "item" and line.ordinal is None and (before.sort != "item" or line.level > before.level)
    head, several = options_in(line.text, line.source)
    return bool(several and not head) or bulleted or bool(BOX.match(line.text)) or line.text[:1] in DOTS


def _items(lines: Sequence[Line], read: Document, way: str, begun: Sequence[Start | None]) -> Iterator[Item]:
    starts = _starts(lines, read, way, begun)
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
        answer, why = answer_in(line), feedback_in(line)
        has_options = bool(current.lettered or current.bulleted or current.numbered)
        name, said = "", text
        # "A: Paris" looks like a label, and is an option.
        if answer is not None and not options_in(line.text, line.source, len(current.lettered))[1]:
            name, said = "answer", answer
        elif why is not None and (has_options or current.answer or "||" in line.text):
            name, said = "feedback", why
        elif under(line, "options") == "":
            continue
        elif _take_option(current, line):
            pending, noted = "", -1
            continue
        if name or pending:
            name, pending = name or pending, "" if said else name
            current.shown.pop()
            if name == "answer" and said:
                current.answer, noted = current.answer or said, line.block
            elif name == "feedback":
                current.feedback += [said] if said else []
                noted = -1
            continue
        asked = bool(current.texts) and not text.endswith("?")
        if read.is_heading(line) and (line.sort == "heading" or has_options or current.answer or asked):
            current.shown.pop()
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


def _take_text(item: Item, line: Line) -> None:
    """A line of the question, which may hold the options too."""
    before, several = options_in(line.text, line.source)
    if len(several) > 1 and not item.lettered:
        if before and bare(before) not in words("options"):
            item.texts.append(replace(line, text=before))
        item.lettered += several
    else:
        item.texts.append(line)


def _take_option(item: Item, line: Line) -> bool:
    text, source = line.text.replace("||", "").strip(), line.source.replace("||", "")
    box = BOX.match(text)
    bare = text[box.end() :] if box else text.lstrip("*_ ✅✓✔☑→️")
    ticked = bool(box and box[1].strip() in TICKED) or (not box and any(sign in text[:3] for sign in RIGHT))
    before, several = options_in(bare, source, len(item.lettered))
    if several and not before:
        several[0].right = several[0].right or ticked
        several[0].starred = several[0].starred or text[:1] == "*"
        item.lettered += several
        return True
    if box and item.lettered and (ticked or not options_in(text[box.end() :], "", 0)[1]):
        return False
    if box and len(text) > box.end():
        # Several boxes may stand side by side.
        pieces = re.split(r"\s+(?=[☐☑☒◯○●◉□■⬜]|\[[ xX]\])", text)
        item.bulleted += [option_of(one, one if len(pieces) > 1 else source) for one in pieces]
        return True
    dotted = text[:1] in DOTS and text[1:2].isspace()
    if ((line.sort == "item" and line.ordinal is None) or dotted) and not item.lettered:
        item.bulleted.append(option_of(text[2:] if dotted else text, source))
        return True
    if line.ordinal is not None and line.ordinal == len(item.numbered) + 1:
        item.numbered.append(option_of(text, source))
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
    if item.texts and (label := label_of(item.texts[0]))[0] in words("question"):
        lines[0] = label[1]
    apart = len(lines) > 1 and item.texts[0].block != item.texts[1].block
    if apart and lines[0][-1:] not in ".?!:…？。" and lines[-1][-1:] in "?:？…_":
        lines = lines[1:]  # The heading of a question says what it is about.
    if lines and re.fullmatch(r"[(\[][^()\[\]]{0,40}[)\]]", lines[0]):
        lines = lines[1:]
    item.question = "\n".join([*lines, *(f"- {one}" for one in extra)]).strip().strip("*").strip()
    _mark(item)
    if item.answer:
        resolve(item, item.answer)
    item.feedback = item.feedback or ([item.loose] if item.loose else [])
    return item


def _take_rows(item: Item) -> None:
    """A table of a question: two columns to be matched, else a part of what is asked."""
    if not item.rows:
        return
    head, *rows = tables_in(item.rows)[0]
    if not item.options and len(rows) > 1 and len(head) == 2 and all(map(all, rows)):
        item.lefts = [re.sub(_PLACE, "", left) for left, _ in rows]
        item.options = [Option(re.sub(_PLACE, "", right)) for _, right in rows]
        item.lefts_lettered = all(re.match(rf"^[(]?{LETTER}[.):]\s", left) for left, _ in rows)
        return
    item.texts += [replace(line, text=" | ".join(line.cells)) for line in item.rows]


def _mark(item: Item) -> None:
    """What signs, or letters that are bold or slanted, say is right, where not all options have them."""
    options = item.options
    if item.lefts:
        return
    bold = [one.bold for one in options]
    tests = ([one.right for one in options], [one > 0.5 for one in bold], [one.starred for one in options], bold)
    for marked in tests:
        if any(marked) and not all(marked):
            item.correct = [at for at, one in enumerate(marked) if one]
            return


def _kept(items: list[Item], entries: Sequence[Entry]) -> list[Item]:
    """The questions without what is only numbered: instructions, aims, how many points make which grade."""
    groups: dict[int, list[Item]] = {}
    for one in items:
        groups.setdefault(one.section, []).append(one)
    groups_kept = (group for group in groups.values() if any(one.options or one.has_answer for one in group))
    whole = [one for group in groups_kept for one in group]
    if not whole or len(whole) == len(items):
        return items
    count = len(entries)
    return items if count and abs(len(items) - count) <= abs(len(whole) - count) else whole


def _apply(entries: Sequence[Entry], items: list[Item]) -> None:
    """Each entry of a key to its question: the next one of its number, else by the order of both, else by its words."""
    numbered = [one for one in entries if one.number is not None]
    if len(numbered) < len(entries) or all(one.number is None for one in items):
        for entry, item in zip(entries, items, strict=False) if len(entries) == len(items) else ():
            _answer(item, entry)
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
    lettered = list[Option]()
    if (own := answer_in(Line(0, "text", said, said))) is not None:
        said = own
    for line in entry.lines:
        text = line.text.replace("||", "").strip().lstrip("→➡️👉 ")
        if (right := answer_in(line)) is not None:
            said = right or said
        elif (why := feedback_in(line)) is not None:
            item.feedback += [why] if why else []
        elif (found := options_in(text.lstrip("*✅✓✔❌ "), line.source, len(lettered)))[1] and (
            not found[0] and (said or lettered or len(entry.lines) > 2)
        ):
            found[1][0].right = found[1][0].right or any(sign in text[:3] for sign in RIGHT)
            lettered += found[1]
        else:
            others.append(text)
    pairs = [[normalise(one.text).strip(" .") for one in pair] for pair in zip(lettered, item.options, strict=False)]
    same = sum(bool(one) and one == other for one, other in pairs)
    if lettered and item.options and same * 2 >= len(lettered):
        again = Item(options=lettered)
        _mark(again)
        item.correct = item.correct or [at for at in again.correct if at < len(item.options)]
    elif len(lettered) == len(item.options) > 1 and not item.lefts:
        item.notes = [one.text for one in lettered]
    if not said and others and not item.has_answer:
        said = others.pop(0)
    shown = [f"{LETTERS[at % 8]}) {one.text}" for at, one in enumerate(lettered) if not said]
    item.said = item.said or "\n".join(filter(None, [said, *others, *shown]))
    if said:
        resolve(item, said, lead)
    item.feedback += others


def _without_question(text: str, item: Item) -> str:
    """What an entry of a key says without the question that it repeats."""
    asked = " ".join(item.question.split())
    told = " ".join(text.split())
    if asked and told.casefold().startswith(asked.casefold()):
        return told[len(asked) :].strip(" –—-:→|*").strip()
    return text


_BOLD_AT_END = re.compile(r"[.?!:…_)–—→-]\s*\*\*([^*]{1,80})\*\*\W*$")
_AT_END = re.compile(r"\s*(?:[(\[]\s*(?P<inner>[^()\[\]]{1,120})\s*[)\]]|(?:→|➡️?|=>|⟶)\s*(?P<arrow>.{1,200}))\s*$")


def _fall_back(item: Item) -> None:
    """The answer that stands on the line of a question itself, where there is none elsewhere."""
    if item.options or item.has_answer or not item.texts:
        return
    line = item.texts[-1]
    raw = line.text.strip()
    if raw.count("||") >= 2:
        head, said, *_ = raw.split("||")
        item.question = "\n".join([*item.question.split("\n")[:-1], head.strip(" –—-:")]).strip()
        resolve(item, answer_in(Line(0, "text", said, said)) or said)
        return
    last = item.question.split("\n")[-1]
    if found := _AT_END.search(last):
        inner = found["inner"] or found["arrow"]
        if said := (answer_in(Line(0, "text", inner, inner)) or "") if found["inner"] else inner:
            item.question = item.question[: len(item.question) - len(last) + found.start()].strip()
            resolve(item, said)
            return
    if line.lead and line.lead[-1:] == "?" and line.rest:
        item.question = line.lead
        resolve(item, line.rest)
    elif (found := _BOLD_AT_END.search(line.source)) and last.endswith(found[1].strip()):
        head = item.question[: item.question.rindex(found[1].strip())].strip(" –—-→:")
        if head:
            item.question = head
            resolve(item, found[1].strip())


def _merged(items: list[Item]) -> list[Item]:
    """The questions once, where a text has them with and without their answers."""
    if items and items[-1].loose and not any(one.feedback for one in items[:-1]):
        items[-1].feedback = []  # The end of the text.
    known: dict[str, Item] = {}
    found: list[Item] = []
    for item in items:
        name = normalise(item.question)
        first = known.get(name) if name else None
        if first is None or not _is_again(item, first):
            known.setdefault(name, item)
            found.append(item)
            continue
        if not first.has_answer and item.has_answer:
            first.correct, first.written = item.correct, item.written
        first.feedback = first.feedback or item.feedback
        first.notes = first.notes or item.notes
    return found


def _is_again(item: Item, first: Item) -> bool:
    """Whether a question of the same words is the first one."""
    alike = [normalise(one.text) for one in first.options] == [normalise(one.text) for one in item.options]
    return alike or not (first.has_answer or (first.options and item.options))


def _items_of_tables(lines: Sequence[Line], entries: Sequence[Entry]) -> list[Item]:
    """The questions of tables: one a row, its options in columns of their own or in one cell."""
    found: list[Item] = []
    sources = {line.cells: line.cell_sources for line in lines if line.sort == "row"}
    for head, *rows in tables_in(lines):
        lettered = [at for at, cell in enumerate(head) if _OF_OPTION.fullmatch(cell) and cell not in ("F", "P", "Q")]
        bare = ["" if at in lettered else cell for at, cell in enumerate(head)]
        asked, why, listed = (column(bare, name) for name in ("question", "feedback", "options"))
        to = column(bare, "answer", "right", "key")
        of_options = [
            at for at in range(len(head))
            if at != asked and rows and all(len(marks_in(" ".join(row[at].split()), 0)) > 1 for row in rows)
        ]  # fmt: skip
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
            item = Item(int(number[1]) if number else len(found) + 1, question=row[asked])
            if len(lettered) > 1:
                shown = sources.get(row, row)
                item.options = [option_of(row[at], shown[at]) for at in lettered if row[at] not in ("", "—", "–", "-")]
            elif listed is not None:
                item.options = _listed(row[listed])
            else:
                before, several = options_in(" ".join(row[asked].split()), row[asked])
                if len(several) > 1:
                    item.question, item.options = before, several
            _mark(item)
            item.numbered = item.options
            if why is not None and row[why]:
                item.feedback.append(row[why])
            if to is not None and row[to]:
                resolve(item, row[to])
            found.append(item)
    _apply(entries, found)
    return found


def _listed(cell: str) -> list[Option]:
    """The options in one cell."""
    before, several = options_in(" ".join(cell.split()), " ".join(cell.split()))
    if len(several) > 1 and not before:
        return several
    for parting in ("\n", ";", " / ", " | ", ","):
        if parting in cell:
            return [option_of(one.strip("-• "), one) for one in cell.split(parting) if one.strip()]
    return []
