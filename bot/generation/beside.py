"""Parts of a text that its brief wants and its kind's form has no place for: a note below a rubric, a part for the teacher. Pure.

A model that can write gives them in a field of their own; they stand before or after the rest. A change of the text may change them
too, and else keeps them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.content import Assignment, Beside, Content, Count, OneOf

from .addresses import without_links
from .branded import composed_of
from .draft import objects, partial, unwrapped
from .shape import Entries, Group, Text

# The field of an answer that holds them, and the name of the part of a content.
FIELD = "also"
_PLACES = ("before", "after")
_TOLD = (
    f"One more key, {FIELD}, lists what the brief wants in the text that has no place under the other keys, such as a note below it or "
    "a part for somebody else: each with place (before or after the rest), heading (empty for none) and text. Most briefs want nothing "
    "of that, and it is empty. It never repeats what stands under the other keys."
)
# Such parts of one text, and characters of a heading and a text.
_MOST, _MOST_HEADING, _MOST_TEXT = 6, 120, 4_000
# Such parts as the field of a draft.
SHAPE = Entries(
    FIELD,
    Count(0, _MOST, 0),
    Group((("place", Text("place", choice=OneOf(_PLACES))), ("heading", Text("heading")), ("text", Text("text")))),
)
# Families whose form is all that can be used of a text.
_FORM_ALONE = frozenset({"image", "chat", "data"})


def takes_beside(assignment: Assignment) -> bool:
    """Whether a text may have such parts: it is made of fields, whole, and read by people."""
    kind = assignment.kind
    return not (kind.plain or kind.for_machines or assignment.parent or kind.family in _FORM_ALONE)


def told_beside(assignment: Assignment) -> str:
    """How a writer gives such parts; empty where a text has none."""
    return _TOLD if takes_beside(assignment) else ""


def schema_beside() -> dict[str, Any]:
    """The schema of the field."""
    place, words = {"type": "string", "enum": list(_PLACES)}, {"type": "string"}
    entry = {"place": place, "heading": words, "text": words}
    one = {"type": "object", "properties": entry, "required": list(entry), "additionalProperties": False}
    return {"type": "array", "items": one, "minItems": 0, "maxItems": _MOST}


def beside_in(written: str, assignment: Assignment) -> tuple[Beside, ...]:
    """The parts that an answer gives, without links that only material holds."""
    if not takes_beside(assignment):
        return ()
    answer = partial(unwrapped(written))
    return _parts(answer, assignment) if isinstance(answer, dict) else ()


def _parts(draft: Mapping[str, Any], assignment: Assignment) -> tuple[Beside, ...]:
    found = (_part(one, assignment) for one in objects(draft.get(FIELD))[:_MOST])
    return tuple(one for one in found if one.text)


def _part(given: Mapping[str, Any], assignment: Assignment) -> Beside:
    place = "before" if given.get("place") == "before" else "after"
    heading = " ".join(_words(given, "heading", _MOST_HEADING).split())
    return Beside(place, heading.lstrip("# "), without_links(_words(given, "text", _MOST_TEXT), assignment))


def _words(given: Mapping[str, Any], name: str, most: int) -> str:
    value = given.get(name)
    return value.strip()[:most] if isinstance(value, str) else ""


def beside_of(parts: Mapping[str, Any]) -> tuple[Beside, ...]:
    """The parts as they are kept with a result."""
    return tuple(Beside(*(str(one.get(name, "")) for name in Beside.__slots__)) for one in objects(parts.get(FIELD)))


def joined(data: Mapping[str, Any], beside: Sequence[Beside]) -> dict[str, Any]:
    """A draft with such parts in their field, where there are some, as it is edited."""
    return {**data, **({FIELD: _as_json(beside)} if beside else {})}


def parted(draft: Mapping[str, Any], assignment: Assignment) -> tuple[dict[str, Any], Assignment]:
    """What `joined` gave, as the draft alone and the assignment with such parts as the draft has."""
    data = {name: value for name, value in draft.items() if name != FIELD}
    return data, replace(assignment, beside=_parts(draft, assignment))


def _as_json(beside: Sequence[Beside]) -> list[dict[str, str]]:
    return [{name: getattr(one, name) for name in Beside.__slots__} for one in beside]


def composed(data: Mapping[str, Any], assignment: Assignment) -> Content:
    """What is made of a draft, with what stands beside it."""
    return with_beside(composed_of(assignment.kind.output.model_validate(data), assignment), assignment.beside)


def with_beside(content: Content, beside: Sequence[Beside]) -> Content:
    """What is shown, with such parts around it."""
    if not beside:
        return content
    before, after = (list(_blocks(beside, place)) for place in _PLACES)
    # The subject of a mail comes before all that stands in it.
    head, text = content.text.split("\n\n", 1) if before and content.parts.get("emails") else ("", content.text)
    text = "\n\n".join(filter(None, [head, *before, text, *after]))
    return Content(text, {**content.parts, FIELD: _as_json(beside)})


def _blocks(beside: Sequence[Beside], place: str) -> Iterator[str]:
    for one in beside:
        if one.place == place:
            yield f"**{one.heading}**\n{one.text}" if one.heading else one.text
