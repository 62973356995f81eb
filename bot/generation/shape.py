"""The shape of a kind's output as a tree, and what is derived from it: schema, bounds, walks, a growing draft's look."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from bot.checks.limits import limits_of
from bot.checks.units import UNITS
from bot.content import Assignment, Bounds, Count, OneOf, Size
from bot.kinds._labels import named
from bot.kinds._shared import bounds
from personas.profile import clean

from .branded import IN_FIELD, composed_of, left_for

# Characters a word takes with its space, in English; used only to turn a limit in words into one for a grammar.
CHARACTERS_A_WORD = 6
_FEWEST_A_WORD = 5
# Characters that long words take on average with their space: no text within a number of words has more. And of short ones.
MOST_A_WORD, _SHORT_WORD = 16, 4
# How many times a least length a text may have.
_ROOMY = 4
# Up to so many characters a field is a phrase, above it sentences; above LONG a text has paragraphs.
PHRASE = 75
LONG = 500
LONGEST_SENTENCE = 200
# The kinds' own bounds are for English: other languages take so many times as many characters.
_LONGER_THAN_ENGLISH = 1.3
# What is to have so many characters is a sentence at least.
PARAGRAPH = 20
USUAL_SENTENCE = 110
# Up to so many words a phrase is written to its number of words; more of them would slow a grammar down.
FEW_WORDS = 10
_SIGNS = r"A-Za-z0-9 ,;:'()&%$/+-"


@dataclass(frozen=True, slots=True)
class Text:
    """A text field. `name` is that of the field, or of the list it stands in."""

    name: str
    sizes: tuple[Size, ...] = ()
    choice: OneOf | None = None


@dataclass(frozen=True, slots=True)
class Entries:
    """A list field."""

    name: str
    count: Count
    entry: Text | Group
    sizes: tuple[Size, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """An object; its fields in the order they are written."""

    fields: tuple[tuple[str, Text | Entries | Group], ...]


Node = Text | Entries | Group


@cache
def shape_of(model: type[BaseModel]) -> Group:
    """The tree of an output model: texts, lists of texts or objects, and objects."""
    return Group(
        tuple((name, _node(name, info.annotation, info.metadata)) for name, info in model.model_fields.items())
    )


def _node(name: str, annotation: Any, metadata: list[Any]) -> Node:
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        return _node(name, inner, [*more, *metadata])
    sizes = tuple(mark for mark in metadata if isinstance(mark, Size))
    if get_origin(annotation) is list:
        count = next(mark for mark in metadata if isinstance(mark, Count))
        entry = _node(name, get_args(annotation)[0], [])
        assert not isinstance(entry, Entries), "lists of lists are not used"
        return Entries(name, count, entry, sizes)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return shape_of(annotation)
    return Text(name, sizes, next((mark for mark in metadata if isinstance(mark, OneOf)), None))


def key_of(node: Entries) -> str:
    """The field that tells the objects of a list apart: the first that is written freely; empty for lists of texts."""
    fields = node.entry.fields if isinstance(node.entry, Group) else ()
    return next((name for name, field in fields if not (isinstance(field, Text) and field.choice)), "")


def sizes_for(node: Text | Entries, assignment: Assignment) -> tuple[Size, ...]:
    """All bounds of a field, one a unit. What the brief says goes before the kind's habits; no place takes more than it takes."""
    asked = _asked_of(node, assignment)
    found: dict[str, Size] = {}
    for size in (_share(size, assignment) if size.spread else size for size in node.sizes):
        found[size.unit] = _widened(_scaled(size, assignment), asked)
    if "characters" in found and isinstance(node, Text) and (room := _room_of_paragraph(node, assignment)):
        found["characters"] = replace(found["characters"], most=max(found["characters"].most, room))
    for unit, wanted in asked.items():
        found[unit] = _asked(found.get(unit, Size(0, unit=unit)), wanted)
    for limit in limits_of(assignment.place, assignment.language) if isinstance(node, Text) else ():
        if limit.field == node.name and not (limit.advice and asked):
            if limit.unit == "columns" and "characters" in found:  # No text has fewer columns than characters.
                found["columns"] = replace(found.pop("characters"), unit="columns")
            _tighten(found, limit.unit, limit.max)
    return _beside_lines(node, found, assignment)


def words_asked(name: str, field: str, assignment: Assignment) -> Bounds | None:
    """How many words a brief wants of a field of each entry of a list: "every tip 45 to 60 words"; None where it says nothing."""
    entries = dict(shape_of(assignment.kind.output).fields).get(name)
    entry = (
        dict(entries.entry.fields).get(field)
        if isinstance(entries, Entries) and isinstance(entries.entry, Group)
        else None
    )
    return _asked_of(entry, assignment).get("words") if isinstance(entry, Text) else None


def _asked_of(node: Text | Entries, assignment: Assignment) -> dict[str, Bounds]:
    """The bounds that the brief sets a part, by unit."""
    nouns = {noun for size in node.sizes for noun in size.nouns}
    asked = {unit: wanted for (noun, unit), wanted in assignment.wishes.sizes.items() if noun in nouns}
    if node == _beside_points(assignment) and (wanted := assignment.wishes.sizes.get(("", "sentences"))):
        asked.setdefault("sentences", wanted)
    return asked


def _beside_points(assignment: Assignment) -> Text | None:
    """The running text that "2 sentences, then 4 bullets" speaks of: the first, where the brief counts the points beside it."""
    fields = [node for _, node in shape_of(assignment.kind.output).fields]
    points = (node for node in fields if isinstance(node, Entries) and isinstance(node.entry, Text))
    if not any(noun in assignment.wishes.counts for node in points for noun in node.count.nouns):
        return None
    return next((node for node in fields if isinstance(node, Text) and _is_running(node)), None)


def _is_running(node: Text) -> bool:
    return any(size.form == "sentences" for size in node.sizes)


def _asked(size: Size, wanted: Bounds) -> Size:
    """A field's size with the bounds that the brief sets."""
    most = wanted.most if wanted.most is not None else max(size.most, _ROOMY * wanted.least)
    return replace(size, most=most, least=wanted.least or min(size.least, most // 2))


def _widened(size: Size, asked: Mapping[str, Bounds]) -> Size:
    """A habit of the kind in one unit that leaves room for what the brief asks for in another."""
    words, characters = asked.get("words"), asked.get("characters")
    if size.unit == "characters" and words is not None:
        return replace(size, most=max(size.most, MOST_A_WORD * (words.most or _ROOMY * words.least)), least=0)
    if size.unit == "words" and characters is not None:
        return replace(
            size, most=max(size.most, (characters.most or _ROOMY * characters.least) // _SHORT_WORD), least=0
        )
    return size


def _scaled(size: Size, assignment: Assignment) -> Size:
    """A habit of the kind with room for what a good writer makes of it: longer texts, other languages, uneven parts."""
    if not assignment.as_written:
        return size
    if size.spread:  # Of a good text one part may well be twice as long as another.
        return replace(size, most=2 * size.most, least=size.least // 2)
    more = max(1.0, (assignment.wishes.words or 0) / assignment.kind.words[-1])
    if size.unit == "characters" and assignment.language != "en":
        more *= _LONGER_THAN_ENGLISH
    return replace(size, most=round(size.most * more), least=_least(size))


def _room_of_paragraph(node: Text, assignment: Assignment) -> int:
    """Characters for each paragraph of a list that may have so many words together, where the brief says how many there are."""
    count = assignment.wishes.counts.get("paragraph")
    if not assignment.as_written or not count:
        return 0
    fields = dict(shape_of(assignment.kind.output).fields)
    whole = fields.get(node.name)
    if not isinstance(whole, Entries) or whole.entry != node or "paragraph" not in whole.count.nouns:
        return 0
    most = next((size.most for size in sizes_for(whole, assignment) if size.unit == "words"), 0)
    return MOST_A_WORD * most // max(1, count[1])


def _least(size: Size) -> int:
    """The least of a bound of the kind's own: an answer or a last paragraph may be a few words, a title a short one."""
    return size.least // (4 if size.least >= PARAGRAPH else 2)


def hard_sizes(node: Text | Entries, assignment: Assignment) -> tuple[Size, ...]:
    """The bounds of a field that its place or the brief sets, without the kind's own."""
    asked = {unit: wanted for unit, wanted in _asked_of(node, assignment).items() if wanted.most}
    found = {unit: Size(wanted.most, unit=unit) for unit, wanted in asked.items() if wanted.most is not None}
    for limit in limits_of(assignment.place, assignment.language) if isinstance(node, Text) else ():
        if limit.field == node.name and not (limit.advice and asked):
            _tighten(found, limit.unit, limit.max)
    return _beside_lines(node, found, assignment)


def _beside_lines(node: Text | Entries, found: Mapping[str, Size], assignment: Assignment) -> tuple[Size, ...]:
    """The bounds of a field; those of the one that legal lines are put into with room for them."""
    if node.name != IN_FIELD:
        return tuple(found.values())
    return tuple(left_for(size, assignment) for size in found.values())


def _share(size: Size, assignment: Assignment) -> Size:
    """The bound of one entry of a list over which the words of the whole are spread."""
    node = dict(shape_of(assignment.kind.output).fields)[size.spread]
    entries = entries_wanted(node, assignment)[2] if isinstance(node, Entries) else 1
    words = assignment.words / max(1, entries) / 100
    return replace(
        size, most=max(12, round(words * size.most)), least=round(words * size.least) if assignment.wishes.words else 0
    )


def _tighten(found: dict[str, Size], unit: str, most: int) -> None:
    known = found.get(unit, Size(most, unit=unit))
    most = min(known.most, most)
    found[unit] = replace(known, most=most, least=min(known.least, most // 2))


def whole_text_sizes(assignment: Assignment) -> tuple[Size, ...]:
    """Bounds of the text as a whole: of its place (for kinds of a single text), and those that the brief sets for no part."""
    found: dict[str, Size] = {}
    if assignment.kind.plain:
        for limit in limits_of(assignment.place, assignment.language):
            if limit.field == "text":
                _tighten(found, limit.unit, limit.max)
    nouns = {noun for node in _sized(shape_of(assignment.kind.output)) for size in node.sizes for noun in size.nouns}
    for (noun, unit), wanted in assignment.wishes.sizes.items():
        if unit == "sentences" and not noun and _beside_points(assignment):
            continue
        # Of a kind whose fields are the text, such as slogans, a size that names no part is that of each.
        if (not noun and "" not in nouns) or (assignment.kind.plain and noun in nouns):
            known = found.get(unit, Size(wanted.most or _ROOMY * wanted.least, unit=unit))
            found[unit] = replace(known, most=min(known.most, wanted.most or known.most), least=wanted.least)
    return tuple(found.values())


def sizes_to_write(assignment: Assignment) -> tuple[Size, ...]:
    """The bounds of the text as a whole for whoever writes it: with room for what is put below it."""
    return tuple(left_for(size, assignment) for size in whole_text_sizes(assignment))


def _sized(node: Node) -> Iterator[Text | Entries]:
    if isinstance(node, Group):
        for _, child in node.fields:
            yield from _sized(child)
        return
    yield node
    if isinstance(node, Entries):
        yield from _sized(node.entry)


def entries_wanted(node: Entries, assignment: Assignment) -> tuple[int, int, int]:
    """(least, most, to draft) entries of a list."""
    if node.name == "wrong":  # The options of a question, one of which is the right one.
        low, high = assignment.wishes.counts.get("option", (node.count.default + 1,) * 2)
        most = min(max(high - 1, 0), node.count.high)
        return min(max(low - 1, 0), most), most, most
    if _is_one_paragraph(node, assignment):
        return 0, 0, 0
    if node.count.each:
        usual = max(node.count.low, min(node.count.high, round(assignment.words / node.count.each)))
        return bounds(replace(node.count, default=usual), assignment.wishes)
    return bounds(node.count, assignment.wishes)


def _is_one_paragraph(node: Entries, assignment: Assignment) -> bool:
    """Whether a list of points is not wanted, as all of it is to be one paragraph."""
    whole = assignment.wishes.sizes.get(("", "paragraphs"))
    if whole is None or whole.most != 1 or any(noun in assignment.wishes.counts for noun in node.count.nouns):
        return False
    fields = [child for _, child in shape_of(assignment.kind.output).fields]
    return (
        node in fields
        and isinstance(node.entry, Text)
        and any(isinstance(one, Text) and _is_running(one) for one in fields)
    )


def room_for_text(assignment: Assignment) -> int | None:
    """Characters that the text of a plain kind may take at most, so that the whole fits with what code adds to it.

    None where nothing bounds it.
    """
    empty = assignment.kind.output.model_construct(text="")
    added = composed_of(empty, assignment).text
    rooms = []
    for size in whole_text_sizes(assignment):
        room = size.most - (UNITS[size.unit](added) + 2 if added else 0)
        if size.unit == "words":
            rooms.append(room * CHARACTERS_A_WORD)
        elif size.unit in ("characters", "graphemes", "weighted characters"):
            rooms.append(room)
        elif size.unit == "bytes":
            rooms.append(room // 2)
    return max(40, min(rooms)) if rooms else None


def text_budget(assignment: Assignment) -> int:
    """Characters that the text of a plain kind should take: its usual length, within what fits."""
    usual = round(assignment.words * CHARACTERS_A_WORD * 1.15)
    return min(usual, room_for_text(assignment) or usual)


def apart_list(assignment: Assignment) -> tuple[str, int] | None:
    """The list of a kind whose entries can be written one at a time, and how many are wanted; None without one.

    Entries that are written from a text of the same draft stay together.
    """
    lists = [(name, node) for name, node in shape_of(assignment.kind.output).fields if isinstance(node, Entries)]
    if any(node.count.named and entries_wanted(node, assignment)[2] for _, node in lists):
        return None
    return next(((name, entries_wanted(node, assignment)[2]) for name, node in lists if node.count.apart), None)


def turn_list(assignment: Assignment) -> tuple[str, str] | None:
    """The list of a kind whose entries are written in turn, and the text of each that is; None where nothing is."""
    if assignment.at_once:
        return None
    lists = ((name, node) for name, node in shape_of(assignment.kind.output).fields if isinstance(node, Entries))
    return next(((name, node.count.turn) for name, node in lists if node.count.turn), None)


def schema_for(assignment: Assignment, *, apart: bool = False, initial: str = "") -> dict[str, Any]:
    """JSON schema of the output with the bounds of this assignment; properties in the order they are written.

    With `apart`, lists whose entries stand apart have one entry; with an `initial` the term that heads it begins with that.
    Texts that are written in turn are not in it.
    """
    listed = apart_list(assignment) if apart else None
    schema = _schema(shape_of(assignment.kind.output), assignment, listed is not None)
    if listed and initial:
        node = dict(shape_of(assignment.kind.output).fields)[listed[0]]
        assert isinstance(node, Entries)
        head = schema["properties"][listed[0]]["items"]["properties"][key_of(node)]
        head["pattern"] = head["pattern"].replace("^[A-Za-z0-9]", f"^[{initial.upper()}{initial}]")
    if turn := turn_list(assignment):
        entry = schema["properties"][turn[0]]["items"]
        del entry["properties"][turn[1]]
        entry["required"] = list(entry["properties"])
    return schema


def is_headed(assignment: Assignment) -> bool:
    """The entries that are written apart are headed by a term."""
    listed = apart_list(assignment)
    node = dict(shape_of(assignment.kind.output).fields)[listed[0]] if listed else None
    return isinstance(node, Entries) and node.count.headed


def _schema(node: Node, assignment: Assignment, apart: bool) -> dict[str, Any]:
    if isinstance(node, Group):
        # A list that nobody asked for is not written at all.
        written = [(name, child) for name, child in node.fields if not _unwanted(child, assignment)]
        fields = {name: _schema(child, assignment, apart) for name, child in written}
        return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
    if isinstance(node, Entries):
        wanted = 1 if apart and node.count.apart else entries_wanted(node, assignment)[2]
        if apart and node.count.known:  # What the profile says takes the place of what a small model would write.
            wanted = max(1, wanted - len(assignment.profile.facts))
        return {
            "type": "array",
            "items": _schema(node.entry, assignment, apart),
            "minItems": wanted,
            "maxItems": wanted,
        }
    if node.choice:
        return {"type": "string", "enum": list(node.choice.values)}
    most, least, form = 400, 0, ""
    starts = next((size.starts for size in node.sizes if size.starts), ())
    lengths = [size for size in sizes_for(node, assignment) if size.unit not in ("hashtags", "SMS parts", "pixels")]
    for size in lengths:
        most = min(most, size.most * CHARACTERS_A_WORD if size.unit == "words" else size.most)
        least = max(least, size.least * (_FEWEST_A_WORD if size.unit == "words" else 1))
        form = form or size.form
    form = form or ("phrase" if most <= PHRASE else "sentences")
    # Some room beyond the bound lets a sentence come to its own end; repair then takes what is too long.
    room = most + most // 3 + 8
    words = min((size.most for size in sizes_for(node, assignment) if size.unit == "words"), default=0)
    return {
        "type": "string",
        "minLength": least,
        "maxLength": room,
        "pattern": pattern_for(form, most, starts, words, least),
    }


def _unwanted(node: Node, assignment: Assignment) -> bool:
    return isinstance(node, Entries) and entries_wanted(node, assignment)[2] == 0


def pattern_for(form: str, most: int, starts: tuple[str, ...] = (), words: int = 0, least: int = 0) -> str:
    """A regular expression of well-formed English of at most so many characters: what small models are held to.

    Sentences begin with a capital and end with their sign; a phrase has at most so many words, where they are counted.
    """
    if starts:
        begin = f"({'|'.join(starts)}) "
        if form == "phrase":
            return rf"^{begin}[{_SIGNS}]{{3,{LONGEST_SENTENCE}}}$"
        return rf"^{begin}[{_SIGNS}]{{6,{LONGEST_SENTENCE}}}[{'?' if form == 'question' else '.?'}]$"
    if form == "phrase" and 0 < words <= FEW_WORDS:
        word = f"[{_SIGNS.replace(' ', '')}]+"
        return rf"^[A-Za-z0-9]{word}( {word}){{1,{max(1, words - 1)}}}[?.]?$"
    if form == "phrase":
        return rf"^[A-Za-z0-9][{_SIGNS}?!]+$"
    if form == "question":
        return rf"^[A-Z][{_SIGNS}]{{8,{LONGEST_SENTENCE}}}[?]$"
    sentence = rf"[A-Z][{_SIGNS}]{{12,{LONGEST_SENTENCE}}}[.!?]"
    high = max(0, most // 60)
    # A least length beside a pattern is not enforced, so the pattern asks for about as many sentences.
    low = min(high, max(0, least // USUAL_SENTENCE - 1))
    return rf"^{sentence}( {sentence}){{{low},{high}}}$"


def plain_pattern(assignment: Assignment) -> str:
    """The pattern of a plain kind's whole text, with paragraphs where it is long."""
    most = text_budget(assignment)
    sentence = pattern_for("sentences", most).strip("^$").split("( ", 1)[0]
    join = "( |\n\n)" if most > LONG else " "
    return f"^{sentence}({join}{sentence}){{0,{max(0, most // 75)}}}$"


def texts(node: Node, data: Any, path: str = "") -> Iterator[tuple[str, Text, str]]:
    """(path, field, text) of every text in a draft, such as ("items.0.question", ..., "Which ...?")."""
    if isinstance(node, Group):
        for name, child in node.fields:
            yield from texts(child, data[name], f"{path}.{name}".lstrip("."))
    elif isinstance(node, Entries):
        for index, entry in enumerate(data):
            yield from texts(node.entry, entry, f"{path}.{index}")
    else:
        yield path, node, data


def lists(node: Node, data: Any, path: str = "") -> Iterator[tuple[str, Entries, list[Any]]]:
    """(path, field, entries) of every list in a draft."""
    if isinstance(node, Group):
        for name, child in node.fields:
            yield from lists(child, data[name], f"{path}.{name}".lstrip("."))
    elif isinstance(node, Entries):
        yield path, node, data
        for index, entry in enumerate(data):
            yield from lists(node.entry, entry, f"{path}.{index}")


def changed(node: Node, data: Any, change: Callable[[str, Text, str], str], path: str = "") -> Any:
    """The draft with every text put through `change(path, field, text)`; the draft itself stays as it is."""
    if isinstance(node, Group):
        return {name: changed(child, data[name], change, f"{path}.{name}".lstrip(".")) for name, child in node.fields}
    if isinstance(node, Entries):
        return [changed(node.entry, entry, change, f"{path}.{index}") for index, entry in enumerate(data)]
    return change(path, node, data)


def completed(node: Node, data: Any) -> Any:
    """The draft with nothing where something is missing or of a wrong type, so that every field is there."""
    if isinstance(node, Group):
        known = data if isinstance(data, dict) else {}
        return {name: completed(child, known.get(name)) for name, child in node.fields}
    if isinstance(node, Entries):
        return [completed(node.entry, entry) for entry in data] if isinstance(data, list) else []
    return clean(data) if isinstance(data, str) else ""


def outline(data: Any, hidden: tuple[str, ...] = (), called: Callable[[str], str] = named) -> str:
    """A growing draft as a document: what is there so far, whatever is still missing, without what is hidden yet.

    Each field stands below what it is called.
    """
    if isinstance(data, str):
        return data
    if isinstance(data, list):
        return "\n".join(
            f"- {line}" for entry in data if (line := outline(entry, hidden, called).replace("\n", "\n  "))
        )
    if isinstance(data, dict):
        blocks = []
        for name, value in data.items():
            if name not in hidden and (shown := outline(value, hidden, called)):
                label = called(name)
                blocks.append(f"**{label}:** {shown}" if isinstance(value, str) else f"**{label}**\n{shown}")
        return "\n".join(blocks)
    return ""
