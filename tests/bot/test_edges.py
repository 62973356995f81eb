"""At the edge of every limit: one under, at and one over it, in Latin letters, emoji and CJK. What is over never leaves unsaid."""

from __future__ import annotations

import itertools
import json
import re
from bisect import bisect_right as bisect
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from typing import Any

import pytest
import regex

from bot.checks.limits import Limit, all_limits
from bot.checks.units import UNITS
from bot.content import Assignment, Content, Kind, Remembered, Request, Result
from bot.engines import Engines, Traits
from bot.engines.scripted import scripted
from bot.errors import FileError
from bot.exports import export, fitting
from bot.generation.pipeline import Pipeline
from bot.generation.recall import assign
from bot.generation.shape import Text, changed, shape_of, sizes_for, whole_text_sizes
from bot.kinds import all_kinds
from personas.profile import CallToAction, Profile

PROFILE = Profile(
    organisation="Fern", emoji="many", call_to_action=CallToAction(text="Book", link="https://fern.example")
)
WORDS = ("brambles", "quince", "otter", "lantern", "mossy", "kettle", "harbour", "velvet")
SIGNS = ("👩‍👩‍👧‍👦", "🇩🇪", "👍🏽", "🏳️‍🌈", "1️⃣", "☕")
SENTENCES = ("雨の庭で茶を飲む。", "風が町を渡る。", "港に灯が見える。", "猫は窓で眠る。")
FILLER = {"Latin": "a", "emoji": "a", "CJK": "花"}


def pieces(script: str) -> Iterator[str]:
    """What a text of a script is put together from, without an end."""
    match script:
        case "Latin":
            yield from (f"{word} " for word in itertools.cycle(WORDS))
        case "emoji":
            yield from (f"{word} {sign} " for word, sign in zip(itertools.cycle(WORDS), itertools.cycle(SIGNS)))
        case _:
            yield from itertools.cycle(SENTENCES)


LONGEST = 70_000


@cache
def all_pieces(script: str) -> list[str]:
    """The pieces of the longest text of a script."""
    lengths = itertools.accumulate(map(len, pieces(script)))
    room = sum(1 for _ in itertools.takewhile(lambda length: length < LONGEST, lengths))
    return list(itertools.islice(pieces(script), room))


@cache
def text_of(amount: int, measure: Callable[[str], int], script: str) -> str:
    """A text of so many units, or the longest that has no more where a sign counts for several."""

    def most(text: str, more: Sequence[str]) -> str:
        """The text with as many of some pieces behind it as fit."""
        fitting = bisect(range(1, len(more) + 1), amount, key=lambda count: measure(text + "".join(more[:count])))
        return text + "".join(more[:fitting])

    start = "" if script == "CJK" else "Warm "
    text = most(start, all_pieces(script))
    filler = FILLER[script]
    by_sign = measure(f"{text}{filler}{filler}") > measure(f"{text}{filler}")
    spaced = filler if by_sign else f" {filler}"
    return most(text, [filler, *itertools.repeat(spaced, min(amount, LONGEST) - 1)] if amount > 0 else [])


def edges(most: int, unit: str, script: str) -> list[str]:
    """Texts one under, at and one over a limit."""
    measure = UNITS[unit]
    if unit == "hashtags":
        return [
            " ".join([text_of(40, UNITS["characters"], script), *(f"#tag{'abcdefg'[n]}" for n in range(count))])
            for count in (most - 1, most, most + 1)
        ]
    if unit == "SMS parts":
        room = next(size for size in range(160, 0, -1) if measure(text_of(size, UNITS["characters"], script)) <= most)
        return [text_of(size, UNITS["characters"], script) for size in (room - 1, room, room + 1)]
    # One under it is nothing else in other scripts.
    return [text_of(amount, measure, script) for amount in (most - 1, most, most + 1)[script != "Latin" :]]


def answer(kind: Kind, put: Callable[[str, Text, str], str]) -> dict[str, Any] | str:
    """A worked example with some of its texts put in anew."""
    data = changed(shape_of(kind.output), kind.examples[0].output.model_dump(mode="json"), put)
    return data["text"] if kind.plain else data


async def made(assignment: Assignment, said: Any) -> Result:
    """What leaves when the model says this, and gives back unchanged what it is to repair."""

    def script(messages: Any) -> Any:
        if messages[-1].text.startswith("You rewrite one part"):
            return messages[-1].text.partition("\nText: ")[2].rpartition("\n\nFault: ")[0]
        return said

    (result,) = await Pipeline(Engines([scripted(script, traits=Traits())])).run(assignment)
    return result


def leaving(field: str, kind: Kind, content: Content) -> list[str]:
    """The texts of a limit's field in what leaves."""
    parts = content.parts
    if kind.plain:
        return [parts["title"] if field == "title" else parts.get("text", content.text)]
    if kind.name == "product_description" and field == "description":
        return [content.text]
    if "emails" in parts:
        return [mail[field] for mail in parts["emails"]]
    named = {
        "titles": "meta_title", "description": "meta_description", "primary_text": "promotional_text", "prompt": "variants"
    }  # fmt: skip
    found = next((parts[name] for name in (field, named.get(field, "")) if parts.get(name)), [])
    return [found] if isinstance(found, str) else list(found)


def said_to_be_over(result: Result, size: int) -> bool:
    """A failed check names the figure."""
    return any(not check.passed and check.measured == f"{size:,}" for check in result.checks)


def cut(text: str, source: str) -> list[str]:
    """Words, signs and sentences of a text that are pieces of those of its source."""
    whole = set(regex.findall(r"\X", source))
    clusters = [one for one in whole if len(one) > 1]
    torn = [
        sign
        for sign in regex.findall(r"\X", text)
        if sign not in whole and not sign.isascii() and any(sign in one for one in clusters)
    ]
    words = {*WORDS, "warm"}
    ended = [word for word in regex.findall(r"[a-z]{2,}", text.casefold()) if word not in words]
    torn += [word for word in ended if any(one.startswith(word) for one in words)]
    return torn


def written_or_refused(name: str, content: Content) -> bool:
    """A file, or a sentence that says by how much a text is too long for it and offers another file."""
    try:
        return bool(export(name, "Edge", content))
    except FileError as told:
        return bool(re.search(r"too long: \d+ of \d+ characters. Try \.\w+ instead", str(told)))


def rows() -> Iterator[tuple[Kind, Limit]]:
    """Every limit with the kinds that have its field."""
    for limit in all_limits():
        kinds = [kind for kind in all_kinds().values() if limit.place in kind.places and has(kind, limit)]
        assert kinds, f"no kind has {limit.field} for {limit.place}"
        yield from ((kind, limit) for kind in kinds)


def has(kind: Kind, limit: Limit) -> bool:
    """A kind shows the limit's field at the limit's place."""
    made = kind.compose(kind.examples[0].output, at_place(kind, limit.place))
    return (kind.plain and (limit.field != "title" or "title" in made.parts)) or bool(leaving(limit.field, kind, made))


def at_place(kind: Kind, place: str, **more: Any) -> Assignment:
    brief = f"about bread for {next(iter(kind.places[place]), '')}".removesuffix(" for ") if place else "about bread"
    assignment = assign(Request("1", "7", brief, kind=kind.name, **more), Remembered(PROFILE))
    assert not place or assignment.place == place
    return assignment


@pytest.mark.parametrize("script", FILLER)
@pytest.mark.parametrize(
    ("kind", "limit"), list(rows()), ids=lambda one: getattr(one, "name", None) or f"{one.place} {one.field} {one.unit}"
)
async def test_what_leaves_fits_its_place_or_is_said_not_to(kind: Kind, limit: Limit, script: str) -> None:
    assignment = at_place(kind, limit.place)
    field = limit.field
    for written in edges(limit.max, limit.unit, script):
        target = "subject" if field == "prompt" else field
        result = await made(assignment, answer(kind, lambda _, node, old: written if node.name == target else old))  # noqa: B023
        shown = leaving(field, kind, result.content)
        assert shown, f"{field} is nowhere in what leaves"
        for text in shown:
            size = UNITS[limit.unit](text)
            assert size <= limit.max or said_to_be_over(result, size), (size, text[:80], result.checks)
            assert cut(text, written) == []


@pytest.mark.parametrize("script", FILLER)
@pytest.mark.parametrize("kind", all_kinds().values(), ids=lambda kind: kind.name)
async def test_every_field_fits_or_is_said_not_to_and_every_file_opens(kind: Kind, script: str) -> None:
    """All fields at once, at each place; the files of what is one over, each read back by its own writer.

    Of each kind they are in one script, by turns: a script has the files of a third of the kinds.
    """
    opened = list(FILLER).index(script) == list(all_kinds()).index(kind.name) % len(FILLER)
    before = set[str]()
    for place in kind.places or ("",):
        assignment = at_place(kind, place, language="en")
        for over in (-1, 0, 1) if script == "Latin" else (0, 1):
            put = partial(_edge, assignment, script, over)
            written = answer(kind, put)
            result = await made(assignment, written)
            for size in whole_text_sizes(assignment):
                value = UNITS[size.unit](result.content.parts.get("text", result.content.text))
                assert value <= size.most or said_to_be_over(result, value)
            assert cut(result.content.text, json.dumps(written, ensure_ascii=False)) == []
        # At most places it is the same, and so are its files.
        if opened and repr(result.content) not in before:
            before.add(repr(result.content))
            for one in fitting(result.content, kind.exports):
                assert written_or_refused(one.name, result.content)


def _edge(assignment: Assignment, script: str, over: int, _path: str, field: Text, old: str) -> str:
    sizes = [size for size in sizes_for(field, assignment) if size.unit in ("characters", "words")]
    if field.choice or not sizes:
        return old
    size = min(sizes, key=lambda one: one.most * (6 if one.unit == "words" else 1))
    return text_of(size.most + over, UNITS[size.unit], script)
