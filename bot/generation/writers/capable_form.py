"""The form that a capable model's answer has: the bounds of the checks as a JSON schema, as lines to read, and as tokens. Pure.

All three come from what the checks measure by, so that no model is asked for what fails, nor kept from what passes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bot.checks.limits import limits_of
from bot.content import Assignment, Size
from bot.generation.beside import SHAPE, schema_beside
from bot.generation.edits import HOWS, NEW, draft_of, lines_of, lists_to_fill
from bot.generation.piece_edits import ABOUT, NAME, NEW_TEXTS, Part, lines_of_parts, list_key
from bot.generation.rendered import COUNTED
from bot.generation.shape import (
    CHARACTERS_A_WORD,
    MOST_A_WORD,
    Entries,
    Group,
    Node,
    Text,
    entries_wanted,
    hard_sizes,
    key_of,
    room_for_text,
    shape_of,
    sizes_for,
    sizes_to_write,
    text_budget,
    turn_list,
)
from bot.generation.sources import FIELD, name_of, passages_shown
from bot.generation.styled import emoji_bounds, most_exclamations

if TYPE_CHECKING:
    from bot.engines import Engine

_SLACK = 1.5
# Characters that a word of running text takes with the space behind it.
_LETTERS_A_WORD = 6
# A text that is told a most alone aims at so much of it; of fewer words each counts.
_AIMED, _SHORTEST_AIMED = 0.7, 20
# Characters that the shortest words take with their space.
_SHORTEST_WORDS = 2
# How many times as long words of a text are together, in languages that part them.
_WORDS_TO_SHORTEST = 2
# Characters a token, in Latin script and in others.
_LATIN, _OTHER = 3, 1
_OTHER_SCRIPTS = frozenset({"ar", "hi", "ja", "ko", "ru", "zh"})
# Room beyond twice what was asked for: JSON's own signs, and an answer's first words.
_BESIDE = 200
# Steps that an edit may have beside two a line.
_MORE_STEPS = 8
# Units whose number is never smaller than that of code points.
_AS_LONG = frozenset({"characters", "columns", "bytes"})
# Units in which a code point may count less than one, and how many of them may.
_CHARACTERS = frozenset({"characters", "graphemes", "weighted characters", "columns"})
_SHORTER_COUNTED = {"graphemes": 2, "weighted characters": 2}
# No model counts characters; up to so many it is told how many words they are.
_MOST_IN_WORDS = 400
# Characters a word where it is better told too few than too many; of a text up to so long a habit of the kind is told.
_CHARACTERS_A_LONG_WORD, _MOST_TOLD = 7, 200
_UNITS = {
    "weighted characters": "characters (a link counts 23, an emoji 2)",
    "graphemes": "characters",
    "columns": "characters (wide ones count two)",
    "bytes": "bytes",
}


def slack_of(engine: Engine) -> float:
    """How much longer a text may be in a schema than by its check.

    A grammar does not ask for a shorter text, it cuts a sentence off where the room ends; what is too long but whole is
    found by its check and written anew. An engine in this process keeps a grammar to the letter, so that it gets more room.
    """
    return _SLACK if engine.traits.local else 1.0


def schema_for(assignment: Assignment, *, slack: float = 1.0) -> dict[str, Any]:
    """JSON schema of the output, as wide as the checks but for `slack`; texts that are written in turn are not in it.

    Where passages are shown it has a field for the ids of those that were used.
    """
    schema = _schema(shape_of(assignment.kind.output), assignment, nested=False, slack=slack)
    if turn := turn_list(assignment):
        entry = schema["properties"][turn[0]]["items"]
        del entry["properties"][turn[1]]
        entry["required"] = list(entry["properties"])
    if heads := assignment.kind.heads(assignment):
        _name_entries(schema, heads, assignment)
    if ids := [name_of(number) for number in range(len(passages_shown(assignment)))]:
        named = {"type": "array", "items": {"type": "string", "enum": ids}, "minItems": 0, "maxItems": len(ids)}
        schema["properties"][FIELD] = named
        schema["required"] = list(schema["properties"])
    return schema


def _name_entries(schema: dict[str, Any], heads: Sequence[str], assignment: Assignment) -> None:
    """Puts the names that the brief gives the entries of the first list into the schema of what heads each."""
    name, node = next(
        (name, node) for name, node in shape_of(assignment.kind.output).fields if isinstance(node, Entries)
    )
    entries = schema["properties"][name]
    entries["minItems"] = entries["maxItems"] = len(heads)
    entries["items"]["properties"][key_of(node)] = {"type": "string", "enum": list(heads)}


def part_name(number: int) -> str:
    """What one of several texts that are written anew is called."""
    return f"part_{number + 1}"


def schema_of_parts(count: int) -> dict[str, Any]:
    """The schema of so many texts; how long they may be is said in words, as whoever wrote them too long had a schema."""
    properties = {part_name(number): {"type": "string", "minLength": 1} for number in range(count)}
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def schema_at(path: str, assignment: Assignment, *, slack: float = 1.0) -> dict[str, Any] | None:
    """The schema of the part of an output at a path: the whole for none, an object with a list's name; None for a text."""
    if not path:
        shape = shape_of(assignment.kind.output)
        return None if assignment.kind.plain else _schema(shape, assignment, nested=False, slack=slack)
    node = node_at(path, assignment)
    if not isinstance(node, Entries):
        return None
    name = path.rpartition(".")[2]
    properties = {name: _schema(node, assignment, nested="." in path, slack=slack)}
    return {"type": "object", "properties": properties, "required": [name], "additionalProperties": False}


def lengthened(schema: dict[str, Any], name: str, count: int, size: Size) -> dict[str, Any]:
    """The schema of a list of so many paragraphs that were too short together, each of which is now to be its share long."""
    entries = schema["properties"][name]
    share = (
        _shortest(size) * _WORDS_TO_SHORTEST // max(1, count) if size.unit == "words" else size.least // max(1, count)
    )
    least = min(share, entries["items"].get("maxLength", share))
    longer = entries | {
        "minItems": max(1, min(count, entries["maxItems"])),
        "items": entries["items"] | {"minLength": least},
    }
    return schema | {"properties": {name: longer}}


def edit_schema(data: Mapping[str, Any], assignment: Assignment) -> dict[str, Any]:
    """The schema of what is to change in a draft: steps by the numbers of its lines, and new entries of its lists."""
    last = len(lines_of(data, assignment))
    fields = _steps(last)
    for name, node in lists_to_fill(data, assignment):
        fields[f"{NEW}{name}"] = _new_entries(node, last, assignment)
    return _object(fields)


def critique_schema(data: Mapping[str, Any], assignment: Assignment, most: int) -> dict[str, Any]:
    """The schema of what a draft misses, at most so many faults, and of what is to change for it."""
    return _with_faults(edit_schema(data, assignment)["properties"], most)


def critique_schema_of_parts(parts: Sequence[Part], most: int) -> dict[str, Any]:
    """The schema of what a text of pieces misses, at most so many faults, and of what is to change in its pieces for it."""
    return _with_faults(_changes_of_parts(parts), most)


def _with_faults(changes: dict[str, Any], most: int) -> dict[str, Any]:
    fault = {"words": {"type": "string"}, "why": {"type": "string"}}
    return _object({"faults": {"type": "array", "items": _object(fault), "maxItems": most}, **changes})


def edit_schema_of_parts(parts: Sequence[Part], named: Sequence[str], most: int) -> dict[str, Any]:
    """The schema of what is to change in a text of pieces: as that of one text, with so many new pieces at most.

    Of those that are chosen by name these names are free; others are told by what they are about.
    """
    said = {NAME: {"type": "string", "enum": list(named)}} if named else {ABOUT: {"type": "string"}}
    new = {"before": _line_number(len(lines_of_parts(parts))), **said}
    return _object({**_changes_of_parts(parts), NEW_TEXTS: {"type": "array", "items": _object(new), "maxItems": most}})


def _changes_of_parts(parts: Sequence[Part]) -> dict[str, Any]:
    last = len(lines_of_parts(parts))
    fields = _steps(last)
    for part in parts:
        for name, node in lists_to_fill(draft_of(part.assignment), part.assignment):
            fields[list_key(part, name)] = _new_entries(node, last, part.assignment)
    return fields


def _line_number(last: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": 0, "maximum": last}


def _steps(last: int) -> dict[str, Any]:
    line = _line_number(last) | {"minimum": 1}
    step = {"line": line, "how": {"type": "string", "enum": list(HOWS)}, "text": {"type": "string"}}
    return {"changes": {"type": "array", "items": _object(step), "maxItems": 2 * last + _MORE_STEPS}}


def _new_entries(node: Entries, last: int, assignment: Assignment) -> dict[str, Any]:
    entry = schema_beside()["items"] if node is SHAPE else _schema(node.entry, assignment, nested=True)
    new = {"before": _line_number(last), "entry": entry}
    return {"type": "array", "items": _object(new), "maxItems": node.count.high}


def _object(fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def node_at(path: str, assignment: Assignment) -> Node:
    """What stands at a path of an output, such as "items.0.question"."""
    node: Node = shape_of(assignment.kind.output)
    for step in path.split("."):
        if isinstance(node, Group):
            node = dict(node.fields)[step]
        elif isinstance(node, Entries):
            node = node.entry
    return node


def _schema(node: Node, assignment: Assignment, *, nested: bool, slack: float = 1.0) -> dict[str, Any]:
    match node:
        case Group():
            fields = {
                name: _schema(child, assignment, nested=True, slack=slack)
                for name, child in node.fields
                if not _left_out(child, assignment, nested=nested)
            }
            return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
        case Entries():
            low, high, _ = entries_wanted(node, assignment)
            low = max(low, min(high, _needed(node, assignment)))
            items = _schema(node.entry, assignment, nested=True, slack=slack)
            return {"type": "array", "items": items, "minItems": low, "maxItems": high}
        case Text() if node.choice:
            return {"type": "string", "enum": list(node.choice.values)}
    most = most_written(node, assignment, slack)
    least = max(map(_shortest, sizes_for(node, assignment)), default=0)
    return {"type": "string"} | ({"minLength": least} if least else {}) | ({"maxLength": most} if most else {})


def _needed(node: Entries, assignment: Assignment) -> int:
    """How many entries a list needs at least so that so many words have room in it."""
    words = max((size.least for size in sizes_for(node, assignment) if size.unit == "words"), default=0)
    room = most_written(node.entry, assignment, 1.0) / _LETTERS_A_WORD if isinstance(node.entry, Text) else 0
    return math.ceil(words / room) if room else 0


def most_written(field: Text, assignment: Assignment, slack: float) -> int:
    """Code points that a schema lets a text have; 0 where it sets no bound."""
    most = [math.ceil(slack * bound) for size in sizes_for(field, assignment) if (bound := _longest(size))]
    return min(most, default=0)


def _left_out(node: Node, assignment: Assignment, *, nested: bool) -> bool:
    """A list within others that nobody asked for is not written at all: each of its entries means another form of the whole."""
    if not isinstance(node, Entries):
        return False
    _, high, wanted = entries_wanted(node, assignment)
    return high == 0 or (nested and wanted == 0)


def _longest(size: Size) -> int:
    """Code points that a text within a bound may have; 0 where that says nothing."""
    if size.unit == "words":
        return size.most * MOST_A_WORD
    return size.most if size.unit in _AS_LONG else size.most * _SHORTER_COUNTED.get(size.unit, 0)


def _shortest(size: Size) -> int:
    """Code points that a text within a bound has at least."""
    if size.unit == "words":
        return max(0, size.least * _SHORTEST_WORDS - 1)
    return size.least if size.unit == "characters" else size.least // 2


def bounds_told(assignment: Assignment) -> list[str]:
    """The bounds of the whole and of each part as lines to read; empty where there are none."""
    lines = [f"- the whole text: {_told(size)}" for size in sizes_to_write(assignment)]
    lines += [
        f"- all of it together: at most {limit.max:,} {limit.unit}"
        for limit in limits_of(assignment.place, assignment.language)
        if limit.field == "prompt"
    ]
    lines += [] if assignment.kind.plain else list(_lines(shape_of(assignment.kind.output), assignment, ""))
    lines += [f"- {part}: never “{words}”" for part, words in assignment.reading.barred]
    return ["These bounds are measured:", *lines] if lines else []


def _lines(node: Node, assignment: Assignment, path: str) -> Iterator[str]:
    match node:
        case Group():
            for name, child in node.fields:
                if not _left_out(child, assignment, nested=bool(path)):
                    yield from _lines(child, assignment, f"{path} {name}".strip())
        case Entries():
            low, high, wanted = entries_wanted(node, assignment)
            sizes = [*map(_told, sizes_for(node, assignment))] if node.sizes else []
            together = f", together {', '.join(sizes)}" if sizes else ""
            each = _sizes(node.entry, assignment) if isinstance(node.entry, Text) else ""
            yield f"- {path}: {_number(low, high, wanted)}{together}{f'; each {each}' if each else ''}"
            if isinstance(node.entry, Group):
                yield from _lines(node.entry, assignment, path)
        case Text() if (told := _sizes(node, assignment)) and not _in_turn(path, assignment):
            yield f"- {path}: {told}"


def _in_turn(path: str, assignment: Assignment) -> bool:
    turn = turn_list(assignment)
    return bool(turn) and path == " ".join(turn or ())


def _sizes(node: Text, assignment: Assignment) -> str:
    if node.choice:
        return f"one of {', '.join(node.choice.values)}"
    return ", ".join(map(_told, sizes_for(node, assignment)))


def _told(size: Size) -> str:
    unit = _UNITS.get(size.unit, size.unit)
    told = f"{size.least} to {size.most:,} {unit}" if size.least else f"at most {size.most:,} {unit}"
    if size.least == size.most:
        told = f"exactly {size.most:,} {unit.removesuffix('s') if size.most == 1 else unit}"
    if size.unit == "characters" and size.most <= _MOST_IN_WORDS:
        told += f" (about {max(1, size.most // CHARACTERS_A_WORD)} words)"
    return told


def _number(low: int, high: int, wanted: int) -> str:
    if low == high:
        return f"exactly {low}"
    if not wanted:
        return f"none, or up to {high} where the brief wants them"
    return f"{wanted} where the brief names no number ({low} to {high} fit)"


def bounds_in_brief(assignment: Assignment) -> list[str]:
    """What brief and place say of the form, and how many entries a list is to have, in a few words a part."""
    units = {unit for noun, unit in assignment.wishes.sizes}
    told = [
        _about(size)
        for size in sizes_to_write(assignment)
        if size.unit in units or (size.unit in _CHARACTERS and size.most <= _MOST_IN_WORDS)
    ]
    running = assignment.kind.family in ("marketing", "education", "text") and not assignment.kind.for_machines
    if not units and running and (assignment.kind.plain or assignment.wishes.words):
        told = [f"about {assignment.words} words", *told]
    told += _counted_in_brief(assignment)
    return (
        told if assignment.kind.plain else [*told, *_parts_in_brief(shape_of(assignment.kind.output), assignment, "")]
    )


def _counted_in_brief(assignment: Assignment) -> Iterator[str]:
    """What the brief gives a number of beside the parts of the output, such as hashtags."""
    for count in assignment.kind.counted:
        noun = next((noun for noun in count.nouns if noun in assignment.wishes.counts and noun in COUNTED), None)
        if noun:
            low, high = assignment.wishes.counts[noun]
            number = str(high) if low == high else f"{low} to {high}"
            yield f"{number} {COUNTED[noun][high != 1]}"


def _parts_in_brief(node: Group, assignment: Assignment, path: str) -> Iterator[str]:
    for name, child in node.fields:
        named = f"{path} {name}".strip().replace("_", " ")
        if isinstance(child, Group):
            yield from _parts_in_brief(child, assignment, named)
        elif isinstance(child, Text):
            if told := ", ".join(map(_in_words, _sizes_asked(child, assignment))):
                yield f"{named} {told}"
        elif not _left_out(child, assignment, nested=bool(path)):
            low, high, wanted = entries_wanted(child, assignment)
            if not (path or wanted):
                continue
            count = f"exactly {low}" if low == high else f"{wanted or low}"
            noun = next(iter(child.count.nouns), "")
            named = f"{named} of {count} {noun}s" if noun and noun[:4] not in named else f"{count} {named}"
            asked = ", ".join(map(_in_words, _sizes_asked(child, assignment)))
            each = (
                ", ".join(map(_in_words, _sizes_asked(child.entry, assignment)))
                if isinstance(child.entry, Text)
                else ""
            )
            yield f"{named}{f', together {asked}' if asked else ''}{f', each {each}' if each else ''}"
            if isinstance(child.entry, Group):
                yield from _parts_in_brief(child.entry, assignment, name)


def _about(size: Size) -> str:
    """The bound of a whole text as a number to aim at, where only its most is set: such a model writes "At most 90 words." down."""
    if size.unit == "words" and not size.least and size.most > _SHORTEST_AIMED:
        return f"about {10 * round(_AIMED * size.most / 10)} words"
    return _in_words(size)


def _in_words(size: Size) -> str:
    """A bound in words where it is one in characters, which no model counts."""
    if size.unit not in _CHARACTERS:
        return _told(size)
    return f"at most {max(1, size.most // _CHARACTERS_A_LONG_WORD)} words ({size.most:,} characters)"


def _sizes_asked(node: Text | Entries, assignment: Assignment) -> list[Size]:
    """The bounds of a part that the brief or its place sets, of a short text else those of its kind."""
    nouns = {noun for size in node.sizes for noun in size.nouns}
    units = {unit for noun, unit in assignment.wishes.sizes if noun in nouns}
    if not units and isinstance(node, Text):
        hard = list(hard_sizes(node, assignment))
        usual = (size for size in sizes_for(node, assignment) if size.unit == "characters" and size.most <= _MOST_TOLD)
        return hard or list(usual)
    return [size for size in sizes_for(node, assignment) if size.unit in units]


def emoji_told(assignment: Assignment) -> str:
    """How many emoji are wanted; empty where they are nobody's wish."""
    low, high = emoji_bounds(assignment) or (0, 0)
    return f"{low} to {high} emoji." if low else ""


def style_told(assignment: Assignment) -> list[str]:
    """What is counted of a text as a whole: emoji, exclamation marks."""
    lines = []
    if found := emoji_bounds(assignment):
        low, high = found
        lines.append("No emoji." if not high else f"{low} to {high} emoji." if low else f"At most {high} emoji.")
    if assignment.kind.family in ("marketing", "text", "education"):
        most = most_exclamations(assignment)
        lines.append(f"At most {most} exclamation marks in all." if most else "No exclamation marks.")
    return lines


def most_characters(assignment: Assignment) -> int:
    """The most characters that an answer within all bounds has."""
    if assignment.kind.plain:
        own = max((size.most for node in _texts(shape_of(assignment.kind.output)) for size in node.sizes), default=0)
        return room_for_text(assignment) or max(own, text_budget(assignment))
    return _most(schema_for(assignment))


def _texts(node: Group) -> Iterator[Text]:
    yield from (child for _, child in node.fields if isinstance(child, Text))


def _most(schema: dict[str, Any]) -> int:
    match schema["type"]:
        case "object":
            return sum(_most(child) + len(name) + 6 for name, child in schema["properties"].items())
        case "array":
            return int(schema["maxItems"]) * (_most(schema["items"]) + 4)
        case _ if "enum" in schema:
            return max(map(len, schema["enum"]))
        case _:
            return int(schema.get("maxLength", 100 * CHARACTERS_A_WORD))


def fits_at_once(assignment: Assignment, context: int) -> bool:
    """Whether half of a context has room for the whole text, so that a model that can write needs not write it in turn."""
    a_token = _OTHER if assignment.language in _OTHER_SCRIPTS else _LATIN
    return 2 * assignment.words * CHARACTERS_A_WORD // a_token + _BESIDE <= context // 2


def tokens_for(characters: int, assignment: Assignment, context: int) -> int:
    """Tokens that an answer of so many characters may take: twice what it needs, and of a context no more than half."""
    a_token = _OTHER if assignment.language in _OTHER_SCRIPTS else _LATIN
    return min(2 * characters // a_token + _BESIDE, context // 2)
